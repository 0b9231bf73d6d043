import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { House } from "../../commands/house.ts";
import { claimsCompletion } from "../../commands/report-claim.ts";
import type { LocalSpeech } from "../../ports/local-speech.ts";
import type { Nudge } from "../../ports/nudge.ts";
import { Trouble } from "../../ports/trouble.ts";
import { hasLink } from "../chat/answer-reply.ts";
import { complete } from "../chat/complete.ts";
import { LINE_MAX } from "../chat/parse.ts";
import type { Speaker } from "../chat/role.ts";
import { allVerbs } from "../chat/verbs/all.ts";
import { type Asset, readAssets } from "./assets.ts";
import { watchFloor } from "./floor.ts";
import { type GuardEnv, guard } from "./guard.ts";
import { liveChat } from "./live.ts";
import { plainJson } from "./plain-json.ts";

/** Who sits at the page. Whoever can reach it may already do anything with the database beside it. */
const OPERATOR: Speaker = { actor: "person:local:operator", role: "admin" };

export interface DashboardOptions {
  /** A ringing house wakes the pages at once; see `ringOnWrite`. */
  readonly house: House;
  /** What is done here is received there, as from any other chat. */
  readonly speech: LocalSpeech;
  readonly nudge?: Nudge | undefined;
  /** Aborting it ends the live streams, so that the server can close. */
  readonly signal: AbortSignal;
  /** GATEHOUSE_PUBLIC_URL; its host is answered to only with `remote`. */
  readonly publicUrl?: string | undefined;
  /**
   * Serve other machines and proxies too. Without a log-in in front of it this makes everybody who reaches the page its
   * operator, so it is off unless somebody says so.
   */
  readonly remote?: boolean | undefined;
}

const CHANNEL = "gatehouse";
const PAGE = 60;
const THREAD = 200;
/** Of a request's body, in bytes: a line of the longest characters and its wrapping. */
const BODY_MAX = 4 * LINE_MAX + 1024;

/** The page's own name for what it asks: where an answer got lost it asks again under the same, and it is done once. */
const request = z
  .string()
  .regex(/^[\w-]{8,64}$/u)
  .optional();
const lineBody = z.strictObject({
  line: z.string().min(1).max(LINE_MAX),
  confirmed: z.boolean().optional(),
  request,
});
const replyBody = z.strictObject({ text: z.string().trim().min(1).max(LINE_MAX), request });
const id = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * The first page: the local chat at `/`, its files below `/assets/`, and what the page reads and writes below `/chat/`.
 * To be mounted at the root of the HTTP door; needs the Node server's bindings, for the peer's address.
 */
export function dashboardApp(options: DashboardOptions): Hono<GuardEnv> {
  const { house, nudge, signal } = options;
  const app = new Hono<GuardEnv>();
  const allowed = guard({ remote: options.remote ?? false, publicUrl: options.publicUrl });
  for (const path of ["/", "/assets/*", "/chat/*"]) app.use(path, allowed);
  files(app);
  reading(app, options);
  writing(app, options);
  revising(app, options);
  const open = liveChat({ house, channel: CHANNEL, floor: watchFloor(house), nudge, signal });
  app.get("/chat/stream", (context) => {
    const seen = id.catch(0).parse(context.req.header("last-event-id") ?? context.req.query("after") ?? 0);
    const stream = open({ after: seen, gone: context.req.raw.signal });
    return stream ?? context.json({ title: "Too many pages are open", hint: "Close some and reload." }, 503);
  });
  app.onError((error, context) => {
    // A known trouble is told to the person; anything else is the HTTP door's to log and to answer.
    if (!(error instanceof Trouble)) throw error;
    return context.json({ title: "That cannot be done now", hint: error.message }, 503);
  });
  return app;
}

