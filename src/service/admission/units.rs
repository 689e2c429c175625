//! Files of units that one month has admitted: sorted once, never changed, read from one end to the other. A database
//! that takes a row for each of millions of them takes longer than everything else that a report is made of
//! (`docs/decisions/0084-admitted-units-lie-in-files.md`).
//!
//! A file is its magic, its id, the units and the SHA-256 of all that. A unit is the rank of its kind and its token
//! at rest; units come in the order in which the matching asks for them: by kind, the last first, then by token.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use ring::digest::{Context, SHA256};
use tiers_contact::Kind;

use crate::crypto::chain::VaultToken;
use crate::durable::{Access, DurableError, Writer};

const MAGIC: &[u8; 16] = b"tiers-admitted/1";
const DIGEST: usize = 32;

/// Rank of the kind, and token.
const UNIT: usize = 17;

/// Bytes that are read or written at a time.
const BLOCK: usize = 4_096 * UNIT;

/// Name of a file: drawn anew for each, so that none is ever written twice.
pub type FileId = [u8; 16];

/// A unit, ordered as files have them: the rank of its kind, then its token as a number. No `Debug`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    rank: u8,
    token: u128,
}

impl Unit {
    pub(super) fn new(kind: Kind, token: VaultToken) -> Self {
        let index = u8::try_from(kind.index()).expect("there are 13 kinds");
        Self { rank: u8::MAX - index, token: u128::from_be_bytes(*token.as_bytes()) }
    }

    pub(super) fn kind(self) -> Option<Kind> {
        Kind::ALL.get(usize::from(u8::MAX - self.rank)).copied()
    }

    pub(super) const fn token(self) -> VaultToken {
        VaultToken::from_bytes(self.token.to_be_bytes())
    }

    fn read(bytes: &[u8; UNIT]) -> Self {
        let (rank, token) = bytes.split_first().expect("17 bytes");
        Self { rank: *rank, token: u128::from_be_bytes(token.try_into().expect("16 bytes")) }
    }
}

/// Writes a file, unit by unit in their order. Dropped before it is finished, it leaves nothing.
pub(super) struct UnitsWriter {
    out: Writer,
    digest: Context,
    block: Vec<u8>,
    last: Option<Unit>,
    count: u64,
}

impl UnitsWriter {
    pub(super) fn create(path: &Path, id: &FileId) -> Result<Self, DurableError> {
        let out = Writer::create(path, Access::Private)?;
        let mut block = Vec::with_capacity(BLOCK + UNIT);
        block.extend_from_slice(MAGIC);
        block.extend_from_slice(id);
        Ok(Self { out, digest: Context::new(&SHA256), block, last: None, count: 0 })
    }

    /// Adds a unit; one that does not follow the last one is refused: the file could not be read.
    pub(super) fn push(&mut self, unit: Unit) -> io::Result<()> {
        if self.last.replace(unit).is_some_and(|last| last >= unit) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.count += 1;
        self.block.push(unit.rank);
        self.block.extend_from_slice(&unit.token.to_be_bytes());
        if self.block.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.digest.update(&self.block);
        self.out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    /// Makes the file durable under its name; how many units it has.
    pub(super) fn commit(mut self) -> Result<u64, DurableError> {
        self.flush().map_err(DurableError::Write)?;
        self.out.write_all(self.digest.finish().as_ref()).map_err(DurableError::Write)?;
        self.out.commit()?;
        Ok(self.count)
    }
}

/// Whether a reading works out the digest of what it reads: it takes as long as all else that is done with a unit, and
/// a file that was whole once is not written again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It does; at the end the file is known to be the one that was written.
    Whole,
    /// It was done before.
    Order,
}

/// Reads a file from its beginning, some thousand units at a time.
pub struct Units {
    file: File,
    digest: Option<Context>,
    bytes: Vec<u8>,
    block: Vec<Unit>,
    /// The place of the next unit in the block; the block has none behind the last one.
    at: usize,
    /// The last unit of the blocks before.
    last: Option<Unit>,
    /// Bytes of units behind the block.
    left: u64,
}

impl Units {
    /// Opens the file of an id.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidData`] where it is no such file.
    pub fn open(path: &Path, id: &FileId, check: Check) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let fixed = MAGIC.len() + id.len() + DIGEST;
        let left = file.metadata()?.len().checked_sub(u64::try_from(fixed).unwrap_or(u64::MAX));
        let left = left.filter(|left| left.is_multiple_of(UNIT as u64));
        let left = left.ok_or(io::ErrorKind::InvalidData)?;
        let mut heading = [0; 32];
        file.read_exact(&mut heading)?;
        if heading[..MAGIC.len()] != *MAGIC || heading[MAGIC.len()..] != *id {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut digest = (check == Check::Whole).then(|| Context::new(&SHA256));
        if let Some(digest) = &mut digest {
            digest.update(&heading);
        }
        let (bytes, block) = (Vec::new(), Vec::new());
        let mut units = Self { file, digest, bytes, block, at: 0, last: None, left };
        units.fill()?;
        Ok(units)
    }

