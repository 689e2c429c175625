//! A programme enters production: nothing is missing, and no data of the sandbox are left. It does
//! not go back: what is certified was made under its records.

use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::DepositState;

use super::super::{Certifier, ServiceError};
use super::show::info;
use super::{Writing, standing};
use crate::governance::retention::Object;
use crate::governance::view::RecordInfo;
use crate::governance::{Gap, Kind};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::programme::Registered;

impl Certifier {
    /// Opens production, for the principal.
    ///
    /// # Errors
    /// The first [`Gap`], as a refusal.
    pub fn open_production(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<RecordInfo, ServiceError> {
        let written = self.db.write("open production", |tx| {
            let found = self.owned(tx, caller, programme)?;
            let standing = standing(tx, &found)?;
            if let Some(gap) = standing.production_gaps(self.now().date()).first() {
                return Err(ServiceError::from(*gap));
            }
            if !standing.production {
                for state in [DepositState::Open, DepositState::Accepted] {
                    for id in tx.deposits_in(state)? {
                        if tx.deposit(&id)?.is_some_and(|of| of.programme == *programme) {
                            return Err(Gap::SandboxData.into());
                        }
                    }
                }
            }
            let at = Writing {
                kind: Kind::Production,
                programme: Some(programme),
                subject: "",
                entry: EntryType::ProductionOpened,
                kept: Object::Governance,
            };
            let document = serde_json::json!({ "production": true });
            self.write_version(tx, caller, &at, &document)
        })?;
        self.publish()?;
        info(&written)
    }
}

impl Certifier {
    /// Whether a programme has left the sandbox.
    pub(in crate::service) fn in_production(
        &self,
        tx: &Tx<'_>,
        found: &Registered,
    ) -> Result<bool, ServiceError> {
        Ok(standing(tx, found)?.production)
    }
}
