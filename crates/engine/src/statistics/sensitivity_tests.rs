//! Does a unit move the tables no further than proven? Random histories of arrivals and reports,
//! random replacements of one unit's rows, and mutants that the same checker must catch. The two
//! statements are those of `docs/privacy.md`: for rows of one month, and for a year.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use tiers_protocol::policy::{SaleMonthsPerYear, SectionId, TemplateId};

use super::{
    CampaignCount, Layout, MonthlyTables, StatisticsError,
    bounds::{
        conversion_sensitivity, pair_cost_nrho, revenue_beside_conversion, revenue_sensitivity,
    },
    desks::{
        ByPartner, COUNTED, CountingLeads, CountingRows, Desk, Earliest, Forgetting, LookingBack,
        Merging, OneToOne, Product, SECTIONS, StopList, Tables, Unclamped, Unlimited, clamp,
    },
    histories::Neighbours,
};
use crate::{
    matching::{
        Effort,
        naive::Admitted,
        worlds::{Dice, World, cases, collected},
    },
    vault::Month,
};

const CASES: u64 = 10_000;

/// Half the clamp.
const HALF: u128 = 2_000_000;

/// Prices of the standard policy, in nano-rho.
const CONVERSION_NRHO: u64 = 45_000_000;
const REVENUE_NRHO: u64 = 37_500_000;

/// Costs are exact in units of nano-rho over this.
const SCALE: u128 = 4 * HALF * HALF;

/// How far one report moves, or the worst of several: squared distances of each counted section and of
/// revenue; the cost of conversions and revenue, and that of all.
#[derive(Clone, Copy, Default)]
struct Moved {
    counts: [u128; COUNTED],
    cents: u128,
    pair: u128,
    cost: u128,
}

impl Moved {
    fn between(a: &Tables, b: &Tables) -> Self {
        let mut counts = [0; COUNTED];
        for (moved, (a, b)) in counts.iter_mut().zip(a.counts.iter().zip(&b.counts)) {
            *moved = squared(a, b);
        }
        let cents = squared(&a.cents, &b.cents);
        let priced = |(moved, price): (&u128, u64)| moved * u128::from(price) * SCALE / 2;
        let mut costs = counts.iter().zip(prices()).map(priced);
        let pair = costs.next().unwrap() + cents * 2 * u128::from(REVENUE_NRHO);
        Self { counts, cents, pair, cost: pair + costs.sum::<u128>() }
    }

    /// Units of conversions.
    const fn people(&self) -> u128 {
        self.counts[0]
    }

    fn is_still(&self) -> bool {
        self.cost == 0
    }

    fn with(self, other: Self, of: fn(u128, u128) -> u128) -> Self {
        let mut counts = self.counts;
        counts.iter_mut().zip(other.counts).for_each(|(to, other)| *to = of(*to, other));
        Self {
            counts,
            cents: of(self.cents, other.cents),
            pair: of(self.pair, other.pair),
            cost: of(self.cost, other.cost),
        }
    }

