-- What chat platforms hand over, kept before it is acknowledged, so that nothing they were thanked for is lost.

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  platform TEXT NOT NULL CHECK (platform <> ''),
  -- The platform's own id of what happened: handed over again, it is not taken again.
  event TEXT NOT NULL CHECK (event <> ''),
  -- What must be handled in order: of one thread one at a time. NULL: nothing waits for it.
  thread TEXT,
  -- As it came. Gone once it was handled, since it may hold an address that answers for minutes.
  payload TEXT CHECK (payload IS NULL OR json_valid(payload)),
  received_at INTEGER NOT NULL,
  -- NULL: handled, or given up with an error.
  due_at INTEGER,
  lease_until INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  UNIQUE (platform, event),
  CHECK (due_at IS NULL OR payload IS NOT NULL)
) STRICT;
CREATE INDEX inbox_due ON inbox (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX inbox_waiting ON inbox (platform, thread, id) WHERE due_at IS NOT NULL AND thread IS NOT NULL;
CREATE INDEX inbox_over ON inbox (received_at) WHERE due_at IS NULL;
