//! From bytes to a table of cells, whatever software wrote them.
//!
//! What a column means is `headings`; what a value means is `normalise`. Nothing here guesses from the
//! file's name: the content decides. Specified in `docs/formats/reading-files.md`.

mod archive;
mod blocks;
mod compound;
mod delimited;
pub(crate) mod encoding;
pub(crate) mod headings;
pub(crate) mod limits;
mod names;
pub(crate) mod sniff;
pub(crate) mod suggest;
mod workbook;

use std::borrow::Cow;

use jiff::civil::Date;

pub use blocks::{Block, Cutter};

use crate::{error::PrepareError, field::FileKind, prepare::PrepareOptions, wiped::Wiped};

/// Most columns a file may have.
pub(crate) const COLUMNS_MAX: usize = 128;

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
    Day(Date),
}

impl<'a> Cell<'a> {
    /// The cell as somebody would have typed it.
    #[inline]
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(_) | Self::Day(_) => Cow::Owned(self.written()),
        }
    }

    /// The text of a cell that is none.
    #[cold]
    fn written(self) -> String {
        match self {
            Self::Empty | Self::Text(_) => String::new(),
            // Shortest form: 612345678, not 612345678.0 and never an exponent.
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }

    #[inline]
    pub(crate) fn is_blank(self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(char::is_whitespace),
            Self::Number(_) | Self::Day(_) => false,
        }
    }
}

/// The sheet of a workbook that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    /// Other visible sheets that hold something.
    pub(crate) others: Vec<String>,
    /// Number of hidden sheets; nothing of them is read.
    pub(crate) hidden: usize,
}

/// A file as rows of cells, heading and title rows still among them.
pub(crate) struct Table {
    /// Encoding of a text, container of a workbook.
    pub(crate) encoding: &'static str,
    pub(crate) separator: Option<char>,
    pub(crate) sheet: Option<Chosen>,
    /// Whether the workbook carries macros (they are read past).
    pub(crate) macros: bool,
    cells: Cells,
}

enum Cells {
    Text(delimited::Records),
    Sheet(workbook::Sheet),
}

impl Table {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match &self.cells {
            Cells::Text(records) => records.len(),
            Cells::Sheet(sheet) => sheet.len(),
        }
    }

    /// One row.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> Row<'_> {
        match &self.cells {
            Cells::Text(records) => Row::Text(records.record_at(row)),
            Cells::Sheet(sheet) => Row::Sheet(sheet, row),
        }
    }

    /// Number of cells of a row, blank ones at its end left out.
    pub(crate) fn width(&self, row: usize) -> usize {
        self.row(row).width()
    }

    /// Cells of the widest row.
    pub(crate) fn widest(&self) -> usize {
        (0..self.len()).map(|row| self.width(row)).max().unwrap_or(0)
    }

    /// Bytes of the text up to the end of a row; 0 for a workbook.
    pub(crate) fn bytes_to(&self, row: usize) -> usize {
        match &self.cells {
            Cells::Text(records) => records.end(row),
            Cells::Sheet(_) => 0,
        }
    }

    /// One cell; `Empty` beyond the row's end.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        self.row(row).cell(column)
    }
}

/// A row of a [`Table`].
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Text(delimited::Record<'a>),
    Sheet(&'a workbook::Sheet, usize),
}

impl<'a> Row<'a> {
    /// One cell; `Empty` beyond the row's end.
    #[inline]
    pub(crate) fn cell(self, column: usize) -> Cell<'a> {
        match self {
            Self::Text(record) => record.cell(column).map_or(Cell::Empty, Cell::Text),
            Self::Sheet(sheet, row) => sheet.cell(row, column),
        }
    }

    /// Number of cells, blank ones at the end left out.
    #[inline]
    pub(crate) fn width(self) -> usize {
        let full = match self {
            Self::Text(record) => record.width(),
            Self::Sheet(sheet, row) => sheet.width(row),
        };
        (0..full).rev().find(|column| !self.cell(*column).is_blank()).map_or(0, |last| last + 1)
    }
}

/// Reads a file into a table. With it, for a long text, the table of its beginning, by which the columns are
/// known whether the rest is at hand or not.
pub(crate) fn table(
    bytes: &[u8],
    options: &PrepareOptions,
) -> Result<(Table, Option<Table>), PrepareError> {
    match sniff::container(bytes) {
        sniff::Container::Workbook => Ok((workbook::read(bytes, options)?, None)),
        sniff::Container::Other => Err(PrepareError::NotATable),
        sniff::Container::Text => text(bytes, options),
    }
}

fn text(bytes: &[u8], options: &PrepareOptions) -> Result<(Table, Option<Table>), PrepareError> {
    let Some(head) = bytes.get(..limits::HEAD_BYTES).filter(|head| head.len() < bytes.len()) else {
        return Ok((begin(bytes, true, options, None)?.table, None));
    };
    let utf8 =
        options.encoding.is_none().then(|| encoding::Utf8Evidence::of(bytes).speaks_for_it());
    let head = begin(head, false, options, utf8)?;
    let text = cleared(encoding::decode(bytes, head.choice.codes));
    check(&text)?;
    let name = head.choice.codes.name();
    let table = text_table(text, name, head.separator, delimited::Extent::WHOLE)?;
    Ok((table, Some(head.table)))
}

/// The beginning of a text: how it is to be read.
pub(crate) struct Beginning {
    pub(crate) choice: encoding::Choice,
    pub(crate) separator: char,
    /// The records of the beginning that are whole.
    pub(crate) table: Table,
}

