//! Who answers the questions of a random history, in tests: the product, and mutants of it that the
//! checker must catch.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use tiers_contact::Kind;
use tiers_protocol::policy::{ClampCents, Margin, SaleMonthsPerYear, SectionId, TemplateId};

use super::{CampaignCount, Layout, MonthlyTables, histories::Seen};
use crate::{
    crypto::chain::VaultToken,
    matching::{
        Admission, Effort, MatchError, Partners, UnitMonth,
        naive::Admitted,
        worlds::{CAMPAIGNS, PARTNERS, Unit, collected_armed},
    },
    vault::{Day, Month, Value, VaultRow},
};

/// What a report holds in these tests: every template, revenue beside conversions.
pub(super) const SECTIONS: [SectionId; 10] = [
    SectionId::CONVERSIONS,
    SectionId::new(TemplateId::Revenue, Margin::Campaign),
    SectionId::new(TemplateId::Conversion, Margin::CampaignModel),
    SectionId::new(TemplateId::Conversion, Margin::CampaignDepartment),
    SectionId::new(TemplateId::Delay, Margin::Campaign),
    SectionId::new(TemplateId::Network, Margin::All),
    SectionId::new(TemplateId::Overlap, Margin::All),
    SectionId::new(TemplateId::Segments, Margin::Campaign),
    SectionId::new(TemplateId::Lift, Margin::All),
    SectionId::new(TemplateId::Partners, Margin::All),
];

/// Sections that count: all but revenue.
pub(super) const COUNTED: usize = SECTIONS.len() - 1;

/// The exact tables of one report: counts by section, conversions first, and centred revenue.
pub(super) struct Tables {
    pub counts: Vec<Vec<i64>>,
    pub cents: Vec<i64>,
}

impl Tables {
    /// Of somebody who knows conversions only.
    fn new(people: Vec<i64>, cents: Vec<i64>) -> Self {
        Self { counts: vec![people], cents }
    }

    /// Adds the answer to a part of the rows.
    fn plus(mut self, more: &Self) -> Self {
        let add = |to: &mut [i64], more: &[i64]| {
            to.iter_mut().zip(more).for_each(|(cell, more)| *cell += more);
        };
        self.counts.iter_mut().zip(&more.counts).for_each(|(to, more)| add(to, more));
        add(&mut self.cents, &more.cents);
        self
    }
}

/// The public facts of a world.
pub(super) fn layout(month: Month) -> Layout {
    let layout = Layout::new(month, CampaignCount::new(CAMPAIGNS), clamp());
    layout.with_network((0..PARTNERS).collect()).with_pairs(PARTNERS).with_lists(2, 2).with_arms()
}

/// Answers one history, from its first question to its last.
pub(super) trait Desk {
    /// Before the first question.
    fn open(limit: SaleMonthsPerYear) -> Self;
    /// The next answer.
    fn answer(&mut self, seen: &Seen<'_>) -> Tables;
}

pub(super) fn clamp() -> ClampCents {
    ClampCents::new(4_000_000).unwrap()
}

fn units(seen: &Seen<'_>, admission: &mut impl Admission<Error = MatchError>) -> Vec<UnitMonth> {
    // In ranges, so that what a row finds is kept from one to another.
    let how = (seen.rules, &seen.partners, seen.month);
    let effort = Effort::threads(1).parts(2);
    collected_armed(seen.sales, &[seen.leads.to_vec()], how, effort, admission).unwrap()
}

pub(super) fn tables(units: &[UnitMonth], month: Month) -> Tables {
    let mut tables = MonthlyTables::new(&SECTIONS, layout(month)).unwrap();
    units.iter().try_for_each(|unit| tables.add(*unit)).unwrap();
    let mut sums = None;
    let opened = tables.finish().into_iter().map(|table| {
        let (counts, cents) = table.into_exact();
        sums = sums.take().or(cents);
        counts
    });
    let counts = opened.collect();
    Tables { counts, cents: sums.unwrap() }
}

/// The product.
pub(super) struct Product(Admitted);

impl Desk for Product {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Admitted::new(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        tables(&units(seen, &mut self.0.at(seen.month)), seen.month)
    }
}

/// Mutant: no limit of months.
pub(super) struct Unlimited;

struct Everybody;

impl Admission for Everybody {
    type Error = MatchError;

