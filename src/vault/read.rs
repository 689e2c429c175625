//! Reads a deposit's segments back, after the seal over every byte has been checked.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use arrow_array::{
    BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch,
    cast::AsArray,
    types::{Date32Type, Int32Type, Int64Type},
};
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use tiers_contact::Kind;

use super::{
    Batch, Batches, Columns, Day, SegmentRow, Segments, TokenRange, Value, VaultError,
    files::{self, read_error},
    schema::{Side, decryption, footer},
    seal::{Seal, SealedSegment, check_file},
};
use crate::crypto::{chain::VaultToken, segment_key::SegmentKey};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 1 << 14;

/// A deposit on disk, opened with its key; its seal has been checked.
pub struct StoredDeposit {
    path: PathBuf,
    key: SegmentKey,
    seal: Seal,
}

impl StoredDeposit {
    /// Opens the deposit `deposit_id` under `dir`. Its files are checked when they are read.
    ///
    /// # Errors
    /// [`VaultError::NotThere`]; [`VaultError::Altered`] when the seal is not the one that was
    /// written for this id under this key; [`VaultError::Read`].
    pub fn open(dir: &Path, deposit_id: &str, key: SegmentKey) -> Result<Self, VaultError> {
        let path = files::deposit_dir(dir, deposit_id)?;
        if !path.is_dir() {
            return Err(VaultError::NotThere);
        }
        let bytes = fs::read(files::seal_file(&path)).map_err(missing_is_altered)?;
        let seal = Seal::decode(&bytes, deposit_id, &key)?;
        Ok(Self { path, key, seal })
    }

    /// Rows of the deposit, those without any identifier included.
    #[must_use]
    pub const fn row_count(&self) -> u32 {
        self.seal.rows
    }

    fn open_segment(&self, sealed: &SealedSegment) -> Result<ParquetRecordBatchReader, VaultError> {
        let mut file =
            File::open(files::segment_file(&self.path, sealed.kind)).map_err(missing_is_altered)?;
        check_file(&file, sealed, &self.key)?;
        file.seek(SeekFrom::Start(0)).map_err(read_error)?;
        let keys = decryption(&self.seal.deposit, sealed.kind, &self.key)
            .map_err(|_| VaultError::Altered)?;
        let options = ArrowReaderOptions::new().with_file_decryption_properties(keys);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(|_| VaultError::Altered)?;
        let expected = footer(&self.seal.deposit, sealed.kind, sealed.rows);
        if builder.metadata().file_metadata().key_value_metadata() != Some(&expected) {
            return Err(VaultError::Altered);
        }
        builder.with_batch_size(BATCH_ROWS).build().map_err(|_| VaultError::Altered)
    }
}

impl Segments for StoredDeposit {
    type Reader<'a> = SegmentReader;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<SegmentReader, VaultError> {
        let batches =
            self.seal.segment(kind).map(|sealed| self.open_segment(sealed)).transpose()?;
        Ok(SegmentReader { batches, range, columns, last: None })
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.seal.segment(kind).map_or(0, |sealed| sealed.rows.into())
    }

    fn row_count(&self) -> u32 {
        self.seal.rows
    }
}

/// A file of a whole deposit does not disappear by itself.
#[expect(clippy::needless_pass_by_value)]
fn missing_is_altered(error: io::Error) -> VaultError {
    match error.kind() {
        io::ErrorKind::NotFound => VaultError::Altered,
        kind => VaultError::Read(kind),
    }
}

/// The rows of one range of a segment, in order. After an error it yields nothing more.
pub struct SegmentReader {
    batches: Option<ParquetRecordBatchReader>,
    range: TokenRange,
    columns: Columns,
    last: Option<VaultToken>,
}

impl Batches for SegmentReader {
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        batch.clear();
        while batch.is_empty() {
            let Some(batches) = &mut self.batches else { return Ok(false) };
            let Some(next) = batches.next() else { return Ok(false) };
            let next = next.map_err(|_| VaultError::Altered)?;
            if Stored::of(&next).and_then(|stored| stored.fill(batch, self)).is_none() {
                self.batches = None;
                batch.clear();
                return Err(VaultError::Altered);
            }
        }
        Ok(true)
    }
}

/// The columns of one batch, by their types.
struct Stored<'a> {
    tokens: &'a FixedSizeBinaryArray,
    rows: &'a Int32Array,
    firsts: &'a BooleanArray,
    dates: &'a [i32],
    values: StoredValues<'a>,
}

enum StoredValues<'a> {
    Amounts(&'a Int64Array),
    Campaigns(&'a Int32Array),
}

impl<'a> Stored<'a> {
    /// `None` when the batch has not the columns of a segment.
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let schema = batch.schema();
        let is = |side: Side| schema.fields() == side.schema().fields();
        let values = if is(Side::Sales) {
            StoredValues::Amounts(batch.column(4).as_primitive_opt::<Int64Type>()?)
        } else if is(Side::Leads) {
            StoredValues::Campaigns(batch.column(4).as_primitive_opt::<Int32Type>()?)
        } else {
            return None;
        };
        Some(Self {
            tokens: batch.column(0).as_fixed_size_binary_opt()?,
            rows: batch.column(1).as_primitive_opt::<Int32Type>()?,
            firsts: batch.column(2).as_boolean_opt()?,
            dates: batch.column(3).as_primitive_opt::<Date32Type>()?.values(),
            values,
        })
    }

    /// Appends the rows of the range; `None` when they are not what a segment holds.
    fn fill(&self, batch: &mut Batch, reader: &mut SegmentReader) -> Option<()> {
        for place in 0..self.dates.len() {
            let row = self.row(place)?;
            if reader.last.replace(row.token).is_some_and(|last| last > row.token) {
                return None;
            }
            if reader.range.contains(&row.token) {
                batch.push(&row, reader.columns);
            }
        }
        Some(())
    }

    fn row(&self, place: usize) -> Option<SegmentRow> {
        let value = match self.values {
            StoredValues::Amounts(amounts) => {
                Value::Sale { amount_cents: u64::try_from(amounts.value(place)).ok()? }
            }
            StoredValues::Campaigns(campaigns) => {
                Value::Lead { campaign: u16::try_from(campaigns.value(place)).ok()? }
            }
        };
        Some(SegmentRow {
            token: VaultToken::from_bytes(self.tokens.value(place).try_into().ok()?),
            row: u32::try_from(self.rows.value(place)).ok()?,
            first: self.firsts.value(place),
            date: Day::from_epoch_days(*self.dates.get(place)?),
            value,
        })
    }
}
