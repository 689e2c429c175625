-- Generations of segments, the keys of the vault, erasure. Conventions as in 0001. Beside `canary`
-- and `admission`, tokens at rest stand in `erasure_token` until the erasure is done, and in
-- `admission_rekeyed` inside one transaction only.

-- How many links of the vault chain every token at rest has passed.
ALTER TABLE certifier ADD COLUMN links INTEGER NOT NULL DEFAULT 1 CHECK (links >= 1);

-- The keys that the data needs, by values derived from them: a keyring without one of them is an old
-- or a foreign copy. `used_for`: a link of the chain, or a master of segments.
CREATE TABLE vault_key (
    used_for  TEXT NOT NULL CHECK (used_for IN ('chain', 'disk')),
    number    INTEGER NOT NULL CHECK (number >= 1),
    value     BLOB NOT NULL CHECK (length(value) = 16),
    PRIMARY KEY (used_for, number)
) STRICT;

-- A deposit as in 0001, which may also be erased: then the row is what its receipt rests on.
-- `generation`: which folder holds its segments; 0 is the one of its arrival. `disk_key`: number of
-- the master that they are under. `prepared`, `prepared_key`, `prepared_links`: a generation that has
-- passed a longer chain and waits for the others. `gone_from`: the first snapshot without it.
CREATE TABLE deposit_next (
    id              TEXT PRIMARY KEY,
    programme_id    TEXT NOT NULL REFERENCES programme (id),
    party_id        TEXT NOT NULL REFERENCES party (id),
    kind            TEXT NOT NULL CHECK (kind IN ('leads', 'sales', 'customers')),
    state           TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused', 'erased')),
    manifest        BLOB NOT NULL,
    retain_until    TEXT NOT NULL,
    opened_at       INTEGER NOT NULL,
    refusal         TEXT,
    snapshot        INTEGER,
    document        BLOB,
    entry           INTEGER,
    salt            BLOB,
    receipt         BLOB,
    generation      INTEGER NOT NULL DEFAULT 0 CHECK (generation >= 0),
    disk_key        INTEGER NOT NULL DEFAULT 1,
    prepared        INTEGER CHECK (prepared > generation),
    prepared_key    INTEGER,
    prepared_links  INTEGER,
    gone_from       INTEGER,
    CHECK ((prepared IS NULL) = (prepared_key IS NULL)),
    CHECK ((prepared IS NULL) = (prepared_links IS NULL))
) STRICT;
INSERT INTO deposit_next (id, programme_id, party_id, kind, state, manifest, retain_until, opened_at,
                          refusal, snapshot, document, entry, salt, receipt)
SELECT id, programme_id, party_id, kind, state, manifest, retain_until, opened_at,
       refusal, snapshot, document, entry, salt, receipt FROM deposit;
DROP TABLE deposit;
ALTER TABLE deposit_next RENAME TO deposit;
CREATE INDEX deposit_by_programme ON deposit (programme_id, kind, state);

-- An erasure that was ordered and waits for its tick: of one deposit, or, without one, of the rows of
-- persons whose tokens stand in `erasure_token`. `due`: the first snapshot without them. The row goes
-- when the erasure is done; that it was ordered and done stands in the ledger.
CREATE TABLE erasure (
    id            TEXT PRIMARY KEY,
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    deposit_id    TEXT REFERENCES deposit (id),
    due           INTEGER NOT NULL
) STRICT;
CREATE TABLE erasure_token (
    erasure_id  TEXT NOT NULL REFERENCES erasure (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    token       BLOB NOT NULL CHECK (length(token) = 16),
    PRIMARY KEY (erasure_id, kind, token)
) STRICT, WITHOUT ROWID;

-- The leaves of the tree whose root an entry `erasure.executed` commits to: whoever ordered an erasure
-- can be shown his own, with the path to the root, and nobody else's.
CREATE TABLE erasure_leaf (
    seq         INTEGER NOT NULL REFERENCES outbox (seq),
    place       INTEGER NOT NULL,
    erasure_id  TEXT NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 32),
    PRIMARY KEY (seq, place)
) STRICT;

-- Where `admission` is taken through an added link, in the transaction that puts the link in force.
CREATE TABLE admission_rekeyed (
    programme_id  TEXT NOT NULL,
    kind          TEXT NOT NULL,
    token         BLOB NOT NULL CHECK (length(token) = 16),
    year          INTEGER NOT NULL,
    months        INTEGER NOT NULL,
    PRIMARY KEY (programme_id, kind, token, year)
) STRICT, WITHOUT ROWID;
