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
    Day, SegmentRow, Segments, Value, VaultError,
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
    pub const fn rows(&self) -> u32 {
        self.seal.rows
    }

    /// The sorted rows that have an identifier of `kind`; empty if none has.
    ///
    /// # Errors
    /// [`VaultError::Altered`] when a byte of the file is not the one that was written, or the file
    /// is gone; [`VaultError::Read`].
    pub fn read(&self, kind: Kind) -> Result<SegmentReader, VaultError> {
        match self.seal.segment(kind) {
            None => Ok(SegmentReader::default()),
            Some(sealed) => {
                let batches = self.open_segment(sealed)?;
                Ok(SegmentReader { batches: Some(batches), ..SegmentReader::default() })
            }
        }
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
    fn segment(
        &self,
        kind: Kind,
    ) -> Result<Box<dyn Iterator<Item = Result<SegmentRow, VaultError>> + '_>, VaultError> {
        Ok(Box::new(self.read(kind)?))
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

/// The rows of one segment, in order. After an error it yields nothing more.
#[derive(Default)]
pub struct SegmentReader {
    batches: Option<ParquetRecordBatchReader>,
    rows: Vec<SegmentRow>,
    place: usize,
}

impl SegmentReader {
    /// Decodes the next batch; `false` at the end.
    fn advance(&mut self) -> Result<bool, VaultError> {
        let Some(batches) = &mut self.batches else { return Ok(false) };
        let Some(batch) = batches.next() else { return Ok(false) };
        let last = self.rows.last().map(|row| (row.token, row.row));
        let batch = batch.map_err(|_| VaultError::Altered)?;
        self.rows = Columns::of(&batch).ok_or(VaultError::Altered)?.rows()?;
        self.place = 0;
        let order = last.into_iter().chain(self.rows.iter().map(|row| (row.token, row.row)));
        if order.is_sorted() { Ok(true) } else { Err(VaultError::Altered) }
    }
}

impl Iterator for SegmentReader {
    type Item = Result<SegmentRow, VaultError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.place == self.rows.len() {
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    *self = Self::default();
                    return Some(Err(error));
                }
            }
        }
        let row = self.rows[self.place];
        self.place += 1;
        Some(Ok(row))
    }
}

/// The columns of one batch, by their types.
struct Columns<'a> {
    tokens: &'a FixedSizeBinaryArray,
    rows: &'a Int32Array,
    firsts: &'a BooleanArray,
    dates: &'a [i32],
    values: Values<'a>,
}

enum Values<'a> {
    Amounts(&'a Int64Array),
    Campaigns(&'a Int32Array),
}

impl<'a> Columns<'a> {
    /// `None` when the batch has not the columns of a segment.
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let schema = batch.schema();
        let is = |side: Side| schema.fields() == side.schema().fields();
        let values = if is(Side::Sales) {
            Values::Amounts(batch.column(4).as_primitive_opt::<Int64Type>()?)
        } else if is(Side::Leads) {
            Values::Campaigns(batch.column(4).as_primitive_opt::<Int32Type>()?)
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

    fn rows(&self) -> Result<Vec<SegmentRow>, VaultError> {
        (0..self.dates.len()).map(|place| self.row(place).ok_or(VaultError::Altered)).collect()
    }

    fn row(&self, place: usize) -> Option<SegmentRow> {
        let value = match self.values {
            Values::Amounts(amounts) => {
                Value::Sale { amount_cents: u64::try_from(amounts.value(place)).ok()? }
            }
            Values::Campaigns(campaigns) => {
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
