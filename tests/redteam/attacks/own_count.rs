//! What a dealer is told of itself, used against the brand's leads (T23): it plants people whom it knows among them,
//! and one about whom it asks.

use tiers::disclosure::{Account, ExactOwnCount, OpenDpNoise, OwnCountTerms};
use tiers::matching::{
    Admission, Attribution, Effort, MatchError, MatchRules, Partners, attribute, leads_that_bought,
};
use tiers::vault::{Month, VaultRow};
use tiers_contact::Kind;
use tiers_protocol::policy::Policy;

use crate::bench::catalogue::attack;
use crate::bench::scene::{lead, lead_by, month, sale, sale_by, somebody};
use crate::bench::{Dice, count, standard};

/// The month of the leads of these scenes.
fn april() -> Month {
    Month::new(2025, 4).unwrap()
}

/// Leads and the sales that a dealer plants.
struct Planted {
    leads: Vec<VaultRow>,
    sales: Vec<VaultRow>,
}

impl Planted {
    /// Ten known leads and the target in the dealer's file; the target is a lead, or is not.
    fn new(is_lead: bool, dice: &mut Dice) -> Self {
        let (target, others) = (somebody(dice), somebody(dice));
        let mut leads: Vec<_> = (0..60).map(|n| lead(others + n, 0)).collect();
        leads.extend(is_lead.then(|| lead(target, 0)));
        let mut sales: Vec<_> = (0..10).map(|n| sale(others + n, 20_000)).collect();
        sales.push(sale(target, 20_000));
        Self { leads, sales }
    }

    fn persons(&self, policy: &Policy) -> u64 {
        let (sales, leads) = ([self.sales.clone()], [self.leads.clone()]);
        let how = (&MatchRules::of(policy), april());
        leads_that_bought(&sales, &leads, how, Effort::threads(1).parts(1)).unwrap()
    }
}

/// What so many dealers are told who all plant the same: noisy counts, as long as the account pays.
fn told(policy: &Policy, dealers: u64, persons: u64) -> Vec<i64> {
    let cap = policy.own_count_cap_nrho().unwrap();
    let terms = OwnCountTerms::of(cap, dealers).unwrap();
    let mut account = Account::open(cap);
    let mut told = Vec::new();
    // Twice as many as there are dealers, for whom no share is left.
    for _ in 0..2 * dealers {
        let Ok(after) = account.debit(terms.cost_nrho()) else { break };
        account = after;
        told.push(terms.release(ExactOwnCount::new(persons), &mut OpenDpNoise).unwrap());
    }
    told
}

/// The share of right guesses: of ten known leads and the target, more than ten and a half on average.
fn accuracy(trials: usize, seed: u64, answers: impl Fn(u64) -> Vec<i64>) -> f64 {
    let policy = standard();
    let mut dice = Dice(seed);
    let mut right = 0;
    for _ in 0..trials {
        let is_lead = dice.below(2) == 1;
        let heard = answers(Planted::new(is_lead, &mut dice).persons(&policy));
        let guess = 2 * heard.iter().sum::<i64>() > 21 * i64::try_from(heard.len()).unwrap();
        right += usize::from(guess == is_lead);
    }
    right as f64 / trials as f64
}

/// An exact count that is shown from eleven on.
fn exact(persons: u64) -> Vec<i64> {
    vec![if persons >= 11 { i64::try_from(persons).unwrap() } else { 0 }]
}

#[test]
fn sta_08_t23_one_dealer_learns_little_of_one_lead_from_its_own_count() {
    let (policy, trials) = (standard(), count(4_000, 800));
    let control = accuracy(count(400, 60), 0, exact);
    attack("T23o").judge(control, trials, |seed| {
        accuracy(trials, seed, |persons| told(&policy, 10, persons)[..1].to_vec())
    });
}

#[test]
fn sta_08_t23_all_dealers_together_learn_no_more_of_one_lead_than_the_account_pays() {
    let (policy, trials) = (standard(), count(4_000, 800));
    let control = accuracy(count(400, 60), 0, exact);
    for dealers in [10, 40] {
        attack("T23a").judge(control, trials, |seed| {
            accuracy(trials, seed, |persons| told(&policy, dealers, persons))
        });
    }
}

/// Everybody counts.
struct Everybody;

impl Admission for Everybody {
    type Error = MatchError;

    fn admit(&mut self, _: Kind, _: tiers::crypto::chain::VaultToken) -> Result<bool, MatchError> {
        Ok(true)
    }
}

/// The dealer's cell of a report: its units that converted.
fn cell(policy: &Policy, sales: &[VaultRow], leads: &[VaultRow]) -> i64 {
    let (rules, partners) = (MatchRules::of(policy), Partners::default());
    let effort = Effort::threads(1).parts(1);
    let how = Attribution { rules: &rules, month: month(), partners: &partners, effort };
    let mut units = 0;
    let counted = attribute(&[sales.to_vec()], &[leads.to_vec()], &how, &mut Everybody, |unit| {
        units += i64::from(unit.conversion().is_some());
        Ok(())
    });
    counted.map(|()| units).unwrap()
}

#[test]
fn t23_a_lead_weighs_one_however_many_rows_a_dealer_plants_for_it() {
    let policy = standard();
    let mut dice = Dice(23);
    let worlds = count(1_000, 100);
    let (mut betrayed, mut broken) = (0, 0);
    for _ in 0..worlds {
        let (target, others) = (somebody(&mut dice), somebody(&mut dice));
        // A hundred buyers of other addresses, all with the telephone of the target.
        let planted =
            |n| sale_by(&[(Kind::Email, others + n), (Kind::Mobile, target)], 20_000, 162);
        let sales: Vec<_> = (0..100).map(planted).collect();
        let with = [lead_by(&[(Kind::Email, target), (Kind::Mobile, target)], 0)];
        // In the cell of a report the lead weighs a hundred: no noise of a report hides that.
        betrayed += usize::from(cell(&policy, &sales, &with) - cell(&policy, &sales, &[]) >= 100);
        let persons = |leads: &[VaultRow]| {
            Planted { leads: leads.to_vec(), sales: sales.clone() }.persons(&policy)
        };
        broken += usize::from(persons(&with).abs_diff(persons(&[])) != 1);
    }
    attack("T23u").judge(betrayed as f64 / worlds as f64, worlds, |_| broken as f64);
}
