//! Tests of [`super`]: the document reads back as written, and nothing else is read.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::canonical;
use crate::encoding::sha256;
use crate::ids::ProgrammeId;

fn row(campaign: &str, figures: Figures) -> Row {
    Row { key: RowKey { campaign: Some(campaign.to_owned()), cell: None }, figures }
}

fn sample() -> Report {
    let shown = Cell::Shown(Figure { value: 31, low: 22, high: 40 });
    let hidden = Cell::hidden(HiddenReason::BelowThreshold);
    let figures = |cell: Cell, noisy| Figures {
        leads: Some(667),
        cost_cents: Some(1_800_000),
        noisy,
        units: cell,
        rate_per_myriad: Some(cell),
        revenue_cents: Some(cell),
        revenue_per_lead_cents: Some(cell),
        revenue_per_euro_milli: Some(cell),
        basket_cents: None,
    };
    let noisy = NoisyCell { count: 31, taken: 0, centred_cents: Some(-5) };
    Report {
        format: ReportFormat::V1,
        head: ReportHead {
            release: ReleaseId::from_bytes([1; 16]),
            programme: NamedProgramme {
                id: ProgrammeId::from_bytes([2; 16]),
                name: "Été 2025".to_owned(),
            },
            policy: NamedPolicy { name: "standard".to_owned(), sha256: sha256(b"policy") },
            period: "2025-03".to_owned().try_into().unwrap(),
            snapshot: 4,
        },
        parameters: Parameters { clamp_cents: 4_000_000, cohort_min: 11, nominal_ppm: 950_000 },
        unprotected: None,
        padding: None,
        sections: vec![Section {
            template: TemplateId::Conversion,
            margin: Margin::Campaign,
            noise: vec![],
            threshold: 15,
            total_threshold: 35,
            rows: vec![row("A", figures(shown, Some(noisy))), row("B", figures(hidden, None))],
            total: figures(Cell::hidden(HiddenReason::Complement), None),
            pools: vec![],
        }],
    }
}

#[test]
fn a_report_reads_back_as_written() {
    let text = String::from_utf8(canonical::to_vec(&sample())).unwrap();
    assert!(text.contains(r#""units":{"high":40,"low":22,"value":31}"#));
    assert!(text.contains(r#""units":{"hidden":"below_threshold"}"#));
    assert_eq!(text.matches("\"noisy\"").count(), 1, "a hidden row has no noisy values");
    assert_eq!(canonical::from_slice::<Report>(text.as_bytes()).unwrap(), sample());
}

#[test]
fn what_does_not_belong_is_not_read() {
    let text = String::from_utf8(canonical::to_vec(&sample())).unwrap();
    let table = [
        ("tiers-report/1", "tiers-report/2"),
        ("\"value\":31", "\"value\":31,\"exact\":31"),
        ("\"value\":31", "\"value\":31.0"),
        (",\"value\":31", ""),
        ("{\"hidden\":\"below_threshold\"}", "{\"hidden\":\"because\"}"),
        ("{\"hidden\":\"below_threshold\"}", "{\"hidden\":\"below_threshold\",\"value\":3}"),
        ("2025-03", "2025-13"),
        ("2025-03", "2025-3"),
        ("\"prg_", "\"rel_"),
        ("\"snapshot\":4", "\"snapshot\":-4"),
        ("\"leads\":667,", "\"leads\":667,\"matches\":1,"),
    ];
    for (from, to) in table {
        assert!(text.contains(from), "the table is stale: {from}");
        assert!(serde_json::from_str::<Report>(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn months_are_written_one_way() {
    for wrong in ["2025-00", "25-01", "2025-1", "2025-1a", "+025-01", "2025-011", ""] {
        assert_eq!(Period::try_from(wrong.to_owned()).unwrap_err().code(), "report.period");
    }
    assert_eq!(Period::try_from("2025-12".to_owned()).unwrap().as_str(), "2025-12");
}

#[test]
fn padded_reports_with_the_same_rows_are_equally_long() {
    let one = sample();
    let mut other = sample();
    let far = (1 << 53) - 1;
    for section in &mut other.sections {
        for row in &mut section.rows {
            let figures = &mut row.figures;
            let cell = Cell::Shown(Figure { value: 0, low: 0, high: far });
            let hidden = Cell::hidden(HiddenReason::NoDenominator);
            let shown = figures.units.figure().is_some();
            figures.units = if shown { hidden } else { cell };
            let noisy = NoisyCell { count: -far, taken: 3, centred_cents: Some(-far) };
            figures.noisy = (!shown).then_some(noisy);
        }
    }
    let length = |report: &Report| canonical::to_vec(report).len();
    assert_ne!(length(&one), length(&other));
    let (one, other) = (one.padded(), other.padded());
    assert_eq!(length(&one), length(&other));
    assert!(one.padding.as_deref().is_some_and(|text| text.len() > 100));
    assert_eq!(one.clone().padded(), one, "once is enough");
    assert!(one.is_padded_or_bare() && sample().is_padded_or_bare());
    for padding in ["", "x"] {
        assert!(!Report { padding: Some(padding.to_owned()), ..one.clone() }.is_padded_or_bare());
    }
}
