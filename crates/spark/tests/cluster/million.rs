//! A generated million: sales and leads on disk as a certifier keeps them, encrypted segments of several partners.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tiers_contact::Kind;
use tiers_engine::crypto::export_key::ExportKey;
use tiers_engine::crypto::segment_key::SegmentKey;
use tiers_engine::matching::naive::Admitted;
use tiers_engine::matching::{Attribution, Effort, MatchRules, Partners};
use tiers_engine::statistics::{CampaignCount, Layout, Query};
use tiers_engine::vault::{
    Batch, Batches as _, Columns, Day, Export, ExportFile, Faults, Month, Segments as _,
    StoredDeposit, TokenRange, Traits, Value, VaultError, VaultRow, write_deposit,
};
use tiers_protocol::entropy::System;
use tiers_protocol::policy::{
    ClampCents, Margin, SaleMonthsPerYear, SectionId, TemplateId, Touch, WindowDays,
};
use tiers_spark::Counting;

use super::equal::{clustered, embedded};
use super::machines::Machines;
use super::rows::{Dice, Tokens};

const PARTNERS: u16 = 20;
const CAMPAIGNS: u16 = 24;
/// Of the rows two thirds are sales.
const ROWS: u64 = 1_000_000;

/// Deposits on disk, and how they are counted.
pub struct Million {
    pub rows: u64,
    pub sales: Vec<StoredDeposit>,
    pub leads: Vec<StoredDeposit>,
    pub rules: MatchRules,
    pub partners: Partners,
    pub layout: Layout,
    _folder: TempDir,
}

/// The sections of the standard monthly report, and what else its rows can answer.
pub const SECTIONS: [SectionId; 7] = [
    SectionId::CONVERSIONS,
    SectionId::new(TemplateId::Revenue, Margin::Campaign),
    SectionId::new(TemplateId::Delay, Margin::Campaign),
    SectionId::new(TemplateId::Network, Margin::All),
    SectionId::new(TemplateId::Overlap, Margin::All),
    SectionId::new(TemplateId::Segments, Margin::Campaign),
    SectionId::new(TemplateId::Partners, Margin::All),
];

pub const LIMIT: u64 = 2;

/// The month that is asked for.
pub fn month() -> Month {
    Month::new(2024, 5).unwrap()
}

/// Identifiers of a person as a file has them: a card, an e-mail address, a mobile number, not all of them.
fn known(tokens: &Tokens, dice: &mut Dice, person: u64) -> VaultRow {
    let mut row = VaultRow {
        tokens: [None; Kind::SINGLE.len()],
        near: Vec::new(),
        date: Day::from_epoch_days(0),
        value: Value::Known,
    };
    for (kind, once_missing_in) in [(Kind::Card, 2), (Kind::Email, 3), (Kind::Mobile, 4)] {
        if !dice.once_in(once_missing_in) {
            row.tokens[kind.index()] = Some(tokens.of(kind, person));
        }
    }
    // A household's telephone, shared by four persons.
    if dice.once_in(5) {
        row.tokens[Kind::Landline.index()] = Some(tokens.of(Kind::Landline, person / 4));
    }
    row
}

impl Million {
    /// As many rows as the environment says, a million otherwise.
    pub fn new() -> Self {
        let rows =
            std::env::var("TIERS_SPARK_ROWS").ok().map_or(ROWS, |rows| rows.parse().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let (tokens, mut dice) = (Tokens::new(), Dice(7));
        let (sold, led) = (rows * 2 / 3, rows / 3);
        let persons = rows / 2;
        let deposit = |name: &str, rows: Vec<VaultRow>| {
            let key = || SegmentKey::derive(&[3; 32], name);
            write_deposit(folder.path(), name, rows, &key(), Faults::none()).unwrap();
            StoredDeposit::open(folder.path(), name, key()).unwrap()
        };
        let (first, last) = month().days();
        let (first, last) = (first.epoch_days(), last.epoch_days());
        let mut sales = Vec::new();
        for partner in 0..PARTNERS {
            let count = sold / u64::from(PARTNERS);
            let sale = |_| {
                let person = dice.below(persons);
                let row = known(&tokens, &mut dice, person);
                let date = first + i32::try_from(dice.below(40)).unwrap();
                // Some are of the month after, which nobody asks for.
                let date = if date > last + 3 { last } else { date };
                let amount_cents = 100_000 + 50_000 * dice.below(100);
                let value = Value::Sale { amount_cents, traits: Traits::OTHER };
                VaultRow { date: Day::from_epoch_days(date), value, ..row }
            };
            sales.push(deposit(&format!("sales-{partner}"), (0..count).map(sale).collect()));
        }
        let lead = |_| {
            let person = dice.below(persons);
            let row = known(&tokens, &mut dice, person);
            let date = first - 200 + i32::try_from(dice.below(230)).unwrap();
            let campaign = u16::try_from(dice.below(CAMPAIGNS.into())).unwrap();
            VaultRow { date: Day::from_epoch_days(date), value: Value::Lead { campaign }, ..row }
        };
        let leads = vec![deposit("leads", (0..led).map(lead).collect())];
        let kinds = [Kind::Card, Kind::Email, Kind::Mobile, Kind::Landline];
        let rules = MatchRules::new(kinds, WindowDays::new(180).unwrap(), Touch::Last);
        let partners = Partners::new((0..PARTNERS).collect()).with_pairs(&[(0, 1), (2, 3), (4, 5)]);
        let clamp = ClampCents::new(4_000_000).unwrap();
        let layout = Layout::new(month(), CampaignCount::new(CAMPAIGNS), clamp);
        let layout = layout.with_network((0..PARTNERS).map(|p| p / 2).collect()).with_pairs(3);
        Self { rows, sales, leads, rules, partners, layout, _folder: folder }
    }

    /// Rules, month and partners.
    pub fn how(&self) -> Attribution<'_> {
        let effort = Effort::threads(2);
        Attribution { rules: &self.rules, month: month(), partners: &self.partners, effort }
    }

