/** How each platform writes a group of people: by its id, or as a mention of it. */
const GROUPS: Readonly<Record<string, { readonly pattern: RegExp; readonly shape: string }>> = {
  discord: {
    pattern: /^(?:<@&(\d{17,20})>|(\d{17,20}))$/u,
    shape: "a role: @role, or its id of 17 to 20 digits",
  },
  slack: {
    pattern: /^(?:<!subteam\^(S[A-Z0-9]{2,20})(?:\|[^>]*)?>|(S[A-Z0-9]{2,20}))$/u,
    shape: "a user group: @group, or its id, which begins with S",
  },
};

/** The platform's id of a group that was mentioned or named by its id; null for what is none. */
export function readGroup(platform: string, text: string): string | null {
  const [, mentioned, named] = GROUPS[platform]?.pattern.exec(text.trim()) ?? [];
  return mentioned ?? named ?? null;
}

/** What a group looks like there, in words; null where the platform has none. */
export function groupShape(platform: string): string | null {
  return GROUPS[platform]?.shape ?? null;
}
