//! How much a file may ask for.
//!
//! A workbook is small on disk and large in memory: the library that reads it believes what the file
//! says of itself, and memory that cannot be had ends the program, which no error can report. So each
//! claim is held against these bounds first. Specified in `docs/formats/reading-files.md`, "Limits".

use crate::error::PrepareError;

/// Entries of an archive. A workbook of two hundred sheets has about five hundred.
pub(super) const ENTRIES_MAX: usize = 4096;

/// Bytes of all entries unpacked. A million rows of fifteen columns unpack to about 500 MB.
pub(super) const UNPACKED_MAX: u64 = 1 << 29;

/// How many bytes one byte may become, in entries beyond [`EXPANSION_MIN_BYTES`]. Sheets of a million rows
/// without a value reach 15, filled ones less; the method itself ends at 1,032.
pub(super) const EXPANSION_MAX: u64 = 100;

/// Below this size an entry may expand as it likes: it costs nothing.
pub(super) const EXPANSION_MIN_BYTES: u64 = 1 << 24;

/// Cells of the rectangles around the filled cells of all sheets, where the library holds rectangles (XLS
/// and ODS). One full XLS sheet of 128 columns has as many.
pub(super) const RECTANGLE_MAX: u64 = 1 << 23;

/// Filled cells of all sheets, where only these are held (XLSX and XLSB).
pub(super) const CELLS_MAX: u64 = 1 << 24;

/// Sheets that are read.
pub(super) const SHEETS_MAX: usize = 256;

/// Bytes between two line ends of a text, and bytes of one record, whose quotes may hold line ends. A full row
/// has 128 cells of 32,767 signs.
pub(super) const LINE_MAX: usize = 1 << 22;

/// Bytes at the beginning of a text by which separator, headings and hashed columns are known.
pub(crate) const HEAD_BYTES: usize = 1 << 23;

/// Bytes of a block of a long text: small enough for the caches, large enough to be worth a hand-over.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;

/// Sum that stays at its highest.
pub(super) const fn add(one: u64, other: u64) -> u64 {
    one.saturating_add(other)
}

/// Refuses what is beyond a limit.
pub(super) const fn cap(cells: u64, limit: u64) -> Result<(), PrepareError> {
    if cells > limit { Err(PrepareError::WorkbookTooLarge { limit }) } else { Ok(()) }
}

/// Refuses a line that no table has, before anything is copied.
pub(super) fn lines(text: &str) -> Result<(), PrepareError> {
    let mut rest = text.as_bytes();
    while rest.len() > LINE_MAX {
        // From the last line end that is near enough: few bytes are looked at.
        let end = rest[..=LINE_MAX].iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        let end = end.ok_or(PrepareError::LineTooLong { limit: LINE_MAX })?;
        rest = &rest[end + 1..];
    }
    Ok(())
}
