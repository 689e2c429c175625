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
    let entries: Vec<Entry> = directory.chunks_exact(ENTRY).map(Entry::read).collect();
    let root = entries.first().ok_or(PrepareError::Workbook)?;
    let (small, small_fat) = if field(64)? > 0 {
        let small_fat = sectors.chain(field(60)?, usize::MAX)?;
        (sectors.chain(root.start, root.len)?, words(&small_fat).collect())
    } else {
        (Vec::new(), Vec::new())
    };
    let named = |name: &str| entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
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
    Ok(Compound { macros, encrypted: named("EncryptedPackage").is_some() })
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
    fn read(bytes: &[u8]) -> Self {
        let units: Vec<u16> = (0..32).filter_map(|place| u16_at(bytes, 2 * place)).collect();
        let name = String::from_utf16_lossy(&units);
        let name = name.split('\0').next().unwrap_or_default().to_owned();
        let len = u32_at(bytes, 120).and_then(|len| usize::try_from(len).ok());
        Self { name, start: u32_at(bytes, 116).unwrap_or(END_OF_CHAIN), len: len.unwrap_or(0) }
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

/// Adds up the rectangles of the sheets. Records that are no cells of a sheet are counted as if they
/// were: what is counted is never less than what the library will hold.
fn extents(stream: &[u8]) -> Result<(), PrepareError> {
    const BOF: u16 = 0x0809;
    const DIMENSIONS: u16 = 0x0200;
    let (mut rest, mut sheets, mut total) = (stream, 0, 0_u64);
    let mut corner: Option<[u64; 4]> = None;
    let area = |corner: Option<[u64; 4]>| {
        corner.map_or(0, |[top, left, bottom, right]| (bottom - top + 1) * (right - left + 1))
    };
    while let (Some(kind), Some(len)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let Some(data) = rest.get(4..4 + usize::from(len)) else { break };
        rest = &rest[4 + usize::from(len)..];
        match kind {
            BOF => {
                total = add(total, area(corner.take()));
                sheets += 1;
            }
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
                let (row, left, right) =
                    (u64::from(row), u64::from(column), u64::from(last.max(column)));
                let [top, l, bottom, r] = corner.unwrap_or([row, left, row, right]);
                corner = Some([top.min(row), l.min(left), bottom.max(row), r.max(right)]);
                cap(add(total, area(corner)), RECTANGLE_MAX)?;
            }
            _ => {}
        }
    }
    if sheets > 2 * SHEETS_MAX { cap(u64::MAX, RECTANGLE_MAX) } else { Ok(()) }
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
