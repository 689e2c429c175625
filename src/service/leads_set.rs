//! The set of leads rows of a question: how many there are of each campaign, and the Merkle root that
//! names the set. Order, duplicates and spellings of the same identifier do not change it; a changed
//! attribute does.
//!
//! Each leads deposit has a file of keyed digests, sorted; the set of a snapshot is their merge, which is made at the
//! tick and kept.

mod gather;
mod prepared;
mod records;
pub(super) mod root;

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tiers_contact::{Kind, Token};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::DepositId;

pub(super) use self::gather::{Gather, sweep};
pub(super) use self::records::Run;
use self::records::merge;
use self::root::Root;
use super::certifier::durable_error;
use super::error::file_error;
use super::{Certifier, ServiceError};
use crate::crypto::keyring::Keyring;
use crate::durable::{Access, Writer};
use crate::vault::Day;

const DIGEST: usize = 32;
/// What tells two rows apart: digest and campaign.
const ROW: usize = DIGEST + 2;
const RECORD: usize = ROW + 4;

/// Length of a token as a party sends it.
const TOKEN: usize = 32;

/// Keyed digest of one row, its campaign, and the ordinal of the first row of the deposit that has
/// both.
pub(super) type Record = [u8; RECORD];

/// The sets that were last asked for, by the deposits they are made of. Only an erasure changes a
/// deposit; it forgets them all.
#[derive(Default)]
pub(super) struct LeadsCache {
    sets: VecDeque<(Vec<DepositId>, Arc<LeadsSet>)>,
    /// How often everything was forgotten: what was read before that is not kept after it.
    erasures: u64,
}

impl LeadsCache {
    /// More than a certifier has programmes asking at the same time; a set is a few numbers.
    const KEPT: usize = 256;

    fn find(&self, deposits: &[DepositId]) -> Option<Arc<LeadsSet>> {
        self.sets.iter().find(|(of, _)| of == deposits).map(|(_, set)| Arc::clone(set))
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.sets.clear();
        self.erasures += 1;
    }

    fn keep(&mut self, deposits: &[DepositId], set: &Arc<LeadsSet>, read_after: u64) {
        if read_after != self.erasures {
            return;
        }
        if self.sets.len() >= Self::KEPT {
            self.sets.pop_front();
        }
        self.sets.push_back((deposits.to_vec(), Arc::clone(set)));
    }
}

/// A set of leads rows. The principal's own rows: their number is no secret from it.
pub(super) struct LeadsSet {
    /// Rows of each campaign, in the programme's order.
    pub(super) by_campaign: Vec<u64>,
    /// Merkle root of the sorted digests (RFC 9162 section 2.1).
    pub(super) root: Bytes<32>,
}

impl LeadsSet {
    /// Rows of all campaigns.
    pub(super) fn total(&self) -> u64 {
        self.by_campaign.iter().sum()
    }
}

fn path(folder: &Path, deposit: &DepositId) -> PathBuf {
    folder.join(format!("{deposit}.rows"))
}

/// The record of one row, whose tokens stand in the order of the kinds. They are those that the party
/// sent: a question keeps its name when the vault chain grows.
pub(super) fn record(
    tokens: &[(Kind, Token)],
    date: Day,
    campaign: u16,
    ordinal: u32,
    keyring: &Keyring,
) -> Record {
    let mut input = Input::default();
    let mut rest = tokens;
    for kind in Kind::ALL {
        let count = rest.iter().take_while(|(of, _)| *of == kind).count();
        let (own, others) = rest.split_at(count);
        rest = others;
        input.push(&[u8::try_from(count).expect("a row has a few tokens of a kind")]);
        let start = input.length;
        own.iter().for_each(|(_, token)| input.push(token.as_bytes()));
        let (own, _) = input.bytes[start..input.length].as_chunks_mut::<TOKEN>();
        own.sort_unstable();
    }
    input.push(&date.epoch_days().to_be_bytes());
    input.push(&campaign.to_be_bytes());
    let mut record = [0; RECORD];
    record[..DIGEST].copy_from_slice(&keyring.leads_row(&input.bytes[..input.length]));
    record[DIGEST..ROW].copy_from_slice(&campaign.to_be_bytes());
    record[ROW..].copy_from_slice(&ordinal.to_be_bytes());
    record
}

/// What a record is the digest of.
struct Input {
    bytes: [u8; INPUT_MAX],
    length: usize,
}

/// A row with all its tokens of every kind, a count before each kind, day and campaign behind them.
const INPUT_MAX: usize = {
    let (mut most, mut kind) = (Kind::ALL.len() + 6, 0);
    while kind < Kind::ALL.len() {
        most += Kind::ALL[kind].tokens_per_row() * TOKEN;
        kind += 1;
    }
    most
};

impl Default for Input {
    fn default() -> Self {
        Self { bytes: [0; INPUT_MAX], length: 0 }
    }
}

