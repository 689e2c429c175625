//! Figures follow from noisy values, public facts and terms, and from nothing else.

use proptest::prelude::*;
use tiers_protocol::{
    canonical,
    certificate::{NamedPolicy, NamedProgramme},
    encoding::sha256,
    ids::{ProgrammeId, ReleaseId},
    report::{Cell, Figure, HiddenReason, NoisyCell, Report, ReportHead, Section},
};

use crate::disclosure::{
    ExactTables, NoisyTables, OpenDpNoise, PublicAxes, PublicCampaign,
    gate::NoisyTable,
    recompute, release,
    tests::{axes, campaigns, terms},
    write_report,
};

pub fn head() -> ReportHead {
    ReportHead {
        release: ReleaseId::from_bytes([1; 16]),
        programme: NamedProgramme { id: ProgrammeId::from_bytes([2; 16]), name: "P".to_owned() },
        policy: NamedPolicy { name: "standard".to_owned(), sha256: sha256(b"policy") },
        period: "2025-03".to_owned().try_into().unwrap(),
        snapshot: 1,
    }
}

fn noisy(counts: &[i64], sums: &[i64]) -> NoisyTables {
    let table = NoisyTable { counts: counts.to_vec(), centred_cents: Some(sums.to_vec()) };
    NoisyTables { tables: vec![table] }
}

fn report(counts: &[i64], sums: &[i64]) -> Report {
    let terms = terms(counts.len());
    write_report(head(), &noisy(counts, sums), &axes(counts.len()), &terms).unwrap()
}

/// Conversions by campaign.
fn section(report: &Report) -> &Section {
    report.campaigns().unwrap()
}

fn shown(value: i64, low: i64, high: i64) -> Cell {
    Cell::Shown(Figure { value, low, high })
}

#[test]
fn sta_01_counts_below_the_threshold_are_hidden_and_the_threshold_is_shown() {
    let threshold = i64::try_from(terms(1).conversions().row_law().threshold()).unwrap();
    assert_eq!(threshold, 15);
    for count in [i64::MIN, -3, 0, 10, 11, 14] {
        let row = section(&report(&[count, 500, 500], &[0, 0, 0])).rows[0].figures;
        assert_eq!(row.noisy, None);
        let hidden = Cell::hidden(HiddenReason::BelowThreshold);
        assert!(row.cells().all(|(_, cell)| *cell == hidden));
    }
    let row = section(&report(&[15, 500, 500], &[0, 0, 0])).rows[0].figures;
    assert_eq!(row.units, shown(15, 6, 24));
}

proptest! {
    #[test]
    fn no_value_makes_the_answer_fail_after_the_noise_is_drawn(
        pairs in proptest::collection::vec((any::<i64>(), any::<i64>()), 1..8),
        cost_cents in prop_oneof![Just(0), Just(1), Just(u64::MAX), any::<u64>()],
        leads in prop_oneof![Just(0), Just(u64::MAX), any::<u64>()],
    ) {
        let (counts, sums): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let mut stated = campaigns(counts.len());
        for campaign in &mut stated {
            campaign.cost_cents = cost_cents;
            campaign.leads = leads;
        }
        let terms = terms(counts.len());
        prop_assert!(write_report(head(), &noisy(&counts, &sums), &PublicAxes::of_campaigns(stated), &terms).is_ok());
    }
}

#[test]
fn a_row_by_hand() {
    // Half widths: 9 units, and for revenue 2 000 000 cents around each.
    let terms = terms(3);
    let revenue_width =
        i64::try_from(terms.conversions().row_law().revenue().unwrap().width()).unwrap();
    let report = report(&[100, 100, 100], &[50_000_000, 0, 0]);
    let row = section(&report).rows[0].figures;
    assert_eq!((row.leads, row.cost_cents), (Some(600), Some(1_800_000)));
    assert_eq!(row.units, shown(100, 91, 109));
    // 100/600 = 1666.67, 91/600 = 1516.67, 109/600 = 1816.67 in ten thousand.
    assert_eq!(row.rate_per_myriad.unwrap(), shown(1_667, 1_516, 1_817));
    let revenue = 250_000_000;
    assert_eq!(
        row.revenue_cents.unwrap(),
        shown(revenue, revenue - revenue_width, revenue + revenue_width)
    );
    let lead = row.revenue_per_lead_cents.unwrap().figure().copied().unwrap();
    assert_eq!(lead.value, 416_667);
    let euro = row.revenue_per_euro_milli.unwrap().figure().copied().unwrap();
    assert_eq!(euro.value, 138_889);
    let basket = row.basket_cents.unwrap().figure().copied().unwrap();
    assert_eq!(basket.value, 2_500_000);
    assert!(basket.low < basket.value && basket.value < basket.high && basket.high <= 4_000_000);
    assert_eq!(section(&report).total.units.figure().unwrap().value, 300);
}

