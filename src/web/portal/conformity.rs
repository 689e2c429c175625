//! The table of conformity that is published with the program (`docs/conformity.md`), as a page. Read here,
//! never written: `tests/conformity` does that.

use askama::Template;
use axum::response::Response;
use tiers_protocol::wire::Role;

use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::ApiError;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::oversight::Oversight;

const TABLE: &str = include_str!("../../../docs/conformity.md");

/// A requirement as the table has it.
struct Row<'a> {
    id: &'a str,
    level: &'a str,
    text: &'a str,
    asks: &'a str,
    proof: Proof<'a>,
}

enum Proof<'a> {
    Tests(usize),
    Duty(&'a str),
    Missing,
}

struct Chapter<'a> {
    title: &'a str,
    rows: Vec<Row<'a>>,
}

/// The chapters of the table: its headings of the second level, and the rows under each.
fn chapters(table: &str) -> Vec<Chapter<'_>> {
    let mut chapters: Vec<Chapter<'_>> = Vec::new();
    for line in table.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            chapters.push(Chapter { title, rows: Vec::new() });
        } else if let (Some(last), Some(row)) = (chapters.last_mut(), row(line)) {
            last.rows.push(row);
        }
    }
    chapters.retain(|chapter| !chapter.rows.is_empty());
    chapters
}

fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.splitn(5, " | ");
    let (id, level, text) = (cells.next()?, cells.next()?, cells.next()?);
    let (asks, proof) = (cells.next()?, cells.next()?);
    // A list of names of tests and nothing else; a duty may name a command among its words.
    let is_test = |part: &str| part.len() > 2 && part.starts_with('`') && part.ends_with('`');
    let proof = if proof.split(", ").all(is_test) {
        Proof::Tests(proof.split(", ").count())
    } else if proof.contains("not built yet") {
        Proof::Missing
    } else {
        Proof::Duty(proof)
    };
    let numbered = id.split_once('-')?.1.bytes().all(|b| b.is_ascii_digit());
    numbered.then_some(Row { id, level, text, asks, proof })
}

struct RowView {
    id: &'static str,
    level: &'static str,
    text: &'static str,
    asks: &'static str,
    proof: String,
    good: bool,
}

#[derive(Template)]
#[template(path = "portal/conformity.html")]
struct ConformityPage {
    frame: Frame,
    t: &'static Oversight,
    counts: String,
    chapters: Vec<(&'static str, Vec<RowView>)>,
}

pub(super) async fn show(member: Member) -> Result<Response, ApiError> {
    member.only(&[Role::Officer, Role::Operator])?;
    let language = member.visit.language;
    let t = Oversight::of(language);
    let read = chapters(TABLE);
    let rows = || read.iter().flat_map(|chapter| &chapter.rows);
    let proven = rows().filter(|row| matches!(row.proof, Proof::Tests(_))).count();
    let number = |count: usize| language.integer(count as u64);
    let counts = [("proven", number(proven)), ("all", number(rows().count()))];
    let counts = counts.each_ref().map(|(name, value)| (*name, value.as_str()));
    let counts = fill(t.conformity_counts, &counts);
    let shown = read.iter().map(|chapter| {
        let rows = chapter.rows.iter().map(|row| view(row, language));
        (chapter.title, rows.collect())
    });
    Ok(page(&ConformityPage {
        frame: Frame::new(&member.visit, t.conformity_title),
        t,
        counts,
        chapters: shown.collect(),
    }))
}

fn view(row: &Row<'static>, language: Language) -> RowView {
    let t = Oversight::of(language);
    let (proof, good) = match row.proof {
        Proof::Tests(1) => (t.conformity_proven.to_owned(), true),
        Proof::Tests(count) => {
            let tests = fill(t.conformity_tests, &[("count", &language.integer(count as u64))]);
            (format!("{}, {tests}", t.conformity_proven), true)
        }
        Proof::Duty(what) => (format!("{} – {what}", t.conformity_duty), true),
        Proof::Missing => (t.conformity_missing.to_owned(), false),
    };
    RowView { id: row.id, level: row.level, text: row.text, asks: row.asks, proof, good }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those that the table itself gives at its head.
    #[test]
    fn the_page_has_every_row_of_the_table() {
        let total = TABLE.lines().find(|line| line.starts_with("| **all**")).expect("a total");
        let mut numbers = total.split('|').filter_map(|cell| cell.trim().parse::<usize>().ok());
        let (proven, duties, missing) = (numbers.next(), numbers.next(), numbers.next());
        let read = chapters(TABLE);
        let count = |of: fn(&Proof<'_>) -> bool| {
            Some(read.iter().flat_map(|c| &c.rows).filter(|row| of(&row.proof)).count())
        };
        assert_eq!(count(|proof| matches!(proof, Proof::Tests(_))), proven);
        assert_eq!(count(|proof| matches!(proof, Proof::Duty(_))), duties);
        assert_eq!(count(|proof| matches!(proof, Proof::Missing)), missing);
    }
}
