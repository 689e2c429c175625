-- The journal, and the index by which officers search acts. Conventions as in 0001.

-- How a file of the journal stood when it was last looked at. `head`: digest of its last whole line.
-- `sealed`: it is closed, and the ledger has committed to its end.
CREATE TABLE journal_file (
    name    TEXT PRIMARY KEY,
    lines   INTEGER NOT NULL CHECK (lines >= 0),
    bytes   INTEGER NOT NULL CHECK (bytes >= 0),
    head    BLOB NOT NULL CHECK (length(head) = 32),
    sealed  INTEGER NOT NULL CHECK (sealed IN (0, 1))
) STRICT;

-- Alterations of the journal that were told, so that each is told once.
CREATE TABLE journal_alert (
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    found_at  INTEGER NOT NULL,
    PRIMARY KEY (name, kind)
) STRICT;

-- By what acts are searched: the words that stand in clear in the entry, and the company of who acted. What
-- the act is about beyond its object follows from the tables of deposits, releases and programmes.
CREATE TABLE act_index (
    seq     INTEGER PRIMARY KEY REFERENCES outbox (seq),
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    object  TEXT NOT NULL,
    party   TEXT
) STRICT;
CREATE INDEX act_by_object ON act_index (object, seq);
CREATE INDEX act_by_party ON act_index (party, seq);
CREATE INDEX act_by_time ON act_index (at, seq);
