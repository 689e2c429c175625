//! Tests of the engine against the rule, on random worlds and by example.

mod exported;

use std::{cmp::Reverse, collections::BTreeMap};

use tempfile::tempdir;
use tiers_contact::Kind;
use tiers_protocol::policy::{SaleMonthsPerYear, Touch, WindowDays};

use super::{
    Admission, Effort, Finding, MatchError, MatchRules, Matching, Partners, UnitMonth, UnitSale,
    UnitVisitor,
    naive::{self, Admitted},
    worlds::{Dice, World, cases, collected, effort, token},
};
use crate::{
    crypto::{chain::VaultToken, segment_key::SegmentKey},
    vault::{
        Day, Faults, MAX_AMOUNT_CENTS, Month, Segments, StoredDeposit, Traits, Value, VaultRow,
        write_deposit,
    },
};

fn sorted(mut units: Vec<UnitMonth>) -> Vec<UnitMonth> {
    units.sort_unstable();
    units
}

/// What the rule says of a world whose months are asked for one after the other.
fn specified(world: &World) -> Vec<UnitMonth> {
    let (leads, partners) = (world.all_leads(), world.partners());
    let mut admitted = Admitted::new(world.limit);
    let of = |month| {
        let how = (&world.rules, &partners);
        naive::attribute(&world.sales, &leads, how, month, &mut admitted.at(month))
            .expect("memory can be read")
    };
    sorted(world.months().into_iter().flat_map(of).collect())
}

/// What the engine finds in the same order.
fn found<S: Segments, L: Segments>(
    sales: &[S],
    leads: &[L],
    (world, partners): (&World, &Partners),
) -> Vec<UnitMonth> {
    let mut admitted = Admitted::new(world.limit);
    let effort = Effort::threads(2).parts(5);
    let of = |month| {
        let how = (&world.rules, partners, month);
        collected(sales, leads, how, effort, &mut admitted.at(month)).expect("deposits can be read")
    };
    sorted(world.months().into_iter().flat_map(of).collect())
}

#[test]
fn the_engine_finds_what_the_rule_says() {
    let (mut converted, mut idle, mut limited, mut late) = (0, 0, 0, 0);
    let (mut known, mut shared, mut often) = (0, 0, 0);
    for seed in 0..cases(10_000) {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        let months: Vec<Month> = world.months().into_iter().collect();
        let (mut ours, mut theirs) = (Admitted::new(world.limit), Admitted::new(world.limit));
        // Deposits arrive while months are asked for, in any order and more than once.
        for asked in 0..dice.below(9) {
            let there = 1 + usize::try_from(asked).expect("a small number");
            let sales = &world.sales[..there.min(world.sales.len())];
            let Some(month) = (!months.is_empty()).then(|| dice.of(&months)) else { break };
            let partners = world.partners();
            let (how, effort) = ((&world.rules, &partners, month), effort(&mut dice));
            let engine = collected(sales, &world.leads, how, effort, &mut ours.at(month));
            let engine = sorted(engine.expect("memory can be read"));
            let (led, by) = (world.all_leads(), (&world.rules, &partners));
            let rule = naive::attribute(sales, &led, by, month, &mut theirs.at(month));
            assert!(engine == sorted(rule.expect("memory can be read")), "world {seed}");
            let year = SaleMonthsPerYear::new(12).expect("allowed");
            let mut free = Admitted::new(year);
            let all = collected(sales, &world.leads, how, effort, &mut free.at(month));
            limited += all.expect("memory can be read").len() - engine.len();
            converted += engine.iter().filter(|unit| unit.conversion().is_some()).count();
            idle += engine.iter().filter(|unit| unit.conversion().is_none()).count();
            late += usize::from(there < world.sales.len());
            let idle = || engine.iter().filter(|unit| unit.conversion().is_none());
            known += idle().filter(|unit| unit.known()).count();
            shared += engine.iter().filter(|unit| unit.pair().is_some()).count();
            often += engine.iter().filter(|unit| unit.bought().sales() > 1).count();
        }
    }
    // Controls: the worlds are not trivial.
    assert!(converted > 1_000 && idle > 1_000 && late > 1_000, "{converted} {idle} {late}");
    assert!(limited > 200, "{limited} units kept out");
    assert!(known > 1_000 && shared > 200 && often > 1_000, "{known} {shared} {often}");
}

