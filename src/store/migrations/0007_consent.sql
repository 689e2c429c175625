-- Consent, opposition and the requests of persons. Conventions as in 0001. `token` is a rights token at
-- rest: re-keyed with the chain of the rights vault, which no programme knows. Events and oppositions
-- come in batches; the number of an event is that of its batch times 2^20 plus its place in it, and the
-- id of its record follows from that under the rights keys.

-- A form is written once: another text or another recipient is another form.
CREATE TABLE consent_form (
    number        INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    party_id      TEXT NOT NULL REFERENCES party (id),
    document      BLOB NOT NULL,
    published_at  INTEGER NOT NULL,
    entry         INTEGER NOT NULL,
    salt          BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;
CREATE TRIGGER consent_form_is_written_once BEFORE UPDATE ON consent_form
BEGIN
    SELECT RAISE(ABORT, 'a form is replaced by another, never changed');
END;

-- Events that came together on one form. `prefix`: the first bytes of their records' ids. `digest`: keyed,
-- of what was sent, so that the same events are recorded once. `evidence`: acts, tokens at rest and evidence
-- of all of them, packed and sealed under a key of the rights vault. `salt`: of the entry's commitment.
CREATE TABLE consent_batch (
    number       INTEGER PRIMARY KEY,
    form         INTEGER NOT NULL REFERENCES consent_form (number),
    prefix       BLOB NOT NULL UNIQUE CHECK (length(prefix) = 12),
    digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
    events       INTEGER NOT NULL CHECK (events >= 1),
    evidence     BLOB NOT NULL,
    recorded_at  INTEGER NOT NULL,
    entry        INTEGER NOT NULL,
    salt         BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;

-- What decisions read: one row for each token of each event, in the order of tokens. `flags`: the state
-- (3 bits), whether there is evidence, whether it holds for all recipients.
CREATE TABLE consent_event (
    token   BLOB NOT NULL CHECK (length(token) = 16),
    number  INTEGER NOT NULL,
    form    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    flags   INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 31),
    PRIMARY KEY (token, number)
) STRICT, WITHOUT ROWID;

-- Oppositions that came together. `along`: SIREN of the chain, NULL for everywhere. `channel`: NULL for
-- all. `origin`: a person, or a list such as Bloctel, of which `source` names the certificate.
CREATE TABLE opposition_batch (
    number       INTEGER PRIMARY KEY,
    party_id     TEXT REFERENCES party (id),
    prefix       BLOB NOT NULL UNIQUE CHECK (length(prefix) = 12),
    digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
    along        TEXT,
    channel      TEXT,
    origin       TEXT NOT NULL CHECK (origin IN ('person', 'list')),
    source       TEXT NOT NULL,
    until        INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    entry        INTEGER NOT NULL,
    salt         BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;

-- The oppositions themselves. No erasure reaches this table: it is what keeps a person from being
-- addressed again.
CREATE TABLE opposition (
    token   BLOB NOT NULL CHECK (length(token) = 16),
    number  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (token, number)
) STRICT, WITHOUT ROWID;

-- What a company has said of a person beside events: when it told the person that the contact is handed on,
-- whom it has the contact from, when the person was last heard of, whether it is restricted.
CREATE TABLE rights_fact (
    token         BLOB NOT NULL CHECK (length(token) = 16),
    siren         TEXT NOT NULL,
    informed_at   INTEGER,
    collected_by  TEXT,
    last_contact  INTEGER,
    restricted    INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1)),
    PRIMARY KEY (token, siren)
) STRICT, WITHOUT ROWID;

-- Collectors that could not prove what they had collected. Nothing of theirs permits anything.
CREATE TABLE supplier_suspension (
    siren         TEXT PRIMARY KEY,
    suspended_at  INTEGER NOT NULL
) STRICT;

-- What a party is told and acknowledges: choices that ended, requests of persons. `document`: ids of
-- records only, never a token. `due_at`: when it is escalated to the officer.
CREATE TABLE notice (
    number           INTEGER PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    party_id         TEXT NOT NULL REFERENCES party (id),
    kind             TEXT NOT NULL,
    document         BLOB NOT NULL,
    created_at       INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    acknowledged_at  INTEGER,
    escalated_at     INTEGER
) STRICT;
CREATE INDEX notice_by_party ON notice (party_id, number);
CREATE INDEX notice_that_waits ON notice (due_at)
    WHERE acknowledged_at IS NULL AND escalated_at IS NULL;

-- Requests of persons: what for, through whom, since when, and what became of it. Nothing says whose.
CREATE TABLE person_request (
    id                TEXT PRIMARY KEY,
    kind              TEXT NOT NULL,
    party_id          TEXT REFERENCES party (id),
    received_at       INTEGER NOT NULL,
    extended_at       INTEGER,
    extended_because  TEXT,
    outcome           TEXT,
    entry             INTEGER NOT NULL,
    CHECK ((extended_at IS NULL) = (extended_because IS NULL))
) STRICT;
