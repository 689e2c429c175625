-- Requests that the certifier passed on to controllers, doubts about who asks, and invoices that a platform has.
-- Conventions as in 0001. A request that was passed on is one of the controller's own (`party_id`), with the day on
-- which the person asked; `passed_from`: the request at the certifier, whose outcome is `passed_on`; either may reach its term first.
ALTER TABLE person_request ADD COLUMN passed_from TEXT;
ALTER TABLE person_request ADD COLUMN passed_at INTEGER;
ALTER TABLE person_request ADD COLUMN doubt TEXT;

-- What a seller says that it handed to its approved platform: an invoice, or the report of its payment.
CREATE TABLE invoice_filing (
    exchange_id  TEXT NOT NULL REFERENCES exchange (id),
    party_id     TEXT NOT NULL REFERENCES party (id),
    what         TEXT NOT NULL CHECK (what IN ('invoice', 'payment')),
    platform     TEXT NOT NULL,
    reference    TEXT NOT NULL,
    filed_on     TEXT NOT NULL,
    entry        INTEGER NOT NULL,
    PRIMARY KEY (exchange_id, party_id, what)
) STRICT;