impl Input {
    fn push(&mut self, part: &[u8]) {
        self.bytes[self.length..self.length + part.len()].copy_from_slice(part);
        self.length += part.len();
    }
}

impl Certifier {
    /// Removes the digests of a deposit, if there are any.
    pub(super) fn remove_leads(&self, deposit: &DepositId) -> Result<(), ServiceError> {
        match fs::remove_file(path(&self.layout.leads(), deposit)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(file_error("the leads set")(error))
            }
            _ => Ok(()),
        }
    }

    /// Leaves the rows with these ordinals out of the digests of a deposit, in one step. To say it
    /// again changes nothing.
    pub(super) fn drop_leads_rows(
        &self,
        deposit: &DepositId,
        ordinals: &HashSet<u32>,
    ) -> Result<(), ServiceError> {
        let path = path(&self.layout.leads(), deposit);
        let run = Run::open(&path).map_err(file_error("the leads set"))?;
        let mut out = Writer::create(&path, Access::Private).map_err(durable_error)?;
        merge(vec![run], |record| {
            let ordinal = record[ROW..].iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
            if ordinals.contains(&ordinal) { Ok(()) } else { out.write_all(record) }
        })
        .map_err(file_error("the leads set"))?;
        out.commit().map_err(durable_error)
    }

    /// The set over several deposits.
    pub(super) fn leads_set(
        &self,
        deposits: &[DepositId],
        campaigns: usize,
    ) -> Result<Arc<LeadsSet>, ServiceError> {
        let (known, erasures) = {
            let cache = self.leads_cache();
            (cache.find(deposits), cache.erasures)
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let set = Arc::new(self.kept_leads_set(deposits, campaigns)?);
        self.leads_cache().keep(deposits, &set, erasures);
        Ok(set)
    }

    fn read_leads_set(
        &self,
        deposits: &[DepositId],
        campaigns: usize,
    ) -> Result<LeadsSet, ServiceError> {
        let folder = self.layout.leads();
        let runs = deposits.iter().map(|deposit| Run::open(&path(&folder, deposit)));
        let runs = runs.collect::<Result<Vec<_>, _>>().map_err(file_error("the leads set"))?;
        let (mut by_campaign, mut root) = (vec![0; campaigns], Root::default());
        merge(runs, |record| {
            let (digest, campaign) = record[..ROW].split_at(DIGEST);
            let index = campaign.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
            if let Some(count) = by_campaign.get_mut(index) {
                *count += 1;
            }
            root.push(digest);
            Ok::<_, std::io::Error>(())
        })
        .map_err(file_error("the leads set"))?;
        Ok(LeadsSet { by_campaign, root: Bytes::new(root.finish()) })
    }

    /// Ids of the deposits that have a file of digests.
    pub(super) fn leads_files(&self) -> Result<Vec<DepositId>, ServiceError> {
        let entries = fs::read_dir(self.layout.leads()).map_err(file_error("the leads set"))?;
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(file_error("the leads set"))?.file_name();
            let id: Option<DepositId> =
                name.to_str().and_then(|name| name.strip_suffix(".rows")?.parse().ok());
            ids.extend(id);
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::OsRandom;

    #[test]
    fn a_record_is_of_the_set_of_tokens_and_of_every_attribute() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
        let keyring = Keyring::create(&keys, &data, "certifier.example", &mut OsRandom::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let token = |n| Token::from_bytes([n; TOKEN]);
        let of = |tokens: &[(Kind, Token)], day, campaign| {
            record(tokens, Day::from_epoch_days(day), campaign, 3, &keyring)
        };
        let near = |a, b| {
            [(Kind::Card, token(1)), (Kind::NearLandline, token(a)), (Kind::NearLandline, token(b))]
        };
        let one = of(&near(2, 3), 10, 7);
        assert_eq!(one, of(&near(3, 2), 10, 7), "near tokens are a set");
        assert_eq!(one[DIGEST..], [0, 7, 0, 0, 0, 3]);
        let others = [
            of(&near(2, 4), 10, 7),
            of(&near(2, 3), 11, 7),
            of(&near(2, 3), 10, 8),
            of(&near(2, 3)[1..], 10, 7),
            of(
                &[
                    (Kind::Email, token(1)),
                    (Kind::NearLandline, token(2)),
                    (Kind::NearLandline, token(3)),
                ],
                10,
                7,
            ),
            of(&[], 10, 7),
        ];
        let distinct: std::collections::BTreeSet<_> = others.iter().chain([&one]).collect();
        assert_eq!(distinct.len(), others.len() + 1);
        let every: Vec<_> = Kind::ALL
            .into_iter()
            .flat_map(|kind| (0..kind.tokens_per_row()).map(move |_| (kind, token(9))))
            .collect();
        assert_ne!(of(&every, 10, 7), one, "the longest row fits");
    }
}
