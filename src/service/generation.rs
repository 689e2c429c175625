//! Generations of a deposit's segments: where the valid one lies, how the next one is made beside it.
//! Which one is valid is the database's word; a generation is a folder of its own, and what no
//! transaction knows is removed at the next start.

use tiers_contact::Kind;
use tiers_protocol::ids::DepositId;

use super::{Certifier, Refusal, ServiceError};
use crate::crypto::chain::VaultChain;
use crate::crypto::segment_key::SegmentKey;
use crate::limits;
use crate::store::Tx;
use crate::store::generation::{Generation, Standing};
use crate::vault::{self, Rewritten, SegmentRow, StoredDeposit, VaultError};

/// Folder of a generation.
pub(super) fn name(id: &DepositId, generation: Generation) -> String {
    match generation.number {
        0 => id.to_string(),
        number => format!("{id}.{number}"),
    }
}

/// Folders that a deposit has a right to.
pub(super) fn names(of: &Standing) -> Vec<String> {
    let prepared = of.prepared.map(|(prepared, _)| prepared);
    [of.valid].into_iter().chain(prepared).map(|generation| name(&of.id, generation)).collect()
}

impl Certifier {
    /// Every accepted deposit.
    pub(super) fn standing(&self) -> Result<Vec<Standing>, ServiceError> {
        self.db.read("read generations", |tx| tx.standing().map_err(Into::into))
    }

    /// The chain that every token at rest has passed.
    pub(super) fn chain(&self, tx: &Tx<'_>) -> Result<&VaultChain, ServiceError> {
        self.keyring.chain(tx.links()?).ok_or(ServiceError::OldKeyring)
    }

    /// The valid segments of accepted deposits, in the order of the list, opened on at most `threads` threads.
    pub(super) fn stored_deposits(
        &self,
        tx: &Tx<'_>,
        ids: &[&DepositId],
        threads: usize,
    ) -> Result<Vec<StoredDeposit>, ServiceError> {
        let vault = self.layout.vault();
        let mut named = Vec::with_capacity(ids.len());
        for id in ids {
            let valid = tx.generation(id)?.ok_or(Refusal::NotFound)?;
            let (name, key) = self.generation_key(id, valid)?;
            named.push((vault.as_path(), name, key));
        }
        StoredDeposit::open_all(named, threads).map_err(Into::into)
    }

    pub(super) fn open_generation(
        &self,
        id: &DepositId,
        generation: Generation,
    ) -> Result<StoredDeposit, ServiceError> {
        let (name, key) = self.generation_key(id, generation)?;
        StoredDeposit::open(&self.layout.vault(), &name, key).map_err(Into::into)
    }

    /// The name of a generation's folder and the key of its segments.
    fn generation_key(
        &self,
        id: &DepositId,
        generation: Generation,
    ) -> Result<(String, SegmentKey), ServiceError> {
        let name = name(id, generation);
        let key = self.keyring.segment_key_under(generation.disk_key, &name);
        Ok((name, key.ok_or(ServiceError::OldKeyring)?))
    }

    /// Writes the next generation of a deposit, durably, under the newest master; every row goes
    /// through `change`, which may drop it. Nobody uses it before a transaction says so.
    pub(super) fn write_generation(
        &self,
        of: &Standing,
        change: impl FnMut(Kind, &mut SegmentRow) -> bool,
    ) -> Result<Generation, ServiceError> {
        let from = self.open_generation(&of.id, of.valid)?;
        let disk_key = self.keyring.newest_disk_key();
        let next = Generation { number: of.next(), disk_key };
        // What an earlier attempt left is nobody's.
        self.remove_generation(&of.id, next)?;
        let name = name(&of.id, next);
        let to = Rewritten {
            dir: &self.layout.vault(),
            name: &name,
            key: &self.keyring.segment_key(&name),
            memory_bytes_max: limits::REWRITE_MEMORY,
        };
        vault::rewrite(&from, &to, self.vault_faults, change)?;
        Ok(next)
    }

    /// Removes a generation, if it is there.
    pub(super) fn remove_generation(
        &self,
        id: &DepositId,
        generation: Generation,
    ) -> Result<(), ServiceError> {
        match vault::remove(&self.layout.vault(), &name(id, generation)) {
            Ok(()) | Err(VaultError::NotThere) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}
