//! Rotation of the vault's keys: a longer chain, or another master of the segments.
//!
//! The keyring gets its new key first; at the next start the data directory takes it up, and the work
//! is done beside the serving. A longer chain comes into force for everything at once: each deposit
//! is written anew, its tokens passed through the added links, and when none is missing one transaction makes
//! all new generations valid together with canaries, admissions and waiting erasures. Until then
//! everything, arrivals too, passes the shorter chain, so that tokens always meet. A new master needs
//! no such moment: deposit after deposit is encrypted anew, and the old master is dropped.

use tiers_protocol::ids::ActId;
use tiers_protocol::tlog::EntryType;

use super::faults::FaultPoint;
use super::{Certifier, ServiceError, act};
use crate::crypto::chain::VaultToken;
use crate::crypto::keyring::{KeyCheck, KeyUse};
use crate::store::Tx;
use crate::store::generation::Standing;

/// How far a rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Deposits that are done.
    pub done: usize,
    /// All deposits.
    pub of: usize,
}

/// One step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// No rotation is under way.
    Idle,
    /// A deposit has passed the added links and waits for the others.
    Rekeyed(Progress),
    /// All tokens at rest have passed so many links.
    InForce(usize),
    /// A deposit lies under the newest master.
    Encrypted(Progress),
    /// No deposit needs an older master than this any more.
    Dropped(u32),
}

impl Certifier {
    /// Compares the keys that the data needs with those of the keyring, and takes up new ones.
    pub(super) fn take_up_keys(&self) -> Result<(), ServiceError> {
        let has = self.keyring.checks();
        self.db.write("take up keys", |tx| {
            let known = tx.vault_keys()?;
            let complete = known.iter().all(|key| has.contains(key));
            if !complete || known.is_empty() || self.keyring.chain(tx.links()?).is_none() {
                return Err(ServiceError::OldKeyring);
            }
            let newest = |used_for| {
                known.iter().filter(|key| key.used_for == used_for).map(|key| key.number).max()
            };
            let (links, disk) = (newest(KeyUse::Chain), newest(KeyUse::Disk));
            for key in has {
                let newest = if key.used_for == KeyUse::Chain { links } else { disk };
                // An older master that the data does not need was about to be dropped.
                if newest.is_none_or(|newest| key.number > newest) {
                    tx.insert_vault_key(&key)?;
                    self.record_rotation(tx, &key, "begun")?;
                }
            }
            Ok(())
        })
    }

