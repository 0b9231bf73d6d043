-- What a task of a lane or an epic must show where nobody said it for the task itself.
CREATE TABLE policies (
  id INTEGER PRIMARY KEY,
  lane_id INTEGER UNIQUE REFERENCES lanes(id),
  epic_id INTEGER UNIQUE REFERENCES epics(id),
  template TEXT NOT NULL CHECK (template <> ''),
  -- What the template's placeholders were filled with.
  given TEXT NOT NULL CHECK (json_valid(given)),
  requirements TEXT NOT NULL CHECK (json_valid(requirements) AND json_array_length(requirements) > 0),
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  CHECK ((lane_id IS NULL) <> (epic_id IS NULL))
) STRICT;
