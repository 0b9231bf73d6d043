import { z } from "zod";
import type { PlainNotice } from "../../src/core/notice.ts";
import type { Dispatcher } from "../../src/ports/dispatcher.ts";
import { defineDispatcher } from "./define.ts";

export interface ChatSettings {
  /** Puts a notice into the outbox for one channel; the same subject again changes nothing. */
  readonly post: (
    notice: PlainNotice,
    task: string,
    only: { readonly platform: string; readonly channel: string },
  ) => Promise<void>;
}

const name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\s:]+$/u, "a name without spaces or colons");

/**
 * `chat`: a card in a channel that mentions the agent. The outbox carries it: once, and again where a platform was away.
 * It is edited once more when the offer is over, where `place` says that it stands.
 */
export function chatDispatcher({ post }: ChatSettings): Dispatcher {
  return defineDispatcher({
    kind: "chat",
    fields: { platform: name, channel: name, mention: name.optional() },
    async send({ platform, channel, mention }, { dispatch, card, payload }) {
      const to = mention ?? dispatch.agent ?? "";
      const notice = {
        ...card,
        text: `@${to} ${card.text}`,
        data: { ...card.data, mention: to, place: { platform, channel } },
      };
      const { key } = payload["task"] as { readonly key: string };
      await post(notice, key, { platform, channel });
    },
  });
}
