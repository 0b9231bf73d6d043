import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allVerifiers } from "../../adapters/proof/all.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/proof.md"), "utf8");
const verifiers = allVerifiers({
  root,
  fetcher: guardedFetcher({ origins: [] }),
  approvals: () => Promise.resolve([]),
  chatMessages: { recognises: () => false, find: () => Promise.resolve(null) },
});

/** `### kind`, and the fields its first line names. */
const kinds = [...page.matchAll(/^### (\S+)\nFields: ([^.]+)\./gm)].map(([, kind = "", fields = ""]) => ({
  kind,
  fields: [...fields.matchAll(/`([^`]+)`/g)].map(([, field = ""]) => field),
}));
const rules = [...page.matchAll(/^\| (.+?) \| `(test\/[^`]+)` \| (.+) \|$/gm)].map(
  ([, rule = "", file = "", name = ""]) => ({ rule, file, name }),
);

describe("docs/proof.md", () => {
  test("tells every kind there is, and no other", () => {
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(verifiers.map(({ kind }) => kind).toSorted());
  });

  test.each(kinds)(
    "names fields that $kind knows, and a policy with another is refused",
    ({ kind, fields }) => {
      const verifier = verifiers.find((one) => one.kind === kind);
      const unknown = (field: string) =>
        verifier
          ?.check({ name: "it", kind, [field]: null })
          .some((fault) => fault.field === field && fault.expected === "no such field");
      expect(fields.filter((field) => unknown(field) !== false)).toEqual([]);
      expect(unknown("surely-not")).toBe(true);
    },
  );

  test("has a test for each rule against cheating", () => {
    expect(rules.length).toBeGreaterThanOrEqual(30);
    const tests = new Map<string, string>();
    const missing = rules.filter(({ file, name }) => {
      const text = tests.get(file) ?? readFileSync(join(root, file), "utf8");
      tests.set(file, text);
      const quoted = JSON.stringify(name);
      return !new RegExp(
        `(?:test|it|describe|linked)\\S*\\(\\s*${escaped(quoted)}|\\]\\)\\(\\s*${escaped(quoted)}`,
      ).test(text);
    });
    expect(missing).toEqual([]);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
