//! A whole year: somebody who buys every month, and an adversary who spends every account.

use tiers::matching::naive::Admitted;
use tiers::matching::{Admission, MatchError};
use tiers::vault::Month;
use tiers_contact::Kind;

use crate::bench::catalogue::attack;
use crate::bench::engine::{Engine, Gates, Tables, weight};
use crate::bench::scene::{Scene, lead_on, sale_on, somebody};
use crate::bench::{Dice, count};

/// What one world gives to one report after another.
type Year = Vec<Tables>;

/// The months of 2025 in the order in which they are asked.
fn months() -> Vec<Month> {
    (1..=12).rev().map(|number| Month::new(2025, number).unwrap()).collect()
}

/// The exact tables of every report of the year; who counts where is decided as the reports come.
fn year(engine: &Engine, scene: &Scene, limited: bool) -> Year {
    let mut admitted = Admitted::new(engine.months_a_year());
    let mut reports = Vec::new();
    for month in months() {
        for _ in 0..engine.reports_in_cap() {
            let tables = if limited {
                engine.exact_of(month, scene, &mut admitted.at(month))
            } else {
                engine.exact_of(month, scene, &mut Everybody)
            };
            reports.push(tables);
        }
    }
    reports
}

/// The control: nobody counts the months.
struct Everybody;

impl Admission for Everybody {
    type Error = MatchError;

    fn admit(&mut self, _: Kind, _: tiers::crypto::chain::VaultToken) -> Result<bool, MatchError> {
        Ok(true)
    }
}

/// The share of right guesses over so many people, each a buyer of every month or of none.
fn guessed(gates: &Gates<tiers::disclosure::OpenDpNoise>, trials: usize, seed: u64) -> f64 {
    let engine = &gates.engine;
    let (mut dice, mut right) = (Dice(seed), 0);
    let [nobody, buyer] = worlds(&mut dice).map(|scene| year(engine, &scene, true));
    for _ in 0..trials {
        let second = dice.below(2) == 1;
        let truth = if second { &buyer } else { &nobody };
        let mut sum = 0.0;
        for (report, zero, one) in
            truth.iter().zip(&nobody).zip(&buyer).map(|((t, z), o)| (t, z, o))
        {
            // Months in which both worlds say the same tell nothing, whatever the noise.
            if zero != one {
                let mut noise = tiers::disclosure::OpenDpNoise;
                let answer = engine.noisy(report.clone(), &mut noise).unwrap();
                sum += weight(engine, &answer, zero, one);
            }
        }
        right += usize::from((sum > 0.0) == second);
    }
    right as f64 / trials as f64
}

/// Somebody who never bought, or once in every month, after a lead that is never too old.
fn worlds(dice: &mut Dice) -> [Scene; 2] {
    let target = somebody(dice);
    let mut scene = Scene::default();
    let mut sales = Vec::new();
    for month in 0..12 {
        scene.leads.push(lead_on(target, 0, 30 * month - 20));
        sales.push(sale_on(target, 40_000, 30 * month + 16));
    }
    let buyer = Scene { sales, ..scene.clone() };
    [scene, buyer]
}

#[test]
fn r01_a_buyer_of_every_month_is_told_by_no_more_than_the_months_that_count() {
    let gates = Gates::standard(2);
    let engine = &gates.engine;
    let [nobody, buyer] = worlds(&mut Dice(1));
    let months_told = |limited| {
        let (zero, one) = (year(engine, &nobody, limited), year(engine, &buyer, limited));
        let different = zero.iter().zip(&one).filter(|(a, b)| a != b).count();
        different as u64 / engine.reports_in_cap()
    };
    assert_eq!(months_told(true), engine.months_a_year().value());
    // Without the limit every month tells, so the control knows six times as much as was accounted.
    let control = f64::from(u8::from(months_told(false) == 12));
    let trials = count(4_000, 800);
    attack("R1").judge(control, trials, |seed| guessed(&gates, trials, seed));
}
