//! A partner's own count: how many persons among the principal's leads of one month bought from it, with noise, told
//! to that partner alone, once. Specified in `docs/formats/own-count.md` and `docs/statistics.md`, "A partner's own
//! count".

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use crate::attested::Recorded;
use crate::certificate::{AccountStatement, NamedParty, NamedPolicy, NamedProgramme};
use crate::ids::{OwnCountId, ProgrammeId};
use crate::report::Period;
use crate::tlog::EntryType;

/// `POST /v1/own-counts` and `POST /v1/own-counts/plan`: what a partner asks about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskOwnCount {
    /// In which programme.
    pub programme: ProgrammeId,
    /// The month of the leads, `YYYY-MM`. Any text is read; what is no month that is over is refused.
    pub month: String,
}

/// What an answer would be, from public facts alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnCountPlan {
    /// The month of the leads.
    pub month: Period,
    /// The answer, if this partner was told already: nothing is paid again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<OwnCountId>,
    /// The last day on which a sale may count. Who asks before is told of the sales until now, and cannot ask again.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub sales_until: Date,
    /// The last day on which leads that were deposited in their month can stand; later ones may.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub leads_until: Date,
    /// The figure will be right to so many persons more or less, 95 times of 100.
    pub half_width: u64,
    /// A noisy figure below this is not shown.
    pub shown_from: u64,
    /// What it costs of the account of the leads of the month, in nano-rho.
    pub cost_nrho: u64,
    /// What is left there for all partners, in nano-rho.
    pub left_nrho: u64,
}

/// Version of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OwnCountFormat {
    /// The first.
    #[serde(rename = "tiers-own-count/1")]
    V1,
}

/// Bytes of the longest member `persons`: no figure has more than 20 digits.
const LONGEST: usize = "\"persons\":,".len() + 20;

/// The figure, as the certifier attests it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnCount {
    /// Format of this document.
    pub format: OwnCountFormat,
    /// Its id.
    pub own_count: OwnCountId,
    /// In which programme.
    pub programme: NamedProgramme,
    /// Who asked, of itself.
    pub partner: NamedParty,
    /// Under which policy.
    pub policy: NamedPolicy,
    /// The month of the leads.
    pub month: Period,
    /// Days after a lead in which a sale counts, the last one included.
    pub window_days: u64,
    /// Number of the snapshot of leads and sales that was read.
    pub snapshot: u64,
    /// Whether sales could still be added when it was asked: the window of the last leads was not over.
    pub early: bool,
    /// Whether leads that were deposited in their month were past their term when it was asked.
    pub late: bool,
    /// Persons among the leads who bought, with noise; absent where the noisy figure is below the least that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<u64>,
    /// Spaces, so that every answer is as long as any other.
    pub padding: String,
    /// A noisy figure below this is not shown.
    pub shown_from: u64,
    /// Half the width of the interval of 95 %, in persons.
    pub half_width: u64,
    /// Square of the scale of the noise as a fraction: numerator and denominator, decimal.
    pub sigma_squared: (String, String),
    /// What it cost, and what is left for all partners of the programmes of this principal group.
    pub account: AccountStatement,
    /// When it was told (RFC 3339, UTC).
    pub released_at: String,
}

impl OwnCount {
    /// A noisy figure as it is shown: what is below `shown_from` is not; and the padding beside it.
    #[must_use]
    pub fn shown(noisy: i64, shown_from: u64) -> (Option<u64>, String) {
        let persons = u64::try_from(noisy).ok().filter(|persons| *persons >= shown_from);
        // With its name, quotes, colon and comma.
        let member = persons.map_or(0, |persons| "\"persons\":,".len() + persons.to_string().len());
        (persons, " ".repeat(LONGEST - member))
    }

    /// The lower and upper end of the interval, where a figure is shown.
    #[must_use]
    pub fn interval(&self) -> Option<(u64, u64)> {
        let persons = self.persons?;
        let half = self.half_width;
        Some((persons.saturating_sub(half), persons.saturating_add(half)))
    }
}

impl Recorded for OwnCount {
    const LABEL: &'static str = labels::SIGN_OWN_COUNT;
    const ENTRY: EntryType = EntryType::OwnCountReleased;

    fn object(&self) -> String {
        self.own_count.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_the_least_is_hidden_and_every_answer_is_as_long_as_any_other() {
        for (noisy, shown) in
            [(-3, None), (0, None), (10, None), (11, Some(11)), (12_345, Some(12_345))]
        {
            let (persons, padding) = OwnCount::shown(noisy, 11);
            assert_eq!(persons, shown);
            let member = persons.map_or_else(String::new, |one| format!("\"persons\":{one},"));
            assert_eq!(member.len() + padding.len(), LONGEST);
            assert!(padding.bytes().all(|byte| byte == b' '));
        }
        assert_eq!(OwnCount::shown(i64::MAX, 11).0, Some(i64::MAX.unsigned_abs()));
    }
}
