//! The files: their names, their order, and when they go. A file is named by its number and its day,
//! `00000012-2026-03-01.jsonl`; numbers grow and are not used again.

use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use tiers_protocol::encoding::Bytes;

use super::JournalError;
use crate::durable;

/// Name of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    number: u32,
    day: Date,
}

impl Name {
    pub(super) const fn new(number: u32, day: Date) -> Self {
        Self { number, day }
    }

    pub(super) const fn number(self) -> u32 {
        self.number
    }

    /// The day of all its lines.
    #[must_use]
    pub const fn day(self) -> Date {
        self.day
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}-{}.jsonl", self.number, self.day)
    }
}

impl FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, rest) = text.split_once('-').ok_or(())?;
        let day = rest.strip_suffix(".jsonl").ok_or(())?;
        let name =
            Self { number: number.parse().map_err(|_| ())?, day: day.parse().map_err(|_| ())? };
        // One spelling.
        if name.to_string() == text { Ok(name) } else { Err(()) }
    }
}

/// How a file stood when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    /// Which.
    pub name: Name,
    /// Whole lines.
    pub lines: u64,
    /// Bytes, those of a line cut short included.
    pub bytes: u64,
    /// Digest of its last whole line.
    pub head: Bytes<32>,
}

/// The files of a folder, in their order. Others are not ours.
///
/// # Errors
/// [`JournalError`].
pub fn list(folder: &Path) -> Result<Vec<Name>, JournalError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().to_str().and_then(|name| name.parse::<Name>().ok()));
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes a whole file whose term is over.
///
/// # Errors
/// [`JournalError`].
pub fn remove(folder: &Path, name: Name) -> Result<(), JournalError> {
    Ok(durable::remove(&folder.join(name.to_string()))?)
}

/// How long files are kept: 6 to 12 months, as the authority recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term(u8);

/// A term outside 6 to 12 months; a longer one would need a documented reason, which this version has no
/// place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a journal is kept for 6 to 12 months")]
pub struct TermError;

impl Term {
    /// Takes a number of months.
    ///
    /// # Errors
    /// [`TermError`].
    pub const fn months(months: u8) -> Result<Self, TermError> {
        if months >= 6 && months <= 12 { Ok(Self(months)) } else { Err(TermError) }
    }

    /// Its months.
    #[must_use]
    pub const fn in_months(self) -> u8 {
        self.0
    }

    /// The last day of a file of `day`.
    #[must_use]
    pub fn last_day(self, day: Date) -> Date {
        day.saturating_add(i32::from(self.0).months())
    }

    /// The first day whose files are kept `today`.
    #[must_use]
    pub fn first_day(self, today: Date) -> Date {
        today.saturating_sub(i32::from(self.0).months())
    }

    /// Whether a file of `day` goes on `today`.
    #[must_use]
    pub fn is_over(self, day: Date, today: Date) -> bool {
        self.last_day(day) < today
    }
}

impl Default for Term {
    /// Twelve months.
    fn default() -> Self {
        Self(12)
    }
}
