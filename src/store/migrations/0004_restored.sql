-- What a restored backup has lost and the ledger knows. Conventions as in 0001.

-- Who witnesses the ledger, as the text of the policy: a start that names nobody keeps it.
ALTER TABLE certifier ADD COLUMN witnesses TEXT;

-- Accounts with debits that stand in the ledger and whose releases are lost: `spent_nrho` as the last of
-- these debits says. The row of the account itself may be lost as well; its id follows from group and
-- month. Never deleted: which units the lost releases counted is lost too, so that the year of the
-- account stays closed.
CREATE TABLE restored_account (
    id          TEXT PRIMARY KEY,
    spent_nrho  INTEGER NOT NULL CHECK (spent_nrho > 0)
) STRICT;
