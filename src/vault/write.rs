//! Writes a deposit: all its segments and the seal, or nothing.

use std::{fs::File, io::Write, path::Path, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch,
};
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};
use tiers_contact::Kind;

use super::{
    FaultPoint, Faults, SegmentRow, Value, VaultError, VaultRow,
    files::{self, write_error},
    row::segment_rows,
    schema::{Side, writer_properties},
    seal::{Seal, SealedSegment, SealingWriter},
};
use crate::crypto::segment_key::SegmentKey;

/// Rows that are turned into Parquet at a time.
const BATCH_ROWS: usize = 1 << 16;

/// What was written. The counts are the party's own file's; they are no result of a match.
pub struct SegmentSet {
    seal: Seal,
}

impl SegmentSet {
    /// Rows of the deposit, those without any identifier included.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.seal.rows
    }

    /// The kinds that have a segment, with the number of its rows, in the fixed order.
    pub fn segments(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        self.seal.segments.iter().map(|segment| (segment.kind, segment.rows))
    }
}

/// Writes the segments of a deposit under `dir`, durably and in one step: afterwards the whole
/// deposit is there, or nothing that [`super::list`] shows.
///
/// # Errors
/// [`VaultError::AlreadyThere`]: segments are written once. [`VaultError::UnsafeId`],
/// [`VaultError::TooManyRows`], [`VaultError::AmountTooLarge`], [`VaultError::MixedRows`] for rows
/// that the vault does not take; [`VaultError::Write`] when the file system fails.
// The rows are consumed: no copy of a deposit outlives its writing.
#[expect(clippy::needless_pass_by_value)]
pub fn write_deposit(
    dir: &Path,
    deposit_id: &str,
    rows: Vec<VaultRow>,
    key: &SegmentKey,
    faults: Faults,
) -> Result<SegmentSet, VaultError> {
    let whole = files::deposit_dir(dir, deposit_id)?;
    let part = files::part_dir(dir, deposit_id)?;
    if whole.exists() {
        return Err(VaultError::AlreadyThere);
    }
    let side = side_of(&rows)?;
    files::fresh_dir(&part)?;
    faults.pass(FaultPoint::BeforeSegments)?;
    let count = u32::try_from(rows.len()).map_err(|_| VaultError::TooManyRows)?;
    let mut seal = Seal { deposit: deposit_id.to_owned(), rows: count, segments: Vec::new() };
    for kind in Kind::ALL {
        let segment = segment_rows(&rows, kind)?;
        if !segment.is_empty() {
            seal.segments.push(write_segment(&part, deposit_id, kind, side, &segment, key)?);
        }
    }
    faults.pass(FaultPoint::BeforeSeal)?;
    let mut file = files::create(&files::seal_file(&part))?;
    file.write_all(&seal.encode(key)).and_then(|()| file.sync_all()).map_err(write_error)?;
    faults.pass(FaultPoint::BeforeRename)?;
    files::put(&part, &whole, dir)?;
    faults.pass(FaultPoint::AfterRename)?;
    Ok(SegmentSet { seal })
}

/// The one side that all rows are of.
fn side_of(rows: &[VaultRow]) -> Result<Side, VaultError> {
    let side = rows.first().map_or(Side::Sales, |row| Side::of(row.value));
    if rows.iter().all(|row| Side::of(row.value) == side) {
        Ok(side)
    } else {
        Err(VaultError::MixedRows)
    }
}

fn write_segment(
    part: &Path,
    deposit: &str,
    kind: Kind,
    side: Side,
    segment: &[SegmentRow],
    key: &SegmentKey,
) -> Result<SealedSegment, VaultError> {
    let rows = u32::try_from(segment.len()).map_err(|_| VaultError::TooManyRows)?;
    let file = files::create(&files::segment_file(part, kind))?;
    let sink = SealingWriter::new(file, key, kind);
    let properties = writer_properties(deposit, kind, rows, key).map_err(|_| VaultError::Encode)?;
    let (file, bytes, tag) = encode(sink, side, segment, properties)?.finish();
    file.sync_all().map_err(write_error)?;
    Ok(SealedSegment { kind, rows, bytes, tag })
}

/// Writes the rows as Parquet. The library's errors carry text that is not ours to show; a full disk
/// arrives here as one of them.
fn encode(
    sink: SealingWriter<File>,
    side: Side,
    segment: &[SegmentRow],
    properties: parquet::file::properties::WriterProperties,
) -> Result<SealingWriter<File>, VaultError> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        // The columns say all there is to say; without it other readers see plain Parquet.
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(sink, side.schema(), options)
        .map_err(|_| VaultError::Encode)?;
    for rows in segment.chunks(BATCH_ROWS) {
        writer.write(&batch(side, rows)?).map_err(|error| encode_error(&error))?;
    }
    writer.into_inner().map_err(|error| encode_error(&error))
}

fn encode_error(error: &parquet::errors::ParquetError) -> VaultError {
    let source = std::error::Error::source(error).and_then(|e| e.downcast_ref::<std::io::Error>());
    source.map_or(VaultError::Encode, |io| VaultError::Write(io.kind()))
}

fn batch(side: Side, rows: &[SegmentRow]) -> Result<RecordBatch, VaultError> {
    let tokens = FixedSizeBinaryArray::try_from_iter(rows.iter().map(|row| row.token.as_bytes()))
        .map_err(|_| VaultError::Encode)?;
    let ordinals = rows
        .iter()
        .map(|row| i32::try_from(row.row).map_err(|_| VaultError::TooManyRows))
        .collect::<Result<Vec<_>, _>>()?;
    let firsts: Vec<_> = rows.iter().map(|row| row.first).collect();
    let dates = rows.iter().map(|row| row.date.epoch_days());
    let columns: [ArrayRef; 5] = [
        Arc::new(tokens),
        Arc::new(Int32Array::from(ordinals)),
        Arc::new(BooleanArray::from(firsts)),
        Arc::new(Date32Array::from_iter_values(dates)),
        values(rows)?,
    ];
    RecordBatch::try_new(side.schema(), columns.to_vec()).map_err(|_| VaultError::Encode)
}

/// The last column; the rows are of one side.
fn values(rows: &[SegmentRow]) -> Result<ArrayRef, VaultError> {
    let mut amounts = Vec::new();
    let mut campaigns = Vec::new();
    for row in rows {
        match row.value {
            Value::Sale { amount_cents } => {
                amounts.push(i64::try_from(amount_cents).map_err(|_| VaultError::AmountTooLarge)?);
            }
            Value::Lead { campaign } => campaigns.push(i32::from(campaign)),
        }
    }
    if amounts.is_empty() {
        Ok(Arc::new(Int32Array::from(campaigns)))
    } else {
        Ok(Arc::new(Int64Array::from(amounts)))
    }
}
