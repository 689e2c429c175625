-- Exchanges of records between two parties. Conventions as in 0001. Nothing here is of a person: records
-- are sealed to their recipient and lie outside the database, decisions beside them.

-- `document`: the agreement as its proposer signed it. `handed_at`: when records first passed.
CREATE TABLE exchange (
    id           TEXT PRIMARY KEY,
    proposer_id  TEXT NOT NULL REFERENCES party (id),
    other_id     TEXT NOT NULL REFERENCES party (id),
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'approved', 'ended', 'closed')),
    document     BLOB NOT NULL,
    proposed_at  INTEGER NOT NULL,
    handed_at    INTEGER,
    entry        INTEGER NOT NULL
) STRICT;
CREATE INDEX exchange_by_proposer ON exchange (proposer_id);
CREATE INDEX exchange_by_other ON exchange (other_id);

-- What was said about an agreement, signed; each thing once by each party.
CREATE TABLE exchange_act (
    exchange_id  TEXT NOT NULL REFERENCES exchange (id),
    party_id     TEXT NOT NULL REFERENCES party (id),
    says         TEXT NOT NULL,
    document     BLOB NOT NULL,
    at           INTEGER NOT NULL,
    entry        INTEGER NOT NULL,
    PRIMARY KEY (exchange_id, party_id, says)
) STRICT;
CREATE TRIGGER exchange_act_is_written_once BEFORE UPDATE ON exchange_act
BEGIN
    SELECT RAISE(ABORT, 'what was said stays said');
END;

-- Batches of sealed records. `statement`: signed by the sender. `hand_over`: the document to which entry
-- `entry` commits under `salt`. `secret`: the salts of the decisions come from it. `inform_by`: last day
-- of the recipient's duty to inform.
CREATE TABLE exchange_batch (
    id            TEXT PRIMARY KEY,
    exchange_id   TEXT NOT NULL REFERENCES exchange (id),
    sender_id     TEXT NOT NULL REFERENCES party (id),
    recipient_id  TEXT NOT NULL REFERENCES party (id),
    state         TEXT NOT NULL CHECK (state IN
                  ('open', 'received', 'handed_over', 'withheld', 'fetched', 'refused')),
    statement     BLOB NOT NULL,
    opened_at     INTEGER NOT NULL,
    hand_over     BLOB,
    handed_at     INTEGER,
    lots          INTEGER,
    entry         INTEGER,
    salt          BLOB CHECK (length(salt) = 32),
    secret        BLOB CHECK (length(secret) = 32),
    inform_by     TEXT,
    informed_at   INTEGER
) STRICT;
CREATE INDEX exchange_batch_by_exchange ON exchange_batch (exchange_id);

-- The value that a party stated for what it gave, without tax, in cents.
CREATE TABLE exchange_value (
    exchange_id  TEXT NOT NULL REFERENCES exchange (id),
    party_id     TEXT NOT NULL REFERENCES party (id),
    cents        INTEGER NOT NULL CHECK (cents > 0),
    at           INTEGER NOT NULL,
    PRIMARY KEY (exchange_id, party_id)
) STRICT;

-- Invoices, each in the series of its seller. Numbers follow one another; none is changed or deleted.
CREATE TABLE invoice (
    party_id     TEXT NOT NULL REFERENCES party (id),
    series       TEXT NOT NULL,
    number       INTEGER NOT NULL CHECK (number >= 1),
    name         TEXT NOT NULL,
    exchange_id  TEXT NOT NULL REFERENCES exchange (id),
    facts        BLOB NOT NULL,
    ubl          BLOB NOT NULL,
    cii          BLOB NOT NULL,
    PRIMARY KEY (party_id, series, number),
    UNIQUE (exchange_id, party_id)
) STRICT;
CREATE TRIGGER invoice_without_gap BEFORE INSERT ON invoice
WHEN NEW.number <> 1 + coalesce(
    (SELECT max(number) FROM invoice WHERE party_id = NEW.party_id AND series = NEW.series), 0)
BEGIN
    SELECT RAISE(ABORT, 'numbers of a series follow one another');
END;
CREATE TRIGGER invoice_is_written_once BEFORE UPDATE ON invoice
BEGIN
    SELECT RAISE(ABORT, 'an invoice is corrected by a credit note, never changed');
END;
CREATE TRIGGER invoice_stays BEFORE DELETE ON invoice
BEGIN
    SELECT RAISE(ABORT, 'an invoice is never deleted');
END;
