import { Hono } from "hono";
import type { ChatReceiver } from "../../ports/chat-receiver.ts";

/** Where chat platforms that hold no connection send what they have to say. Whether it is theirs is for each to tell. */
export function chatRequests(receivers: readonly Pick<ChatReceiver, "requests">[]): readonly Hono[] {
  return receivers.flatMap(({ requests }) => {
    if (requests === undefined) return [];
    const app = new Hono();
    app.post(requests.path, (context) => requests.answer(context.req.raw));
    return [app];
  });
}
