//! An officer reads the acts. The reading is itself an act, with its reason, recorded before
//! anything is shown.

use tiers_protocol::dossier::Opened;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::ActId;
use tiers_protocol::tlog::{Entry, EntryType};
use tiers_protocol::wire::Act;

use super::{Certifier, Refusal, ServiceError, act};
use crate::limits;
use crate::store::StoreError;
use crate::store::credential::Caller;
use crate::store::outbox::StoredAct;

/// What an officer asks to read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Why.
    pub reason: String,
    /// First index.
    pub from: u64,
    /// How many.
    pub limit: u32,
}

impl Certifier {
    /// Records the reading, then shows the acts.
    ///
    /// # Errors
    /// [`Refusal::BadReason`].
    pub fn read_acts(&self, caller: &Caller, reading: &Reading) -> Result<Vec<Act>, ServiceError> {
        self.reading(caller, reading)?.into_iter().map(shown).collect()
    }

    /// The same acts with what checks each against the ledger, in which all of them stand by then.
    ///
    /// # Errors
    /// As [`Certifier::read_acts`].
    pub fn acts_to_check(
        &self,
        caller: &Caller,
        reading: &Reading,
    ) -> Result<Vec<CheckableAct>, ServiceError> {
        let acts = self.reading(caller, reading)?;
        self.publish()?;
        acts.into_iter().map(checkable).collect()
    }

    fn reading(&self, caller: &Caller, reading: &Reading) -> Result<Vec<StoredAct>, ServiceError> {
        let reason = reading.reason.trim();
        if !(1..=limits::REASON_CHARS).contains(&reason.chars().count()) {
            return Err(Refusal::BadReason.into());
        }
        let limit = reading.limit.clamp(1, limits::ACTS_PAGE);
        self.db.write("read acts", |tx| {
            let detail = serde_json::json!({
                "reason": reason, "from": reading.from, "limit": limit,
            });
            let id = ActId::random(&mut self.random()).to_string();
            act::by(caller.actor, EntryType::OfficerViewed, &id).record(tx, self, &detail)?;
            tx.acts(reading.from, limit).map_err(ServiceError::from)
        })
    }
}

/// An act with the entry that stands in the ledger and what that commits to.
pub struct CheckableAct {
    /// The act as it is read.
    pub act: Act,
    /// The entry, in canonical form; none of an act that enters with a tick.
    pub entry: Option<String>,
    /// What the entry commits to; none once it is erased.
    pub opened: Option<Opened>,
}

impl From<Act> for CheckableAct {
    fn from(act: Act) -> Self {
        Self { act, entry: None, opened: None }
    }
}

pub(super) fn checkable(stored: StoredAct) -> Result<CheckableAct, ServiceError> {
    let corrupt = StoreError::Corrupt { column: "outbox.entry" };
    let entry = String::from_utf8(stored.entry.clone()).map_err(|_| corrupt)?;
    let opened = opened(&stored);
    Ok(CheckableAct { act: shown(stored)?, entry: Some(entry), opened })
}

/// What opens an entry, unless it is erased.
pub(super) fn opened(stored: &StoredAct) -> Option<Opened> {
    Some(Opened {
        actor: stored.actor.clone()?,
        detail: String::from_utf8(stored.detail.clone()?).ok()?,
        salt: Bytes::new(stored.salt?),
    })
}

pub(super) fn shown(stored: StoredAct) -> Result<Act, ServiceError> {
    let entry =
        Entry::decode(&stored.entry).map_err(|_| StoreError::Corrupt { column: "outbox.entry" })?;
    Ok(Act {
        index: Some(stored.index),
        leaf: None,
        act: entry.entry_type().as_str().to_owned(),
        ts: entry.at().to_string(),
        actor: stored.actor.unwrap_or_else(|| entry.actor().as_str().to_owned()),
        object: entry.object().as_str().to_owned(),
        detail: stored.detail.and_then(|bytes| serde_json::from_slice(&bytes).ok()),
    })
}