/// Admits everybody and notes who was asked for.
struct Noted(Vec<(Kind, VaultToken)>);

impl Admission for Noted {
    type Error = MatchError;

    fn admit(&mut self, kind: Kind, unit: VaultToken) -> Result<bool, MatchError> {
        self.0.push((kind, unit));
        Ok(true)
    }
}

#[test]
fn each_unit_is_asked_for_once_and_in_order() {
    let mut most = 0;
    for seed in 0..cases(1_000) {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        for month in world.months() {
            let (mut noted, partners) = (Noted(Vec::new()), world.partners());
            let how = (&world.rules, &partners, month);
            let units = collected(&world.sales, &world.leads, how, effort(&mut dice), &mut noted);
            let units = units.expect("memory can be read");
            // Kinds from the last to the first, tokens of each in order.
            let before = |a: &(Kind, VaultToken), b: &(Kind, VaultToken)| {
                a.0 > b.0 || a.0 == b.0 && a.1 < b.1
            };
            assert!(noted.0.is_sorted_by(before), "world {seed}");
            assert_eq!(units.len(), noted.0.len());
            assert!(units.iter().all(|unit| unit.month() == month));
            most = most.max(units.len());
        }
    }
    assert!(most > 3);
}

/// What a visitor saw of a unit: its key, and of each sale the deposit, the day, the amount and whether a
/// lead was found.
type SeenUnit = (Kind, VaultToken, Vec<(u32, Day, u64, bool)>);

/// Notes every unit.
struct Notes<const FOUND: bool>(Vec<SeenUnit>);

impl<const FOUND: bool> UnitVisitor for Notes<FOUND> {
    const DAYS: bool = true;
    const AMOUNTS: bool = true;
    const FOUND_ONLY: bool = FOUND;

    fn unit(&mut self, kind: Kind, token: VaultToken, sales: &mut [UnitSale]) {
        let of = |sale: &UnitSale| {
            (sale.deposit(), sale.day(), sale.amount_cents(), sale.campaign().is_some())
        };
        let mut seen: Vec<_> = sales.iter().map(of).collect();
        seen.sort_unstable();
        self.0.push((kind, token, seen));
    }

    fn is_full(&self) -> bool {
        self.0.len() > 2
    }
}

fn noted<const FOUND: bool>(
    world: &World,
    (finding, month): (Finding, Option<Month>),
    effort: Effort,
) -> Vec<SeenUnit> {
    let (sales, leads) = (&world.sales[..], &world.leads[..]);
    let mut all = Vec::new();
    let close = |notes: Notes<FOUND>| -> Result<(), MatchError> {
        all.extend(notes.0);
        Ok(())
    };
    let matching = Matching { sales, leads, finding, month };
    matching.units(effort, || Notes(Vec::new()), close).expect("memory can be read");
    all
}

/// Every unit and what its sales find, by nested loops.
fn expected(world: &World, month: Option<Month>) -> Vec<SeenUnit> {
    let leads = world.all_leads();
    let mut units: BTreeMap<(Reverse<Kind>, VaultToken), Vec<_>> = BTreeMap::new();
    for (place, rows) in (0..).zip(&world.sales) {
        for row in rows.iter().filter(|row| month.is_none_or(|month| row.date.month() == month)) {
            let Some(kind) = row.first_key() else { continue };
            let shares = |lead: &VaultRow, kind: Kind| {
                lead.tokens(kind).any(|token| row.tokens(kind).any(|own| own == token))
            };
            let meets =
                |lead: &VaultRow| world.rules.kinds().iter().any(|kind| shares(lead, *kind));
            let Value::Sale { amount_cents, .. } = row.value else { continue };
            let sale = (place, row.date, amount_cents, leads.iter().any(meets));
            let token = row.token(kind).expect("it is the row's key");
            units.entry((Reverse(kind), token)).or_default().push(sale);
        }
    }
    let units = units.into_iter().map(|((Reverse(kind), token), mut sales)| {
        sales.sort_unstable();
        (kind, token, sales)
    });
    units.collect()
}

