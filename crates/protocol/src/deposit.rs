//! A deposit directory as bytes: what a prepared file becomes on the party's machine, the same from a
//! terminal and from a browser. Where the bytes are kept and how they are sent is not here. Specified
//! in `docs/formats/manifest.md` and `docs/command-line.md`, "A deposit directory".

use core::fmt::Write as _;

use jiff::{ToSpan as _, civil::Date};
use tiers_contact::{Body, Field, FileKind, PrepareOptions, Prepared};

use crate::encoding::{Bytes, sha256};
use crate::entropy::Entropy;
use crate::manifest::{Draft, Manifest, SealedDescription, SignedManifest};
use crate::party::PartySecret;
use crate::programme::Programme;
use crate::programme_key::KeyId;
use crate::seal::{SealError, seal_body};
use crate::trust::Trust;

/// The signed manifest.
pub const MANIFEST: &str = "manifest.json";
/// The sealed tokens.
pub const SEALED: &str = "body.sealed";
/// What is inside, to be read before sending.
pub const PREVIEW: &str = "preview.csv";
/// Which line of the body was made from which row of which file.
pub const ROWS: &str = "rows.csv";
/// Rows that were left out, and why.
pub const REJECTS: &str = "rejects.csv";
/// The certifier's public keys as the programme file pins them.
pub const TRUST: &str = "trust.json";

/// Code of a row that sums up others: it is left out of the body and is nobody's fault.
const TOTAL: &str = "row.total";

/// How a programme wants a file of `kind` read, before a party says more of its own file.
#[must_use]
pub fn options(programme: &Programme, kind: FileKind) -> PrepareOptions {
    let policy = &programme.policy;
    PrepareOptions {
        campaigns: programme.campaigns.iter().map(|campaign| campaign.name.clone()).collect(),
        margins: programme.margins(),
        clamp_cents: policy.clamp_cents().value(),
        max_reject_permille: u16::try_from(policy.max_reject_permille().value())
            .expect("a share in thousandths is at most 1000"),
        ..PrepareOptions::new(kind, policy.kinds().collect())
    }
}

/// What a prepared file becomes: the manifest says it, sealed or not yet.
#[must_use]
pub fn describe(
    (programme, key): (&Programme, KeyId),
    (prepared, body): (&Prepared, &Body),
    (today, tool): (Date, &str),
    entropy: &mut impl Entropy,
) -> Manifest {
    let days = i64::try_from(programme.policy.retention_days().value())
        .expect("retention is at most a year");
    let draft = Draft {
        nonce: Bytes::new(entropy.array()),
        kind: prepared.kind,
        columns: body.columns.clone(),
        rows: body.line_to_row.len() as u64,
        rejects: prepared.rejects.iter().filter(|reject| reject.code != TOTAL).count() as u64,
        retain_until: today.saturating_add(days.days()),
        tool: tool.to_owned(),
        plain_bytes: body.csv.len() as u64,
    };
    Manifest::new(programme, key, draft)
}

/// Seals a body to the certifier as the party's, and says so in the manifest.
///
/// # Errors
/// [`SealError::Key`].
pub fn seal(
    manifest: &mut Manifest,
    body: &[u8],
    (trust, party): (&Trust, &PartySecret),
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>, SealError> {
    manifest.party = Some(party.public().fingerprint());
    let sealed = seal_body(&trust.sealing, &manifest.seal_info(), body, entropy)?;
    manifest.body.sealed = Some(SealedDescription {
        bytes: sealed.len() as u64,
        sha256: sha256(&sealed),
        recipient: trust.sealing.id(),
    });
    Ok(sealed)
}

/// A manifest, signed if the party's keys are at hand. Only a sealed body is worth a signature.
#[must_use]
pub fn sign(manifest: Manifest, party: Option<&PartySecret>) -> SignedManifest {
    match party {
        Some(secret) if manifest.body.sealed.is_some() => manifest.sign(secret),
        _ => SignedManifest { manifest, signed: None },
    }
}

/// `rows.csv`: `line,file,row`; canaries come from no file and are left out.
#[must_use]
pub fn rows_csv(source: &str, body: &Body) -> String {
    let source = quoted(source);
    let mut text = String::from("line,file,row\n");
    for (at, row) in body.line_to_row.iter().enumerate() {
        if let Some(row) = row {
            let _ = writeln!(text, "{},{source},{row}", at + 1);
        }
    }
    text
}

/// `rejects.csv`: `row,column,code`, never a value.
#[must_use]
pub fn rejects_csv(prepared: &Prepared) -> String {
    let mut text = String::from("row,column,code\n");
    for reject in &prepared.rejects {
        let column = reject.field.map_or("", Field::as_str);
        let _ = writeln!(text, "{},{column},{}", reject.row, reject.code);
    }
    text
}

/// A CSV field (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_a_table() {
        assert_eq!(quoted("sales.csv"), "sales.csv");
        assert_eq!(quoted("a,\"b\".csv"), "\"a,\"\"b\"\".csv\"");
    }
}
