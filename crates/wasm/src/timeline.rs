//! Acts that a page shows, checked against the ledger: which files that takes, and what they prove. The page
//! fetches the files; whose keys to go by, it says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tiers_protocol::canonical;
use tiers_protocol::dossier::Opened;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::tlog::{
    Checkpoint, Cosigned, Entry, LedgerFault, LedgerVerifier, PartialTree, SourceError, TileSource,
    partial_tiles,
};
use tiers_protocol::trust::Trust;

use crate::fault::Fault;

/// An act as the page got it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownAct {
    /// Its position in the ledger.
    pub index: u64,
    /// The entry, in canonical form.
    pub entry: String,
    /// What it commits to; absent once that is erased.
    #[serde(default)]
    pub opened: Option<Opened>,
}

/// What a page has before it fetches tiles.
pub struct Signed<'a> {
    /// The certifier's public keys (`trust.json`).
    pub trust: &'a [u8],
    /// The newest checkpoint.
    pub checkpoint: &'a [u8],
    /// The last checkpoint that witnesses cosigned; empty where there is none.
    pub witnessed: &'a [u8],
    /// The checkpoint that this browser saw last; empty where it saw none.
    pub held: &'a [u8],
}

struct Read {
    verifier: LedgerVerifier,
    newest: Checkpoint,
    witnessed: Option<(Checkpoint, Vec<Cosigned>)>,
    held: Option<Checkpoint>,
}

impl Read {
    /// The sizes of earlier checkpoints that the newest one is to continue.
    fn earlier(&self) -> Vec<u64> {
        let witnessed = self.witnessed.as_ref().map(|(checkpoint, _)| checkpoint.size());
        witnessed.into_iter().chain(self.held.as_ref().map(Checkpoint::size)).collect()
    }
}

impl Signed<'_> {
    /// Reads what is signed; a signature that does not hold is refused.
    fn read(&self) -> Result<Read, Fault> {
        let trust: Trust = serde_json::from_slice(self.trust).map_err(|_| Fault::Trust)?;
        let verifier = trust.ledger_verifier().ok_or(Fault::Trust)?;
        let newest =
            verifier.verify_checkpoint(self.checkpoint).map_err(LedgerFault::Checkpoint)?;
        let witnessed = match self.witnessed {
            [] if verifier.witnesses().asks_for_any() => return Err(Fault::Unwitnessed),
            [] => None,
            signed => Some(verifier.verify_witnessed(signed).map_err(LedgerFault::Checkpoint)?),
        };
        // The log's own line is enough: which witnesses there were then is no matter now.
        let held = match self.held {
            [] => None,
            signed => {
                let own = verifier.signed_by_log(signed).ok_or(Fault::Trust)?;
                Some(verifier.verify_checkpoint(&own).map_err(LedgerFault::Checkpoint)?)
            }
        };
        Ok(Read { verifier, newest, witnessed, held })
    }

    /// The files of the ledger that check the entries at these positions, as a JSON list of names.
    ///
    /// # Errors
    /// [`Fault::Trust`], [`Fault::Ledger`], [`Fault::Unwitnessed`].
    pub fn files(&self, entries: &[u64]) -> Result<Value, Fault> {
        let read = self.read()?;
        let tiles = partial_tiles(read.newest.size(), entries, &read.earlier());
        Ok(tiles.iter().map(ToString::to_string).collect())
    }

    /// Checks the ledger by those files, and each act: the tree, who witnessed it, whether it continues the
    /// checkpoint that was seen last, and of each act what it is, or why it is not proven.
    ///
    /// # Errors
    /// [`Fault::Ledger`] where the files are not those of the signed tree.
    pub fn check(&self, acts: &[ShownAct], files: &Files) -> Result<Value, Fault> {
        let read = self.read()?;
        let entries: Vec<u64> = acts.iter().map(|act| act.index).collect();
        let tree = PartialTree::read(files, &read.newest, (&entries, &read.earlier()))?;
        let continues = |earlier: &Checkpoint| tree.root(earlier.size()) == Some(*earlier.root());
        let (seen, by) = match &read.witnessed {
            Some((checkpoint, _)) if !continues(checkpoint) => {
                return Err(LedgerFault::Forked { held: checkpoint.size() }.into());
            }
            Some((checkpoint, by)) => (Some(checkpoint.size()), by.as_slice()),
            None => (None, [].as_slice()),
        };
        let by: Vec<Value> =
            by.iter().map(|one| json!({ "witness": one.witness, "at": one.at })).collect();
        Ok(json!({
            "origin": read.verifier.origin(),
            "key": read.verifier.vkey(),
            "size": read.newest.size(),
            "root": Bytes::new(*read.newest.root()),
            "witnessed": seen,
            "witnesses": by,
            "held": read.held.as_ref().map(Checkpoint::size),
            "continues": read.held.as_ref().map(continues),
            "acts": acts.iter().map(|act| proven(act, &tree)).collect::<Vec<_>>(),
        }))
    }
}

