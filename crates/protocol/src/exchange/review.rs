//! The review of a batch before it is handed over: which positions the certifier draws, what of them the
//! recipient's officer is shown, and the verdict that the officer signs. Nobody chooses what is drawn: the
//! seed is committed to in the ledger, and the positions follow from it.
//!
//! What a proof says is [`super::evidence`]; whether it convinces is the officer's matter. Specified in
//! `docs/formats/exchange-batch.md`, "The review".

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::evidence::SEALED_EVIDENCE;
use super::transfer::{bytes, wrong};
use super::tree::root_from;
use super::{BatchStatement, Carried, Leaf};
use crate::canonical;
use crate::encoding::{Bytes, sha256, sha256_of};
use crate::ids::{BatchId, ExchangeId, RecordId};
use crate::sign::{Signature, SigningPublic, SigningSecret};

/// The smallest sample.
pub const SAMPLE_MIN: u64 = 30;
/// One record of so many is drawn.
pub const SAMPLE_ONE_OF: u64 = 100;
/// First bytes of a sample.
const MAGIC: &[u8] = b"tiers-exchange-sample/1\n";
/// A statement and the list of a sample are shorter.
const DOCUMENT_MAX: u32 = 1 << 24;

/// How many records are drawn of so many: one in a hundred, thirty at least.
#[must_use]
pub fn sample_size(records: u64) -> u64 {
    records.div_ceil(SAMPLE_ONE_OF).max(SAMPLE_MIN)
}

/// Draws positions as they come: those of the lowest rank under the seed.
pub struct Draw {
    seed: [u8; 32],
    size: usize,
    lowest: BTreeMap<[u8; 32], DrawnRecord>,
}

impl Draw {
    /// Begins.
    #[must_use]
    pub const fn new(seed: [u8; 32], size: usize) -> Self {
        Self { seed, size, lowest: BTreeMap::new() }
    }

    /// Offers a position and why its record would pass; every position once.
    pub fn offer(&mut self, position: u64, carried: Carried) {
        let label = labels::EXCHANGE_DRAW.as_bytes();
        let rank = sha256_of(&[label, &[0], &self.seed, &position.to_be_bytes()]);
        let Carried { rule, record } = carried;
        self.lowest.insert(*rank.as_bytes(), DrawnRecord { position, rule, record });
        if self.lowest.len() > self.size {
            self.lowest.pop_last();
        }
    }

    /// What was drawn, in rising order.
    #[must_use]
    pub fn drawn(self) -> Vec<DrawnRecord> {
        let mut drawn: Vec<DrawnRecord> = self.lowest.into_values().collect();
        drawn.sort_unstable_by_key(|one| one.position);
        drawn
    }
}

/// A position that was drawn, and why its record would pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrawnRecord {
    /// The position.
    pub position: u64,
    /// Place of the rule in the policy.
    pub rule: u16,
    /// The consent record that carries it at the certifier, where consent does.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub record: Option<RecordId>,
}

/// What was drawn, to which the ledger commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drawn {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// The batch.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// How many records the batch has.
    pub records: u64,
    /// Digest of the list of positions that might pass: no other will.
    pub eligible: Bytes<32>,
    /// The seed of the draw.
    pub seed: Bytes<32>,
    /// What was drawn, in rising order of positions.
    pub sample: Vec<DrawnRecord>,
    /// Digest of the sealed proofs at these positions, in their order.
    pub evidence: Bytes<32>,
}

impl Drawn {
    /// Digest of the canonical document.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        sha256(&canonical::to_vec(self))
    }

    fn has(&self, position: u64) -> bool {
        self.sample.binary_search_by_key(&position, |one| one.position).is_ok()
    }
}

/// Digest of sealed proofs in their order.
#[must_use]
pub fn digest_of_proofs<'a>(proofs: impl Iterator<Item = &'a [u8]>) -> Bytes<32> {
    let digests: Vec<u8> = proofs.flat_map(|proof| *sha256(proof).as_bytes()).collect();
    sha256(&digests)
}

/// One position of a sample: its sealed proof, and what shows that the sender signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleItem {
    /// Which position.
    pub position: u64,
    /// Digest of its rights tokens.
    pub tokens: Bytes<32>,
    /// Digest of the sealed record.
    pub record: Bytes<32>,
    /// The proof, sealed to the officer.
    pub evidence: Vec<u8>,
    /// The path of its leaf to the root that the sender signed.
    pub path: Vec<Bytes<32>>,
}

