//! What `tiers prepare` says of a file at its end, for people and for scripts: how it was read, what its
//! columns mean, what became of its rows and values. Never a value of the file. It decides nothing.
//! The command is specified in `docs/command-line.md`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tiers_contact::Prepared;

use super::super::context::Context;
use super::super::words;
use super::Made;
use super::account::{self, Shape};

impl Made {
    /// For people.
    pub(super) fn text(&self, context: &Context) -> String {
        let mut text = format!("{}\n", context.style.bold(&self.source));
        understood(&self.prepared, context, &mut text);
        fact(&mut text, "Deposit", &format!("{}/ ({})", self.dir.display(), self.state()));
        text
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
        let mut value = understood_json(&self.prepared);
        value.insert("source".to_owned(), json!(self.source));
        value.insert("dir".to_owned(), json!(self.dir));
        value.insert("lines".to_owned(), json!(self.body.line_to_row.len()));
        let sealed = self.manifest.manifest.body.sealed.is_some();
        value.insert("sealed".to_owned(), json!(sealed));
        value.insert("signed".to_owned(), json!(self.manifest.signed.is_some()));
        value.into()
    }
}

/// How a file was read, what its columns mean and what became of its rows, for people.
pub(in super::super) fn understood(prepared: &Prepared, context: &Context, text: &mut String) {
    for (name, value) in shape(prepared).facts() {
        fact(text, name, &value);
    }
    let (good, rejected) = (prepared.rows.len() as u64, prepared.rejects.len() as u64);
    let rows = format!("{}, {} left out", words::grouped(good), words::grouped(rejected));
    fact(text, "Rows", &rows);
    for (code, number) in reject_codes(prepared) {
        fact(text, "", &format!("{} {code}", words::grouped(number)));
    }
    if prepared.duplicates > 0 {
        let repeated = words::count(prepared.duplicates, "row repeats", "rows repeat");
        fact(text, "", &format!("{repeated} an earlier one, and stays"));
    }
    let passed = account::passed(&prepared.columns);
    for (place, line) in passed.iter().enumerate() {
        fact(text, if place == 0 { "Read past" } else { "" }, line);
    }
    let columns = account::columns(&prepared.columns, context.style);
    let identifiers = account::identifiers(&prepared.counts, context.style);
    for line in columns.into_iter().chain([String::new()]).chain(identifiers) {
        text.push_str(&line);
        text.push('\n');
    }
}

/// The same for scripts.
pub(in super::super) fn understood_json(prepared: &Prepared) -> Map<String, Value> {
    let mut value = shape(prepared).json();
    value.extend(account::json(&prepared.columns, &prepared.counts));
    let codes: Map<String, Value> = reject_codes(prepared)
        .into_iter()
        .map(|(code, number)| (code.to_owned(), json!(number)))
        .collect();
    value.insert("rows".to_owned(), json!(prepared.rows.len()));
    value.insert("rejects".to_owned(), json!(prepared.rejects.len()));
    value.insert("reject_codes".to_owned(), codes.into());
    value.insert("duplicates".to_owned(), json!(prepared.duplicates));
    value
}

fn shape(prepared: &Prepared) -> Shape<'_> {
    Shape {
        encoding: prepared.encoding,
        separator: prepared.separator,
        sheet: prepared.sheet.as_deref(),
        other_sheets: &prepared.other_sheets,
        hidden_sheets: prepared.hidden_sheets,
        macros: prepared.macros,
    }
}

fn fact(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<14} {value}");
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
