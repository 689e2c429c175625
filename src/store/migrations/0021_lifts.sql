-- Lifts: experiments in which chance says who is treated. Conventions as in 0001. `commitment`: to the seed, which is
-- made from the keyring and stands nowhere in the database. `frozen`: the leads and the round of the beacon that
-- decides; `drawn`: what came of it. Each is said once.
CREATE TABLE lift (
    number            INTEGER PRIMARY KEY,
    id                TEXT NOT NULL UNIQUE,
    programme_id      TEXT NOT NULL REFERENCES programme (id),
    ordinal           INTEGER NOT NULL CHECK (ordinal >= 1),
    treated_permille  INTEGER NOT NULL CHECK (treated_permille BETWEEN 1 AND 999),
    commitment        BLOB NOT NULL CHECK (length(commitment) = 32),
    made_at           INTEGER NOT NULL,
    entry             INTEGER NOT NULL,
    frozen            BLOB,
    frozen_entry      INTEGER,
    drawn             BLOB,
    drawn_entry       INTEGER,
    UNIQUE (programme_id, ordinal),
    CHECK ((frozen IS NULL) = (frozen_entry IS NULL)),
    CHECK ((drawn IS NULL) = (drawn_entry IS NULL)),
    CHECK (drawn IS NULL OR frozen IS NOT NULL)
) STRICT;
CREATE TRIGGER lift_is_said_once BEFORE UPDATE ON lift
WHEN (OLD.id, OLD.programme_id, OLD.ordinal, OLD.treated_permille, OLD.commitment, OLD.made_at, OLD.entry)
    IS NOT (NEW.id, NEW.programme_id, NEW.ordinal, NEW.treated_permille, NEW.commitment, NEW.made_at, NEW.entry)
    OR (OLD.frozen IS NOT NULL AND OLD.frozen IS NOT NEW.frozen)
    OR (OLD.drawn IS NOT NULL AND OLD.drawn IS NOT NEW.drawn)
BEGIN
    SELECT RAISE(ABORT, 'a lift is drawn once and never again');
END;

-- The arms of the rows of one deposit, two bits a row, by ordinal; they go with the deposit.
CREATE TABLE lift_arm (
    lift        INTEGER NOT NULL REFERENCES lift (number),
    deposit_id  TEXT NOT NULL REFERENCES deposit (id),
    arms        BLOB NOT NULL,
    PRIMARY KEY (lift, deposit_id)
) STRICT;
CREATE INDEX lift_arm_of_deposit ON lift_arm (deposit_id);
