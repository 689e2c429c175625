//! Questions to a cluster without one: what answers are refused. That the text counts what the engine counts is
//! tested on a real cluster (`crates/spark/tests`).
#![allow(clippy::unwrap_used)]

use tiers_protocol::policy::{Touch, WindowDays};

use super::*;
use crate::{
    statistics::desks::{SECTIONS, layout},
    vault::Month,
};

fn rules(window: u64, touch: Touch) -> MatchRules {
    MatchRules::new([Kind::Card, Kind::Landline], WindowDays::new(window).unwrap(), touch)
}

fn query(sections: &[SectionId]) -> Query {
    let month = Month::new(2024, 5).unwrap();
    let partners = Partners::new(vec![0, 1]).with_pairs(&[(0, 1)]);
    Query::new(sections, &layout(month), (&rules(180, Touch::Last), &partners)).unwrap()
}

const fn sum(section: i64, cell: i64, units: i64, centred: i64) -> Sum {
    Sum { section, cell, units, centred }
}

/// Conversions with revenue, and the delay of the same units.
const PAIR: [SectionId; 3] = [
    SectionId::CONVERSIONS,
    SectionId::new(TemplateId::Revenue, Margin::Campaign),
    SectionId::new(TemplateId::Delay, Margin::All),
];

#[test]
fn sums_become_the_tables_that_were_asked_for() {
    let sums = [sum(0, 3, 2, -4_000_000), sum(0, 0, 1, 7), sum(1, 6, 3, 0)];
    let tables = query(&PAIR).tables(sums).unwrap();
    let sections: Vec<_> = tables.iter().map(ExactTable::section).collect();
    assert_eq!(sections, [PAIR[0], PAIR[2]]);
    let exact: Vec<_> = tables.into_iter().map(ExactTable::into_exact).collect();
    assert_eq!(exact[0], (vec![1, 0, 0, 2], Some(vec![7, 0, 0, -4_000_000])));
    assert_eq!(exact[1], (vec![0, 0, 0, 0, 0, 0, 3], None));
    // Nobody converted: every cell is there all the same.
    let empty = query(&SECTIONS).tables([]).unwrap();
    assert_eq!(empty.len(), SECTIONS.len() - 1);
    assert!(empty.into_iter().all(|table| table.into_exact().0.iter().all(|count| *count == 0)));
}

#[test]
fn what_no_units_can_have_summed_to_is_refused() {
    let delay = sum(1, 0, 2, 0);
    assert!(query(&PAIR).tables([sum(0, 0, 2, 0), delay]).is_ok());
    let foreign = [
        vec![sum(0, 4, 2, 0), delay],
        vec![sum(0, -1, 2, 0), delay],
        vec![sum(2, 0, 2, 0), delay],
        vec![sum(-1, 0, 2, 0), delay],
        vec![sum(0, 0, 1, 0), sum(0, 0, 1, 0), delay],
        vec![sum(0, 0, 3, 0), sum(0, 1, -1, 0), delay],
        vec![sum(0, 0, 2, 0), sum(0, 1, 0, 0), delay],
        vec![sum(0, 0, 2, 4_000_001), delay],
        vec![sum(0, 0, 2, -4_000_001), delay],
        vec![sum(0, 0, 2, i64::MIN), delay],
        vec![sum(0, 0, i64::MAX, 0), delay],
        // A part of the answer is missing.
        vec![sum(0, 0, 2, 0)],
        vec![delay],
        vec![sum(0, 0, 2, 0), sum(1, 0, 2, 1)],
    ];
    for sums in foreign {
        let refused = query(&PAIR).tables(sums).err();
        assert_eq!(refused, Some(StatisticsError::ForeignAnswer));
    }
}

#[test]
fn a_question_without_cells_or_with_revenue_alone_is_refused() {
    let month = Month::new(2024, 5).unwrap();
    let bare = Layout::new(month, crate::statistics::CampaignCount::new(2), layout(month).clamp());
    let (rules, partners) = (rules(180, Touch::Last), Partners::default());
    for section in [
        SectionId::new(TemplateId::Network, Margin::All),
        SectionId::new(TemplateId::Lift, Margin::All),
        SectionId::new(TemplateId::Revenue, Margin::Campaign),
        SectionId::new(TemplateId::Delay, Margin::CampaignModel),
    ] {
        let refused = Query::new(&[section], &bare, (&rules, &partners)).err();
        assert_eq!(refused, Some(StatisticsError::NoSuchSection), "{}", section.name());
    }
}

#[test]
fn leads_beyond_the_window_are_asked_for_only_where_they_count() {
    let month = Month::new(2024, 5).unwrap();
    let (first, last) = month.days();
    let days = query(&PAIR).days_of_leads();
    assert!(days == Some((first.minus(180), last)));
    assert!(query(&SECTIONS).days_of_leads().is_none());
    assert_eq!(query(&PAIR).kinds_of_leads(), [Kind::Card, Kind::Landline]);
    let sales = query(&PAIR).kinds_of_sales();
    assert_eq!(sales, [Kind::KEYS.as_slice(), &[Kind::Landline]].concat());
}

#[test]
fn the_text_says_the_rules_and_nothing_that_somebody_wrote() {
    let month = Month::new(2024, 5).unwrap();
    let partners = Partners::new(vec![0, 1]).with_pairs(&[(0, 1)]);
    let text = |window, touch| {
        let rules = rules(window, touch);
        Query::new(&SECTIONS, &layout(month), (&rules, &partners)).unwrap().text().to_owned()
    };
    let last = text(180, Touch::Last);
    assert_ne!(last, text(181, Touch::Last));
    assert_ne!(last, text(180, Touch::First));
    assert_eq!(last, text(180, Touch::Last));
    // No quotation: every constant is a number.
    assert!(!last.contains(['\'', '"', '`', ';']));
}
