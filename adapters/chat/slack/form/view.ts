import { tidyLine, tidyText } from "../../../../src/core/text.ts";
import { cut } from "../receive/answer-message.ts";
import type { Carried } from "../receive/lines.ts";

/** A modal or a home tab as Slack takes it. */
export type View = { readonly type: "modal" | "home"; readonly [field: string]: unknown };
export type Block = { readonly type: string; readonly [field: string]: unknown };

const TITLE_MAX = 24;
const METADATA_MAX = 3000;

/** Text in which nothing is a mark of Slack's, whatever somebody wrote. */
export function plain(text: string, max: number) {
  return { type: "plain_text", text: cut(tidyText(text), max) || "–", emoji: false } as const;
}

/** One line of it. */
export function plainLine(text: string, max: number) {
  return plain(tidyLine(text), max);
}

export function section(text: string): Block {
  return { type: "section", text: plain(text, 3000) };
}

/** `callback` tells what its submission means; without `submit` there is nothing to submit. */
export function modal({ callback, title, submit, carried }: Modal, blocks: readonly Block[]): View {
  const metadata = JSON.stringify(carried);
  return {
    type: "modal",
    callback_id: callback,
    title: plainLine(title, TITLE_MAX),
    close: plainLine("Close", TITLE_MAX),
    ...(submit === null ? {} : { submit: plainLine(submit, TITLE_MAX) }),
    // An address longer than Slack keeps is left out: the answer goes to the person then.
    private_metadata: metadata.length <= METADATA_MAX ? metadata : JSON.stringify({ ...carried, url: null }),
    blocks,
  };
}

interface Modal {
  readonly callback: "gate:line" | "gate:prove" | "gate:words" | "gate:nothing";
  readonly title: string;
  readonly submit: string | null;
  readonly carried: Carried;
}

/** What is shown at once, while the rest is looked up: Slack lets a press open something for three seconds only. */
export function loadingView(carried: Carried): View {
  const look = { callback: "gate:nothing", title: "Gatehouse", submit: null, carried } as const;
  return modal(look, [section("One moment…")]);
}

export function sorryView(carried: Carried, words: string): View {
  return modal({ callback: "gate:nothing", title: "Gatehouse", submit: null, carried }, [section(words)]);
}
