/** A message somewhere in a chat: what `proofs.reply_to` and anchors name. */
export interface MessageRef {
  readonly platform: string;
  readonly channel: string;
  /** The platform's own id of the message, within its channel. */
  readonly message: string;
}

/** `local:gatehouse:42`. Only the last part may hold colons. */
export function messageName(ref: MessageRef): string {
  return `${ref.platform}:${ref.channel}:${ref.message}`;
}

/** Null where the text names no message. */
export function parseMessageName(name: string): MessageRef | null {
  const match = /^([^:]+):([^:]+):(.+)$/su.exec(name);
  return match && { platform: match[1] as string, channel: match[2] as string, message: match[3] as string };
}
