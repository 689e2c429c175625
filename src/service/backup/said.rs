//! What persons said since the oldest backup, beside the data directory: every change of a row about persons is here
//! before it is committed, so that a restored database is taken to where the lost one was. Specified in
//! `docs/formats/backup.md`, why in `docs/decisions/0063-what-was-said-since.md`.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::read::DeflateDecoder;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use tiers_contact::labels;
use tiers_protocol::entropy::Entropy as _;
use zeroize::Zeroizing;

use super::error::file;
use super::{BackupError, SnapshotName};
use crate::crypto::keyring::Keyring;
use crate::crypto::random::OsRandom;
use crate::durable::{self, Access};
use crate::service::faults::{FaultPoint, Faults};
use crate::service::{Layout, ServiceError};
use crate::store::said::{Cell, Change, Keeper, Rows, from_bytes, to_bytes};
use crate::time::{Clock, Moment};

/// A frame begins with its length, what it is of, and its number.
const HEAD: usize = 13;

const NONCE: usize = 12;

/// What a frame is of: the archive, or the database.
const ARCHIVE: u8 = 1;
/// Its rows are in their own bytes; they were packed JSON before.
const ROWS: u8 = 2;

/// A file is followed by another when it is longer.
const FILE_BYTES: u64 = 64 << 20;

/// Says that backups are made, so that what they need is kept until they have it.
const MARK: &str = "backups";

/// Where what persons choose comes.
const CHOICES: [&str; 2] = ["consent_batch", "opposition_batch"];

/// What one transaction changed.
pub(in crate::service) struct Frame {
    /// Its number; of the archive, that of the last transaction before.
    pub(in crate::service) number: u64,
    /// Whether it is of the archive.
    pub(in crate::service) archive: bool,
    /// The changes. Of rows that went there is a digest of the key only.
    pub(in crate::service) changes: Vec<Rows>,
}

/// A frame as it lies in a file.
struct Sealed<'a> {
    number: u64,
    kind: u8,
    archive: bool,
    body: &'a [u8],
    whole: &'a [u8],
}

/// A file of frames, by the first number in it and when it was begun.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    first: u64,
    begun: SnapshotName,
    path: PathBuf,
}

#[derive(Default)]
struct State {
    /// Where frames go now, since which day.
    open: Option<(File, u64)>,
    /// The last number that was kept.
    last: u64,
    /// Frames that wait until it is certain that this is the newest database.
    held: Option<Vec<(u64, Vec<u8>)>>,
    /// Whether something went that earlier frames may still hold.
    gone: bool,
}

/// The folder of what was said.
pub(in crate::service) struct Said {
    folder: PathBuf,
    /// Of which keyring; files of others are nobody's here.
    own: String,
    sealing: Zeroizing<[u8; 32]>,
    naming: Zeroizing<[u8; 32]>,
    clock: Arc<dyn Clock>,
    faults: Faults,
    state: Mutex<State>,
}

impl Said {
    /// Beside a data directory, as its journal is; nothing is made yet.
    pub(in crate::service) fn beside(
        layout: &Layout,
        keyring: &Keyring,
        (clock, faults): (Arc<dyn Clock>, Faults),
    ) -> Self {
        Self {
            folder: layout.said(),
            own: keyring.id().to_owned(),
            sealing: keyring.key_for(labels::SAID),
            naming: keyring.key_for(labels::SAID_ROW),
            clock,
            faults,
            state: Mutex::new(State { gone: true, ..State::default() }),
        }
    }

    /// Before a backup is made: from now on nothing goes before one has it.
    pub(super) fn expect_backups(layout: &Layout) -> Result<(), BackupError> {
        durable::create_dir(&layout.said(), Access::Private)?;
        let mark = layout.said().join(MARK);
        if !mark.exists() {
            durable::write(&mark, b"", Access::Private)?;
        }
        Ok(())
    }

