/**
 * Begins a statement that takes rows, as a JSON array of arrays in ?1: each is `j.value`. Kept as a table, because SQLite
 * would write a row out as text anew for every cell that is read of it: for the events of changes a quarter of all they cost.
 */
export const ROWS = "WITH j AS MATERIALIZED (SELECT value FROM json_each(?1))";
