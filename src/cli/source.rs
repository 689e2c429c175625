//! The party's file: its beginning at once, the rest as it is asked for. A file that cannot be read twice
//! (a pipe) is held in memory. What it says is no matter here.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tiers_contact::HEAD_BYTES;
use zeroize::Zeroizing;

use super::CliError;

trait Twice: Read + Seek + Send {}

impl Twice for File {}
impl Twice for Cursor<Zeroizing<Vec<u8>>> {}

/// A file to be read, perhaps more than once.
pub struct Source {
    path: PathBuf,
    file: Box<dyn Twice>,
    bytes: u64,
    head: Zeroizing<Vec<u8>>,
}

impl Source {
    /// Opens a file and reads its beginning.
    ///
    /// # Errors
    /// [`CliError::Read`].
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let open = || -> io::Result<Self> {
            let mut file = File::open(path)?;
            let meta = file.metadata()?;
            let (mut file, bytes): (Box<dyn Twice>, u64) = if meta.is_file() {
                (Box::new(file), meta.len())
            } else {
                let mut whole = Zeroizing::new(Vec::new());
                file.read_to_end(&mut whole)?;
                let bytes = whole.len() as u64;
                (Box::new(Cursor::new(whole)), bytes)
            };
            let mut head = Zeroizing::new(Vec::with_capacity(HEAD_BYTES.min(meta_bytes(bytes))));
            (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
            Ok(Self { path: path.to_owned(), file, bytes, head })
        };
        open().map_err(|cause| CliError::read(path, &cause))
    }

    /// Its name, without the directories.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its first bytes, at most [`HEAD_BYTES`].
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the beginning is all of it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.head.len() as u64 >= self.bytes
    }

    /// All of it.
    ///
    /// # Errors
    /// [`CliError::Read`].
    pub fn whole(&mut self) -> Result<Zeroizing<Vec<u8>>, CliError> {
        let mut whole = Zeroizing::new(Vec::with_capacity(meta_bytes(self.bytes)));
        let read = self.file.seek(SeekFrom::Start(0));
        let read = read.and_then(|_| self.file.read_to_end(&mut whole));
        read.map_err(|cause| CliError::read(&self.path, &cause))?;
        Ok(whole)
    }

    /// Hands out the file from its first byte, piece by piece, until it ends or nobody wants more.
    ///
    /// # Errors
    /// [`CliError::Read`].
    pub fn each(&mut self, mut take: impl FnMut(&[u8]) -> bool) -> Result<(), CliError> {
        let failed = |cause: io::Error| CliError::read(&self.path, &cause);
        let mut piece = Zeroizing::new(vec![0; PIECE_BYTES]);
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        loop {
            let read = self.file.read(&mut piece).map_err(failed)?;
            if read == 0 || !take(&piece[..read]) {
                return Ok(());
            }
        }
    }
}

/// Bytes that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

fn meta_bytes(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(0)
}
