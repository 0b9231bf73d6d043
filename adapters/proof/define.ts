import { z } from "zod";
import type { Json } from "../../src/core/json.ts";
import type { Requirement, Verdict } from "../../src/core/proof.ts";
import type { ProofUnderTest, RequirementFault, Verifier } from "../../src/ports/verifier.ts";

export type Seen = { readonly [field: string]: Json };

/** The only way to pass names what was seen, so that a verdict without evidence cannot be written. */
export function passed(reason: string, evidence: string, seen: Seen = {}): Verdict {
  return { verdict: "passed", reason, evidence, seen };
}

export function failed(reason: string, seen: Seen = {}): Verdict {
  return { verdict: "failed", reason, seen };
}

export function inconclusive(reason: string, seen: Seen = {}, retryAfterMs?: number): Verdict {
  return { verdict: "inconclusive", reason, seen, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A verdict where there was nothing to read, so that a step can answer its value or why there is none. */
export function isVerdict(value: object): value is Verdict {
  return "verdict" in value && "reason" in value;
}

/** What a kind says about itself; `defineVerifier` does what all kinds do alike. */
export interface Definition<Fields extends z.ZodRawShape> {
  readonly kind: string;
  readonly fields: Fields;
  /** As in the port. It is enough where one of two kinds names the other. */
  readonly beside?: readonly string[];
  matches(wanted: Wanted<Fields>, uri: string): boolean;
  verify(wanted: Wanted<Fields>, proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict>;
}

/** A requirement in its kind's own shape. */
export type Wanted<Fields extends z.ZodRawShape> = z.infer<z.ZodObject<Fields, z.core.$strict>> & {
  readonly name: string;
};

/** Links are short; what is longer is an attack on whatever reads it. */
const MAX_URI_LENGTH = 4096;

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const key of path) {
    if (here === null || typeof here !== "object") return undefined;
    here = (here as Record<PropertyKey, unknown>)[key];
  }
  return here;
}

/** The first fault of each field: the others usually follow from it. */
function faultsOf(error: z.ZodError, requirement: Requirement): RequirementFault[] {
  const faults = error.issues.flatMap((issue) => {
    const field = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        field: field === "" ? key : `${field}.${key}`,
        expected: "no such field",
        got: at(requirement, [...issue.path, key]),
      }));
    }
    return [{ field, expected: issue.message, got: at(requirement, issue.path) }];
  });
  return faults.filter((fault, index) => faults.findIndex(({ field }) => field === fault.field) === index);
}

/**
 * A verifier from its kind, its fields and its rule. What all kinds share is here once: fields are strict, a
 * requirement that does not fit can never pass, a check called off says so, and nothing a rule throws gets out.
 */
export function defineVerifier<Fields extends z.ZodRawShape>(definition: Definition<Fields>): Verifier {
  const { kind } = definition;
  const schema = z.strictObject({
    name: z.string().min(1),
    kind: z.literal(kind),
    // The same evidence may prove other tasks as well; settled where verdicts are, alike for all kinds.
    reuse: z.boolean().optional(),
    ...definition.fields,
  });
  const read = (requirement: Requirement) => {
    const result = schema.safeParse(requirement);
    return result.success ? (result.data as unknown as Wanted<Fields>) : result.error;
  };
  return {
    kind,
    beside: definition.beside ?? [],
    check(requirement) {
      const wanted = read(requirement);
      return wanted instanceof z.ZodError ? faultsOf(wanted, requirement) : [];
    },
    matches(requirement, uri) {
      const wanted = read(requirement);
      if (wanted instanceof z.ZodError || uri.length > MAX_URI_LENGTH) return false;
      return definition.matches(wanted, uri);
    },
    async verify(proof, signal) {
      const wanted = read(proof.requirement);
      if (wanted instanceof z.ZodError) {
        const fields = faultsOf(wanted, proof.requirement).map((fault) => fault.field || "kind");
        return failed(`The requirement itself does not fit kind ${kind}: ${fields.join(", ")}.`);
      }
      if (proof.uri.length > MAX_URI_LENGTH) return failed(`A link is at most ${MAX_URI_LENGTH} long.`);
      if (signal.aborted) return inconclusive("The check was called off before it began.");
      try {
        return await definition.verify(wanted, proof, signal);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return inconclusive(`The check of kind ${kind} broke: ${why}`);
      }
    },
  };
}

/** SHA-256 as it is written everywhere here: 64 lower-case hexadecimal digits. */
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");
