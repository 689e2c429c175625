-- Webhooks: where companies want their notices told, and what is sent there. Conventions as in 0001.

-- An address of a company. `kinds`: words with a blank between, empty for all. `generation`: number of the key that
-- signs, which follows from the keyring and is not here; the one before signs as well until `previous_until`.
-- `failing_since`: the first failure after the last message that was accepted. `disabled_at`: nothing is told since.
CREATE TABLE webhook (
    id              TEXT PRIMARY KEY,
    party_id        TEXT NOT NULL REFERENCES party (id),
    url             TEXT NOT NULL,
    kinds           TEXT NOT NULL,
    generation      INTEGER NOT NULL CHECK (generation >= 1),
    previous_until  INTEGER,
    created_at      INTEGER NOT NULL,
    failing_since   INTEGER,
    disabled_at     INTEGER
) STRICT;
CREATE INDEX webhook_by_party ON webhook (party_id);

-- A message, written in the transaction of its notice and sent until it is accepted or given up. `payload`: its body,
-- the same at every attempt. `due_at`: the next attempt. `last_fault`: a stable word for what went wrong.
CREATE TABLE webhook_delivery (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    webhook_id   TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL,
    notice_id    TEXT,
    payload      BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,
    last_at      INTEGER,
    last_status  INTEGER,
    last_fault   TEXT,
    CHECK ((state = 'pending') = (due_at IS NOT NULL))
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, number);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (last_at) WHERE due_at IS NULL;
