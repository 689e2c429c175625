//! How a file was understood and what became of its values, as tables for people and objects for scripts:
//! shared by `prepare` and `preview`. Headings, counts and codes only, never a value.
//! Specified in `docs/command-line.md`, "What prepare says".

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tiers_contact::{Column, ColumnCounts, Kind};

use super::super::output::Style;
use super::super::table::{Align, Table};
use super::super::words;

/// Signs of a heading that are shown in a table.
const HEADING_MAX: usize = 28;

/// How a file was read.
pub(in super::super) struct Shape<'a> {
    pub(in super::super) encoding: &'a str,
    pub(in super::super) separator: Option<char>,
    pub(in super::super) sheet: Option<&'a str>,
    pub(in super::super) other_sheets: &'a [String],
    pub(in super::super) hidden_sheets: usize,
    pub(in super::super) macros: bool,
}

impl Shape<'_> {
    /// One line for each thing to know: encoding, separator and sheet; other sheets; macros.
    pub(in super::super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut read = self.encoding.to_owned();
        match self.separator {
            Some('\t') => read.push_str(", separated by tabs"),
            Some(separator) => {
                let _ = write!(read, ", separated by {separator}");
            }
            None => {}
        }
        if let Some(sheet) = self.sheet {
            let _ = write!(read, ", sheet \"{sheet}\"");
        }
        let mut facts = vec![("Read as", read)];
        if !self.other_sheets.is_empty() {
            let names: Vec<String> =
                self.other_sheets.iter().map(|name| format!("\"{name}\"")).collect();
            facts.push(("Not read", format!("{} (--sheet NAME reads one)", names.join(", "))));
        }
        if self.hidden_sheets > 0 {
            let count = words::count(self.hidden_sheets as u64, "hidden sheet", "hidden sheets");
            facts.push(("Not read", count));
        }
        if self.macros {
            facts.push(("Macros", "are in the workbook; they are never run".to_owned()));
        }
        facts
    }

    /// For scripts.
    pub(in super::super) fn json(&self) -> Map<String, Value> {
        let value = json!({
            "encoding": self.encoding, "separator": self.separator, "sheet": self.sheet,
            "other_sheets": self.other_sheets, "hidden_sheets": self.hidden_sheets,
            "macros": self.macros,
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// The columns that are used, each with its account, and what was repaired by which rule.
pub(in super::super) fn columns(columns: &[Column], style: Style) -> Vec<String> {
    let mut table = table("column", Some("read as"));
    let mut repairs = Vec::new();
    for column in columns {
        let (Some(field), Some(account)) = (column.field, &column.account) else { continue };
        let hashed = if column.hashed { " (hashed already)" } else { "" };
        let mut cells = vec![shortened(&column.heading), format!("{field}{hashed}")];
        cells.extend(numbers(&account.counts));
        table.row(cells);
        let rules = account.repairs().into_iter();
        let rules: Vec<String> = rules
            .map(|(rule, count)| format!("{} {}", words::grouped(count), rule.code()))
            .collect();
        if !rules.is_empty() {
            repairs.push((shortened(&column.heading), rules));
        }
    }
    let mut lines = table.lines(style);
    let width = repairs.iter().map(|(heading, _)| heading.chars().count()).max().unwrap_or(0);
    for (place, (heading, rules)) in repairs.iter().enumerate() {
        let title = if place == 0 { "Repaired" } else { "" };
        for (line, rules) in folded(rules, 80 - width.min(28)).iter().enumerate() {
            let heading = if line == 0 { heading.as_str() } else { "" };
            let title = if line == 0 { title } else { "" };
            lines.push(format!("{title:<14} {heading:<width$}  {rules}"));
        }
    }
    lines
}

/// The kinds of identifier that came of it.
pub(in super::super) fn identifiers(counts: &[(Kind, ColumnCounts)], style: Style) -> Vec<String> {
    let mut table = table("identifier", None);
    for (kind, counts) in counts {
        let cells = std::iter::once(kind.as_str().to_owned());
        table.row(cells.chain(numbers(counts)).collect());
    }
    table.lines(style)
}

/// Headings of columns that say nothing to the programme, in lines.
pub(in super::super) fn passed(columns: &[Column]) -> Vec<String> {
    let passed = columns.iter().filter(|column| column.account.is_none());
    let filled = passed.filter(|column| !column.heading.trim().is_empty());
    folded(&filled.map(|column| shortened(&column.heading)).collect::<Vec<_>>(), 80)
}

/// Columns and kinds for scripts.
pub(in super::super) fn json(
    columns: &[Column],
    counts: &[(Kind, ColumnCounts)],
) -> Map<String, Value> {
    let column = |column: &Column| {
        let account = column.account.as_ref().map(|account| {
            let rules = account.repairs().into_iter();
            let rules: Map<String, Value> =
                rules.map(|(rule, count)| (rule.code().to_owned(), json!(count))).collect();
            let mut value = states(&account.counts);
            value.insert("repairs".to_owned(), rules.into());
            Value::from(value)
        });
        json!({
            "heading": column.heading, "field": column.field, "hashed": column.hashed,
            "account": account,
        })
    };
    let kind = |(kind, counts): &(Kind, ColumnCounts)| {
        let mut value = states(counts);
        value.insert("kind".to_owned(), json!(kind));
        Value::from(value)
    };
    let columns: Vec<Value> = columns.iter().map(column).collect();
    let identifiers: Vec<Value> = counts.iter().map(kind).collect();
    Map::from_iter([
        ("columns".to_owned(), columns.into()),
        ("identifiers".to_owned(), identifiers.into()),
    ])
}

fn states(counts: &ColumnCounts) -> Map<String, Value> {
    let names = ["good", "repaired", "missing", "refused"];
    let values = [counts.good, counts.repaired, counts.missing, counts.refused];
    names.into_iter().zip(values).map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn table(first: &'static str, second: Option<&'static str>) -> Table {
    let words = [Some(first), second].into_iter().flatten().map(|name| (name, Align::Left));
    let numbers = ["good", "repaired", "missing", "refused"].map(|name| (name, Align::Right));
    Table::new(&words.chain(numbers).collect::<Vec<_>>())
}

fn numbers(counts: &ColumnCounts) -> [String; 4] {
    [counts.good, counts.repaired, counts.missing, counts.refused].map(words::grouped)
}

/// A heading on one line, cut where it is long.
fn shortened(heading: &str) -> String {
    let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
    if heading.chars().count() <= HEADING_MAX {
        return heading;
    }
    heading.chars().take(HEADING_MAX - 1).chain(['…']).collect()
}

/// Comma-separated items in lines of at most `width` characters.
fn folded(items: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + item.chars().count() + 2 <= width => {
                line.push_str(", ");
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_headings_are_cut_and_lists_are_folded() {
        assert_eq!(shortened("Tél.\n portable"), "Tél. portable");
        assert_eq!(shortened(&"é".repeat(40)).chars().count(), HEADING_MAX);
        let items: Vec<String> = (10..40).map(|n| n.to_string()).collect();
        let lines = folded(&items, 40);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= 40));
        assert_eq!(lines.join(", "), items.join(", "));
    }
}
