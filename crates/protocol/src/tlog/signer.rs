//! The signing key of a ledger.
//!
//! It stands beside its verifier so that the two cannot drift apart; only the certifier holds one.
//! Where its seed comes from and is kept is not decided here. Specified by
//! <https://c2sp.org/tlog-checkpoint> and <https://c2sp.org/signed-note>.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use signed_note::Signature;

use super::checkpoint::{Checkpoint, LedgerVerifier};
use super::witnesses::WitnessPolicy;

/// Signs the checkpoints of one ledger. The key is wiped when it is dropped.
pub struct LedgerSigner {
    key: SigningKey,
    verifier: LedgerVerifier,
}

impl LedgerSigner {
    /// Takes the name of the ledger and the 32-byte seed of an Ed25519 key (RFC 8032). The caller
    /// wipes its own copy of the seed.
    ///
    /// # Errors
    /// [`OriginError`] when the name is empty, longer than 255 bytes, or holds a space, a control
    /// character or a plus.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, OriginError> {
        let key = SigningKey::from_bytes(seed);
        let verifier =
            LedgerVerifier::of_key(origin, key.verifying_key()).map_err(|_| OriginError)?;
        Ok(Self { key, verifier })
    }

    /// The public half, to be given to everybody.
    #[must_use]
    pub const fn verifier(&self) -> &LedgerVerifier {
        &self.verifier
    }

    /// The same key, with the witnesses whose lines its verifier reads.
    #[must_use]
    pub fn with_witnesses(self, policy: WitnessPolicy) -> Self {
        Self { key: self.key, verifier: self.verifier.with_witnesses(policy) }
    }

    /// Signs the checkpoint of `size` entries under `root` and returns the bytes of the file.
    /// The same size and root always give the same bytes.
    #[must_use]
    pub fn sign(&self, size: u64, root: [u8; 32]) -> Vec<u8> {
        let origin = self.verifier.origin();
        let text = Checkpoint::new(origin.to_owned(), size, root).text();
        let signature = self.key.sign(text.as_bytes()).to_vec();
        let line = Signature::new(origin.to_owned(), self.verifier.key_id(), signature)
            .expect("the name was checked when the verifier was made");
        [text.as_bytes(), b"\n", &line.to_bytes()].concat()
    }
}

impl fmt::Debug for LedgerSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerSigner({})", self.verifier.origin())
    }
}

