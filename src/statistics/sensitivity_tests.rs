//! Does a unit move the tables no further than declared? Random worlds, random replacements of one
//! unit's rows, and mutants that the same checker must catch.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use tiers_protocol::policy::ClampCents;

use super::{
    CampaignCount, StatisticsError,
    bounds::{
        conversion_sensitivity, pair_cost_nrho, revenue_beside_conversion, revenue_sensitivity,
    },
    conversion, revenue,
};
use crate::{
    matching::{
        MatchRules, UnitMonth, attribute,
        worlds::{CAMPAIGNS, Dice, Unit, World, cases},
    },
    vault::{Day, Month, Value, VaultRow},
};

const CASES: u64 = 10_000;

fn clamp() -> ClampCents {
    ClampCents::new(4_000_000).unwrap()
}

/// How a table is made from the deposits; mutants give another.
type Table = fn(&World, Month) -> Vec<i64>;

fn units(world: &World) -> Vec<UnitMonth> {
    attribute(&world.sales, &world.leads, &world.rules).unwrap()
}

fn counts(world: &World, month: Month) -> Vec<i64> {
    conversion(&units(world), month, CampaignCount::new(CAMPAIGNS)).unwrap().into_exact()
}

fn centred(world: &World, month: Month) -> Vec<i64> {
    revenue(&units(world), month, CampaignCount::new(CAMPAIGNS), clamp()).unwrap().into_exact()
}

/// Two worlds that differ in one unit's rows only.
struct Neighbours {
    before: World,
    after: World,
    /// The month of the rows that differ; none if rows of all months may.
    month: Option<Month>,
    months: BTreeSet<Month>,
}

impl Neighbours {
    /// Replaces the unit's rows of one month, or of all months, by none or by others.
    fn new(seed: u64, one_month: bool) -> Self {
        let mut dice = Dice::new(seed);
        let before = World::new(&mut dice);
        let mut after = World::new(&mut Dice::new(seed));
        let rows = before.all_sales();
        // Mostly a unit that is there, sometimes one that nobody has seen.
        let seen: Vec<_> = rows.iter().filter_map(Unit::of).collect();
        let unit = if seen.is_empty() || dice.once_in(4) {
            before.any_unit(&mut dice)
        } else {
            dice.of(&seen)
        };
        let of_unit: Vec<_> = rows.iter().filter(|row| unit.has(row)).collect();
        let date = of_unit.first().map_or(Day::from_epoch_days(19_783), |row| row.date);
        let month = one_month.then(|| date.month());
        let touched =
            |row: &VaultRow| unit.has(row) && month.is_none_or(|month| row.date.month() == month);
        for deposit in &mut after.sales {
            deposit.retain(|row| !touched(row));
        }
        if after.sales.is_empty() {
            after.sales.push(Vec::new());
        }
        for _ in 0..dice.below(5) {
            let mut row = planted(&after, &unit, date, &mut dice);
            if one_month && row.date.month() != date.month() {
                row.date = date;
            }
            let place = dice.of(&(0..after.sales.len()).collect::<Vec<_>>());
            after.sales[place].push(row);
        }
        let both = before.all_sales().into_iter().chain(after.all_sales());
        let months = both.map(|row| row.date.month()).collect();
        Self { before, after, month, months }
    }

    /// Squared distance of one month's table.
    fn moved(&self, table: Table, month: Month) -> u128 {
        let (before, after) = (table(&self.before, month), table(&self.after, month));
        let square = |(a, b): (&i64, &i64)| u128::from(a.abs_diff(*b)).pow(2);
        before.iter().zip(&after).map(square).sum()
    }

    /// Sum of the squared distances of all months' tables.
    fn moved_in_all(&self, table: Table) -> u128 {
        self.months.iter().map(|month| self.moved(table, *month)).sum()
    }
}

/// A row under the unit's key, as a captive dealer would plant it: often a copy of a real row with
/// another amount, or with the identifiers of somebody else.
fn planted(world: &World, unit: &Unit, date: Day, dice: &mut Dice) -> VaultRow {
    let mut row = world.sale(dice);
    unit.claim(&mut row);
    if dice.once_in(2) {
        let shift = dice.of(&[-1, 0, 0, 1, 3]);
        row.date = Day::from_epoch_days(date.epoch_days() + shift);
    }
    row
}

/// What the worst case was, over all cases.
#[derive(Default)]
struct Worst {
    in_month: u128,
    in_all: u128,
}

fn worst(table: Table) -> Worst {
    let mut worst = Worst::default();
    for seed in 0..cases(CASES) {
        let pair = Neighbours::new(seed, true);
        let month = pair.month.unwrap();
        worst.in_month = worst.in_month.max(pair.moved(table, month));
        worst.in_all = worst.in_all.max(pair.moved_in_all(table));
    }
    worst
}

#[test]
fn one_unit_moves_the_counts_by_two_at_most() {
    let bound = conversion_sensitivity().squared_l2();
    let worst = worst(counts);
    // Reached, and never exceeded: not in its month, not in all months together.
    assert_eq!(worst.in_month, bound);
    assert_eq!(worst.in_all, bound);
}

#[test]
fn one_unit_moves_revenue_by_the_clamp_at_most() {
    let bound = revenue_sensitivity(clamp()).squared_l2();
    let worst = worst(centred);
    assert_eq!(worst.in_month, bound);
    assert_eq!(worst.in_all, bound);
    // What holds beside the counts is no bound alone.
    assert!(worst.in_month > revenue_beside_conversion(clamp()).squared_l2());
}

