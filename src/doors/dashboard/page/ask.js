/**
 * @typedef {{ title: string, hint: string }} Problem
 */

/** What was asked and not answered, by what it was: asked again, it bears the same name, and is done once. @type {Map<string, string>} */
const unanswered = new Map();

/** @param {string} asked */
function requestOf(asked) {
  const known = unanswered.get(asked);
  if (known !== undefined) return known;
  const parts = crypto.getRandomValues(new Uint32Array(4));
  const made = [...parts].map((part) => part.toString(16).padStart(8, "0")).join("");
  unanswered.set(asked, made);
  return made;
}

/**
 * Asks this page's own server. Answers with the value, or with a problem in plain words; never rejects.
 *
 * @template T
 * @param {string} path
 * @param {object} [body] Sent as JSON; without it the call only reads.
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ value: T } | { problem: Problem }>}
 */
export async function ask(path, body, signal) {
  const asked = body === undefined ? null : `${path} ${JSON.stringify(body)}`;
  /** @type {RequestInit} */
  const call =
    asked === null
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...body, request: requestOf(asked) }),
        };
  try {
    const response = await fetch(path, signal === undefined ? call : { ...call, signal });
    const answer = /** @type {unknown} */ (await response.json());
    if (asked !== null) unanswered.delete(asked);
    if (response.ok) return { value: /** @type {T} */ (answer) };
    const { title, hint } = /** @type {Partial<Problem>} */ (answer);
    return {
      problem: {
        title: title ?? "That did not work",
        hint: hint ?? `The server answered ${response.status}.`,
      },
    };
  } catch {
    return {
      problem: {
        title: "Gatehouse does not answer",
        hint: "Is it still running? Nothing was sent; try again.",
      },
    };
  }
}
