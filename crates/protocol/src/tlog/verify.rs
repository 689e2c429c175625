//! The check of a whole ledger from its public files and the ledger's key alone.
//!
//! It trusts no file: every hash tile is rebuilt from the entries and compared, down to the partial
//! tiles that earlier checkpoints left. It says nothing about a ledger that the operator shows to
//! others; for that, keep a checkpoint and use [`verify_consistent`]. Specified by
//! `docs/formats/ledger-tiles.md`, section "Verification".

use std::collections::{BTreeMap, BTreeSet};

use super::act::{ActTime, EntryType, OpaqueId};
use super::bundle::{decode_bundle, prefix_bytes};
use super::checkpoint::{Checkpoint, LedgerVerifier};
use super::cosignature::Cosigned;
use super::entry::Entry;
use super::fault::{FileName, LedgerFault, SourceError};
use super::path::{
    CHECKPOINT_PATH, TILE_WIDTH, TileKind, TilePath, WITNESSED_PATH, elements, required_tiles,
};
use super::tree::Tree;

/// Where the files of a ledger come from: a directory, a server, a test.
pub trait TileSource {
    /// The bytes of the file with this name, such as `checkpoint` or `tile/0/000.p/7`.
    ///
    /// # Errors
    /// [`SourceError`] when there is no such file or it cannot be had.
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError>;

    /// The names of all files, when the source can tell; `None` when it cannot, as over HTTP.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] when it should be able to tell, but failed.
    fn list(&self) -> Result<Option<Vec<String>>, SourceError>;
}

/// What a verified ledger holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerSummary {
    /// The signed checkpoint that everything was checked against.
    pub checkpoint: Checkpoint,
    /// How many entries there are of each type; types without entries are absent.
    pub counts: BTreeMap<EntryType, u64>,
    /// The time of the first entry.
    pub first: Option<ActTime>,
    /// The time of the last entry.
    pub last: Option<ActTime>,
    /// How many entries carry a time before that of the entry in front of them. A clock that was
    /// set back explains a few; a backdated act shows here too.
    pub steps_back: u64,
    /// What each account has spent, in nano-rho, as the debits in clear say.
    pub spent_nrho: BTreeMap<OpaqueId, u64>,
    /// The last checkpoint that enough witnesses cosigned, where the source has one.
    pub witnessed: Option<Witnessed>,
}

/// What witnesses vouch for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// How many entries.
    pub size: u64,
    /// Which witnesses, and when each says that it saw the checkpoint.
    pub by: Vec<Cosigned>,
}

/// Verifies the whole ledger that `source` holds.
///
/// # Errors
/// [`LedgerFault`] names the first fault and its place.
pub fn verify_ledger(
    source: &dyn TileSource,
    verifier: &LedgerVerifier,
) -> Result<LedgerSummary, LedgerFault> {
    visit_ledger(source, verifier, &mut |_, _| ())
}

/// Verifies the whole ledger and shows each entry with its position to `visit`, in order. What was
/// visited is true only if the call returns `Ok`.
///
/// # Errors
/// As [`verify_ledger`].
pub fn visit_ledger(
    source: &dyn TileSource,
    verifier: &LedgerVerifier,
    visit: &mut dyn FnMut(u64, &Entry),
) -> Result<LedgerSummary, LedgerFault> {
    Ok(Check::run(source, verifier, visit)?.1)
}

/// Verifies the whole ledger, and that it continues the ledger of which `old` is a checkpoint that
/// was verified earlier.
///
/// # Errors
/// As [`verify_ledger`], and [`LedgerFault::Shrunk`] or [`LedgerFault::Forked`].
pub fn verify_consistent(
    source: &dyn TileSource,
    verifier: &LedgerVerifier,
    old: &Checkpoint,
) -> Result<LedgerSummary, LedgerFault> {
    verify_history(source, verifier, std::slice::from_ref(old))
}

/// Verifies the whole ledger once, and that it continues each of these checkpoints, which were verified
/// earlier: then each of them continues those before it as well.
///
/// # Errors
/// As [`verify_consistent`].
pub fn verify_history(
    source: &dyn TileSource,
    verifier: &LedgerVerifier,
    held: &[Checkpoint],
) -> Result<LedgerSummary, LedgerFault> {
    let (tree, summary) = Check::run(source, verifier, &mut |_, _| ())?;
    let size = summary.checkpoint.size();
    for old in held {
        let held = old.size();
        let Some(root) = tree.root(held) else { return Err(LedgerFault::Shrunk { size, held }) };
        if old.origin() != verifier.origin() || root.0 != *old.root() {
            return Err(LedgerFault::Forked { held });
        }
    }
    Ok(summary)
}

