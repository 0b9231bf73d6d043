/**
 * What an arrival of a chat is called on the events it causes: unique in the log, so that it is done once, and it tells
 * where it came from. Platforms' ids of channels hold no colon.
 */
export function chatRequest({
  platform,
  channel,
  event,
}: {
  readonly platform: string;
  readonly channel: string;
  readonly event: string;
}): string {
  return `chat:${platform}:${channel}:${event}`;
}

const CHAT = /^chat:([^:]+):([^:]+):/u;

/** `slack:C012AB`, where a request came from a chat; null where it came some other way. */
export function placeOfRequest(requestId: string | null): string | null {
  const match = requestId === null ? null : CHAT.exec(requestId);
  return match && `${match[1]}:${match[2]}`;
}
