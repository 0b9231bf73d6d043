import { DiscordAPIError } from "discord.js";
import { type RESTGetAPIGuildMemberResult, RESTJSONErrorCodes, Routes } from "discord-api-types/v10";
import type { ChatDesk, ConnectionState, LineAnswer } from "../../../../src/ports/chat-receiver.ts";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { Answers } from "./answers.ts";
import { drawn } from "./drawn.ts";
import type { Reply } from "./kept.ts";
import { answerRest, botRest } from "./rest.ts";
import { runDiscord } from "./run.ts";
import type { DiscordReceiverSettings, Pace } from "./settings.ts";

/** Everything that takes the library. */
export function openDiscord(settings: DiscordReceiverSettings, pace: Pace) {
  const rest = botRest(settings);
  const answers = new Answers(answerRest(settings));
  let guild = settings.guildId ?? null;
  const inGuild = (known: string): void => {
    guild = known;
  };
  return {
    run: (desk: ChatDesk, signal: AbortSignal, told: (state: ConnectionState) => void): Promise<void> =>
      runDiscord({ settings, pace, rest, answers, desk, signal, told, inGuild }),
    answer: (reply: Reply, { answer, visibility }: LineAnswer): Promise<void> =>
      answers.answer(reply, {
        components: drawn(answer),
        visibility: reply.quiet ? "caller" : visibility,
      }),
    /** The roles of a member of the server; none for who is no member. */
    async groups(person: string): Promise<readonly string[]> {
      if (guild === null) throw new Trouble("unreachable", "Which server it is about is not known yet.");
      try {
        const { roles } = (await rest.get(Routes.guildMember(guild, person))) as RESTGetAPIGuildMemberResult;
        return roles;
      } catch (error) {
        if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownMember) return [];
        throw new Trouble("unreachable", `The roles of ${person} cannot be told: ${String(error)}`);
      }
    },
  };
}
