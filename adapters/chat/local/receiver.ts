import type { Json } from "../../../src/core/json.ts";
import type { MessageRef } from "../../../src/core/message.ts";
import { tidyText } from "../../../src/core/text.ts";
import { type Answer, answerText } from "../../../src/ports/chat-answer.ts";
import type { ChatDesk, ChatReceiver, Heard, LineAnswer } from "../../../src/ports/chat-receiver.ts";
import { ELSEWHERE } from "../../../src/ports/inbox.ts";
import type { LocalChatStore, LocalMessage } from "../../../src/ports/local-chat.ts";
import type { LocalSpeech, Spoken } from "../../../src/ports/local-speech.ts";
import { Trouble } from "../../../src/ports/trouble.ts";
import { pause } from "../pause.ts";
import { ANSWER_MS, type KeptLine, keep, LOCAL, ME, OPERATOR, readKept } from "./kept.ts";
import { OnceEach } from "./once-each.ts";
import { readBack } from "./read-back.ts";

/** How often an answer is looked for that another process may have given. */
const LOOK_MS = 250;
/** How far back an answer is looked for that was given before. */
const LATELY = 20;

type Place = Parameters<LocalSpeech["line"]>[0];

/**
 * The incoming side of the chat that Gatehouse brings along: what its page does is received as any other chat's, so that a
 * process killed in between leaves it to the next one. What only looks is answered at once.
 */
export class LocalReceiver implements ChatReceiver, LocalSpeech {
  readonly name = LOCAL;
  readonly owner = OPERATOR;
  readonly #store: LocalChatStore;
  readonly #listening = Promise.withResolvers<ChatDesk>();
  /** Pages that wait for the answer to a line, by its event. */
  readonly #waiting = new Map<string, (spoken: Spoken) => void>();
  readonly #requests = new OnceEach<Spoken | null>();

  constructor(store: LocalChatStore) {
    this.#store = store;
  }

  async run(...[desk, signal, told]: Parameters<ChatReceiver["run"]>): Promise<void> {
    told({ state: "connecting" });
    await readBack(this.#store, desk).catch((error: unknown) =>
      desk.broke("the local chat's threads could not be read back", error),
    );
    this.#listening.resolve(desk);
    told({ state: "connected" });
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    told({ state: "closed" });
  }

  read(payload: Json): Heard | null {
    const kept = readKept(payload);
    if (kept === null || kept.sort === "message") return kept?.heard ?? null;
    const { line, channel, confirmed } = kept;
    return { kind: "line", person: ME, channel, line, confirmed };
  }

  async answer(payload: Json, { answer, visibility }: LineAnswer): Promise<void> {
    const kept = readKept(payload);
    if (kept?.sort !== "line") throw new Trouble("rejected", "Only a line is answered.");
    const waiting = this.#waiting.get(kept.event);
    // Only the process whose page it is can tell it to one person. Until it takes it up, nothing is done twice.
    const waitsMs = kept.at + ANSWER_MS - Date.now();
    if (visibility === "caller" && waiting === undefined && waitsMs > 0)
      throw new Trouble(ELSEWHERE, "The page that asked is another process's.", waitsMs);
    const message = visibility === "caller" ? null : await this.#posted(kept, answer);
    waiting?.({ answer, message });
  }

