//! Tests of [`super`]: the document reads back as written, and nothing else is read.

#![allow(clippy::unwrap_used)]

use super::*;

fn sample() -> Report {
    let shown = Cell::Shown(Figure { value: 31, low: 22, high: 40 });
    let hidden = Cell::hidden(HiddenReason::BelowThreshold);
    let figures = |cell: Cell, noisy| Figures {
        leads: 667,
        cost_cents: 1_800_000,
        noisy,
        conversions: cell,
        rate_per_myriad: cell,
        revenue_cents: cell,
        revenue_per_lead_cents: cell,
        revenue_per_euro_milli: cell,
        basket_cents: cell,
    };
    let pair = NoisyPair { count: 31, centred_cents: -5 };
    Report {
        format: ReportFormat::V1,
        head: ReportHead {
            programme: Reference::new("prg_1").unwrap(),
            programme_name: Label::new("Été 2025").unwrap(),
            period: Period::new("2025-03").unwrap(),
            snapshot: 4,
            release: Reference::new("rel_1").unwrap(),
            policy_name: Label::new("standard").unwrap(),
            policy_version: 1,
            policy_digest: Reference::new("sha256:00").unwrap(),
        },
        parameters: Parameters {
            templates: vec![],
            clamp_cents: 4_000_000,
            cohort_min: 11,
            threshold: 15,
            total_threshold: 35,
            nominal_ppm: 950_000,
        },
        campaigns: vec![
            CampaignRow { campaign: Label::new("A").unwrap(), figures: figures(shown, Some(pair)) },
            CampaignRow { campaign: Label::new("B").unwrap(), figures: figures(hidden, None) },
        ],
        total: figures(Cell::hidden(HiddenReason::Complement), None),
    }
}

#[test]
fn a_report_reads_back_as_written() {
    let text = serde_json::to_string(&sample()).unwrap();
    assert!(text.contains(r#""conversions":{"value":31,"low":22,"high":40}"#));
    assert!(text.contains(r#""conversions":{"hidden":"below_threshold"}"#));
    assert_eq!(text.matches("\"noisy\"").count(), 1, "a hidden row has no noisy values");
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, sample());
}

#[test]
fn what_does_not_belong_is_not_read() {
    let text = serde_json::to_string(&sample()).unwrap();
    let table = [
        ("tiers-report/1", "tiers-report/2"),
        ("\"value\":31,", "\"value\":31,\"exact\":31,"),
        ("\"value\":31,", "\"value\":31.0,"),
        ("\"value\":31,", ""),
        ("{\"hidden\":\"below_threshold\"}", "{\"hidden\":\"because\"}"),
        ("{\"hidden\":\"below_threshold\"}", "{\"hidden\":\"below_threshold\",\"value\":3}"),
        ("2025-03", "2025-13"),
        ("2025-03", "2025-3"),
        ("prg_1", "prg 1"),
        ("\"snapshot\":4", "\"snapshot\":-4"),
        ("\"leads\":667,", "\"leads\":667,\"matches\":1,"),
    ];
    for (from, to) in table {
        assert!(text.contains(from), "the table is stale: {from}");
        assert!(serde_json::from_str::<Report>(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn texts_follow_their_rules() {
    assert_eq!(Period::new("2025-00").unwrap_err().code(), "report.period");
    assert_eq!(Label::new("a\u{0}b").unwrap_err().code(), "report.label");
    assert_eq!(Label::new("é".repeat(201)).unwrap_err().code(), "report.label");
    assert!(Label::new("é".repeat(200)).is_ok());
    assert_eq!(Reference::new("").unwrap_err().code(), "report.reference");
}
