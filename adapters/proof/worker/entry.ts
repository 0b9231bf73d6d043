import { enableCompileCache } from "node:module";
import { serveVerifiers } from "./serve.ts";
import type { PlainSettings } from "./settings.ts";

// It is started anew after a rest: what it compiled once it need not compile again.
enableCompileCache();

serveVerifiers(async (settings, groups) => {
  const { verifiersOf } = await import("./settings.ts");
  return verifiersOf(settings as PlainSettings, groups);
});
