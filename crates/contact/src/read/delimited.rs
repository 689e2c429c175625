//! Text with separators: quotes, line breaks inside quotes, every kind of line end.
//!
//! RFC 4180 with the habits of real software: any separator, LF, CR LF or CR alone, ragged rows. A quote
//! opens at the beginning of a cell only; what follows a closing quote is taken as it stands. Cutting a long
//! text into blocks is `blocks`. Specified in `docs/formats/reading-files.md`, "Text".

use memchr::{memchr, memchr3};

use super::{
    COLUMNS_MAX,
    limits::{BLOCK_BYTES, LINE_MAX},
};
use crate::{error::PrepareError, wiped::Wiped};

/// The records of a text. Cells are places in it, and copied only where a quote stands inside.
pub(super) struct Records {
    text: Wiped<String>,
    /// Cells whose quotes had to be taken out; their places begin behind the text.
    mended: Wiped<String>,
    cells: Vec<(usize, usize)>,
    rows: Vec<Row>,
}

struct Row {
    /// The place in `cells` after the last one.
    cells: usize,
    /// The place in the text after the record.
    end: usize,
}

/// Bytes of a cell of most files, and the sign behind it.
const CELL_BYTES: usize = 10;

/// How much of a text is read.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// At most so many records.
    pub(super) limit: Option<usize>,
    /// Whether the file ends with the text; else a record that no line end ends is left out.
    pub(super) last: bool,
}

impl Extent {
    pub(super) const WHOLE: Self = Self { limit: None, last: true };
}

impl Records {
    /// Reads the records of a text. Empty lines are no records.
    pub(super) fn read(
        text: Wiped<String>,
        separator: char,
        extent: Extent,
    ) -> Result<Self, PrepareError> {
        let separator = u8::try_from(separator).map_err(|_| PrepareError::Separator)?;
        // Room for the cells of a block, so that they are not moved about while they become more.
        let room = text.len().min(BLOCK_BYTES) / CELL_BYTES;
        let mut records = Self {
            text: Wiped::new(String::new()),
            mended: Wiped::new(String::new()),
            cells: Vec::with_capacity(if extent.limit.is_none() { room } else { 0 }),
            rows: Vec::new(),
        };
        let mut at = 0;
        while extent.limit.is_none_or(|limit| records.rows.len() < limit) {
            let rest = &text.as_bytes()[at..];
            let Some(skip) = rest.iter().position(|byte| !is_line_end(*byte)) else { break };
            let start = at + skip;
            let (end, closing) = records.record(&text, start, separator);
            at = end;
            let open = matches!(closing, Closing::Text { .. });
            if open && !extent.last {
                if extent.limit.is_none() && end - start > LINE_MAX {
                    return Err(PrepareError::QuoteUnclosed { record: records.len() + 1 });
                }
                records.cells.truncate(records.first_cell(records.rows.len()));
                break;
            }
            records.rows.push(Row { cells: records.cells.len(), end });
            // The sample that finds the separator takes what comes; the whole file does not.
            if extent.limit.is_none() {
                records.check(&text.as_bytes()[start..end], closing)?;
            }
        }
        records.text = text;
        Ok(records)
    }

    /// Reads one record from `at`, where a cell begins; the place after it, and what ended it.
    fn record(&mut self, text: &str, mut at: usize, separator: u8) -> (usize, Closing) {
        loop {
            let end = if text.as_bytes().get(at) == Some(&b'"') {
                self.quoted(text, at, separator)
            } else {
                let end = cell_end(text, at, separator);
                self.cells.push((at, end));
                Some(end)
            };
            match end.and_then(|end| Some((end, text.as_bytes().get(end)?))) {
                Some((end, sign)) if *sign == separator => at = end + 1,
                Some((end, _)) => return (end + 1, Closing::Line),
                None => return (text.len(), Closing::Text { quoted: end.is_none() }),
            }
        }
    }

