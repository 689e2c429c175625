-- Alerts of unusual use. Conventions as in 0001. One a sign, account and day; it stays open until a person says
-- what it was. `actor_id`: the account, NULL for whoever has none. `times`: in the hour before. `entry`: of the
-- finding.
CREATE TABLE alert (
    id         TEXT PRIMARY KEY,
    sign       TEXT NOT NULL,
    actor_id   TEXT REFERENCES credential (actor_id),
    day        TEXT NOT NULL,
    found_at   INTEGER NOT NULL,
    times      INTEGER NOT NULL CHECK (times >= 1),
    entry      INTEGER NOT NULL,
    closed_at  INTEGER,
    closed_by  TEXT REFERENCES credential (actor_id),
    finding    TEXT,
    CHECK ((closed_at IS NULL) = (finding IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX alert_once_a_day ON alert (sign, coalesce(actor_id, ''), day);
