// The product with one of its checks taken out. Loaded by Node itself, beside the real one, as modules of their own.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** One place of a check in the source: the text that is taken out, and what then stands there. */
export interface Place {
  readonly file: string;
  readonly check: string;
  readonly without: string;
}

const root = join(import.meta.dirname, "../..");
const ours = ["src/", "adapters/", "db/", "test/"].map((folder) => pathToFileURL(join(root, folder)).href);
const MARK = "?without=";

const plain = new Map<string, string>();
const taken: (readonly Place[])[] = [];

/** A file's text, once per file: types are blanked, so that what a check says is found as it is written. */
function textOf(file: string): string {
  const text = plain.get(file) ?? readFileSync(file, "utf8");
  plain.set(file, text);
  return text;
}

const stripped = new Map<string, string>();

function sourceOf(file: string, places: readonly Place[]): string {
  const here = places.filter((place) => join(root, place.file) === file);
  if (here.length === 0) {
    const source = stripped.get(file) ?? stripTypeScriptTypes(textOf(file));
    stripped.set(file, source);
    return source;
  }
  return stripTypeScriptTypes(here.reduce((text, place) => takenOut(text, place), textOf(file)));
}

/** Throws where the check is not there exactly once: a rule whose check has moved is not a rule that was tried. */
export function takenOut(text: string, { file, check, without }: Place): string {
  const parts = text.split(check);
  if (parts.length !== 2) {
    throw new Error(`${file} holds ${JSON.stringify(check)} ${parts.length - 1} times; once is expected`);
  }
  return parts.join(without);
}

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const mark = context.parentURL?.split(MARK)[1];
    const mine = mark !== undefined && ours.some((folder) => found.url.startsWith(folder));
    return mine && !found.url.includes(MARK) ? { ...found, url: `${found.url}${MARK}${mark}` } : found;
  },
  load(url, context, next) {
    const [file, mark] = url.split(MARK);
    if (mark === undefined || file === undefined) return next(url, context);
    return {
      format: "module",
      shortCircuit: true,
      source: sourceOf(fileURLToPath(file), taken[Number(mark)] ?? []),
    };
  },
});

/** Loads modules of the product, all from one graph in which `places` are taken out; with none, as it is. */
export function withoutChecks(places: readonly Place[]): <Module>(file: string) => Promise<Module> {
  for (const place of places) takenOut(textOf(join(root, place.file)), place);
  const mark = taken.push(places) - 1;
  // oxlint-disable-next-line import/no-dynamic-require -- which module, and without what, is what a test says
  return (file) => import(`${pathToFileURL(join(root, file)).href}${MARK}${mark}`);
}
