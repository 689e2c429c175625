//! Writes one segment as a Parquet file from rows that come in order. Not the order itself
//! (`runs.rs`) nor the deposit around the file (`write.rs`).
//!
//! Specified in `docs/formats/segment-v1.md`, "Columns" and "Encoding".

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

use bytes::Bytes;
use parquet::{
    data_type::{
        BoolType, ByteArray, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
        Int64Type,
    },
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
};
use tiers_contact::Kind;

use super::{
    Side, VaultError,
    files::{self, read_error, write_error},
    schema::{self, PAGE_ROWS, ROW_GROUP_ROWS},
    seal::{SealedSegment, tail_tag},
    sorted::Packed,
};
use crate::crypto::{chain::VAULT_TOKEN_LEN, segment_key::SegmentKey};

/// What a segment is written as.
pub(super) struct Target<'a> {
    /// The folder of the deposit.
    pub dir: &'a Path,
    pub deposit: &'a str,
    pub side: Side,
    pub kind: Kind,
    pub key: &'a SegmentKey,
    /// Rows that will come.
    pub rows: u64,
}

/// Writes the segment durably and says what the seal is to hold of it.
pub(super) fn write_segment(
    target: &Target<'_>,
    next: impl FnMut() -> Result<Option<Packed>, VaultError>,
) -> Result<SealedSegment, VaultError> {
    let Target { dir, deposit, side, kind, key, rows } = *target;
    let rows = u32::try_from(rows).map_err(|_| VaultError::TooManyRows)?;
    let properties = schema::writer_properties(deposit, kind, rows, Some(key))
        .map_err(|_| VaultError::Encode)?;
    let file = files::create(&files::segment_file(dir, kind))?;
    let tail_start = write_rows(&file, side, rows, properties, next)?;
    let bytes = file.metadata().map_err(read_error)?.len();
    let tail_bytes = bytes.checked_sub(tail_start).ok_or(VaultError::Encode)?;
    let mut tail = vec![0; usize::try_from(tail_bytes).map_err(|_| VaultError::Encode)?];
    file.read_exact_at(&mut tail, tail_start).map_err(read_error)?;
    file.sync_all().map_err(write_error)?;
    Ok(SealedSegment { kind, rows, bytes, tail_bytes, tag: tail_tag(key, kind, &tail) })
}

/// Writes the segment to an empty file, without encryption.
pub(super) fn write_plain(
    file: &File,
    deposit: &str,
    side: Side,
    kind: Kind,
    rows: u32,
    next: impl FnMut() -> Result<Option<Packed>, VaultError>,
) -> Result<(), VaultError> {
    let properties =
        schema::writer_properties(deposit, kind, rows, None).map_err(|_| VaultError::Encode)?;
    write_rows(file, side, rows, properties, next)?;
    file.sync_all().map_err(write_error)
}

/// Writes the rows that `next` yields; where the pages end. While one row group is encrypted and
/// written the next one is gathered.
fn write_rows(
    file: &File,
    side: Side,
    rows: u32,
    properties: WriterProperties,
    mut next: impl FnMut() -> Result<Option<Packed>, VaultError>,
) -> Result<u64, VaultError> {
    let mut writer = Writer::begin(file, side, properties)?;
    let (full, groups) = mpsc::sync_channel::<Group>(0);
    let (written, empty) = mpsc::channel();
    thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for mut group in groups {
                writer.group(&group)?;
                group.clear();
                // The last groups have nobody to be filled by.
                let _ = written.send(group);
            }
            writer.finish()
        });
        let gathered = gather(side, rows, &mut next, &full, &empty);
        drop(full);
        let finished = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        gathered.and(finished)
    })
}

/// Sends the rows in groups until they end, or until the writer has, for a reason that it tells.
fn gather(
    side: Side,
    rows: u32,
    next: &mut impl FnMut() -> Result<Option<Packed>, VaultError>,
    full: &SyncSender<Group>,
    empty: &Receiver<Group>,
) -> Result<(), VaultError> {
    let mut group = Group::new(side, rows);
    loop {
        let row = next()?;
        if group.len() == ROW_GROUP_ROWS || (row.is_none() && group.len() > 0) {
            let another = empty.try_recv().unwrap_or_else(|_| Group::new(side, rows));
            if full.send(std::mem::replace(&mut group, another)).is_err() {
                return Ok(());
            }
        }
        match row {
            Some(row) => group.push(&row)?,
            None => return Ok(()),
        }
    }
}

/// A Parquet file under way.
struct Writer<'a> {
    inner: SerializedFileWriter<&'a File>,
}

impl<'a> Writer<'a> {
    fn begin(file: &'a File, side: Side, properties: WriterProperties) -> Result<Self, VaultError> {
        let inner = SerializedFileWriter::new(file, side.schema(), Arc::new(properties))
            .map_err(|error| encode_error(&error))?;
        Ok(Self { inner })
    }