/// One verification on its way through the files.
struct Check<'a> {
    source: &'a dyn TileSource,
    /// Tiles that the source lists, to be compared even where the checkpoint does not need them.
    listed: BTreeSet<TilePath>,
    tree: Tree,
    summary: LedgerSummary,
}

impl<'a> Check<'a> {
    fn run(
        source: &'a dyn TileSource,
        verifier: &LedgerVerifier,
        visit: &mut dyn FnMut(u64, &Entry),
    ) -> Result<(Tree, LedgerSummary), LedgerFault> {
        // Before the checkpoint, which may move on while this reads.
        let witnessed = source.read(WITNESSED_PATH);
        let signed = read(source, FileName::Checkpoint)?;
        let checkpoint = verifier.verify_checkpoint(&signed).map_err(LedgerFault::Checkpoint)?;
        let listed = listed_tiles(source, checkpoint.size())?;
        let mut check =
            Check { source, listed, tree: Tree::new(), summary: LedgerSummary::of(checkpoint) };
        let size = check.summary.checkpoint.size();
        for path in required_tiles(size).take_while(|p| p.kind() == TileKind::Entries) {
            check.bundle(path, visit)?;
        }
        if check.tree.root(size).map(|r| r.0) != Some(*check.summary.checkpoint.root()) {
            return Err(LedgerFault::Root);
        }
        let required = required_tiles(size).filter(|p| p.kind() != TileKind::Entries);
        let older = check.listed.iter().copied().filter(|p| p.kind() != TileKind::Entries);
        for path in required.chain(older).collect::<BTreeSet<_>>() {
            let bytes = read(source, FileName::Tile(path))?;
            if check.tree.tile(path).is_none_or(|tile| tile != bytes) {
                return Err(LedgerFault::HashTile { path });
            }
        }
        check.witnessed(witnessed, verifier)?;
        Ok((check.tree, check.summary))
    }

    /// The last checkpoint that enough witnesses saw is one of this ledger, and there is one where the
    /// policy asks for it.
    fn witnessed(
        &mut self,
        file: Result<Vec<u8>, SourceError>,
        verifier: &LedgerVerifier,
    ) -> Result<(), LedgerFault> {
        let asked = verifier.witnesses().asks_for_any();
        let signed = match file {
            Ok(signed) => signed,
            Err(SourceError::NotFound) if !asked => return Ok(()),
            Err(cause) => {
                return Err(LedgerFault::Unreadable { file: FileName::Witnessed, cause });
            }
        };
        let (checkpoint, by) =
            verifier.verify_witnessed(&signed).map_err(LedgerFault::Checkpoint)?;
        let (held, size) = (checkpoint.size(), self.summary.checkpoint.size());
        let root = self.tree.root(held).ok_or(LedgerFault::Shrunk { size, held })?;
        if root.0 != *checkpoint.root() {
            return Err(LedgerFault::Forked { held });
        }
        self.summary.witnessed = (!by.is_empty()).then_some(Witnessed { size: held, by });
        Ok(())
    }

    /// Takes in the entries of one bundle, then compares the partial bundles that it replaced.
    fn bundle(
        &mut self,
        path: TilePath,
        visit: &mut dyn FnMut(u64, &Entry),
    ) -> Result<(), LedgerFault> {
        let bundle = read(self.source, FileName::Tile(path))?;
        let entries = decode_bundle(&bundle, path.width())
            .map_err(|cause| LedgerFault::Bundle { path, cause })?;
        for (index, bytes) in (path.first_element()..).zip(&entries) {
            let entry =
                Entry::decode(bytes).map_err(|cause| LedgerFault::Entry { index, cause })?;
            self.tree.push(bytes);
            self.summary.add(index, &entry)?;
            visit(index, &entry);
        }
        for older in self.older(path) {
            let bytes = read(self.source, FileName::Tile(older))?;
            let cut = prefix_bytes(&entries, older.width()).and_then(|end| bundle.get(..end));
            if cut != Some(bytes.as_slice()) {
                return Err(LedgerFault::OlderBundle { path: older });
            }
        }
        Ok(())
    }

    /// The listed tiles of the same kind and position as `path`, other than `path`.
    fn older(&self, path: TilePath) -> Vec<TilePath> {
        let same = |p: &&TilePath| p.kind() == path.kind() && p.index() == path.index();
        self.listed.iter().filter(same).filter(|p| **p != path).copied().collect()
    }
}

impl LedgerSummary {
    const fn of(checkpoint: Checkpoint) -> Self {
        Self {
            checkpoint,
            counts: BTreeMap::new(),
            first: None,
            last: None,
            steps_back: 0,
            spent_nrho: BTreeMap::new(),
            witnessed: None,
        }
    }