/// What an act is, or the code of what is wrong with it.
fn proven(act: &ShownAct, tree: &PartialTree) -> Value {
    let bad = |why: &str| json!({ "index": act.index, "proven": false, "why": why });
    if !tree.has(act.index, act.entry.as_bytes()) {
        return bad("ledger.proof.path");
    }
    let Ok(entry) = Entry::decode(act.entry.as_bytes()) else { return bad("dossier.entry") };
    if act.opened.as_ref().is_some_and(|opened| !opened.opens(&entry)) {
        return bad("dossier.commitment");
    }
    let opened = act.opened.as_ref();
    let detail =
        opened.and_then(|opened| canonical::from_slice::<Value>(opened.detail.as_bytes()).ok());
    json!({
        "index": act.index,
        "proven": true,
        "type": entry.entry_type().as_str(),
        "at": entry.at().to_string(),
        "object": entry.object().as_str(),
        "actor": opened.map_or_else(|| entry.actor().as_str(), |opened| opened.actor.as_str()),
        "detail": detail.and_then(|detail| serde_json::to_string_pretty(&detail).ok()),
    })
}

/// Files of a ledger by their names.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Takes a file.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.0.insert(name, bytes);
    }
}

impl TileSource for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.0.get(path).cloned().ok_or(SourceError::NotFound)
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiers_protocol::dossier::pseudonym;
    use tiers_protocol::entropy::System;
    use tiers_protocol::party::PartySecret;
    use tiers_protocol::tlog::{
        ActTime, EntryType, LedgerSigner, OpaqueId, TilePath, commit, required_tiles,
    };

    const SALT: [u8; 32] = [7; 32];
    const DETAIL: &str = r#"{"reason":"review"}"#;

    fn act(index: u64) -> ShownAct {
        let at = jiff::Timestamp::from_second(1_772_000_000).expect("a time");
        let id = |text: &str| OpaqueId::new(text).expect("in the alphabet");
        let actor = id(&pseudonym(&SALT, "act_somebody"));
        let at = ActTime::new(at).expect("in range");
        let what = commit(&SALT, DETAIL.as_bytes());
        let object = id(&format!("object-{index}"));
        let entry = Entry::act(EntryType::OfficerViewed, at, actor, object, what);
        let entry = entry.expect("an act").encode();
        ShownAct {
            index,
            entry: String::from_utf8(entry).expect("text"),
            opened: Some(Opened {
                actor: "act_somebody".to_owned(),
                detail: DETAIL.to_owned(),
                salt: Bytes::new(SALT),
            }),
        }
    }

    struct Ledger {
        trust: Vec<u8>,
        signer: LedgerSigner,
        files: Files,
    }

    /// A ledger of three acts, by the library that the tree itself is made with.
    impl Ledger {
        fn new(acts: &[ShownAct]) -> Self {
            let signer = LedgerSigner::from_seed("ledger.example", &[5; 32]).expect("a name");
            let keys = PartySecret::generate(&mut System).public();
            let vkey = signer.verifier().vkey();
            let trust = Trust::new("ledger.example".to_owned(), vkey, keys.signing, keys.sealing);
            let leaf = |act: &ShownAct| leaf(act.entry.as_bytes());
            let mut files = Files::default();
            let size = acts.len() as u64;
            let tile: TilePath = required_tiles(size).nth(1).expect("hashes");
            files.add(tile.to_string(), acts.iter().flat_map(leaf).collect());
            Self { trust: serde_json::to_vec(&trust).expect("trust"), signer, files }
        }

        fn checkpoint(&self, acts: &[ShownAct]) -> Vec<u8> {
            let leaves: Vec<[u8; 32]> = acts.iter().map(|a| leaf(a.entry.as_bytes())).collect();
            let root = match leaves.as_slice() {
                [one, two] => node(*one, *two),
                [one, two, three] => node(node(*one, *two), *three),
                _ => panic!("two or three"),
            };
            self.signer.sign(acts.len() as u64, root)
        }
    }

    fn leaf(entry: &[u8]) -> [u8; 32] {
        *tiers_protocol::encoding::sha256(&[&[0], entry].concat()).as_bytes()
    }

    fn node(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
        *tiers_protocol::encoding::sha256(&[&[1][..], &left, &right].concat()).as_bytes()
    }

    #[test]
    fn acts_that_were_changed_on_their_way_are_not_proven_and_a_fork_is_seen() {
        let acts: Vec<ShownAct> = (0..3).map(act).collect();
        let ledger = Ledger::new(&acts);
        let (checkpoint, held) = (ledger.checkpoint(&acts), ledger.checkpoint(&acts[..2]));
        let signed =
            |held| Signed { trust: &ledger.trust, checkpoint: &checkpoint, witnessed: &[], held };
        assert_eq!(signed(&held).files(&[0, 2]), Ok(json!(["tile/0/000.p/3"])));
        let mut shown = acts.clone();
        // Another object, another detail, another actor, another's place.
        shown[0].entry = shown[0].entry.replace("object-0", "object-9");
        let changed = shown[1].opened.as_mut().expect("opened");
        changed.detail = changed.detail.replace("review", "rexiew");
        let said = signed(&held).check(&shown, &ledger.files).expect("it is read");
        let of = |said: &Value, at: usize| said["acts"][at]["proven"].clone();
        assert_eq!([0, 1, 2].map(|at| of(&said, at)), [false, false, true].map(Value::from));
        assert_eq!(said["acts"][1]["why"], "dossier.commitment");
        assert_eq!((&said["size"], &said["continues"]), (&json!(3), &json!(true)));
        assert_eq!(
            (&said["held"], said["acts"][2]["object"].as_str()),
            (&json!(2), Some("object-2"))
        );
        let mut other = acts.clone();
        other[2].opened.as_mut().expect("opened").actor = "act_nobody".to_owned();
        other[0].index = 1;
        other[1].opened = None;
        let said = signed(&[]).check(&other, &ledger.files).expect("it is read");
        assert_eq!([0, 1, 2].map(|at| of(&said, at)), [false, true, false].map(Value::from));
        assert_eq!((&said["continues"], &said["acts"][1]["detail"]), (&Value::Null, &Value::Null));
        // The checkpoint of another history, signed by the same key.
        let fork = ledger.checkpoint(&[acts[1].clone(), acts[0].clone()]);
        let said = signed(&fork).check(&acts, &ledger.files).expect("it is read");
        assert_eq!(said["continues"], json!(false));
        // Signatures of nobody.
        let mut broken = checkpoint.clone();
        let last = broken.len() - 10;
        broken[last] ^= 1;
        let bad = Signed { checkpoint: &broken, ..signed(&[]) };
        assert!(matches!(bad.check(&acts, &ledger.files), Err(Fault::Ledger(_))));
        assert_eq!(
            signed(&[]).check(&acts, &Files::default()).err().map(|f| f.code()),
            Some("ledger.file.missing")
        );
    }
}
