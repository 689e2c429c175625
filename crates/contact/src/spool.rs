//! Sorted lines that wait outside memory, and the body that comes of all lines that wait, piece by piece.
//!
//! Where lines wait, and who writes the pieces, is the caller's: this file knows neither files nor threads.
//! What a line says is `body`'s, how runs are merged is `merge`'s.

use std::io::{self, Read, Write};

use crate::{
    body::{Lines, MemoryRun, push_number},
    merge::{Merge, Run},
};

/// Bytes of lines outside memory that are in memory.
const WINDOW_BYTES: usize = 128 * 1024;

/// Merges runs into one and writes it out, for [`Spooled`] to read.
///
/// # Errors
/// Those of `out`.
pub fn spool(runs: Vec<Lines>, out: &mut dyn Write) -> io::Result<()> {
    let mut pending = Vec::with_capacity(2 * WINDOW_BYTES);
    let runs = runs.into_iter().map(|lines| Waiting::Memory(lines.into_run())).collect();
    Merge::new(runs).each(|line, source| {
        pending.extend_from_slice(&source.to_le_bytes());
        pending.extend_from_slice(&u32::try_from(line.len()).unwrap_or(0).to_le_bytes());
        pending.extend_from_slice(line);
        if pending.len() >= WINDOW_BYTES {
            out.write_all(&pending)?;
            pending.clear();
        }
        Ok::<(), io::Error>(())
    })?;
    out.write_all(&pending)
}

/// A run outside memory: for each line eight bytes of its row and four of its length, then the line.
pub struct Spooled {
    input: Box<dyn Read + Send>,
    window: Vec<u8>,
    /// The head in the window.
    start: usize,
    end: usize,
    source: u64,
}

impl Spooled {
    /// Begins to read what [`spool`] wrote.
    ///
    /// # Errors
    /// Those of `input`.
    pub fn begin(input: Box<dyn Read + Send>) -> io::Result<Self> {
        let mut run = Self { input, window: Vec::new(), start: 0, end: 0, source: 0 };
        run.advance()?;
        Ok(run)
    }

    /// Moves the head to the next line of the window; false when it is not whole.
    fn find(&mut self) -> bool {
        let rest = &self.window[self.end..];
        let Some((source, rest)) = rest.split_first_chunk() else { return false };
        let Some((length, rest)) = rest.split_first_chunk() else { return false };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if rest.len() < length {
            return false;
        }
        self.source = u64::from_le_bytes(*source);
        self.start = self.window.len() - rest.len();
        self.end = self.start + length;
        true
    }
}

impl Run for Spooled {
    type Error = io::Error;

    fn head(&self) -> Option<(&[u8], u64)> {
        (self.end > self.start).then(|| (&self.window[self.start..self.end], self.source))
    }

    fn advance(&mut self) -> io::Result<()> {
        while !self.find() {
            self.window.drain(..self.end);
            (self.start, self.end) = (0, 0);
            let before = self.window.len();
            (&mut self.input).take(WINDOW_BYTES as u64).read_to_end(&mut self.window)?;
            if self.window.len() == before {
                // Nothing more: `head` says so.
                return Ok(());
            }
        }
        Ok(())
    }
}

/// A run, wherever it waits.
enum Waiting {
    Memory(MemoryRun<Lines>),
    Spooled(Spooled),
}

impl Run for Waiting {
    type Error = io::Error;

    fn head(&self) -> Option<(&[u8], u64)> {
        match self {
            Self::Memory(run) => run.head(),
            Self::Spooled(run) => run.head(),
        }
    }

    fn advance(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(run) => {
                let Ok(()) = run.advance();
                Ok(())
            }
            Self::Spooled(run) => run.advance(),
        }
    }
}

/// Some lines of a body on their way out, in order. Taken back, its room serves another piece.
#[derive(Default)]
pub struct Piece {
    text: Vec<u8>,
    /// Row of the file of each line, 0 for a canary.
    sources: Vec<u64>,
    /// Lines of the body before this piece.
    before: u64,
}

