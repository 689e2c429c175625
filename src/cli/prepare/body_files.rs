//! The files of a deposit that follow the body line by line: `preview.csv`, `rows.csv` and the sealed body,
//! written as the sorted runs are merged. What stands where is `deposit_dir`.

use std::sync::mpsc::sync_channel;
use std::thread::{self, ScopedJoinHandle};

use tiers_contact::Piece;
use tiers_protocol::manifest::SealedDescription;

use super::super::deposit_dir::{PREVIEW, ROWS};
use super::super::files::{Sink, Staged};
use super::super::sealing::Sealing;
use super::CliError;
use super::progress::Writing;
use super::runs::Runs;

/// What was written.
pub struct Written {
    /// Lines of the body without the heading, canaries included.
    pub lines: u64,
    /// Bytes of the body.
    pub plain_bytes: u64,
    /// Lines of the party's rows that equal an earlier one.
    pub duplicates: u64,
    /// The sealed body.
    pub sealed: Option<SealedDescription>,
}

/// Writes the files. The caller's thread puts the lines in order, one writes them, one seals them.
///
/// # Errors
/// [`CliError::Write`], [`CliError::Read`], [`CliError::Seal`].
pub fn write(
    heading: &[u8],
    runs: Runs<'_>,
    source: &str,
    staged: &Staged,
    sealing: Option<Sealing>,
) -> Result<Written, CliError> {
    let progress = Writing::begin(runs.lines());
    let mut tables = Tables::begin(source, staged)?;
    let (merged, tables, sealed) = thread::scope(|scope| {
        let (made, to_write) = sync_channel::<Piece>(WAITING);
        let (written, to_seal) = sync_channel::<Piece>(WAITING);
        let (used, free) = sync_channel::<Piece>(IN_USE);
        let writer = scope.spawn(move || {
            for piece in to_write {
                tables.put(&piece)?;
                // A sealer that is gone has a reason, and tells it when it is waited for.
                if written.send(piece).is_err() {
                    break;
                }
            }
            Ok::<Tables, CliError>(tables)
        });
        let sealer = scope.spawn(move || {
            let mut sealing = sealing;
            for piece in to_seal {
                if let Some(sealing) = &mut sealing {
                    sealing.put(piece.text())?;
                }
                // Nobody may want it any more.
                let _ = used.try_send(piece);
            }
            sealing.map(Sealing::finish).transpose()
        });
        let mut give = |piece: Piece| {
            progress.lines(piece.lines());
            made.send(piece).ok()?;
            Some(free.try_recv().unwrap_or_default())
        };
        let merged = runs.pieces(heading, PIECE_BYTES, &mut give);
        drop(made);
        (merged, joined(writer), joined(sealer))
    });
    drop(progress);
    // Why nobody took the pieces comes first.
    let tables = tables?;
    let sealed = sealed?;
    let body = merged?;
    tables.finish()?;
    Ok(Written { lines: body.lines, plain_bytes: body.bytes, duplicates: body.duplicates, sealed })
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Pieces that wait for a thread, and all there are: those that wait twice, and one that each thread has.
const WAITING: usize = 2;
const IN_USE: usize = 2 * WAITING + 3;
const PIECE_BYTES: usize = 1 << 20;

/// `preview.csv` and `rows.csv`.
struct Tables {
    preview: Sink,
    rows: Sink,
    /// `,file,` of `rows.csv`.
    source: String,
    row_text: Vec<u8>,
}

impl Tables {
    fn begin(source: &str, staged: &Staged) -> Result<Self, CliError> {
        Ok(Self {
            preview: staged.create(PREVIEW)?,
            rows: staged.create(ROWS)?,
            source: format!(",{},", quoted(source)),
            row_text: b"line,file,row\n".to_vec(),
        })
    }

    fn put(&mut self, piece: &Piece) -> Result<(), CliError> {
        self.preview.put(piece.text())?;
        piece.write_rows(&self.source, &mut self.row_text);
        self.rows.put(&self.row_text)?;
        self.row_text.clear();
        Ok(())
    }

    fn finish(self) -> Result<(), CliError> {
        self.preview.finish()?;
        self.rows.finish()
    }
}

/// A CSV field (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_a_table() {
        assert_eq!(quoted("sales.csv"), "sales.csv");
        assert_eq!(quoted("a,\"b\".csv"), "\"a,\"\"b\"\".csv\"");
    }
}
