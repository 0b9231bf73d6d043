import type { FloorLane } from "../../../../src/core/floor.ts";
import { needsTotal, type ShownNeed } from "../../../../src/core/need.ts";
import type { Overview } from "../../../../src/ports/chat-receiver.ts";
import { type Block, plain, plainLine, section, type View } from "../form/view.ts";
import { formPress, pressable } from "../press.ts";
import { NOWHERE } from "../receive/payload.ts";

/** Together with headers and buttons well below the hundred blocks of a view. */
const NEEDS_MAX = 12;
const LANES_MAX = 20;
const BUTTONS_MAX = 5;
const BUTTON_TEXT_MAX = 75;

/**
 * A person's own page: what waits for them, what waits for anybody, the lanes at a glance. Everything agents and people
 * wrote is plain text. `channel`: where what is pressed here is answered, the conversation with the bot.
 */
export function homeView(facts: Overview, channel: string | null): View {
  const { mine, needs, tasks, lanes, role } = facts;
  const contradictions = needs.filter(({ kind }) => kind === "contradiction");
  const others = needs.filter(({ kind }) => kind !== "contradiction");
  return {
    type: "home",
    private_metadata: JSON.stringify({ ...NOWHERE, channel }),
    blocks: [
      header("What needs me"),
      ...needBlocks(mine, "Nothing waits for you by name.", "me"),
      header("My tasks"),
      ...taskBlocks(tasks),
      header("What waits for anybody"),
      ...needBlocks(others, "Nothing waits.", "any"),
      ...(contradictions.length === 0
        ? []
        : [header("Contradictions"), ...needBlocks(contradictions, "", "contradiction")]),
      header("Lanes"),
      ...laneBlocks(lanes),
      { type: "divider" },
      commands(),
      context(`You are ${facts.actor}, ${role}. ${needsTotal(facts)} waiting in all.`),
    ],
  };
}

function header(text: string): Block {
  return { type: "header", text: plainLine(text, 150) };
}

function context(text: string): Block {
  return { type: "context", elements: [plainLine(text, 2000)] };
}

function needBlocks(needs: readonly ShownNeed[], none: string, part: string): readonly Block[] {
  if (needs.length === 0) return [context(none)];
  const shown = needs.slice(0, NEEDS_MAX);
  const more = needs.length - shown.length;
  return [
    ...shown.flatMap((need, index) => needBlock(need, `${part}:${index}`)),
    ...(more > 0 ? [context(`… and ${more} more: /gate list shows them.`)] : []),
  ];
}

function needBlock(need: ShownNeed, id: string): readonly Block[] {
  const buttons = need.buttons.slice(0, BUTTONS_MAX).flatMap((button, number) => {
    const press = pressable(button, number);
    return press === null
      ? []
      : [{ type: "button", text: plainLine(button.label, BUTTON_TEXT_MAX), ...press }];
  });
  const actions =
    buttons.length === 0 ? [] : [{ type: "actions", block_id: `need:${id}`, elements: buttons }];
  return [section(need.text), ...actions];
}

function taskBlocks(tasks: Overview["tasks"]): readonly Block[] {
  if (tasks.length === 0) return [context("None that you did something about lately is open.")];
  return tasks.map(({ key, title, status, priority }, number) => ({
    ...section(`${key} ${title} — ${status}, ${priority}`),
    block_id: `task:${number}`,
    accessory: {
      type: "button",
      text: plainLine("Show", BUTTON_TEXT_MAX),
      action_id: `gate:show:${number}`,
      value: `/gate show ${key}`,
    },
  }));
}

function laneBlocks(lanes: readonly FloorLane[]): readonly Block[] {
  if (lanes.length === 0) return [context("There is no lane yet.")];
  const shown = lanes.slice(0, LANES_MAX).map(laneLine);
  const more = lanes.length - shown.length;
  const text = [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
  return [{ type: "section", text: plain(text, 3000) }];
}

function laneLine({ name, living, capacity, runnable, pausedReason }: FloorLane): string {
  const sign = pausedReason !== null ? "⏸" : living > 0 ? "🟢" : runnable > 0 ? "🟡" : "⚪";
  const paused = pausedReason === null ? "" : `, paused: ${pausedReason}`;
  return `${sign} ${name}: ${living} of ${capacity} at work, ${runnable} runnable${paused}`;
}

function commands(): Block {
  const button = (label: string, path: string | null, number: number) => ({
    type: "button",
    text: plainLine(label, BUTTON_TEXT_MAX),
    ...formPress(path, number),
  });
  return {
    type: "actions",
    block_id: "commands",
    elements: [
      button("Run a command…", null, 0),
      button("Attach proof…", "prove", 1),
      button("List tasks…", "list", 2),
    ],
  };
}
