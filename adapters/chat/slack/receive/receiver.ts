import type { Json } from "../../../../src/core/json.ts";
import type { ChatReceiver, Heard } from "../../../../src/ports/chat-receiver.ts";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { REQUESTS } from "../manifest.ts";
import { answerLine } from "./answer.ts";
import { heardEvent, heardProof, personOf } from "./events.ts";
import { userGroups } from "./groups.ts";
import type { Kept } from "./payload.ts";
import { SLACK } from "./payload.ts";
import type { Pace } from "./run.ts";
import { type SlackSettings, webClient } from "./web.ts";

/**
 * The incoming side of Slack, through its own libraries, which are loaded only where Slack is connected: by Socket Mode
 * where there is an app-level token, else by signed requests.
 */
export function slackReceiver(settings: SlackSettings, pace?: Partial<Pace>): ChatReceiver {
  let opened: ReturnType<typeof webClient> | null = null;
  const client = () => {
    opened ??= webClient(settings);
    return opened;
  };
  let answer: (request: Request) => Promise<Response> = () =>
    Promise.resolve(new Response("not listening yet", { status: 503 }));
  const bySocket = settings.appToken !== undefined;
  return {
    name: SLACK,
    async run(desk, signal, told) {
      const { runSlack } = await import("./run.ts");
      const listening = { settings, client: await client(), desk, signal, told, pace };
      await runSlack(listening, (listen) => {
        answer = listen;
      });
    },
    ...(bySocket ? {} : { requests: { path: REQUESTS, answer: (request: Request) => answer(request) } }),
    read: (payload) => readKept(payload as unknown as Kept),
    async answer(payload: Json, line) {
      const kept = payload as unknown as Kept;
      if (kept.kind !== "line") throw new Trouble("rejected", "Only a line is answered.");
      await answerLine(client, kept, line);
    },
    groups: userGroups(client),
  };
}

function readKept(kept: Kept): Heard | null {
  switch (kept.kind) {
    case "line": {
      const { user, channel, line, confirmed } = kept;
      // What comes from nowhere is of the person alone.
      return { kind: "line", person: personOf(user), channel: channel ?? user, line, confirmed };
    }
    case "event":
      return heardEvent(kept);
    case "proof":
      return heardProof(kept);
    case "nothing":
      return null;
  }
}
