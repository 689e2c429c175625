//! The product without its edges: units, contributions, gate, noise and account, for attacks that need
//! thousands of coin flips. The only file of the red team that knows how tables are laid out.

use tiers::disclosure::{
    Account, ExactTables, GateError, Mechanism, Noise, OpenDpNoise, PublicAxes, PublicCampaign,
    TableTerms, Terms, release,
};
use tiers::matching::{
    Admission, Attribution, Effort, MatchError, MatchRules, Partners, attribute,
};
use tiers::statistics::{CampaignCount, ExactTable, Layout, MonthlyTables};
use tiers::vault::Month;
use tiers_protocol::policy::{Policy, SaleMonthsPerYear};

use super::oracle::{Answer, Fresh, Oracle};
use super::scene::{Scene, month};

/// Units, contributions and terms of one policy over so many campaigns.
#[derive(Clone)]
pub struct Engine {
    policy: Policy,
    rules: MatchRules,
    campaigns: u16,
    terms: Terms,
}

/// The exact tables of one scene, in the order of the report's sections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables(pub Vec<Table>);

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Persons by cell.
    pub counts: Vec<i64>,
    /// Centred cents by cell.
    pub sums: Option<Vec<i64>>,
}

impl Table {
    fn values(&self) -> impl Iterator<Item = (i64, i64)> {
        let counts = self.counts.iter().map(|count| (*count, *count));
        let sums = self.sums.iter().flatten().copied().zip(self.counts.iter().copied());
        counts.chain(sums)
    }
}

impl Tables {
    /// Every value beside the count of its cell.
    pub fn values(&self) -> Vec<(i64, i64)> {
        self.0.iter().flat_map(Table::values).collect()
    }

    fn flat(&self) -> Vec<i64> {
        self.values().into_iter().map(|(value, _)| value).collect()
    }
}

/// Everybody counts in the one month that is asked for.
struct Everybody;

impl Admission for Everybody {
    type Error = MatchError;

    fn admit(
        &mut self,
        _: tiers_contact::Kind,
        _: tiers::crypto::chain::VaultToken,
    ) -> Result<bool, MatchError> {
        Ok(true)
    }
}

impl Engine {
    /// Under a policy.
    pub fn of(policy: &Policy, campaigns: u16) -> Self {
        let campaign =
            |n| PublicCampaign { name: format!("C{n}"), leads: 1_000, cost_cents: 1_000_000 };
        let axes = PublicAxes::of_campaigns((0..campaigns).map(campaign).collect());
        let terms = Terms::of(policy, &axes).unwrap();
        let rules = MatchRules::of(policy);
        Self { policy: policy.clone(), rules, campaigns, terms }
    }

    /// What one report costs, in rho.
    pub fn rho(&self) -> f64 {
        self.terms.cost_nrho() as f64 / 1e9
    }

    /// What one report costs, in nano-rho.
    pub fn cost_nrho(&self) -> u64 {
        self.terms.cost_nrho()
    }

    /// How many reports of a month the account pays.
    pub fn reports_in_cap(&self) -> u64 {
        self.policy.cap_nrho().value() / self.terms.cost_nrho()
    }

    /// The campaigns: as many cells of conversions come first, then as many of revenue.
    pub fn campaigns(&self) -> usize {
        self.campaigns.into()
    }

    /// In how many months of a year a person counts.
    pub fn months_a_year(&self) -> SaleMonthsPerYear {
        self.policy.sale_months_per_year()
    }

    /// Half the clamp, in cents.
    pub fn centre_cents(&self) -> i64 {
        i64::try_from(self.terms.centre_cents()).unwrap()
    }

    /// The scales of the noise, in the order of the values of an answer.
    pub fn sigmas(&self) -> Vec<f64> {
        let scales = |table: &TableTerms| {
            let each = |mechanism: &Mechanism| vec![mechanism.sigma(); table.rows()];
            [each(table.counts()), table.sums().map(each).unwrap_or_default()].concat()
        };
        self.terms.tables().iter().flat_map(scales).collect()
    }

    /// The exact tables of the month, which never leave the certifier.
    pub fn exact(&self, scene: &Scene) -> Tables {
        self.exact_of(month(), scene, &mut Everybody)
    }

