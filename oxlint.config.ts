import type { OxlintConfig } from "oxlint";
import { boundaries } from "./tools/lint/boundaries.ts";

// A rule is an error or it is off: nobody reads warnings.
export default {
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "node"],
  jsPlugins: ["./tools/lint/house.ts"],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: [
    "node_modules/**",
    "dist/**",
    "coverage/**",
    "data/**",
    "test-results/**",
    "**/fixtures/**",
  ],
  rules: {
    // A forgotten await is a write nobody waits for: drizzle's queries run only when awaited, hence thenables.
    "typescript/no-floating-promises": ["error", { checkThenables: true }],
    "typescript/no-misused-promises": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    // Each status, notice and refusal is handled by name, so that a new one cannot be forgotten anywhere.
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: false }],
    // What comes from outside is unknown until it was parsed; `any` would switch every other check off.
    "typescript/no-unsafe-argument": "error",
    "typescript/no-unsafe-assignment": "error",
    "typescript/no-unsafe-call": "error",
    "typescript/no-unsafe-member-access": "error",
    "typescript/no-unsafe-return": "error",
    "typescript/no-deprecated": "error",
    "typescript/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
    "typescript/no-require-imports": "error",
    "typescript/ban-ts-comment": ["error", { "ts-expect-error": "allow-with-description" }],
    "typescript/prefer-ts-expect-error": "error",
    "eslint/array-callback-return": "error",
    // `== null` is the one way to ask for both null and undefined.
    "eslint/eqeqeq": ["error", "always", { null: "ignore" }],
    "eslint/no-self-compare": "error",
    "eslint/no-var": "error",
    "eslint/object-shorthand": "error",
    "eslint/prefer-const": "error",
    "eslint/no-empty": "error",
    "unicorn/no-abusive-eslint-disable": "error",
    "unicorn/throw-new-error": "error",
    "unicorn/no-useless-promise-resolve-reject": "error",
    // A cycle, of types too, is two concepts that have not been told apart.
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-duplicates": "error",
    "import/no-mutable-exports": "error",
    "import/no-default-export": "error",
    // An import names its file: a computed path would step over every boundary unseen.
    "import/no-dynamic-require": ["error", { esmodule: true }],
    "promise/no-multiple-resolved": "error",

    // Off: branded ids and rows are made by an assertion in one place each.
    "typescript/no-unsafe-type-assertion": "off",
    // Off: TypeScript's noImplicitReturns says it with fewer false alarms.
    "typescript/consistent-return": "off",
    // Off: a small function beside its only use reads better than one moved out of sight.
    "unicorn/consistent-function-scoping": "off",
    // Off: stylesheets, side effects and registrations are imported for what they do.
    "import/no-unassigned-import": "off",
    "eslint/no-underscore-dangle": "off",
    // Off: `async` with `.then` inside is rare here, and the rule mistakes it for callbacks.
    "promise/always-return": "off",
    // Off: it means a browser's windows; here `postMessage` is a thread's port's, or a method of Slack.
    "unicorn/require-post-message-target-origin": "off",
  },
  overrides: [
    {
      files: ["src/**", "adapters/**", "db/**", "bench/**", "tools/**"],
      rules: {
        // A bigger file or function is a sign that a concept has no name yet.
        "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
        "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      },
    },
    {
      // Logs go through the logger, answers through a door; a stray print would corrupt the MCP door's stdio.
      files: ["src/**", "adapters/**", "db/**"],
      rules: { "no-console": "error" },
    },
    {
      files: ["test/**"],
      plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
      rules: {
        // A test reads what a program answered; parsing every answer into a type would hide what it asserts.
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-call": "off",
        "typescript/no-unsafe-member-access": "off",
        "typescript/no-unsafe-return": "off",
        "typescript/switch-exhaustiveness-check": "off",
        "eslint/no-shadow": "off",
        "vitest/no-focused-tests": "error",
      },
    },
    {
      // Plain JavaScript has no types to be safe with.
      files: ["**/*.mjs"],
      rules: {
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-call": "off",
        "typescript/no-unsafe-member-access": "off",
        "typescript/no-unsafe-return": "off",
      },
    },
    // Tools find their settings by the default export.
    { files: ["*.ts", "tools/lint/house.ts"], rules: { "import/no-default-export": "off" } },
    ...boundaries,
  ],
} satisfies OxlintConfig;
