-- The intermediate archive, a file of its own. `object`: a word of the retention policy. `document`: all that is
-- kept of it, as JSON. No row without a last day.
CREATE TABLE IF NOT EXISTS archived (
    object       TEXT NOT NULL,
    id           TEXT NOT NULL,
    programme    TEXT,
    document     TEXT NOT NULL,
    archived_on  TEXT NOT NULL,
    kept_until   TEXT NOT NULL,
    PRIMARY KEY (object, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS what_is_archived_stays_as_it_is BEFORE UPDATE ON archived
BEGIN
    SELECT RAISE(ABORT, 'what is archived is not changed');
END;

-- Whom a thing is about: under the keys of the rights vault, not the token at rest.
-- `form`: the form of the choice.
CREATE TABLE IF NOT EXISTS archived_person (
    person  BLOB NOT NULL CHECK (length(person) = 16),
    form    TEXT NOT NULL,
    object  TEXT NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (person, object, id),
    FOREIGN KEY (object, id) REFERENCES archived (object, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS archived_person_by_thing ON archived_person (object, id);
CREATE INDEX IF NOT EXISTS archived_by_day ON archived (kept_until);