    fn worst(self, other: Self) -> Self {
        self.with(other, Ord::max)
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
}

/// What the counted sections cost, in nano-rho.
fn prices() -> impl Iterator<Item = u64> {
    let counted = SECTIONS.into_iter().filter(|section| section.template != TemplateId::Revenue);
    counted.map(|section| section.standard_cost_nrho().unwrap())
}

fn squared(a: &[i64], b: &[i64]) -> u128 {
    a.iter().zip(b).map(|(a, b)| u128::from(a.abs_diff(*b)).pow(2)).sum()
}

/// Every report of two neighbouring histories: how far it moves.
fn reports<D: Desk>(pair: &Neighbours) -> Vec<(Month, Moved)> {
    let played = |which| {
        let mut desk = D::open(pair.limit);
        pair.play(which, |seen| desk.answer(seen))
    };
    let (before, after) = (played(0), played(1));
    let both = before.iter().zip(&after);
    both.map(|((month, a), (_, b))| (*month, Moved::between(a, b))).collect()
}

/// The worst report of each month: any of them could have been bought with all of its account.
fn by_month(reports: &[(Month, Moved)]) -> BTreeMap<Month, Moved> {
    let mut worst = BTreeMap::new();
    for (month, moved) in reports {
        let entry = worst.entry(*month).or_insert_with(Moved::default);
        *entry = entry.worst(*moved);
    }
    worst
}

fn sum(months: impl Iterator<Item = Moved>) -> Moved {
    months.fold(Moved::default(), Moved::plus)
}

/// One pair that differs in one month: the sum over all months.
fn over_all<D: Desk>(seed: u64) -> Moved {
    sum(by_month(&reports::<D>(&Neighbours::new(seed, true))).into_values())
}

/// What a substitution may cost both tables together.
fn pair_cost() -> u128 {
    u128::from(pair_cost_nrho(CONVERSION_NRHO, REVENUE_NRHO).unwrap()) * SCALE
}

/// What a substitution may cost all sections together.
fn whole_cost() -> u128 {
    pair_cost() + u128::from(prices().skip(1).sum::<u64>()) * SCALE
}

#[test]
fn rows_of_one_month_move_all_reports_together_by_one_substitution_at_most() {
    let people = conversion_sensitivity().squared_l2();
    let cents = revenue_sensitivity(clamp()).squared_l2();
    let (mut worst, mut displaced, mut late) = (Moved::default(), 0, 0);
    for seed in 0..cases(CASES) {
        let reports = reports::<Product>(&Neighbours::new(seed, true));
        let months = by_month(&reports);
        let all = sum(months.values().copied());
        assert!(all.counts.iter().all(|moved| *moved <= people), "case {seed}");
        assert!(all.cents <= cents && all.pair <= pair_cost(), "case {seed}");
        assert!(all.cost <= whole_cost(), "case {seed}");
        worst = worst.worst(all);
        displaced += u64::from(months.values().filter(|month| !month.is_still()).count() == 2);
        // One report of a month moves by one cell, another of the same month by two.
        let mixed = |month: &Month| {
            let of_month = || reports.iter().filter(|(other, _)| other == month);
            of_month().any(|(_, m)| m.people() == 1) && of_month().any(|(_, m)| m.people() == 2)
        };
        late += u64::from(months.keys().any(mixed));
        // Each report moves as one of the cases of the table in `bounds`.
        for (_, one) in &reports {
            let allowed = match one.people() {
                0 => 4 * HALF * HALF,
                1 => HALF * HALF,
                _ => 2 * HALF * HALF,
            };
            assert!(one.cents <= allowed, "case {seed}");
        }
    }
    // Reached, so not loose by accident; and the hard cases of the proof do occur.
    assert_eq!((worst.cents, worst.pair), (cents, pair_cost()));
    // Overlap has one cell, in which a unit can only come or go; it does so in two months where another
    // month takes the place of the one that changed.
    assert_eq!(worst.counts, [2; 9]);
    assert!(displaced > CASES / 200, "{displaced} cases of another month that takes the place");
    assert!(late > CASES / 200, "{late} cases of rows that arrive after the first report");
    // What holds beside the counts is no bound of revenue alone.
    assert!(worst.cents > revenue_beside_conversion(clamp()).squared_l2());
}

#[test]
fn the_hard_cases_occur() {
    let mut seen = [0_u64; 5];
    for seed in 0..CASES {
        let features = Neighbours::new(seed, seed % 2 == 0).features();
        let of = [
            features.several_kinds,
            features.bridges,
            features.forged_leads,
            features.planted,
            features.month_bounds,
        ];
        seen.iter_mut().zip(of).for_each(|(seen, of)| *seen += u64::from(of));
    }
    assert!(seen.iter().all(|seen| *seen > CASES / 20), "{seen:?}");
}

/// One pair that differs in all months: the sum over each year, and the limit of months.
fn over_years<D: Desk>(seed: u64) -> (Vec<Moved>, u128) {
    let pair = Neighbours::new(seed, false);
    let months = by_month(&reports::<D>(&pair));
    let of = |year| months.iter().filter(move |(month, _)| month.year() == year);
    let years = (2022..=2026).map(|year| sum(of(year).map(|(_, moved)| *moved)));
    (years.collect(), u128::from(pair.limit.value()))
}

#[test]
fn over_a_year_a_unit_moves_all_reports_by_its_months_at_most() {
    let mut reached = [0; 4];
    for seed in 0..cases(CASES) {
        let (years, limit) = over_years::<Product>(seed);
        for year in years {
            let bound = limit * conversion_sensitivity().squared_l2();
            assert!(year.counts.iter().all(|moved| *moved <= bound), "case {seed}");
            assert!(year.pair <= limit * pair_cost(), "case {seed}");
            assert!(year.cost <= limit * whole_cost(), "case {seed}");
            reached[usize::try_from(limit).unwrap()] += u64::from(year.people() == bound);
        }
    }
    assert!(reached[1] > 0 && reached[2] > 0 && reached[3] > 0, "{reached:?}");
}

/// Whether some case exceeds the yearly bound.
fn exceeds_a_year<D: Desk>() -> bool {
    (0..CASES).any(|seed| {
        let (years, limit) = over_years::<D>(seed);
        years.iter().any(|year| year.people() > 2 * limit)
    })
}

#[test]
fn the_checker_catches_mutants() {
    let people = conversion_sensitivity().squared_l2();
    let cents = revenue_sensitivity(clamp()).squared_l2();
    let any = |exceeds: fn(u64) -> Moved| {
        let beyond = |m: Moved| m.people() > people || m.cents > cents;
        (0..CASES).any(|seed| beyond(exceeds(seed)))
    };
    assert!(any(over_all::<CountingLeads>));
    assert!(any(over_all::<CountingRows>));
    assert!(any(over_all::<Unclamped>));
    assert!(any(over_all::<OneToOne>));
    assert!(any(over_all::<Merging>));
    assert!(any(over_all::<StopList>));
    // The limit of months, as it was once and otherwise wrong.
    assert!(exceeds_a_year::<Earliest>() && any(over_all::<Earliest>));
    // What only the newer sections show: two cells a unit, and what other months say of it.
    let of = |section: TemplateId, exceeds: fn(u64) -> Moved| {
        let counted = SECTIONS.iter().filter(|other| other.template != TemplateId::Revenue);
        let place = counted.clone().position(|other| other.template == section).unwrap();
        (0..CASES).any(|seed| exceeds(seed).counts[place] > people)
    };
    assert!(of(TemplateId::Network, over_all::<ByPartner>));
    assert!(of(TemplateId::Segments, over_all::<LookingBack>));
    assert!(exceeds_a_year::<Unlimited>());
    assert!(exceeds_a_year::<Forgetting>());
}

#[test]
fn campaigns_that_do_not_exist_are_refused() {
    let units = |seed| {
        let world = World::new(&mut Dice::new(seed));
        let mut admitted = Admitted::new(SaleMonthsPerYear::new(12).unwrap());
        let of = |month| {
            let mut at = admitted.at(month);
            let how = (&world.rules, &world.partners(), month);
            collected(&world.sales, &world.leads, how, Effort::threads(1), &mut at).unwrap()
        };
        world.months().into_iter().flat_map(of).collect::<Vec<_>>()
    };
    let found = (0..).map(units).find_map(|units| {
        let converted = units.iter().find(|unit| unit.conversion().is_some())?;
        let campaign = converted.conversion()?.campaign();
        let campaigns = CampaignCount::new(campaign);
        let layout = Layout::new(converted.month(), campaigns, clamp());
        let mut tables = MonthlyTables::new(&[SectionId::CONVERSIONS], layout).ok()?;
        Some(tables.add(*converted).err())
    });
    assert_eq!(found, Some(Some(StatisticsError::UnknownCampaign)));
}
