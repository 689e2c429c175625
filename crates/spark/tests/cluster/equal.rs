//! Asks both: the embedded engine and the cluster.

use tiers_contact::Kind;
use tiers_engine::crypto::chain::VaultToken;
use tiers_engine::crypto::random::OsRandom;
use tiers_engine::matching::naive::Admitted;
use tiers_engine::matching::{Admission, Armed, MatchError, attribute, attribute_armed, left_out};
use tiers_engine::statistics::{ExactTable, MonthlyTables, StatisticsError};
use tiers_engine::vault::{Month, Segments};
use tiers_protocol::policy::SectionId;
use tiers_spark::{Cluster, ClusterError, Counting};

/// The cells of each section, and its centred revenue.
pub type Exact = Vec<(SectionId, Vec<i64>, Option<Vec<i64>>)>;

/// What the embedded engine counts.
pub fn embedded<S: Segments, L: Segments>(
    of: &Counting<'_, S, L>,
    admitted: &mut Admitted,
) -> Exact {
    let mut tables = MonthlyTables::new(of.sections, of.layout.clone()).unwrap();
    let mut admission = At { admitted, month: of.how.month };
    let add = |unit| tables.add(unit).map_err(Failed::from);
    attribute(of.sales, of.leads, of.how, &mut admission, add).unwrap();
    exact(tables.finish())
}

/// The same where leads say their arms.
pub fn embedded_armed<S: Segments, L: Segments>(
    of: &Counting<'_, S, Armed<L>>,
    admitted: &mut Admitted,
) -> Exact {
    let mut tables = MonthlyTables::new(of.sections, of.layout.clone()).unwrap();
    let mut admission = At { admitted, month: of.how.month };
    let add = |unit| tables.add(unit).map_err(Failed::from);
    attribute_armed(of.sales, of.leads, of.how, &mut admission, add).unwrap();
    exact(tables.finish())
}

/// What the cluster counts of the units that are admitted here, and how many the month leaves out.
pub fn clustered<S: Segments, L: Segments>(
    cluster: &Cluster,
    of: &Counting<'_, S, L>,
    admitted: &mut Admitted,
) -> Result<(Exact, usize), Failed> {
    let mut admission = At { admitted, month: of.how.month };
    let mut out = Vec::new();
    left_out(of.sales, of.how.month, of.how.effort, &mut admission, |kind, token| {
        out.push((kind, token));
        Ok(())
    })?;
    Ok((exact(cluster.count(of, &out, &mut OsRandom::default())?), out.len()))
}

fn exact(tables: Vec<ExactTable>) -> Exact {
    let open = |table: ExactTable| {
        let section = table.section();
        let (counts, cents) = table.into_exact();
        (section, counts, cents)
    };
    tables.into_iter().map(open).collect()
}

/// The rule of admission, for a release of one month.
struct At<'a> {
    admitted: &'a mut Admitted,
    month: Month,
}

impl Admission for At<'_> {
    type Error = Failed;

    fn admit(&mut self, kind: Kind, unit: VaultToken) -> Result<bool, Failed> {
        self.admitted.at(self.month).admit(kind, unit).map_err(Failed::from)
    }
}

/// Any error of both, by its code.
#[derive(Debug, PartialEq, Eq)]
pub struct Failed(pub &'static str);

impl From<ClusterError> for Failed {
    fn from(error: ClusterError) -> Self {
        Self(error.code())
    }
}

impl From<MatchError> for Failed {
    fn from(error: MatchError) -> Self {
        Self(error.code())
    }
}

impl From<StatisticsError> for Failed {
    fn from(error: StatisticsError) -> Self {
        Self(error.code())
    }
}
