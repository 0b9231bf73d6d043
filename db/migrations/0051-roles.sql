-- Who may do what in a chat, by the platform's own ids: of a person, or of a group of people.

CREATE TABLE role_grants (
  platform TEXT NOT NULL CHECK (platform <> ''),
  sort TEXT NOT NULL CHECK (sort IN ('person', 'group')),
  subject TEXT NOT NULL CHECK (subject <> ''),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  granted_by TEXT NOT NULL,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY (platform, sort, subject)
) STRICT, WITHOUT ROWID;
