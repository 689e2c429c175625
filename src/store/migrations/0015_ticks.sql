-- What a leaf of a tick opens, apart from the leaf, so that it can be erased; accesses whose key has to be
-- changed. Conventions as in 0001.

-- What opens a leaf: of `kind`, `document` under `salt`. Of an act about a person also who did it, on what, when,
-- and its `detail`. The row goes with what it names; then the leaf keeps its hash and nothing else.
CREATE TABLE tick_opening (
    number    INTEGER PRIMARY KEY REFERENCES tick_leaf (number),
    kind      TEXT NOT NULL,
    document  BLOB NOT NULL,
    salt      BLOB NOT NULL CHECK (length(salt) = 32),
    at        INTEGER,
    object    TEXT,
    party     TEXT,
    actor     TEXT,
    detail    BLOB,
    CHECK ((object IS NULL) = (detail IS NULL))
) STRICT;
CREATE INDEX tick_opening_by_object ON tick_opening (object);
CREATE INDEX tick_opening_by_actor ON tick_opening (actor, at);
INSERT INTO tick_opening (number, kind, document, salt)
SELECT number,
       CASE WHEN number IN (SELECT leaf FROM consent_batch) THEN 'consent.withdrawn' ELSE 'person.objected' END,
       document, salt FROM tick_leaf;
-- The hash of a leaf whose opening is gone: the proofs of its neighbours need it.
ALTER TABLE tick_leaf ADD COLUMN hash BLOB CHECK (length(hash) = 32);
ALTER TABLE tick_leaf DROP COLUMN document;
ALTER TABLE tick_leaf DROP COLUMN salt;
CREATE INDEX tick_leaf_that_waits ON tick_leaf (day) WHERE entry IS NULL;

-- A request: `leaf` of its last step, and when that was.
ALTER TABLE person_request ADD COLUMN leaf INTEGER REFERENCES tick_leaf (number);
ALTER TABLE person_request ADD COLUMN stepped_at INTEGER;
UPDATE person_request SET stepped_at = (SELECT at FROM act_index WHERE seq = entry + 1);
ALTER TABLE person_request DROP COLUMN entry;

-- Since when the key of an access has to be changed, and why: until then it does nothing else.
ALTER TABLE credential ADD COLUMN change_since INTEGER;
ALTER TABLE credential ADD COLUMN change_because TEXT
    CHECK (change_because IN ('compromised', 'left', 'wanted'));
