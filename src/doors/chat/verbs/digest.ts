import { z } from "zod";
import { zoneOf } from "../../../commands/channel-time.ts";
import { showDigest } from "../../../commands/show-digest.ts";
import { digestLines } from "../../../core/digest.ts";
import { defineVerb } from "../verb.ts";

export const digest = defineVerb({
  path: "digest",
  summary: "What an hour's work came to, or any other window's",
  example: "/gate digest 24h",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "later",
  arguments: {
    window: {
      schema: z.string().trim().min(1).optional(),
      place: 1,
      type: "text",
      shown: "WINDOW",
      about: "30m, 24h, 7d, or 2026-03-30T09:00/2026-03-30T17:00; the last hour where none is said",
    },
  },
  async run({ house, place }, { window = "1h" }) {
    const channel = place === undefined ? null : await house.channels.channel(place.platform, place.name);
    const zone = zoneOf(house, channel ?? { timezone: null });
    const outcome = await showDigest(house, { window, lanes: channel?.lanes ?? null, zone });
    if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
    const facts = outcome.value;
    return { kind: "digest", facts, zone, lines: digestLines(facts, zone) };
  },
});
