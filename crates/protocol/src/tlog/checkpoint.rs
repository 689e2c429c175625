//! Signed checkpoints: how many entries the ledger has and the root of their tree, signed by the
//! certifier's ledger key.
//!
//! Specified by <https://c2sp.org/tlog-checkpoint> and <https://c2sp.org/signed-note>. No extension
//! line; the ledger's signature, then the cosignatures of witnesses that the verifier was given, in the
//! order of its policy, byte for byte: a line of anybody else is refused.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use signed_note::{Note, Signature as Line, Verifier as _};
use tlog_tiles::Hash;

use super::cosignature::Cosigned;
use super::witnesses::WitnessPolicy;

/// The signature type of Ed25519 (<https://c2sp.org/signed-note>, "Signature types").
pub(super) const ED25519: u8 = 1;

/// A checkpoint whose signature was verified, or that is about to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: [u8; 32],
}

impl Checkpoint {
    pub(super) const fn new(origin: String, size: u64, root: [u8; 32]) -> Self {
        Self { origin, size, root }
    }

    /// The name of the ledger.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the ledger has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the Merkle tree over the entries (RFC 6962, section 2.1).
    #[must_use]
    pub const fn root(&self) -> &[u8; 32] {
        &self.root
    }

    /// The text that is signed.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }
}

/// The public key of a ledger with the name of the ledger, from the text form
/// `<origin>+<key id>+<base64 of 0x01 and the key>`.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerVerifier {
    origin: String,
    key_id: u32,
    key: VerifyingKey,
    policy: WitnessPolicy,
}