    pub fn limit() -> Admitted {
        Admitted::new(SaleMonthsPerYear::new(LIMIT).unwrap())
    }
}

/// A token and its kind.
type Key = (Kind, [u8; 16]);

/// Units that a lead knows, and units that converted, by hash tables: a third opinion that shares nothing with
/// the two.
fn judge(million: &Million) -> (i64, i64) {
    let mut leads: HashMap<(Kind, [u8; 16]), Vec<i32>> = HashMap::new();
    let kinds = million.rules.kinds();
    let mut batch = Batch::new();
    for kind in kinds {
        let mut reader = million.leads[0].segment(*kind, TokenRange::ALL, Columns::ALL).unwrap();
        while reader.next(&mut batch).unwrap() {
            for at in 0..batch.len() {
                let key = (*kind, *batch.tokens[at].as_bytes());
                leads.entry(key).or_default().push(batch.days[at].epoch_days());
            }
        }
    }
    let (first, last) = month().days();
    let (mut known, mut converted) = (HashSet::new(), HashSet::new());
    for deposit in &million.sales {
        let mut rows: HashMap<u32, (Option<Key>, bool, bool)> = HashMap::new();
        for kind in kinds {
            let mut reader = deposit.segment(*kind, TokenRange::ALL, Columns::ALL).unwrap();
            while reader.next(&mut batch).unwrap() {
                for at in 0..batch.len() {
                    let day = batch.days[at];
                    if day < first || day > last {
                        continue;
                    }
                    let key = (*kind, *batch.tokens[at].as_bytes());
                    let row = rows.entry(batch.rows[at]).or_default();
                    if batch.firsts[at] {
                        row.0 = Some(key);
                    }
                    if let Some(days) = leads.get(&key) {
                        row.1 = true;
                        let age = |lead: &i32| day.epoch_days() - lead;
                        row.2 |= days.iter().any(|lead| (0..=180).contains(&age(lead)));
                    }
                }
            }
        }
        for (unit, met, found) in rows.into_values() {
            let Some(unit) = unit else { continue };
            if met {
                known.insert(unit);
            }
            if found {
                converted.insert(unit);
            }
        }
    }
    let count = |units: HashSet<_>| i64::try_from(units.len()).unwrap();
    (count(known), count(converted))
}

/// Rows and bytes of an export, and how long they take to be made.
fn exported(million: &Million) -> (u64, u64, Duration) {
    let (key, begun) = (ExportKey::random(&mut System), Instant::now());
    let export = Export::new("measured", &key);
    let query =
        Query::new(&SECTIONS, &million.layout, (&million.rules, &million.partners)).unwrap();
    let (mut bytes, mut rows) = (0, 0);
    let mut put = |file: ExportFile| {
        bytes += file.bytes.len() as u64;
        Ok::<_, VaultError>(())
    };
    let sales = million.sales.iter().zip(0..);
    rows += export.sales(sales, &query.kinds_of_sales(), month(), &mut put).unwrap();
    rows += export
        .leads(&million.leads, query.kinds_of_leads(), query.days_of_leads(), &mut put)
        .unwrap();
    (rows, bytes, begun.elapsed())
}

#[test]
#[expect(clippy::print_stderr)]
fn a_generated_million_is_the_same_cell_by_cell() {
    let million = Million::new();
    let how = million.how();
    let (sales, leads) = (&million.sales[..], &million.leads[..]);
    let of = Counting { sales, leads, how: &how, layout: &million.layout, sections: &SECTIONS };
    let begun = Instant::now();
    let expected = embedded(&of, &mut Million::limit());
    let here = begun.elapsed();
    let (known, converted) = judge(&million);
    let total = |section: SectionId| {
        let (_, counts, _) = expected.iter().find(|(of, ..)| *of == section).unwrap();
        counts.iter().sum::<i64>()
    };
    let overlap = SectionId::new(TemplateId::Overlap, Margin::All);
    assert_eq!((total(overlap), total(SectionId::CONVERSIONS)), (known, converted));
    let (rows, bytes, took) = exported(&million);
    let row = bytes as f64 / rows as f64;
    eprintln!("export: {rows} rows of {row:.1} bytes in {took:.2?}, not written");
    let machines = Machines::start();
    let cluster = machines.cluster();
    // The second time the processes are warm, as they are on a cluster that is there.
    for round in ["cold", "warm"] {
        let begun = Instant::now();
        let (found, _) = clustered(&cluster, &of, &mut Million::limit()).unwrap();
        let there = begun.elapsed();
        for ((section, ours, cents), (_, theirs, their_cents)) in expected.iter().zip(&found) {
            let off = ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
            let sum = |cells: &[i64]| cells.iter().sum::<i64>();
            eprintln!(
                "{}: {off} cells of {} differ, {} and {} units, revenue {}",
                section.name(),
                ours.len(),
                sum(ours),
                sum(theirs),
                cents == their_cents
            );
        }
        assert!(found == expected, "{round}");
        eprintln!(
            "{} rows: embedded {here:.2?}, cluster of two cores {there:.2?} ({round})",
            million.rows
        );
    }
    let converted: i64 = expected[0].1.iter().sum();
    assert!(converted.unsigned_abs() > million.rows / 20, "there was something to find");
}