    /// Forgets the files that the oldest backup has, whosever they are.
    pub(super) fn forget_before(layout: &Layout, oldest: &SnapshotName) -> Result<(), BackupError> {
        let parts = parts(&layout.said(), None)?;
        for pair in parts.windows(2) {
            let [part, next] = pair else { continue };
            // What is in a file was said before the next one was begun.
            if next.begun < *oldest {
                durable::remove(&part.path)?;
            }
        }
        Ok(())
    }

    /// Says up to where the database is.
    pub(in crate::service) fn stand_at(&self, last: u64) {
        self.state().last = last;
    }

    /// Nothing is written until [`Self::release`].
    pub(in crate::service) fn hold(&self) {
        self.state().held = Some(Vec::new());
    }

    /// Writes what was held.
    pub(in crate::service) fn release(&self) -> Result<(), BackupError> {
        let mut state = self.state();
        for (number, frame) in state.held.take().into_iter().flatten() {
            self.append(&mut state, number, &frame).map_err(file("what persons said"))?;
        }
        Ok(())
    }

    /// The last number that is kept, if any is.
    pub(in crate::service) fn newest(&self) -> Result<Option<u64>, BackupError> {
        for part in self.parts()?.iter().rev() {
            let bytes = fs::read(&part.path).map_err(file("what persons said"))?;
            let numbers = frames(&bytes).filter(|frame| !frame.archive).map(|frame| frame.number);
            if let Some(last) = numbers.max() {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// Takes away the frame of a transaction that was never committed, and what was cut off.
    pub(in crate::service) fn undo_after(&self, last: u64) -> Result<(), BackupError> {
        for part in self.parts()?.iter().rev() {
            let bytes = fs::read(&part.path).map_err(file("what persons said"))?;
            let kept: usize = frames(&bytes)
                .take_while(|frame| frame.archive || frame.number <= last)
                .map(|frame| frame.whole.len())
                .sum();
            if kept == 0 {
                durable::remove(&part.path)?;
                continue;
            }
            if kept < bytes.len() {
                let left = bytes.get(..kept).unwrap_or_default();
                durable::write(&part.path, left, Access::Private)?;
            }
            break;
        }
        Ok(())
    }

    /// What was kept of the time after transaction `since`, in order. Where a number came twice, the first was not
    /// committed.
    pub(in crate::service) fn after(&self, since: u64) -> Result<Vec<Frame>, BackupError> {
        let (mut found, mut newest): (Vec<Frame>, Option<usize>) = (Vec::new(), None);
        for part in self.parts()? {
            let bytes = fs::read(&part.path).map_err(file("what persons said"))?;
            for frame in frames(&bytes) {
                if frame.number < since || (frame.number == since && !frame.archive) {
                    continue;
                }
                let Sealed { number, archive, .. } = frame;
                if !archive {
                    if let Some(earlier) = newest.and_then(|at| found.get_mut(at))
                        && earlier.number == number
                    {
                        earlier.changes.clear();
                    }
                    newest = Some(found.len());
                }
                found.push(Frame { number, archive, changes: self.opened(&frame)? });
            }
        }
        Ok(found)
    }

    /// The name that stands for a row that went.
    pub(in crate::service) fn row_name(&self, table: &str, key: &[Cell]) -> [u8; 16] {
        let whole = serde_json::to_vec(&(table, key)).expect("a plain document");
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.naming.as_slice());
        let tag = hmac::sign(&key, &Zeroizing::new(whole));
        let mut name = [0; 16];
        name.copy_from_slice(tag.as_ref().split_at(16).0);
        name
    }

    /// Takes out of earlier frames what went since, so that an erasure reaches this folder as well; files that no
    /// backup will ask for go whole. `committed` is asked for the last number that was committed.
    pub(in crate::service) fn sweep(
        &self,
        committed: impl FnOnce() -> Result<u64, ServiceError>,
    ) -> Result<(), ServiceError> {
        let closed = {
            let mut state = self.state();
            let wanted = self.folder.join(MARK).exists();
            if state.held.is_some() || (wanted && !state.gone) {
                return Ok(());
            }
            // What is written from here on goes to another file than those that are read.
            (state.open, state.gone) = (None, false);
            let closed = self.parts()?;
            if !wanted {
                return Ok(closed
                    .iter()
                    .try_for_each(|part| durable::remove(&part.path))
                    .map_err(BackupError::from)?);
            }
            closed
        };
        let swept = committed().and_then(|last| Ok(self.sweep_closed(&closed, last)?));
        if !matches!(swept, Ok(true)) {
            self.state().gone = true;
        }
        swept.map(drop)
    }

    /// Whether every frame was one of a transaction that is committed.
    fn sweep_closed(&self, closed: &[Part], committed: u64) -> Result<bool, BackupError> {
        let (mut gone, mut seen, mut all) = (HashSet::new(), None, true);
        for part in closed.iter().rev() {
            let bytes = fs::read(&part.path).map_err(file("what persons said"))?;
            let (mut left, mut changed) = (Vec::new(), false);
            for frame in frames(&bytes).collect::<Vec<_>>().iter().rev() {
                if !frame.archive && frame.number > committed {
                    all = false;
                    left.push(frame.whole.to_vec());
                    continue;
                }
                if !frame.archive && seen.replace(frame.number) == Some(frame.number) {
                    // Its transaction did not happen; another had the number.
                    changed = true;
                    continue;
                }
                let mut changes = self.opened(frame)?;
                if self.without(&mut changes, &mut gone) {
                    changed = true;
                    left.push(self.sealed((frame.number, frame.archive), &changes));
                } else {
                    left.push(frame.whole.to_vec());
                }
            }
            if changed {
                left.reverse();
                durable::write(&part.path, &left.concat(), Access::Private)?;
            }
        }
        Ok(all)
    }

    /// Drops the rows that went later, newest first; whether there were any.
    fn without(&self, changes: &mut Vec<Rows>, gone: &mut HashSet<[u8; 16]>) -> bool {
        let mut dropped = false;
        for rows in changes.iter_mut().rev() {
            if rows.change == Change::Went {
                gone.extend(rows.rows.iter().filter_map(|row| name_of(row)));
                continue;
            }
            let (table, keys, count) = (rows.table.clone(), rows.keys, rows.rows.len());
            let mut kept = Vec::with_capacity(count);
            for row in std::mem::take(&mut rows.rows).into_iter().rev() {
                let name = self.row_name(&table, row.get(..keys).unwrap_or_default());
                if gone.contains(&name) {
                    continue;
                }
                if rows.change == Change::Changed {
                    gone.insert(name);
                }
                kept.push(row);
            }
            kept.reverse();
            dropped |= kept.len() < count;
            rows.rows = kept;
        }
        changes.retain(|rows| !rows.rows.is_empty());
        dropped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&self) -> Result<Vec<Part>, BackupError> {
        parts(&self.folder, Some(&self.own))
    }

    fn append(&self, state: &mut State, number: u64, frame: &[u8]) -> io::Result<()> {
        let now = self.clock.now();
        let today = now.day_number();
        if let Some((open, day)) = &state.open
            && (*day != today || open.metadata()?.len() > FILE_BYTES)
        {
            state.open = None;
        }
        let (open, _) = match &mut state.open {
            Some(open) => open,
            closed => closed.insert((self.begin(now, number)?, today)),
        };
        let before = open.metadata()?.len();
        if let Err(error) = open.write_all(frame).and_then(|()| open.sync_data()) {
            // A frame that is cut off ends its file.
            let _ = open.set_len(before);
            state.open = None;
            return Err(error);
        }
        Ok(())
    }

    fn begin(&self, now: Moment, first: u64) -> io::Result<File> {
        let durable = |error: durable::DurableError| {
            io::Error::new(error.kind().unwrap_or(io::ErrorKind::Other), error)
        };
        durable::create_dir(&self.folder, Access::Private).map_err(durable)?;
        let begun = SnapshotName::of(now);
        let mut again = 0_u32;
        loop {
            let name = format!("{first:020}-{begun}-{again}-{own}", own = self.own);
            let made = OpenOptions::new()
                .append(true)
                .create_new(true)
                .mode(0o600)
                .open(self.folder.join(name));
            match made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => again += 1,
                Err(error) => return Err(error),
                Ok(made) => {
                    File::open(&self.folder)?.sync_all()?;
                    return Ok(made);
                }
            }
        }
    }

    fn key(&self) -> LessSafeKey {
        let key = UnboundKey::new(&AES_256_GCM, self.sealing.as_ref()).expect("32 bytes");
        LessSafeKey::new(key)
    }

    fn sealed(&self, (number, archive): (u64, bool), changes: &[Rows]) -> Vec<u8> {
        let mut body = to_bytes(changes);
        let nonce: [u8; NONCE] = OsRandom::default().array();
        let mut head = vec![ROWS | if archive { ARCHIVE } else { 0 }];
        head.extend(number.to_be_bytes());
        self.key()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&head),
                &mut body,
            )
            .expect("a transaction is far shorter than the cipher's limit");
        let length = u32::try_from(NONCE + body.len()).expect("a transaction fits in memory");
        [length.to_be_bytes().as_slice(), &head, &nonce, &body].concat()
    }

    fn opened(&self, frame: &Sealed<'_>) -> Result<Vec<Rows>, BackupError> {
        let head = frame.whole.get(4..HEAD).ok_or(BackupError::Damaged)?;
        let (nonce, rest) = frame.body.split_at_checked(NONCE).ok_or(BackupError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| BackupError::Damaged)?;
        let mut body = Zeroizing::new(rest.to_vec());
        let packed = self.key().open_in_place(nonce, Aad::from(head), &mut body);
        let packed = packed.map_err(|_| BackupError::Damaged)?;
        match frame.kind & !ARCHIVE {
            ROWS => return from_bytes(packed).ok_or(BackupError::Damaged),
            0 => {}
            _ => return Err(BackupError::Damaged),
        }
        let mut plain = Zeroizing::new(Vec::new());
        DeflateDecoder::new(&*packed).read_to_end(&mut plain).map_err(|_| BackupError::Damaged)?;
        serde_json::from_slice(&plain).map_err(|_| BackupError::Damaged)
    }
}

