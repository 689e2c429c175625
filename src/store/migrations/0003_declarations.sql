-- What partners declare of themselves in a programme, and what they agree to. The newest row counts; the
-- earlier ones stay, because releases were made under them.
CREATE TABLE declaration (
    programme_id TEXT NOT NULL,
    party_id TEXT NOT NULL,
    -- 1 for a partner's first declaration in a programme, then one more each time
    number INTEGER NOT NULL CHECK (number > 0),
    -- sales a year
    declared_size INTEGER NOT NULL CHECK (declared_size BETWEEN 0 AND 4294967295),
    -- one of the policy's areas, or empty
    region TEXT NOT NULL,
    -- 1: may stand by its name in reports
    named INTEGER NOT NULL CHECK (named IN (0, 1)),
    -- 1: agrees to exact totals, without protection
    exact INTEGER NOT NULL CHECK (exact IN (0, 1)),
    -- seconds since 1970
    declared_at INTEGER NOT NULL,
    PRIMARY KEY (programme_id, party_id, number),
    FOREIGN KEY (programme_id, party_id) REFERENCES membership (programme_id, party_id)
) STRICT;

CREATE TRIGGER declaration_stays BEFORE UPDATE ON declaration
BEGIN SELECT RAISE(ABORT, 'a declaration is never changed'); END;

CREATE TRIGGER declaration_is_kept BEFORE DELETE ON declaration
BEGIN SELECT RAISE(ABORT, 'a declaration is never deleted'); END;
