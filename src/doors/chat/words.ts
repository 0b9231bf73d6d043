/** One word of a line, with where it stands: quotes taken off, what stood in them kept together. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** It began with a quote, so it is text and never a flag. */
  readonly quoted: boolean;
  /** Its quote was never closed. */
  readonly open: boolean;
}

/** What closes a quote. Chat clients make typographic ones out of plain ones while somebody types, and then make both. */
const CLOSES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "“": '”“"',
  "”": "”",
  "„": "“”",
  "‘": "’'",
  "’": "’",
  "«": "»",
};

/** Splits a line at white space. A quote counts only where a word begins, or after its `=`, so `don't` needs none. */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/u.test(line.charAt(at))) at += 1;
    else {
      const word = readWord(line, at);
      words.push(word);
      at = word.end;
    }
  }
  return words;
}

function readWord(line: string, start: number): Word {
  let text = "";
  let at = start;
  while (at < line.length && !/\s/u.test(line.charAt(at))) {
    const character = line.charAt(at);
    const closes = CLOSES[character];
    if (closes !== undefined && (at === start || text.endsWith("="))) {
      const quote = readQuote(line, at + 1, closes);
      if (at === start || quote.open) {
        return { text: text + quote.text, start, end: quote.end, quoted: at === start, open: quote.open };
      }
      text += quote.text;
      at = quote.end;
    } else {
      text += character;
      at += 1;
    }
  }
  return { text, start, end: at, quoted: false, open: false };
}

function readQuote(line: string, from: number, closes: string): { text: string; end: number; open: boolean } {
  let text = "";
  for (let at = from; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === "\\" && at + 1 < line.length && `\\${closes}`.includes(line.charAt(at + 1))) {
      at += 1;
      text += line.charAt(at);
    } else if (closes.includes(character)) return { text, end: at + 1, open: false };
    else text += character;
  }
  return { text, end: line.length, open: true };
}
