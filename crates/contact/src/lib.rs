//! Reads contact files, normalises what they hold and makes tokens of it.
//!
//! This crate is the only code that ever sees a raw contact. It runs on a party's own machine, natively
//! or as WebAssembly: bytes in, bytes out, no files, no threads, no clock, no randomness. It knows
//! nothing of deposits, signatures, sealing or the network (that is `tiers-protocol` and the root
//! package). The rules are specified in `docs/formats/normalisation-v1.md` and
//! `docs/formats/reading-files.md`.

pub mod canary;
pub mod labels;
pub mod near;
pub mod normalise;

mod account;
mod body;
mod cells;
mod error;
mod field;
mod hashed;
mod kind;
mod margin;
mod merge;
mod prepare;
mod read;
mod rows;
mod sha256;
mod spool;
mod stream;
mod token;
mod wiped;

pub use account::{ColumnAccount, ColumnCounts};
pub use body::{BODY_FORMAT, Body, Lines, MemoryRun, columns, heading};
pub use canary::{Canary, canaries, canary_tokens};
pub use cells::{CellColumn, CellStream, Cells};
pub use error::{PrepareError, Suggestion, Unread};
pub use field::{Attribute, Field, FileKind, UnknownName};
pub use hashed::HashOrigin;
pub use kind::Kind;
pub use margin::{Area, MARGIN_MAX, MarginError, Margins};
pub use merge::{Merge, Run};
pub use normalise::{Repair, Repairs};
pub use prepare::{
    Column, DateOrders, Digest, NormalisedRow, Opened, Part, PrepareOptions, Prepared, Reject,
    read_and_normalise,
};
pub use read::{Block, Cutter, encoding::Utf8Evidence};
pub use sha256::Keyed;
pub use spool::{Piece, Spooled, Written, pieces, spool};
pub use stream::{
    Account, BLOCK_BYTES, HEAD_BYTES, Known, StreamPart, Streamed, Sum, Verdict, is_workbook,
};
pub use token::{Token, Tokeniser};

/// Version of the normalisation specification that this build follows
/// (`docs/formats/normalisation-v1.md`).
pub const NORMALISATION: &str = "1";