#[test]
fn nothing_is_divided_by_nothing() {
    let bare = PublicCampaign { name: "C0".to_owned(), leads: 900, cost_cents: 0 };
    let written =
        write_report(head(), &noisy(&[50], &[0]), &PublicAxes::of_campaigns(vec![bare]), &terms(1))
            .unwrap();
    let row = section(&written).rows[0].figures;
    assert_eq!(row.revenue_per_euro_milli.unwrap(), Cell::hidden(HiddenReason::NoDenominator));
    assert!(
        row.rate_per_myriad.unwrap().figure().is_some()
            && row.basket_cents.unwrap().figure().is_some()
    );
    recompute(&written).unwrap();
}

#[test]
fn sta_05_a_campaign_of_which_nearly_all_converted_is_hidden() {
    for (leads, count, seen) in
        [(500, 500, false), (500, 490, false), (500, 489, true), (500, 501, false), (0, 20, false)]
    {
        let campaign = PublicCampaign { name: "C0".to_owned(), leads, cost_cents: 100 };
        let written = write_report(
            head(),
            &noisy(&[count], &[0]),
            &PublicAxes::of_campaigns(vec![campaign]),
            &terms(1),
        )
        .unwrap();
        let cell = section(&written).rows[0].figures.units;
        assert_eq!(cell.figure().is_some(), seen, "{count} of {leads}");
        assert!(seen || cell == Cell::hidden(HiddenReason::Complement));
        recompute(&written).unwrap();
    }
}

#[test]
fn sta_06_the_total_hides_when_it_would_give_one_row_away() {
    let one_hidden = report(&[100, 100, 3], &[0; 3]);
    assert_eq!(section(&one_hidden).total.units, Cell::hidden(HiddenReason::Complement));
    assert_eq!(section(&one_hidden).total.noisy, None);
    let two_hidden = report(&[100, 4, 3], &[0; 3]);
    assert_eq!(section(&two_hidden).total.units.figure().unwrap().value, 107);
    let none_hidden = report(&[100, 40, 30], &[0; 3]);
    assert_eq!(section(&none_hidden).total.units.figure().unwrap().value, 170);
    let all_small = report(&[5, 4, 3], &[0; 3]);
    assert_eq!(section(&all_small).total.units, Cell::hidden(HiddenReason::BelowThreshold));
    for report in [one_hidden, two_hidden, none_hidden, all_small] {
        recompute(&report).unwrap();
    }
}

#[test]
fn a_hidden_row_leaves_no_noisy_value_in_the_document() {
    let written = report(&[100, -7_654_321, 3, 60], &[0, 918_273_645, 5, 1]);
    let text = String::from_utf8(canonical::to_vec(&written)).unwrap();
    assert!(!text.contains("7654321") && !text.contains("918273645"));
    assert!(text.contains("\"count\":100"));
}

#[test]
fn figures_beyond_exact_json_stay_at_the_bound() {
    // A refusal here would be an outcome that depends on data and costs nothing.
    let mut cheap = campaigns(1);
    cheap[0].cost_cents = 1;
    let huge = noisy(&[100], &[9_007_199_254_740_991]);
    let written = write_report(head(), &huge, &PublicAxes::of_campaigns(cheap), &terms(1)).unwrap();
    let most = 9_007_199_254_740_991;
    let per_euro = section(&written).rows[0].figures.revenue_per_euro_milli.unwrap();
    assert_eq!(per_euro, shown(most, most, most));
    let bytes = canonical::to_vec(&written);
    let read: Report = canonical::from_slice(&bytes).unwrap();
    assert_eq!(recompute(&read), Ok(()));
    let short = noisy(&[100], &[0, 0]);
    let refusal = write_report(head(), &short, &axes(1), &terms(1)).unwrap_err();
    assert_eq!(refusal.code(), "gate.rows");
}

fn tables() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
    let count = prop_oneof![-30i64..60, 0i64..2_000, Just(14), Just(15)];
    prop::collection::vec((count, -80_000_000i64..80_000_000), 1..10)
        .prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    /// Requirement T18 of the red team: every flag follows from published values and parameters.
    #[test]
    fn every_report_is_worked_out_again_from_itself((counts, sums) in tables()) {
        let written = report(&counts, &sums);
        prop_assert_eq!(recompute(&written), Ok(()));
        let bytes = canonical::to_vec(&written);
        let read: Report = canonical::from_slice(&bytes).unwrap();
        prop_assert_eq!(recompute(&read), Ok(()));
        let section = section(&written);
        for row in section.rows.iter().map(|row| &row.figures).chain([&section.total]) {
            for (name, cell) in row.cells() {
                let Some(figure) = cell.figure() else { continue };
                prop_assert!(0 <= figure.low, "{}", name);
                prop_assert!(figure.low <= figure.value && figure.value <= figure.high, "{}", name);
            }
        }
    }
}

