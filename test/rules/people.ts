// Rules of the kinds that ask people: chat-message and human.
import type { ChatMessage } from "../../src/ports/chat-messages.ts";
import { CHAT, CLAIMED, type World } from "../proof/support/world.ts";
import { claims, inFile, links, rulesOf, type Spoil, wants } from "./rule.ts";

const chat = inFile("chat-message.ts");
const human = inFile("human.ts");

const message = (change: Partial<ChatMessage>): Spoil => {
  return (_, { said }: World) => {
    if (said.message !== null) said.message = { ...said.message, ...change };
  };
};
const FAR = Date.UTC(2100, 0);

export const chatRules = rulesOf("chat-message", [
  [
    "a permalink of the platform",
    /is the permalink of/,
    [chat("if (!chatMessages.recognises(platform, proof.uri))", "if (false)")],
    ...["https://acme.slack.example/archives/C042/p12", "https://example.com/12", `x${CHAT}12`, "12"].map(
      links,
    ),
  ],
  [
    "channel",
    /wants a message in/,
    [chat("if (message.channel !== wanted.channel)", "if (false)")],
    ...["C043", "c042", "C0422", "C04", "C042 "].map((channel) => message({ channel })),
    wants({ channel: "C04" }),
  ],
  ["a person's word", /A program wrote it/, [chat("if (message.bot)", "if (false)")], message({ bot: true })],
  [
    "author",
    /wants a message of/,
    [chat("wanted.author !== undefined && message.author !== wanted.author", "false")],
    ...["U8", "u7", "U77", "U", "U7 "].map((author) => message({ author })),
    wants({ author: "U77" }),
  ],
  [
    "age",
    /before the task was claimed/,
    [chat("if (message.at < claimedAt)", "if (false)")],
    message({ at: CLAIMED - 1 }),
    message({ at: 0 }),
    claims(CLAIMED + 2),
  ],
  [
    "not edited after it was attached",
    /edited after/,
    [chat("message.editedAt !== null && message.editedAt >= attachedAt", "false")],
    message({ editedAt: FAR }),
  ],
  [
    "contains",
    /does not hold the text/,
    [chat("wanted.contains !== undefined && !message.text.includes(wanted.contains)", "false")],
    ...["the clip play", "The clip plays", "", "the  clip plays"].map((text) => message({ text })),
    wants({ contains: "the clip plays!" }),
  ],
]);

const approved = (...names: readonly string[]): Spoil => {
  return (_, { said }) => {
    said.approvals = names.map((name) => ({
      requirement: "it",
      person: `person:slack:${name}`,
      at: CLAIMED + 2,
    }));
  };
};

export const humanRules = rulesOf("human", [
  [
    "as many as the policy asks",
    /people approved/,
    [human("people.length < needed", "false")],
    approved(),
    approved("grace"),
    wants({ approvers: 3 }),
    wants({ approvers: 20 }),
  ],
  [
    "different people",
    /1 of 2 people/,
    [human("[...new Set(given.map(({ person }) => person))]", "given.map(({ person }) => person)")],
    approved("grace", "grace"),
    approved("grace", "grace", "grace"),
  ],
]);
