/** So many requests are remembered: a page asks again within moments. */
const REMEMBERED = 1_000;

/** Does what is asked under one name once, and answers whoever asks again with what that came to. */
export class OnceEach<Result> {
  readonly #done = new Map<string, Promise<Result>>();

  do(name: string, act: () => Promise<Result>): Promise<Result> {
    const before = this.#done.get(name);
    if (before !== undefined) return before;
    const doing = act();
    this.#done.set(name, doing);
    // What failed may be tried again.
    doing.catch(() => this.#done.delete(name));
    const [oldest = name] = this.#done.keys();
    if (this.#done.size > REMEMBERED) this.#done.delete(oldest);
    return doing;
  }
}
