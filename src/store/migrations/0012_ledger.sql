-- How witnesses fare. Conventions as in 0001.

-- A witness of the policy in force: since when it is named, and when it cosigned last, noted once a minute.
CREATE TABLE witness (
    name         TEXT PRIMARY KEY,
    named_at     INTEGER NOT NULL,
    cosigned_at  INTEGER
) STRICT;