    /// The exact tables of any month, for whom the admission counts.
    pub fn exact_of(
        &self,
        month: Month,
        scene: &Scene,
        admission: &mut impl Admission<Error = MatchError>,
    ) -> Tables {
        let campaigns = CampaignCount::new(self.campaigns);
        let sections: Vec<_> = self.policy.templates().iter().map(|one| one.section()).collect();
        let layout = Layout::new(month, campaigns, self.policy.clamp_cents());
        let mut tables = MonthlyTables::new(&sections, layout).unwrap();
        let effort = Effort::threads(1).parts(1);
        let partners = Partners::default();
        let how = Attribution { rules: &self.rules, month, partners: &partners, effort };
        let (sales, leads) = ([scene.sales.clone()], [scene.leads.clone()]);
        let added = attribute(&sales, &leads, &how, admission, |unit| {
            tables.add(unit).unwrap();
            Ok(())
        });
        added.unwrap();
        let opened = tables.finish().into_iter().map(|table| {
            let (counts, sums) = table.into_exact();
            Table { counts, sums }
        });
        Tables(opened.collect())
    }

    /// What the gate makes of exact tables.
    pub fn noisy(&self, exact: Tables, noise: &mut impl Noise) -> Result<Answer, GateError> {
        let sections = self.terms.tables().iter().map(TableTerms::section);
        let tables = exact.0.into_iter().zip(sections);
        let tables =
            tables.map(|(table, section)| ExactTable::new(section, table.counts, table.sums));
        let noisy = release(ExactTables::new(tables.collect()), &self.terms, noise)?;
        let noisy = serde_json::to_value(&noisy).unwrap();
        let columns = noisy["tables"].as_array().unwrap().iter().flat_map(|table| {
            ["counts", "centred_cents"].into_iter().filter_map(|name| table[name].as_array())
        });
        Ok(Answer(columns.flatten().map(|value| Some(value.as_i64().unwrap())).collect()))
    }
}

/// The gate with the account of one month. The adversary is given more than a report shows: every noisy
/// value, those of hidden rows too.
pub struct Gate<N> {
    engine: Engine,
    noise: N,
    account: Account,
}

impl<N: Noise> Oracle for Gate<N> {
    fn ask(&mut self, scene: &Scene) -> Option<Answer> {
        self.account = self.account.debit(self.engine.cost_nrho()).ok()?;
        Some(self.engine.noisy(self.engine.exact(scene), &mut self.noise).unwrap())
    }

    fn weigh(&self, answer: &Answer, zero: &Scene, one: &Scene) -> f64 {
        likelihood(&self.engine, answer, zero, one)
    }
}

/// The logarithm of the ratio of likelihoods under Gaussian noise, over all values together.
pub fn likelihood(engine: &Engine, answer: &Answer, zero: &Scene, one: &Scene) -> f64 {
    weight(engine, answer, &engine.exact(zero), &engine.exact(one))
}

/// The same between two exact tables.
pub fn weight(engine: &Engine, answer: &Answer, zero: &Tables, one: &Tables) -> f64 {
    let expected = zero.flat().into_iter().zip(one.flat());
    let seen = answer.0.iter().zip(engine.sigmas());
    let gain = |((a, b), (seen, sigma)): ((i64, i64), (&Option<i64>, f64))| {
        let Some(seen) = seen else { return 0.0 };
        let middle = f64::midpoint(a as f64, b as f64);
        (b - a) as f64 * (*seen as f64 - middle) / (sigma * sigma)
    };
    expected.zip(seen).map(gain).sum()
}

/// Makes gates, each with a full account.
#[derive(Clone)]
pub struct Gates<N> {
    /// The engine behind them.
    pub engine: Engine,
    noise: N,
}

impl Gates<OpenDpNoise> {
    /// Gates with the noise of production under the standard policy.
    pub fn standard(campaigns: u16) -> Self {
        Self::with(OpenDpNoise, campaigns)
    }
}

impl<N> Gates<N> {
    /// Gates with another noise.
    pub fn with(noise: N, campaigns: u16) -> Self {
        Self { engine: Engine::of(&super::standard(), campaigns), noise }
    }
}

impl<N: Noise + Clone> Fresh for Gates<N> {
    type Oracle = Gate<N>;

    fn fresh(&self) -> Gate<N> {
        let account = Account::open(self.engine.policy.cap_nrho());
        let (engine, noise) = (self.engine.clone(), self.noise.clone());
        Gate { engine, noise, account }
    }
}
