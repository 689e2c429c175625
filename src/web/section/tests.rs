//! Every section is drawn with its intervals, what is hidden is told in words and its count stands
//! nowhere, and whatever a name holds is text.

#![allow(clippy::unwrap_used)]

use tiers_protocol::ids::{ProgrammeId, ReleaseId};
use tiers_protocol::policy::{Policy, SectionId};
use tiers_protocol::report::{DealerPool, ReportHead};

use super::*;
use crate::disclosure::{
    ExactTables, GateError, Mechanism, Noise, PublicAxes, PublicCampaign, TableTerms, Terms, Trend,
    release, trend, write_report,
};
use crate::statistics::ExactTable;

/// No noise: the page shows what is put in.
struct Silence;

impl Noise for Silence {
    fn add(&mut self, exact: Vec<i64>, _: &Mechanism) -> Result<Vec<i64>, GateError> {
        Ok(exact)
    }
}

const ASKED: [SectionId; 9] = [
    SectionId::CONVERSIONS,
    SectionId::new(TemplateId::Conversion, Margin::CampaignModel),
    SectionId::new(TemplateId::Delay, Margin::Campaign),
    SectionId::new(TemplateId::Delay, Margin::All),
    SectionId::new(TemplateId::Network, Margin::All),
    SectionId::new(TemplateId::Overlap, Margin::All),
    SectionId::new(TemplateId::Segments, Margin::All),
    SectionId::new(TemplateId::Lift, Margin::All),
    SectionId::new(TemplateId::Partners, Margin::All),
];

fn public(hostile: &str) -> PublicAxes {
    let campaign =
        |name: &str| PublicCampaign { name: name.to_owned(), leads: 4_000, cost_cents: 3_000_000 };
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    PublicAxes {
        campaigns: vec![campaign("P25-PRINTEMPS"), campaign(&format!("P25-ETE{hostile}"))],
        models: list(&["Clio", "Mégane", "*"]),
        network: list(&["Garage Delmas", &format!("Auto Ouest{hostile}"), "pool 1"]),
        pools: vec![DealerPool {
            cell: "pool 1".to_owned(),
            dealers: list(&["Sud Auto", "Est Auto", "Nord Auto"]),
        }],
        pairs: list(&["Garage Delmas + Auto Ouest"]),
        arms: Some([6_000, 2_000]),
        ..PublicAxes::default()
    }
}

/// Two campaigns of 260 and 140 conversions, spread over the cells of each section.
fn counts(section: SectionId, rows: usize) -> Vec<i64> {
    let spread = |whole: i64, shares: &[i64]| -> Vec<i64> {
        let all: i64 = shares.iter().sum();
        let mut cells: Vec<i64> = shares.iter().map(|share| whole * share / all).collect();
        cells[0] += whole - cells.iter().sum::<i64>();
        cells
    };
    let by_campaign =
        |shares: &[i64]| [260, 140].iter().flat_map(|whole| spread(*whole, shares)).collect();
    match (section.template, section.margin) {
        (TemplateId::Conversion, Margin::Campaign) => vec![260, 140],
        (TemplateId::Conversion, _) => by_campaign(&[5, 3, 2]),
        (TemplateId::Delay, Margin::All) => spread(400, &[20, 60, 90, 80, 60, 8, 3]),
        (TemplateId::Delay, _) => by_campaign(&[20, 60, 90, 80, 60, 8, 3]),
        (TemplateId::Network, _) => vec![110, 90, 200],
        (TemplateId::Overlap, _) => vec![520],
        (TemplateId::Partners, _) => vec![37],
        (TemplateId::Lift, _) => vec![310, 62],
        _ => {
            let mut cells = vec![0; rows];
            for (place, count) in
                [(1, 90), (2, 55), (10, 70), (11, 60), (19, 65), (22, 40), (26, 8)]
            {
                cells[place] = count;
            }
            cells[0] = 400 - cells.iter().sum::<i64>();
            cells
        }
    }
}

fn report(hostile: &str, period: &str) -> Report {
    let text = include_str!("../../../policies/disclosure/standard.toml");
    let text = text.replace("cap_nrho = 300_000_000", "cap_nrho = 1_000_000_000");
    let policy = Policy::from_toml(&text).unwrap();
    let axes = public(hostile);
    let terms = Terms::of_sections(&policy, &ASKED, &axes).unwrap();
    let table =
        |of: &TableTerms| ExactTable::new(of.section(), counts(of.section(), of.rows()), None);
    let exact = ExactTables::new(terms.tables().iter().map(table).collect());
    let noisy = release(exact, &terms, &mut Silence).unwrap();
    let digest = tiers_protocol::encoding::sha256(b"");
    let head = ReportHead {
        release: ReleaseId::from_bytes([1; 16]),
        programme: tiers_protocol::certificate::NamedProgramme {
            id: ProgrammeId::from_bytes([2; 16]),
            name: "Essai".to_owned(),
        },
        policy: tiers_protocol::certificate::NamedPolicy {
            name: "standard".to_owned(),
            sha256: digest,
        },
        period: period.to_owned().try_into().unwrap(),
        snapshot: 1,
    };
    write_report(head, &noisy, &axes, &terms).unwrap()
}

