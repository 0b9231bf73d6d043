// What a message may be when it is sent or edited, and whom it makes a sound for.
import { MessageFlags } from "discord-api-types/v10";
import { asText, checkMessageComponents, list, loose, only, withIds } from "./components.ts";
import { Faults, refusals } from "./refusals.ts";
import type { FakeMessage } from "./world.ts";

type Loose = { readonly [field: string]: unknown };

/** The real client names some of these everywhere, with nothing in them. */
const KNOWN = [
  "content",
  "embeds",
  "components",
  "flags",
  "allowed_mentions",
  "tts",
  "attachments",
  "poll",
  "sticker_ids",
  "nonce",
  "enforce_nonce",
  "message_reference",
];
const SETTABLE =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2 |
  MessageFlags.Ephemeral;

export interface MessageContent {
  readonly content: string;
  readonly components: FakeMessage["components"];
  readonly flags: number;
  readonly embeds: unknown[];
  readonly pinged: readonly string[];
}

/** Reads the body of a message that is sent. `interaction`: as the answer to one, where it may be for one person only. */
export function readSent(body: Loose, interaction = false, path: readonly string[] = []): MessageContent {
  const faults = new Faults();
  only(faults, path, body, KNOWN);
  const flags = readFlags(faults, path, body["flags"]);
  if (!interaction && (flags & MessageFlags.Ephemeral) !== 0)
    faults.add(
      [...path, "flags"],
      "MESSAGE_FLAGS_EPHEMERAL",
      "Only the answer to an interaction can be ephemeral.",
    );
  const nonce = body["nonce"];
  if (typeof nonce === "string" && nonce.length > 25)
    faults.add(["nonce"], "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.");
  if (body["enforce_nonce"] === true && nonce == null)
    faults.add(["nonce"], "BASE_TYPE_REQUIRED", "This field is required");
  return readContent(faults, body, flags);
}

/** Reads the body of an edit; what it does not name stays. `IsComponentsV2` cannot be taken back. */
export function readEdited(body: Loose, old: MessageContent): MessageContent {
  const faults = new Faults();
  only(faults, [], body, KNOWN);
  const kept = old.flags & (MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral);
  const given = body["flags"] === undefined ? old.flags : readFlags(faults, [], body["flags"]);
  if ((kept & MessageFlags.IsComponentsV2) !== 0 && (given & MessageFlags.IsComponentsV2) === 0)
    faults.add(["flags"], "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The flag cannot be taken back.");
  const became = (given & MessageFlags.IsComponentsV2) !== 0 && (kept & MessageFlags.IsComponentsV2) === 0;
  const whole = {
    content: became ? (body["content"] ?? "") : (body["content"] ?? old.content),
    embeds: body["embeds"] ?? old.embeds,
    components: body["components"] ?? old.components,
    allowed_mentions: body["allowed_mentions"],
  };
  return readContent(faults, whole, given | kept);
}

function readContent(faults: Faults, body: Loose, flags: number): MessageContent {
  const v2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  const content = body["content"] ?? "";
  const embeds = list(body["embeds"]);
  if (v2) {
    for (const field of ["content", "embeds", "poll", "sticker_ids"]) {
      const value = body[field];
      if (value == null || value === "" || (Array.isArray(value) && value.length === 0)) continue;
      faults.add(
        [field],
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
      );
    }
  } else {
    if (content !== "") faults.text(["content"], content, 1, 2000);
    if (embeds.length > 10) faults.add(["embeds"], "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.");
    if (JSON.stringify(embeds).length > 6000 + 100 * embeds.length)
      faults.add(["embeds"], "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
  }
  const components = Array.isArray(body["components"]) ? (body["components"] as unknown[]) : [];
  if (v2 || body["components"] != null) checkMessageComponents(faults, body["components"] ?? [], v2);
  const pinged = mentions(faults, v2 ? textsOf(components) : asText(content), body["allowed_mentions"]);
  faults.throwIfAny();
  if (!v2 && content === "" && embeds.length === 0 && components.length === 0) throw refusals.empty();
  return {
    content: v2 ? "" : asText(content),
    components: withIds(components) as FakeMessage["components"],
    flags,
    embeds: [...embeds],
    pinged,
  };
}

function readFlags(faults: Faults, path: readonly string[], value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (!Number.isInteger(value) || (Number(value) & ~SETTABLE) !== 0) {
    faults.add([...path, "flags"], "BITWISE_TYPE_INVALID", "One of these flags cannot be set.");
    return 0;
  }
  return Number(value);
}

/** Every text a message shows, in order, one a line. */
export function textsOf(components: readonly unknown[]): string {
  return list(components)
    .flatMap((each) => [
      ...(typeof each["content"] === "string" ? [each["content"]] : []),
      ...(Array.isArray(each["components"]) ? [textsOf(each["components"] as unknown[])] : []),
    ])
    .filter((text) => text !== "")
    .join("\n");
}

/** Whom it makes a sound for: what the text mentions, as far as `allowed_mentions` lets it. Without that, all of it. */
function mentions(faults: Faults, text: string, allowed: unknown): readonly string[] {
  const rules = allowed == null ? null : loose(allowed);
  const parse = rules === null ? ["everyone", "users", "roles"] : names(rules["parse"]);
  for (const kind of parse) {
    if (!["everyone", "users", "roles"].includes(kind))
      faults.add(
        ["allowed_mentions", "parse"],
        "BASE_TYPE_CHOICES",
        "Value must be one of {'users', 'everyone', 'roles'}.",
      );
  }
  for (const kind of ["users", "roles"]) {
    if (rules !== null && names(rules[kind]).length > 0 && parse.includes(kind))
      faults.add(
        ["allowed_mentions"],
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
  }
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] as string);
  const users = found(/<@!?(\d{17,20})>/g).filter(
    (id) => parse.includes("users") || names(rules?.["users"]).includes(id),
  );
  const roles = found(/<@&(\d{17,20})>/g).filter(
    (id) => parse.includes("roles") || names(rules?.["roles"]).includes(id),
  );
  const everyone = parse.includes("everyone") && /@(?:everyone|here)/.test(text) ? ["everyone"] : [];
  return [...new Set([...everyone, ...users, ...roles.map((id) => `&${id}`)])];
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