#[test]
fn visitors_see_every_unit_once_and_in_order_whatever_the_threads_and_ranges() {
    let (mut met, mut unmet) = (0, 0);
    for seed in 0..cases(2_000) {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        let months: Vec<Month> = world.months().into_iter().collect();
        let month = (!months.is_empty() && dice.once_in(2)).then(|| dice.of(&months));
        let any = (Finding::Any(world.rules.kinds().to_vec()), month);
        let expected = expected(&world, month);
        let all = noted::<false>(&world, any.clone(), effort(&mut dice));
        assert!(all == expected, "world {seed}");
        let has_found = |unit: &SeenUnit| unit.2.iter().any(|sale| sale.3);
        met += expected.iter().filter(|unit| has_found(unit)).count();
        unmet += expected.iter().filter(|unit| !has_found(unit)).count();
        // A visitor that wants found units only sees all of those, and nothing that is not there.
        let some = noted::<true>(&world, any, effort(&mut dice));
        assert!(some.iter().all(|unit| expected.contains(unit)), "world {seed}");
        let found = expected.into_iter().filter(has_found);
        assert!(found.eq(some.into_iter().filter(has_found)), "world {seed}");
        // What the rules of attribution find does not depend on them either.
        let rules = (Finding::Attributed(world.rules.clone()), month);
        let once = noted::<false>(&world, rules.clone(), Effort::threads(1).parts(1));
        assert!(noted::<false>(&world, rules, effort(&mut dice)) == once, "world {seed}");
    }
    assert!(met > 2_000 && unmet > 500, "{met} {unmet}");
}

/// Notes whose the sales of each unit are, and reads nothing else of them.
struct Owners(Vec<(Kind, VaultToken, Vec<u32>)>);

impl UnitVisitor for Owners {
    const DAYS: bool = false;
    const AMOUNTS: bool = false;
    const FOUND_ONLY: bool = true;

    fn unit(&mut self, kind: Kind, token: VaultToken, sales: &mut [UnitSale]) {
        assert!(sales.iter().all(|sale| sale.campaign().is_some() && sale.met()));
        let mut deposits: Vec<u32> = sales.iter().map(UnitSale::deposit).collect();
        deposits.sort_unstable();
        self.0.push((kind, token, deposits));
    }
}

#[test]
fn rows_of_one_kind_are_sought_with_and_without_what_is_known_of_them() {
    let (mut found, mut several) = (0, 0);
    for seed in 0..cases(3_000) {
        let mut dice = Dice::new(seed);
        let mut world = World::new(&mut dice);
        let mut keys = Kind::KEYS.to_vec();
        keys.retain(|kind| world.rules.kinds().contains(kind));
        if keys.is_empty() {
            continue;
        }
        let kind = dice.of(&keys);
        for row in world.sales.iter_mut().chain(&mut world.leads).flatten() {
            let token = row.tokens[kind.index()];
            row.tokens = [None; Kind::SINGLE.len()];
            row.tokens[kind.index()] = token;
            row.near.clear();
        }
        let months: Vec<Month> = world.months().into_iter().collect();
        let month = (!months.is_empty() && dice.once_in(2)).then(|| dice.of(&months));
        let mut expected = expected(&world, month);
        expected.retain(|unit| unit.2.iter().any(|sale| sale.3));
        let any = Finding::Any(world.rules.kinds().to_vec());
        let seen = noted::<true>(&world, (any.clone(), month), effort(&mut dice));
        // Nobody else's: no row can have found anything elsewhere.
        assert!(seen == expected, "world {seed}");
        let (sales, leads) = (&world.sales[..], &world.leads[..]);
        let mut owners = Vec::new();
        let close = |part: Owners| -> Result<(), MatchError> {
            owners.extend(part.0);
            Ok(())
        };
        let matching = Matching { sales, leads, finding: any, month };
        matching.units(effort(&mut dice), || Owners(Vec::new()), close).expect("memory");
        let deposits = |sales: &[(u32, Day, u64, bool)]| sales.iter().map(|sale| sale.0).collect();
        let expected = expected.iter().map(|(kind, token, sales)| (*kind, *token, deposits(sales)));
        let expected: Vec<(Kind, VaultToken, Vec<u32>)> = expected.collect();
        assert!(owners == expected, "world {seed}");
        found += owners.len();
        several += owners.iter().filter(|unit| unit.2.len() > 1).count();
    }
    assert!(found > 1_000 && several > 300, "{found} {several}");
}