impl Piece {
    /// The text; that of the first piece begins with the heading line.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Lines of the body up to the end of the piece.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.before + self.sources.len() as u64
    }

    /// Writes for each line that a row of the party's made `line,file,row`, where `file` stands with its
    /// commas; canaries come from no row.
    pub fn write_rows(&self, file: &str, out: &mut Vec<u8>) {
        for (line, source) in (self.before + 1..).zip(&self.sources) {
            if *source > 0 {
                push_number(out, line);
                out.extend_from_slice(file.as_bytes());
                push_number(out, *source);
                out.push(b'\n');
            }
        }
    }

    fn begin(&mut self, before: u64, room: usize) {
        self.text.clear();
        self.text.reserve(room);
        self.sources.clear();
        self.before = before;
    }
}

/// What a body is in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Lines without the heading, canaries included.
    pub lines: u64,
    /// Bytes, the heading included.
    pub bytes: u64,
    /// Lines of the party's rows that equal an earlier one.
    pub duplicates: u64,
    /// Whether `give` took every piece.
    pub whole: bool,
}

/// Gives the body of all lines that wait, in pieces of about `piece_bytes`, the heading first. `give` hands
/// back a piece that is used up, or any other; `None` when nobody wants more.
///
/// # Errors
/// Those of reading back what waits outside memory.
pub fn pieces(
    heading: &[u8],
    memory: Vec<Lines>,
    spooled: Vec<Spooled>,
    piece_bytes: usize,
    give: &mut dyn FnMut(Piece) -> Option<Piece>,
) -> io::Result<Written> {
    enum End {
        Failed(io::Error),
        Unwanted,
    }
    impl From<io::Error> for End {
        fn from(cause: io::Error) -> Self {
            Self::Failed(cause)
        }
    }
    let memory = memory.into_iter().map(|lines| Waiting::Memory(lines.into_run()));
    let runs = memory.chain(spooled.into_iter().map(Waiting::Spooled)).collect();
    let mut written = Written::default();
    let mut piece = Piece::default();
    // A line more than what is enough.
    let room = piece_bytes + piece_bytes / 64;
    piece.begin(0, room);
    piece.text.extend_from_slice(heading);
    let mut last = Last::default();
    let merged = Merge::new(runs).each(|line, source| {
        let start = piece.text.len();
        if source > 0 {
            written.duplicates += u64::from(last.of(&piece.text) == line);
            last.place = start..start + line.len();
        }
        piece.text.extend_from_slice(line);
        piece.sources.push(source);
        if piece.text.len() < piece_bytes {
            return Ok(());
        }
        last.keep(&piece.text);
        (written.lines, written.bytes) = (piece.lines(), written.bytes + piece.text.len() as u64);
        piece = give(std::mem::take(&mut piece)).ok_or(End::Unwanted)?;
        piece.begin(written.lines, room);
        Ok(())
    });
    match merged {
        Err(End::Failed(cause)) => return Err(cause),
        Err(End::Unwanted) => return Ok(written),
        Ok(()) => {}
    }
    (written.lines, written.bytes) = (piece.lines(), written.bytes + piece.text.len() as u64);
    written.whole = give(piece).is_some();
    Ok(written)
}

/// The last line of a row of the party's: in the piece that is being made, or kept from the one before.
#[derive(Default)]
struct Last {
    kept: Vec<u8>,
    /// Empty where it is the kept one.
    place: std::ops::Range<usize>,
}

impl Last {
    fn of<'a>(&'a self, text: &'a [u8]) -> &'a [u8] {
        if self.place.is_empty() { &self.kept } else { &text[self.place.clone()] }
    }

    fn keep(&mut self, text: &[u8]) {
        if !self.place.is_empty() {
            self.kept.clear();
            self.kept.extend_from_slice(&text[self.place.clone()]);
            self.place = 0..0;
        }
    }
}
