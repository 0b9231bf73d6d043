const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const DEPTH_MAX = 100;

/** Where reading stopped, and what should have stood there. */
class Stop extends Error {
  readonly position: number;

  constructor(position: number, expected: string) {
    super(expected);
    this.position = position;
  }
}

/**
 * Why a text is not JSON, with the place; null where it is. The engine's own words name a place only for some faults,
 * and a policy on a command line, between two kinds of quotes, is mistyped in every way there is.
 */
export function jsonFault(text: string): string | null {
  try {
    const end = afterSpace(text, afterValue(text, 0, 0));
    if (end < text.length) throw new Stop(end, "nothing more");
    return null;
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    const found = stop.position >= text.length ? "the end" : JSON.stringify(text[stop.position]);
    return `at position ${stop.position + 1} it has ${found} where ${stop.message} is expected`;
  }
}

function afterSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function afterMatch(pattern: RegExp, text: string, from: number, expected: string): number {
  pattern.lastIndex = from;
  if (pattern.exec(text) === null) throw new Stop(from, expected);
  return pattern.lastIndex;
}

function afterValue(text: string, from: number, depth: number): number {
  const start = afterSpace(text, from);
  if (depth > DEPTH_MAX) throw new Stop(start, `at most ${DEPTH_MAX} levels`);
  switch (text[start] ?? "") {
    case "{":
      return afterList(text, start, "}", (at) => {
        const colon = afterSpace(text, afterMatch(STRING, text, at, "a name in double quotes"));
        if (text[colon] !== ":") throw new Stop(colon, "a colon");
        return afterValue(text, colon + 1, depth + 1);
      });
    case "[":
      return afterList(text, start, "]", (at) => afterValue(text, at, depth + 1));
    case '"':
      return afterMatch(STRING, text, start, "a complete text in double quotes");
    default:
      return afterMatch(LITERAL, text, start, "a value");
  }
}

/** The items of an object or an array, between commas, to behind its closing bracket. */
function afterList(text: string, open: number, close: string, afterItem: (at: number) => number): number {
  let at = afterSpace(text, open + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = afterSpace(text, afterItem(at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ",") throw new Stop(at, `a comma or ${close}`);
    at = afterSpace(text, at + 1);
  }
}
