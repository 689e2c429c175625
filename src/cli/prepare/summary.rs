//! What `tiers prepare` says of a file at its end, for people and for scripts: how it was read, what its
//! columns mean, what became of its rows and values. Never a value of the file. It decides nothing.
//! The command is specified in `docs/command-line.md`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tiers_contact::Prepared;

use super::super::context::Context;
use super::super::table::{Align, Table};
use super::super::words;
use super::Made;

impl Made {
    /// For people.
    pub(super) fn text(&self, context: &Context) -> String {
        let prepared = &self.prepared;
        let mut text = format!("{}\n", context.style.bold(&self.source));
        let mut fact = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:<14} {value}");
        };
        fact("Read as", &self.shape());
        fact("Columns", &columns(prepared));
        let good = prepared.rows.len() as u64;
        let rejected = prepared.rejects.len() as u64;
        fact("Rows", &format!("{}, {} left out", words::grouped(good), words::grouped(rejected)));
        for (code, number) in reject_codes(prepared) {
            fact("", &format!("{} {code}", words::grouped(number)));
        }
        if prepared.duplicates > 0 {
            let repeated = words::count(prepared.duplicates, "row repeats", "rows repeat");
            fact("", &format!("{repeated} an earlier one"));
        }
        let mut table = Table::new(&[
            ("identifier", Align::Left),
            ("good", Align::Right),
            ("repaired", Align::Right),
            ("missing", Align::Right),
            ("refused", Align::Right),
        ]);
        for (kind, counts) in &prepared.counts {
            let numbers = [counts.good, counts.repaired, counts.missing, counts.refused];
            let cells = std::iter::once(kind.as_str().to_owned());
            table.row(cells.chain(numbers.map(words::grouped)).collect());
        }
        for line in table.lines(context.style) {
            text.push_str(&line);
            text.push('\n');
        }
        let mut fact = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:<14} {value}");
        };
        fact("Deposit", &format!("{}/ ({})", self.dir.display(), self.state()));
        text
    }

    /// Encoding, separator and sheet.
    fn shape(&self) -> String {
        let mut shape = self.prepared.encoding.to_owned();
        match self.prepared.separator {
            Some('\t') => shape.push_str(", separated by tabs"),
            Some(separator) => {
                let _ = write!(shape, ", separated by {separator}");
            }
            None => {}
        }
        if let Some(sheet) = &self.prepared.sheet {
            let _ = write!(shape, ", sheet \"{sheet}\"");
        }
        shape
    }

    /// What still has to be done before the deposit can be sent.
    const fn state(&self) -> &'static str {
        match (&self.manifest.manifest.body.sealed, &self.manifest.signed) {
            (None, _) => "not sealed: `tiers deposit` seals and signs it with the party's keys",
            (Some(_), None) => "sealed, to be signed when it is sent",
            (Some(_), Some(_)) => "sealed and signed",
        }
    }

    /// For scripts: one object.
    pub(super) fn json(&self) -> Value {
        let prepared = &self.prepared;
        let columns: Vec<Value> = prepared
            .columns
            .iter()
            .map(|c| json!({ "heading": c.heading, "field": c.field, "hashed": c.hashed }))
            .collect();
        let identifiers: Vec<Value> = prepared
            .counts
            .iter()
            .map(|(kind, c)| {
                json!({
                    "kind": kind, "good": c.good, "repaired": c.repaired,
                    "missing": c.missing, "refused": c.refused,
                })
            })
            .collect();
        json!({
            "source": self.source,
            "dir": self.dir,
            "encoding": prepared.encoding,
            "separator": prepared.separator,
            "sheet": prepared.sheet,
            "columns": columns,
            "identifiers": identifiers,
            "rows": prepared.rows.len(),
            "rejects": prepared.rejects.len(),
            "duplicates": prepared.duplicates,
            "lines": self.body.line_to_row.len(),
            "sealed": self.manifest.manifest.body.sealed.is_some(),
            "signed": self.manifest.signed.is_some(),
        })
    }
}

/// Headings with what they were understood as, then those that are read past.
fn columns(prepared: &Prepared) -> String {
    let mut understood = Vec::new();
    let mut passed = Vec::new();
    for column in &prepared.columns {
        match column.field {
            Some(field) if column.hashed => {
                understood.push(format!("{} → {field} (hashed already)", column.heading));
            }
            Some(field) => understood.push(format!("{} → {field}", column.heading)),
            None => passed.push(column.heading.clone()),
        }
    }
    let mut lines = folded(&understood);
    if !passed.is_empty() {
        lines.push(format!("read past: {}", passed.join(", ")));
    }
    lines.join(&format!("\n{:15}", ""))
}

/// Comma-separated items in lines of at most 80 characters.
fn folded(items: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + item.chars().count() < 78 => {
                line.push_str(", ");
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

/// Reason codes of the rows left out, the commonest first.
fn reject_codes(prepared: &Prepared) -> Vec<(&'static str, u64)> {
    let mut codes: Vec<(&'static str, u64)> = Vec::new();
    for reject in &prepared.rejects {
        match codes.iter_mut().find(|(code, _)| *code == reject.code) {
            Some((_, number)) => *number += 1,
            None => codes.push((reject.code, 1)),
        }
    }
    codes.sort_by_key(|(code, number)| (std::cmp::Reverse(*number), *code));
    codes
}
