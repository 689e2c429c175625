//! Shows what stands: records, gaps, the public page of an arrangement. Companies see what is theirs
//! and what is of all; of other companies' contracts, notices and instructions nothing.

use tiers_protocol::ids::ProgrammeId;

use super::super::{Certifier, Refusal, ServiceError};
use super::{newest, read, standing};
use crate::governance::record::Arrangement;
use crate::governance::view::{GapInfo, GovernanceView, RecordInfo};
use crate::governance::{Gap, Kind, Record};
use crate::service::authority::Purpose;
use crate::store::StoreError;
use crate::store::credential::Caller;
use crate::store::governance::Version;

impl Certifier {
    /// What stands for a programme.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn governance(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<GovernanceView, ServiceError> {
        let today = self.now().date();
        self.db.read("show governance", |tx| {
            let found = self.programme_for(tx, caller, (programme, Purpose::ReadGovernance))?;
            let standing = standing(tx, &found)?;
            let mut gaps = standing.production_gaps(today);
            if let Some(party) = &caller.party {
                gaps.extend(standing.upload(party, today).err());
                gaps.sort_unstable();
                gaps.dedup();
            }
            let own = caller.party.map(|party| party.to_string());
            let shown = |version: &Version| {
                let of_all = matches!(
                    version.kind,
                    Kind::Activity
                        | Kind::Subprocessor
                        | Kind::Arrangement
                        | Kind::Dpia
                        | Kind::Identifiability
                        | Kind::Production
                );
                of_all || own.as_ref().is_none_or(|own| *own == version.subject)
            };
            let records = newest(tx.versions(Some(programme))?);
            let records = records.values().filter(|version| shown(version)).map(info);
            Ok(GovernanceView {
                production: standing.production,
                gaps: gaps.into_iter().map(gap_info).collect(),
                records: records.collect::<Result<_, _>>()?,
            })
        })
    }

    /// The essence of the arrangement of a programme's joint controllers, for anybody.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] while none is recorded.
    pub fn arrangement(&self, programme: &ProgrammeId) -> Result<Arrangement, ServiceError> {
        self.db.read("show arrangement", |tx| {
            let newest = newest(tx.versions(Some(programme))?);
            let found = newest.get(&(Kind::Arrangement, String::new())).ok_or(Refusal::NotFound)?;
            match read(found)? {
                Record::Arrangement(arrangement) => Ok(arrangement),
                _ => Err(StoreError::Corrupt { column: "governance.kind" }.into()),
            }
        })
    }
}

fn gap_info(gap: Gap) -> GapInfo {
    let refusal = Refusal::from(gap);
    GapInfo {
        code: refusal.code().to_owned(),
        title: refusal.title().to_owned(),
        advice: refusal.advice().to_owned(),
    }
}

/// A version for whoever may see it.
pub(super) fn info(version: &Version) -> Result<RecordInfo, ServiceError> {
    Ok(RecordInfo {
        kind: version.kind,
        subject: version.subject.clone(),
        version: version.version,
        recorded_at: version.recorded_at.to_string(),
        kept_until: version.kept_until.to_string(),
        entry: version.entry,
        document: read(version)?,
    })
}
