// TEST FIXTURE. What libsql-server learns from a statement's text before it runs it: where each statement ends,
// whether it is allowed at all, whether it writes, and which parameters it has. The lists follow
// libsql-server/src/query_analysis.rs. The driver used here runs only the first of several statements and does
// not tell a parameter's name, so both are read from the text.
import { SqlFailure } from "./protocol.ts";

export interface Statement {
  sql: string;
  /** `end` is COMMIT or a full ROLLBACK. */
  kind: "begin" | "end" | "plain" | "explain";
  /** It may need SQLite's write lock, so it queues for the server's own first. */
  writes: boolean;
  /** INSERT, UPDATE or DELETE: only these report a row count. */
  changesRows: boolean;
  /** Only an INSERT reports a last row id. */
  inserts: boolean;
  /** One entry for each parameter index from 1 on; null for a plain `?` and for an index never mentioned. */
  parameters: (string | null)[];
}

interface Token {
  text: string;
  /** A keyword or bare name in capitals; empty for everything else. */
  word: string;
  parameter: boolean;
  start: number;
  end: number;
}

const TOKEN = new RegExp(
  [
    /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]/,
    /(?<parameter>\?\d*|[:@$][\w\u0080-\uffff]+)/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /\d[\w.]*|[\s\S]/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

function tokens(sql: string): Token[] {
  const found: Token[] = [];
  for (const match of sql.matchAll(TOKEN)) {
    if (match.groups?.["space"] !== undefined) continue;
    const text = match[0];
    found.push({
      text,
      word: match.groups?.["word"]?.toUpperCase() ?? "",
      parameter: match.groups?.["parameter"] !== undefined,
      start: match.index,
      end: match.index + text.length,
    });
  }
  return found;
}

/** A trigger's body holds semicolons of its own; it ends at `; END ;`, the rule sqlite3_complete() uses. */
function isTrigger(words: Token[]): boolean {
  const rest = words
    .map((token) => token.word)
    .filter((word) => !["EXPLAIN", "TEMP", "TEMPORARY"].includes(word));
  return rest[0] === "CREATE" && rest[1] === "TRIGGER";
}

function split(sql: string): Token[][] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  for (const token of tokens(sql)) {
    const endsHere =
      token.text === ";" &&
      (!isTrigger(current.slice(0, 4)) || (current.at(-1)?.word === "END" && current.at(-2)?.text === ";"));
    if (endsHere) {
      if (current.length > 0) statements.push(current);
      current = [];
    } else {
      current.push(token);
    }
  }
  if (current.length > 0) statements.push(current);
  return statements;
}

const READ_PRAGMAS = new Set(
  (
    "table_list index_list table_info table_xinfo index_xinfo pragma_list compile_options database_list " +
    "function_list module_list encoding"
  ).split(" "),
);
const WRITE_PRAGMAS = new Set(
  (
    "defer_foreign_keys foreign_keys foreign_key_list foreign_key_check collation_list data_version " +
    "freelist_count integrity_check legacy_file_format page_count quick_check stats user_version"
  ).split(" "),
);
/** Allowed only when they ask; refused when they set. */
const ASKING_PRAGMAS = new Set(
  (
    "analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill " +
    "cell_size_check checkpoint_fullfsync fullfsync hard_heap_limit journal_mode journal_size_limit " +
    "legacy_alter_table locking_mode max_page_count mmap_size page_size query_only read_uncommitted " +
    "recursive_triggers reverse_unordered_selects schema_version secure_delete soft_heap_limit synchronous " +
    "temp_store threads trusted_schema wal_autocheckpoint"
  ).split(" "),
);

type Manner = Pick<Statement, "kind" | "writes" | "changesRows" | "inserts">;
const READS: Manner = { kind: "plain", writes: false, changesRows: false, inserts: false };
const ALTERS: Manner = { ...READS, writes: true };

