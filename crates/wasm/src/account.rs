//! What was understood of a file, as JSON for a page: the fields that `tiers prepare --json` gives,
//! and the reject codes with their numbers. Headings of the party's own file stand in it, no value.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tiers_contact::{Body, Prepared};
use tiers_protocol::manifest::SignedManifest;

/// The account of a file whose rows are read.
pub fn of(source: &str, prepared: &Prepared) -> Value {
    let columns: Vec<Value> = (prepared.columns.iter())
        .map(|c| json!({ "heading": c.heading, "field": c.field, "hashed": c.hashed }))
        .collect();
    let identifiers: Vec<Value> = (prepared.counts.iter())
        .map(|(kind, c)| {
            json!({
                "kind": kind, "good": c.good, "repaired": c.repaired,
                "missing": c.missing, "refused": c.refused,
            })
        })
        .collect();
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for reject in &prepared.rejects {
        *codes.entry(reject.code).or_default() += 1;
    }
    json!({
        "source": source,
        "encoding": prepared.encoding,
        "separator": prepared.separator,
        "sheet": prepared.sheet,
        "macros": prepared.macros,
        "columns": columns,
        "identifiers": identifiers,
        "rows": prepared.rows.len(),
        "rejects": prepared.rejects.len(),
        "reject_codes": codes,
        "duplicates": prepared.duplicates,
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