    /// How many links every token at rest has passed, and how many deposits still wait for the newest
    /// keys.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn rotation(&self) -> Result<(usize, Progress), ServiceError> {
        let links = self.db.read("read links", |tx| tx.links().map_err(ServiceError::from))?;
        let standing = self.standing()?;
        let newest = self.keyring.newest_disk_key();
        let lengthening = links < self.keyring.links();
        let is_done = |of: &&Standing| {
            let generation = if lengthening { of.prepared.map(|(p, _)| p) } else { Some(of.valid) };
            generation.is_some_and(|generation| generation.disk_key == newest)
        };
        let done = standing.iter().filter(is_done).count();
        Ok((links, Progress { done, of: standing.len() }))
    }

    fn record_rotation(
        &self,
        tx: &Tx<'_>,
        key: &KeyCheck,
        state: &'static str,
    ) -> Result<(), ServiceError> {
        let id = ActId::random(&mut self.random()).to_string();
        let detail = serde_json::json!({
            "key": key.used_for.as_str(), "number": key.number, "state": state,
        });
        act::by_certifier(self, EntryType::KeyRotated, &id).record(tx, self, &detail).map(drop)
    }

    /// Does one step of the rotations that are under way: one deposit at most.
    ///
    /// # Errors
    /// [`ServiceError`]; what was begun is finished or undone by the next step.
    pub fn rotate(&self) -> Result<Step, ServiceError> {
        let _alone = self.rewriting();
        let standing = self.standing()?;
        let links = self.db.read("read links", |tx| tx.links().map_err(ServiceError::from))?;
        if links < self.keyring.links() {
            return self.lengthen(&standing, links);
        }
        self.encrypt_anew(&standing)
    }

    /// A step towards the whole chain.
    fn lengthen(&self, standing: &[Standing], links: usize) -> Result<Step, ServiceError> {
        let (whole, disk_key) = (self.keyring.links(), self.keyring.newest_disk_key());
        let ready = |of: &Standing| {
            of.prepared
                .is_some_and(|(prepared, passed)| passed == whole && prepared.disk_key == disk_key)
        };
        let chain = self.keyring.vault();
        let link = |token: VaultToken| {
            chain.advance(token, links).expect("fewer links are in force than there are")
        };
        if let Some(of) = standing.iter().find(|of| !ready(of)) {
            let next = self.write_generation(of, |_, row| {
                row.token = link(row.token);
                true
            })?;
            self.faults.reach(FaultPoint::GenerationWritten)?;
            self.db.write("prepare generation", |tx| {
                tx.put_prepared(&of.id, of.valid, next, whole).map_err(ServiceError::from)
            })?;
            if let Some((stale, _)) = of.prepared {
                self.remove_generation(&of.id, stale)?;
            }
            let done = standing.iter().filter(|of| ready(of)).count() + 1;
            return Ok(Step::Rekeyed(Progress { done, of: standing.len() }));
        }
        self.faults.reach(FaultPoint::AllPrepared)?;
        let in_force = self.db.write("put links in force", |tx| {
            if !tx.standing()?.iter().all(ready) {
                return Ok(false);
            }
            tx.flip_prepared()?;
            self.rekey_admitted(tx, link)?;
            tx.rekey_database(link)?;
            tx.put_links(whole)?;
            let number = u32::try_from(whole).unwrap_or(u32::MAX);
            let key = self.keyring.checks().into_iter();
            let key = key.filter(|key| key.used_for == KeyUse::Chain);
            for key in key.filter(|key| key.number == number) {
                self.record_rotation(tx, &key, "in force")?;
            }
            Ok::<_, ServiceError>(true)
        })?;
        if !in_force {
            let of = standing.len() + 1;
            return Ok(Step::Rekeyed(Progress { done: standing.len(), of }));
        }
        self.faults.reach(FaultPoint::LinksInForce)?;
        for of in standing {
            self.remove_generation(&of.id, of.valid)?;
        }
        self.sweep_admitted()?;
        self.publish()?;
        Ok(Step::InForce(whole))
    }

    /// A step towards the newest master alone.
    fn encrypt_anew(&self, standing: &[Standing]) -> Result<Step, ServiceError> {
        let newest = self.keyring.newest_disk_key();
        let is_new = |of: &Standing| of.valid.disk_key == newest;
        if let Some(of) = standing.iter().find(|of| !is_new(of)) {
            let next = self.write_generation(of, |_, _| true)?;
            self.faults.reach(FaultPoint::GenerationWritten)?;
            self.db.write("encrypt anew", |tx| {
                tx.put_generation(&of.id, of.valid, next).map_err(ServiceError::from)
            })?;
            self.remove_generations(of)?;
            let done = standing.iter().filter(|of| is_new(of)).count() + 1;
            return Ok(Step::Encrypted(Progress { done, of: standing.len() }));
        }
        self.drop_old_masters(newest)
    }

    fn drop_old_masters(&self, newest: u32) -> Result<Step, ServiceError> {
        let known = self.db.read("read keys", |tx| tx.vault_keys().map_err(ServiceError::from))?;
        if known.iter().any(|key| key.used_for == KeyUse::Disk && key.number < newest) {
            // A deposit that comes meanwhile is under the newest master too.
            self.db.write("forget old masters", |tx| {
                tx.forget_disk_keys_before(newest)?;
                let key = known.iter().find(|k| k.used_for == KeyUse::Disk && k.number == newest);
                key.map_or(Ok(()), |key| self.record_rotation(tx, key, "in force"))
            })?;
            self.faults.reach(FaultPoint::MastersForgotten)?;
        } else if !self.keyring.has_masters_before(newest).unwrap_or_default() {
            // This process keeps the old ones in memory until it ends, so its file is asked. One that
            // was sealed otherwise since is looked at after the next start.
            return Ok(Step::Idle);
        }
        self.keyring.drop_disk_keys_before(newest, &mut self.random())?;
        self.publish()?;
        Ok(Step::Dropped(newest))
    }
}
