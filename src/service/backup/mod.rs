//! Backups: a consistent copy of a certifier, made while it serves, encrypted to a key that is kept
//! elsewhere, file by file and by content so that the next one is small; and the way back.
//!
//! What is never in one: the keyring. Who steals a backup has ciphertext; who has its key as well has
//! what a thief of the data directory has, re-keyed tokens in encrypted segments. The ledger is not in
//! it either: it follows from the database, and what came later has to come from a mirror.
//! Specified in `docs/formats/backup.md`.

mod error;
mod exchanges;
mod make;
pub(super) mod orders;
mod replay;
mod repository;
mod restore;
pub(super) mod said;

pub use error::BackupError;
pub use make::{Made, make};
pub use orders::Orders;
pub use repository::{Checked, Repository, SnapshotName, fresh_identity, readable_recipients};
pub use restore::{Latest, Restored, Unpacked, unpack};
pub use said::opened_said;
