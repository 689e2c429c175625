//! Sets of leads rows that were reckoned before: kept in files, and made at the tick, so that no question waits while
//! millions of digests are read, neither the first after a tick nor the first after a start.
//!
//! A file is named by a digest of the deposits that the set is of and of the lengths of their files of digests. Those
//! are only ever changed by leaving rows out, so that a length names what the file says: what was reckoned before an
//! erasure is not found after it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tiers_contact::FileKind;
use tiers_protocol::canonical;
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::ids::DepositId;

use super::{LeadsSet, path};
use crate::durable::{self, Access};
use crate::service::certifier::durable_error;
use crate::service::error::file_error;
use crate::service::{Certifier, ServiceError, snapshot};

/// What a file says first.
const FORMAT: &str = "tiers-leads-set/1";

/// A set as it is kept.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: String,
    /// The name of the file.
    of: String,
    by_campaign: Vec<u64>,
    root: Bytes<32>,
    /// SHA-256 of all that, in canonical form.
    sha256: Bytes<32>,
}

impl Kept {
    fn new(path: &Path, set: &LeadsSet) -> Self {
        let of = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let (format, by_campaign, root) = (FORMAT.to_owned(), set.by_campaign.clone(), set.root);
        let sha256 = sha256(&canonical::to_vec(&(&format, &of, &by_campaign, &root)));
        Self { format, of, by_campaign, root, sha256 }
    }

    /// The set of a file, if it says what was written for its name.
    fn set(self, path: &Path, campaigns: usize) -> Option<LeadsSet> {
        let set = LeadsSet { by_campaign: self.by_campaign.clone(), root: self.root };
        let same = self == Self::new(path, &set) && set.by_campaign.len() == campaigns;
        same.then_some(set)
    }
}

/// What a set is of.
#[derive(Serialize)]
struct Of<'a> {
    deposits: Vec<(&'a DepositId, u64)>,
    campaigns: u64,
}

/// Name of the set of some deposits whose digests lie in `leads`.
fn name(leads: &Path, deposits: &[DepositId], campaigns: usize) -> Result<String, ServiceError> {
    let length = |deposit| {
        let found = fs::metadata(path(leads, deposit)).map_err(file_error("the leads set"))?;
        Ok((deposit, found.len()))
    };
    let deposits = deposits.iter().map(length).collect::<Result<Vec<_>, ServiceError>>()?;
    let campaigns = u64::try_from(campaigns).unwrap_or(u64::MAX);
    Ok(format!("{}.set", sha256(&canonical::to_vec(&Of { deposits, campaigns }))))
}

impl Certifier {
    fn kept_path(&self, deposits: &[DepositId], campaigns: usize) -> Result<PathBuf, ServiceError> {
        Ok(self.layout.prepared().join(name(&self.layout.leads(), deposits, campaigns)?))
    }

    /// The set as it was reckoned before, or now; then it is kept.
    pub(super) fn kept_leads_set(
        &self,
        deposits: &[DepositId],
        campaigns: usize,
    ) -> Result<LeadsSet, ServiceError> {
        let kept = self.kept_path(deposits, campaigns)?;
        // What cannot be read is reckoned again, whyever.
        let read =
            fs::read(&kept).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        if let Some(set) = read.and_then(|read| read.set(&kept, campaigns)) {
            return Ok(set);
        }
        let set = self.read_leads_set(deposits, campaigns)?;
        let document = Kept::new(&kept, &set);
        // A question is answered where nothing can be kept, too.
        let _ = durable::write(&kept, &canonical::to_vec(&document), Access::Private);
        Ok(set)
    }

    /// Reckons the sets that questions of this snapshot need, and removes those that none does.
    pub(in crate::service) fn prepare_leads(&self) -> Result<(), ServiceError> {
        let now = self.now();
        let wanted = self.db.read("look for leads", |tx| {
            let mut wanted = Vec::new();
            for id in tx.programme_ids()? {
                let Some(found) = tx.programme(&id)? else { continue };
                let current = snapshot::current(&found.programme.policy, now, found.arrivals);
                let day = now.date();
                let leads = tx.deposits_in_snapshot(&id, FileKind::Leads, current, day)?;
                if !leads.is_empty() {
                    wanted.push((leads, found.programme.campaigns.len()));
                }
            }
            Ok::<_, ServiceError>(wanted)
        })?;
        let mut names = HashSet::new();
        for (leads, campaigns) in wanted {
            match self.leads_set(&leads, campaigns).and_then(|_| self.kept_path(&leads, campaigns))
            {
                Ok(path) => names.extend(path.file_name().map(ToOwned::to_owned)),
                // An erasure took a deposit away meanwhile; the next round sees what is there.
                Err(ServiceError::File { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    return Ok(());
                }
                Err(other) => return Err(other),
            }
        }
        let entries = fs::read_dir(self.layout.prepared()).map_err(file_error("the leads set"))?;
        for entry in entries {
            let entry = entry.map_err(file_error("the leads set"))?;
            let is_set = entry.path().extension().is_some_and(|extension| extension == "set");
            if is_set && !names.contains(&entry.file_name()) {
                durable::remove(&entry.path()).map_err(durable_error)?;
            }
        }
        Ok(())
    }
}
