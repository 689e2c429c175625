//! Acts: what is written to the ledger, in the transaction of the act itself.
//!
//! The public entry names its actor by a pseudonym that is fresh for each entry (a commitment under
//! the entry's own salt), because a name that stays would show everybody who deposits how often, and
//! what was refused. Who it was stands beside the entry, erasable, for officers.

use serde::Serialize;
use tiers_protocol::canonical;
use tiers_protocol::dossier::pseudonym;
use tiers_protocol::ids::{AccountId, ActorId};
use tiers_protocol::tlog::{ActTime, Debit, Entry, EntryType, LeafType, OpaqueId, commit};

use super::{Certifier, ServiceError};
use crate::store::Tx;
use crate::store::tick::{LeafAct, Opening};

/// An act that is about to be recorded.
pub(super) struct Act<'a> {
    kind: EntryType,
    actor: String,
    object: &'a str,
}

/// Where an act stands in the ledger.
pub(super) struct Recorded {
    /// Index of the entry.
    pub(super) index: u64,
    /// Salt of its commitment.
    pub(super) salt: [u8; 32],
}

/// What a debit shows in clear.
pub(super) struct Spend {
    /// The account.
    pub(super) account: AccountId,
    /// This cost.
    pub(super) cost_nrho: u64,
    /// All costs so far.
    pub(super) spent_nrho: u64,
}

/// An act of a caller.
pub(super) fn by(actor: ActorId, kind: EntryType, object: &str) -> Act<'_> {
    Act { kind, actor: actor.to_string(), object }
}

/// An act of the certifier itself, under the name of its keyring.
pub(super) fn by_certifier<'a>(certifier: &Certifier, kind: EntryType, object: &'a str) -> Act<'a> {
    Act { kind, actor: format!("act_{}", certifier.keyring.id()), object }
}

impl Act<'_> {
    /// Records the act with a salted commitment to `detail`.
    pub(super) fn record(
        self,
        tx: &Tx<'_>,
        certifier: &Certifier,
        detail: &impl Serialize,
    ) -> Result<Recorded, ServiceError> {
        let (salt, detail) = (certifier.bytes(), canonical::to_vec(detail));
        let (at, actor, object) = self.names(certifier, &salt);
        let entry = Entry::act(self.kind, at, actor, object, commit(&salt, &detail))
            .expect("debits are recorded by `debit`");
        let index = tx.append_entry(&entry.encode(), &salt, &self.actor, &detail)?;
        Ok(Recorded { index, salt })
    }

    /// Keeps the act for the next tick, with which it enters the ledger: an act about one person, which an
    /// entry of its own would show at once. The number of its leaf.
    pub(super) fn at_tick(
        self,
        tx: &Tx<'_>,
        certifier: &Certifier,
        detail: &impl Serialize,
    ) -> Result<u64, ServiceError> {
        let (salt, detail) = (certifier.bytes(), canonical::to_vec(detail));
        let (at, actor, object) = self.names(certifier, &salt);
        let entry = Entry::act(self.kind, at, actor, object, commit(&salt, &detail))
            .expect("debits are recorded by `debit`");
        let act = LeafAct {
            actor: self.actor,
            detail,
            object: self.object.to_owned(),
            at: at.timestamp().as_second(),
        };
        let kind = LeafType::Act(self.kind);
        let opening = Opening { kind, document: entry.encode(), salt, act: Some(act) };
        Ok(tx.insert_tick_leaf(certifier.now().day_number(), &opening)?)
    }

    /// Records a debit: account, cost and cumulative spend stand in clear.
    pub(super) fn debit(
        self,
        tx: &Tx<'_>,
        certifier: &Certifier,
        spend: &Spend,
    ) -> Result<Recorded, ServiceError> {
        let detail = canonical::to_vec(&serde_json::json!({ "release": self.object }));
        let salt = certifier.bytes();
        let (at, actor, object) = self.names(certifier, &salt);
        let debit = Debit::new(id(&spend.account.to_string()), spend.cost_nrho, spend.spent_nrho)
            .expect("the account has checked the sum");
        let entry = Entry::debit(at, actor, object, commit(&salt, &detail), debit);
        let index = tx.append_entry(&entry.encode(), &salt, &self.actor, &detail)?;
        Ok(Recorded { index, salt })
    }

    fn names(&self, certifier: &Certifier, salt: &[u8; 32]) -> (ActTime, OpaqueId, OpaqueId) {
        let at = ActTime::new(certifier.now().timestamp())
            .expect("a clock between the years 1970 and 9999");
        (at, id(&pseudonym(salt, &self.actor)), id(self.object))
    }
}

fn id(text: &str) -> OpaqueId {
    OpaqueId::new(text).expect("ids of this program are short ASCII words")
}