#[test]
fn an_error_of_reading_is_told_by_any_number_of_threads() {
    let mut failed = 0;
    for seed in 0..cases(200) {
        let mut dice = Dice::new(seed);
        let mut world = World::new(&mut dice);
        // A lead in a deposit of sales: whatever segment it is in cannot be matched.
        let Some(rows) = world.sales.first_mut() else { continue };
        let Some(row) = rows.first_mut() else { continue };
        if row.first_key().is_none() {
            continue;
        }
        row.value = Value::Lead { campaign: 0 };
        let month = row.date.month();
        rows.truncate(1);
        let (mut everybody, partners) = (Noted(Vec::new()), world.partners());
        let how = (&world.rules, &partners, month);
        let refused = collected(&world.sales, &world.leads, how, effort(&mut dice), &mut everybody);
        assert_eq!(refused.err(), Some(MatchError::NotSales), "world {seed}");
        failed += 1;
    }
    assert!(failed > 50, "{failed}");
}

#[test]
fn the_engine_reads_from_disk_what_it_reads_from_memory() {
    for seed in 0..25 {
        let world = World::new(&mut Dice::new(seed));
        let dir = tempdir().expect("a temporary directory");
        let store = |name: &str, rows: &[Vec<VaultRow>]| -> Vec<StoredDeposit> {
            let write = |(place, rows): (usize, &Vec<VaultRow>)| {
                let id = format!("{name}-{place}");
                let key = || SegmentKey::derive(&[7; 32], &id);
                write_deposit(dir.path(), &id, rows.clone(), &key(), Faults::none())?;
                StoredDeposit::open(dir.path(), &id, key())
            };
            // Amounts beyond what a segment takes stay in memory only.
            rows.iter().enumerate().map(write).collect::<Result<_, _>>().expect("written")
        };
        let mut world = world;
        for row in world.sales.iter_mut().flatten() {
            if row.value == (Value::Sale { amount_cents: MAX_AMOUNT_CENTS, traits: Traits::OTHER })
            {
                row.value = Value::Sale { amount_cents: 7, traits: Traits::OTHER };
            }
        }
        let (sales, leads) = (store("sales", &world.sales), store("leads", &world.leads));
        assert!(
            found(&sales, &leads, (&world, &world.partners())) == specified(&world),
            "world {seed}"
        );
    }
}

#[test]
fn the_order_of_deposits_and_rows_does_not_matter() {
    for seed in 0..cases(1_000) {
        let mut dice = Dice::new(seed);
        let mut world = World::new(&mut dice);
        let before = specified(&world);
        let partners = world.owners.of((0..world.sales.len()).rev());
        world.sales.reverse();
        world.leads.reverse();
        for rows in world.sales.iter_mut().chain(&mut world.leads) {
            dice.shuffle(rows);
        }
        assert!(found(&world.sales, &world.leads, (&world, &partners)) == before, "world {seed}");
    }
}

/// One e-mail address for all rows; dates as days of 2024.
fn rows(values: &[(i32, Value)]) -> Vec<Vec<VaultRow>> {
    let mut tokens = [None; Kind::SINGLE.len()];
    tokens[Kind::Email.index()] = Some(token(Kind::Email, 0));
    let row = |(day, value): &(i32, Value)| VaultRow {
        tokens,
        near: Vec::new(),
        date: Day::from_epoch_days(19_723 + day),
        value: *value,
    };
    vec![values.iter().map(row).collect()]
}

/// Nobody says whose the deposits are.
fn nobody() -> Partners {
    Partners::default()
}

fn standard() -> MatchRules {
    rules_by(Touch::Last)
}

fn rules_by(touch: Touch) -> MatchRules {
    MatchRules::new(Kind::ALL, WindowDays::new(180).expect("allowed"), touch)
}

fn two_months() -> SaleMonthsPerYear {
    SaleMonthsPerYear::new(2).expect("allowed")
}

fn outcome(sales: &[(i32, u64)], leads: &[(i32, u16)], rules: &MatchRules) -> Vec<String> {
    let mut days: Vec<i32> = sales.iter().map(|(day, _)| *day).collect();
    days.sort_unstable();
    outcome_of(sales, leads, rules, &days)
}