    fn admit(&mut self, _: Kind, _: VaultToken) -> Result<bool, MatchError> {
        Ok(true)
    }
}

impl Desk for Unlimited {
    fn open(_: SaleMonthsPerYear) -> Self {
        Self
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        tables(&units(seen, &mut Everybody), seen.month)
    }
}

/// Mutant: the earliest months of the year that the snapshot shows, worked out anew for each report
/// (what the product once did: rows that arrive backwards enter every month).
pub(super) struct Earliest(u64);

struct AmongEarliest<'a> {
    seen: &'a Seen<'a>,
    limit: u64,
}

impl Admission for AmongEarliest<'_> {
    type Error = MatchError;

    fn admit(&mut self, kind: Kind, token: VaultToken) -> Result<bool, MatchError> {
        let month = self.seen.month;
        let unit = Unit::new(kind, token);
        let rows = self.seen.sales.iter().flatten().filter(|row| unit.has(row));
        let earlier: BTreeSet<_> = rows
            .map(|row| row.date.month())
            .filter(|other| other.year() == month.year() && *other < month)
            .collect();
        Ok((earlier.len() as u64) < self.limit)
    }
}

impl Desk for Earliest {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(limit.value())
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        tables(&units(seen, &mut AmongEarliest { seen, limit: self.0 }), seen.month)
    }
}

/// Mutant: a full year lets go of its first month when another one asks.
pub(super) struct Forgetting {
    limit: u64,
    months: Vec<(Kind, VaultToken, Month)>,
}

struct Oldest<'a>(&'a mut Forgetting, Month);

impl Admission for Oldest<'_> {
    type Error = MatchError;

    fn admit(&mut self, kind: Kind, token: VaultToken) -> Result<bool, MatchError> {
        let (months, month) = (&mut self.0.months, self.1);
        let of_year = |entry: &(Kind, VaultToken, Month)| {
            (entry.0, entry.1, entry.2.year()) == (kind, token, month.year())
        };
        if !months.contains(&(kind, token, month)) {
            if months.iter().filter(|entry| of_year(entry)).count() as u64 == self.0.limit {
                let first = months.iter().position(of_year).unwrap();
                months.remove(first);
            }
            months.push((kind, token, month));
        }
        Ok(true)
    }
}

impl Desk for Forgetting {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self { limit: limit.value(), months: Vec::new() }
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        tables(&units(seen, &mut Oldest(self, seen.month)), seen.month)
    }
}

/// Mutant: counts leads that found a sale, instead of units that converted.
pub(super) struct CountingLeads;

impl Desk for CountingLeads {
    fn open(_: SaleMonthsPerYear) -> Self {
        Self
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let mut people = vec![0; usize::from(CAMPAIGNS)];
        for lead in seen.leads {
            let Value::Lead { campaign } = lead.value else { continue };
            let met = |sale: &VaultRow| {
                let age = sale.date.epoch_days() - lead.date.epoch_days();
                let window = i32::try_from(seen.rules.window_days().value()).unwrap();
                let shares = |kind: &Kind| {
                    sale.token(*kind).is_some() && sale.token(*kind) == lead.token(*kind)
                };
                sale.date.month() == seen.month
                    && (0..=window).contains(&age)
                    && seen.rules.kinds().iter().any(shares)
            };
            people[usize::from(campaign)] += i64::from(seen.sales.iter().flatten().any(met));
        }
        Tables::new(people, vec![0; usize::from(CAMPAIGNS)])
    }
}

/// Mutant: counts rows instead of units.
pub(super) struct CountingRows(Product);

impl Desk for CountingRows {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Product::open(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let mut sum = tables(&[], seen.month);
        for row in seen.sales.iter().flatten() {
            let (sales, partners) = ([vec![row.clone()]], Partners::default());
            sum = sum.plus(&self.0.answer(&Seen { sales: &sales, partners, ..*seen }));
        }
        sum
    }
}

/// Mutant: a unit counts at every partner, each of whom is asked alone: two cells of the network.
pub(super) struct ByPartner(Product);

impl Desk for ByPartner {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Product::open(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let mut sum = tables(&[], seen.month);
        for (place, rows) in (0..).zip(seen.sales) {
            let partners = Partners::new(vec![seen.partners.of(place)]);
            let seen = Seen { sales: std::slice::from_ref(rows), partners, ..*seen };
            sum = sum.plus(&self.0.answer(&seen));
        }
        sum
    }
}

/// Mutant: looks at what a unit bought in the months before as well, as if it were of this month.
pub(super) struct LookingBack(Product);