  groups(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async line(
    { channel, thread }: Place,
    typed: string,
    request: string,
    confirmed: boolean,
  ): Promise<Spoken> {
    const line = typed.trim();
    const spoken = await this.#requests.do(request, async () => {
      const desk = await this.#desk();
      if (onlyLooks(desk, line)) return { answer: await desk.look(ME, channel, line), message: null };
      const event = `line:${request}`;
      const kept = { sort: "line", event, line, channel, thread, confirmed, at: Date.now() } as const;
      return this.#answered(desk, kept);
    });
    return spoken ?? { answer: null, message: null };
  }

  say({ channel, thread }: Place, text: string, request: string, awaited: boolean): Promise<Spoken | null> {
    return this.#requests.do(request, async () => {
      const desk = await this.#desk();
      const head = thread === null ? null : await this.#store.message(channel, thread);
      if (thread !== null && (head === null || head.thread !== null)) return null;
      const words = { author: AUTHOR, kind: "said", text: tidyText(text.trim()), data: {} } as const;
      const task = head?.task ?? null;
      // It is there before anything can be proved, so that no verdict is ever overwritten.
      const reaction = awaited ? { reaction: "⏳" } : {};
      const message = await this.#store.post({ channel, thread, task, ...words, ...reaction });
      if (message === null) return null;
      const at = { message: refTo(channel, message), head: thread === null ? null : refTo(channel, thread) };
      await this.#heard(desk, `message:${channel}:${message}`, {
        kind: "message",
        person: ME,
        ...at,
        text,
        addressed: false,
      });
      return { answer: null, message };
    });
  }

  async revise(channel: string, message: number, text: string | null): Promise<Spoken | null> {
    const desk = await this.#desk();
    const words = text === null ? null : tidyText(text);
    const revised = await this.#store.revise(channel, message, AUTHOR, words);
    if (revised === null || revised.thread === null) return null;
    const change =
      text === null ? `deleted:${channel}:${message}` : `edited:${channel}:${message}:${revised.change}`;
    const at = { message: refTo(channel, message), head: refTo(channel, revised.thread) };
    await this.#heard(desk, change, { kind: "edited", person: ME, ...at, text });
    return { answer: null, message };
  }

  /** A line that came before is answered where it came first. */
  async #answered(desk: ChatDesk, kept: KeptLine): Promise<Spoken | null> {
    const { event } = kept;
    const answer = Promise.withResolvers<Spoken>();
    const late = new AbortController();
    this.#waiting.set(event, answer.resolve);
    try {
      const arrival = { platform: LOCAL, event, thread: null, payload: keep(kept) };
      if (!(await desk.receive(arrival))) return null;
      const elsewhere = this.#answeredElsewhere(kept, late.signal);
      elsewhere.catch(() => undefined);
      return await Promise.race([answer.promise, elsewhere]);
    } finally {
      late.abort();
      this.#waiting.delete(event);
    }
  }

  /** What another process on the same database answered; rejects once nobody waits any longer. */
  async #answeredElsewhere(kept: KeptLine, signal: AbortSignal): Promise<Spoken> {
    while (!signal.aborted && Date.now() < kept.at + ANSWER_MS) {
      await pause(LOOK_MS, signal);
      const message = signal.aborted ? null : await this.#answerTo(kept);
      if (message !== null)
        return { answer: (message.data["answer"] ?? null) as unknown as Answer, message: message.id };
    }
    throw new Trouble(
      "unanswered",
      "It is kept, and will be done. Its answer takes longer than a page waits.",
    );
  }

  async #heard(desk: ChatDesk, event: string, heard: Extract<Heard, { kind: "message" | "edited" }>) {
    const { message, channel } = heard.head ?? heard.message;
    const payload = keep({ sort: "message", heard });
    await desk.receive({ platform: LOCAL, event, thread: `${message}@${channel}`, payload });
  }

  /** What a line changed stands in the channel, once, also where it is answered again after a crash. */
  async #posted(kept: KeptLine, answer: Answer): Promise<number | null> {
    const { event, line, channel, thread } = kept;
    const before = await this.#answerTo(kept);
    if (before !== null) return before.id;
    return this.#store.post({
      channel,
      thread,
      author: AUTHOR,
      kind: "answer",
      task: "task" in answer ? answer.task : null,
      text: tidyText(answerText(answer)),
      data: { event, line: tidyText(line), answer: JSON.parse(JSON.stringify(answer)) as Json },
    });
  }

  async #answerTo({ event, channel, thread }: KeptLine): Promise<LocalMessage | null> {
    const lately =
      thread === null
        ? await this.#store.page(channel, { limit: LATELY })
        : await this.#store.thread(channel, thread, LATELY);
    return lately.find(({ data }) => data["event"] === event) ?? null;
  }

  /** The bot is a moment older than its page. */
  #desk(): Promise<ChatDesk> {
    return this.#listening.promise;
  }
}

const AUTHOR = `person:${LOCAL}:${OPERATOR}`;

function refTo(channel: string, message: number): MessageRef {
  return { platform: LOCAL, channel, message: String(message) };
}

/** What a line shows to its caller alone, and changes nothing. What no command is changes nothing either. */
function onlyLooks({ catalogue }: ChatDesk, line: string): boolean {
  const verb = /^\/gate\s+(\S+)/iu.exec(line)?.[1]?.toLowerCase();
  const entry = catalogue.find(({ path }) => path === verb);
  return entry === undefined || (!entry.changes && !/\s--share\b/iu.test(line));
}
