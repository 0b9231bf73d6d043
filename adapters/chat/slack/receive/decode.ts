/**
 * What Slack wrote its own way comes back as people meant it: links as their address and never as the label somebody gave
 * them, channels as `slack:ID`, groups and broadcasts as words. `&amp;`, `&lt;` and `&gt;` are read last, so that nothing
 * somebody typed becomes one of Slack's own marks.
 *
 * A mention of a person stays `<@ID>` in a line, where it is an argument, and is `@ID` in talk. So does a group whom a line
 * wants pinged: there its name alone would not do.
 */
export function decodeText(text: string, as: "line" | "talk"): string {
  return text.replaceAll(
    /(--ping\s+)?<([^<>\n]*)>|&(amp|lt|gt);/gu,
    (whole, ping: string | undefined, mark: string | undefined, entity: string) => {
      if (mark === undefined) return ENTITIES[entity] ?? whole;
      const group = as === "line" && ping !== undefined ? /^!subteam\^[A-Z0-9]+/u.exec(mark)?.[0] : undefined;
      return `${ping ?? ""}${group === undefined ? decodeMark(mark, as) : `<${group}>`}`;
    },
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">" };

function decodeMark(mark: string, as: "line" | "talk"): string {
  const bar = mark.indexOf("|");
  const named = bar < 0 ? mark : mark.slice(0, bar);
  const label = bar < 0 ? "" : mark.slice(bar + 1);
  if (named.startsWith("@")) return as === "line" ? `<${named}>` : named;
  if (named.startsWith("#")) return `slack:${named.slice(1)}`;
  if (named.startsWith("!subteam^")) return plain(label) || `@${named.slice("!subteam^".length)}`;
  if (named.startsWith("!date^")) return plain(label);
  if (named.startsWith("!")) return `@${named.slice(1)}`;
  return plain(named.replace(/^(?:mailto|tel):/u, ""));
}

function plain(text: string): string {
  return text.replaceAll(/&(amp|lt|gt);/gu, (whole, entity: string) => ENTITIES[entity] ?? whole);
}

/** A message as somebody wrote it: the marks of code around a word are Slack's, not part of the link in it. */
export function decodeMessage(text: string, as: "line" | "talk"): string {
  return decodeText(text.replaceAll(/```|`(?=\S)|(?<=\S)`/gu, ""), as).trim();
}

/**
 * A message without the bot's own name in it. `addressed`: it was named. What is said to the bot is a line, so mentions of
 * others stay readable as arguments.
 */
export function withoutName(
  text: string,
  bot: string | null,
): { readonly text: string; readonly addressed: boolean } {
  if (bot === null) return { text, addressed: false };
  const left = text.replaceAll(new RegExp(`<@${bot}(?:\\|[^>]*)?>[ \\t]*[,:]?[ \\t]*`, "gu"), "");
  return { text: left.trim(), addressed: left !== text };
}
