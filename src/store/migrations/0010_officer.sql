-- The index of acts. Conventions as in 0001.

-- By what acts are searched: the words that stand in clear in the entry, and the company of who acted. What
-- the act is about beyond its object follows from the tables of deposits, releases and programmes.
CREATE TABLE act_index (
    seq     INTEGER PRIMARY KEY REFERENCES outbox (seq),
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    object  TEXT NOT NULL,
    party   TEXT
) STRICT;
CREATE INDEX act_by_object ON act_index (object, seq);
CREATE INDEX act_by_party ON act_index (party, seq);
CREATE INDEX act_by_time ON act_index (at, seq);

-- The acts of before.
INSERT INTO act_index (seq, kind, at, object, party)
SELECT outbox.seq, entry ->> '$.type', CAST(strftime('%s', entry ->> '$.ts') AS INTEGER), entry ->> '$.object', party_id
FROM (SELECT seq, CAST(entry AS TEXT) AS entry FROM outbox) AS outbox
LEFT JOIN detail USING (seq)
LEFT JOIN credential ON credential.actor_id = detail.actor;

-- When a programme was closed at the end of the service: it takes nothing more and nothing is counted.
ALTER TABLE programme ADD COLUMN closed_at INTEGER;

-- What an erasure is of, beside a deposit and persons: everything of a party in the programme
-- (`party_id`), or the whole programme (`whole`).
ALTER TABLE erasure ADD COLUMN party_id TEXT REFERENCES party (id);
ALTER TABLE erasure ADD COLUMN whole INTEGER NOT NULL DEFAULT 0 CHECK (whole IN (0, 1));
