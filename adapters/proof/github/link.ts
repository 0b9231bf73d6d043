import type { GitHub } from "./api.ts";

/** What a link to GitHub's pages names. Only the plain forms: what a person copies from the address bar. */
export type GitHubLink =
  | { readonly what: "pull"; readonly number: number }
  | { readonly what: "commit"; readonly sha: string }
  | { readonly what: "run"; readonly id: number }
  | { readonly what: "release"; readonly tag: string };

/** The link's meaning within the policy's repository, or null where it means another one or nothing. */
export function readLink(github: GitHub, uri: string, repo: string): GitHubLink | null {
  // An empty query or fragment leaves no trace in the parsed URL, so these are looked for in the text.
  if (!URL.canParse(uri) || !/^https?:\/\/[^\s\\@?#]+$/.test(uri)) return null;
  const url = new URL(uri);
  if (url.href !== uri || !github.web.includes(url.origin)) return null;
  const prefix = `/${repo}/`;
  if (!url.pathname.startsWith(prefix)) return null;
  const rest = url.pathname.slice(prefix.length);
  const number = (pattern: RegExp) => Number(pattern.exec(rest)?.[1] ?? 0);
  const pull = number(/^pull\/([1-9]\d{0,9})$/);
  if (pull > 0) return { what: "pull", number: pull };
  const run = number(/^actions\/runs\/([1-9]\d{0,14})$/);
  if (run > 0) return { what: "run", id: run };
  // The whole SHA: a prefix may come to mean another commit.
  const commit = /^commit\/([0-9a-f]{40})$/.exec(rest)?.[1];
  if (commit !== undefined) return { what: "commit", sha: commit };
  const tag = tagOf(rest);
  return tag === null ? null : { what: "release", tag };
}

function tagOf(rest: string): string | null {
  const written = /^releases\/tag\/(.{1,600})$/.exec(rest)?.[1];
  if (written === undefined) return null;
  let tag: string;
  try {
    tag = decodeURIComponent(written);
  } catch {
    return null;
  }
  const plain = !/[\s~^:?*[\\\p{C}]|\.\.|\/\/|^\/|\/$/u.test(tag);
  return plain ? tag : null;
}
