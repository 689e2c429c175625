-- How witnesses fare, and acts about persons that wait for their tick. Conventions as in 0001.

-- A witness of the policy in force: since when it is named, and when it cosigned last, noted once a minute.
CREATE TABLE witness (
    name         TEXT PRIMARY KEY,
    named_at     INTEGER NOT NULL,
    cosigned_at  INTEGER
) STRICT;

-- What persons did, before and after the tick that enters it into the ledger: one leaf each, of `document`
-- under `salt`. `entry`: index of the tick's entry, `place`: the place of the leaf in its tree.
CREATE TABLE tick_leaf (
    number    INTEGER PRIMARY KEY,
    day       INTEGER NOT NULL,
    document  BLOB NOT NULL,
    salt      BLOB NOT NULL CHECK (length(salt) = 32),
    entry     INTEGER,
    place     INTEGER,
    CHECK ((entry IS NULL) = (place IS NULL))
) STRICT;
CREATE UNIQUE INDEX tick_leaf_in_its_tree ON tick_leaf (entry, place);

-- The ticks that were closed, by the day (days since 1970) that began with them.
CREATE TABLE tick (
    day    INTEGER PRIMARY KEY,
    entry  INTEGER NOT NULL
) STRICT;

-- A batch has an entry of its own, or a leaf of a tick.
ALTER TABLE consent_batch ADD COLUMN leaf INTEGER REFERENCES tick_leaf (number);
ALTER TABLE consent_batch ADD COLUMN own_entry INTEGER;
UPDATE consent_batch SET own_entry = entry;
ALTER TABLE consent_batch DROP COLUMN entry;
ALTER TABLE consent_batch RENAME COLUMN own_entry TO entry;
ALTER TABLE opposition_batch ADD COLUMN leaf INTEGER REFERENCES tick_leaf (number);
ALTER TABLE opposition_batch ADD COLUMN own_entry INTEGER;
UPDATE opposition_batch SET own_entry = entry;
ALTER TABLE opposition_batch DROP COLUMN entry;
ALTER TABLE opposition_batch RENAME COLUMN own_entry TO entry;
