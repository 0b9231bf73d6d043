/**
 * @typedef {{ title: string, hint: string }} Problem
 */

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
  /** @type {RequestInit} */
  const call =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const response = await fetch(path, signal === undefined ? call : { ...call, signal });
    const answer = /** @type {unknown} */ (await response.json());
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
