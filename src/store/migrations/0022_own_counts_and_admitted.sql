-- Partners' own counts. Conventions as in 0001. Each partner is told once of a month of leads, from an account of the
-- leads, whose `month` is written `leads/YYYY-MM`. `noisy`: the figure with its noise, which the document may hide.
CREATE TABLE own_count (
    id            TEXT PRIMARY KEY,
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    party_id      TEXT NOT NULL REFERENCES party (id),
    month         TEXT NOT NULL,
    account_id    TEXT NOT NULL REFERENCES account (id),
    snapshot      INTEGER NOT NULL,
    cost_nrho     INTEGER NOT NULL CHECK (cost_nrho > 0),
    noisy         INTEGER NOT NULL,
    document      BLOB NOT NULL,
    entry         INTEGER NOT NULL,
    salt          BLOB NOT NULL,
    released_at   INTEGER NOT NULL,
    attested      BLOB,
    UNIQUE (programme_id, party_id, month)
) STRICT;
CREATE TRIGGER own_count_is_told_once BEFORE UPDATE ON own_count
WHEN (OLD.id, OLD.programme_id, OLD.party_id, OLD.month, OLD.account_id, OLD.cost_nrho, OLD.noisy, OLD.document, OLD.entry, OLD.salt)
    IS NOT (NEW.id, NEW.programme_id, NEW.party_id, NEW.month, NEW.account_id, NEW.cost_nrho, NEW.noisy, NEW.document, NEW.entry, NEW.salt)
    OR (OLD.attested IS NOT NULL AND OLD.attested IS NOT NEW.attested)
BEGIN
    SELECT RAISE(ABORT, 'an own count is told once and never changed');
END;

-- Files of units that some months have admitted, which lie in the folder `admitted` under their id: each of its units was
-- counted in each of these months. A file that is not here does not count. The rows of `admission`, of one unit each, are
-- from before there were files; none is written any more.
CREATE TABLE admitted_file (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    programme_id  TEXT NOT NULL REFERENCES programme (id),
    year          INTEGER NOT NULL,
    months        INTEGER NOT NULL CHECK (months BETWEEN 1 AND 4095),
    units         INTEGER NOT NULL CHECK (units >= 0)
) STRICT;
CREATE INDEX admitted_file_of_programme ON admitted_file (programme_id, year);