/// The text cannot name a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ledger's name has no space and no plus, and at most 255 bytes")]
pub struct OriginError;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use signed_note::{Note, StandardSigner, StandardVerifier, Verifier as _};

    use super::super::checkpoint::{CheckpointError, VerifierKeyError};
    use super::*;

    const ORIGIN: &str = "ledger.example/2026";

    fn signer() -> LedgerSigner {
        LedgerSigner::from_seed(ORIGIN, &[42; 32]).unwrap()
    }

    /// The public crate for signed notes, from its own key text, is the oracle for ours.
    #[test]
    fn signatures_and_keys_are_those_of_signed_note() {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let ours = signer();
        let vkey = ours.verifier().vkey();
        let oracle = StandardVerifier::new(&vkey).unwrap();
        assert_eq!(oracle.key_id(), ours.verifier().key_id());

        let id = &vkey[ORIGIN.len() + 1..ORIGIN.len() + 9];
        let secret = STANDARD.encode([[1].as_slice(), &[42; 32]].concat());
        let skey = format!("PRIVATE+KEY+{ORIGIN}+{id}+{secret}");
        let oracle = StandardSigner::new(&skey).unwrap();
        let text = tlog_tiles::Checkpoint::new(ORIGIN, 7, tlog_tiles::Hash([9; 32]), "").unwrap();
        let mut note = Note::new(&text.to_bytes(), &[]).unwrap();
        note.add_sigs(&[&oracle]).unwrap();
        assert_eq!(ours.sign(7, [9; 32]), note.to_bytes());
    }

    #[test]
    fn a_checkpoint_verifies_and_no_byte_can_change() {
        let signed = signer().sign(300, [3; 32]);
        let signer = signer();
        let verifier = signer.verifier();
        let checkpoint = verifier.verify_checkpoint(&signed).unwrap();
        assert_eq!((checkpoint.size(), checkpoint.root()), (300, &[3; 32]));
        for mutant in super::super::mutations::single_byte(&signed, 1) {
            assert!(verifier.verify_checkpoint(&mutant).is_err());
        }
    }

    #[test]
    fn lines_of_unknown_witnesses_are_refused() {
        let signed = signer().sign(1, [3; 32]);
        let other = LedgerSigner::from_seed("witness.example", &[1; 32]).unwrap();
        let text = tlog_tiles::Checkpoint::new(ORIGIN, 1, tlog_tiles::Hash([3; 32]), "").unwrap();
        let line = Signature::new(
            "witness.example".to_owned(),
            other.verifier().key_id(),
            other.key.sign(&text.to_bytes()).to_vec(),
        )
        .unwrap();
        let with_witness = [signed.as_slice(), &line.to_bytes()].concat();
        let twice =
            [signed.as_slice(), signed.split_at(signed.len() - line_bytes(&signed)).1].concat();
        for bytes in [with_witness, twice] {
            let refused = signer().verifier().verify_checkpoint(&bytes);
            assert_eq!(refused, Err(CheckpointError::NotCanonical));
        }
    }

    fn line_bytes(signed: &[u8]) -> usize {
        std::str::from_utf8(signed).unwrap().trim_end().lines().last().unwrap().len() + 1
    }

    #[test]
    fn another_key_or_another_name_is_refused() {
        let signed = signer().sign(1, [3; 32]);
        let key = LedgerSigner::from_seed(ORIGIN, &[43; 32]).unwrap();
        let name = LedgerSigner::from_seed("ledger.example/2027", &[42; 32]).unwrap();
        for other in [key, name] {
            let refused = other.verifier().verify_checkpoint(&signed);
            assert_eq!(refused, Err(CheckpointError::Signature));
        }
        // The key signs a checkpoint of another ledger under its own name.
        let text = tlog_tiles::Checkpoint::new("other", 1, tlog_tiles::Hash([3; 32]), "").unwrap();
        let signer = signer();
        let signature = signer.key.sign(&text.to_bytes()).to_vec();
        let line = Signature::new(ORIGIN.to_owned(), signer.verifier.key_id(), signature).unwrap();
        let foreign = [&text.to_bytes(), b"\n".as_slice(), &line.to_bytes()].concat();
        let refused = signer.verifier().verify_checkpoint(&foreign);
        assert_eq!(refused, Err(CheckpointError::Origin));
    }

    #[test]
    fn verifier_keys_are_exact() {
        let vkey = signer().verifier().vkey();
        assert_eq!(LedgerVerifier::from_vkey(&vkey).unwrap().vkey(), vkey);
        for mutant in super::super::mutations::single_byte(vkey.as_bytes(), 1) {
            if let Ok(text) = String::from_utf8(mutant) {
                assert!(LedgerVerifier::from_vkey(&text).is_err(), "{text}");
            }
        }
        for text in ["", "a", "a+b", "++", "a+00000000+"] {
            assert_eq!(LedgerVerifier::from_vkey(text), Err(VerifierKeyError::Malformed));
        }
        let seven = format!("a+00000000+{}", "BwAA");
        assert_eq!(LedgerVerifier::from_vkey(&seven), Err(VerifierKeyError::UnknownAlgorithm));
    }

    #[test]
    fn a_weak_key_is_refused() {
        let mut identity = [0_u8; 32];
        identity[0] = 1;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&identity).unwrap();
        assert_eq!(LedgerVerifier::of_key("a", key), Err(VerifierKeyError::WeakKey));
    }

    #[test]
    fn names_with_spaces_controls_or_plus_are_refused() {
        let long = "a".repeat(256);
        for origin in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7f}b", &long] {
            assert!(LedgerSigner::from_seed(origin, &[1; 32]).is_err());
        }
    }

    #[test]
    fn the_key_never_shows_in_debug() {
        assert_eq!(format!("{:?}", signer()), "LedgerSigner(ledger.example/2026)");
    }
}