impl Keeper for Said {
    fn keep(&self, number: Option<u64>, mut changes: Vec<Rows>) -> io::Result<()> {
        let mut went = false;
        for rows in &mut changes {
            // The sealed part of a batch is written anew when something of it is erased.
            went |= rows.change == Change::Changed && rows.table == "consent_batch";
            if rows.change == Change::Went {
                went = true;
                for row in &mut rows.rows {
                    *row = vec![Cell::Bytes { b: self.row_name(&rows.table, row).to_vec() }];
                }
            }
        }
        let mut state = self.state();
        let at = number.unwrap_or(state.last);
        let frame = self.sealed((at, number.is_none()), &changes);
        match &mut state.held {
            Some(held) => held.push((at, frame)),
            None => self.append(&mut state, at, &frame)?,
        }
        state.gone |= went;
        state.last = at;
        if changes.iter().any(|rows| CHOICES.contains(&rows.table.as_str())) {
            // The number of a transaction that is undone comes again.
            self.faults.reach(FaultPoint::SaidKept).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// The name in the place of a row that went.
pub(in crate::service) fn name_of(row: &[Cell]) -> Option<[u8; 16]> {
    let [Cell::Bytes { b }] = row else { return None };
    b.as_slice().try_into().ok()
}

/// The whole frames of a file; one that is cut off ends it.
fn frames(mut bytes: &[u8]) -> impl Iterator<Item = Sealed<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(HEAD)?;
        let length = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
        let number = u64::from_be_bytes(head.get(5..)?.try_into().ok()?);
        let (body, next) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let whole = bytes.get(..HEAD + body.len())?;
        bytes = next;
        let kind = *head.get(4)?;
        Some(Sealed { number, kind, archive: kind & ARCHIVE != 0, body, whole })
    })
}

