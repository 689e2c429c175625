//! What a compound file (XLS) would cost, before the library reads it.
//!
//! Follows [MS-CFB] as far as chains and streams, and [MS-XLS] as far as the places of cells. It keeps
//! no value. The library follows chains without looking for circles and holds the rectangle around the
//! filled cells of each sheet; both are checked here. Specified in `docs/formats/reading-files.md`, "Limits".

use super::limits::{CELLS_MAX, RECTANGLE_MAX, SHEETS_MAX, add, cap};
use crate::error::PrepareError;

const HEADER: usize = 512;
const END_OF_CHAIN: u32 = 0xffff_fffe;
/// Identifiers from here on are marks and no sectors.
const MARKS: u32 = 0xffff_fffa;
const ENTRY: usize = 128;
/// Streams below this size lie in the small sectors.
const SMALL_STREAM: usize = 4096;
const SMALL_SECTOR: usize = 64;

/// What was seen on the way.
pub(super) struct Compound {
    /// Whether a macro project lies inside. It is never read, let alone run.
    pub(super) macros: bool,
    /// Whether the stream of an encrypted XLSX lies inside.
    pub(super) encrypted: bool,
}

struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    fat: Vec<u32>,
}

impl<'a> Sectors<'a> {
    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let id = usize::try_from(id).ok()?;
        // The header takes the place of one sector.
        let start = id.checked_add(1)?.checked_mul(self.size)?;
        let end = start.checked_add(self.size)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// Sectors of one chain, put together; refused when it runs in circles or out of the file.
    fn chain(&self, mut id: u32, limit: usize) -> Result<Vec<u8>, PrepareError> {
        let (mut out, mut steps) = (Vec::new(), 0);
        while id != END_OF_CHAIN {
            steps += 1;
            if steps > self.fat.len() {
                return Err(PrepareError::Workbook);
            }
            out.extend_from_slice(self.sector(id).ok_or(PrepareError::Workbook)?);
            if out.len() >= limit {
                break;
            }
            id = next(&self.fat, id)?;
        }
        out.truncate(limit);
        Ok(out)
    }
}

fn next(table: &[u32], id: u32) -> Result<u32, PrepareError> {
    let place = usize::try_from(id).map_err(|_| PrepareError::Workbook)?;
    table.get(place).copied().ok_or(PrepareError::Workbook)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// Holds the file against the limits.
pub(super) fn check(bytes: &[u8]) -> Result<Compound, PrepareError> {
    let sectors = sectors(bytes)?;
    let field = |at| u32_at(bytes, at).ok_or(PrepareError::Workbook);
    let directory = sectors.chain(field(48)?, usize::MAX)?;
    let entries: Vec<Entry> =
        directory.chunks_exact(ENTRY).map(|entry| Entry::read(entry, sectors.size)).collect();
    let root = entries.first().ok_or(PrepareError::Workbook)?;
    let (small, small_fat) = if field(64)? > 0 {
        let small_fat = sectors.chain(field(60)?, usize::MAX)?;
        (sectors.chain(root.start, root.len)?, words(&small_fat).collect())
    } else {
        (Vec::new(), Vec::new())
    };
    let named = |name: &str| entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
    let encrypted = named("EncryptedPackage").is_some();
    if !encrypted && named("Workbook").or_else(|| named("Book")).is_none() {
        return Err(PrepareError::Workbook);
    }
    for name in ["Workbook", "Book"] {
        let Some(entry) = named(name) else { continue };
        let stream = if entry.len < SMALL_STREAM {
            small_chain(&small, &small_fat, entry)?
        } else {
            sectors.chain(entry.start, entry.len)?
        };
        extents(&stream)?;
    }
    let macros = named("_VBA_PROJECT_CUR").is_some() || named("_VBA_PROJECT").is_some();
    Ok(Compound { macros, encrypted })
}

fn sectors(bytes: &[u8]) -> Result<Sectors<'_>, PrepareError> {
    let size = match u16_at(bytes, 30) {
        Some(9) => 512,
        Some(12) => 4096,
        _ => return Err(PrepareError::Workbook),
    };
    let mut sectors = Sectors { bytes, size, fat: Vec::new() };
    let count = bytes.len() / size + 1;
    let mut tables: Vec<u32> =
        words(bytes.get(76..HEADER).ok_or(PrepareError::Workbook)?).collect();
    let mut id = u32_at(bytes, 68).ok_or(PrepareError::Workbook)?;
    let mut steps = 0;
    while id < MARKS {
        steps += 1;
        let sector = sectors.sector(id).filter(|_| steps <= count);
        tables.extend(words(sector.ok_or(PrepareError::Workbook)?));
        id = tables.pop().ok_or(PrepareError::Workbook)?;
    }
    for id in tables.into_iter().filter(|id| *id < MARKS) {
        let sector = sectors.sector(id).ok_or(PrepareError::Workbook)?;
        sectors.fat.extend(words(sector));
        // One sector of the table speaks of a hundred others: it cannot speak of more than there are.
        if sectors.fat.len() > 2 * count + size {
            return Err(PrepareError::Workbook);
        }
    }
    Ok(sectors)
}

