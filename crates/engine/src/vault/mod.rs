//! Sorted token segments on disk: write, merge, read.
//!
//! One directory for each deposit; in it one Parquet file for each kind of identifier that has rows,
//! sorted by vault token, and a `seal` that lists them. Everything is encrypted under the deposit's
//! own key and refused after the change of any byte: [`DepositWriter`] writes in bounded memory,
//! [`StoredDeposit`] reads ranges of tokens side by side ([`Segments`]), [`rewrite`] makes a new
//! generation. This folder does not know which deposits are
//! valid (that is the database's word): [`list`] lets start-up compare, [`remove`] and [`sweep`]
//! clear what no transaction committed.
//! Specified in `docs/formats/segment-v1.md`.

mod calendar;
mod encode;
mod error;
mod export;
mod faults;
mod files;
mod index;
mod inspect;
mod pages;
mod read;
mod rewrite;
mod row;
mod runs;
mod schema;
mod scratch;
mod seal;
mod segments;
mod sorted;
#[cfg(test)]
mod tests;
mod traits;
mod write;

pub use calendar::{Day, Month};
pub use error::VaultError;
pub use export::{Export, ExportFile, LEADS, LEFT_OUT, SALES, Table};
pub use faults::{FaultPoint, Faults};
pub use files::{list, remove, sweep};
pub use inspect::SegmentShape;
pub use read::{SegmentReader, StoredDeposit};
pub use rewrite::{Rewritten, rewrite};
pub use row::{SegmentRow, Value, VaultRow};
pub use schema::{FORMAT, Side};
pub use segments::{Batch, Batches, Columns, MemorySegment, Segments, TokenRange, Values};
pub use sorted::Sorted;
pub use traits::{MAX_AMOUNT_CENTS, Traits};
pub use write::{DepositWriter, SegmentSet, write_deposit};