    fn add(&mut self, index: u64, entry: &Entry) -> Result<(), LedgerFault> {
        *self.counts.entry(entry.entry_type()).or_default() += 1;
        if self.last.is_some_and(|last| entry.at() < last) {
            self.steps_back += 1;
        }
        let at = entry.at();
        self.first.get_or_insert(at);
        self.last = Some(entry.at());
        if let Some(debit) = entry.debited() {
            let spent = self.spent_nrho.entry(debit.account().clone()).or_default();
            if spent.checked_add(debit.cost_nrho()) != Some(debit.spent_nrho()) {
                return Err(LedgerFault::Debit { index });
            }
            *spent = debit.spent_nrho();
        }
        Ok(())
    }
}

/// What the source lists, after refusing everything that is no file of a ledger of `size` entries.
fn listed_tiles(source: &dyn TileSource, size: u64) -> Result<BTreeSet<TilePath>, LedgerFault> {
    let listed = source.list().map_err(|_| LedgerFault::Unlisted)?.unwrap_or_default();
    let mut tiles = BTreeSet::new();
    for (position, name) in listed.iter().enumerate() {
        if name == CHECKPOINT_PATH || name == WITNESSED_PATH {
            continue;
        }
        let path: TilePath = name.parse().map_err(|_| LedgerFault::Unexpected { position })?;
        let end = path.first_element().checked_add(u64::from(path.width()));
        if end.is_none_or(|end| end > elements(path.kind(), size)) || !tiles.insert(path) {
            return Err(LedgerFault::Unexpected { position });
        }
    }
    Ok(tiles)
}

fn read(source: &dyn TileSource, file: FileName) -> Result<Vec<u8>, LedgerFault> {
    source.read(&file.to_string()).map_err(|cause| LedgerFault::Unreadable { file, cause })
}

