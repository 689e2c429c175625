//! Rows are sealed: each to the recipient and its proof to the recipient's officer, all of them to the certifier
//! as one body. What the recipient could open is written beside, for the sender's eyes.

use core::fmt::Write as _;

use tiers_contact::Cells;
use zeroize::Zeroizing;

use super::super::opening::quoted;
use super::super::statement::BatchStatement;
use super::super::transfer::upload_info;
use super::super::{
    BatchError, BatchHead, BatchSealer, EvidenceSealer, Field, Leaf, RecordError, RootOf,
};
use super::{Rules, SendingFault};
use crate::encoding::Bytes;
use crate::entropy::{Entropy, Pool};
use crate::seal::{CHUNK, Sealer, SealingPublic};
use crate::sign::SigningSecret;

/// What rows are sealed with, on as many processors as there are.
pub struct Seals {
    records: BatchSealer,
    proofs: EvidenceSealer,
    fields: Vec<Field>,
}

/// Some rows that are sealed.
pub struct Sealed {
    rows: Vec<(Leaf, Vec<u8>)>,
    /// What the recipient could open of them, as lines of the preview. Secret.
    pub preview: Zeroizing<String>,
}

/// The first line of a preview.
#[must_use]
pub fn heading(fields: &[Field]) -> String {
    let mut heading = "row".to_owned();
    for field in fields {
        let _ = write!(heading, ",{}", field.name());
    }
    heading + ",collected,evidence\n"
}

impl Seals {
    /// Seals rows: the position of each, its place in the cells, and its row of the file (1 for the first).
    ///
    /// # Errors
    /// [`SendingFault::Record`], [`SendingFault::Batch`].
    pub fn seal(
        &self,
        (rules, cells): (&Rules, &Cells),
        rows: impl Iterator<Item = (u64, usize, u64)>,
    ) -> Result<Sealed, SendingFault> {
        let mut pool = Pool::new();
        let mut made =
            Sealed { rows: Vec::with_capacity(rows.size_hint().0), preview: Zeroizing::default() };
        for (position, place, row) in rows {
            let wrong = |cause| SendingFault::Record { row, cause };
            let of = rules.record(cells, place).map_err(|_| wrong(RecordError::Shape))?;
            let failed = |error| match error {
                BatchError::Record(cause) => wrong(cause),
                other => other.into(),
            };
            let sealed = self.records.seal(position, &of.record, &mut pool).map_err(failed)?;
            let proof = self.proofs.seal(position, &of.evidence, &mut pool).map_err(failed)?;
            let leaf = Leaf::of(position, &of.tokens.digest(), (&sealed, &proof));
            let mut bytes = Vec::with_capacity(64 + sealed.len() + proof.len());
            of.tokens.write(&mut bytes);
            bytes.extend_from_slice(&sealed);
            bytes.extend_from_slice(&proof);
            made.rows.push((leaf, bytes));
            let _ = write!(made.preview, "{row}");
            for field in &self.fields {
                let value = of.record.fields.get(field).map_or("", String::as_str);
                let _ = write!(made.preview, ",{}", quoted(value));
            }
            let shown = quoted(&of.evidence.reference);
            let _ = writeln!(made.preview, ",{},{shown}", of.record.collected);
        }
        Ok(made)
    }
}

/// The body of a batch, row by row.
pub struct Body {
    head: BatchHead,
    keys: [Bytes<32>; 2],
    sealer: Sealer,
    root: RootOf,
    plain: Zeroizing<Vec<u8>>,
}

impl Body {
    /// Begins the batch of a head; `out` takes what stands before the rows.
    ///
    /// # Errors
    /// [`SendingFault::Batch`], [`SendingFault::Seal`].
    pub fn begin(
        head: BatchHead,
        (fields, certifier): (Vec<Field>, &SealingPublic),
        entropy: &mut impl Entropy,
        out: &mut Vec<u8>,
    ) -> Result<(Self, Seals), SendingFault> {
        let (records, enc) = BatchSealer::new(&head.sealed_to, &head, entropy)?;
        let (proofs, evidence_enc) = EvidenceSealer::new(&head, entropy)?;
        let (sealer, header) = Sealer::new(certifier, &upload_info(&head), entropy)?;
        out.extend_from_slice(&header);
        let (root, plain) = (RootOf::new(), Zeroizing::default());
        let body = Self { head, keys: [enc, evidence_enc], sealer, root, plain };
        Ok((body, Seals { records, proofs, fields }))
    }

    /// The position of the next row.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.root.count()
    }

    /// Takes the next rows, in their order; `out` takes what they fill.
    ///
    /// # Errors
    /// [`SendingFault::Seal`].
    pub fn take(&mut self, sealed: Sealed, out: &mut Vec<u8>) -> Result<(), SendingFault> {
        for (leaf, row) in sealed.rows {
            self.root.push(leaf);
            self.plain.extend_from_slice(&row);
        }
        // The last chunk is never a full one.
        let full = self.plain.len() / CHUNK * CHUNK;
        for chunk in self.plain[..full].chunks(CHUNK) {
            self.sealer.chunk_onto(out, chunk, false)?;
        }
        self.plain.drain(..full);
        Ok(())
    }

    /// Ends the body and signs what it holds.
    ///
    /// # Errors
    /// [`SendingFault::Seal`].
    pub fn finish(
        mut self,
        signing: &SigningSecret,
        out: &mut Vec<u8>,
    ) -> Result<BatchStatement, SendingFault> {
        self.sealer.chunk_onto(out, &self.plain, true)?;
        Ok(BatchStatement::sign(self.head, self.keys, self.root.root(), signing))
    }
}