impl SampleItem {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(self.tokens.as_bytes());
        out.extend_from_slice(self.record.as_bytes());
        out.extend_from_slice(&self.evidence);
        out.push(u8::try_from(self.path.len()).unwrap_or(u8::MAX));
        self.path.iter().for_each(|step| out.extend_from_slice(step.as_bytes()));
    }

    fn read(reader: &mut impl Read) -> io::Result<Self> {
        let position = u64::from_be_bytes(bytes(reader)?);
        let (tokens, record) = (Bytes::new(bytes(reader)?), Bytes::new(bytes(reader)?));
        let evidence = bytes::<SEALED_EVIDENCE>(reader)?.to_vec();
        let [steps] = bytes(reader)?;
        let steps = (0..steps).map(|_| Ok(Bytes::new(bytes(reader)?)));
        let path = steps.collect::<io::Result<_>>()?;
        Ok(Self { position, tokens, record, evidence, path })
    }

    fn is_under(&self, statement: &BatchStatement) -> bool {
        let body = &statement.statement;
        let digests = [&self.record, &sha256(&self.evidence)];
        let leaf = Leaf::of_digests(self.position, &self.tokens, digests);
        root_from(leaf, self.position, body.head.records, &self.path) == Some(body.root)
    }
}

/// What the officer is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What the sender signed; its signature is for the caller to check.
    pub statement: BatchStatement,
    /// What was drawn.
    pub drawn: Drawn,
    /// The positions, in rising order.
    pub items: Vec<SampleItem>,
}

impl Sample {
    /// The sample as it is fetched.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for text in [canonical::to_vec(&self.statement), canonical::to_vec(&self.drawn)] {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&text);
        }
        self.items.iter().for_each(|item| item.write(&mut out));
        out
    }

    /// Reads a sample, and checks that each of its proofs stands under the root of its statement, and that
    /// they are those that were drawn.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for what is none; those of the reader.
    pub fn read(mut reader: impl Read) -> io::Result<Self> {
        if bytes::<{ MAGIC.len() }>(&mut reader)? != *MAGIC {
            return Err(wrong());
        }
        let statement: BatchStatement = document(&mut reader)?;
        let drawn: Drawn = document(&mut reader)?;
        let head = &statement.statement.head;
        let rising = drawn.sample.windows(2).all(|pair| pair[0].position < pair[1].position);
        let same = drawn.batch == head.batch
            && drawn.exchange == head.exchange
            && drawn.records == head.records;
        if !rising || !same {
            return Err(wrong());
        }
        let mut items = Vec::new();
        for one in &drawn.sample {
            let item = SampleItem::read(&mut reader)?;
            if item.position != one.position || !item.is_under(&statement) {
                return Err(wrong());
            }
            items.push(item);
        }
        let proofs = items.iter().map(|item| item.evidence.as_slice());
        let whole = digest_of_proofs(proofs) == drawn.evidence && reader.read(&mut [0])? == 0;
        if whole { Ok(Self { statement, drawn, items }) } else { Err(wrong()) }
    }
}

fn document<T: Serialize + serde::de::DeserializeOwned>(reader: &mut impl Read) -> io::Result<T> {
    let length = u32::from_be_bytes(bytes(reader)?);
    if length > DOCUMENT_MAX {
        return Err(wrong());
    }
    let mut text = vec![0; usize::try_from(length).map_err(|_| wrong())?];
    reader.read_exact(&mut text)?;
    canonical::from_slice(&text).map_err(|_| wrong())
}

/// The verdict on each position of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Review {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// The batch.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// Digest of what was drawn, and so of every proof that was looked at.
    pub sample: Bytes<32>,
    /// How many positions were found proven.
    pub proven: u64,
    /// The others, in rising order; one blocks the batch.
    pub unproven: Vec<u64>,
    /// What the sender is told; it names nobody.
    pub words: String,
}

impl Review {
    /// Whether it has one verdict for each position that was drawn.
    #[must_use]
    pub fn is_of(&self, drawn: &Drawn) -> bool {
        let rising = self.unproven.windows(2).all(|pair| pair[0] < pair[1]);
        let known = self.unproven.iter().all(|at| drawn.has(*at));
        let count = self.proven.checked_add(self.unproven.len() as u64);
        self.exchange == drawn.exchange
            && self.batch == drawn.batch
            && self.sample == drawn.digest()
            && rising
            && known
            && count == Some(drawn.sample.len() as u64)
    }
}

/// A verdict and the officer's signature on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedReview {
    /// The verdict.
    pub review: Review,
    /// The officer's signature.
    pub signature: Signature,
}

impl SignedReview {
    /// Signs as the recipient's officer.
    #[must_use]
    pub fn sign(review: Review, secret: &SigningSecret) -> Self {
        let signature = secret.sign(labels::SIGN_EXCHANGE_REVIEW, &review);
        Self { review, signature }
    }

    /// Whether the officer of the agreement signed it.
    #[must_use]
    pub fn is_signed(&self, officer: &SigningPublic) -> bool {
        officer.verifies(labels::SIGN_EXCHANGE_REVIEW, &self.review, &self.signature)
    }
}
