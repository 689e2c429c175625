//! The directory of a batch that is about to be sent: the signed statement, the sealed body, and for the
//! sender's eyes what is inside and what was left out. It is there whole or not at all, so that a broken
//! sending goes on with the same sealed bytes.

use std::fs;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use tiers_protocol::canonical;
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::sending::{Body, Sealed, Seals, heading};
use tiers_protocol::exchange::{BatchHead, BatchStatement, Field};
use tiers_protocol::seal::SealingPublic;
use tiers_protocol::sign::SigningSecret;

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
        (batch, head): (&mut Batch, BatchHead),
        (certifier, signing): (&SealingPublic, &SigningSecret),
        bar: &ProgressBar,
    ) -> Result<Self, CliError> {
        let staged = Staged::begin(dir)?;
        let fields: Vec<Field> = batch.fields().collect();
        let mut preview = staged.create(PREVIEW)?;
        preview.put(heading(&fields).as_bytes())?;
        let mut out = staged.create(BODY)?;
        let mut bytes = Vec::new();
        let (mut body, seals) = Body::begin(head, (fields, certifier), &mut System, &mut bytes)
            .map_err(ExchangeFault::from)?;
        batch.each(BLOCK, |part| {
            for sealed in seal_part(part, &seals, body.count())? {
                preview.put(sealed.preview.as_bytes())?;
                body.take(sealed, &mut bytes).map_err(ExchangeFault::from)?;
                out.put(&bytes)?;
                bytes.clear();
            }
            bar.inc(part.len() as u64);
            Ok(())
        })?;
        let statement = body.finish(signing, &mut bytes).map_err(ExchangeFault::from)?;
        out.put(&bytes)?;
        finish([out, preview])?;
        staged.file(LEFT_OUT, batch.left_out_csv().as_bytes())?;
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

/// Seals some rows on all processors; the first of them takes the position `first`.
fn seal_part(part: &Part<'_>, seals: &Seals, first: u64) -> Result<Vec<Sealed>, ExchangeFault> {
    let sealed = in_parts(part.len(), |places| {
        let rows = places.map(|place| {
            let (row, number) = part.row(place);
            (first + place as u64, row, number)
        });
        seals.seal((part.rules, part.cells), rows)
    });
    sealed.into_iter().map(|part| part.map_err(ExchangeFault::from)).collect()
}