proptest! {
    // Each case works a report out again some hundred times.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Adds one to every integer of a report in turn: no change goes unnoticed.
    #[test]
    fn no_number_of_a_report_can_be_changed_unseen((counts, sums) in tables()) {
        let written = report(&counts, &sums);
        let value = serde_json::to_value(&written).unwrap();
        for path in numbers(&value, String::new()) {
            // The head is the certificate's affair; a minimum below three scales decides nothing.
            if path.starts_with("/head") || path == "/parameters/cohort_min" {
                continue;
            }
            let mut altered = value.clone();
            let number = altered.pointer_mut(&path).unwrap();
            *number = (number.as_i64().unwrap() + 1).into();
            let Ok(altered) = serde_json::from_value::<Report>(altered) else { continue };
            let seen = recompute(&altered).is_err();
            prop_assert!(seen || free(&value, &path), "{}", path);
        }
    }
}

#[test]
fn nothing_is_taken_from_a_row_beyond_what_it_has() {
    let mut written = report(&[15, -15], &[0, 0]);
    assert_eq!(recompute(&written), Ok(()));
    let noisy = written.sections[0].rows[0].figures.noisy.as_mut().unwrap();
    assert_eq!((noisy.count, noisy.taken), (15, 15));
    noisy.taken = 16;
    assert_eq!(recompute(&written), Err(crate::disclosure::GateError::Mismatch));
}

/// Whether no figure depends on the number at this path: a noisy revenue below zero, where its
/// figure is clipped.
fn free(report: &serde_json::Value, path: &str) -> bool {
    path.strip_suffix("/noisy/centred_cents")
        .is_some_and(|row| report.pointer(&format!("{row}/revenue_cents/value")).unwrap() == 0)
}

pub fn numbers(value: &serde_json::Value, path: String) -> Vec<String> {
    match value {
        serde_json::Value::Number(_) => vec![path],
        serde_json::Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, v)| numbers(v, format!("{path}/{i}"))).collect()
        }
        serde_json::Value::Object(fields) => {
            fields.iter().flat_map(|(k, v)| numbers(v, format!("{path}/{k}"))).collect()
        }
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A report from anywhere may say anything: it is refused or confirmed, never a panic.
    #[test]
    fn hostile_numbers_are_refused_not_feared(
        count: i64, centred_cents: i64, leads: u64, cost_cents: u64, all: bool,
    ) {
        let mut hostile = report(&[100, 100], &[0; 2]);
        let mut figures = hostile.sections[0].rows[0].figures;
        figures.noisy = Some(NoisyCell { count, taken: 0, centred_cents: Some(centred_cents) });
        (figures.leads, figures.cost_cents) = (Some(leads), Some(cost_cents));
        hostile.sections[0].rows[0].figures = figures;
        if all {
            hostile.sections[0].rows[1].figures = figures;
        }
        prop_assert!(recompute(&hostile).is_err());
        let pair = noisy(&[count, count], &[centred_cents; 2]);
        let public = PublicCampaign { name: String::new(), leads, cost_cents };
        if let Ok(written) = {
            let axes = PublicAxes::of_campaigns(vec![public.clone(), public]);
            write_report(head(), &pair, &axes, &terms(2))
        } {
            prop_assert_eq!(recompute(&written), Ok(()));
        }
    }
}

#[test]
fn a_flag_cannot_be_flipped_unseen() {
    let mut shown_as_hidden = report(&[100, 100, 100], &[0; 3]);
    shown_as_hidden.sections[0].rows[1].figures.units = Cell::hidden(HiddenReason::BelowThreshold);
    assert!(recompute(&shown_as_hidden).is_err());
    let mut complement = report(&[100, 100, 100], &[0; 3]);
    complement.sections[0].total = section(&report(&[100, 100, 3], &[0; 3])).total;
    assert!(recompute(&complement).is_err());
    let mut low = report(&[100, 100, 100], &[0; 3]);
    low.parameters.cohort_min = 10;
    assert!(recompute(&low).is_err());
}

#[test]
fn a_release_with_real_noise_is_worked_out_again() {
    let terms = terms(6);
    let exact = ExactTables::by_campaign(vec![0, 3, 12, 20, 45, 300], vec![0; 6]);
    let noisy = release(exact, &terms, &mut OpenDpNoise).unwrap();
    recompute(&write_report(head(), &noisy, &axes(6), &terms).unwrap()).unwrap();
}
