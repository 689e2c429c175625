//! The kept corpus of the fuzzer for the documents that travel, run over the same function without a
//! fuzzer (`fuzz/README.md`).
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use tiers_protocol::entropy::Entropy;
use tiers_protocol::party::PartySecret;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::{SealingSecret, seal_body, seal_secret};
use zeroize::Zeroizing;

#[path = "../../../fuzz/src/documents.rs"]
mod targets;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_corpus_of_the_fuzzer_holds_its_properties() {
    for (name, target) in targets::TARGETS {
        let files = files(&root().join("fuzz/corpus").join(name));
        assert!(files.len() >= 8, "{name}: {} files", files.len());
        for file in files {
            let data = fs::read(&file).unwrap();
            assert!(std::panic::catch_unwind(|| target(&data)).is_ok(), "{}", file.display());
        }
    }
}

/// No randomness at all: seeds are the same each time they are made.
struct Fixed;

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0x2a);
    }
}

/// Beside these, `certificate`, `report`, `trust`, `manifest`, `receipt` and `sealed-to-other` are copies
/// of what `tiers demo` writes.
#[test]
#[ignore = "writes the seeds of fuzz/corpus anew; by hand, before fuzzing"]
fn seeds_are_written() {
    let seed = |name: &str, data: &[u8]| {
        fs::write(root().join("fuzz/corpus/documents").join(name), data).unwrap();
    };
    let policy = root().join("policies/disclosure/standard.toml");
    let policy = fs::read_to_string(policy).unwrap();
    seed("policy", policy.as_bytes());
    let campaign = Campaign { name: "C1".to_owned(), cost_cents: 1 };
    let policy = Policy::from_toml(&policy).unwrap();
    let words = ("N".to_owned(), "P".to_owned());
    let day = jiff::civil::date(2030, 1, 1);
    let programme = Programme::new(words.0, words.1, vec![campaign], policy, day, &mut Fixed);
    seed("programme", programme.to_json().as_bytes());
    seed("programme-key", ProgrammeKey::generate(&mut Fixed).to_file().as_bytes());
    let party = PartySecret::generate(&mut Fixed);
    seed("party-key", party.to_file().as_bytes());
    seed("fingerprint", party.public().fingerprint().to_string().as_bytes());
    let to = SealingSecret::from_seed(&Zeroizing::new([7; 32])).public();
    seed("sealed", &seal_body(&to, b"fuzz", b"token_email\n", &mut Fixed).unwrap());
    seed("wrapped", &seal_secret(&to, b"fuzz", &[7; 32], &mut Fixed).unwrap());
}
