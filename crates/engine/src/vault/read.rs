//! Reads a deposit's segments back. What is opened is checked against the seal; what is read is
//! checked page by page.
//!
//! Specified in `docs/formats/segment-v1.md`, "Reading".

use std::{
    collections::BTreeSet,
    fs::{self, File},
    panic::resume_unwind,
    path::{Path, PathBuf},
    slice,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tiers_contact::Kind;

use super::{
    Batch, Batches, Columns, Day, Segments, Side, TokenRange, VaultError,
    files::{self, read_error},
    index::{Index, Page, missing_is_altered, open_segment},
    pages::{Cipher, PageReader},
    seal::Seal,
};
use crate::crypto::segment_key::SegmentKey;

/// A deposit on disk, opened with its key: its seal, and the tail of each of its segments, are
/// checked.
pub struct StoredDeposit {
    path: PathBuf,
    pub(super) name: String,
    cipher: Cipher,
    rows: u32,
    pub(super) segments: Vec<Index>,
}

impl StoredDeposit {
    /// Opens the deposit `deposit_id` under `dir`. Its pages are checked when they are read.
    ///
    /// # Errors
    /// [`VaultError::NotThere`]; [`VaultError::Altered`] when the seal or a segment's footer is not the
    /// one that was written for this id under this key, or a file is missing or one too many;
    /// [`VaultError::Read`].
    // The key is consumed: what is kept of it is the cipher.
    #[expect(clippy::needless_pass_by_value)]
    pub fn open(dir: &Path, deposit_id: &str, key: SegmentKey) -> Result<Self, VaultError> {
        Self::open_under(dir, deposit_id, &key)
    }

    /// Opens deposits, each in a folder by its id and key, on at most `threads` threads, this one with them:
    /// opening reads what is small and reckons with it, so that a second processor halves it. They come in
    /// the order in which they are named.
    ///
    /// # Errors
    /// Those of [`Self::open`], of the first deposit that has one.
    // The keys are consumed with the list.
    #[expect(clippy::needless_pass_by_value)]
    pub fn open_all(
        deposits: Vec<(&Path, String, SegmentKey)>,
        threads: usize,
    ) -> Result<Vec<Self>, VaultError> {
        let taken = AtomicUsize::new(0);
        let some = || {
            let mut opened = Vec::new();
            loop {
                let place = taken.fetch_add(1, Ordering::Relaxed);
                let Some((dir, id, key)) = deposits.get(place) else { return opened };
                opened.push((place, Self::open_under(dir, id, key)));
            }
        };
        let mut opened = thread::scope(|scope| {
            let others = threads.min(deposits.len().div_ceil(WORTH_A_THREAD)).saturating_sub(1);
            let others: Vec<_> = (0..others).map(|_| scope.spawn(some)).collect();
            let mut opened = some();
            for other in others {
                opened.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            opened
        });
        opened.sort_unstable_by_key(|(place, _)| *place);
        opened.into_iter().map(|(_, deposit)| deposit).collect()
    }

    fn open_under(dir: &Path, deposit_id: &str, key: &SegmentKey) -> Result<Self, VaultError> {
        let path = files::deposit_dir(dir, deposit_id)?;
        if !path.is_dir() {
            return Err(VaultError::NotThere);
        }
        let bytes = fs::read(files::seal_file(&path)).map_err(missing_is_altered)?;
        let seal = Seal::decode(&bytes, deposit_id, key)?;
        if names(&path)? != expected_names(&path, &seal) {
            return Err(VaultError::Altered);
        }
        let read = |sealed| Index::read(&path, deposit_id, sealed, key);
        let segments = seal.segments.iter().map(read).collect::<Result<_, _>>()?;
        let cipher = Cipher::new(key);
        Ok(Self { path, name: seal.deposit, cipher, rows: seal.rows, segments })
    }

    /// Rows of the deposit, those without any identifier included.
    #[must_use]
    pub const fn row_count(&self) -> u32 {
        self.rows
    }

    /// Which side the rows are of; `None` when no row has an identifier.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.segments.first().map(|index| index.side)
    }

    fn index(&self, kind: Kind) -> Option<&Index> {
        self.segments.iter().find(|index| index.kind == kind)
    }
}

/// Deposits whose opening takes longer than starting a thread for them.
const WORTH_A_THREAD: usize = 4;

/// What lies in a deposit's folder.
fn names(path: &Path) -> Result<BTreeSet<PathBuf>, VaultError> {
    let entries = fs::read_dir(path).map_err(read_error)?;
    entries.map(|entry| Ok(entry.map_err(read_error)?.path())).collect()
}

fn expected_names(path: &Path, seal: &Seal) -> BTreeSet<PathBuf> {
    let segments = seal.segments.iter().map(|sealed| files::segment_file(path, sealed.kind));
    segments.chain([files::seal_file(path)]).collect()
}

impl Segments for StoredDeposit {
    type Reader<'a> = SegmentReader<'a>;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<SegmentReader<'_>, VaultError> {
        let open = self.index(kind).map(|index| Open {
            folder: &self.path,
            kind,
            kept: None,
            reader: PageReader::new(&self.cipher, index),
            pages: index.pages_of(range).iter(),
        });
        Ok(SegmentReader { open, range, columns })
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.index(kind).map_or(0, |index| index.rows.into())
    }

    fn days(&self, kind: Kind) -> Option<(Day, Day)> {
        self.index(kind).map(|index| index.days)
    }

    fn row_count(&self) -> u32 {
        self.rows
    }
}

/// The rows of one range of a segment, in order, a page at a time. After an error it yields nothing
/// more.
///
/// A match of a large network has thousands of readers, and a process may have a thousand files: only
/// `KEPT_MAX` of them keep theirs open, the others open it anew for each batch.
pub struct SegmentReader<'a> {
    /// `None` when there is no segment, or nothing more of it.
    open: Option<Open<'a>>,
    range: TokenRange,
    columns: Columns,
}

struct Open<'a> {
    folder: &'a Path,
    kind: Kind,
    kept: Option<Kept>,
    reader: PageReader<'a>,
    pages: slice::Iter<'a, Page>,
}

/// Files that readers keep open, all together: enough for a hundred deposits on two threads, and a quarter
/// of what a process may have.
const KEPT_MAX: usize = 256;

/// How many are open.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// A file that stays open as long as its reader.
struct Kept(File);

impl Kept {
    /// Keeps a file, or gives it back where there are enough.
    fn keep(file: File) -> Result<Self, File> {
        let one_more = |kept| (kept < KEPT_MAX).then_some(kept + 1);
        match KEPT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => Ok(Self(file)),
            Err(_) => Err(file),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SegmentReader<'_> {
    fn fill(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        let Some(open) = &mut self.open else { return Ok(false) };
        if open.pages.as_slice().is_empty() {
            return Ok(false);
        }
        let opened;
        let file = match &open.kept {
            Some(kept) => &kept.0,
            None => {
                let file = open_segment(open.folder, open.kind)?;
                match Kept::keep(file) {
                    Ok(kept) => &open.kept.insert(kept).0,
                    Err(file) => {
                        opened = file;
                        &opened
                    }
                }
            }
        };
        while batch.is_empty() {
            let Some(page) = open.pages.next() else { return Ok(false) };
            open.reader.read(file, page, self.range, self.columns, batch)?;
        }
        Ok(true)
    }
}

impl Batches for SegmentReader<'_> {
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        batch.clear();
        let filled = self.fill(batch);
        if !matches!(filled, Ok(true)) {
            self.open = None;
        }
        if filled.is_err() {
            batch.clear();
        }
        filled
    }
}