    /// Refuses a file that has not as many units as the database says: one that was cut is in order, too.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`].
    pub fn of(self, count: u64) -> io::Result<Self> {
        let there = self.left / UNIT as u64 + self.block.len() as u64;
        if there == count { Ok(self) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Takes the next unit.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidData`] where the file is not as it was written.
    pub fn take(&mut self) -> io::Result<Option<(Kind, VaultToken)>> {
        let Some(unit) = self.take_unit()? else { return Ok(None) };
        let kind = unit.kind().ok_or(io::ErrorKind::InvalidData)?;
        Ok(Some((kind, unit.token())))
    }

    /// The next unit, which stays.
    pub(super) fn head(&self) -> Option<Unit> {
        self.block.get(self.at).copied()
    }

    pub(super) fn take_unit(&mut self) -> io::Result<Option<Unit>> {
        let unit = self.head();
        if unit.is_some() {
            self.at += 1;
            if self.at == self.block.len() {
                self.fill()?;
            }
        }
        Ok(unit)
    }

    /// Passes over all units before this one; whether it is there.
    pub(super) fn reach(&mut self, unit: Unit) -> io::Result<bool> {
        loop {
            while let Some(head) = self.block.get(self.at) {
                if *head >= unit {
                    return Ok(*head == unit);
                }
                self.at += 1;
            }
            if self.block.is_empty() {
                return Ok(false);
            }
            self.fill()?;
        }
    }

    /// Reads what is left: only then is the file known to be whole.
    ///
    /// # Errors
    /// As [`Units::take`].
    pub fn finish(mut self) -> io::Result<()> {
        while !self.block.is_empty() {
            self.fill()?;
        }
        Ok(())
    }

    /// Reads the next block; an empty one at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.last = self.block.last().copied().or(self.last);
        self.block.clear();
        self.at = 0;
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(BLOCK);
        if length == 0 {
            return self.end();
        }
        self.bytes.resize(length, 0);
        self.file.read_exact(&mut self.bytes)?;
        self.left -= length as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(&self.bytes);
        }
        let (units, _) = self.bytes.as_chunks();
        self.block.extend(units.iter().map(Unit::read));
        let follows = self.last < self.block.first().copied();
        if follows && self.block.is_sorted_by(|one, next| one < next) {
            return Ok(());
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(digest) = self.digest.take() else { return Ok(()) };
        let mut written = [0; DIGEST];
        self.file.read_exact(&mut written)?;
        if written != digest.finish().as_ref() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(n: u64) -> Unit {
        let kind = Kind::KEYS[usize::from(n < 30_000)];
        let token = [n / 3, n].map(u64::to_be_bytes);
        Unit::new(kind, VaultToken::from_bytes(*token.as_flattened().first_chunk().expect("16")))
    }

    fn written(folder: &Path, id: FileId, count: u64) -> std::path::PathBuf {
        let path = folder.join("units");
        let mut writer = UnitsWriter::create(&path, &id).expect("begins");
        let mut units: Vec<Unit> = (0..count).map(unit).collect();
        units.sort_unstable();
        units.into_iter().for_each(|unit| writer.push(unit).expect("in order"));
        writer.commit().expect("writes");
        path
    }

    fn read(path: &Path, id: FileId) -> io::Result<u64> {
        let mut units = Units::open(path, &id, Check::Whole)?;
        let mut count = 0;
        let mut kinds = Vec::new();
        while let Some((kind, _)) = units.take()? {
            count += 1;
            kinds.push(kind);
        }
        assert!(kinds.is_sorted_by(|a, b| a >= b), "the last kind first");
        Ok(count)
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        for count in [0, 1, 4_093, 4_096, 50_000] {
            let path = written(folder.path(), [7; 16], count);
            assert_eq!(read(&path, [7; 16]).expect("whole"), count);
            assert_eq!(read(&path, [8; 16]).map_err(|e| e.kind()), Err(io::ErrorKind::InvalidData));
            let bytes = std::fs::read(&path).expect("reads");
            // Every part of it, one bit at a time; and every length.
            for place in (0..bytes.len()).step_by(bytes.len() / 40 + 1).chain([bytes.len() - 1]) {
                let mut altered = bytes.clone();
                altered[place] ^= 1;
                std::fs::write(&path, &altered).expect("writes");
                assert!(read(&path, [7; 16]).is_err(), "{count} units, byte {place}");
                std::fs::write(&path, &bytes[..place]).expect("writes");
                assert!(read(&path, [7; 16]).is_err(), "{count} units, cut at {place}");
            }
        }
    }

    #[test]
    fn a_unit_is_reached_if_it_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), [7; 16], 20_000);
        let mut units = Units::open(&path, &[7; 16], Check::Order).expect("opens");
        let mut sought: Vec<u64> = (0..25_000).step_by(7).collect();
        sought.sort_unstable_by_key(|n| unit(*n));
        for n in sought {
            assert_eq!(units.reach(unit(n)).expect("reads"), n < 20_000, "{n}");
        }
        units.finish().expect("whole");
    }

    #[test]
    fn units_that_are_not_in_order_are_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        for (first, second) in [(3, 3), (9, 3), (3, 40_000)] {
            let mut writer =
                UnitsWriter::create(&folder.path().join("units"), &[7; 16]).expect("begins");
            writer.push(unit(first)).expect("the first");
            let pushed = writer.push(unit(second)).is_ok();
            assert_eq!(pushed, unit(first) < unit(second), "{first} {second}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
