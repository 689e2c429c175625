//! What was understood of a file, as JSON for a page: the fields that `tiers prepare --json` gives,
//! and the reject codes with their numbers. Headings of the party's own file stand in it, no value.

use serde_json::{Map, Value, json};
use tiers_contact::{Body, Column, ColumnCounts, Kind, Prepared};
use tiers_protocol::manifest::SignedManifest;

/// The account of a file whose rows are read.
pub fn of(source: &str, prepared: &Prepared) -> Value {
    let account = prepared.account();
    let codes: Map<String, Value> =
        account.rejects.iter().map(|(code, number)| ((*code).to_owned(), json!(number))).collect();
    let rejects: u64 = account.rejects.iter().map(|(_, number)| number).sum();
    json!({
        "source": source,
        "encoding": account.encoding,
        "separator": account.separator,
        "sheet": account.sheet,
        "other_sheets": account.other_sheets,
        "hidden_sheets": account.hidden_sheets,
        "macros": account.macros,
        "columns": account.columns.iter().map(column).collect::<Vec<_>>(),
        "identifiers": account.counts.iter().map(identifier).collect::<Vec<_>>(),
        "rows": account.rows,
        "rejects": rejects,
        "reject_codes": codes,
        "duplicates": account.duplicates,
    })
}

/// A column, what it means and what became of its values.
fn column(column: &Column) -> Value {
    let account = column.account.as_ref().map(|account| {
        let rules = account.repairs().into_iter();
        let rules: Map<String, Value> =
            rules.map(|(rule, count)| (rule.code().to_owned(), json!(count))).collect();
        let mut value = states(&account.counts);
        value["repairs"] = rules.into();
        value
    });
    json!({
        "heading": column.heading, "field": column.field, "hashed": column.hashed,
        "account": account,
    })
}

fn identifier((kind, counts): &(Kind, ColumnCounts)) -> Value {
    let mut value = states(counts);
    value["kind"] = json!(kind);
    value
}

fn states(counts: &ColumnCounts) -> Value {
    json!({
        "good": counts.good, "repaired": counts.repaired,
        "missing": counts.missing, "refused": counts.refused,
    })
}

/// The account of a file whose body is made.
pub fn with_body(
    source: &str,
    prepared: &Prepared,
    body: &Body,
    manifest: &SignedManifest,
) -> Value {
    let mut account = of(source, prepared);
    account["lines"] = json!(body.line_to_row.len());
    account["sealed"] = json!(manifest.manifest.body.sealed.is_some());
    account["signed"] = json!(manifest.signed.is_some());
    account
}
