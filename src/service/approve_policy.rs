//! An officer's standing approval: releases of a programme under one policy need it beforehand
//! (requirement STA-12; the approver is never the requester, because the roles differ).

use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::ApprovePolicy;

use super::{Certifier, Refusal, ServiceError, act};
use crate::store::credential::Caller;
use crate::store::programme::Approval;

impl Certifier {
    /// Approves releases under the policy that the officer read.
    ///
    /// # Errors
    /// [`Refusal::OtherPolicy`] if the programme has another.
    pub fn approve_policy(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        request: &ApprovePolicy,
    ) -> Result<(), ServiceError> {
        self.db.write("approve policy", |tx| {
            let found = self.visible(tx, caller, programme)?;
            if found.programme.policy_digest() != request.policy_sha256 {
                return Err(ServiceError::from(Refusal::OtherPolicy));
            }
            let approval = Approval { actor: caller.actor, at: self.now() };
            tx.insert_approval(programme, &request.policy_sha256, &approval)?;
            let detail = serde_json::json!({ "policy_sha256": request.policy_sha256 });
            act::by(caller.actor, EntryType::PolicyChanged, &programme.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })
    }
}
