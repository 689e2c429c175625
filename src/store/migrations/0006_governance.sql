-- Records of governance. Conventions as in 0001. A record is written once; a newer version stands
-- beside it, and the newest one counts. `programme_id`: NULL for what concerns the certifier or a
-- company as a whole. `subject`: whom or what it is about (a party, a breach), empty for the
-- programme itself. `entry` and `salt`: the act in the ledger. `kept_until`: from the retention policy
-- when it is written, counted as if it were replaced at once; a record that counts outlives it.
CREATE TABLE governance (
    kind          TEXT NOT NULL,
    programme_id  TEXT REFERENCES programme (id),
    subject       TEXT NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1),
    document      BLOB NOT NULL,
    actor_id      TEXT NOT NULL,
    recorded_at   INTEGER NOT NULL,
    kept_until    TEXT NOT NULL,
    entry         INTEGER NOT NULL,
    salt          BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;
CREATE UNIQUE INDEX governance_by_subject
    ON governance (kind, coalesce(programme_id, ''), subject, version);
CREATE TRIGGER governance_is_written_once BEFORE UPDATE ON governance
BEGIN
    SELECT RAISE(ABORT, 'a record of governance is replaced, never changed');
END;
