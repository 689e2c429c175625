//! The set of leads rows of a question: how many there are of each campaign, and the Merkle root that
//! names the set. Order, duplicates and spellings of the same identifier do not change it; a changed
//! attribute does.
//!
//! Each leads deposit has a file of keyed digests, sorted; a question merges those of its snapshot.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tiers_contact::Kind;
use tiers_protocol::encoding::Bytes;

use super::certifier::durable_error;
use super::error::file_error;
use super::{Certifier, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::crypto::keyring::Keyring;
use crate::durable::{self, Access};
use crate::vault::{Value, VaultRow};
use tiers_protocol::ids::DepositId;

const DIGEST: usize = 32;
const RECORD: usize = DIGEST + 2;

/// The sets that were last asked for, by the deposits they are made of. Deposits never change, so
/// what is here is never stale.
#[derive(Default)]
pub(super) struct LeadsCache(VecDeque<(Vec<DepositId>, Arc<LeadsSet>)>);

impl LeadsCache {
    /// More than a certifier has programmes asking at the same time; a set is a few numbers.
    const KEPT: usize = 256;

    fn find(&self, deposits: &[DepositId]) -> Option<Arc<LeadsSet>> {
        self.0.iter().find(|(of, _)| of == deposits).map(|(_, set)| Arc::clone(set))
    }

    fn keep(&mut self, deposits: &[DepositId], set: &Arc<LeadsSet>) {
        if self.0.len() >= Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back((deposits.to_vec(), Arc::clone(set)));
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

/// The record of one row: its keyed digest and its campaign.
fn record(row: &VaultRow, keyring: &Keyring) -> Option<[u8; RECORD]> {
    let Value::Lead { campaign } = row.value else { return None };
    let mut input = Vec::with_capacity((Kind::ALL.len() + row.near.len()) * 17 + 6);
    for kind in Kind::ALL {
        let mut tokens: Vec<VaultToken> = row.tokens(kind).collect();
        tokens.sort_unstable();
        input.push(u8::try_from(tokens.len()).expect("a row has a few tokens of a kind"));
        tokens.iter().for_each(|token| input.extend_from_slice(token.as_bytes()));
    }
    input.extend_from_slice(&row.date.epoch_days().to_be_bytes());
    input.extend_from_slice(&campaign.to_be_bytes());
    let mut record = [0; RECORD];
    record[..DIGEST].copy_from_slice(&keyring.leads_row(&input));
    record[DIGEST..].copy_from_slice(&campaign.to_be_bytes());
    Some(record)
}

impl Certifier {
    /// Writes the digests of a leads deposit, durably.
    pub(super) fn write_leads(
        &self,
        deposit: &DepositId,
        rows: &[VaultRow],
    ) -> Result<(), ServiceError> {
        let records: BTreeSet<_> =
            rows.iter().filter_map(|row| record(row, &self.keyring)).collect();
        let bytes: Vec<u8> = records.into_iter().flatten().collect();
        durable::write(&path(&self.layout.leads(), deposit), &bytes, Access::Private)
            .map_err(durable_error)
    }

    /// Removes the digests of a deposit, if there are any.
    pub(super) fn remove_leads(&self, deposit: &DepositId) -> Result<(), ServiceError> {
        match fs::remove_file(path(&self.layout.leads(), deposit)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(file_error("the leads set")(error))
            }
            _ => Ok(()),
        }
    }

    /// The set over several deposits.
    pub(super) fn leads_set(
        &self,
        deposits: &[DepositId],
        campaigns: usize,
    ) -> Result<Arc<LeadsSet>, ServiceError> {
        let known = self.leads_cache().find(deposits);
        if let Some(known) = known {
            return Ok(known);
        }
        let set = Arc::new(self.read_leads_set(deposits, campaigns)?);
        self.leads_cache().keep(deposits, &set);
        Ok(set)
    }

    fn read_leads_set(
        &self,
        deposits: &[DepositId],
        campaigns: usize,
    ) -> Result<LeadsSet, ServiceError> {
        let mut records = BTreeSet::new();
        for deposit in deposits {
            let bytes = fs::read(path(&self.layout.leads(), deposit))
                .map_err(file_error("the leads set"))?;
            let (whole, _) = bytes.as_chunks::<RECORD>();
            records.extend(whole.iter().copied());
        }
        let mut by_campaign = vec![0; campaigns];
        let mut hashes = Vec::with_capacity(records.len());
        for record in records {
            let (digest, campaign) = record.split_at(DIGEST);
            let index = campaign.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
            if let Some(count) = by_campaign.get_mut(index) {
                *count += 1;
            }
            hashes.push(hash(&[&[0], digest]));
        }
        Ok(LeadsSet { by_campaign, root: Bytes::new(merkle_root(&hashes)) })
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

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-256 yields 32 bytes")
}

/// RFC 9162 section 2.1.1, over leaves that are hashed already.
fn merkle_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => hash(&[]),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            hash(&[&[1], &merkle_root(left), &merkle_root(right)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_the_standard() {
        let mut oracle =
            ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let mut leaves = Vec::new();
        for leaf in 0..70u8 {
            oracle.push(vec![leaf]);
            leaves.push(hash(&[&[0], &[leaf]]));
            let expected: [u8; 32] = oracle.root().as_bytes()[..].try_into().expect("32 bytes");
            assert_eq!(merkle_root(&leaves), expected, "{} leaves", leaf + 1);
        }
    }
}
