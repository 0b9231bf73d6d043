import type { Dispatcher } from "../../src/ports/dispatcher.ts";
import { type ChatSettings, chatDispatcher } from "./chat.ts";
import { type CommandSettings, commandDispatcher } from "./command.ts";
import { type WebhookSettings, webhookDispatcher } from "./webhook.ts";

/** What dispatchers are told about this installation. */
export interface DispatchSettings extends WebhookSettings, CommandSettings, ChatSettings {}

/** Every way of handing work out but `pull`, which needs none. A new one is a file here and one line below. */
export function allDispatchers(settings: DispatchSettings): readonly Dispatcher[] {
  return [webhookDispatcher(settings), commandDispatcher(settings), chatDispatcher(settings)];
}
