export interface Order {
  /** Each node after all it waits for, otherwise in the order given. */
  readonly order: readonly string[];
  /** Edges `[node, target]` that would close a cycle: without them there is none. */
  readonly closing: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Orders nodes so that what they wait for comes first, by one walk in depth: an edge back to a node on the current path
 * is the one that would close a cycle. Targets that are no nodes are ignored. Linear, and without recursion: a chain as
 * long as the file is no stack overflow.
 */
export function orderByDependency(
  nodes: readonly string[],
  targets: (node: string) => readonly string[],
): Order {
  const known = new Set(nodes);
  const state = new Map<string, "open" | "finished">();
  const order: string[] = [];
  const closing = new Map<string, Set<string>>();
  for (const root of nodes) {
    if (state.has(root)) continue;
    state.set(root, "open");
    const path: { readonly node: string; readonly rest: Iterator<string> }[] = [
      { node: root, rest: targets(root)[Symbol.iterator]() },
    ];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        state.set(top.node, "finished");
        order.push(top.node);
        path.pop();
      } else if (known.has(next.value)) {
        const seen = state.get(next.value);
        if (seen === "open") closing.set(top.node, (closing.get(top.node) ?? new Set()).add(next.value));
        if (seen !== undefined) continue;
        state.set(next.value, "open");
        path.push({ node: next.value, rest: targets(next.value)[Symbol.iterator]() });
      }
    }
  }
  return { order, closing };
}
