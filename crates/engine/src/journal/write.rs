//! Appending. A file is opened for a start or a day and never opened for writing again; a line is with the
//! operating system before the request is answered. A line that cannot be written is counted, and the count
//! stands in the first line of the next file: the journal never stops the certifier, and never hides a gap.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tiers_protocol::encoding::Bytes;
use tiers_protocol::sign::SigningSecret;

use super::check::{Checked, Mark, check};
use super::files::{FileState, Name, list};
use super::line::{FIRST, Line, Note, Object, Place, digest};
use super::{Alteration, JournalError};
use crate::durable::{self, Access};
use crate::limits;
use crate::time::Moment;

/// How the journal fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Lines written since the start.
    pub written: u64,
    /// Lines that could not be written since the start.
    pub lost: u64,
}

/// The journal of one certifier.
pub struct Journal {
    folder: PathBuf,
    machine: String,
    state: Mutex<State>,
}

struct State {
    open: Option<Open>,
    /// Number of the last file.
    last: u32,
    head: Bytes<32>,
    /// Lines lost since the last first line told so.
    untold: u64,
    /// Files closed since the last flush.
    closed: Vec<FileState>,
    health: Health,
}

struct Open {
    file: File,
    name: Name,
    lines: u64,
    bytes: u64,
}

impl Open {
    const fn state(&self, head: Bytes<32>) -> FileState {
        FileState { name: self.name, lines: self.lines, bytes: self.bytes, head }
    }
}

impl Journal {
    /// Opens a folder, makes it if it is missing, and checks what it holds against how files stood when they
    /// were last looked at.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(folder: &Path, marks: &[Mark]) -> Result<(Self, Checked), JournalError> {
        durable::create_dir(folder, Access::Private)?;
        let checked = check(folder, marks)?;
        let known = list(folder)?.into_iter().chain(marks.iter().map(|mark| mark.state.name));
        let state = State {
            open: None,
            last: known.map(Name::number).max().unwrap_or(0),
            head: checked.files.last().map_or(FIRST, |file| file.head),
            untold: 0,
            health: Health::default(),
            closed: Vec::new(),
        };
        let folder = folder.to_owned();
        Ok((Self { folder, machine: machine(), state: Mutex::new(state) }, checked))
    }

    /// Appends a line.
    pub fn append(&self, at: Moment, key: &SigningSecret, note: &Note<'_>) {
        let mut state = self.state();
        if self.write(&mut state, at, key, note).is_ok() {
            state.health.written += 1;
        } else {
            // The next line begins a new file, whose first line tells of this one.
            state.open = None;
            state.untold += 1;
            state.health.lost += 1;
            if state.untold == 1 {
                tracing::error!(code = "journal.file", "the journal cannot be written");
            }
        }
    }

    fn write(
        &self,
        state: &mut State,
        at: Moment,
        key: &SigningSecret,
        note: &Note<'_>,
    ) -> Result<(), JournalError> {
        let day = at.date();
        let serves = |open: &Open| open.name.day() == day && open.bytes < limits::JOURNAL_FILE;
        if !state.open.as_ref().is_some_and(serves) {
            self.begin(state, at, key)?;
        }
        self.line(state, at, key, note)
    }

    /// Begins a new file with a line that says so.
    fn begin(
        &self,
        state: &mut State,
        at: Moment,
        key: &SigningSecret,
    ) -> Result<(), JournalError> {
        if let Some(open) = state.open.take() {
            open.file.sync_all()?;
            state.closed.push(open.state(state.head));
        }
        let name = Name::new(state.last.saturating_add(1), at.date());
        let path = self.folder.join(name.to_string());
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        state.last = name.number();
        state.open = Some(Open { file, name, lines: 0, bytes: 0 });
        let result = format!("lost {}", state.untold);
        let note = Note {
            actor: None,
            operation: "journal.opened",
            object: Object::none(),
            result: if state.untold == 0 { "ok" } else { &result },
            request: "",
        };
        self.line(state, at, key, &note)?;
        state.untold = 0;
        Ok(())
    }

    fn line(
        &self,
        state: &mut State,
        at: Moment,
        key: &SigningSecret,
        note: &Note<'_>,
    ) -> Result<(), JournalError> {
        let prev = state.head;
        let open = state.open.as_mut().expect("a file was opened before its lines");
        let place = Place { at, machine: &self.machine, n: open.lines, prev };
        let mut bytes = Line::sign(&place, note, key).encode();
        let head = digest(&bytes);
        bytes.push(b'\n');
        open.file.write_all(&bytes)?;
        open.lines += 1;
        open.bytes += bytes.len() as u64;
        state.head = head;
        Ok(())
    }

    /// Makes what was appended safe from a power cut, and says how the files stand that were written since
    /// the last time.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn flush(&self) -> Result<Vec<FileState>, JournalError> {
        let mut state = self.state();
        if let Some(open) = &state.open {
            open.file.sync_data()?;
        }
        let mut written = std::mem::take(&mut state.closed);
        written.extend(state.open.as_ref().map(|open| open.state(state.head)));
        Ok(written)
    }

    /// Whether the open file is still the one that was opened, as long as it was written. Cheap: it may be
    /// asked each minute.
    ///
    /// # Errors
    /// [`JournalError`], for the lack of anything to compare with.
    pub fn watch(&self) -> Result<Option<Alteration>, JournalError> {
        let mut state = self.state();
        let Some(open) = &state.open else { return Ok(None) };
        let name = open.name;
        let ours = open.file.metadata()?;
        let found = fs::metadata(self.folder.join(name.to_string()));
        let alteration = match found {
            Ok(found) if found.ino() != ours.ino() || found.dev() != ours.dev() => {
                Some(Alteration::Replaced(name))
            }
            Ok(found) if found.len() != open.bytes => Some(Alteration::Length(name)),
            Ok(_) => None,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Some(Alteration::Missing(name))
            }
            Err(error) => return Err(error.into()),
        };
        if alteration.is_some() {
            // What follows goes to a file that nobody has touched yet.
            state.open = None;
        }
        Ok(alteration)
    }

    /// Reads the chain again from the files.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn check(&self, marks: &[Mark]) -> Result<Checked, JournalError> {
        check(&self.folder, marks)
    }

    /// How it fares.
    #[must_use]
    pub fn health(&self) -> Health {
        self.state().health
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file that is being written.
    #[must_use]
    pub fn current(&self) -> Option<Name> {
        self.state().open.as_ref().map(|open| open.name)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's name, as far as it is one.
fn machine() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = text.trim().chars().take(64).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if !name.is_empty() && name.chars().all(plain) { name } else { "unnamed".to_owned() }
}
