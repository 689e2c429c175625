//! What happens at every start: work that no transaction committed is undone, work that one
//! committed is finished. It is the same code whether the last run ended well or was killed.

use std::collections::HashSet;
use std::fs;

use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::DepositState;

use super::error::file_error;
use super::{Certifier, ServiceError, generation, leads_set};
use crate::vault;

impl Certifier {
    /// Compares the folders with the database, and the published ledger with the outbox.
    pub(super) fn recover(&self) -> Result<(), ServiceError> {
        self.remove_orphan_segments()?;
        self.remove_orphan_spools()?;
        self.sweep_exchanges()?;
        self.sweep_decisions()?;
        self.publish()
    }

    /// Whatever generation the database does not call valid or prepared goes.
    fn remove_orphan_segments(&self) -> Result<(), ServiceError> {
        let folder = self.layout.vault();
        vault::sweep(&folder)?;
        let standing = self.standing()?;
        let known: HashSet<String> = standing.iter().flat_map(generation::names).collect();
        for name in vault::list(&folder)? {
            if !known.contains(&name) {
                vault::remove(&folder, &name)?;
            }
        }
        let accepted: HashSet<DepositId> = standing.iter().map(|of| of.id).collect();
        leads_set::sweep(&self.layout.leads())?;
        for id in self.leads_files()? {
            if !accepted.contains(&id) {
                self.remove_leads(&id)?;
            }
        }
        Ok(())
    }

    /// Spools of open deposits stay: their uploads go on where they stopped.
    fn remove_orphan_spools(&self) -> Result<(), ServiceError> {
        let open: HashSet<DepositId> =
            self.db.read("recover", |tx| tx.deposits_in(DepositState::Open))?.into_iter().collect();
        let entries = fs::read_dir(self.layout.spool()).map_err(file_error("the spool"))?;
        for entry in entries {
            let entry = entry.map_err(file_error("the spool"))?;
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if !id.is_some_and(|id: DepositId| open.contains(&id)) {
                fs::remove_file(entry.path()).map_err(file_error("the spool"))?;
            }
        }
        Ok(())
    }
}
