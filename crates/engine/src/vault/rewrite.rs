//! Makes another deposit out of a stored one, row by row: for erasure, for a longer chain, for another
//! key. Not which of the two is valid: that is the word of the caller's transaction.

use std::path::Path;

use tiers_contact::Kind;

use super::{
    Batch, Batches, Columns, DepositWriter, Faults, SegmentRow, SegmentSet, Segments, Side, Sorted,
    StoredDeposit, TokenRange, VaultError,
};
use crate::crypto::segment_key::SegmentKey;

/// Rows that are sorted at a time.
const RUN_ROWS: usize = 1 << 18;

/// Where a rewritten deposit goes.
pub struct Rewritten<'a> {
    /// The folder of deposits.
    pub dir: &'a Path,
    /// Name of the new deposit or generation.
    pub name: &'a str,
    /// Its key.
    pub key: &'a SegmentKey,
    /// As of [`DepositWriter::begin`].
    pub memory_bytes_max: usize,
}

/// Passes every row of every segment of `from` through `change`, in the order of segments and tokens,
/// and writes those that it keeps, as it left them, as the deposit `to`. Tokens may change: the rows
/// are sorted again. Ordinals of rows are not counted anew, so that the other kinds of a row still
/// agree. The deposit is there whole or not at all, as of [`DepositWriter::finish`].
///
/// # Errors
/// Those of reading `from` and of writing.
pub fn rewrite(
    from: &StoredDeposit,
    to: &Rewritten<'_>,
    faults: Faults,
    mut change: impl FnMut(Kind, &mut SegmentRow) -> bool,
) -> Result<SegmentSet, VaultError> {
    // Without any segment either side will do.
    let side = from.side().unwrap_or(Side::Sales);
    let Rewritten { dir, name, key, memory_bytes_max } = *to;
    let mut writer = DepositWriter::begin(dir, name, side, key, memory_bytes_max, faults)?;
    let mut batch = Batch::new();
    for kind in Kind::ALL {
        let mut reader = from.segment(kind, TokenRange::ALL, Columns::ALL)?;
        let mut run = Vec::new();
        while reader.next(&mut batch)? {
            let rows = (0..batch.len()).filter_map(|place| batch.row(place));
            run.extend(rows.filter_map(|mut row| change(kind, &mut row).then_some(row)));
            if run.len() >= RUN_ROWS {
                writer.push(kind, Sorted::new(std::mem::take(&mut run))?)?;
            }
        }
        writer.push(kind, Sorted::new(run)?)?;
    }
    writer.finish(from.row_count())
}
