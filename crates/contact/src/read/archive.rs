//! What a ZIP workbook would cost, before any of it is unpacked into cells.
//!
//! Only sizes, names and the few counts that a reader allocates by are looked at; cells are `workbook`.
//! The ZIP library stops an entry at its declared size, so that declared sizes can be held against the
//! limits. Specified in `docs/formats/reading-files.md`, "Limits".

use std::io::{BufReader, Cursor};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
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
    // Several entries may end alike, and it is the library that chooses among them: each is looked at.
    let (mut strings, mut content) = (Vec::new(), Vec::new());
    let (mut macros, mut total) = (false, 0_u64);
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
            strings.push(place);
        } else if name == "content.xml" {
            content.push(place);
        }
    }
    for place in strings {
        shared_strings(open(&mut archive, place)?)?;
    }
    for place in content {
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
/// than fit into its bytes. What the table says stands in its first element, however much comes before.
fn shared_strings(entry: Entry<'_, '_>) -> Result<(), PrepareError> {
    let size = entry.size();
    let mut reader = reader(entry, false);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| PrepareError::Workbook)? {
            Event::Start(tag) if tag.local_name().as_ref() == "sst" => {
                // The shortest text is `<si/>`.
                let fits = claims(tag.attributes_raw()).all(|claim| claim <= size / 5 + 1);
                return if fits { Ok(()) } else { Err(PrepareError::Workbook) };
            }
            // No table: the library says so.
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The numbers of texts that an element claims, wherever in its attributes.
fn claims(attributes: &str) -> impl Iterator<Item = u64> {
    attributes.split("uniqueCount").skip(1).map(|after| {
        let digits = after.trim_start_matches([' ', '\t', '\r', '\n', '=', '\'', '"', '+']);
        let digits = digits.bytes().take_while(u8::is_ascii_digit);
        digits
            .fold(0, |sum: u64, byte| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}

/// A reader that goes through a document as the library does.
fn reader<'a, 'b>(entry: Entry<'a, 'b>, check_end_names: bool) -> Reader<BufReader<Entry<'a, 'b>>> {
    let mut reader = Reader::from_reader(BufReader::new(entry));
    let config = reader.config_mut();
    (config.check_end_names, config.check_comments) = (check_end_names, false);
    config.expand_empty_elements = true;
    reader
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

/// What has been seen of an OpenDocument's content.
struct Content {
    /// Elements that are open.
    depth: u64,
    in_table: bool,
    in_row: bool,
    row_repeats: u64,
    /// Columns of the row, and the number of the last filled one.
    columns: u64,
    filled: u64,
    cell_repeats: u64,
    /// Bytes of the cell's and of the row's texts, repeats of cells counted.
    cell_bytes: u64,
    row_bytes: u64,
    extent: Extent,
    /// Cells and bytes of the tables before.
    cells: u64,
    bytes: u64,
}

/// Bytes of a cell's attributes that are no text of its own: type, style, number.
const ATTRIBUTES: u64 = 128;

/// A few bytes of an OpenDocument sheet can say "a million times": its rectangles are added up, and the
/// texts in them.
fn open_document(entry: Entry<'_, '_>) -> Result<(), PrepareError> {
    let mut reader = reader(entry, true);
    let mut buffer = Vec::new();
    let mut content = Content::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| PrepareError::Workbook)? {
            Event::Start(tag) => content.start(&tag)?,
            Event::End(tag) => content.end(tag.name().as_ref())?,
            Event::Text(text) => content.cell_bytes = add(content.cell_bytes, length(text.len())),
            // The library looks for the ends of cells, rows and tables by their names, for ever if need
            // be: elements must nest, and all of them must end.
            Event::Eof if content.depth > 0 => return Err(PrepareError::Workbook),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Content {
    fn new() -> Self {
        Self {
            depth: 0,
            in_table: false,
            in_row: false,
            row_repeats: 1,
            columns: 0,
            filled: 0,
            cell_repeats: 1,
            cell_bytes: 0,
            row_bytes: 0,
            extent: Extent::default(),
            cells: 0,
            bytes: 0,
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), PrepareError> {
        self.depth += 1;
        match tag.name().as_ref() {
            // A table inside another, or a row inside a row, would hide from the count what the library
            // adds up.
            "table:table" if self.in_table => return Err(PrepareError::Workbook),
            "table:table-row" if self.in_row => return Err(PrepareError::Workbook),
            "table:table" => (self.extent, self.in_table) = (Extent::default(), true),
            "table:table-row" => {
                self.row_repeats = repeats(tag, "table:number-rows-repeated")?;
                (self.columns, self.filled, self.row_bytes) = (0, 0, 0);
                self.in_row = true;
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.cell_repeats = repeats(tag, "table:number-columns-repeated")?;
                self.columns = add(self.columns, self.cell_repeats);
                let attributes = tag.attributes_raw();
                self.cell_bytes = length(attributes.len()).saturating_sub(ATTRIBUTES);
                let mut attributes = attributes.split_ascii_whitespace();
                if attributes.any(|a| a.contains("office:") || a.contains("table:formula")) {
                    self.filled = self.columns;
                }
            }
            // One element for many blanks.
            "text:s" => self.cell_bytes = add(self.cell_bytes, repeats(tag, "text:c")?),
            _ => {}
        }
        if self.cell_bytes > UNPACKED_MAX { Err(PrepareError::ZipBomb) } else { Ok(()) }
    }

    fn end(&mut self, name: &str) -> Result<(), PrepareError> {
        self.depth = self.depth.saturating_sub(1);
        match name {
            "table:table-cell" | "table:covered-table-cell" => {
                let written = self.cell_repeats.min(COLUMNS_WRITTEN);
                self.row_bytes = add(self.row_bytes, self.cell_bytes.saturating_mul(written));
                self.cell_bytes = 0;
            }
            "table:table-row" => {
                self.in_row = false;
                self.extent.rows = add(self.extent.rows, self.row_repeats);
                self.extent.written = add(self.extent.written, self.filled.min(COLUMNS_WRITTEN));
                if self.filled > 0 {
                    self.extent.filled_rows = self.extent.rows;
                    self.extent.width = self.extent.width.max(self.filled.min(COLUMNS_WRITTEN));
                    let bytes = self.row_bytes.saturating_mul(self.row_repeats);
                    self.bytes = add(self.bytes, bytes);
                }
                cap(add(self.cells, self.extent.claimed()), RECTANGLE_MAX)?;
                if self.bytes > UNPACKED_MAX {
                    return Err(PrepareError::ZipBomb);
                }
            }
            "table:table" => {
                self.in_table = false;
                self.cells = add(self.cells, self.extent.claimed());
                cap(self.cells, RECTANGLE_MAX)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Columns of a row that the library writes out at most.
const COLUMNS_WRITTEN: u64 = 1 << 14;

impl Extent {
    fn claimed(&self) -> u64 {
        self.written.max(self.rectangle())
    }

    const fn rectangle(&self) -> u64 {
        self.filled_rows.saturating_mul(self.width)
    }
}

fn repeats(tag: &BytesStart<'_>, name: &str) -> Result<u64, PrepareError> {
    let found = tag.try_get_attribute(name).map_err(|_| PrepareError::Workbook)?;
    found.map_or(Ok(1), |found| found.value.trim().parse().map_err(|_| PrepareError::Workbook))
}