fn trend_of(section: SectionId) -> Trend {
    let months = ["2024-04", "2024-05", "2024-06", "2025-04", "2025-05", "2025-06"];
    let mut reports: Vec<Report> = months.iter().map(|month| report("", month)).collect();
    // The last month sold a third more.
    let cell = &mut reports[5].sections[0].total;
    if let (Some(noisy), Cell::Shown(figure)) = (&mut cell.noisy, &mut cell.units) {
        noisy.count += 130;
        for value in [&mut figure.value, &mut figure.low, &mut figure.high] {
            *value += 130;
        }
    }
    let programme = ProgrammeId::from_bytes([2; 16]);
    Trend { programme, section: section.name(), rows: trend(&reports, section) }
}

const BOTH: [(Language, &str); 2] = [(Language::French, "fr"), (Language::English, "en")];

/// Writes a page to look at, where somebody asked for it.
fn keep(name: &str, page: &str) {
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join(name), page).unwrap();
    }
}

fn page(markup: &str) -> String {
    let css = include_str!("../../../templates/certificate.css")
        .replace("{% include \"figure.css\" %}", include_str!("../../../templates/figure.css"));
    format!("<!doctype html><meta charset=\"utf-8\"><style>{css}</style><main>{markup}</main>")
}

#[test]
fn every_shown_figure_of_every_section_is_drawn_with_its_interval() {
    let report = report("", "2025-06");
    for (language, name) in BOTH {
        let markup = report_sections(&report, language);
        keep(&format!("sections.{name}.html"), &page(&markup));
        for section in report.sections.iter().skip(1) {
            assert!(markup.contains(named(section.id(), language).0));
            for figure in section.rows.iter().filter_map(|row| row.figures.units.figure()) {
                let value = Quantity::Count.value(language, figure);
                let interval = Quantity::Count.interval(language, figure);
                assert!(markup.contains(&interval), "{:?} {interval}", section.id());
                assert!(markup.contains(&value));
            }
            // Groups of a lift differ in size: their rates are drawn.
            let arms = section.rows.iter().filter(|_| section.template == TemplateId::Lift);
            for rate in arms.filter_map(|row| row.figures.rate_per_myriad.as_ref()?.figure()) {
                assert!(markup.contains(&Quantity::PerMyriad.interval(language, rate)));
            }
        }
        // Every picture says in words what it shows, and no two share an id.
        let pictures = markup.matches("<svg").count();
        assert_eq!(markup.matches("<desc id=").count(), pictures);
        let mut ids: Vec<&str> =
            markup.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        assert_eq!(pictures, 10, "two campaigns twice, and six of all");
    }
}

#[test]
fn what_is_hidden_is_told_in_words_and_its_count_nowhere() {
    let report = report("", "2025-06");
    let french = report_sections(&report, Language::French);
    let english = report_sections(&report, Language::English);
    assert!(french.contains("Ce n’est ni une erreur, ni un zéro"));
    assert!(english.contains("neither an error nor a zero"));
    assert!(french.contains("class=\"unknown\"") && french.contains("non affiché"));
    // A hidden campaign total hides its parts; nothing of the segment of 8 is there.
    let segments = SectionId::new(TemplateId::Segments, Margin::All);
    let rows = &report.section(segments).unwrap().rows;
    assert!(rows[26].figures.noisy.is_none());
    assert!(!french.contains("R3 F3 M3") && !english.contains("R3 F3 A3"));
}

#[test]
fn quartiles_quadrants_places_pools_and_coverage_stand_in_sentences() {
    let report = report("", "2025-06");
    let french = report_sections(&report, Language::French);
    for said in [
        "la moitié en 30 jours",
        "valeur haute, fidélité basse",
        "quart 4 sur 4",
        "groupe 1\u{a0}: Sud Auto, Est Auto, Nord Auto.",
        "Couverture\u{a0}: 6,50\u{a0}% des leads",
        "autres",
        // 310 of 6,000 and 62 of 2,000.
        "2,07 points",
    ] {
        assert!(french.contains(said), "{said}");
    }
    let english = report_sections(&report, Language::English);
    assert!(english.contains("half of them within 30 days"));
    assert!(english.contains("pool 1: Sud Auto, Est Auto, Nord Auto."));
}

#[test]
fn a_trend_shows_the_year_before_and_averages() {
    let trend = trend_of(SectionId::CONVERSIONS);
    for (language, name) in BOTH {
        let page = trend_page(&trend, "Réseau Delmas", language);
        keep(&format!("trend.{name}.html"), &page);
        assert!(page.contains("default-src 'none'"));
        assert_eq!(page.matches("<svg").count(), 3, "two campaigns and the total");
        assert!(page.contains("class=\"past\"") && page.contains("2025-06"));
    }
    let french = trend_page(&trend, "Réseau Delmas", Language::French);
    assert!(french.contains("juin\u{a0}2025\u{a0}: +130 par rapport à l’année précédente"));
    assert!(french.contains("en moyenne sur trois mois"));
    let nothing = Trend { rows: Vec::new(), ..trend };
    assert!(trend_sections(&nothing, Language::English).contains("No released report"));
}

#[test]
fn hostile_names_are_text() {
    let hostile = "</text><script>alert(1)</script>\"";
    let markup = report_sections(&report(hostile, "2025-06"), Language::French);
    assert!(!markup.contains("<script") && markup.contains("script"));
    let page = trend_page(&trend_of(ASKED[4]), hostile, Language::French);
    assert!(!page.contains("<script") && page.contains("script"));
}
