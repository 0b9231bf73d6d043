/** Where an agent's words come from: a provider and a model, compared exactly. "Almost correct" is another route. */
export interface Route {
  readonly provider: string;
  readonly model: string;
}

export function routeName(route: Route): string {
  return `${route.provider}/${route.model}`;
}

/** Reads `PROVIDER/MODEL`; a model may itself hold slashes (`openrouter/meta/llama-4`). Null where either part is empty. */
export function parseRoute(text: string): Route | null {
  const cut = text.indexOf("/");
  const provider = text.slice(0, cut);
  const model = text.slice(cut + 1);
  return cut < 1 || model === "" ? null : { provider, model };
}