struct Entry {
    name: String,
    start: u32,
    len: usize,
}

impl Entry {
    /// Reads an entry exactly as the library does, so that both mean the same stream by a name.
    fn read(bytes: &[u8], sector: usize) -> Self {
        let (name, _, _) = encoding_rs::UTF_16LE.decode(&bytes[..64]);
        let name = name.split('\0').next().unwrap_or_default().to_owned();
        let low = u32_at(bytes, 120).map_or(0, u64::from);
        // Files of small sectors have no upper half of a length.
        let high = u32_at(bytes, 124).filter(|_| sector > HEADER).map_or(0, u64::from);
        let len = usize::try_from(high << 32 | low).unwrap_or(usize::MAX);
        Self { name, start: u32_at(bytes, 116).unwrap_or(END_OF_CHAIN), len }
    }
}

fn small_chain(small: &[u8], table: &[u32], entry: &Entry) -> Result<Vec<u8>, PrepareError> {
    let (mut out, mut id) = (Vec::new(), entry.start);
    while id != END_OF_CHAIN && out.len() < entry.len {
        let start = usize::try_from(id).unwrap_or(usize::MAX).saturating_mul(SMALL_SECTOR);
        let end = start.saturating_add(SMALL_SECTOR).min(small.len());
        out.extend_from_slice(small.get(start..end).ok_or(PrepareError::Workbook)?);
        id = next(table, id)?;
        if out.len() > 2 * SMALL_STREAM {
            return Err(PrepareError::Workbook);
        }
    }
    out.truncate(entry.len);
    Ok(out)
}

/// The records of a stream: type and bytes.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, len) = (u16_at(self.0, 0)?, usize::from(u16_at(self.0, 2)?));
        let data = self.0.get(4..4 + len)?;
        self.0 = &self.0[4 + len..];
        Some((kind, data))
    }
}

const END_OF_SUBSTREAM: u16 = 0x000a;

/// Adds up the rectangles of the sheets, each read from the place where the list of sheets says that it
/// begins, as the library does: a false place makes other records of the same bytes.
fn extents(stream: &[u8]) -> Result<(), PrepareError> {
    const BOUND_SHEET: u16 = 0x0085;
    let (mut sheets, mut total) = (0, 0_u64);
    for (kind, data) in Records(stream) {
        match kind {
            END_OF_SUBSTREAM => break,
            BOUND_SHEET => {
                let start = u32_at(data, 0).and_then(|start| usize::try_from(start).ok());
                let sheet = start.and_then(|start| stream.get(start..));
                total = add(total, extent(sheet.ok_or(PrepareError::Workbook)?, total)?);
                sheets += 1;
            }
            _ => {}
        }
        if sheets > SHEETS_MAX {
            return cap(u64::MAX, RECTANGLE_MAX);
        }
    }
    Ok(())
}

/// Cells of the rectangle around the filled cells of one sheet; embedded charts are passed over.
fn extent(sheet: &[u8], before: u64) -> Result<u64, PrepareError> {
    const BEGIN_OF_SUBSTREAM: u16 = 0x0809;
    const DIMENSIONS: u16 = 0x0200;
    let (mut begun, mut depth) = (false, 0_usize);
    let mut corners: Option<[u64; 4]> = None;
    let mut area = 0;
    for (kind, data) in Records(sheet) {
        match kind {
            BEGIN_OF_SUBSTREAM if begun => depth += 1,
            BEGIN_OF_SUBSTREAM => begun = true,
            END_OF_SUBSTREAM if depth == 0 => break,
            END_OF_SUBSTREAM => depth -= 1,
            _ if depth > 0 => {}
            // Room that is made and not filled: a sheet with formatted columns claims all of itself.
            DIMENSIONS => cap(claimed(data), CELLS_MAX)?,
            // Formula, number, label, boolean, RK, rich text, shared text, and several RK in a row.
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x027e | 0x00d6 | 0x00fd | 0x00bd => {
                let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else {
                    continue;
                };
                let last = match kind {
                    0x00bd => u16_at(data, data.len().saturating_sub(2)).unwrap_or(column),
                    _ => column,
                };
                let (row, left) = (u64::from(row), u64::from(column));
                let right = left.max(u64::from(last));
                let [top, first, bottom, end] = corners.unwrap_or([row, left, row, right]);
                let [top, first, bottom, end] =
                    [top.min(row), first.min(left), bottom.max(row), end.max(right)];
                corners = Some([top, first, bottom, end]);
                area = (bottom - top + 1) * (end - first + 1);
                cap(add(before, area), RECTANGLE_MAX)?;
            }
            _ => {}
        }
    }
    Ok(area)
}

/// Cells that the record of a sheet's dimensions claims at most: the library makes room for them.
fn claimed(data: &[u8]) -> u64 {
    let short = |at| u16_at(data, at).map_or(0, u64::from);
    let long = |at| u32_at(data, at).map_or(0, u64::from);
    let (first, last, columns) = match data.len() {
        10 => (short(0), short(2), short(6)),
        _ => (long(0), long(4), short(10)),
    };
    last.saturating_sub(first).saturating_mul(columns)
}
