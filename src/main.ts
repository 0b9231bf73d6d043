#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// The command line is started often and for a moment: what it compiled once it need not compile again.
enableCompileCache();
const { main } = await import("./start.ts");
await main(process.argv.slice(2));