/// The files of a folder, oldest first; those of one keyring, or all.
fn parts(folder: &Path, of: Option<&str>) -> Result<Vec<Part>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file("what persons said")(error)),
    };
    let mut parts = Vec::new();
    for entry in entries {
        let path = entry.map_err(file("what persons said"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut words = name.splitn(4, '-');
        let (Some(first), Some(begun), Some(again), Some(own)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let (Ok(first), Ok(begun), Ok(_)) = (first.parse(), begun.parse(), again.parse::<u32>())
        else {
            continue;
        };
        if of.is_none_or(|of| of == own) {
            parts.push(Part { first, begun, path });
        }
    }
    parts.sort();
    Ok(parts)
}

/// All that is kept of persons beside a data directory, opened: for whoever has to see that nothing erased is in it.
///
/// # Errors
/// [`BackupError`].
pub fn opened_said(layout: &Layout, keyring: &Keyring) -> Result<Zeroizing<Vec<u8>>, BackupError> {
    let clock = Arc::new(crate::time::SystemClock);
    let said = Said::beside(layout, keyring, (clock, Faults::none()));
    let mut all = Zeroizing::new(Vec::new());
    for part in said.parts()? {
        let bytes = fs::read(&part.path).map_err(file("what persons said"))?;
        for frame in frames(&bytes) {
            let changes = said.opened(&frame)?;
            serde_json::to_writer(&mut *all, &changes).expect("memory takes all bytes");
            all.push(b'\n');
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;
    use crate::time::SystemClock;

    /// The frame of a program before rows had bytes of their own.
    fn packed_json(said: &Said, number: u64, changes: &[Rows]) -> Vec<u8> {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&serde_json::to_vec(changes).unwrap()).unwrap();
        let mut body = packer.finish().unwrap();
        let nonce: [u8; NONCE] = OsRandom::default().array();
        let head = [&[0], number.to_be_bytes().as_slice()].concat();
        let sealing = Nonce::assume_unique_for_key(nonce);
        said.key().seal_in_place_append_tag(sealing, Aad::from(&head), &mut body).unwrap();
        let length = u32::try_from(NONCE + body.len()).unwrap();
        [length.to_be_bytes().as_slice(), &head, &nonce, &body].concat()
    }

    fn came(n: i64) -> Vec<Rows> {
        let token = Cell::Bytes { b: vec![7; 16] };
        let columns = ["token", "number", "form"].map(str::to_owned).into();
        let rows = vec![vec![token, Cell::Number(n), Cell::Null]];
        vec![Rows { table: "consent_event".into(), change: Change::Came, keys: 2, columns, rows }]
    }

    fn read(said: &Said, bytes: &[u8]) -> Vec<(u64, bool, Option<Vec<Rows>>)> {
        frames(bytes).map(|frame| (frame.number, frame.archive, said.opened(&frame).ok())).collect()
    }

    #[test]
    fn frames_of_both_kinds_are_read_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, data) = (folder.path().join("keyring"), folder.path().join("data"));
        let mut random = OsRandom::default();
        let keyring = Keyring::create(&keys, &data, "certifier.example", &mut random).unwrap();
        let layout = Layout::new(&data);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let said = Said::beside(&layout, &keyring, (clock, Faults::none()));
        let old = packed_json(&said, 1, &came(1));
        let new = said.sealed((2, false), &came(2));
        let archive = said.sealed((2, true), &came(3));
        let all = [old.clone(), new.clone(), archive].concat();
        let wanted =
            vec![(1, false, Some(came(1))), (2, false, Some(came(2))), (2, true, Some(came(3)))];
        assert_eq!(read(&said, &all), wanted);
        // What a frame is cannot be changed: neither of the archive nor of another kind.
        for (frame, kind) in [(&old, ROWS), (&old, ARCHIVE), (&new, 0), (&new, 3), (&new, 6)] {
            let mut frame = frame.clone();
            frame[4] = kind;
            assert!(read(&said, &frame).iter().all(|(_, _, changes)| changes.is_none()));
        }
    }
}