    fn group(&mut self, group: &Group) -> Result<(), VaultError> {
        let written = self.inner.next_row_group().and_then(|mut writer| {
            tokens(&mut writer, &group.tokens)?;
            column::<Int32Type>(&mut writer, &group.rows)?;
            column::<BoolType>(&mut writer, &group.firsts)?;
            column::<Int32Type>(&mut writer, &group.days)?;
            match &group.values {
                Column::Amounts(amounts) => column::<Int64Type>(&mut writer, amounts)?,
                Column::Campaigns(campaigns) => column::<Int32Type>(&mut writer, campaigns)?,
            }
            writer.close().map(|_| ())
        });
        written.map_err(|error| encode_error(&error))
    }

    /// Writes indexes and footer; where they begin.
    fn finish(mut self) -> Result<u64, VaultError> {
        let pages_end = self.inner.bytes_written() as u64;
        self.inner.finish().map_err(|error| encode_error(&error))?;
        Ok(pages_end)
    }
}

type RowGroup<'a, 'f> = SerializedRowGroupWriter<'a, &'f File>;

fn column<T: DataType>(writer: &mut RowGroup<'_, '_>, values: &[T::T]) -> Result<(), ParquetError> {
    let Some(mut column) = writer.next_column()? else { return Err(no_column()) };
    for page in values.chunks(PAGE_ROWS) {
        column.typed::<T>().write_batch(page, None, None)?;
    }
    column.close()
}

fn tokens(writer: &mut RowGroup<'_, '_>, tokens: &[u8]) -> Result<(), ParquetError> {
    let Some(mut column) = writer.next_column()? else { return Err(no_column()) };
    let mut values: Vec<FixedLenByteArray> = Vec::with_capacity(PAGE_ROWS);
    for page in tokens.chunks(PAGE_ROWS * VAULT_TOKEN_LEN) {
        // Each value is a view of one copy of the page.
        let shared = Bytes::copy_from_slice(page);
        values.clear();
        values.extend((0..page.len()).step_by(VAULT_TOKEN_LEN).map(|from| {
            FixedLenByteArray::from(ByteArray::from(shared.slice(from..from + VAULT_TOKEN_LEN)))
        }));
        column.typed::<FixedLenByteArrayType>().write_batch(&values, None, None)?;
    }
    column.close()
}

fn no_column() -> ParquetError {
    ParquetError::General("a segment has five columns".to_owned())
}

/// The library's errors carry text that is not ours to show; a full disk arrives here as one of them.
fn encode_error(error: &ParquetError) -> VaultError {
    let source = std::error::Error::source(error).and_then(|e| e.downcast_ref::<io::Error>());
    source.map_or(VaultError::Encode, |io| VaultError::Write(io.kind()))
}

/// The rows of one row group, column by column.
struct Group {
    tokens: Vec<u8>,
    rows: Vec<i32>,
    firsts: Vec<bool>,
    days: Vec<i32>,
    values: Column,
}

enum Column {
    Amounts(Vec<i64>),
    Campaigns(Vec<i32>),
}

impl Group {
    fn new(side: Side, rows: u32) -> Self {
        let room = usize::try_from(rows).unwrap_or(usize::MAX).min(ROW_GROUP_ROWS);
        Self {
            tokens: Vec::with_capacity(room * VAULT_TOKEN_LEN),
            rows: Vec::with_capacity(room),
            firsts: Vec::with_capacity(room),
            days: Vec::with_capacity(room),
            values: match side {
                Side::Sales => Column::Amounts(Vec::with_capacity(room)),
                Side::Leads | Side::Customers => Column::Campaigns(Vec::with_capacity(room)),
            },
        }
    }

    const fn len(&self) -> usize {
        self.rows.len()
    }

    fn clear(&mut self) {
        self.tokens.clear();
        self.rows.clear();
        self.firsts.clear();
        self.days.clear();
        match &mut self.values {
            Column::Amounts(amounts) => amounts.clear(),
            Column::Campaigns(campaigns) => campaigns.clear(),
        }
    }

    /// What is packed has been checked to fit.
    fn push(&mut self, row: &Packed) -> Result<(), VaultError> {
        self.tokens.extend_from_slice(&row.token());
        self.rows.push(i32::try_from(row.row()).map_err(|_| VaultError::TooManyRows)?);
        self.firsts.push(row.first());
        self.days.push(row.day());
        match &mut self.values {
            Column::Amounts(amounts) => {
                amounts.push(i64::try_from(row.value()).map_err(|_| VaultError::AmountTooLarge)?);
            }
            Column::Campaigns(campaigns) => {
                campaigns.push(i32::try_from(row.value()).map_err(|_| VaultError::MixedRows)?);
            }
        }
        Ok(())
    }
}