/// The longest file of a ledger, in bytes: a full bundle of the longest entries. A source refuses
/// longer files before reading them.
pub const FILE_BYTES_MAX: u64 = TILE_WIDTH as u64 * (2 + super::entry::ENTRY_BYTES_MAX as u64);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::entry::EntryError;
    use super::super::model::{Model, act, full, signer};
    use super::super::mutations::single_byte;
    use super::super::signer::LedgerSigner;
    use super::*;

    /// What a log leaves that published at several sizes, old partial tiles included.
    fn grown(size: u64, sizes: &[u64]) -> Model {
        Model::of_entries(Model::of_acts(size).entries().to_vec(), sizes)
    }

    #[test]
    fn log_12_ledgers_of_every_kind_of_size_verify() {
        for size in [0, 1, 2, 5, 255, 256, 257, 300, 511, 512, 513, 600] {
            let mut model = Model::of_acts(size);
            for lists in [true, false] {
                model.lists = lists;
                let summary = verify_ledger(&model, model.verifier()).unwrap();
                assert_eq!(summary.checkpoint.size(), size);
                assert_eq!(summary.counts.values().sum::<u64>(), size);
                let debits = size / 5;
                assert_eq!(
                    summary.counts.get(&EntryType::LedgerDebit).copied().unwrap_or(0),
                    debits
                );
                assert_eq!(summary.spent_nrho.values().sum::<u64>(), debits * 82_500_000);
                assert_eq!((summary.first.is_some(), summary.steps_back), (size > 0, 0));
            }
        }
        let model = grown(600, &[3, 255, 256, 258, 300, 599, 600]);
        assert!(model.files.len() > 15);
        verify_ledger(&model, model.verifier()).unwrap();
    }

    #[test]
    fn log_12_every_changed_byte_of_every_file_is_found() {
        // Every position of a small ledger, a sample of positions of one with several levels.
        for (size, sizes, step) in [(20, vec![7, 20], 1), (300, vec![3, 256, 300], 1_499)] {
            let step = if full() { step.min(97) } else { step };
            let model = grown(size, &sizes);
            for (name, bytes) in &model.files {
                for mutant in single_byte(bytes, step) {
                    let mut changed = model.clone();
                    changed.files.insert(name.clone(), mutant);
                    assert!(verify_ledger(&changed, model.verifier()).is_err(), "{name}");
                }
            }
        }
    }

    #[test]
    fn missing_and_foreign_files_are_found() {
        let model = grown(300, &[300]);
        for name in model.files.keys() {
            let mut changed = model.clone();
            changed.files.remove(name);
            let fault = verify_ledger(&changed, model.verifier()).unwrap_err();
            assert_eq!(fault.code(), "ledger.file.missing", "{name}");
            changed.lists = false;
            assert_eq!(verify_ledger(&changed, model.verifier()), Err(fault));
        }
        for name in [
            "notes.txt",
            "tile/0/002.p/1",
            "tile/0/001.p/45",
            "tile/2/000.p/1",
            "tile/0/000.tmp",
            "tile/entries/000.p/256",
            "checkpoint.tmp",
        ] {
            let mut changed = model.clone();
            changed.files.insert(name.to_owned(), vec![0; 32]);
            let fault = verify_ledger(&changed, model.verifier()).unwrap_err();
            assert_eq!(fault.code(), "ledger.file.unexpected", "{name}");
        }
    }

    #[test]
    fn log_12_deleted_reordered_and_altered_entries_are_found() {
        let model = Model::of_acts(20);
        let tampered = |entries: Vec<Vec<u8>>, size: u64| {
            let mut files = Model::of_entries(entries, &[size]).files;
            // The operator's key is out of reach: the checkpoint stays what it was.
            files.insert(CHECKPOINT_PATH.to_owned(), model.files[CHECKPOINT_PATH].clone());
            let mut changed = model.clone();
            changed.files = files;
            verify_ledger(&changed, model.verifier()).unwrap_err()
        };
        let mut swapped = model.entries().to_vec();
        swapped.swap(6, 7);
        assert_eq!(tampered(swapped, 20), LedgerFault::Root);
        let mut other = model.entries().to_vec();
        other[3] = act(23, &mut [0; 2]).encode();
        assert_eq!(tampered(other, 20), LedgerFault::Root);
        let mut deleted = model.entries().to_vec();
        deleted.remove(11);
        assert_eq!(tampered(deleted, 19).code(), "ledger.file.missing");
    }

    #[test]
    fn a_signed_ledger_with_false_content_is_refused() {
        let entries = Model::of_acts(20).entries().to_vec();
        let mut repeated = entries.clone();
        repeated.push(entries[9].clone());
        let model = Model::of_entries(repeated, &[21]);
        let fault = verify_ledger(&model, model.verifier());
        assert_eq!(fault, Err(LedgerFault::Debit { index: 20 }));

        let mut spaced = entries.clone();
        spaced[4].push(b' ');
        let model = Model::of_entries(spaced, &[20]);
        let fault = verify_ledger(&model, model.verifier());
        assert_eq!(fault, Err(LedgerFault::Entry { index: 4, cause: EntryError::NotCanonical }));

        let mut late = entries;
        late.swap(5, 6);
        let model = Model::of_entries(late, &[20]);
        assert_eq!(verify_ledger(&model, model.verifier()).unwrap().steps_back, 1);
    }

    #[test]
    fn a_held_checkpoint_shows_forks_and_rollbacks() {
        let entries = Model::of_acts(300).entries().to_vec();
        let at = |size| {
            let signed = &Model::of_entries(entries.clone(), &[size]).files[CHECKPOINT_PATH];
            signer().verifier().verify_checkpoint(signed).unwrap()
        };
        let model = Model::of_entries(entries.clone(), &[290]);
        for held in [0, 1, 255, 256, 289, 290] {
            verify_consistent(&model, model.verifier(), &at(held)).unwrap();
        }
        let fault = verify_consistent(&model, model.verifier(), &at(291));
        assert_eq!(fault, Err(LedgerFault::Shrunk { size: 290, held: 291 }));

        let namesake = LedgerSigner::from_seed("other.example", &[5; 32]).unwrap();
        let same_tree = namesake.sign(290, *at(290).root());
        let same_tree = namesake.verifier().verify_checkpoint(&same_tree).unwrap();
        let fault = verify_consistent(&model, model.verifier(), &same_tree);
        assert_eq!(fault, Err(LedgerFault::Forked { held: 290 }));

        let mut rewritten = entries.clone();
        rewritten.swap(100, 101);
        let forked = Model::of_entries(rewritten, &[290]);
        verify_ledger(&forked, forked.verifier()).unwrap();
        verify_consistent(&forked, forked.verifier(), &at(100)).unwrap();
        let fault = verify_consistent(&forked, forked.verifier(), &at(101));
        assert_eq!(fault, Err(LedgerFault::Forked { held: 101 }));
    }

    #[test]
    fn visitors_see_every_entry_in_order() {
        let model = Model::of_acts(300);
        let mut seen = Vec::new();
        visit_ledger(&model, model.verifier(), &mut |index, entry| {
            assert_eq!(index, u64::try_from(seen.len()).unwrap());
            seen.push(entry.encode());
        })
        .unwrap();
        assert_eq!(seen, model.entries());
    }

    #[test]
    fn the_longest_file_is_a_full_bundle_of_the_longest_entries() {
        assert_eq!(FILE_BYTES_MAX, 16_777_472);
    }
}
