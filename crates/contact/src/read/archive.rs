//! What a ZIP workbook would cost, before any of it is unpacked into cells.
//!
//! Only sizes, names and the few counts that a reader allocates by are looked at; cells are `workbook`.
//! The ZIP library stops an entry at its declared size, so that declared sizes can be held against the
//! limits. Specified in `docs/formats/reading-files.md`, "Limits".

use std::io::{Cursor, Read};

use quick_xml::{Reader, events::Event};
use zip::{ZipArchive, result::ZipError};

use super::limits::{
    ENTRIES_MAX, EXPANSION_MAX, EXPANSION_MIN_BYTES, RECTANGLE_MAX, UNPACKED_MAX, add, cap,
};
use crate::error::PrepareError;

/// What was seen on the way.
pub(super) struct Archive {
    /// Whether a macro project lies inside. It is never read, let alone run.
    pub(super) macros: bool,
}

/// Holds the archive against the limits.
pub(super) fn check(bytes: &[u8]) -> Result<Archive, PrepareError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| PrepareError::Workbook)?;
    if archive.len() > ENTRIES_MAX {
        return Err(PrepareError::ZipBomb);
    }
    let (mut macros, mut strings, mut content, mut total) = (false, None, None, 0_u64);
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(|_| PrepareError::Workbook)?;
        if entry.encrypted() {
            return Err(PrepareError::Password);
        }
        total = total.saturating_add(entry.size());
        let expands = entry.size() / EXPANSION_MAX > entry.compressed_size();
        if total > UNPACKED_MAX || (expands && entry.size() > EXPANSION_MIN_BYTES) {
            return Err(PrepareError::ZipBomb);
        }
        let name = String::from_utf8_lossy(entry.name_raw()).to_ascii_lowercase();
        macros |= name.ends_with("vbaproject.bin");
        if name.ends_with("sharedstrings.xml") {
            strings = Some(place);
        } else if name == "content.xml" {
            content = Some(place);
        }
    }
    if let Some(place) = strings {
        shared_strings(open(&mut archive, place)?)?;
    }
    if let Some(place) = content {
        open_document(open(&mut archive, place)?)?;
    }
    Ok(Archive { macros })
}

type Entry<'a, 'b> = zip::read::ZipFile<'a, Cursor<&'b [u8]>>;

fn open<'a, 'b>(
    archive: &'a mut ZipArchive<Cursor<&'b [u8]>>,
    place: usize,
) -> Result<Entry<'a, 'b>, PrepareError> {
    archive.by_index(place).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => PrepareError::Password,
        _ => PrepareError::Workbook,
    })
}

/// The reader of XLSX makes room for as many texts as the table says that it has: it cannot have more
/// than fit into its bytes.
fn shared_strings(entry: Entry<'_, '_>) -> Result<(), PrepareError> {
    let size = entry.size();
    let mut head = Vec::with_capacity(4096);
    entry.take(1 << 16).read_to_end(&mut head).map_err(|_| PrepareError::Workbook)?;
    let mark = b"uniqueCount";
    let claims = head.windows(mark.len()).enumerate().filter(|(_, window)| window == mark);
    for (place, _) in claims {
        let digits =
            head[place + mark.len()..].iter().skip_while(|byte| b" \t\r\n='\"".contains(byte));
        let claim = digits
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0_u64, |sum, byte| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
        // The shortest text is `<si/>`.
        if claim > size / 5 + 1 {
            return Err(PrepareError::Workbook);
        }
    }
    Ok(())
}

/// One sheet of an OpenDocument workbook as the library will hold it.
#[derive(Default)]
struct Extent {
    /// Rows so far, repeats counted, and the number of the last filled one.
    rows: u64,
    filled_rows: u64,
    /// Columns of the widest filled row.
    width: u64,
    /// Cells written out row by row, row repeats not counted.
    written: u64,
}

/// A few bytes of an OpenDocument sheet can say "a million times": its rectangles are added up.
fn open_document(entry: Entry<'_, '_>) -> Result<(), PrepareError> {
    let mut reader = Reader::from_reader(std::io::BufReader::new(entry));
    let config = reader.config_mut();
    (config.check_end_names, config.check_comments) = (false, false);
    config.expand_empty_elements = true;
    let (mut buffer, mut cells) = (Vec::new(), 0_u64);
    let (mut extent, mut open, mut in_row) = (Extent::default(), false, false);
    let (mut row_repeats, mut columns, mut filled) = (1, 0_u64, 0_u64);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| PrepareError::Workbook)? {
            Event::Start(tag) => match tag.name().as_ref() {
                // A table inside another, or a row inside a row, would hide from the count what the
                // library adds up.
                "table:table" if open => return Err(PrepareError::Workbook),
                "table:table-row" if in_row => return Err(PrepareError::Workbook),
                "table:table" => (extent, open) = (Extent::default(), true),
                "table:table-row" => {
                    row_repeats = repeats(&tag, "table:number-rows-repeated")?;
                    (columns, filled, in_row) = (0, 0, true);
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    columns = add(columns, repeats(&tag, "table:number-columns-repeated")?);
                    let mut attributes = tag.attributes_raw().split_ascii_whitespace();
                    if attributes.any(|a| a.contains("office:") || a.contains("table:formula")) {
                        filled = columns;
                    }
                }
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    in_row = false;
                    extent.rows = add(extent.rows, row_repeats);
                    extent.written = add(extent.written, filled.min(1 << 14));
                    if filled > 0 {
                        extent.filled_rows = extent.rows;
                        extent.width = extent.width.max(filled.min(1 << 14));
                    }
                    cap(add(cells, extent.written.max(extent.rectangle())), RECTANGLE_MAX)?;
                }
                "table:table" => {
                    open = false;
                    cells = add(cells, extent.written.max(extent.rectangle()));
                    cap(cells, RECTANGLE_MAX)?;
                }
                _ => {}
            },
            // The library would look for the end of the table for ever.
            Event::Eof if open => return Err(PrepareError::Workbook),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

impl Extent {
    const fn rectangle(&self) -> u64 {
        self.filled_rows.saturating_mul(self.width)
    }
}

fn repeats(tag: &quick_xml::events::BytesStart<'_>, name: &str) -> Result<u64, PrepareError> {
    let found = tag.try_get_attribute(name).map_err(|_| PrepareError::Workbook)?;
    found.map_or(Ok(1), |found| found.value.trim().parse().map_err(|_| PrepareError::Workbook))
}
