-- Titles by their words, for whoever is typing (decision 0060). The texts themselves stay in task_texts.
CREATE VIRTUAL TABLE title_index USING fts5 (title, content = 'task_texts', content_rowid = 'task_id', columnsize = 0,
  tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3 4');

-- Up to which task the index reaches. A job takes new titles in by hundreds, so that adding a task costs nothing more; what
-- lies beyond is few, and is looked through as it stands.
CREATE TABLE title_index_reach (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_to INTEGER NOT NULL CHECK (indexed_to >= 0)
) STRICT;
INSERT INTO title_index_reach (id, indexed_to) VALUES (1, 0);

CREATE TRIGGER title_index_insert AFTER INSERT ON task_texts
WHEN NEW.task_id <= (SELECT indexed_to FROM title_index_reach)
BEGIN INSERT INTO title_index (rowid, title) VALUES (NEW.task_id, NEW.title); END;

CREATE TRIGGER title_index_update AFTER UPDATE OF title ON task_texts
WHEN NEW.title <> OLD.title AND NEW.task_id <= (SELECT indexed_to FROM title_index_reach)
BEGIN
  INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', OLD.task_id, OLD.title);
  INSERT INTO title_index (rowid, title) VALUES (NEW.task_id, NEW.title);
END;

CREATE TRIGGER title_index_delete AFTER DELETE ON task_texts
WHEN OLD.task_id <= (SELECT indexed_to FROM title_index_reach)
BEGIN INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', OLD.task_id, OLD.title); END;

-- All proofs of a task, beside the index of the current ones: without it each look at one task's history walks every proof.
CREATE INDEX proofs_superseded ON proofs (task_id) WHERE superseded = 1;
