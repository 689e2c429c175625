//! From bytes to a table of cells, whatever software wrote them.
//!
//! What a column means is `headings`; what a value means is `normalise`. Nothing here guesses from the
//! file's name: the content decides. Specified in `docs/formats/reading-files.md`.

mod archive;
mod compound;
mod delimited;
mod encoding;
pub(crate) mod headings;
mod limits;
mod names;
mod sniff;
mod workbook;

use std::borrow::Cow;

use jiff::civil::Date;

use crate::{error::PrepareError, field::FileKind, prepare::PrepareOptions};

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
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            // Shortest form: 612345678, not 612345678.0 and never an exponent.
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Day(day) => Cow::Owned(day.to_string()),
        }
    }

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

    /// Number of cells of a row, blank ones at its end left out.
    pub(crate) fn width(&self, row: usize) -> usize {
        let full = match &self.cells {
            Cells::Text(records) => records.width(row),
            Cells::Sheet(sheet) => sheet.width(row),
        };
        (0..full)
            .rev()
            .find(|column| !self.cell(row, *column).is_blank())
            .map_or(0, |last| last + 1)
    }

    /// One cell; `Empty` beyond the row's end.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.cells {
            Cells::Text(records) => records.cell(row, column).map_or(Cell::Empty, Cell::Text),
            Cells::Sheet(sheet) => sheet.cell(row, column),
        }
    }
}

/// Reads a file into a table.
pub(crate) fn table(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    match sniff::container(bytes) {
        sniff::Container::Workbook => workbook::read(bytes, options),
        sniff::Container::Other => Err(PrepareError::NotATable),
        sniff::Container::Text => text(bytes, options),
    }
}

fn text(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    let (text, encoding) = encoding::decode(bytes, options.encoding.as_deref())?;
    if text.chars().all(|c| c.is_whitespace() || c == '\0' || c == '\u{feff}') {
        return Err(PrepareError::Empty);
    }
    if sniff::is_markup(&text) {
        return Err(PrepareError::Markup);
    }
    // Software that writes UTF-16 through the wrong door leaves zeros; real text has none.
    if text.contains('\0') {
        return Err(PrepareError::NotATable);
    }
    limits::lines(&text)?;
    let separator = match options.separator {
        Some(separator) if separator.is_ascii() && !matches!(separator, '"' | '\r' | '\n') => {
            separator
        }
        Some(_) => return Err(PrepareError::Separator),
        None => detect_separator(&text, options),
    };
    let records = delimited::Records::read(&text, separator, None)?;
    let cells = Cells::Text(records);
    Ok(Table { encoding, separator: Some(separator), sheet: None, macros: false, cells })
}

/// The separator under which the first rows are best understood: most headings, then most columns.
fn detect_separator(text: &str, options: &PrepareOptions) -> char {
    let score = |separator: char| {
        let Ok(records) = delimited::Records::read(text, separator, Some(headings::SEARCH_ROWS))
        else {
            return (0, 0);
        };
        let table = Table {
            encoding: "",
            separator: Some(separator),
            sheet: None,
            macros: false,
            cells: Cells::Text(records),
        };
        let widest = (0..table.len()).map(|row| table.width(row)).max().unwrap_or(0);
        (headings::best_score(&table, options), widest)
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
