//! The figures as the document shows them.

use std::{fmt::Write as _, fs, path::Path};

use tiers_contact::Kind;

use super::{
    attack::{Figures, Padding},
    full,
    meetings::{Meetings, in_a_million},
    population::Population,
};

const START: &str = "<!-- leakage -->\n";
const END: &str = "<!-- leakage end -->\n";

/// All tables.
pub fn text(
    population: &Population,
    kinds: &[(Kind, Figures, Meetings)],
    controls: &[(&str, Figures)],
    padding: &[(Kind, Padding)],
) -> String {
    let mut text = format!(
        "A deposit of every fifth of {} people:\n\n\
         | kind | tokens a row | known of | values | commonest | entropy, bits | min-entropy | \
         in several rows | guessed | blind | rows guessed | surest guess | guessed of all |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        thousands(population.people.len() as f64),
    );
    let all = population.people.len() as f64;
    for (kind, figures, meetings) in kinds {
        let known = percent(meetings.people as f64 / all);
        line(&mut text, kind.as_str(), &kind.tokens_per_row().to_string(), &known, figures);
    }
    for (name, figures) in controls {
        line(&mut text, &format!("*{name} alone*"), "1", "100.0 %", figures);
    }
    paddings(&mut text, padding);
    strangers(&mut text, kinds);
    text
}

fn paddings(text: &mut String, padding: &[(Kind, Padding)]) {
    *text += "\nPads among the tokens, in a deposit in which every tenth person stands twice, the second time \
              with another e-mail address:\n\n\
              | kind | pads | advantage | in rows that meet |\n|---|---|---|---|\n";
    for (kind, padding) in padding {
        let met = padding.among_met.map_or_else(|| "hardly any pads".to_owned(), percent);
        let all = percent(padding.advantage);
        writeln!(text, "| `{kind}` | {} | {all} | {met} |", percent(padding.pads)).unwrap();
    }
}

fn strangers(text: &mut String, kinds: &[(Kind, Figures, Meetings)]) {
    *text += "\nDifferent people who have a token in common, before any veto:\n\n\
              | kind | strangers in a million | of one department | couples | parent and child | siblings | \
              twins | father and son of one name |\n|---|---|---|---|---|---|---|---|\n";
    for (kind, _, meetings) in kinds {
        let rate = |counted: (usize, f64)| match counted.0 {
            // With 95 % confidence, by the rule of three.
            0 => format!("< {:.4}", in_a_million((3, counted.1))),
            _ => format!("{:.4}", in_a_million(counted)),
        };
        let tied = meetings.tied.map(|(met, of)| percent(met as f64 / of as f64));
        let (country, near) = (rate(meetings.strangers), rate(meetings.neighbours));
        writeln!(text, "| `{kind}` | {country} | {near} | {} |", tied.join(" | ")).unwrap();
    }
    let pairs = kinds[0].2.tied.map(|(_, of)| thousands(of as f64));
    writeln!(text, "| *pairs* | | | {} |", pairs.join(" | ")).unwrap();
}

fn line(text: &mut String, name: &str, tokens: &str, known: &str, figures: &Figures) {
    let name = if name.starts_with('*') { name.to_owned() } else { format!("`{name}`") };
    writeln!(
        text,
        "| {name} | {tokens} | {known} | {} | {} | {:.2} of {:.2} | {:.1} | {} | {} | {} | {} | {} | {} |",
        thousands(figures.values as f64),
        thousands(f64::from(figures.greatest)),
        figures.entropy.0,
        figures.entropy.1,
        figures.min_entropy,
        share(figures.repeated),
        share(figures.tokens),
        share(figures.blind),
        share(figures.rows),
        share(figures.surest),
        share(figures.whole),
    )
    .unwrap();
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// In percent, or how rare it is.
fn share(share: f64) -> String {
    if share >= 0.001 || share <= 0.0 {
        return percent(share);
    }
    // Two digits say enough.
    let times = 1.0 / share;
    let step = 10_f64.powf(times.log10().floor() - 1.0);
    format!("1 in {}", thousands((times / step).round() * step))
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Holds the document against the tables, or writes them into it. The long form's stand beside the
/// build.
pub fn hold(tables: &str) {
    if full() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("leakage-full.md");
        return fs::write(path, tables).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/matching-quality.md");
    let document = fs::read_to_string(&path).unwrap();
    let (head, rest) = document.split_once(START).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let expected = format!("{head}{START}{tables}{END}{tail}");
    if std::env::var("TIERS_UPDATE").is_ok_and(|value| value == "1") {
        return fs::write(&path, &expected).unwrap();
    }
    assert!(document == expected, "run this test with TIERS_UPDATE=1 to write the tables anew");
}
