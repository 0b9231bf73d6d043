import { ButtonStyle, ComponentType, MessageFlags } from "discord-api-types/v10";
import { type Button, showButton } from "../../../../src/core/button.ts";
import { figuresOf } from "../../../../src/core/digest.ts";
import { shownNeeds } from "../../../../src/core/need.ts";
import type { Refusal } from "../../../../src/core/refusal.ts";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import type { Body } from "../body.ts";
import { block, code, line } from "../escape.ts";
import { answerListParts, type ListAnswer } from "./answer-lists.ts";
import { beside, Presses } from "./buttons.ts";
import { digestParts } from "./digest.ts";
import { container, type Part, part, text } from "./layout.ts";
import { cardParts } from "./task-card.ts";
import { actor, COLOURS, STATUS_LOOKS } from "./words.ts";

const SUGGESTIONS_MAX = 5;

/** What the bot answers to a line. Who sees it is decided when it is acknowledged, so `flags` says nothing of that. */
export function answerBody(answer: Answer): Body {
  const { colour, parts } = answerLook(answer, new Presses(null, null));
  return {
    components: [container(colour, parts)],
    flags: MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds,
    allowed_mentions: { parse: [] },
  };
}

export interface Look {
  readonly colour: number;
  readonly parts: readonly Part[];
}

export function answerLook(answer: Answer, presses: Presses): Look {
  switch (answer.kind) {
    case "done": {
      const show = answer.task === null ? null : presses.button(showButton(answer.task));
      return { colour: COLOURS.green, parts: [part(0, beside(`✅ ${line(answer.text, 900)}`, show))] };
    }
    case "refused":
      return { colour: COLOURS.red, parts: refusalParts(answer.refusal) };
    case "misunderstood":
      return { colour: COLOURS.amber, parts: misunderstoodParts(answer, presses) };
    case "confirm": {
      const yes = presses.confirm(answer.line);
      const by =
        yes === null ? [text(0, `Type it once more to do it: ${code(answer.line, 500)}`)] : [part(0, yes)];
      return { colour: COLOURS.amber, parts: [text(0, block(answer.question, 1500)), ...by] };
    }
    case "me": {
      const may = answer.may.map((verb) => code(verb, 40)).join(" ");
      const others = (answer.accounts ?? []).map(actor).join(", ");
      return {
        colour: COLOURS.grey,
        parts: [
          text(0, `You are **${actor(answer.actor)}**, ${answer.role}.`),
          ...(others === "" ? [] : [text(1, `-# You are ${others} as well`)]),
          text(1, `-# You may ${may}`),
        ],
      };
    }
    case "task":
      return { colour: STATUS_LOOKS[answer.card.status][1], parts: taskParts(answer, presses) };
    case "digest": {
      const { facts, zone } = answer;
      const { now, window, counts, before, needs } = facts;
      const data = {
        ...window,
        lines: [...answer.lines],
        figures: figuresOf(counts),
        before: figuresOf(before),
        refusals: counts.refusals,
        completed: counts.completed,
        rotted: counts.rotted,
        needs: shownNeeds(needs, now, zone),
        counts: needs.counts,
      };
      return { colour: COLOURS.violet, parts: digestParts(data, presses) };
    }
    case "link":
      return { colour: COLOURS.grey, parts: [part(0, linked(answer.text, answer.url))] };
    case "help":
    case "status":
    case "tasks":
    case "findings":
    case "audit":
      return { colour: colourOf(answer), parts: answerListParts(answer, presses) };
  }
}

function colourOf(answer: ListAnswer): number {
  if (answer.kind !== "findings") return COLOURS.grey;
  return answer.valid ? COLOURS.green : COLOURS.red;
}

/** The gate, the code, the field, what was expected and what came, and what to do. */
function refusalParts({ gate, code: reason, field, expected, got, hint }: Refusal): readonly Part[] {
  const facts = [
    ...(field === undefined ? [] : [code(field, 80)]),
    ...(expected === undefined ? [] : [`expected ${code(JSON.stringify(expected), 200)}`]),
    ...(got === undefined ? [] : [`got ${code(JSON.stringify(got), 200)}`]),
  ];
  return [
    text(0, `### ⛔ ${gate}: ${line(reason, 80)}`, block(hint, 800)),
    text(1, facts.length === 0 ? null : `-# ${facts.join(" · ")}`),
  ];
}

function misunderstoodParts(
  { text: words, suggestions, usage }: Extract<Answer, { kind: "misunderstood" }>,
  presses: Presses,
): readonly Part[] {
  const meant: readonly Button[] = suggestions
    .slice(0, SUGGESTIONS_MAX)
    .map((each) => ({ label: each, line: each, asks: null }));
  const rows = presses.rows(meant, 1);
  const drawn = rows.reduce((sum, { components }) => sum + components.length, 0);
  // A line too long for a button is there to be typed.
  const typed = drawn === meant.length ? [] : meant.map(({ line: whole }) => code(whole, 300));
  return [
    text(0, block(words, 800)),
    text(1, meant.length === 0 ? null : "Did you mean…", ...typed),
    ...rows.map((row) => part(1, row)),
    text(2, usage === null ? null : `-# ${code(usage, 300)}`),
  ];
}

function taskParts(answer: Extract<Answer, { kind: "task" }>, presses: Presses): readonly Part[] {
  const { card, acceptance, body, dependencies } = answer;
  const waits = dependencies.slice(0, 12).map(({ key, status }) => `${line(key, 60)} (${line(status, 20)})`);
  return [
    ...cardParts(card),
    text(4, acceptance === "" ? null : `**Accepted when** ${block(acceptance, 500)}`),
    text(35, block(body, 900)),
    text(
      7,
      waits.length === 0 ? null : `Depends on ${waits.join(", ")}${dependencies.length > 12 ? " …" : ""}`,
    ),
    ...presses.rows(card.buttons).map((row) => part(1, row)),
  ];
}

function linked(words: string, url: string): ReturnType<typeof beside> {
  const content = block(words, 900) || line(url, 400) || "…";
  // Longer than a button's address may be, it stands in the text.
  if (!/^https?:\/\//u.test(url) || url.length > 512) return beside(`${content} ${line(url, 1500)}`, null);
  return beside(content, { type: ComponentType.Button, style: ButtonStyle.Link, label: "Open", url });
}
