//! Where the pages of one segment lie: read once from the tail of its file, after the seal over the
//! tail has been checked. Not the pages themselves (`pages.rs`).
//!
//! Specified in `docs/formats/segment-v1.md`, "Encoding" and "Seal".

use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

use bytes::{Buf as _, Bytes, buf::Reader};
use parquet::{
    errors::{ParquetError, Result as ParquetResult},
    file::{
        metadata::{
            PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, page_index::RowGroupPageIndex,
        },
        page_index::column_index::ColumnIndexMetaData,
        reader::{ChunkReader, Length},
    },
};
use tiers_contact::Kind;

use super::{
    Day, Side, TokenRange, VaultError,
    files::{self, read_error},
    schema::{COLUMNS, aad_prefix, decryption, footer},
    seal::{SealedSegment, check_tail},
};
use crate::crypto::segment_key::SegmentKey;

/// First bytes of a file with an encrypted footer.
const MAGIC: [u8; 4] = *b"PARE";

/// Place of the column of days in the schema.
const DATE: usize = 3;

/// One page of every column: they end at the same rows.
pub(super) struct Page {
    /// First eight bytes of its least token.
    pub from: u64,
    /// First eight bytes of its greatest token.
    pub to: u64,
    /// Place of its row group in the file, and its own in the row group, as the additional data of its
    /// modules have them.
    pub ordinals: [u16; 2],
    pub rows: usize,
    /// Where the page of each column begins, and its length.
    pub places: [(u64, usize); COLUMNS],
}

/// What is known of a segment once its tail has been read.
pub(super) struct Index {
    pub kind: Kind,
    pub side: Side,
    pub rows: u32,
    /// The first day of any row and the last.
    pub days: (Day, Day),
    pub row_groups: usize,
    pub file_bytes: u64,
    /// What the additional data of every module of the file begin with.
    pub aad: Vec<u8>,
    /// In order; no page is empty.
    pub pages: Vec<Page>,
}

impl Index {
    /// Reads the tail of the segment that `sealed` speaks of.
    pub fn read(
        deposit_dir: &Path,
        deposit: &str,
        sealed: &SealedSegment,
        key: &SegmentKey,
    ) -> Result<Self, VaultError> {
        let file = open_segment(deposit_dir, sealed.kind)?;
        let length = file.metadata().map_err(read_error)?.len();
        let tail_start = sealed.bytes.checked_sub(sealed.tail_bytes).ok_or(VaultError::Altered)?;
        if length != sealed.bytes {
            return Err(VaultError::Altered);
        }
        let mut magic = [0; MAGIC.len()];
        read_at(&file, &mut magic, 0)?;
        // The list that says how long it is has been authenticated.
        let mut tail =
            vec![0; usize::try_from(sealed.tail_bytes).map_err(|_| VaultError::Altered)?];
        read_at(&file, &mut tail, tail_start)?;
        check_tail(&tail, sealed, key)?;
        if magic != MAGIC {
            return Err(VaultError::Altered);
        }
        Self::of_tail(tail, tail_start, deposit, sealed, key).ok_or(VaultError::Altered)
    }

    /// `None` when the tail is not one that `encode.rs` writes.
    fn of_tail(
        tail: Vec<u8>,
        tail_start: u64,
        deposit: &str,
        sealed: &SealedSegment,
        key: &SegmentKey,
    ) -> Option<Self> {
        let unique = file_unique(&tail)?;
        let tail = Tail { start: tail_start, bytes: Bytes::from(tail) };
        let metadata = ParquetMetaDataReader::new()
            .with_decryption_properties(Some(decryption(deposit, sealed.kind, key).ok()?))
            .with_offset_index_policy(PageIndexPolicy::Required)
            .with_column_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&tail)
            .ok()?;
        let file = metadata.file_metadata();
        if file.key_value_metadata() != Some(&footer(deposit, sealed.kind, sealed.rows)) {
            return None;
        }
        let side = [Side::Sales, Side::Leads, Side::Customers]
            .into_iter()
            .find(|side| file.schema() == side.schema().as_ref())?;
        let pages = pages(&metadata, tail_start)?;
        let days = days(&metadata)?;
        let rows: usize = pages.iter().map(|page| page.rows).sum();
        let whole = usize::try_from(sealed.rows).is_ok_and(|sealed| sealed == rows);
        whole.then(|| Self {
            kind: sealed.kind,
            side,
            rows: sealed.rows,
            days,
            row_groups: metadata.num_row_groups(),
            file_bytes: sealed.bytes,
            aad: [aad_prefix(deposit, sealed.kind).as_slice(), &unique].concat(),
            pages,
        })
    }

    /// The pages that may hold tokens of `range`.
    pub fn pages_of(&self, range: TokenRange) -> &[Page] {
        let start = self.pages.partition_point(|page| page.to < range.from);
        let end = self.pages.partition_point(|page| page.from <= range.to);
        self.pages.get(start..end).unwrap_or_default()
    }
}

/// Opens a segment's file; a file of a whole deposit does not disappear by itself.
pub(super) fn open_segment(deposit_dir: &Path, kind: Kind) -> Result<File, VaultError> {
    File::open(files::segment_file(deposit_dir, kind)).map_err(missing_is_altered)
}

