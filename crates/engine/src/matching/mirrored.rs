//! Matching seen from the other side: persons among the leads, and whether one partner's sales came to them.
//!
//! What a partner learns of itself must protect the persons among the leads, so they are the units there, by
//! the same rule: rows that share their first available key. The engine is the same; deposits are held up to
//! a mirror in which leads are sales, sales are leads, and time runs backwards, so that a sale in the window
//! *after* a lead is one in the window *before* it. Specified in `docs/matching.md`, "The other side".

use tiers_contact::Kind;

use super::{Effort, Finding, MatchError, MatchRules, Matching, UnitSale, UnitVisitor};
use crate::{
    crypto::chain::VaultToken,
    vault::{Batch, Batches, Columns, Day, Month, Segments, TokenRange, Values, VaultError},
};

/// A deposit in the mirror.
pub(super) struct Mirrored<'a, D>(pub &'a D);

/// The other way round: an involution but for the outermost day.
const fn mirrored(day: Day) -> Day {
    Day::from_epoch_days(match day.epoch_days().checked_neg() {
        Some(days) => days,
        None => i32::MAX,
    })
}

impl<D: Segments> Segments for Mirrored<'_, D> {
    type Reader<'a>
        = MirroredReader<D::Reader<'a>>
    where
        Self: 'a;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<Self::Reader<'_>, VaultError> {
        // Neither amounts nor campaigns have a part in it.
        let inner = self.0.segment(kind, range, Columns { values: false, ..columns })?;
        Ok(MirroredReader { inner, values: columns.values })
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.0.rows(kind)
    }

    fn days(&self, kind: Kind) -> Option<(Day, Day)> {
        self.0.days(kind).map(|(first, last)| (mirrored(last), mirrored(first)))
    }

    fn row_count(&self) -> u32 {
        self.0.row_count()
    }
}

/// Its rows, batch by batch.
pub(super) struct MirroredReader<R> {
    inner: R,
    values: bool,
}

impl<R: Batches> Batches for MirroredReader<R> {
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        let more = self.inner.next(batch)?;
        for day in &mut batch.days {
            *day = mirrored(*day);
        }
        let rows = if self.values { batch.tokens.len() } else { 0 };
        batch.values = match batch.values {
            Values::Sales(_) => Values::Leads(vec![0; rows]),
            Values::Leads(_) => Values::Sales(vec![0; rows]),
            Values::Known => Values::Known,
        };
        Ok(more)
    }
}

/// How many persons among the `leads` of a month, units by the rule, bought from the partner whose deposits the
/// `sales` are: have a row of a lead in the month with a sale in the window after it, whatever identifier they
/// share. Each person counts once; rows of nobody's count for nobody.
///
/// A function of the leads and of this partner's own rows. Whatever the rows of one person among the leads
/// are, absent or different, it is another by one at most; it stays in the certifier until noise is added.
///
/// # Errors
/// [`MatchError`].
pub fn leads_that_bought<S: Segments, L: Segments>(
    sales: &[S],
    leads: &[L],
    (rules, month): (&MatchRules, Month),
    effort: Effort,
) -> Result<u64, MatchError> {
    let (first, last) = month.days();
    let days = (mirrored(last), mirrored(first));
    let sales: Vec<Mirrored<'_, S>> = sales.iter().map(Mirrored).collect();
    let leads: Vec<Mirrored<'_, L>> = leads.iter().map(Mirrored).collect();
    let finding = Finding::Attributed(rules.clone());
    let matching = Matching { sales: &leads, leads: &sales, finding, month: None };
    let mut persons = 0;
    matching.units(
        effort,
        || Persons { days, count: 0 },
        |seen| {
            persons += seen.count;
            Ok::<_, MatchError>(())
        },
    )?;
    Ok(persons)
}

/// Counts persons whose leads of some days found a sale.
struct Persons {
    days: (Day, Day),
    count: u64,
}

impl UnitVisitor for Persons {
    const DAYS: bool = true;
    const AMOUNTS: bool = false;

    fn unit(&mut self, _: Kind, _: VaultToken, leads: &mut [UnitSale]) {
        let (first, last) = self.days;
        let mut of_month = leads.iter().filter(|lead| (first..=last).contains(&lead.day()));
        self.count += u64::from(of_month.any(|lead| lead.campaign().is_some()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        matching::worlds::{Dice, World, cases, effort},
        vault::VaultRow,
    };

    /// The rule as nested loops over rows.
    fn specified(world: &World, month: Month) -> u64 {
        let (sales, window) = (world.all_sales(), i64::from(world.rules.window()));
        let mut persons = BTreeSet::new();
        for lead in world.all_leads() {
            let Some(kind) = lead.first_key() else { continue };
            let met = |sale: &VaultRow| {
                let age = i64::from(sale.date.epoch_days()) - i64::from(lead.date.epoch_days());
                let share = |kind: &Kind| {
                    lead.tokens(*kind).any(|token| sale.tokens(*kind).any(|own| own == token))
                };
                (0..=window).contains(&age) && world.rules.kinds().iter().any(share)
            };
            if lead.date.month() == month && sales.iter().any(met) {
                persons.insert((kind, lead.token(kind)));
            }
        }
        persons.len() as u64
    }

    fn found(world: &World, month: Month, effort: Effort) -> u64 {
        leads_that_bought(&world.sales, &world.leads, (&world.rules, month), effort)
            .expect("memory can be read")
    }

    /// The months of the leads, in order.
    fn months(world: &World) -> BTreeSet<Month> {
        world.leads.iter().flatten().map(|row| row.date.month()).collect()
    }

    #[test]
    fn the_mirror_shows_what_the_rule_says() {
        let (mut some, mut none) = (0, 0);
        for seed in 0..cases(10_000) {
            let mut dice = Dice::new(seed);
            let world = World::new(&mut dice);
            for month in months(&world) {
                let rule = specified(&world, month);
                assert_eq!(found(&world, month, effort(&mut dice)), rule, "world {seed}");
                some += usize::from(rule > 0);
                none += usize::from(rule == 0);
            }
        }
        assert!(some > 1_000 && none > 1_000, "{some} {none}");
    }

    #[test]
    fn one_person_among_the_leads_changes_it_by_one_at_most_whatever_the_partner_planted() {
        let mut changed = BTreeMap::new();
        for seed in 0..cases(10_000) {
            let mut dice = Dice::new(seed);
            let mut world = World::new(&mut dice);
            let person = world.any_unit(&mut dice);
            // The partner plants rows with every identifier of everybody.
            let planted = (0..dice.below(12)).map(|_| world.sale(&mut dice)).collect();
            world.sales.push(planted);
            let mut other = World::new(&mut Dice::new(seed));
            other.sales.clone_from(&world.sales);
            other.leads.clone_from(&world.leads);
            for rows in &mut other.leads {
                rows.retain(|row| !person.has(row));
            }
            if dice.once_in(2) {
                let mut rows: Vec<VaultRow> =
                    (0..dice.below(5)).map(|_| world.lead(&mut dice)).collect();
                rows.iter_mut().for_each(|row| person.claim(row));
                other.leads.push(rows);
            }
            for month in months(&world).union(&months(&other)) {
                let effort = effort(&mut dice);
                let by = found(&world, *month, effort).abs_diff(found(&other, *month, effort));
                assert!(by <= 1, "world {seed}");
                *changed.entry(by).or_insert(0) += 1;
            }
        }
        assert!(changed[&0] > 1_000 && changed[&1] > 1_000, "{changed:?}");
    }
}
