//! The files of a deposit that follow the body line by line: `preview.csv`, `rows.csv` and the sealed body,
//! written as the sorted runs are merged. What stands where is `deposit_dir`.

use std::fmt::Write as _;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

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

/// Writes the files. Sealing has a thread of its own.
///
/// # Errors
/// [`CliError::Write`], [`CliError::Seal`].
pub fn write(
    heading: &[u8],
    runs: Runs<'_>,
    source: &str,
    staged: &Staged,
    sealing: Option<Sealing>,
) -> Result<Written, CliError> {
    let progress = Writing::begin(runs.lines());
    let mut body = Body::begin(heading, source, staged)?;
    let sealed = thread::scope(|scope| {
        let sealer = sealing.map(|mut sealing| {
            let (sender, pieces) = sync_channel::<Vec<u8>>(WAITING);
            let seal = move || {
                for piece in pieces {
                    sealing.put(&piece)?;
                }
                sealing.finish()
            };
            (sender, scope.spawn(seal))
        });
        let (sender, sealer) = sealer.unzip();
        let merged = runs.merge().each(|line, source| {
            body.line(line, source);
            if body.plain.len() >= PIECE_BYTES {
                body.flush(sender.as_ref())?;
                progress.lines(body.lines);
            }
            Ok::<(), CliError>(())
        });
        let merged = merged.and_then(|()| body.flush(sender.as_ref()));
        drop(sender);
        let sealed = sealer
            .map(|sealer| sealer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        // Why nobody took the pieces comes first.
        let sealed = sealed.transpose()?;
        merged.map(|()| sealed)
    })?;
    drop(progress);
    let Body { preview, rows, lines, plain_bytes, duplicates, .. } = body;
    preview.finish()?;
    rows.finish()?;
    Ok(Written { lines, plain_bytes, duplicates, sealed })
}

/// Pieces that wait for the sealer.
const WAITING: usize = 4;
const PIECE_BYTES: usize = 1 << 20;

struct Body {
    preview: Sink,
    rows: Sink,
    /// `,file,` of `rows.csv`.
    source: String,
    plain: Vec<u8>,
    row_text: String,
    /// The last line of a row of the party's.
    last: Vec<u8>,
    lines: u64,
    plain_bytes: u64,
    duplicates: u64,
}

impl Body {
    fn begin(heading: &[u8], source: &str, staged: &Staged) -> Result<Self, CliError> {
        let mut plain = Vec::with_capacity(PIECE_BYTES + 4096);
        plain.extend_from_slice(heading);
        Ok(Self {
            preview: staged.create(PREVIEW)?,
            rows: staged.create(ROWS)?,
            source: format!(",{},", quoted(source)),
            plain,
            row_text: String::from("line,file,row\n"),
            last: Vec::new(),
            lines: 0,
            plain_bytes: 0,
            duplicates: 0,
        })
    }

    /// Takes a line; canaries come from no row and are left out of `rows.csv`.
    fn line(&mut self, line: &[u8], source: u64) {
        self.lines += 1;
        self.plain.extend_from_slice(line);
        if source == 0 {
            return;
        }
        self.duplicates += u64::from(self.last == line);
        self.last.clear();
        self.last.extend_from_slice(line);
        let _ = writeln!(self.row_text, "{}{}{source}", self.lines, self.source);
    }

    fn flush(&mut self, sealer: Option<&SyncSender<Vec<u8>>>) -> Result<(), CliError> {
        self.plain_bytes += self.plain.len() as u64;
        self.preview.put(&self.plain)?;
        self.rows.put(self.row_text.as_bytes())?;
        self.row_text.clear();
        match sealer {
            Some(sealer) => {
                let next = Vec::with_capacity(PIECE_BYTES + 4096);
                // A sealer that is gone has a reason, and tells it when it is waited for.
                let _ = sealer.send(std::mem::replace(&mut self.plain, next));
            }
            None => self.plain.clear(),
        }
        Ok(())
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
