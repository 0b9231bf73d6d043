import { fetchRulesOf } from "./attacks.ts";
import { addressRows } from "./fetched-addresses.ts";
import { capRows } from "./fetched-caps.ts";
import { hopRows } from "./fetched-hops.ts";
import { nameRows } from "./fetched-names.ts";

/** Every rule of the guarded fetcher. */
export const fetchRules = fetchRulesOf([...nameRows, ...addressRows, ...hopRows, ...capRows]);
