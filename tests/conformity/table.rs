//! The requirements as data, and the document that is made of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::scan::Tests;

/// One thing that a text asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    level: String,
    law: String,
    what: String,
    #[serde(default)]
    open: bool,
    duty: Option<Duty>,
    offers: Option<String>,
}

/// Whose a thing is that software cannot do alone.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Duty {
    Operator,
    Party,
}

/// A chapter.
#[derive(Deserialize)]
struct Chapter {
    title: String,
    #[serde(flatten)]
    requirements: BTreeMap<String, Requirement>,
}

/// All of them, in the order of the file.
pub struct Requirements(Vec<(String, Chapter)>);

/// The chapters in the order in which the document has them.
const ORDER: [&str; 13] =
    ["GOV", "CON", "EXC", "PSE", "STA", "RET", "LOG", "REG", "DSR", "SEC", "BRE", "INV", "DGA"];

/// What the levels mean.
const LEVELS: [(&str, &str); 5] = [
    ("LAW", "statute or regulation"),
    ("CASE", "court, or an authority's sanction"),
    ("SOFT", "recommendation: not binding, but what an inspector goes by"),
    ("STD", "technical standard"),
    ("DESIGN", "our own number or mechanism where the law gives none"),
];

impl Requirements {
    /// Reads the file beside this one.
    pub fn read() -> Self {
        let mut chapters: BTreeMap<String, Chapter> =
            toml::from_str(include_str!("requirements.toml")).unwrap();
        let order = ORDER.map(|id| (id.to_owned(), chapters.remove(id).unwrap()));
        assert!(chapters.is_empty(), "a chapter is not in the order");
        for (_, chapter) in &order {
            for requirement in chapter.requirements.values() {
                let known = |level| LEVELS.iter().any(|(known, _)| *known == level);
                assert!(requirement.level.split('/').all(known), "{}", requirement.level);
                assert_eq!(requirement.duty.is_some(), requirement.offers.is_some());
            }
        }
        Self(order.into())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|(_, chapter)| chapter.requirements.len()).sum()
    }

    /// Whether an id is one of them.
    pub fn has(&self, id: &str) -> bool {
        let Some((group, number)) = id.split_once('-') else { return false };
        let chapter = self.0.iter().find(|(name, _)| name == group);
        chapter.is_some_and(|(_, chapter)| chapter.requirements.contains_key(number))
    }

    /// `docs/conformity.md`.
    pub fn document(&self, tests: &Tests) -> String {
        let mut out = String::from(HEAD);
        for (level, meaning) in LEVELS {
            let _ = writeln!(out, "- {level}: {meaning}");
        }
        out.push_str(SUMMARY);
        for (level, _) in LEVELS {
            let row = self.counts(tests, Some(level));
            let _ = writeln!(out, "| {level} | {} | {} | {} |", row[0], row[1], row[2]);
        }
        let all = self.counts(tests, None);
        let _ = writeln!(out, "| **all** | {} | {} | {} |", all[0], all[1], all[2]);
        for (group, chapter) in &self.0 {
            let _ = write!(out, "\n## {} ({group})\n\n{COLUMNS}", chapter.title);
            for (number, one) in &chapter.requirements {
                let id = format!("{group}-{number}");
                let what = if one.open { format!("{} (?)", one.what) } else { one.what.clone() };
                let state = state(one, &id, tests);
                let _ = writeln!(out, "| {id} | {} | {} | {what} | {state} |", one.level, one.law);
            }
        }
        out
    }

    /// How many of a level are proven, a duty, not built. One of two levels counts for its first.
    fn counts(&self, tests: &Tests, level: Option<&str>) -> [usize; 3] {
        let mut counts = [0; 3];
        for (group, chapter) in &self.0 {
            for (number, one) in &chapter.requirements {
                let first = one.level.split('/').next();
                if level.is_some() && first != level {
                    continue;
                }
                let proven = tests.of(&format!("{group}-{number}")).next().is_some();
                counts[if proven { 0 } else { 2 - usize::from(one.duty.is_some()) }] += 1;
            }
        }
        counts
    }
}

fn state(one: &Requirement, id: &str, tests: &Tests) -> String {
    let names: Vec<_> = tests.of(id).map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        return names.join(", ");
    }
    match (one.duty, &one.offers) {
        (Some(Duty::Operator), Some(offers)) => format!("the operator's duty: {offers}"),
        (Some(Duty::Party), Some(offers)) => format!("the party's duty: {offers}"),
        _ => "**not built yet**".to_owned(),
    }
}

const HEAD: &str = "# What the texts ask, and what is proven

Written by `tests/conformity` from `tests/conformity/requirements.toml` and the names of the tests; not by
hand. A requirement is *proven* when a test that carries its id runs with `cargo test`; a test shows what it
tests and no more, so read it before you rely on it. Nothing here is legal advice, and no authority has
approved this program: it is designed to meet the texts named. Dates and numbers of law need a lawyer's eye
before a launch. A question mark: the point was not confirmed at a source.

";

const SUMMARY: &str = "
| level | proven by a test | a duty, with what the software offers | not built yet |
|---|---:|---:|---:|
";

const COLUMNS: &str = "| id | level | text | asks | proven by |\n|---|---|---|---|---|\n";
