import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
} from "discord-api-types/v10";
import type { Button } from "../../../../src/core/button.ts";
import type { Json } from "../../../../src/core/json.ts";
import { actionsOf } from "../../../../src/core/notice-actions.ts";
import { plain } from "../escape.ts";
import { lineCheck, type Press, pressId } from "../press.ts";

const LABEL_MAX = 80;
const IN_A_ROW = 5;
const ROWS_MAX = 2;
/** How long people leave a contradiction alone; each of these has an end. A week is the longest the queue grants. */
const SNOOZES: readonly (readonly [value: string, label: string])[] = [
  ["30m", "Silent for 30 minutes"],
  ["1h", "Silent for an hour"],
  ["4h", "Silent for 4 hours"],
  ["8h", "Silent for 8 hours"],
  ["1d", "Silent for a day"],
  ["3d", "Silent for 3 days"],
  ["7d", "Silent for a week"],
];
const STYLES: Readonly<Record<string, ButtonStyle.Primary | ButtonStyle.Success | ButtonStyle.Danger>> = {
  approve: ButtonStyle.Success,
  cancel: ButtonStyle.Danger,
  ack: ButtonStyle.Primary,
  unblock: ButtonStyle.Primary,
  prove: ButtonStyle.Primary,
};

/** Draws the buttons of one message: Discord takes no `custom_id` twice in it. */
export class Presses {
  readonly #used = new Map<string, number>();
  readonly #notice: number | null;
  readonly #lines: readonly string[];

  /** `notice` and its data: where a line that is too long for an id is looked up; null where nothing keeps it. */
  constructor(notice: number | null, data: Json) {
    this.#notice = notice;
    this.#lines = notice === null ? [] : actionsOf(data).map(({ line }) => line);
  }

  /** Null where nothing can hold its line. */
  button({ label, line, asks }: Button): APIButtonComponent | null {
    const id = this.#id({ wants: asks === null ? "nothing" : "words", what: { line } });
    if (id === null) return null;
    return {
      ...DRAWN,
      style: STYLES[verbOf(line)] ?? ButtonStyle.Secondary,
      label: shown(label),
      custom_id: id,
    };
  }

  /** What a person is asked before it is done, as the answer to a line. */
  confirm(line: string): APIActionRowComponent<APIButtonComponent> | null {
    const id = this.#id({ wants: "yes", what: { line } });
    if (id === null) return null;
    return row([{ ...DRAWN, style: ButtonStyle.Danger, label: "Yes, do it", custom_id: id }]);
  }

  /** At most two rows. Of many choices the last give way, never what stands behind them. */
  rows(buttons: readonly Button[], rows = ROWS_MAX): APIActionRowComponent<APIButtonComponent>[] {
    const most = rows * IN_A_ROW;
    const over = Math.max(0, buttons.length - most);
    const choices = buttons.filter(isChoice);
    const left = new Set(choices.slice(Math.max(0, choices.length - over)).slice(0, over));
    const drawn = buttons
      .filter((each) => !left.has(each))
      .slice(0, most)
      .map((each) => this.button(each))
      .filter((each) => each !== null);
    return Array.from({ length: Math.ceil(drawn.length / IN_A_ROW) }, (_, index) =>
      row(drawn.slice(index * IN_A_ROW, (index + 1) * IN_A_ROW)),
    );
  }

  /** How long a contradiction is left alone. */
  snooze(contradiction: number): APIActionRowComponent<APIStringSelectComponent> {
    const id = this.#id({ wants: "choice", what: { line: `/gate snooze ${contradiction}` } });
    return {
      type: ComponentType.ActionRow,
      components: [
        {
          type: ComponentType.StringSelect,
          custom_id: id ?? "",
          placeholder: "Hear nothing of it for…",
          options: SNOOZES.map(([value, label]) => ({ value, label })),
        },
      ],
    };
  }

  #id(press: Press): string | null {
    const own = pressId(press) ?? this.#elsewhere(press);
    if (own === null) return null;
    const again = this.#used.get(own) ?? 0;
    this.#used.set(own, again + 1);
    if (again === 0) return own;
    // With the mark that tells them apart it may be too long by just that.
    return pressId(press, again) ?? this.#elsewhere(press, again);
  }

  #elsewhere({ wants, what }: Press, again = 0): string | null {
    if (this.#notice === null || "notice" in what) return null;
    const index = this.#lines.indexOf(what.line);
    if (index < 0) return null;
    return pressId({ wants, what: { notice: this.#notice, index, check: lineCheck(what.line) } }, again);
  }
}

const DRAWN = { type: ComponentType.Button } as const;

function row<Of extends APIButtonComponent>(components: Of[]): APIActionRowComponent<Of> {
  return { type: ComponentType.ActionRow, components };
}

function shown(label: string): string {
  const words = plain(label, LABEL_MAX);
  return words === "" ? "…" : words;
}

function verbOf(line: string): string {
  return /^\/gate (\S+)/u.exec(line)?.[1] ?? "";
}

export function isSnooze({ line }: Button): boolean {
  return verbOf(line) === "snooze";
}

function isChoice({ line, asks }: Button): boolean {
  return asks === null && verbOf(line) === "unblock";
}

/** A text with one button beside it, where there is one. */
export function beside(content: string, button: APIButtonComponent | null): APIComponentInContainer {
  const display = { type: ComponentType.TextDisplay, content } as const;
  return button === null
    ? display
    : { type: ComponentType.Section, components: [display], accessory: button };
}
