//! The release gate: accounts, calibrated noise, intervals, display and plans.
//!
//! Pure: no file, no socket, no SQL, no clock; randomness comes in as a [`Noise`]. Exact values
//! enter once, as [`ExactTables`], and are consumed by [`release`]; everything after that works on
//! noisy values and public facts alone, so nothing that is shown or refused can depend on an exact
//! value; but for the totals that a policy of its own gives and every partner agreed to (`exact`). It does not match, count or store anything, and it does not sign.
//! Specified in `docs/statistics.md` (formulas), `docs/privacy.md` (what is proven) and
//! `docs/formats/report.md`.

mod account;
mod consistency;
mod error;
mod exact;
mod figures;
mod gate;
mod interval;
mod lifted;
mod mechanism;
mod noise;
mod own_count;
mod plan;
mod planned;
mod pool;
mod public;
mod secondary;
mod summary;
mod terms;
mod trend;

pub use account::{Account, AccountError};
pub use error::GateError;
pub use exact::EveryPartnerAgreed;
pub use figures::{recompute, write_report};
pub use gate::{ExactTables, NoisyTables, release};
pub use interval::{HalfWidth, ratio_interval};
pub use lifted::LiftFigures;
pub use mechanism::Mechanism;
pub use noise::{Noise, OpenDpNoise};
pub use own_count::{ExactOwnCount, OwnCountTerms};
pub use plan::{CampaignPlan, Plan, PlanRefusal, PublicFacts, plan};
pub use planned::{Alternative, Change, SectionPlan};
pub use pool::{DOMINANCE_PERMILLE, DealerCell, Declared, POOL_MIN, SIZE_CLASSES, cells};
pub use public::{PublicAxes, PublicCampaign};
pub use summary::{Delay, NetworkPlaces, Place, Quadrant, Quantile, Summary, summary};
pub use terms::{Law, MAX_ROWS, TableTerms, Terms};
pub use trend::{AVERAGED, Trend, TrendMonth, TrendRow, trend};

#[cfg(test)]
mod tests;