#[expect(clippy::needless_pass_by_value)]
pub(super) fn missing_is_altered(error: io::Error) -> VaultError {
    match error.kind() {
        io::ErrorKind::NotFound => VaultError::Altered,
        kind => VaultError::Read(kind),
    }
}

/// Reads a piece of a file of which the length is known: one that ends before it was cut.
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> Result<(), VaultError> {
    file.read_exact_at(bytes, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => VaultError::Altered,
        kind => VaultError::Read(kind),
    })
}

/// The eight bytes that set the file's modules apart from those of any other (`AesGcmV1.aad_file_unique`).
/// They stand in clear at the start of the footer, in the one form in which the library writes them:
/// Thrift's compact protocol, two nested structs, a binary of eight bytes, a boolean.
fn file_unique(tail: &[u8]) -> Option<[u8; 8]> {
    let (rest, magic) = tail.split_last_chunk::<4>()?;
    let (rest, length) = rest.split_last_chunk::<4>()?;
    let start = rest.len().checked_sub(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let (before, footer) = rest.get(start..)?.split_first_chunk::<4>()?;
    let (unique, footer) = footer.split_first_chunk::<8>()?;
    let known = *before == [0x1C, 0x1C, 0x28, 0x08] && footer.starts_with(&[0x11, 0, 0, 0]);
    (known && *magic == MAGIC).then_some(*unique)
}

/// The pages of all row groups. They are checked to be side by side from the magic number to the tail,
/// so that no byte of the file is outside a module, and to be in order.
fn pages(metadata: &ParquetMetaData, tail_start: u64) -> Option<Vec<Page>> {
    let mut pages = Vec::new();
    let mut end = MAGIC.len() as u64;
    for group in 0..metadata.num_row_groups() {
        let index = metadata.page_index_for_row_group(group);
        let rows = usize::try_from(metadata.row_group(group).num_rows()).ok()?;
        let first = pages.len();
        for (ordinal, page_rows) in page_rows(&index, rows)?.into_iter().enumerate() {
            let [from, to] = token_bounds(&index, ordinal)?;
            let ordinals = [u16::try_from(group).ok()?, u16::try_from(ordinal).ok()?];
            pages.push(Page { from, to, ordinals, rows: page_rows, places: [(0, 0); COLUMNS] });
        }
        for column in 0..COLUMNS {
            let locations = index.page_locations(column)?;
            if locations.len() != pages.len() - first {
                return None;
            }
            for (page, location) in pages[first..].iter_mut().zip(locations) {
                let offset = u64::try_from(location.offset).ok()?;
                let length = u32::try_from(location.compressed_page_size).ok()?;
                page.places[column] = (offset, usize::try_from(length).ok()?);
                if offset != end {
                    return None;
                }
                end = end.checked_add(length.into())?;
            }
        }
    }
    let bounds = pages.iter().flat_map(|page: &Page| [page.from, page.to]);
    (end == tail_start && bounds.is_sorted()).then_some(pages)
}

/// How many rows each page of a row group has; the same of every column.
fn page_rows(index: &RowGroupPageIndex, rows: usize) -> Option<Vec<usize>> {
    let of = |column: usize| -> Option<Vec<usize>> {
        let starts = index.page_locations(column)?.iter().map(|page| page.first_row_index);
        let starts = starts.map(|start| usize::try_from(start).ok()).collect::<Option<Vec<_>>>()?;
        let ends = starts.iter().skip(1).copied().chain([rows]);
        starts.iter().zip(ends).map(|(start, end)| end.checked_sub(*start)).collect()
    };
    let first = of(0)?;
    let sound = first.iter().sum::<usize>() == rows && !first.contains(&0);
    (sound && (1..COLUMNS).all(|column| of(column).as_ref() == Some(&first))).then_some(first)
}

/// First eight bytes of the least and of the greatest token of a page.
fn token_bounds(index: &RowGroupPageIndex, page: usize) -> Option<[u64; 2]> {
    let Some(ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(tokens)) = index.column_index(0) else {
        return None;
    };
    let head = |bytes: &[u8]| bytes.first_chunk().map(|head| u64::from_be_bytes(*head));
    Some([head(tokens.min_value(page)?)?, head(tokens.max_value(page)?)?])
}

/// The first day and the last of all pages; a segment has a page.
fn days(metadata: &ParquetMetaData) -> Option<(Day, Day)> {
    let (mut first, mut last) = (i32::MAX, i32::MIN);
    for group in 0..metadata.num_row_groups() {
        let index = metadata.page_index_for_row_group(group);
        let Some(ColumnIndexMetaData::INT32(days)) = index.column_index(DATE) else { return None };
        for page in 0..index.page_locations(DATE)?.len() {
            first = first.min(*days.min_value(page)?);
            last = last.max(*days.max_value(page)?);
        }
    }
    (first <= last).then(|| (Day::from_epoch_days(first), Day::from_epoch_days(last)))
}

/// The end of a file, as the Parquet library wants to see it.
struct Tail {
    start: u64,
    bytes: Bytes,
}

impl Length for Tail {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Tail {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let from = from.filter(|from| *from <= self.bytes.len()).ok_or_else(outside)?;
        Ok(self.bytes.slice(from..).reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let rest = self.get_read(start)?.into_inner();
        if length <= rest.len() { Ok(rest.slice(..length)) } else { Err(outside()) }
    }
}

fn outside() -> ParquetError {
    ParquetError::EOF("outside the tail".to_owned())
}
