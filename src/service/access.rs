//! Accesses with a key: listed, replaced, revoked, flagged for a change. No key expires and nobody has to
//! change one because time went by; a key is changed when somebody may have it who should not, or when
//! somebody who knew it has left, and until then it opens nothing else (`docs/decisions/0057-accesses.md`).

use tiers_protocol::access::{AccessInfo, ChangeBecause};
use tiers_protocol::ids::ActorId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Credentials, Role};

use super::authority::{Object, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::store::Tx;
use crate::store::access::Access;
use crate::store::credential::Caller;

impl Certifier {
    /// The accesses of the caller's side; for the operator all.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn accesses(&self, caller: &Caller) -> Result<Vec<AccessInfo>, ServiceError> {
        let all = self.db.read("list accesses", |tx| tx.accesses().map_err(ServiceError::from))?;
        Ok(all.iter().filter(|one| self.may_change(caller, one)).map(info).collect())
    }

    /// Makes a new key for whoever had this one, which ends at once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::ChangeDue`] for whose own key has to be changed first, or who would
    /// change a key that is not known to be in the right hands with that key itself.
    pub fn replace_access(
        &self,
        caller: &Caller,
        account: &ActorId,
        because: ChangeBecause,
    ) -> Result<Credentials, ServiceError> {
        let issued = self.db.write("replace access", |tx| {
            let own = tx.access(&caller.actor)?.and_then(|access| access.change);
            let old = self.own_access(tx, caller, account)?;
            let itself = old.caller.actor == caller.actor;
            match own {
                Some((_, ChangeBecause::Compromised)) => return Err(Refusal::ChangeDue.into()),
                Some(_) if !itself => return Err(Refusal::ChangeDue.into()),
                _ => {}
            }
            let issued = self.issue_key(tx, caller.actor, old.caller.role, old.caller.party)?;
            self.end(tx, caller, &old, because)?;
            Ok::<_, ServiceError>(issued)
        })?;
        self.publish()?;
        Ok(issued)
    }

    /// Ends an access at once, without another in its place.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::LastAccess`] for the last key of the operator.
    pub fn revoke_access(
        &self,
        caller: &Caller,
        account: &ActorId,
        because: ChangeBecause,
    ) -> Result<(), ServiceError> {
        self.db.write("revoke access", |tx| {
            let access = self.own_access(tx, caller, account)?;
            let runs = |one: &Access| one.caller.role == Role::Operator && one.ended_at.is_none();
            if runs(&access) && tx.accesses()?.iter().filter(|one| runs(one)).count() == 1 {
                return Err(ServiceError::from(Refusal::LastAccess));
            }
            self.end(tx, caller, &access, because)
        })?;
        self.publish()
    }

    /// Has a key changed: from now on it opens nothing but its own replacement, and that neither once it may
    /// be in other hands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn flag_access(
        &self,
        caller: &Caller,
        account: &ActorId,
        because: ChangeBecause,
    ) -> Result<(), ServiceError> {
        self.db.write("flag access", |tx| {
            let access = self.own_access(tx, caller, account)?;
            self.flag(tx, caller, &access, because)
        })?;
        self.publish()
    }

    /// Somebody who knew the keys of a side has left: all of them have to be changed.
    pub(super) fn flag_side(&self, tx: &Tx<'_>, caller: &Caller) -> Result<(), ServiceError> {
        for access in tx.accesses()? {
            if access.ended_at.is_none() && is_of_side(caller, &access) {
                self.flag(tx, caller, &access, ChangeBecause::Left)?;
            }
        }
        Ok(())
    }

    fn flag(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        access: &Access,
        because: ChangeBecause,
    ) -> Result<(), ServiceError> {
        tx.flag_access(&access.caller.actor, because, self.now())?;
        if because == ChangeBecause::Compromised {
            tx.delete_sessions_of(&access.caller)?;
        }
        let detail = serde_json::json!({ "because": because, "access": "to be changed" });
        act::by(caller.actor, EntryType::KeyRevoked, &access.caller.actor.to_string())
            .record(tx, self, &detail)
            .map(drop)
    }

    fn end(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        access: &Access,
        because: ChangeBecause,
    ) -> Result<(), ServiceError> {
        let account = access.caller.actor;
        tx.revoke_credential(&account, self.now())?;
        if because == ChangeBecause::Compromised {
            tx.delete_sessions_of(&access.caller)?;
        }
        let detail = serde_json::json!({ "because": because, "access": "ended" });
        act::by(caller.actor, EntryType::KeyRevoked, &account.to_string())
            .record(tx, self, &detail)
            .map(drop)
    }
}

fn is_of_side(caller: &Caller, access: &Access) -> bool {
    access.caller.role == caller.role && access.caller.party == caller.party
}

impl Certifier {
    /// Whether a caller may see and change an access: the operator any, others those of their side.
    fn may_change(&self, caller: &Caller, access: &Access) -> bool {
        let of = access.caller;
        self.authority.may(caller, Purpose::OwnKeys, &Object::Access(&of.actor, of.role, of.party))
    }

    fn own_access(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        account: &ActorId,
    ) -> Result<Access, ServiceError> {
        let found = tx.access(account)?;
        let found = found.filter(|one| one.ended_at.is_none() && self.may_change(caller, one));
        found.ok_or_else(|| Refusal::NotFound.into())
    }
}

fn info(access: &Access) -> AccessInfo {
    AccessInfo {
        account: access.caller.actor,
        role: access.caller.role,
        party: access.caller.party,
        made_at: access.made_at.to_string(),
        ended_at: access.ended_at.map(|at| at.to_string()),
        change_since: access.change.map(|(at, _)| at.to_string()),
        change_because: access.change.map(|(_, because)| because),
    }
}
