//! Targets of `tiers-protocol`: what arrives over the wire or as a file and is read before anything
//! about its sender is known.
//!
//! Canonical documents have one byte string; key files and sealed bodies are refused, never
//! misread.

use tiers_protocol::attested::Attested;
use tiers_protocol::canonical;
use tiers_protocol::certificate::Certificate;
use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::manifest::SignedManifest;
use tiers_protocol::party::{Fingerprint, PartySecret};
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::report::Report;
use tiers_protocol::seal::{SealingSecret, open_body, open_secret};
use tiers_protocol::tlog::{Entry, LedgerProof, LedgerVerifier, decode_bundle};
use tiers_protocol::trust::Trust;
use zeroize::Zeroizing;

/// A target with its name, which is that of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// The one target of this file.
pub const TARGETS: [Target; 1] = [("documents", documents)];

/// Reads the bytes as everything that they could be.
pub fn documents(data: &[u8]) {
    one_form::<SignedManifest>(data);
    one_form::<Attested<Certificate>>(data);
    one_form::<Attested<Receipt>>(data);
    one_form::<Report>(data);
    one_form::<Trust>(data);
    if let Ok(programme) = Programme::from_json(data) {
        let text = programme.to_json();
        let again = Programme::from_json(text.as_bytes()).expect("its own text");
        assert_eq!(again.to_json(), text);
    }
    let _ = (Entry::decode(data), LedgerProof::parse(data), decode_bundle(data, 256));
    sealed(data);
    if let Ok(text) = std::str::from_utf8(data) {
        texts(text);
    }
}

/// What is read as a canonical document is the canonical form of it.
fn one_form<T: serde::Serialize + serde::de::DeserializeOwned>(data: &[u8]) {
    if let Ok(document) = canonical::from_slice::<T>(data) {
        assert_eq!(canonical::to_vec(&document), data);
    }
}

fn sealed(data: &[u8]) {
    let secret = SealingSecret::from_seed(&Zeroizing::new([7; 32]));
    // Nobody can seal by chance: only what this file's own corpus was sealed with opens.
    let _ = open_secret(&secret, b"fuzz", data);
    if let Ok(plain) = open_body(&secret, b"fuzz", data) {
        assert!(plain.len() < data.len());
    }
}

fn texts(text: &str) {
    if let Some(bytes) = decode(text) {
        assert_eq!(encode(&bytes), text, "one spelling");
    }
    if let Ok(key) = ProgrammeKey::from_file(text) {
        let again = ProgrammeKey::from_file(&key.to_file()).expect("its own text");
        assert!(again.id() == key.id());
    }
    if let Ok(secret) = PartySecret::from_file(text) {
        let again = PartySecret::from_file(&secret.to_file()).expect("its own text");
        assert!(again.public() == secret.public());
    }
    if let Ok(print) = text.parse::<Fingerprint>() {
        assert_eq!(print.to_string().parse(), Ok(print));
    }
    let _ = (Policy::from_toml(text), LedgerVerifier::from_vkey(text));
}
