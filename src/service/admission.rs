//! The admission of units into a month, kept in the transaction of the release: a release that does
//! not happen admits nobody, one that happened is never forgotten.

use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::policy::SaleMonthsPerYear;

use super::ServiceError;
use crate::crypto::chain::VaultToken;
use crate::matching::Admission;
use crate::store::Tx;
use crate::store::admission::UnitYear;
use crate::vault::Month;

/// Admits the units of one programme into one month.
pub(super) struct Remembered<'a, 'tx> {
    pub tx: &'a Tx<'tx>,
    pub programme: ProgrammeId,
    pub month: Month,
    pub limit: SaleMonthsPerYear,
}

impl Admission for Remembered<'_, '_> {
    type Error = ServiceError;

    fn admit(&mut self, kind: Kind, token: VaultToken) -> Result<bool, ServiceError> {
        let of = UnitYear { programme: self.programme, kind, token, year: self.month.year() };
        let before = self.tx.admitted_months(&of)?;
        let Some(after) = before.admit(self.month, self.limit) else { return Ok(false) };
        if after != before {
            self.tx.put_admitted_months(&of, after)?;
        }
        Ok(true)
    }
}
