-- People who work in a browser. Conventions as in 0001. A person is a credential without an API key: its
-- role and company stand in `credential`, where it is revoked too. The only personal data are the name that
-- whoever invited the person wrote, and the times of its sign-ins.

-- `handle`: 16 random bytes by which a passkey knows whose it is; it names nobody.
CREATE TABLE person (
    actor_id    TEXT PRIMARY KEY REFERENCES credential (actor_id),
    name        TEXT NOT NULL,
    handle      BLOB NOT NULL UNIQUE CHECK (length(handle) = 16),
    created_at  INTEGER NOT NULL
) STRICT;

-- A link that lets one person make a passkey. The secret is never here, only its labelled digest.
CREATE TABLE invitation (
    hash        BLOB PRIMARY KEY CHECK (length(hash) = 32),
    actor_id    TEXT NOT NULL REFERENCES person (actor_id),
    invited_by  TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;

-- A passkey: its public key, and how often it has signed as it says itself, so that a copy is found.
CREATE TABLE passkey (
    credential  BLOB PRIMARY KEY,
    actor_id    TEXT NOT NULL REFERENCES person (actor_id),
    key         BLOB NOT NULL,
    counter     INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_by_person ON passkey (actor_id);

-- Who is signed in. The secret of the cookie is never here, only its labelled digest.
CREATE TABLE session (
    hash        BLOB PRIMARY KEY CHECK (length(hash) = 32),
    actor_id    TEXT NOT NULL REFERENCES person (actor_id),
    seen_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_person ON session (actor_id);

-- Sign-ins, shown to the person and to its company; the last hundred of each person stay.
CREATE TABLE sign_in (
    actor_id  TEXT NOT NULL REFERENCES person (actor_id),
    at        INTEGER NOT NULL,
    how       TEXT NOT NULL CHECK (how IN ('passkey', 'link'))
) STRICT;
CREATE INDEX sign_in_by_person ON sign_in (actor_id, at);