/// Reads the beginning of a text, or a whole one, and understands it. Headings that make no sense may do so in
/// the encoding that the rest of the file speaks for.
pub(crate) fn understood<P>(
    head: &[u8],
    whole: bool,
    options: &PrepareOptions,
    utf8: Option<bool>,
    understand: impl Fn(&Table) -> Result<P, PrepareError>,
) -> Result<(Beginning, P), PrepareError> {
    if matches!(sniff::container(head), sniff::Container::Other) {
        return Err(PrepareError::NotATable);
    }
    let once = |utf8| {
        let start = begin(head, whole, options, utf8)?;
        let understood = understand(&start.table)?;
        Ok((start, understood))
    };
    let first = once(utf8);
    if first.is_ok() || whole || utf8.is_some() || options.encoding.is_some() {
        return first;
    }
    let other = !encoding::Utf8Evidence::of(head).speaks_for_it();
    once(Some(other)).or(first)
}

/// Reads the beginning of a text, or a whole one. `utf8` says whether the whole file is UTF-8, where that is
/// known.
pub(crate) fn begin(
    head: &[u8],
    whole: bool,
    options: &PrepareOptions,
    utf8: Option<bool>,
) -> Result<Beginning, PrepareError> {
    // A sign that was cut through must not count as a bad one.
    let lines = if whole { None } else { memchr::memrchr2(b'\n', b'\r', head) };
    let sample = lines.map_or(head, |end| &head[..=end]);
    let choice = encoding::choose(sample, options.encoding.as_deref(), utf8)?;
    let bytes = if choice.codes.cuts_before_decoding() { sample } else { head };
    let text = cleared(encoding::decode(bytes, choice.codes));
    if text.chars().all(|c| c.is_whitespace() || c == '\0' || c == '\u{feff}') {
        return Err(PrepareError::Empty);
    }
    if sniff::is_markup(&text) {
        return Err(PrepareError::Markup);
    }
    check(&text)?;
    let separator = match options.separator {
        Some(separator) if separator.is_ascii() && !matches!(separator, '"' | '\r' | '\n') => {
            separator
        }
        Some(_) => return Err(PrepareError::Separator),
        None => detect_separator(&text, whole, options),
    };
    let extent = delimited::Extent { limit: None, last: whole };
    let table = text_table(text, choice.codes.name(), separator, extent)?;
    Ok(Beginning { choice, separator, table })
}

/// The text without a second byte-order mark: software writes one, and other software another.
fn cleared(text: Cow<'_, str>) -> Wiped<String> {
    Wiped::new(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text.into_owned(),
    })
}

/// What no text of a table has.
fn check(text: &str) -> Result<(), PrepareError> {
    // Software that writes UTF-16 through the wrong door leaves zeros; real text has none.
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(PrepareError::NotATable);
    }
    limits::lines(text)
}

/// Reads a block of a text that began so. With it, how far its bytes are UTF-8, where that is asked.
pub(crate) fn block(
    block: Block,
    codes: encoding::Codes,
    separator: char,
    asked: bool,
) -> Result<(Table, encoding::Utf8Evidence), PrepareError> {
    let Block { mut bytes, last, .. } = block;
    // A decoder stands before the cutter where a byte may be a part of another sign.
    let (text, evidence) = if codes.cuts_before_decoding() {
        encoding::decode_block(&bytes, codes, asked)
    } else {
        let text = String::from_utf8(std::mem::take(&mut *bytes));
        let text = text.map_err(|_| PrepareError::NotATable)?;
        (text, encoding::Utf8Evidence::default())
    };
    check(&text)?;
    let extent = delimited::Extent { limit: None, last };
    let table = text_table(Wiped::new(text), codes.name(), separator, extent)?;
    Ok((table, evidence))
}

fn text_table(
    text: Wiped<String>,
    encoding: &'static str,
    separator: char,
    extent: delimited::Extent,
) -> Result<Table, PrepareError> {
    let cells = Cells::Text(delimited::Records::read(text, separator, extent)?);
    Ok(Table { encoding, separator: Some(separator), sheet: None, macros: false, cells })
}

/// Bytes in which the rows are looked for that tell the separator.
const SAMPLE_BYTES: usize = 1 << 17;

/// The separator under which the first rows are best understood: most headings, then most columns.
fn detect_separator(text: &str, whole: bool, options: &PrepareOptions) -> char {
    let first_rows = |text: &str, last: bool, separator: char| {
        let extent = delimited::Extent { limit: Some(headings::SEARCH_ROWS), last };
        text_table(Wiped::new(text.to_owned()), "", separator, extent).ok()
    };
    // The first rows nearly always lie close to the beginning; else all of it is looked at.
    let end = text.len().min(SAMPLE_BYTES);
    let start = (0..4).find_map(|back| text.get(..end.saturating_sub(back))).unwrap_or(text);
    let score = |separator: char| {
        let table = first_rows(start, false, separator)
            .filter(|table| table.len() == headings::SEARCH_ROWS)
            .or_else(|| first_rows(text, whole, separator));
        table.map_or((0, 0), |table| (headings::best_score(&table, options), table.widest()))
    };
    // The French default first: of equals, `max_by_key` would keep the last.
    [';', ',', '\t', '|'].into_iter().rev().max_by_key(|separator| score(*separator)).unwrap_or(';')
}

/// What a bare "date" heading means in such a file.
pub(crate) const fn event_date(kind: FileKind) -> crate::field::Field {
    match kind {
        FileKind::Leads => crate::field::Field::LeadDate,
        _ => crate::field::Field::SaleDate,
    }
}
