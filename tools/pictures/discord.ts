// Components V2 as a Discord client draws them: every component and sign of markdown that the Discord renderer uses, and an
// error for any other, so that nothing in a payload is missing from its picture unnoticed.
import {
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIComponentInMessageActionRow,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
} from "discord-api-types/v10";
import { dayOf, escaped, type Rule, read, spanOf, tag, timeOf } from "./html.ts";

/** A message's components. `now`: what moments are told from, milliseconds since 1970 UTC. */
export function discordHtml(components: readonly APIMessageTopLevelComponent[], now: number): string {
  return components.map((component) => topHtml(component, now)).join("");
}

function topHtml(component: APIMessageTopLevelComponent, now: number): string {
  if (component.type !== ComponentType.Container)
    throw new Error(`No picture of a component ${component.type} outside a container yet.`);
  const inside = component.components.map((one) => insideHtml(one, now)).join("");
  const colour = (component.accent_color ?? 0).toString(16).padStart(6, "0");
  return `<div class="container" style="border-left-color: #${colour}">${inside}</div>`;
}

function insideHtml(component: APIComponentInContainer, now: number): string {
  switch (component.type) {
    case ComponentType.TextDisplay:
      return tag("div", "text", markdown(component.content, now));
    case ComponentType.Separator:
      return component.divider === false ? tag("div", "gap", "") : "<hr>";
    case ComponentType.Section: {
      const texts = component.components.map(({ content }) => tag("div", "text", markdown(content, now)));
      const { accessory } = component;
      if (accessory.type !== ComponentType.Button)
        throw new Error(`No picture of an accessory ${accessory.type} yet.`);
      return tag("div", "section", tag("div", "texts", texts.join("")) + buttonHtml(accessory));
    }
    case ComponentType.ActionRow:
      return tag("div", "row", component.components.map(elementHtml).join(""));
    case ComponentType.MediaGallery:
    case ComponentType.File:
      throw new Error(`No picture of a component ${component.type} yet.`);
  }
}

function elementHtml(element: APIComponentInMessageActionRow): string {
  switch (element.type) {
    case ComponentType.Button:
      return buttonHtml(element);
    case ComponentType.StringSelect:
      return tag("span", "select", escaped(element.placeholder ?? "Make a selection"));
    case ComponentType.UserSelect:
    case ComponentType.RoleSelect:
    case ComponentType.MentionableSelect:
    case ComponentType.ChannelSelect:
      throw new Error(`No picture of an element ${element.type} yet.`);
  }
}

function buttonHtml(button: APIButtonComponent): string {
  if (button.style === ButtonStyle.Premium) throw new Error("No picture of a premium button yet.");
  return tag("span", `button style-${button.style}`, escaped(button.label ?? ""));
}

function markdown(content: string, now: number): string {
  return content
    .split("\n")
    .map((line) => {
      const [, mark = "", rest = ""] = /^(#{1,3} |-# |> )?(.*)$/u.exec(line) ?? [];
      const inside = inline(rest, now);
      if (mark === "-# ") return tag("div", "small", inside);
      if (mark === "> ") return tag("blockquote", "", inside);
      return mark === "" ? tag("div", "line", inside) : tag(`h${mark.length - 1}`, "", inside);
    })
    .join("");
}

function inline(text: string, now: number): string {
  const around = (signs: string, name: string): Rule => ({
    at: new RegExp(String.raw`${signs}((?:\\.|(?!${signs})[^\\])+)${signs}`, "uy"),
    as: ([, inside = ""]) => tag(name, "", inline(inside, now)),
  });
  return read(text, [
    { at: /\\([^\p{L}\p{N}\s])/uy, as: ([, sign = ""]) => escaped(sign) },
    { at: /`([^`]+)`/uy, as: ([, inside = ""]) => tag("code", "", escaped(inside)) },
    { at: /<t:(\d+):([Rtf])>/uy, as: ([, at, style]) => tag("time", "", moment(Number(at), style, now)) },
    { at: /<@(\d+)>/uy, as: ([, id = ""]) => tag("span", "mention", escaped(`@${id}`)) },
    {
      at: /\[((?:\\.|[^\]\\])+)\]\(<?https?:[^\s>)]+>?\)/uy,
      as: ([, label = ""]) => tag("a", "", inline(label, now)),
    },
    { at: /<(https?:[^\s>]+)>/uy, as: ([, url = ""]) => tag("a", "", escaped(url)) },
    around(String.raw`\*\*`, "b"),
    around("__", "u"),
    around("~~", "s"),
    around(String.raw`\*`, "em"),
  ]);
}

function moment(seconds: number, style: string | undefined, now: number): string {
  const at = seconds * 1000;
  if (style === "R") return spanOf(at, now);
  return style === "t" ? timeOf(at) : `${dayOf(at)} ${new Date(at).getUTCFullYear()} ${timeOf(at)}`;
}
