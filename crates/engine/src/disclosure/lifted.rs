//! What the arms of a lift say together: the difference of their rates, with sampling and noise.

use serde::{Deserialize, Serialize};
use tiers_protocol::report::Section;

use super::TableTerms;
use crate::statistics::lift::{ArmCount, lift};

/// The difference that treating makes, in millionths of the persons of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LiftFigures {
    /// Rate of the treated minus rate of the control group.
    pub difference_ppm: i64,
    /// Lower end of the interval of 95 %, of sampling and noise together.
    pub low_ppm: i64,
    /// Upper end.
    pub high_ppm: i64,
    /// How probable a difference as large as this, either way, would be if treating did nothing.
    pub p_value_ppm: u64,
}

/// The figures of a section of arms; none if one of the arms is hidden.
pub(super) fn lifted(section: &Section, of: &TableTerms) -> Option<LiftFigures> {
    let [treated, control] = &section.rows[..] else { return None };
    let arm = |row: &tiers_protocol::report::Row| {
        Some(ArmCount { leads: row.figures.leads?, noisy: row.figures.noisy?.count })
    };
    let found = lift(arm(treated)?, arm(control)?, of.counts().sigma())?;
    Some(LiftFigures {
        difference_ppm: found.difference_ppm,
        low_ppm: found.low_ppm,
        high_ppm: found.high_ppm,
        p_value_ppm: found.p_value_ppm,
    })
}
