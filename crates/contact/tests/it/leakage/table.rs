//! The figures as the document shows them.

use std::{fmt::Write as _, fs, path::Path};

use tiers_contact::Kind;

use super::{
    attack::Figures,
    full,
    meetings::Meetings,
    population::{Population, Tie},
};

const START: &str = "<!-- leakage -->\n";
const END: &str = "<!-- leakage end -->\n";

/// All tables.
pub fn text(
    population: &Population,
    kinds: &[(Kind, Figures, Meetings)],
    controls: &[(&str, Figures)],
) -> String {
    let mut text = format!(
        "What can be seen of a deposit of every fifth of {} people, without the key:\n\n\
         | kind | tokens a row | known of | values | commonest | entropy, bits | min-entropy | \
         in several rows | guessed | blind | rows guessed | surest guess |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
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
    text += "\nPadding: how many of the tokens of the deposit are pads, and by how much likelier a pad \
             stands in one row only than a real token does:\n\n\
             | kind | pads | advantage |\n|---|---|---|\n";
    for (kind, figures, _) in kinds.iter().filter(|(kind, ..)| kind.is_near()) {
        let (pads, advantage) = (percent(figures.pads), percent(figures.pad_advantage));
        writeln!(text, "| `{kind}` | {pads} | {advantage} |").unwrap();
    }
    text += "\nDifferent people who have a token in common, before any veto: strangers that one person \
             meets among a million people, and the share of pairs of relatives that meet:\n\n\
             | kind | strangers in a million | couples | parent and child | siblings | twins | \
             father and son of one name |\n|---|---|---|---|---|---|---|\n";
    for (kind, _, meetings) in kinds {
        let strangers = match meetings.strangers {
            // With 95 % confidence, by the rule of three.
            0 => format!("< {:.4}", 3.0 / meetings.pairs() * 1e6),
            _ => format!("{:.4}", meetings.by_chance_in_a_million()),
        };
        let tied = meetings.tied.map(|(met, of)| percent(met as f64 / of as f64));
        writeln!(text, "| `{kind}` | {strangers} | {} |", tied.join(" | ")).unwrap();
    }
    let pairs: Vec<String> = kinds[0].2.tied.iter().map(|(_, of)| thousands(*of as f64)).collect();
    debug_assert_eq!(pairs.len(), Tie::ALL.len());
    writeln!(text, "| *pairs* | | {} |", pairs.join(" | ")).unwrap();
    text
}

fn line(text: &mut String, name: &str, tokens: &str, known: &str, figures: &Figures) {
    let name = if name.starts_with('*') { name.to_owned() } else { format!("`{name}`") };
    writeln!(
        text,
        "| {name} | {tokens} | {known} | {} | {} | {:.2} of {:.2} | {:.1} | {} | {} | {} | {} | {} |",
        thousands(figures.values as f64),
        thousands(f64::from(figures.greatest)),
        figures.entropy.0,
        figures.entropy.1,
        figures.min_entropy,
        percent(figures.repeated),
        share(figures.tokens),
        share(figures.blind),
        share(figures.rows),
        share(figures.surest),
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
