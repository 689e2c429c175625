//! Text with separators: quotes, line breaks inside quotes, every kind of line end.
//!
//! RFC 4180 with the habits of real software: any separator, LF, CR LF or CR alone, ragged rows.
//! Specified in `docs/formats/reading-files.md`, "Text".

use csv::{ByteRecord, ReaderBuilder, Terminator, Trim};

use super::COLUMNS_MAX;
use crate::error::PrepareError;

/// The records of a text, unquoted, in one buffer.
pub(super) struct Records {
    text: String,
    /// End of each field in `text`.
    ends: Vec<usize>,
    /// For each record the place in `ends` after its last field.
    rows: Vec<usize>,
}

impl Records {
    /// Reads all records, or the first `limit`. Empty lines are no records.
    pub(super) fn read(
        text: &str,
        separator: char,
        limit: Option<usize>,
    ) -> Result<Self, PrepareError> {
        let separator = u8::try_from(separator).map_err(|_| PrepareError::Separator)?;
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::None)
            // CR, LF and CR LF each end a line.
            .terminator(Terminator::CRLF)
            .from_reader(text.as_bytes());
        let whole = if limit.is_none() { text.len() } else { 0 };
        let mut cells = Vec::with_capacity(whole);
        let mut records = Self { text: String::new(), ends: Vec::new(), rows: Vec::new() };
        let mut record = ByteRecord::new();
        let mut start = 0;
        while limit.is_none_or(|limit| records.rows.len() < limit) {
            let at = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            match reader.read_byte_record(&mut record) {
                Ok(true) => start = at,
                Ok(false) => break,
                Err(_) => return Err(PrepareError::NotATable),
            }
            records.push(&record, &mut cells);
            // The sample that finds the separator takes what comes; the whole file does not.
            let width = records.width(records.len() - 1);
            if limit.is_none() && width > 16 * COLUMNS_MAX {
                return Err(PrepareError::TooManyColumns { found: width, limit: COLUMNS_MAX });
            }
        }
        if limit.is_none() && ends_inside_quotes(text.as_bytes().get(start..).unwrap_or_default()) {
            return Err(PrepareError::QuoteUnclosed { record: records.rows.len() });
        }
        // Cut at ASCII signs only, so that every piece of a valid text is valid.
        records.text = String::from_utf8(cells).map_err(|_| PrepareError::NotATable)?;
        Ok(records)
    }

    fn push(&mut self, record: &ByteRecord, cells: &mut Vec<u8>) {
        let start = cells.len();
        cells.extend_from_slice(record.as_slice());
        let ends = (0..record.len()).filter_map(|place| record.range(place));
        self.ends.extend(ends.map(|range| start + range.end));
        self.rows.push(self.ends.len());
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    fn first_field(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |previous| self.rows[previous])
    }

    pub(super) fn width(&self, row: usize) -> usize {
        self.rows[row] - self.first_field(row)
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let field = self.first_field(row) + column;
        if field >= self.rows[row] {
            return None;
        }
        let start = field.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        self.text.get(start..self.ends[field])
    }
}

/// Whether the last record swallowed lines because a quote was never closed.
fn ends_inside_quotes(record: &[u8]) -> bool {
    let record = record.trim_ascii();
    let quotes = record.iter().filter(|byte| **byte == b'"').count();
    quotes % 2 == 1 && record.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
}
