//! The directory of a batch that is about to be sent: the signed statement, the sealed body, and for the
//! sender's eyes what is inside and what was left out. It is there whole or not at all, so that a broken
//! sending goes on with the same sealed bytes.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use tiers_protocol::canonical;
use tiers_protocol::entropy::{Pool, System};
use tiers_protocol::exchange::opening::quoted;
use tiers_protocol::exchange::statement::BatchFormat;
use tiers_protocol::exchange::transfer::upload_info;
use tiers_protocol::exchange::{
    BatchError, BatchHead, BatchSealer, BatchStatement, EvidenceSealer, Field, Leaf, RecordError,
    RootOf,
};
use tiers_protocol::seal::{CHUNK, Sealer, SealingPublic};
use tiers_protocol::sign::SigningSecret;

use zeroize::Zeroizing;

use super::super::files::{Sink, Staged};
use super::file::{Batch, Part};
use super::{CliError, ExchangeFault, files};
use crate::parallel::in_parts;

const STATEMENT: &str = "statement.json";
const BODY: &str = "body.sealed";
const PREVIEW: &str = "preview.csv";
const LEFT_OUT: &str = "left-out.csv";

/// Rows that are sealed at a time.
const BLOCK: usize = 1 << 13;

/// A sealed batch on the disk.
pub(super) struct Parcel {
    pub(super) statement: BatchStatement,
    pub(super) body: PathBuf,
    pub(super) preview: PathBuf,
}

impl Parcel {
    /// Whether something stands at this place already.
    pub(super) fn is_at(dir: &Path) -> bool {
        dir.join(STATEMENT).exists()
    }

    /// Opens what was sealed before.
    pub(super) fn open(dir: &Path) -> Result<Self, CliError> {
        let path = dir.join(STATEMENT);
        let statement = canonical::from_slice(&files::read_document(&path)?)
            .map_err(|_| CliError::not_a(&path, "statement of a batch"))?;
        Ok(Self { statement, body: dir.join(BODY), preview: dir.join(PREVIEW) })
    }

    /// Seals every row and writes the directory.
    pub(super) fn seal(
        dir: &Path,
        (batch, head): (&mut Batch<'_>, BatchHead),
        (certifier, signing): (&SealingPublic, &SigningSecret),
        bar: &ProgressBar,
    ) -> Result<Self, CliError> {
        let staged = Staged::begin(dir)?;
        let fields: Vec<Field> = batch.fields().collect();
        let (sealer, enc) =
            BatchSealer::new(&head.sealed_to, &head, &mut System).map_err(ExchangeFault::from)?;
        let (prover, evidence_enc) =
            EvidenceSealer::new(&head, &mut System).map_err(ExchangeFault::from)?;
        let seal = Seal { records: &sealer, proofs: &prover, fields: &fields };
        let (mut body, header) = Sealer::new(certifier, &upload_info(&head), &mut System)?;
        let mut out = staged.create(BODY)?;
        out.put(&header)?;
        let mut preview = staged.create(PREVIEW)?;
        preview.put(heading(&fields).as_bytes())?;
        let (mut root, mut plain) = (RootOf::new(), Zeroizing::new(Vec::new()));
        batch.each(BLOCK, |part| {
            for sealed in seal_part(part, &seal, root.count())? {
                for (leaf, row) in sealed.rows {
                    root.push(leaf);
                    plain.extend_from_slice(&row);
                }
                preview.put(sealed.preview.as_bytes())?;
            }
            let full = plain.len() / CHUNK * CHUNK;
            for chunk in plain[..full].chunks(CHUNK) {
                out.put(&body.chunk(chunk, false)?)?;
            }
            plain.drain(..full);
            bar.inc(part.len() as u64);
            Ok(())
        })?;
        out.put(&body.chunk(&plain, true)?)?;
        finish([out, preview])?;
        staged.file(LEFT_OUT, left_out(batch).as_bytes())?;
        let statement = BatchStatement::sign(head, [enc, evidence_enc], root.root(), signing);
        staged.file(STATEMENT, &canonical::to_vec(&statement))?;
        staged.commit()?;
        Self::open(dir)
    }

    /// Bytes of the sealed body.
    pub(super) fn bytes(&self) -> Result<u64, CliError> {
        let meta = fs::metadata(&self.body).map_err(|cause| CliError::read(&self.body, &cause))?;
        Ok(meta.len())
    }
}

fn finish(sinks: [Sink; 2]) -> Result<(), CliError> {
    sinks.into_iter().try_for_each(Sink::finish)
}

/// The version of the head that is made here.
pub(super) const FORMAT: BatchFormat = BatchFormat::V1;

struct Sealed {
    rows: Vec<(Leaf, Vec<u8>)>,
    preview: String,
}

/// What a row is sealed with.
struct Seal<'a> {
    records: &'a BatchSealer,
    proofs: &'a EvidenceSealer,
    fields: &'a [Field],
}

/// Seals some rows on all processors; the first of them takes the position `first`.
fn seal_part(part: &Part<'_>, seal: &Seal<'_>, first: u64) -> Result<Vec<Sealed>, CliError> {
    in_parts(part.len(), |rows| seal_rows(part, seal, (first, rows))).into_iter().collect()
}

fn seal_rows(
    part: &Part<'_>,
    seal: &Seal<'_>,
    (first, rows): (u64, Range<usize>),
) -> Result<Sealed, CliError> {
    let mut pool = Pool::new();
    let mut made = Sealed { rows: Vec::with_capacity(rows.len()), preview: String::new() };
    for place in rows {
        let position = first + place as u64;
        let (row, of) = part.row(place);
        let wrong = |cause| ExchangeFault::Record { row, cause };
        let of = of.map_err(|_| wrong(RecordError::Shape))?;
        let failed = |error| match error {
            BatchError::Record(cause) => wrong(cause),
            other => other.into(),
        };
        let sealed = seal.records.seal(position, &of.record, &mut pool).map_err(failed)?;
        let proof = seal.proofs.seal(position, &of.evidence, &mut pool).map_err(failed)?;
        let leaf = Leaf::of(position, &of.tokens.digest(), (&sealed, &proof));
        let mut bytes = Vec::with_capacity(64 + sealed.len() + proof.len());
        of.tokens.write(&mut bytes);
        bytes.extend_from_slice(&sealed);
        bytes.extend_from_slice(&proof);
        made.rows.push((leaf, bytes));
        let _ = write!(made.preview, "{row}");
        for field in seal.fields {
            let value = of.record.fields.get(field).map_or("", String::as_str);
            let _ = write!(made.preview, ",{}", quoted(value));
        }
        let shown = quoted(&of.evidence.reference);
        let _ = writeln!(made.preview, ",{},{shown}", of.record.collected);
    }
    Ok(made)
}

fn heading(fields: &[Field]) -> String {
    let mut heading = "row".to_owned();
    for field in fields {
        let _ = write!(heading, ",{}", field.name());
    }
    heading + ",collected,evidence\n"
}

fn left_out(batch: &Batch<'_>) -> String {
    let mut text = "row,code\n".to_owned();
    for (row, why) in batch.left_out() {
        let _ = writeln!(text, "{row},{}", why.code());
    }
    text
}