    /// Reads a cell that begins with a quote; the place after it, `None` when the quote never closes.
    fn quoted(&mut self, text: &str, at: usize, separator: u8) -> Option<usize> {
        let bytes = text.as_bytes();
        let (mut start, mended) = (at + 1, self.mended.len());
        loop {
            let quote = memchr(b'"', &bytes[start..]).map(|offset| start + offset);
            let piece = text.get(start..quote.unwrap_or(text.len())).unwrap_or_default();
            let Some(quote) = quote else {
                self.mended.push_str(piece);
                self.push_mended(text, mended);
                return None;
            };
            match bytes.get(quote + 1) {
                Some(b'"') => {
                    self.mended.push_str(piece);
                    self.mended.push('"');
                    start = quote + 2;
                }
                Some(sign) if *sign != separator && !is_line_end(*sign) => {
                    let end = cell_end(text, quote + 1, separator);
                    self.mended.push_str(piece);
                    self.mended.push_str(text.get(quote + 1..end).unwrap_or_default());
                    self.push_mended(text, mended);
                    return Some(end);
                }
                _ if self.mended.len() == mended => {
                    self.cells.push((start, quote));
                    return Some(quote + 1);
                }
                _ => {
                    self.mended.push_str(piece);
                    self.push_mended(text, mended);
                    return Some(quote + 1);
                }
            }
        }
    }

    fn push_mended(&mut self, text: &str, start: usize) {
        self.cells.push((text.len() + start, text.len() + self.mended.len()));
    }

    /// Refuses a record that no table has, and one that swallowed others.
    fn check(&self, record: &[u8], closing: Closing) -> Result<(), PrepareError> {
        let width = self.width(self.len() - 1);
        if width > 16 * COLUMNS_MAX {
            return Err(PrepareError::TooManyColumns { found: width, limit: COLUMNS_MAX });
        }
        let swallowed = matches!(closing, Closing::Text { quoted: true })
            && record.trim_ascii().iter().any(|byte| is_line_end(*byte));
        if swallowed || record.len() > LINE_MAX {
            return Err(PrepareError::QuoteUnclosed { record: self.len() });
        }
        Ok(())
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The place in the text after a record and its line end.
    pub(super) fn end(&self, row: usize) -> usize {
        self.rows[row].end
    }

    fn first_cell(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |previous| self.rows[previous].cells)
    }

    pub(super) fn width(&self, row: usize) -> usize {
        self.rows[row].cells - self.first_cell(row)
    }

    /// One record.
    #[inline]
    pub(super) fn record_at(&self, row: usize) -> Record<'_> {
        let cells = &self.cells[self.first_cell(row)..self.rows[row].cells];
        Record { text: &self.text, mended: &self.mended, cells }
    }
}

/// A record of [`Records`].
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    text: &'a str,
    mended: &'a str,
    cells: &'a [(usize, usize)],
}

impl<'a> Record<'a> {
    #[inline]
    pub(super) const fn width(self) -> usize {
        self.cells.len()
    }

    #[inline]
    pub(super) fn cell(self, column: usize) -> Option<&'a str> {
        let (start, end) = *self.cells.get(column)?;
        match start.checked_sub(self.text.len()) {
            None => self.text.get(start..end),
            Some(start) => self.mended.get(start..end - self.text.len()),
        }
    }
}

/// What ended a record.
#[derive(Clone, Copy)]
enum Closing {
    Line,
    /// The text; whether inside quotes.
    Text {
        quoted: bool,
    },
}

pub(super) const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The end of a cell without quotes.
fn cell_end(text: &str, at: usize, separator: u8) -> usize {
    let rest = &text.as_bytes()[at..];
    // Most cells end within a few words of eight bytes, before a search with wide registers has begun.
    for (place, word) in rest.as_chunks::<8>().0.iter().take(SHORT_WORDS).enumerate() {
        let word = u64::from_le_bytes(*word);
        let ends = zeros(word ^ (EACH * u64::from(separator)))
            | zeros(word ^ (EACH * u64::from(b'\n')))
            | zeros(word ^ (EACH * u64::from(b'\r')));
        if ends != 0 {
            return at + 8 * place + ends.trailing_zeros() as usize / 8;
        }
    }
    memchr3(separator, b'\n', b'\r', rest).map_or(text.len(), |offset| at + offset)
}

