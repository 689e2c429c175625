//! Use cases: one file a verb, one named transaction, one ledger entry.
