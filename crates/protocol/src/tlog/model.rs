//! A ledger made the naive way, with none of the writer's code: the model that tests compare with.

use std::collections::BTreeMap;

use super::LedgerVerifier;
use super::act::{ActTime, EntryType, OpaqueId};
use super::bundle::encode_bundle;
use super::entry::{Debit, Entry, commit};
use super::fault::SourceError;
use super::path::{CHECKPOINT_PATH, TileKind, TilePath, required_tiles};
use super::proof::LedgerProof;
use super::signer::LedgerSigner;
use super::tree::Tree;
use super::verify::TileSource;

/// Whether the longer counts are asked for.
pub(super) fn full() -> bool {
    std::env::var("TIERS_FULL").is_ok_and(|v| v == "1")
}

/// A ledger in memory: its entries and every file.
#[derive(Clone)]
pub(super) struct Model {
    entries: Vec<Vec<u8>>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    verifier: LedgerVerifier,
    /// Whether the source can say which files it has.
    pub(super) lists: bool,
}

impl Model {
    /// `size` acts, every fifth of them a debit of one of two accounts.
    pub(super) fn of_acts(size: u64) -> Self {
        let mut spent = [0_u64; 2];
        let entries = (0..size).map(|i| act(i, &mut spent).encode()).collect();
        Self::of_entries(entries, &[size])
    }

    /// These entries, with the files that a log leaves which published each of `sizes`.
    pub(super) fn of_entries(entries: Vec<Vec<u8>>, sizes: &[u64]) -> Self {
        let mut tree = Tree::new();
        entries.iter().for_each(|e| tree.push(e));
        let mut files = BTreeMap::new();
        let signer = signer();
        for &size in sizes {
            let root = tree.root(size).expect("a published size is at most the number of entries");
            files.insert(CHECKPOINT_PATH.to_owned(), signer.sign(size, root.0));
            for path in required_tiles(size) {
                let bytes = tile_bytes(&tree, &entries, path);
                files.insert(path.to_string(), bytes);
            }
        }
        Self { entries, files, verifier: signer.verifier().clone(), lists: true }
    }

    pub(super) fn entry(&self, index: u64) -> &[u8] {
        &self.entries[usize::try_from(index).expect("a model is small")]
    }

    pub(super) fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    pub(super) const fn verifier(&self) -> &LedgerVerifier {
        &self.verifier
    }

    /// A proof whose path comes from an independent tree.
    pub(super) fn prove(&self, index: u64) -> LedgerProof {
        let mut oracle = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, _>::new();
        self.entries.iter().for_each(|e| oracle.push(e.clone()));
        let proof = oracle.prove_inclusion(usize::try_from(index).expect("a model is small"));
        let path = proof.as_bytes().chunks(32).map(|h| h.try_into().expect("32 bytes")).collect();
        LedgerProof::new(index, path, self.files[CHECKPOINT_PATH].clone()).expect("a short path")
    }
}

impl TileSource for Model {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.files.get(path).cloned().ok_or(SourceError::NotFound)
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        Ok(self.lists.then(|| self.files.keys().cloned().collect()))
    }
}

pub(super) fn signer() -> LedgerSigner {
    LedgerSigner::from_seed("ledger.example", &[5; 32]).expect("a good name")
}

/// The act at position `i`; `spent` holds the accounts so far.
pub(super) fn act(i: u64, spent: &mut [u64; 2]) -> Entry {
    let at = jiff::Timestamp::from_second(1_772_000_000 + i64::try_from(i).expect("small"));
    let at = ActTime::new(at.expect("in range")).expect("in range");
    let id = |text: &str| OpaqueId::new(text).expect("in the alphabet");
    let (actor, object, c) = (id("actor"), id(&format!("object-{i}")), commit(&[1; 32], b"{}"));
    if i % 5 == 4 {
        let which = usize::try_from(i % 2).expect("0 or 1");
        spent[which] += 82_500_000;
        let debit =
            Debit::new(id(["brand-2026-01", "brand-2026-02"][which]), 82_500_000, spent[which]);
        return Entry::debit(at, actor, object, c, debit.expect("consistent amounts"));
    }
    let acts: Vec<_> = EntryType::ALL.iter().filter(|t| **t != EntryType::LedgerDebit).collect();
    let kind = *acts[usize::try_from(i).expect("small") % acts.len()];
    Entry::act(kind, at, actor, object, c).expect("not a debit")
}

fn tile_bytes(tree: &Tree, entries: &[Vec<u8>], path: TilePath) -> Vec<u8> {
    match path.kind() {
        TileKind::Entries => {
            let first = usize::try_from(path.first_element()).expect("a model is small");
            encode_bundle(&entries[first..first + usize::from(path.width())])
                .expect("short entries")
        }
        TileKind::Hashes { .. } => tree.tile(path).expect("a required tile"),
    }
}
