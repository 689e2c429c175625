-- The number of the last transaction whose rows about persons are kept beside the database until a backup has
-- them. Conventions as in 0001.
CREATE TABLE said (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    last  INTEGER NOT NULL CHECK (last >= 0)
) STRICT;
INSERT INTO said VALUES (1, 0);
