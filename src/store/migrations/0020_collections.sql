-- Public pages of forms, and what persons sent from them. Conventions as in 0001. `document`: every word of the page
-- and the key to which contacts are sealed; `digest` names it. A page is closed once and never opened again.
CREATE TABLE collection (
    number        INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    party_id      TEXT NOT NULL REFERENCES party (id),
    document      BLOB NOT NULL,
    quota         INTEGER NOT NULL CHECK (quota BETWEEN 1 AND 10000),
    opened_at     INTEGER NOT NULL,
    entry         INTEGER NOT NULL,
    closed_at     INTEGER,
    closed_entry  INTEGER,
    successor     TEXT,
    CHECK ((closed_at IS NULL) = (closed_entry IS NULL))
) STRICT;
CREATE INDEX collection_of_party ON collection (party_id);
CREATE TRIGGER collection_says_one_thing BEFORE UPDATE ON collection
WHEN (OLD.id, OLD.party_id, OLD.document, OLD.quota, OLD.opened_at, OLD.entry)
    IS NOT (NEW.id, NEW.party_id, NEW.document, NEW.quota, NEW.opened_at, NEW.entry)
BEGIN
    SELECT RAISE(ABORT, 'a page is replaced by another, never changed');
END;

-- One row for each id that was ever sent to a page, so that it is taken once. `sealed`: to the party, until the party
-- has it or its term is over; nothing here opens it. `digest`: of those bytes, to know them again.
CREATE TABLE submission (
    number       INTEGER PRIMARY KEY,
    collection   INTEGER NOT NULL REFERENCES collection (number),
    id           TEXT NOT NULL,
    digest       BLOB NOT NULL CHECK (length(digest) = 32),
    sealed       BLOB,
    received_at  INTEGER NOT NULL,
    UNIQUE (collection, id)
) STRICT;
CREATE INDEX submission_by_arrival ON submission (collection, received_at);
CREATE INDEX submission_waiting ON submission (collection, number) WHERE sealed IS NOT NULL;
