//! Tests of the engine against the rule, on random worlds and by example.

use tempfile::tempdir;
use tiers_contact::Kind;
use tiers_protocol::policy::{SaleMonthsPerYear, Touch, WindowDays};

use super::{
    MatchError, MatchRules, UnitMonth, attribute, naive,
    worlds::{Dice, World, cases, token},
};
use crate::{
    crypto::segment_key::SegmentKey,
    vault::{Day, Faults, StoredDeposit, Value, VaultRow, write_deposit},
};

fn sorted(mut units: Vec<UnitMonth>) -> Vec<UnitMonth> {
    units.sort_unstable();
    units
}

fn specified(world: &World) -> Vec<UnitMonth> {
    sorted(naive::attribute(&world.all_sales(), &world.all_leads(), &world.rules))
}

#[test]
fn the_engine_finds_what_the_rule_says() {
    let (mut converted, mut idle, mut limited) = (0, 0, 0);
    for seed in 0..cases(10_000) {
        let world = World::new(&mut Dice::new(seed));
        let found = attribute(&world.sales, &world.leads, &world.rules);
        let found = sorted(found.expect("memory can be read"));
        assert!(found == specified(&world), "world {seed}");
        converted += found.iter().filter(|unit| unit.conversion().is_some()).count();
        idle += found.iter().filter(|unit| unit.conversion().is_none()).count();
        let mut free = world.rules.clone();
        free.sale_months_per_year = SaleMonthsPerYear::new(12).expect("allowed");
        let all = attribute(&world.sales, &world.leads, &free).expect("memory can be read");
        limited += all.len() - found.len();
    }
    // Controls: the worlds are not trivial.
    assert!(converted > 1_000 && idle > 1_000 && limited > 1_000);
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
            if row.value == (Value::Sale { amount_cents: u64::MAX }) {
                row.value = Value::Sale { amount_cents: 7 };
            }
        }
        let (sales, leads) = (store("sales", &world.sales), store("leads", &world.leads));
        let found = attribute(&sales, &leads, &world.rules).expect("disk can be read");
        assert!(sorted(found) == specified(&world), "world {seed}");
    }
}

#[test]
fn the_order_of_deposits_and_rows_does_not_matter() {
    for seed in 0..cases(1_000) {
        let mut dice = Dice::new(seed);
        let mut world = World::new(&mut dice);
        let before = specified(&world);
        world.sales.reverse();
        world.leads.reverse();
        for rows in world.sales.iter_mut().chain(&mut world.leads) {
            rows.sort_by_key(|_| dice.roll());
        }
        let found = attribute(&world.sales, &world.leads, &world.rules);
        assert!(sorted(found.expect("memory can be read")) == before, "world {seed}");
    }
}

/// One e-mail address for all rows; dates as days of 2024.
fn rows(values: &[(i32, Value)]) -> Vec<Vec<VaultRow>> {
    let mut tokens = [None; Kind::ALL.len()];
    tokens[Kind::Email.index()] = Some(token(Kind::Email, 0));
    let row = |(day, value): &(i32, Value)| VaultRow {
        tokens,
        date: Day::from_epoch_days(19_723 + day),
        value: *value,
    };
    vec![values.iter().map(row).collect()]
}

fn standard() -> MatchRules {
    MatchRules {
        kinds: Kind::ALL.to_vec(),
        window_days: WindowDays::new(180).expect("allowed"),
        touch: Touch::Last,
        sale_months_per_year: SaleMonthsPerYear::new(2).expect("allowed"),
    }
}

fn outcome(sales: &[(i32, u64)], leads: &[(i32, u16)], rules: &MatchRules) -> Vec<String> {
    let sale =
        |(day, amount_cents): &(i32, u64)| (*day, Value::Sale { amount_cents: *amount_cents });
    let lead = |(day, campaign): &(i32, u16)| (*day, Value::Lead { campaign: *campaign });
    let sales = rows(&sales.iter().map(sale).collect::<Vec<_>>());
    let leads = rows(&leads.iter().map(lead).collect::<Vec<_>>());
    let units = attribute(&sales, &leads, rules).expect("memory can be read");
    let text = |unit: &UnitMonth| match unit.conversion() {
        None => format!("{} -", unit.month()),
        Some(by) => format!("{} {} {}", unit.month(), by.campaign(), by.revenue_cents()),
    };
    sorted(units).iter().map(text).collect()
}

#[test]
fn the_rule_by_example() {
    let rules = standard();
    // The window includes its last day and the day of the lead, and no day after the sale.
    for (lead, expected) in [(180, "2024-06 3 5"), (0, "2024-06 3 5"), (181, "2024-06 -")] {
        assert_eq!(outcome(&[(180, 5)], &[(180 - lead, 3)], &rules), [expected]);
    }
    assert_eq!(outcome(&[(180, 5)], &[(181, 3)], &rules), ["2024-06 -"]);
    // The touch rule; the smallest campaign of the day.
    let leads = [(10, 2), (5, 1), (10, 3), (5, 0)];
    assert_eq!(outcome(&[(20, 5)], &leads, &rules), ["2024-01 2 5"]);
    let first = MatchRules { touch: Touch::First, ..standard() };
    assert_eq!(outcome(&[(20, 5)], &leads, &first), ["2024-01 0 5"]);
    // One conversion a month, by its earliest attributed sale; the earlier sale found no lead.
    let sales = [(3, 100), (12, 7), (20, 5)];
    assert_eq!(outcome(&sales, &[(10, 2), (15, 1)], &rules), ["2024-01 2 12"]);
    // The same sale delivered twice is one sale; another amount on the same day is another.
    assert_eq!(outcome(&[(20, 5), (20, 5), (20, 6)], &[(1, 0)], &rules), ["2024-01 0 11"]);
    // Two months a year, the earliest, attributed or not; the next year begins anew.
    let sales = [(0, 1), (40, 2), (80, 4), (366, 8)];
    let expected = ["2024-01 -", "2024-02 1 2", "2025-01 2 8"];
    assert_eq!(outcome(&sales, &[(35, 1), (360, 2)], &rules), expected);
}

#[test]
fn sides_cannot_be_exchanged() {
    let sales = rows(&[(0, Value::Sale { amount_cents: 1 })]);
    let leads = rows(&[(0, Value::Lead { campaign: 0 })]);
    let not_sales = attribute(&leads, &leads, &standard()).err();
    assert_eq!(not_sales.map(|e| e.code()), Some("match.not_sales"));
    let not_leads = attribute(&sales, &sales, &standard()).err();
    assert_eq!(not_leads, Some(MatchError::NotLeads));
}
