//! Checking: whether the files are what was written. Reads chains, compares with how files stood before, and
//! shows nothing of what the lines say.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use tiers_protocol::encoding::Bytes;
use tiers_protocol::sign::SigningPublic;

use super::JournalError;
use super::files::{FileState, Name, list};
use super::line::{FIRST, Line, digest};

/// A sign that somebody else wrote to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alteration {
    /// A file is not there.
    Missing(Name),
    /// Another file has its name.
    Replaced(Name),
    /// It is longer or shorter than what was written.
    Length(Name),
    /// A line does not follow the one before it.
    Chain(Name),
    /// What stood in it once does not any more.
    Changed(Name),
    /// A line does not bear the certifier's signature.
    Signature(Name),
}

impl Alteration {
    /// The file.
    #[must_use]
    pub const fn name(self) -> Name {
        match self {
            Self::Missing(name)
            | Self::Replaced(name)
            | Self::Length(name)
            | Self::Chain(name)
            | Self::Changed(name)
            | Self::Signature(name) => name,
        }
    }

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "journal.missing",
            Self::Replaced(_) => "journal.replaced",
            Self::Length(_) => "journal.length",
            Self::Chain(_) => "journal.chain",
            Self::Changed(_) => "journal.changed",
            Self::Signature(_) => "journal.signature",
        }
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Missing(_) => "is not there any more",
            Self::Replaced(_) => "was replaced",
            Self::Length(_) => "is longer or shorter than what was written",
            Self::Chain(_) => "has a line that does not follow the one before it",
            Self::Changed(_) => "does not hold any more what it held",
            Self::Signature(_) => "has a line that the certifier did not sign",
        };
        write!(f, "{} {what}", self.name())
    }
}

/// How a file stood when it was last looked at, and whether the ledger has committed to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// How it stood.
    pub state: FileState,
    /// Whether it was closed and its end is in the ledger: then its length is compared, not each line.
    pub sealed: bool,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The files as they stand.
    pub files: Vec<FileState>,
    /// What is wrong.
    pub altered: Vec<Alteration>,
}

/// Compares a folder with marks, and reads the chain of the files that are not sealed.
///
/// # Errors
/// [`JournalError`].
pub fn check(folder: &Path, marks: &[Mark]) -> Result<Checked, JournalError> {
    let names = list(folder)?;
    let mut checked = Checked::default();
    let gone = marks.iter().map(|mark| mark.state.name);
    // They come in their order.
    let gone = gone.filter(|name| names.binary_search(name).is_err());
    checked.altered.extend(gone.map(Alteration::Missing));
    let mut head = None;
    for name in names {
        let path = folder.join(name.to_string());
        let mark = marks.iter().find(|mark| mark.state.name == name);
        let state = match mark.filter(|mark| mark.sealed) {
            Some(mark) => {
                if fs::metadata(&path)?.len() != mark.state.bytes {
                    checked.altered.push(Alteration::Length(name));
                }
                mark.state
            }
            None => {
                let lines = mark.map_or(0, |mark| mark.state.lines);
                let scan = scan(&path, name, head, lines, |_| true)?;
                checked.altered.extend(scan.altered);
                if mark.is_some_and(|mark| scan.at_mark != Some(mark.state.head)) {
                    checked.altered.push(Alteration::Changed(name));
                }
                scan.state
            }
        };
        head = Some(state.head);
        checked.files.push(state);
    }
    Ok(checked)
}

/// What a verification by anybody found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// How many files.
    pub files: u64,
    /// How many lines.
    pub lines: u64,
    /// What is wrong.
    pub altered: Vec<Alteration>,
}

/// Verifies every line of a folder: chain and signature. Needs the certifier's public key, nothing else.
/// `progress` is told the bytes of each file when it was read.
///
/// # Errors
/// [`JournalError`].
pub fn verify(
    folder: &Path,
    key: &SigningPublic,
    mut progress: impl FnMut(u64),
) -> Result<Verified, JournalError> {
    let (mut verified, mut head) = (Verified::default(), None);
    for name in list(folder)? {
        let path = folder.join(name.to_string());
        let scan = scan(&path, name, head, 0, |line| line.is_signed_by(key))?;
        verified.altered.extend(scan.altered);
        verified.files += 1;
        verified.lines += scan.state.lines;
        head = Some(scan.state.head);
        progress(scan.state.bytes);
    }
    Ok(verified)
}

struct Scan {
    state: FileState,
    altered: Option<Alteration>,
    /// Digest of the line after which the mark was made.
    at_mark: Option<Bytes<32>>,
}

/// Longest line that is read: ours are shorter, and a file of others is not held in memory.
const LINE: u64 = 8 * 1024;

fn scan(
    path: &Path,
    name: Name,
    before: Option<Bytes<32>>,
    mark: u64,
    accepts: impl Fn(&Line) -> bool,
) -> Result<Scan, JournalError> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let first = if name.number() == 1 { Some(FIRST) } else { before };
    // What comes before the first file that is left is gone with its term.
    let mut head = first;
    let mut scan = Scan {
        state: FileState { name, lines: 0, bytes: fs::metadata(path)?.len(), head: FIRST },
        altered: None,
        at_mark: (mark == 0).then_some(FIRST),
    };
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        reader.by_ref().take(LINE).read_until(b'\n', &mut bytes)?;
        // A line that a kill or a full disk cut short: the next file goes on after the last whole one.
        if bytes.pop() != Some(b'\n') {
            break;
        }
        let line = Line::decode(&bytes);
        let follows = line.as_ref().is_some_and(|line| {
            line.n == scan.state.lines && head.is_none_or(|head| line.prev == head)
        });
        if !follows {
            scan.altered = scan.altered.or(Some(Alteration::Chain(name)));
        } else if !line.as_ref().is_some_and(&accepts) {
            scan.altered = scan.altered.or(Some(Alteration::Signature(name)));
        }
        if line.is_none() {
            // What is no line was never followed by one of ours: the next file goes on before it.
            continue;
        }
        let digest = digest(&bytes);
        head = Some(digest);
        scan.state.head = digest;
        scan.state.lines += 1;
        if scan.state.lines == mark {
            scan.at_mark = Some(digest);
        }
    }
    if scan.state.lines == 0 {
        scan.state.head = first.unwrap_or(FIRST);
    }
    Ok(scan)
}
