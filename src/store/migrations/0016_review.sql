-- The review of a batch before it is handed over, and three states for it. Conventions as in 0001. SQLite
-- changes no CHECK, so the table of batches is made again with what it holds.
CREATE TABLE exchange_batch_with_review (
    id            TEXT PRIMARY KEY,
    exchange_id   TEXT NOT NULL REFERENCES exchange (id),
    sender_id     TEXT NOT NULL REFERENCES party (id),
    recipient_id  TEXT NOT NULL REFERENCES party (id),
    state         TEXT NOT NULL CHECK (state IN
                  ('open', 'received', 'sampled', 'reviewed', 'blocked', 'handed_over', 'withheld',
                   'fetched', 'refused')),
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
INSERT INTO exchange_batch_with_review
    SELECT id, exchange_id, sender_id, recipient_id, state, statement, opened_at, hand_over, handed_at, lots,
           entry, salt, secret, inform_by, informed_at
    FROM exchange_batch;
DROP TABLE exchange_batch;
ALTER TABLE exchange_batch_with_review RENAME TO exchange_batch;
CREATE INDEX exchange_batch_by_exchange ON exchange_batch (exchange_id);

-- What was drawn from a batch, and what its recipient's officer said of it. `drawn`: the document to which
-- entry `entry` commits. `eligible`: a bit for each position, the first one the highest of its byte, set where the record might pass when
-- the sample was drawn. `review`: the verdict as the officer signed it. No proof is kept here.
CREATE TABLE exchange_sample (
    batch_id    TEXT PRIMARY KEY REFERENCES exchange_batch (id),
    drawn       BLOB NOT NULL,
    eligible    BLOB NOT NULL,
    drawn_at    INTEGER NOT NULL,
    entry       INTEGER NOT NULL,
    review      BLOB,
    given_at    INTEGER,
    CHECK ((review IS NULL) = (given_at IS NULL))
) STRICT;
CREATE TRIGGER exchange_sample_is_drawn_once BEFORE UPDATE OF drawn, eligible, drawn_at ON exchange_sample
BEGIN
    SELECT RAISE(ABORT, 'a sample is drawn once');
END;
CREATE TRIGGER exchange_review_is_given_once BEFORE UPDATE ON exchange_sample WHEN OLD.review IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a verdict is given once');
END;
