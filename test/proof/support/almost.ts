/** A small generator with a seed (mulberry32), so that a failure can be looked at again. Numbers from 0 up to 1. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/%@#?&=+~ \\\t\0é\u200b";

/** Every way a text can be almost itself: a character other, more or less, another case, a prefix or suffix gone. */
export function almost(text: string, next: () => number): Set<string> {
  const pick = () => ALPHABET[Math.floor(next() * ALPHABET.length)] ?? "x";
  const out = new Set<string>();
  for (let at = 0; at < text.length; at += 1) {
    const [head, char, tail] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)];
    for (let turn = 0; turn < 3; turn += 1) out.add(head + pick() + tail);
    const other = char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase();
    out.add(head + other + tail);
    out.add(head + pick() + char + tail);
    out.add(head + tail);
    out.add(text.slice(at));
    out.add(head);
  }
  for (const add of ["/", " ", "\n", "x", ".", "?", "#", "%00", "\0"]) {
    out.add(text + add);
    out.add(add + text);
  }
  out.delete(text);
  return out;
}