impl Desk for LookingBack {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Product::open(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let (first, _): (Day, Day) = seen.month.days();
        let of_month = |row: &&VaultRow| row.date.month() == seen.month;
        let units: Vec<Unit> =
            seen.sales.iter().flatten().filter(of_month).filter_map(Unit::of).collect();
        let mut sales = seen.sales.to_vec();
        for row in sales.iter_mut().flatten() {
            let here = units.iter().any(|unit| unit.has(row));
            if here && row.date < first && row.date >= first.minus(365) {
                row.date = first;
            }
        }
        let partners = seen.partners.clone();
        self.0.answer(&Seen { sales: &sales, partners, ..*seen })
    }
}

/// Mutant: sums revenue as it is, up to what the integers of the checker hold.
pub(super) struct Unclamped(Admitted);

impl Desk for Unclamped {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Admitted::new(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let units = units(seen, &mut self.0.at(seen.month));
        let mut made = tables(&units, seen.month);
        made.cents.fill(0);
        for by in units.iter().filter_map(UnitMonth::conversion) {
            let cents = by.revenue_cents().min(100_000_000_000);
            made.cents[usize::from(by.campaign())] += i64::try_from(cents).unwrap();
        }
        made
    }
}

/// Mutant: each lead gets one sale at most, the first that finds it (one-to-one
/// matching): who goes away frees a lead, and sales move up from campaign to campaign.
pub(super) struct OneToOne;

impl Desk for OneToOne {
    fn open(_: SaleMonthsPerYear) -> Self {
        Self
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let (mut people, mut cents) = (vec![0; 4], vec![0; 4]);
        let mut taken = vec![false; seen.leads.len()];
        let mut units: Vec<Unit> = Vec::new();
        for sale in seen.sales.iter().flatten().filter(|sale| sale.date.month() == seen.month) {
            let Some(unit) = Unit::of(sale).filter(|unit| !units.contains(unit)) else { continue };
            let free = seen.leads.iter().zip(&taken).position(|(lead, taken)| {
                !taken && seen.rules.kinds().iter().any(|kind| shares(sale, lead, *kind))
            });
            let Some(lead) = free else { continue };
            taken[lead] = true;
            units.push(unit);
            if let (Value::Lead { campaign }, Value::Sale { amount_cents, .. }) =
                (seen.leads[lead].value, sale.value)
            {
                let clamped = i64::try_from(amount_cents.min(clamp().value())).unwrap();
                people[usize::from(campaign)] += 1;
                cents[usize::from(campaign)] += clamped - 2_000_000;
            }
        }
        Tables::new(people, cents)
    }
}

fn shares(sale: &VaultRow, lead: &VaultRow, kind: Kind) -> bool {
    sale.tokens(kind).any(|token| lead.tokens(kind).any(|other| other == token))
}

/// Mutant: rows that share any identifier are one person (transitive merging).
pub(super) struct Merging(Product);

impl Desk for Merging {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Product::open(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let mut rows: Vec<VaultRow> = seen.sales.concat();
        rows.retain(|row| row.first_key().is_some() && row.date.month() == seen.month);
        let mut person: Vec<usize> = (0..rows.len()).collect();
        for a in 0..rows.len() {
            for b in 0..a {
                let same = Kind::KEYS.into_iter().any(|kind| shares(&rows[a], &rows[b], kind));
                let (from, to) = (person[a], person[b]);
                if same && from != to {
                    person.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
                }
            }
        }
        // The rows of a person get the key of one of them.
        let keys = rows.clone();
        for (row, of) in rows.iter_mut().zip(&person) {
            let unit = Unit::of(&keys[*of]).unwrap();
            unit.claim(row);
        }
        let partners = Partners::default();
        self.0.answer(&Seen { sales: &[rows], partners, ..*seen })
    }
}

/// Mutant: an identifier that several sales share stands for nobody (a stop list by frequency).
pub(super) struct StopList(Product);

impl Desk for StopList {
    fn open(limit: SaleMonthsPerYear) -> Self {
        Self(Product::open(limit))
    }

    fn answer(&mut self, seen: &Seen<'_>) -> Tables {
        let rows = seen.sales.concat();
        let frequent = |kind: Kind, row: &VaultRow| {
            rows.iter().filter(|other| shares(row, other, kind)).count() > 3
        };
        let mut sales = seen.sales.to_vec();
        for row in sales.iter_mut().flatten() {
            for kind in Kind::SINGLE {
                if frequent(kind, row) {
                    row.tokens[kind.index()] = None;
                }
            }
        }
        let partners = seen.partners.clone();
        self.0.answer(&Seen { sales: &sales, partners, ..*seen })
    }
}