function files(app: Hono<GuardEnv>): void {
  const assets = readAssets();
  const answer = (asset: Asset | undefined, known: string | undefined): Response => {
    if (asset === undefined)
      return Response.json({ title: "No such file", hint: "The page is at /." }, { status: 404 });
    const headers = { "content-type": asset.type, etag: asset.etag, "cache-control": "no-cache" };
    return known === asset.etag
      ? new Response(null, { status: 304, headers })
      : new Response(asset.body, { headers });
  };
  app.get("/", ({ req }) => answer(assets.get("index.html"), req.header("if-none-match")));
  app.get("/assets/:name", ({ req }) => answer(assets.get(req.param("name")), req.header("if-none-match")));
}

function reading(app: Hono<GuardEnv>, { house }: DashboardOptions): void {
  app.get("/chat/messages", async (context) => {
    // Read first: what changes between the two reads comes once more over the stream, never not at all.
    const change = await house.localChat.lastChange();
    const before = id.optional().catch(undefined).parse(context.req.query("before"));
    const messages = await house.localChat.page(CHANNEL, { before, limit: PAGE });
    return told({ change, messages, more: messages.length === PAGE });
  });
  app.get("/chat/threads/:id", async (context) => {
    const thread = id.catch(0).parse(context.req.param("id"));
    const head = await house.localChat.message(CHANNEL, thread);
    if (head === null)
      return context.json({ title: "No such thread", hint: "It may be of another database." }, 404);
    return told({ head, messages: await house.localChat.thread(CHANNEL, thread, THREAD) });
  });
  app.get("/chat/completion", async (context) => {
    const line = (context.req.query("line") ?? "").slice(0, LINE_MAX);
    return told(await complete({ house, speaker: OPERATOR, verbs: allVerbs }, line));
  });
}

const limited = bodyLimit({
  maxSize: BODY_MAX,
  onError: (context) =>
    context.json({ title: "Too long", hint: `A line has at most ${LINE_MAX} characters.` }, 413),
});

function writing(app: Hono<GuardEnv>, { house, speech }: DashboardOptions): void {
  app.post("/chat/lines", limited, async (context) => {
    const body = lineBody.safeParse(await context.req.json().catch(() => null));
    if (!body.success) return context.json(unfit(body.error), 422);
    const { line, confirmed = false, request: name = house.identity.secret() } = body.data;
    const here = { channel: CHANNEL, thread: null };
    // Somebody announces a completion: the words stand as theirs, and below them what the queue says.
    if (claimsCompletion(line)) return told(await speech.say(here, line, name, false));
    return told(await speech.line(here, line, name, confirmed));
  });
  app.post("/chat/threads/:id", limited, async (context) => {
    const body = replyBody.safeParse(await context.req.json().catch(() => null));
    if (!body.success) return context.json(unfit(body.error), 422);
    const { text, request: name = house.identity.secret() } = body.data;
    const here = { channel: CHANNEL, thread: id.catch(0).parse(context.req.param("id")) };
    const spoken =
      /^\s*\/gate\b/iu.test(text) && !claimsCompletion(text)
        ? await speech.line(here, text, name, false)
        : await speech.say(here, text, name, hasLink(text));
    if (spoken === null) return context.json({ title: "No such thread", hint: "Reload the page." }, 404);
    return told(spoken);
  });
}

/** People change what they said themselves, and nothing else. */
function revising(app: Hono<GuardEnv>, { speech }: DashboardOptions): void {
  const answer = async (context: Context<GuardEnv>, text: string | null): Promise<Response> => {
    const message = id.catch(0).parse(context.req.param("id"));
    const spoken = await speech.revise(CHANNEL, message, text);
    if (spoken !== null) return told(spoken);
    return context.json(
      { title: "Not your message", hint: "Only what you said in a thread can be changed." },
      404,
    );
  };
  app.post("/chat/messages/:id", limited, async (context) => {
    const body = replyBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? answer(context, body.data.text) : context.json(unfit(body.error), 422);
  });
  app.post("/chat/messages/:id/delete", limited, (context) => answer(context, null));
}

function told(value: unknown): Response {
  return new Response(plainJson(value), {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

function unfit(error: z.ZodError): { readonly title: string; readonly hint: string } {
  const [issue] = error.issues;
  return {
    title: "That does not fit",
    hint: `${issue?.path.join(".") || "body"}: ${issue?.message ?? "not JSON"}`,
  };
}
