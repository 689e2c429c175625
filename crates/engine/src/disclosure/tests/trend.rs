//! Months side by side: by hand, and as often right as they say.

use tiers_protocol::{
    policy::SectionId,
    report::{Figure, Period, Report},
};

use crate::disclosure::{
    ExactTables, release,
    tests::{Seeded, axes, figures::head, full, terms},
    trend, write_report,
};

const CAMPAIGNS: usize = 2;

fn of_month(period: &str, snapshot: u64, counts: &[i64; CAMPAIGNS], noise: &mut Seeded) -> Report {
    let terms = terms(CAMPAIGNS);
    let exact = ExactTables::by_campaign(counts.to_vec(), vec![0; CAMPAIGNS]);
    let noisy = release(exact, &terms, noise).unwrap();
    let mut report = write_report(head(), &noisy, &axes(CAMPAIGNS), &terms).unwrap();
    report.head.period = Period::try_from(period.to_owned()).unwrap();
    report.head.snapshot = snapshot;
    report
}

#[test]
fn months_stand_beside_the_year_before_and_their_average() {
    let mut noise = Seeded(11);
    let mut of_month = |period, snapshot, counts| of_month(period, snapshot, counts, &mut noise);
    let reports = [
        of_month("2025-03", 9, &[100, 100]),
        of_month("2025-01", 7, &[120, 1]),
        of_month("2025-02", 8, &[140, 100]),
        of_month("2024-03", 1, &[60, 100]),
        of_month("2025-03", 12, &[300, 100]),
    ];
    let rows = trend(&reports, SectionId::CONVERSIONS);
    assert_eq!(rows.len(), CAMPAIGNS + 1);
    assert_eq!(rows[2].key, None);
    let first = &rows[0].months;
    let periods: Vec<&str> = first.iter().map(|month| month.period.as_str()).collect();
    assert_eq!(periods, ["2024-03", "2025-01", "2025-02", "2025-03"]);
    let march = &first[3];
    // Of two answers for March the later snapshot counts.
    let value = march.units.unwrap().value;
    assert!(value.abs_diff(300) < 40, "{value}");
    let (before, change) = (march.year_before.unwrap(), march.change.unwrap());
    assert_eq!(before, first[0].units.unwrap());
    // Half widths of 9 and 9 make 13, rounded up.
    assert_eq!(change.value, value - before.value);
    assert_eq!((change.low, change.high), (change.value - 13, change.value + 13));
    let average = march.average.unwrap();
    // The counts themselves: what stands beside them in `units` may have been lessened for other rows.
    let count = |report: &Report| {
        report.section(SectionId::CONVERSIONS).unwrap().rows[0].figures.noisy.unwrap().count
    };
    let sum: i64 = [&reports[1], &reports[2], &reports[4]].into_iter().map(count).sum();
    assert!((3 * average.value - sum).abs() <= 1);
    assert_eq!(average.high - average.value, 7, "root of 243 over 3, rounded up, and one");
    assert!(first[2].average.is_none() && first[0].change.is_none());
    // A hidden month hides what rests on it.
    let second = &rows[1].months;
    assert!(second[1].units.is_none() && second[3].average.is_none());
    assert!(trend(&[], SectionId::CONVERSIONS).is_empty());
}

#[test]
fn changes_and_averages_hold_the_exact_values_as_often_as_they_say() {
    let rounds = if full() { 20_000 } else { 600 };
    let (mut random, mut noise) = (Seeded(5), Seeded(6));
    let (mut changes, mut averages) = (0_u64, 0_u64);
    for _ in 0..rounds {
        let mut draw = || 60 + i64::try_from(random.below(300)).unwrap();
        let exact = [draw(), draw(), draw(), draw()];
        let periods = ["2024-03", "2025-01", "2025-02", "2025-03"];
        let of = |(period, count): (&str, i64)| of_month(period, 1, &[count, 100], &mut noise);
        let reports: Vec<Report> = periods.into_iter().zip(exact).map(of).collect();
        let rows = trend(&reports, SectionId::CONVERSIONS);
        let march = &rows[0].months[3];
        let holds = |figure: Option<Figure>, truth: f64| {
            u64::from(figure.is_some_and(|f| f.low as f64 <= truth && truth <= f.high as f64))
        };
        changes += holds(march.change, (exact[3] - exact[0]) as f64);
        averages += holds(march.average, exact[1..].iter().sum::<i64>() as f64 / 3.0);
    }
    // At least the stated 95 %, less four deviations.
    let least = rounds as f64 * 0.95 - 4.0 * (rounds as f64 * 0.0475).sqrt();
    assert!(changes as f64 >= least && averages as f64 >= least, "{changes} {averages}");
}
