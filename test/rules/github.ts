// What the rules of GitHub's four kinds share: the world they change, and the rules of which page and which repository.
import { AFTER, type World } from "../proof/support/world.ts";
import { inFile, relinks, type Spoil, wants } from "./rule.ts";

const repository = inFile("github/repository.ts");
const link = inFile("github/link.ts");
export const api = inFile("github/api.ts");

export const AT = Date.parse(AFTER);
export const repo = (change: (repo: World["repo"]) => unknown): Spoil => {
  return (_, world) => change(world.repo);
};
export const put = <T>(list: T[], change: Partial<T>) => {
  const [head] = list;
  if (head !== undefined) list[0] = { ...head, ...change };
};
export const pull = (change: Partial<World["repo"]["pulls"][number]>) =>
  repo(({ pulls }) => put(pulls, change));
export const check = (change: Partial<World["repo"]["checks"][number]>) =>
  repo(({ checks: all_ }) => put(all_, change));
export const released = (change: Partial<World["repo"]["releases"][number]>) =>
  repo(({ releases }) => put(releases, change));
export const asset = (change: object) =>
  repo(({ releases }) => {
    const [one] = releases[0]?.assets ?? [];
    if (one !== undefined) put(releases, { assets: [{ ...one, ...change }] });
  });

/** The rules all four kinds share: which repository, and which of its pages. */
const page = [
  link("url.href !== uri || !github.web.includes(url.origin)", "false"),
  link("!/^https?:\\/\\/[^\\s\\\\@?#]+$/.test(uri)", "false"),
];
const samePage: readonly Spoil[] = [
  relinks("https://github.com", "https://github.example"),
  relinks("https://github.com", "https://github.com.example.com"),
  relinks("https://github.com", "https://gist.github.com"),
  relinks("https://github.com", "HTTPS://github.com"),
  relinks("https://", "https://ada@"),
  relinks(/$/, "?"),
  relinks(/$/, "#"),
  relinks(/$/, "?tab=1"),
  relinks("/acme/", "/./acme/"),
];
export const shared = (says: RegExp) =>
  [
    ["the plain page, on GitHub's own host", says, page, ...samePage],
    [
      "the policy's repository",
      says,
      [link("if (!url.pathname.startsWith(prefix)) return null;")],
      ...["acme/clop", "Acme/clip", "acme/Clip", "acmf/clip", "acme/cli2"].map((name) =>
        relinks("acme/clip", name),
      ),
    ],
    [
      "a repository that has not moved",
      /has moved/,
      [api('request: { redirect: "manual" },')],
      ...[301, 302, 307, 308].map(
        (status): Spoil =>
          (_, { github }) => {
            const headers = { location: `${github.url}/repos/acme/clip` };
            github.troubles.push({ path: /^\/repos\/acme\/clip$/, status, headers, times: 1 });
          },
      ),
    ],
    [
      "the repository's number",
      /names 471[02]/,
      [repository("wanted.repoId !== undefined && found.id !== wanted.repoId", "false")],
      wants({ repoId: 4712 }),
      wants({ repoId: 4710 }),
    ],
    [
      "the repository's name",
      /is called/,
      [repository("if (found.full_name !== wanted.repo)", "if (false)")],
      ...["acme/clip2", "Acme/clip", "other/clip"].map((name) =>
        repo((one) => {
          one.calledName = name;
        }),
      ),
    ],
  ] as const;
export const CONTAINED = repository(
  'if (found.status === "behind" || found.status === "identical") return null;',
  "return null;",
);

/** As if what GitHub does not know were contained as well. */
export const COMPARED = repository(
  'if (isVerdict(found)) return found;\n  if (found.status === "behind" || found.status === "identical") return null;',
  "return null;",
);