impl LedgerVerifier {
    /// Reads a verifier key, in its one canonical spelling.
    ///
    /// # Errors
    /// [`VerifierKeyError`] when the text is anything else, or the key is one that would accept
    /// signatures nobody made.
    pub fn from_vkey(vkey: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(origin), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Malformed);
        };
        let bytes = STANDARD.decode(key).map_err(|_| VerifierKeyError::Malformed)?;
        let (&algorithm, key) = bytes.split_first().ok_or(VerifierKeyError::Malformed)?;
        if algorithm != ED25519 {
            return Err(VerifierKeyError::UnknownAlgorithm);
        }
        let key = key.try_into().map_err(|_| VerifierKeyError::Malformed)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| VerifierKeyError::Malformed)?;
        let verifier = Self::of_key(origin, key)?;
        if verifier.vkey() == vkey { Ok(verifier) } else { Err(VerifierKeyError::Malformed) }
    }

    pub(super) fn of_key(origin: &str, key: VerifyingKey) -> Result<Self, VerifierKeyError> {
        if !is_origin(origin) {
            return Err(VerifierKeyError::Malformed);
        }
        if key.is_weak() {
            return Err(VerifierKeyError::WeakKey);
        }
        let key_id = signed_note::key_id(origin, &[&[ED25519], key.as_bytes().as_slice()].concat());
        Ok(Self { origin: origin.to_owned(), key_id, key, policy: WitnessPolicy::none() })
    }

    /// The same key, with the witnesses whose lines are read.
    #[must_use]
    pub fn with_witnesses(self, policy: WitnessPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The witnesses whose lines are read, and how many of them a proof needs.
    #[must_use]
    pub const fn witnesses(&self) -> &WitnessPolicy {
        &self.policy
    }

    /// The text form, to be pinned by the parties.
    #[must_use]
    pub fn vkey(&self) -> String {
        let key = STANDARD.encode([&[ED25519], self.key.as_bytes().as_slice()].concat());
        format!("{}+{:08x}+{key}", self.origin, self.key_id)
    }

    /// The name of the ledger.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key id that a signature line carries.
    pub(super) const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Verifies a signed checkpoint and returns what it says, however many witnesses cosigned it.
    ///
    /// # Errors
    /// [`CheckpointError`] when the signature is not by this key, or when a single byte differs from
    /// what the signers write.
    pub fn verify_checkpoint(&self, signed: &[u8]) -> Result<Checkpoint, CheckpointError> {
        self.verify_cosigned(signed).map(|(checkpoint, _)| checkpoint)
    }

    /// Verifies a signed checkpoint that enough witnesses cosigned.
    ///
    /// # Errors
    /// As [`LedgerVerifier::verify_checkpoint`], and [`CheckpointError::Quorum`].
    pub fn verify_witnessed(
        &self,
        signed: &[u8],
    ) -> Result<(Checkpoint, Vec<Cosigned>), CheckpointError> {
        let (checkpoint, by) = self.verify_cosigned(signed)?;
        let names = by.iter().map(|c| c.witness.as_str());
        if self.policy.satisfied_by(names) {
            Ok((checkpoint, by))
        } else {
            Err(CheckpointError::Quorum)
        }
    }

    /// Verifies a signed checkpoint, and says which witnesses cosigned it.
    ///
    /// # Errors
    /// As [`LedgerVerifier::verify_checkpoint`].
    pub fn verify_cosigned(
        &self,
        signed: &[u8],
    ) -> Result<(Checkpoint, Vec<Cosigned>), CheckpointError> {
        let note = Note::from_bytes(signed).map_err(|_| CheckpointError::Malformed)?;
        let (text, lines) = split_note(signed).ok_or(CheckpointError::Malformed)?;
        let lines: Vec<Line> = lines
            .lines()
            .map(|line| Line::from_bytes(line.as_bytes()))
            .collect::<Result<_, _>>()
            .map_err(|_| CheckpointError::Malformed)?;
        let (first, others) = lines.split_first().ok_or(CheckpointError::Malformed)?;
        let ours = first.name() == self.origin && first.id() == self.key_id;
        if !ours || !NoteKey(self.clone()).verify(note.text(), first.signature()) {
            return Err(CheckpointError::Signature);
        }
        let parsed = tlog_tiles::Checkpoint::from_bytes(note.text())
            .map_err(|_| CheckpointError::Malformed)?;
        if parsed.origin() != self.origin {
            return Err(CheckpointError::Origin);
        }
        let Hash(root) = *parsed.hash();
        let checkpoint = Checkpoint::new(self.origin.clone(), parsed.size(), root);
        let cosigned = self.cosigned(text, others)?;
        let lines: Vec<u8> = lines.iter().flat_map(Line::to_bytes).collect();
        let canonical = [checkpoint.text().as_bytes(), b"\n", &lines].concat();
        if canonical == signed {
            Ok((checkpoint, cosigned))
        } else {
            Err(CheckpointError::NotCanonical)
        }
    }

    /// Cosignatures in the order of the policy, each once.
    fn cosigned(&self, text: &str, lines: &[Line]) -> Result<Vec<Cosigned>, CheckpointError> {
        let mut keys = self.policy.witnesses().iter();
        let mut cosigned = Vec::new();
        for line in lines {
            let witness = keys.find(|w| w.key.is_of(line)).ok_or(CheckpointError::NotCanonical)?;
            let said = witness.key.verify(text, line).ok_or(CheckpointError::Cosignature)?;
            cosigned.push(said);
        }
        Ok(cosigned)
    }

    /// The checkpoint with the ledger's own signature line alone, wherever that stands: what a
    /// witness keeps, and what is left when the policy changes. `None` without such a line.
    #[must_use]
    pub fn signed_by_log(&self, signed: &[u8]) -> Option<Vec<u8>> {
        let (text, lines) = split_note(signed)?;
        let mut lines = lines.lines().filter_map(|line| Line::from_bytes(line.as_bytes()).ok());
        let ours = lines.find(|line| line.name() == self.origin && line.id() == self.key_id)?;
        Some([text.as_bytes(), b"\n", &ours.to_bytes()].concat())
    }

    /// The checkpoint with those of `lines` added that are cosignatures by witnesses of the policy, in
    /// its order; others are dropped. Lines that the checkpoint has already stay.
    #[must_use]
    pub fn with_cosignatures(&self, signed: &[u8], lines: &[u8]) -> Option<Vec<u8>> {
        let (text, held) = split_note(signed)?;
        let own = self.signed_by_log(signed)?;
        let lines = std::str::from_utf8(lines).ok()?;
        let lines: Vec<Line> = held
            .lines()
            .chain(lines.lines())
            .filter_map(|line| Line::from_bytes(line.as_bytes()).ok())
            .collect();
        let good = self.policy.witnesses().iter().filter_map(|witness| {
            lines.iter().find(|line| witness.key.verify(text, line).is_some())
        });
        let good: Vec<u8> = good.flat_map(Line::to_bytes).collect();
        Some([own.as_slice(), &good].concat())
    }
}

