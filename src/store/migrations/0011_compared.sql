-- With whom a partner agrees to be compared: a pair of partners is compared if both name each other.
-- A JSON array of ids of parties; declarations that were made before agree to nobody.
ALTER TABLE declaration ADD COLUMN compared_with BLOB NOT NULL DEFAULT X'5B5D';
