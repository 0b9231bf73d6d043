/** Where a contradiction comes from, as text that is compared: `agent:ada lane:builder`. Names hold no spaces. */
export interface SourceParts {
  readonly agent?: string | undefined;
  readonly lane?: string | undefined;
  /** Something outside the roster: a file, a channel, an author. */
  readonly other?: string | undefined;
}

/** Where nothing is to be named that somebody could change: the state of the queue as a whole. */
export const WHOLE_QUEUE = "queue";

export function sourceOf({ agent, lane, other }: SourceParts): string {
  const parts = [
    ...(agent === undefined ? [] : [`agent:${agent}`]),
    ...(lane === undefined ? [] : [`lane:${lane}`]),
    ...(other === undefined ? [] : [other.replaceAll(/\s/gu, "_")]),
  ];
  return parts.length === 0 ? WHOLE_QUEUE : parts.join(" ");
}

export function partsOf(source: string): SourceParts {
  const words = source.split(" ");
  const named = (kind: string) => words.find((word) => word.startsWith(kind))?.slice(kind.length);
  return {
    agent: named("agent:"),
    lane: named("lane:"),
    other: words.find((word) => !/^(?:agent|lane):/u.test(word)),
  };
}

/** As people read it: `agent ada in lane builder`. */
export function sourceName(source: string): string {
  const { agent, lane, other } = partsOf(source);
  const who = [
    ...(agent === undefined ? [] : [`agent ${agent}`]),
    ...(lane === undefined ? [] : [`lane ${lane}`]),
  ];
  return who.length === 0 ? (other ?? source) : who.join(" in ");
}
