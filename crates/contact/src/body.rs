//! The body of a deposit, `tiers-body/1`: tokens and the attributes that the policy names, as text.
//!
//! CSV without quotes, LF line ends, one heading line; lines sorted by their bytes, so that their
//! order tells nothing about the party's file. Sealing and signing it is not done here.
//! Specified in `docs/formats/normalisation-v1.md`, "Body".

use crate::{
    canary, field::Attribute, field::FileKind, kind::Kind, prepare::NormalisedRow,
    prepare::Prepared, token::Tokeniser,
};

/// Name and version of the format that [`Prepared::body`] writes.
pub const BODY_FORMAT: &str = "tiers-body/1";

/// What is about to leave the party's machine, exactly as `preview.csv` shows it.
pub struct Body {
    /// Names of the columns, in order: `token_<kind>` for each kind asked for, then the attributes.
    pub columns: Vec<String>,
    /// The text, heading line included.
    pub csv: Vec<u8>,
    /// For each line after the heading, the row of the party's file that it was made from (1 for the
    /// first data row); `None` for a canary.
    pub line_to_row: Vec<Option<u64>>,
}

/// Names of the columns of a body of `kind` with these identifier kinds (put in the fixed order).
#[must_use]
pub fn columns(kind: FileKind, kinds: &[Kind]) -> Vec<String> {
    let tokens = Kind::ALL.into_iter().filter(|k| kinds.contains(k)).map(|k| format!("token_{k}"));
    tokens.chain(kind.attributes().iter().map(|a| a.as_str().to_owned())).collect()
}

impl Prepared {
    /// Makes the body: a token for each identifier, the attributes, the canaries among the rows.
    #[must_use]
    pub fn body(&self, tokeniser: &Tokeniser) -> Body {
        let columns = columns(self.kind, &self.kinds);
        let canaries = canary::rows(self.kind);
        let count = self.rows.len() + canaries.len();
        let mut text = Vec::with_capacity(count * columns.len() * 44);
        let mut lines = Vec::with_capacity(count);
        for row in self.rows.iter().chain(&canaries) {
            let start = text.len();
            self.write_line(&mut text, row, tokeniser);
            let source = (row.source_row > 0).then_some(row.source_row);
            lines.push((start, text.len(), source));
        }
        // Rows that are alike byte for byte fall back on their place in the file, so that the result
        // is one and the same every time.
        lines.sort_unstable_by(|a, b| (&text[a.0..a.1], a.2).cmp(&(&text[b.0..b.1], b.2)));
        let mut csv = Vec::with_capacity(text.len() + 256);
        csv.extend_from_slice(columns.join(",").as_bytes());
        csv.push(b'\n');
        for (start, end, _) in &lines {
            csv.extend_from_slice(&text[*start..*end]);
        }
        Body { columns, csv, line_to_row: lines.into_iter().map(|line| line.2).collect() }
    }

    fn write_line(&self, text: &mut Vec<u8>, row: &NormalisedRow, tokeniser: &Tokeniser) {
        let mut separate = false;
        let mut field = |text: &mut Vec<u8>, value: &[u8]| {
            if separate {
                text.push(b',');
            }
            separate = true;
            text.extend_from_slice(value);
        };
        for kind in &self.kinds {
            match row.digest(*kind) {
                Some(digest) => {
                    let token = tokeniser.token_of_digest(*kind, digest.as_bytes());
                    field(text, token.to_base64url().as_bytes());
                }
                None => field(text, b""),
            }
        }
        for attribute in self.kind.attributes() {
            let value = match attribute {
                Attribute::LeadDate | Attribute::SaleDate => row.date.map(|date| date.to_string()),
                Attribute::AmountCents => row.amount_cents.map(|cents| cents.to_string()),
                Attribute::Campaign => row.campaign.and_then(|i| self.campaigns.get(i).cloned()),
            };
            field(text, value.unwrap_or_default().as_bytes());
        }
        text.push(b'\n');
    }
}
