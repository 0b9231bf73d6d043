import { RESTJSONErrorCodes as Code } from "discord-api-types/v10";

/** What Discord answers instead of doing it: a status and its JSON. */
export class Refused extends Error {
  readonly status: number;
  readonly body: { readonly code: number; readonly message: string; readonly errors?: object };
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: number, message: string, more: object = {}, headers = {}) {
    super(`${status} ${code} ${message}`);
    this.status = status;
    this.body = { code, message, ...more };
    this.headers = headers;
  }
}

export const refusals = {
  unauthorized: () => new Refused(401, 0, "401: Unauthorized"),
  noRoute: () => new Refused(404, 0, "404: Not Found"),
  unknownChannel: () => new Refused(404, Code.UnknownChannel, "Unknown Channel"),
  unknownGuild: () => new Refused(404, Code.UnknownGuild, "Unknown Guild"),
  unknownMember: () => new Refused(404, Code.UnknownMember, "Unknown Member"),
  unknownMessage: () => new Refused(404, Code.UnknownMessage, "Unknown Message"),
  unknownUser: () => new Refused(404, Code.UnknownUser, "Unknown User"),
  unknownWebhook: () => new Refused(404, Code.UnknownWebhook, "Unknown Webhook"),
  unknownCommand: () => new Refused(404, 10063, "Unknown application command"),
  unknownInteraction: () => new Refused(404, Code.UnknownInteraction, "Unknown interaction"),
  unknownEmoji: () => new Refused(400, Code.UnknownEmoji, "Unknown Emoji"),
  acknowledged: () =>
    new Refused(
      400,
      Code.InteractionHasAlreadyBeenAcknowledged,
      "Interaction has already been acknowledged.",
    ),
  missingAccess: () => new Refused(403, Code.MissingAccess, "Missing Access"),
  missingPermissions: () => new Refused(403, Code.MissingPermissions, "Missing Permissions"),
  otherAuthor: () =>
    new Refused(
      403,
      Code.CannotEditMessageAuthoredByAnotherUser,
      "Cannot edit a message authored by another user",
    ),
  empty: () => new Refused(400, Code.CannotSendAnEmptyMessage, "Cannot send an empty message"),
  archived: () => new Refused(400, 50_083, "Thread is archived"),
  hasThread: () =>
    new Refused(
      400,
      Code.ThreadAlreadyCreatedForMessage,
      "A thread has already been created for this message",
    ),
  noThreadHere: () =>
    new Refused(400, Code.CannotExecuteActionOnThisChannelType, "Cannot execute action on this channel type"),
  oldEdits: (retryAfterSeconds: number) =>
    new Refused(
      429,
      Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
      "Maximum number of edits to messages older than 1 hour reached. Try again later.",
      { retry_after: retryAfterSeconds, global: false },
      { "retry-after": String(retryAfterSeconds), "x-ratelimit-scope": "shared" },
    ),
};

interface Fault {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

/** Gathers what is wrong with one body, as Discord does: every fault at once, each at its path. */
export class Faults {
  readonly #all: Fault[] = [];

  add(path: readonly (string | number)[], code: string, message: string): void {
    this.#all.push({ path, code, message });
  }

  /** A text within its length. Discord counts characters, not bytes; so does this, in UTF-16 units, the stricter way. */
  text(path: readonly (string | number)[], value: unknown, min: number, max: number): void {
    if (typeof value !== "string") {
      this.add(
        path,
        value === undefined ? "BASE_TYPE_REQUIRED" : "STRING_TYPE_CONVERT",
        "This field is required",
      );
    } else if (value.length < min || value.length > max) {
      this.add(path, "BASE_TYPE_BAD_LENGTH", `Must be between ${min} and ${max} in length.`);
    }
  }

  throwIfAny(): void {
    if (this.#all.length === 0) return;
    const errors: Record<string, unknown> = {};
    for (const { path, code, message } of this.#all) {
      const leaf = path.reduce<Record<string, unknown>>((at, part) => {
        const next = (at[String(part)] ?? {}) as Record<string, unknown>;
        at[String(part)] = next;
        return next;
      }, errors);
      leaf["_errors"] = [...((leaf["_errors"] as unknown[] | undefined) ?? []), { code, message }];
    }
    throw new Refused(400, Code.InvalidFormBodyOrContentType, "Invalid Form Body", { errors });
  }
}
