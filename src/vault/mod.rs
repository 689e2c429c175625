//! Sorted token segments on disk: write, merge, read.
//!
//! One directory for each deposit; in it one Parquet file for each kind of identifier that has rows,
//! sorted by vault token, and a `seal` that lists them. Everything is encrypted under the deposit's
//! own key and refused after the change of any byte. This folder does not know which deposits are
//! valid (that is the database's word): [`list`] lets start-up compare, [`remove`] and [`sweep`]
//! clear what no transaction committed.
//! Specified in `docs/formats/segment-v1.md`.

mod calendar;
mod error;
mod faults;
mod files;
mod read;
mod row;
mod schema;
mod seal;
mod segments;
#[cfg(test)]
mod tests;
mod write;

pub use calendar::{Day, Month};
pub use error::VaultError;
pub use faults::{FaultPoint, Faults};
pub use files::{list, remove, sweep};
pub use read::{SegmentReader, StoredDeposit};
pub use row::{SegmentRow, Value, VaultRow};
pub use segments::{Batch, Batches, Columns, MemorySegment, Segments, TokenRange, Values};
pub use write::{SegmentSet, write_deposit};
