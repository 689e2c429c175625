-- Terms of invoices, of exchanges and of proofs of consent. Conventions as in 0001.

-- The numbers of each series of invoices: the last one given, and up to which one the invoices have gone to
-- the archive. It outlives its invoices, so that no number is ever used twice or left out.
CREATE TABLE invoice_series (
    party_id  TEXT NOT NULL REFERENCES party (id),
    series    TEXT NOT NULL,
    last      INTEGER NOT NULL CHECK (last >= 1),
    archived  INTEGER NOT NULL DEFAULT 0 CHECK (archived BETWEEN 0 AND last),
    PRIMARY KEY (party_id, series)
) STRICT, WITHOUT ROWID;
INSERT INTO invoice_series (party_id, series, last)
SELECT party_id, series, max(number) FROM invoice GROUP BY party_id, series;
CREATE TRIGGER invoice_series_only_grows BEFORE UPDATE ON invoice_series
WHEN NEW.last < OLD.last OR NEW.archived < OLD.archived
    OR NEW.party_id <> OLD.party_id OR NEW.series <> OLD.series
BEGIN
    SELECT RAISE(ABORT, 'a number that was given stays given');
END;
CREATE TRIGGER invoice_series_stays BEFORE DELETE ON invoice_series
BEGIN
    SELECT RAISE(ABORT, 'a number that was given stays given');
END;

DROP TRIGGER invoice_without_gap;
CREATE TRIGGER invoice_without_gap BEFORE INSERT ON invoice
WHEN NEW.number <> 1 + coalesce(
    (SELECT last FROM invoice_series WHERE party_id = NEW.party_id AND series = NEW.series), 0)
BEGIN
    SELECT RAISE(ABORT, 'numbers of a series follow one another');
END;
CREATE TRIGGER invoice_is_counted AFTER INSERT ON invoice
BEGIN
    INSERT INTO invoice_series (party_id, series, last) VALUES (NEW.party_id, NEW.series, NEW.number)
    ON CONFLICT (party_id, series) DO UPDATE SET last = excluded.last;
END;
DROP TRIGGER invoice_stays;
CREATE TRIGGER invoice_stays BEFORE DELETE ON invoice
WHEN OLD.number > coalesce(
    (SELECT archived FROM invoice_series WHERE party_id = OLD.party_id AND series = OLD.series), 0)
BEGIN
    SELECT RAISE(ABORT, 'an invoice goes to the archive, in the order of its series, and nowhere else');
END;

-- The last numbers of batches of events and of oppositions: the ids of records follow from them, so that
-- none is used again when its batch is gone.
CREATE TABLE batch_number (
    name  TEXT PRIMARY KEY CHECK (name IN ('consent', 'opposition')),
    last  INTEGER NOT NULL CHECK (last >= 0)
) STRICT;
INSERT INTO batch_number SELECT 'consent', coalesce(max(number), 0) FROM consent_batch;
INSERT INTO batch_number SELECT 'opposition', coalesce(max(number), 0) FROM opposition_batch;
CREATE TRIGGER consent_batch_is_counted AFTER INSERT ON consent_batch
BEGIN
    UPDATE batch_number SET last = NEW.number WHERE name = 'consent';
END;
CREATE TRIGGER opposition_batch_is_counted AFTER INSERT ON opposition_batch
BEGIN
    UPDATE batch_number SET last = NEW.number WHERE name = 'opposition';
END;
CREATE TRIGGER batch_number_only_grows BEFORE UPDATE ON batch_number WHEN NEW.last <= OLD.last
BEGIN
    SELECT RAISE(ABORT, 'a number that was given stays given');
END;

-- What decisions go on reading of choices that are over, once their proofs have gone to the archive: the rows
-- that `consent_event` had. A no counts for as long as its proof is kept, and goes with it: `until` is the last
-- day.
CREATE TABLE consent_end (
    token   BLOB NOT NULL CHECK (length(token) = 16),
    number  INTEGER NOT NULL,
    form    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    flags   INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 31),
    until   TEXT NOT NULL,
    PRIMARY KEY (token, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_end_by_day ON consent_end (until);

-- Since when a company does not use a contact, so that this ends as well.
ALTER TABLE rights_fact ADD COLUMN restricted_at INTEGER;
