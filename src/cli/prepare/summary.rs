//! What `tiers prepare` says of a file at its end, for people and for scripts: how it was read, what its
//! columns mean, what became of its rows and values. Never a value of the file. It decides nothing.
//! The command is specified in `docs/command-line.md`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tiers_contact::Account;

use super::super::context::Context;
use super::super::words;
use super::Made;
use super::account::{self, Shape};

impl Made {
    /// For people.
    pub(super) fn text(&self, context: &Context) -> String {
        let mut text = format!("{}\n", context.style.bold(&self.source));
        understood(&self.account, context, &mut text);
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
        let mut value = understood_json(&self.account);
        value.insert("source".to_owned(), json!(self.source));
        value.insert("dir".to_owned(), json!(self.dir));
        value.insert("lines".to_owned(), json!(self.manifest.manifest.rows));
        let sealed = self.manifest.manifest.body.sealed.is_some();
        value.insert("sealed".to_owned(), json!(sealed));
        value.insert("signed".to_owned(), json!(self.manifest.signed.is_some()));
        value.into()
    }
}

/// How a file was read, what its columns mean and what became of its rows, for people.
pub(in super::super) fn understood(account: &Account, context: &Context, text: &mut String) {
    for (name, value) in shape(account).facts() {
        fact(text, name, &value);
    }
    let rejected = account.rejects.iter().map(|(_, number)| number).sum();
    let rows = format!("{}, {} left out", words::grouped(account.rows), words::grouped(rejected));
    fact(text, "Rows", &rows);
    for (code, number) in &account.rejects {
        fact(text, "", &format!("{} {code}", words::grouped(*number)));
    }
    if account.duplicates > 0 {
        let one = "row repeats an earlier one, and stays";
        let several = "rows repeat an earlier one, and stay";
        fact(text, "", &words::count(account.duplicates, one, several));
    }
    let passed = account::passed(&account.columns);
    for (place, line) in passed.iter().enumerate() {
        fact(text, if place == 0 { "Read past" } else { "" }, line);
    }
    let columns = account::columns(&account.columns, context.style);
    let identifiers = account::identifiers(&account.counts, context.style);
    for line in columns.into_iter().chain([String::new()]).chain(identifiers) {
        text.push_str(&line);
        text.push('\n');
    }
}

/// The same for scripts.
pub(in super::super) fn understood_json(account: &Account) -> Map<String, Value> {
    let mut value = shape(account).json();
    value.extend(account::json(&account.columns, &account.counts));
    let codes: Map<String, Value> =
        account.rejects.iter().map(|(code, number)| ((*code).to_owned(), json!(number))).collect();
    let rejects: u64 = account.rejects.iter().map(|(_, number)| number).sum();
    value.insert("rows".to_owned(), json!(account.rows));
    value.insert("rejects".to_owned(), json!(rejects));
    value.insert("reject_codes".to_owned(), codes.into());
    value.insert("duplicates".to_owned(), json!(account.duplicates));
    value
}

fn shape(account: &Account) -> Shape<'_> {
    Shape {
        encoding: account.encoding,
        separator: account.separator,
        sheet: account.sheet.as_deref(),
        other_sheets: &account.other_sheets,
        hidden_sheets: account.hidden_sheets,
        macros: account.macros,
    }
}

fn fact(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<14} {value}");
}
