//! A CSV of persons, row by row: the separator is seen in the heading row, headings are known in French
//! and English, the encoding is UTF-8 or, where it is not, Latin-1. Memory follows one row.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tiers_contact::Tokeniser;
use tiers_protocol::rights_key::person_tokens;
use tiers_protocol::wire::PersonToken;

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// What a heading may be called beside its own name.
const OTHER_NAMES: [(&str, &str); 9] = [
    ("e-mail", "email"),
    ("mail", "email"),
    ("courriel", "email"),
    ("telephone", "phone"),
    ("téléphone", "phone"),
    ("mobile", "phone"),
    ("portable", "phone"),
    ("etat", "state"),
    ("formulaire", "form"),
];

/// An open table.
pub(super) struct Table {
    path: PathBuf,
    reader: Reader<BufReader<File>>,
    headings: Vec<String>,
    record: ByteRecord,
    rows: u64,
    bar: ProgressBar,
}

/// One row.
pub(super) struct Row {
    /// Its number, 1 for the first.
    pub(super) number: u64,
    cells: Vec<(String, String)>,
}

/// A cell that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread;

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

impl Table {
    /// Opens a file.
    pub(super) fn open(path: &Path, context: &Context) -> Result<Self, CliError> {
        let read = |cause: std::io::Error| CliError::read(path, &cause);
        let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(read)?);
        let mut first = Vec::new();
        let _ =
            std::io::Read::take(&mut file, 1 << 16).read_until(b'\n', &mut first).map_err(read)?;
        let mark = usize::from(first.starts_with(&[0xef, 0xbb, 0xbf])) * 3;
        file.seek(SeekFrom::Start(mark as u64)).map_err(read)?;
        let count = |of: u8| first.iter().filter(|byte| **byte == of).count();
        let separator = [b';', b',', b'\t', b'|'].into_iter().max_by_key(|of| count(*of));
        let total = file.get_ref().metadata().map_err(read)?.len();
        let mut reader = ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b';'))
            .flexible(true)
            .trim(Trim::All)
            .from_reader(file);
        let not_a = |_| CliError::not_a(path, "table with a heading row");
        let headings = reader.byte_headers().map_err(not_a)?.iter().map(heading).collect();
        let bar = context.bytes_bar("reading", total);
        let path = path.to_owned();
        Ok(Self { path, reader, headings, record: ByteRecord::new(), rows: 0, bar })
    }

    /// Whether a column is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.headings.iter().any(|heading| heading == name)
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row>, CliError> {
        let more = self.reader.read_byte_record(&mut self.record);
        if !more.map_err(|_| CliError::not_a(&self.path, "table of persons"))? {
            self.bar.finish_and_clear();
            return Ok(None);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(1_000) {
            self.bar.set_position(self.reader.position().byte());
        }
        let cells = self.headings.iter().cloned().zip(self.record.iter().map(text));
        Ok(Some(Row { number: self.rows, cells: cells.collect() }))
    }
}

fn heading(bytes: &[u8]) -> String {
    let name = text(bytes).trim().to_lowercase().replace(' ', "_");
    let known = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    known.map_or(name, |(_, own)| (*own).to_owned())
}

impl Row {
    /// A cell; empty where there is none.
    pub(super) fn cell(&self, name: &str) -> &str {
        let found = self.cells.iter().find(|(heading, _)| heading == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// All cells that say something.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = self.cells.iter().filter(|(_, value)| !value.is_empty());
        said.map(|(heading, value)| (heading.as_str(), value.as_str()))
    }

    /// The person's tokens.
    pub(super) fn tokens(&self, tokeniser: &Tokeniser) -> Vec<PersonToken> {
        person_tokens(tokeniser, self.cell("email"), self.cell("phone"))
    }

    /// An instant, or a day at noon in UTC.
    pub(super) fn instant(&self, name: &str) -> Result<Option<i64>, Unread> {
        match self.cell(name) {
            "" => Ok(None),
            cell => instant(cell).map(Some),
        }
    }
}

/// Reads an instant (RFC 3339) or a day (ISO or French).
pub(super) fn instant(cell: &str) -> Result<i64, Unread> {
    if let Ok(at) = cell.parse::<Timestamp>() {
        return Ok(at.as_second());
    }
    let french = |cell: &str| Date::strptime("%d/%m/%Y", cell);
    let day = cell.parse::<Date>().or_else(|_| french(cell)).map_err(|_| Unread)?;
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_err(|_| Unread)?;
    Ok(noon.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_days_are_read_and_nothing_else() {
        assert_eq!(instant("2026-03-01T08:30:00Z"), Ok(1_772_353_800));
        assert_eq!(instant("2026-03-01T09:30:00+01:00"), Ok(1_772_353_800));
        assert_eq!(instant("2026-03-01"), instant("01/03/2026"));
        assert_eq!(instant("2026-03-01T12:00:00Z"), instant("2026-03-01"));
        for bad in ["03/2026", "31/02/2026", "yesterday", "2026-13-01"] {
            assert_eq!(instant(bad), Err(Unread), "{bad}");
        }
    }

    #[test]
    fn headings_are_known_in_both_languages() {
        for (written, expected) in
            [("E-Mail", "email"), (" Téléphone", "phone"), ("Form Version", "form_version")]
        {
            assert_eq!(heading(written.as_bytes()), expected);
        }
        assert_eq!(heading(b"T\xe9l\xe9phone"), "phone");
    }
}
