//! Random histories for tests: deposits arrive and leave, reports are asked for in between, in any
//! order of months, more than once, each with leads of its own; and pairs of histories that differ in
//! one unit's rows only.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use tiers_contact::Kind;
use tiers_protocol::policy::SaleMonthsPerYear;

use crate::{
    matching::{
        MatchRules, Partners,
        worlds::{CAMPAIGNS, Dice, Owners, Unit, World},
    },
    vault::{Day, Month, Value, VaultRow},
};

/// One thing that happens.
enum Step {
    /// A deposit is there from now on.
    Arrives(usize),
    /// It is erased, or its retention ends.
    Leaves(usize),
    /// A report of a month, with these leads.
    Asked(Month, Vec<VaultRow>),
}

/// What one report is made from.
pub(super) struct Seen<'a> {
    pub sales: &'a [Vec<VaultRow>],
    pub partners: Partners,
    pub leads: &'a [VaultRow],
    pub rules: &'a MatchRules,
    pub month: Month,
}

/// What makes a pair of histories hard.
pub(super) struct Features {
    /// A row has identifiers of several kinds that may find leads.
    pub several_kinds: bool,
    /// A row of a unit shares a token of a bridge with a lead.
    pub bridges: bool,
    /// A lead shares identifiers with rows of several units.
    pub forged_leads: bool,
    /// More rows lie under the unit's key afterwards.
    pub planted: bool,
    /// A sale is of the first or the last day of a month.
    pub month_bounds: bool,
}

/// Two histories that differ in one unit's rows only: the same things happen in both.
pub(super) struct Neighbours {
    sales: [Vec<Vec<VaultRow>>; 2],
    steps: Vec<Step>,
    pub rules: MatchRules,
    pub limit: SaleMonthsPerYear,
    owners: Owners,
}

impl Neighbours {
    /// Replaces the unit's rows of one month, or of all months, by none or by others.
    pub fn new(seed: u64, one_month: bool) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = World::new(&mut dice);
        let unit = unit(&world, &mut dice);
        spread(&mut world, &unit, &mut dice);
        let before = world.sales.clone();
        let of_unit: Vec<_> =
            world.all_sales().into_iter().filter(|row| unit.has(row)).map(|row| row.date).collect();
        let date = dice.of(&of_unit);
        let differs = |day: Day| !one_month || day.month() == date.month();
        let mut after = before.clone();
        for deposit in &mut after {
            deposit.retain(|row| !(unit.has(row) && differs(row.date)));
        }
        for _ in 0..dice.below(5) {
            let mut row = planted(&world, &unit, date, &mut dice);
            if !differs(row.date) {
                row.date = date;
            }
            place(&mut after, row, &mut dice);
        }
        let both: Vec<VaultRow> = before.iter().chain(&after).flatten().cloned().collect();
        let of_unit: Vec<VaultRow> = both.iter().filter(|row| unit.has(row)).cloned().collect();
        let steps = steps(&world, &both, &of_unit, &mut dice);
        let World { rules, limit, owners, .. } = world;
        Self { sales: [before, after], steps, rules, limit, owners }
    }

    /// Which of the hard cases are in the pair.
    pub fn features(&self) -> Features {
        let rows = || self.sales.iter().flatten().flatten();
        let leads = || {
            let of = |step: &Step| match step {
                Step::Asked(_, leads) => leads.clone(),
                Step::Arrives(_) | Step::Leaves(_) => Vec::new(),
            };
            self.steps.iter().flat_map(of).collect::<Vec<_>>()
        };
        let leads = leads();
        let kinds = |row: &VaultRow| {
            self.rules.kinds().iter().filter(|kind| row.tokens(**kind).next().is_some()).count()
        };
        let bridged = |row: &VaultRow| {
            let bridges = self.rules.kinds().iter().filter(|kind| !kind.is_key());
            let met = |kind: &Kind| {
                row.tokens(*kind).any(|own| {
                    leads.iter().any(|lead| lead.tokens(*kind).any(|token| token == own))
                })
            };
            row.first_key().is_some() && bridges.into_iter().any(met)
        };
        // A lead that shares identifiers with rows of two units.
        let forged = |lead: &VaultRow| {
            let shares = |row: &&VaultRow| {
                Kind::SINGLE
                    .iter()
                    .any(|kind| row.token(*kind).is_some() && row.token(*kind) == lead.token(*kind))
            };
            let mut units = rows().filter(shares).filter_map(Unit::of);
            let first = units.next();
            first.is_some_and(|first| units.any(|unit| unit != first))
        };
        let day =
            |row: &VaultRow, shift| Day::from_epoch_days(row.date.epoch_days() + shift).month();
        let on_edge =
            |row: &VaultRow| [-1, 1].iter().any(|shift| day(row, *shift) != row.date.month());
        Features {
            several_kinds: rows().any(|row| kinds(row) > 1),
            bridges: rows().any(bridged),
            forged_leads: leads.iter().any(forged),
            planted: self.sales[0].concat().len() < self.sales[1].concat().len(),
            month_bounds: rows().any(on_edge),
        }
    }

    /// Plays one of the two and gives what `answer` says to each question, with its month.
    pub fn play<T>(&self, which: usize, mut answer: impl FnMut(&Seen<'_>) -> T) -> Vec<(Month, T)> {
        let deposits = &self.sales[which];
        let mut there = vec![false; deposits.len()];
        let mut answers = Vec::new();
        for step in &self.steps {
            match step {
                Step::Arrives(place) => there[*place] = true,
                Step::Leaves(place) => there[*place] = false,
                Step::Asked(month, leads) => {
                    let places = || (0..deposits.len()).filter(|place| there[*place]);
                    let sales: Vec<_> = places().map(|place| deposits[place].clone()).collect();
                    let partners = self.owners.of(places());
                    let (sales, rules, month) = (&sales[..], &self.rules, *month);
                    let seen = Seen { sales, partners, leads, rules, month };
                    answers.push((month, answer(&seen)));
                }
            }
        }
        answers
    }
}