/// Words of a cell that are looked at one by one.
const SHORT_WORDS: usize = 6;

/// The lowest bit of each byte.
const EACH: u64 = u64::MAX / 255;

/// The highest bit of the lowest byte that is zero, and perhaps bits above it; 0 where none is zero.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & (EACH << 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::{ReaderBuilder, Terminator};
    use proptest::prelude::*;

    fn read(text: &str, separator: char, extent: Extent) -> Option<Vec<Vec<String>>> {
        let records = Records::read(Wiped::new(text.to_owned()), separator, extent).ok()?;
        let row = |row| {
            let cell = |column| records.record_at(row).cell(column).expect("a cell").to_owned();
            (0..records.width(row)).map(cell).collect()
        };
        Some((0..records.len()).map(row).collect())
    }

    /// The library that everybody uses, as the model.
    fn model(text: &str, separator: char) -> Vec<Vec<String>> {
        let mut reader = ReaderBuilder::new()
            .delimiter(u8::try_from(separator).expect("ASCII"))
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::CRLF)
            .from_reader(text.as_bytes());
        let records = reader.records().map(|record| record.expect("valid text"));
        records.map(|record| record.iter().map(str::to_owned).collect()).collect()
    }

    fn signs() -> impl Strategy<Value = String> {
        let sign =
            prop::sample::select(vec!["\"", "\"", ";", ";", "\n", "\r", "\r\n", "a", "é", " "]);
        prop::collection::vec(sign, 0..40).prop_map(|signs| signs.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

        #[test]
        fn records_are_those_of_the_library(text in signs()) {
            let expected = model(&text, ';');
            for limit in 0..expected.len() + 2 {
                let extent = Extent { limit: Some(limit), last: true };
                let found = read(&text, ';', extent).expect("a sample is never refused");
                prop_assert_eq!(&found[..], &expected[..limit.min(expected.len())]);
            }
            // The whole is refused only when it ends inside quotes.
            match read(&text, ';', Extent::WHOLE) {
                Some(found) => prop_assert_eq!(found, expected),
                None => {
                    let last_cell = |tail: &str| {
                        let records = model(&(text.clone() + tail), ';');
                        records.last().and_then(|record| record.last().cloned())
                    };
                    prop_assert_eq!(last_cell("\";z"), Some("z".to_owned()));
                    prop_assert_ne!(last_cell(";z"), Some("z".to_owned()));
                }
            }
        }

        #[test]
        fn a_record_that_may_go_on_is_left_out(text in signs(), tail in signs()) {
            let head = read(&text, ';', Extent { limit: None, last: false }).expect("no refusal");
            let whole = model(&format!("{text}{tail}"), ';');
            prop_assert!(whole.starts_with(&head));
        }
    }

    proptest! {
        #[test]
        fn cells_end_where_a_search_says(text in "[a-zé ;\n\r:<\\x0b\\x0c]{0,80}") {
            let text = text.replace(['a', 'b', 'c'], "\u{80}");
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let found = text[at..].find([';', '\n', '\r']).map_or(text.len(), |place| at + place);
                prop_assert_eq!(cell_end(&text, at, b';'), found);
            }
        }
    }

    #[test]
    fn a_quote_that_stays_open_for_megabytes_never_closes() {
        let mut text = format!("a;b\n\"{}\";c\n", "x\n".repeat(LINE_MAX / 2 - 100));
        assert_eq!(read(&text, ';', Extent::WHOLE).expect("just fits").len(), 2);
        text.insert_str(5, &"y\n".repeat(200));
        let refused = Records::read(Wiped::new(text), ';', Extent::WHOLE).err();
        assert!(matches!(refused, Some(PrepareError::QuoteUnclosed { record: 2 })));
    }
}
