-- First schema. Times are seconds since 1970 in UTC, days are ISO texts, ids are the texts of
-- `tiers_protocol::ids`. No column holds a contact, a token as a party sent it, or a count that comes
-- from a match, except `release.noisy`, which holds values after the noise. Tokens at rest stand in
-- `canary` and `admission` only.

-- One row: which keyring belongs to this data directory.
CREATE TABLE certifier (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    origin      TEXT NOT NULL,
    keyring_id  TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- A company. `group_id` ties related principals together: they share privacy accounts.
CREATE TABLE party (
    id           TEXT PRIMARY KEY,
    role         TEXT NOT NULL CHECK (role IN ('partner', 'principal')),
    siren        TEXT NOT NULL,
    name         TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    keys         TEXT NOT NULL,
    fingerprint  TEXT NOT NULL UNIQUE,
    enrolled_at  INTEGER NOT NULL
) STRICT;

-- Who may call the API. The secret itself is never here, only its labelled digest.
CREATE TABLE credential (
    actor_id    TEXT PRIMARY KEY,
    role        TEXT NOT NULL CHECK (role IN ('partner', 'principal', 'officer', 'operator')),
    party_id    TEXT REFERENCES party (id),
    key_hash    BLOB NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;

-- `arrivals` counts accepted deposits: the snapshot number where the policy's tick is "at once".
CREATE TABLE programme (
    id             TEXT PRIMARY KEY,
    principal_id   TEXT NOT NULL REFERENCES party (id),
    document       BLOB NOT NULL,
    registered_at  INTEGER NOT NULL,
    arrivals       INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Canary tokens of a programme, re-keyed like every other token.
CREATE TABLE canary (
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    position      INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    token         BLOB NOT NULL,
    PRIMARY KEY (programme_id, position, kind, token)
) STRICT;

-- A partner in a programme. `wrapped_key` is ciphertext that only the partner can open.
CREATE TABLE membership (
    programme_id   TEXT NOT NULL REFERENCES programme (id),
    party_id       TEXT NOT NULL REFERENCES party (id),
    declared_size  INTEGER NOT NULL,
    joined_at      INTEGER NOT NULL,
    wrapped_key    BLOB,
    PRIMARY KEY (programme_id, party_id)
) STRICT;

-- An officer's standing approval of releases under one policy.
CREATE TABLE approval (
    programme_id   TEXT NOT NULL REFERENCES programme (id),
    policy_sha256  TEXT NOT NULL,
    actor_id       TEXT NOT NULL REFERENCES credential (actor_id),
    approved_at    INTEGER NOT NULL,
    PRIMARY KEY (programme_id, policy_sha256)
) STRICT;

-- A deposit from its manifest on. `snapshot` is the first one that contains it; `salt` opens the
-- commitment of its ledger entry; `receipt` appears once the ledger has published the entry.
CREATE TABLE deposit (
    id            TEXT PRIMARY KEY,
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    party_id      TEXT NOT NULL REFERENCES party (id),
    kind          TEXT NOT NULL CHECK (kind IN ('leads', 'sales', 'customers')),
    state         TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused')),
    manifest      BLOB NOT NULL,
    retain_until  TEXT NOT NULL,
    opened_at     INTEGER NOT NULL,
    refusal       TEXT,
    snapshot      INTEGER,
    document      BLOB,
    entry         INTEGER,
    salt          BLOB,
    receipt       BLOB
) STRICT;
CREATE INDEX deposit_by_programme ON deposit (programme_id, kind, state);

-- A privacy account: one principal group and one month of sales, whole nano-rho.
CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    group_id    TEXT NOT NULL,
    month       TEXT NOT NULL,
    cap_nrho    INTEGER NOT NULL CHECK (cap_nrho >= 0),
    spent_nrho  INTEGER NOT NULL CHECK (spent_nrho BETWEEN 0 AND cap_nrho),
    UNIQUE (group_id, month)
) STRICT;

-- An answer and what it cost, in one row: there is no answer without a debit.
CREATE TABLE release (
    id               TEXT PRIMARY KEY,
    programme_id     TEXT NOT NULL REFERENCES programme (id),
    question_sha256  TEXT NOT NULL,
    account_id       TEXT NOT NULL REFERENCES account (id),
    period           TEXT NOT NULL,
    snapshot         INTEGER NOT NULL,
    cost_nrho        INTEGER NOT NULL CHECK (cost_nrho > 0),
    report           BLOB NOT NULL,
    noisy            BLOB NOT NULL,
    document         BLOB NOT NULL,
    entry            INTEGER NOT NULL,
    salt             BLOB NOT NULL,
    released_at      INTEGER NOT NULL,
    certificate      BLOB,
    UNIQUE (programme_id, question_sha256)
) STRICT;

-- In which months of a year a unit (the rows that share their first key) has been counted, so that
-- it is counted in no more than the policy allows, whatever arrives later. Personal data: `token` is
-- the unit's key at rest, re-keyed like those of the segments, and a rotation takes it through every
-- added link as it takes theirs. It outlives the deposits and the releases that wrote it, because
-- forgetting a month would reopen what was spent on it; it goes with its programme.
-- `kind`: which key. `year`: calendar year of the sales. `months`: bit n is month n + 1.
CREATE TABLE admission (
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    kind          TEXT NOT NULL,
    token         BLOB NOT NULL CHECK (length(token) = 16),
    year          INTEGER NOT NULL,
    months        INTEGER NOT NULL CHECK (months BETWEEN 1 AND 4095),
    PRIMARY KEY (programme_id, kind, token, year)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER admission_only_grows BEFORE UPDATE ON admission
WHEN (OLD.months & ~NEW.months) != 0
BEGIN
    SELECT RAISE(ABORT, 'a month that has counted a unit is not forgotten');
END;

-- Ledger entries in the order of their commit: `seq` - 1 is the index in the log. Written in the
-- transaction of the act itself, so that no act is without an entry and no entry without an act.
CREATE TABLE outbox (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    entry  BLOB NOT NULL
) STRICT;

-- What an entry commits to, the salt, and who did it (the entry names a pseudonym under the salt):
-- erasable without touching the log.
CREATE TABLE detail (
    seq     INTEGER PRIMARY KEY REFERENCES outbox (seq),
    salt    BLOB NOT NULL,
    actor   TEXT NOT NULL,
    detail  BLOB NOT NULL
) STRICT;

-- One row: the last signed checkpoint. It is compared and swapped before a tile is written.
CREATE TABLE ledger_head (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    checkpoint  BLOB NOT NULL
) STRICT;