/// Mostly a unit that is there, sometimes one that nobody has seen.
fn unit(world: &World, dice: &mut Dice) -> Unit {
    let seen: Vec<_> = world.all_sales().iter().filter_map(Unit::of).collect();
    if seen.is_empty() || dice.once_in(4) { world.any_unit(dice) } else { dice.of(&seen) }
}

/// Gives the unit rows in more months of one year, in deposits of their own or in others.
fn spread(world: &mut World, unit: &Unit, dice: &mut Dice) {
    for _ in 0..1 + dice.below(5) {
        let day = Day::from_epoch_days(19_723 + 30 * i32::try_from(dice.below(12)).unwrap());
        let row = planted(world, unit, day, dice);
        if world.sales.is_empty() || dice.once_in(2) {
            world.sales.push(Vec::new());
        }
        place(&mut world.sales, row, dice);
    }
}

/// A row under the unit's key, as a captive dealer would plant it: often a copy of a real row with
/// another amount, or with the identifiers of somebody else.
fn planted(world: &World, unit: &Unit, date: Day, dice: &mut Dice) -> VaultRow {
    let mut row = world.sale(dice);
    unit.claim(&mut row);
    if !dice.once_in(4) {
        let shift = dice.of(&[-1, 0, 0, 1, 3]);
        row.date = Day::from_epoch_days(date.epoch_days() + shift);
    }
    row
}

fn place(deposits: &mut [Vec<VaultRow>], row: VaultRow, dice: &mut Dice) {
    let places: Vec<_> = (0..deposits.len()).collect();
    deposits[dice.of(&places)].push(row);
}

/// Every deposit arrives, some leave; months are asked for, mostly those of the unit.
fn steps(world: &World, rows: &[VaultRow], of_unit: &[VaultRow], dice: &mut Dice) -> Vec<Step> {
    let months = |rows: &[VaultRow]| -> Vec<Month> {
        let months: BTreeSet<_> = rows.iter().map(|row| row.date.month()).collect();
        months.into_iter().collect()
    };
    let (all, own) = (months(rows), months(of_unit));
    let mut steps: Vec<Step> = (0..world.sales.len()).map(Step::Arrives).collect();
    if dice.once_in(3) {
        steps.push(Step::Leaves(dice.of(&(0..world.sales.len()).collect::<Vec<_>>())));
    }
    for _ in 0..1 + dice.below(9) {
        let of = if dice.once_in(4) { &all } else { &own };
        let month = dice.of(of);
        steps.push(Step::Asked(month, leads(world, of_unit, month, dice)));
    }
    dice.shuffle(&mut steps);
    if dice.once_in(3) {
        // Everything is there before the first question.
        steps.sort_by_key(|step| !matches!(step, Step::Arrives(_)));
    }
    steps
}

/// The leads of one question: some at random, some made to meet the unit in that month.
fn leads(world: &World, of_unit: &[VaultRow], month: Month, dice: &mut Dice) -> Vec<VaultRow> {
    let mut leads: Vec<_> = (0..dice.below(4)).map(|_| world.lead(dice)).collect();
    let own: Vec<_> = of_unit.iter().filter(|row| row.date.month() == month).collect();
    for _ in 0..dice.below(4) {
        if own.is_empty() {
            break;
        }
        let mut lead = dice.of(&own).clone();
        let campaign = u16::try_from(dice.below(CAMPAIGNS.into())).unwrap();
        lead.value = Value::Lead { campaign };
        lead.date = lead.date.minus(dice.of(&[0, 0, 1, 2, 30]));
        leads.push(lead);
    }
    leads
}
