import type { ChatPlatform } from "../../src/ports/chat.ts";
import type { LocalChatStore } from "../../src/ports/local-chat.ts";
import { localPlatform } from "./local/platform.ts";

/** What the platforms are told about this installation. */
export interface ChatSettings {
  readonly localChat: LocalChatStore;
}

/** Every chat this build can talk to. A new one is a folder here and one line below. */
export function allPlatforms(settings: ChatSettings): readonly ChatPlatform[] {
  return [localPlatform(settings.localChat)];
}