#[test]
fn both_tables_together_cost_no_more_than_the_pair() {
    let (conversion_nrho, revenue_nrho) = (45_000_000_u64, 37_500_000_u64);
    let bound = u128::from(pair_cost_nrho(conversion_nrho, revenue_nrho).unwrap());
    let half = 2_000_000_u128;
    // Costs are exact in units of nano-rho over 4 h^2 (revenue) and over 2 (counts).
    let scale = 4 * half * half;
    let mut reached = 0;
    for seed in 0..cases(CASES) {
        let pair = Neighbours::new(seed, true);
        let (people, cents) = (pair.moved_in_all(counts), pair.moved_in_all(centred));
        let cost =
            people * u128::from(conversion_nrho) * scale / 2 + cents * 2 * u128::from(revenue_nrho);
        assert!(cost <= bound * scale, "case {seed}");
        reached = reached.max(cost);
        // Each substitution is one of the cases of the table in `bounds`.
        let allowed = match people {
            0 => scale,
            1 => half * half,
            _ => 2 * half * half,
        };
        assert!(people <= 2 && cents <= allowed, "case {seed}");
    }
    assert_eq!(reached, bound * scale);
}

#[test]
fn over_a_year_a_unit_moves_the_counts_by_twice_its_months() {
    let mut full = 0;
    for seed in 0..cases(CASES) {
        let pair = Neighbours::new(seed, false);
        let years: BTreeSet<_> = pair.months.iter().map(|month| month.year()).collect();
        let limit = 2 * u128::from(pair.before.rules.sale_months_per_year.value());
        for year in years {
            let of_year = pair.months.iter().filter(|month| month.year() == year);
            let moved: u128 = of_year.map(|month| pair.moved(counts, *month)).sum();
            assert!(moved <= limit, "case {seed}");
            full += u32::from(moved == limit);
        }
    }
    // The bound is reached, so it is not loose by accident.
    assert!(full > 0);
}

/// Mutant: counts leads that found a sale, instead of units that converted.
fn counting_leads(world: &World, month: Month) -> Vec<i64> {
    let mut cells = vec![0; usize::from(CAMPAIGNS)];
    for lead in world.all_leads() {
        let Value::Lead { campaign } = lead.value else { continue };
        let met = |sale: &VaultRow| {
            let age = sale.date.epoch_days() - lead.date.epoch_days();
            let window = i32::try_from(world.rules.window_days.value()).unwrap();
            let shares = |kind: &tiers_contact::Kind| {
                sale.token(*kind).is_some() && sale.token(*kind) == lead.token(*kind)
            };
            sale.date.month() == month
                && (0..=window).contains(&age)
                && world.rules.kinds.iter().any(shares)
        };
        cells[usize::from(campaign)] += i64::from(world.all_sales().iter().any(met));
    }
    cells
}

/// Mutant: counts rows instead of units.
fn counting_rows(world: &World, month: Month) -> Vec<i64> {
    let mut cells = vec![0; usize::from(CAMPAIGNS)];
    for row in world.all_sales() {
        let single = World::of_rows(vec![vec![row]], world);
        for (cell, more) in cells.iter_mut().zip(counts(&single, month)) {
            *cell += more;
        }
    }
    cells
}

/// Mutant: lets a unit enter as many months as it likes.
fn without_limit_of_months(world: &World, month: Month) -> Vec<i64> {
    let months = tiers_protocol::policy::SaleMonthsPerYear::new(12).unwrap();
    let rules = MatchRules { sale_months_per_year: months, ..world.rules.clone() };
    let found = attribute(&world.sales, &world.leads, &rules).unwrap();
    conversion(&found, month, CampaignCount::new(CAMPAIGNS)).unwrap().into_exact()
}

/// Mutant: sums revenue as it is, up to what the integers of the checker hold.
fn without_clamp(world: &World, month: Month) -> Vec<i64> {
    let mut cells = vec![0; usize::from(CAMPAIGNS)];
    for unit in units(world).iter().filter(|unit| unit.month() == month) {
        let Some(by) = unit.conversion() else { continue };
        let cents = by.revenue_cents().min(100_000_000_000);
        cells[usize::from(by.campaign())] += i64::try_from(cents).unwrap();
    }
    cells
}

#[test]
fn the_checker_catches_mutants() {
    let people = conversion_sensitivity().squared_l2();
    assert!(worst(counting_leads).in_month > people);
    assert!(worst(counting_rows).in_month > people);
    assert!(worst(without_clamp).in_month > revenue_sensitivity(clamp()).squared_l2());
    let exceeds = |seed| {
        let pair = Neighbours::new(seed, false);
        let limit = 2 * u128::from(pair.before.rules.sale_months_per_year.value());
        let of = |year| pair.months.iter().filter(move |month| month.year() == year);
        let moved = |year| -> u128 {
            of(year).map(|month| pair.moved(without_limit_of_months, *month)).sum()
        };
        [2023, 2024, 2025].into_iter().any(|year| moved(year) > limit)
    };
    assert!((0..CASES).any(exceeds));
}

#[test]
fn campaigns_that_do_not_exist_are_refused() {
    let found = (0..)
        .map(|seed| World::new(&mut Dice::new(seed)))
        .map(|world| units(&world))
        .find_map(|units| {
            let converted = units.iter().find(|unit| unit.conversion().is_some())?;
            Some(conversion(&units, converted.month(), CampaignCount::new(0)).err())
        });
    assert_eq!(found, Some(Some(StatisticsError::UnknownCampaign)));
}