function pragmaManner(words: Token[]): Manner | undefined {
  const named = words[2]?.text === "." ? 3 : 1;
  const name = words[named]?.text.toLowerCase() ?? "";
  const sets = words.length > named + 1;
  if (READ_PRAGMAS.has(name)) return READS;
  if (WRITE_PRAGMAS.has(name)) return sets ? ALTERS : READS;
  return ASKING_PRAGMAS.has(name) && !sets ? READS : undefined;
}

/** The verb of a statement that begins with WITH stands outside every pair of parentheses. */
function verbAfterWith(words: Token[]): string {
  let depth = 0;
  for (const token of words.slice(1)) {
    if (token.text === "(") depth += 1;
    else if (token.text === ")") depth -= 1;
    else if (depth === 0 && /^(SELECT|VALUES|INSERT|REPLACE|UPDATE|DELETE)$/.test(token.word))
      return token.word;
  }
  return "";
}

/** Undefined for what the server does not support: temporary things, ATTACH, VACUUM, ANALYZE, most PRAGMAs. */
function manner(words: Token[]): Manner | undefined {
  const first = words[0]?.word;
  const second = words[1]?.word ?? "";
  switch (first === "WITH" ? verbAfterWith(words) : first) {
    case "EXPLAIN":
      return { ...READS, kind: "explain" };
    case "BEGIN":
      return { ...READS, kind: "begin", writes: second === "IMMEDIATE" || second === "EXCLUSIVE" };
    case "COMMIT":
    case "END":
      return { ...READS, kind: "end" };
    case "ROLLBACK":
      return words.some((token) => token.word === "TO") ? READS : { ...READS, kind: "end" };
    case "SAVEPOINT":
    case "RELEASE":
    case "SELECT":
    case "VALUES":
      return READS;
    case "INSERT":
    case "REPLACE":
      return { ...ALTERS, changesRows: true, inserts: true };
    case "UPDATE":
    case "DELETE":
      return { ...ALTERS, changesRows: true };
    case "CREATE":
      return /^(TABLE|VIEW|INDEX|UNIQUE|TRIGGER|VIRTUAL)$/.test(second) ? ALTERS : undefined;
    case "DROP":
    case "ALTER":
      return ALTERS;
    case "PRAGMA":
      return pragmaManner(words);
    default:
      return undefined;
  }
}

/** Numbers parameters as SQLite does: `?` takes the next index, `?N` its own, a name one index for all its uses. */
function parametersOf(words: Token[]): (string | null)[] {
  const parameters: (string | null)[] = [];
  for (const { text } of words.filter((token) => token.parameter)) {
    if (text === "?") {
      parameters.push(null);
    } else if (text.startsWith("?")) {
      const index = Number(text.slice(1));
      while (parameters.length < index) parameters.push(null);
      parameters[index - 1] = text;
    } else if (!parameters.includes(text)) {
      parameters.push(text);
    }
  }
  return parameters;
}

/** Every statement of the text; throws SQL_PARSE_ERROR at the first one that the server does not support. */
export function parseStatements(sql: string): Statement[] {
  return split(sql).map((words) => {
    const text = sql.slice(words[0]?.start, words.at(-1)?.end);
    const known = manner(words);
    if (known === undefined) {
      throw new SqlFailure(
        "SQL_PARSE_ERROR",
        `SQL string could not be parsed: unsupported statement: ${text}`,
      );
    }
    return { sql: text, ...known, parameters: parametersOf(words) };
  });
}

/** For `execute` and each step of a batch, which take exactly one statement. */
export function parseOneStatement(sql: string): Statement {
  const [statement, ...more] = parseStatements(sql);
  if (statement === undefined) {
    throw new SqlFailure("SQL_NO_STATEMENT", "SQL string does not contain any statement");
  }
  if (more.length > 0) {
    throw new SqlFailure("SQL_MANY_STATEMENTS", "SQL string contains more than one statement");
  }
  return statement;
}
