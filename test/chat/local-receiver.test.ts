import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { localReceiver } from "../../adapters/chat/all.ts";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import { readButtons } from "../../src/core/button.ts";
import { dashboardApp } from "../../src/doors/dashboard/app.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { writeLine } from "../../src/ports/chat-catalogue.ts";
import type { ChatReceiver } from "../../src/ports/chat-receiver.ts";
import type { LocalSpeech, Spoken } from "../../src/ports/local-speech.ts";
import { chatReceiverContract } from "./receiver-contract.ts";

const CHANNEL = "gatehouse";
const ACTOR = "person:local:operator";

// The page's own server, with a receiver behind it that is another one after each restart.
chatReceiverContract("the local chat", async (house) => {
  const { localChat } = house;
  let current: ChatReceiver & LocalSpeech = localReceiver(localChat);
  const speech: LocalSpeech = {
    line: (...said) => current.line(...said),
    say: (...said) => current.say(...said),
    revise: (...said) => current.revise(...said),
  };
  const stop = new AbortController();
  const server = createAdaptorServer({ fetch: dashboardApp({ house, speech, signal: stop.signal }).fetch });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let requests = 0;

  const ask = (path: string, body: object, site = `http://127.0.0.1:${port}`) =>
    new Promise<string>((resolve, reject) => {
      const headers = { "content-type": "application/json", origin: site };
      const asked = request(
        { host: "127.0.0.1", port, path, method: "POST", headers, agent: false },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (piece: string) => (text += piece));
          answer.on("end", () => resolve(text));
        },
      );
      asked.on("error", reject);
      asked.end(JSON.stringify(body));
    });
  const named = () => {
    requests += 1;
    return `request-${requests}`;
  };
  const spoken = async (path: string, body: object) => JSON.parse(await ask(path, body)) as Spoken;

  return {
    platform: localPlatform(localChat),
    receiver: () => {
      current = localReceiver(localChat);
      return current;
    },
    channel: CHANNEL,
    person: null,
    actor: ACTOR,
    connected: () => Promise.resolve(),
    gone: () => Promise.resolve(),
    async types(verb, values) {
      const { answer } = await spoken("/chat/lines", { line: writeLine(verb, values), request: named() });
      return { answer: Promise.resolve(answer === null ? "" : answerText(answer)) };
    },
    // Whoever is not at this machine has another site's page.
    strangerTypes: (verb, values) =>
      ask("/chat/lines", { line: writeLine(verb, values) }, "https://elsewhere.example"),
    async writes(text, head, times = 1) {
      if (times === 0) {
        // Killed right after the message stood, and before it was received.
        const said = { channel: CHANNEL, thread: Number(head), author: ACTOR, kind: "said" } as const;
        return String(await localChat.post({ ...said, task: null, text, data: {} }));
      }
      const body = { text, request: named() };
      const all = Array.from({ length: times }, () => spoken(`/chat/threads/${head}`, body));
      return String((await Promise.all(all))[0]?.message);
    },
    rewrites: async (message, text) => void (await spoken(`/chat/messages/${message}`, { text })),
    erases: async (message) => void (await spoken(`/chat/messages/${message}/delete`, {})),
    async presses(message, label) {
      const card = await localChat.message(CHANNEL, Number(message));
      const buttons = readButtons(card?.data["buttons"] ?? []);
      const line = buttons.find((button) => button.label === label)?.line ?? "";
      await spoken("/chat/lines", { line, request: named() });
    },
    async reactions(message) {
      const reaction = (await localChat.message(CHANNEL, Number(message)))?.reaction ?? null;
      return reaction === null ? [] : [reaction];
    },
    async close() {
      stop.abort();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
});
