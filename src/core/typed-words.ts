/** How many words of what was typed are looked for, and how much of each. */
const WORDS_MAX = 12;
const WORD_MAX = 64;

/**
 * How a title must have the words: each as it stands, all but the last one (which may be half typed), or each as the
 * beginning of one.
 */
export type Fit = "whole" | "last-begun" | "begun";

/** Words as they were typed: letters, digits and the marks on them. Everything else parts them. */
export function wordsOf(text: string): readonly string[] {
  const words = text.normalize("NFC").match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return words
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word))
    .slice(0, WORDS_MAX)
    .map((word) => Array.from(word).slice(0, WORD_MAX).join(""));
}

/** The ways to look for the words, strictest first; those that come to the same are left out. */
export function fitsFor(words: readonly string[]): readonly Fit[] {
  if (words.length === 0) return [];
  return words.length === 1 ? ["whole", "begun"] : ["whole", "last-begun", "begun"];
}

/** Whether a word need only be begun. */
export function begunIn(fit: Fit, index: number, words: readonly string[]): boolean {
  return fit === "begun" || (fit === "last-begun" && index === words.length - 1);
}

/** Without case and accents, as the index of titles reads words. */
function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").normalize("NFC").toLowerCase();
}

/** The strictest way in which a title has all the words; null where it lacks one. */
export function fitOf(words: readonly string[]): (title: string) => Fit | null {
  const wanted = words.map(plain);
  const ways = fitsFor(words);
  return (title) => {
    const there = plain(title).match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
    const has = (word: string, begun: boolean): boolean =>
      there.some((one) => (begun ? one.startsWith(word) : one === word));
    return ways.find((fit) => wanted.every((word, index) => has(word, begunIn(fit, index, words)))) ?? null;
  };
}

/** Scripts that put no spaces between words: an index by words finds only how a run of them begins. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Whether words do not say what was typed: a picture, or a script that does not part them. */
export function beyondWords(text: string): boolean {
  return UNPARTED.test(text) || (wordsOf(text).length === 0 && /\p{So}/u.test(text));
}