/// The months of `asked` are asked for in that order.
fn outcome_of(
    sales: &[(i32, u64)],
    leads: &[(i32, u16)],
    rules: &MatchRules,
    asked: &[i32],
) -> Vec<String> {
    let sale = |(day, amount_cents): &(i32, u64)| {
        (*day, Value::Sale { amount_cents: *amount_cents, traits: Traits::OTHER })
    };
    let lead = |(day, campaign): &(i32, u16)| (*day, Value::Lead { campaign: *campaign });
    let sales = rows(&sales.iter().map(sale).collect::<Vec<_>>());
    let leads = rows(&leads.iter().map(lead).collect::<Vec<_>>());
    let mut admitted = Admitted::new(two_months());
    let units = asked.iter().flat_map(|day| {
        let month = Day::from_epoch_days(19_723 + day).month();
        let effort = Effort::threads(1);
        collected(&sales, &leads, (rules, &nobody(), month), effort, &mut admitted.at(month))
            .expect("memory can be read")
    });
    let mut units = sorted(units.collect());
    units.dedup();
    let text = |unit: &UnitMonth| match unit.conversion() {
        None => format!("{} -", unit.month()),
        Some(by) => {
            let (month, delay) = (unit.month(), by.delay_days());
            format!("{month} {} {} after {delay}", by.campaign(), by.revenue_cents())
        }
    };
    units.iter().map(text).collect()
}

#[test]
fn the_rule_by_example() {
    let rules = standard();
    // The window includes its last day and the day of the lead, and no day after the sale.
    for (lead, expected) in [(180, "3 5 after 180"), (0, "3 5 after 0"), (181, "-")] {
        let expected = format!("2024-06 {expected}");
        assert_eq!(outcome(&[(180, 5)], &[(180 - lead, 3)], &rules), [expected]);
    }
    assert_eq!(outcome(&[(180, 5)], &[(181, 3)], &rules), ["2024-06 -"]);
    // The touch rule; the smallest campaign of the day.
    let leads = [(10, 2), (5, 1), (10, 3), (5, 0)];
    assert_eq!(outcome(&[(20, 5)], &leads, &rules), ["2024-01 2 5 after 10"]);
    let first = rules_by(Touch::First);
    assert_eq!(outcome(&[(20, 5)], &leads, &first), ["2024-01 0 5 after 15"]);
    // One conversion a month, by its earliest attributed sale; the earlier sale found no lead.
    let sales = [(3, 100), (12, 7), (20, 5)];
    assert_eq!(outcome(&sales, &[(10, 2), (15, 1)], &rules), ["2024-01 2 12 after 2"]);
    // The same sale delivered twice is one sale; another amount on the same day is another.
    assert_eq!(outcome(&[(20, 5), (20, 5), (20, 6)], &[(1, 0)], &rules), ["2024-01 0 11 after 19"]);
    // Two months a year, those asked for first, attributed or not; the next year begins anew.
    let sales = [(0, 1), (40, 2), (80, 4), (366, 8)];
    let expected = ["2024-01 -", "2024-02 1 2 after 5", "2025-01 2 8 after 6"];
    assert_eq!(outcome(&sales, &[(35, 1), (360, 2)], &rules), expected);
    let expected = ["2024-01 -", "2024-03 1 4 after 45", "2025-01 2 8 after 6"];
    let asked = [80, 0, 40, 80, 366, 40];
    assert_eq!(outcome_of(&sales, &[(35, 1), (360, 2)], &rules, &asked), expected);
}

#[test]
fn sides_cannot_be_exchanged() {
    let sales = rows(&[(0, Value::Sale { amount_cents: 1, traits: Traits::OTHER })]);
    let leads = rows(&[(0, Value::Lead { campaign: 0 })]);
    let month = Day::from_epoch_days(19_723).month();
    let code = |sales: &[Vec<VaultRow>], leads: &[Vec<VaultRow>]| {
        let mut admitted = Admitted::new(two_months());
        let effort = Effort::threads(1);
        let how = (&standard(), &nobody(), month);
        collected(sales, leads, how, effort, &mut admitted.at(month)).err()
    };
    assert_eq!(code(&leads, &leads).map(|e| e.code()), Some("match.not_sales"));
    assert_eq!(code(&sales, &sales), Some(MatchError::NotLeads));
}
