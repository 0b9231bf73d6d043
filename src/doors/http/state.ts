import type { Call } from "./call.ts";

export const stateCalls: readonly Call[] = [];
