//! SQLite: migrations, one file an aggregate, named transactions.