/// The text of a note, with its last line feed, and the lines under it.
pub(super) fn split_note(signed: &[u8]) -> Option<(&str, &str)> {
    let signed = std::str::from_utf8(signed).ok()?;
    let at = signed.rfind("\n\n")?;
    Some((&signed[..=at], &signed[at + 2..]))
}

impl fmt::Debug for LedgerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerVerifier({})", self.vkey())
    }
}

/// Whether `origin` can name a ledger: a key name of signed-note, on one line of printable text.
pub(super) fn is_origin(origin: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !origin.is_empty() && origin.len() <= ORIGIN_BYTES_MAX && !origin.chars().any(forbidden)
}

/// Longer than any host name with a path that we use, short enough for one line on a printed page.
const ORIGIN_BYTES_MAX: usize = 255;

/// Our key as `signed_note` wants it, with the strict verification of Ed25519, which leaves no two
/// spellings of one signature.
struct NoteKey(LedgerVerifier);

impl signed_note::Verifier for NoteKey {
    fn name(&self) -> &str {
        &self.0.origin
    }

    fn key_id(&self) -> u32 {
        self.0.key_id
    }

    fn verify(&self, msg: &[u8], sig: &[u8]) -> bool {
        Signature::from_slice(sig).is_ok_and(|sig| self.0.key.verify_strict(msg, &sig).is_ok())
    }
}

/// Why a text is not the public key of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Not `<origin>+<key id>+<key>` in its canonical spelling, or the key id is of another key.
    #[error("the ledger key is malformed")]
    Malformed,
    /// Not an Ed25519 key.
    #[error("the ledger key is of an unknown algorithm")]
    UnknownAlgorithm,
    /// A key of small order, under which anybody could sign.
    #[error("the ledger key is weak")]
    WeakKey,
}

impl VerifierKeyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "ledger.key.malformed",
            Self::UnknownAlgorithm => "ledger.key.unknown_algorithm",
            Self::WeakKey => "ledger.key.weak",
        }
    }
}

/// Why bytes are not a checkpoint of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note with the text of a checkpoint.
    #[error("the checkpoint is malformed")]
    Malformed,
    /// Not signed by the ledger's key.
    #[error("the checkpoint is not signed by the ledger's key")]
    Signature,
    /// Signed by the ledger's key for a ledger of another name.
    #[error("the checkpoint is of another ledger")]
    Origin,
    /// A cosignature by a known witness does not hold.
    #[error("a cosignature of the checkpoint does not hold")]
    Cosignature,
    /// Fewer witnesses than the policy asks for.
    #[error("too few witnesses cosigned the checkpoint")]
    Quorum,
    /// The content is signed, but the bytes are not those that the signer writes.
    #[error("the checkpoint is not in canonical form")]
    NotCanonical,
}

impl CheckpointError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "ledger.checkpoint.malformed",
            Self::Signature => "ledger.checkpoint.signature",
            Self::Origin => "ledger.checkpoint.origin",
            Self::Cosignature => "ledger.checkpoint.cosignature",
            Self::Quorum => "ledger.checkpoint.quorum",
            Self::NotCanonical => "ledger.checkpoint.not_canonical",
        }
    }
}
