-- What is known of the journal, which itself is files apart. Conventions as in 0001.

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
