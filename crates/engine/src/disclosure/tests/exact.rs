//! Totals without noise leave by one door, which opens for nobody who is not agreed with.

use tiers_protocol::{
    policy::Policy,
    report::{ExactTotals, Report},
};

use crate::disclosure::{
    EveryPartnerAgreed, ExactTables, recompute, release,
    tests::{Seeded, axes, figures::head, standard, terms},
    write_report,
};

fn given() -> Policy {
    let text = include_str!("../../../../../policies/disclosure/exact-totals.toml");
    Policy::from_toml(text).unwrap()
}

#[test]
fn the_door_opens_for_the_policy_enough_owners_and_every_partner() {
    let policy = given();
    assert!(EveryPartnerAgreed::of(&policy, 5, &[true; 6]).is_some());
    assert!(EveryPartnerAgreed::of(&policy, 4, &[true; 6]).is_none());
    assert!(EveryPartnerAgreed::of(&policy, 5, &[]).is_none());
    for silent in 0..6 {
        let mut agreed = [true; 6];
        agreed[silent] = false;
        assert!(EveryPartnerAgreed::of(&policy, 5, &agreed).is_none());
    }
    assert!(EveryPartnerAgreed::of(&standard(), 9, &[true; 9]).is_none());
}

#[test]
fn what_is_told_is_exact_from_a_hundred_units_on() {
    let by = EveryPartnerAgreed::of(&given(), 5, &[true; 7]).unwrap();
    let told = |counts: [i64; 2], sums: [i64; 2]| {
        ExactTables::by_campaign(counts.to_vec(), sums.to_vec()).unprotected(by, &terms(2))
    };
    let few = ExactTotals { partners: 7, conversions: None, revenue_cents: None };
    assert_eq!(told([60, 39], [0, 0]), few);
    // Half the clamp, 20,000 EUR, is the centre that sums are taken around.
    let revenue_cents = Some(100 * 2_000_000 - 500 + 300);
    let all = ExactTotals { conversions: Some(100), revenue_cents, ..few };
    assert_eq!(told([60, 40], [-500, 300]), all);
}

/// A report with such totals, noisy beside them.
fn report(unprotected: ExactTotals) -> Report {
    let (terms, mut noise) = (terms(2), Seeded(3));
    let exact = ExactTables::by_campaign(vec![300, 200], vec![0, 0]);
    let noisy = release(exact, &terms, &mut noise).unwrap();
    let report = write_report(head(), &noisy, &axes(2), &terms).unwrap();
    assert_eq!(report.unprotected, None, "nobody who writes a report can tell them");
    Report { unprotected: Some(unprotected), ..report }.padded()
}

#[test]
fn a_reader_refuses_totals_that_no_gate_tells() {
    let good = ExactTotals { partners: 5, conversions: Some(500), revenue_cents: Some(7) };
    recompute(&report(good)).unwrap();
    for wrong in [
        ExactTotals { partners: 4, ..good },
        ExactTotals { conversions: Some(99), ..good },
        ExactTotals { conversions: None, ..good },
        ExactTotals { revenue_cents: Some(500 * 4_000_000 + 1), ..good },
    ] {
        assert_eq!(recompute(&report(wrong)).unwrap_err().code(), "gate.mismatch");
    }
}
