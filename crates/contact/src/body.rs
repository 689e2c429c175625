//! The body of a deposit, `tiers-body/1`: tokens and the attributes that the policy names, as text.
//!
//! CSV without quotes, LF line ends, one heading line; lines sorted by their bytes, so that their
//! order tells nothing about the party's file. Sealing and signing it is not done here.
//! Specified in `docs/formats/normalisation-v1.md`, "Body".

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::{
    canary,
    field::{Attribute, FileKind},
    kind::Kind,
    labels,
    prepare::{Digest, NormalisedRow, Prepared},
    rows::push_day,
    token::{TOKEN_TEXT_LEN, Token, Tokeniser},
};

/// Name and version of the format that [`Prepared::body`] writes.
pub const BODY_FORMAT: &str = "tiers-body/1";

/// What stands between the tokens of one near kind.
const NEAR_SEPARATOR: u8 = b' ';

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

/// Lines of a body that were made from some of the rows, in order.
#[derive(Default)]
pub struct Lines {
    text: Vec<u8>,
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
struct Line {
    /// The first eight bytes: most comparisons end there.
    prefix: u64,
    start: usize,
    end: usize,
    source: Option<u64>,
}

impl Lines {
    fn bytes(&self, line: &Line) -> &[u8] {
        &self.text[line.start..line.end]
    }

    /// Lines that are alike byte for byte fall back on their place in the file, so that the result is
    /// one and the same every time.
    fn sort(&mut self) {
        let Self { text, lines } = self;
        let rest = |line: &Line| (&text[line.start..line.end], line.source);
        lines.sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| rest(a).cmp(&rest(b))));
    }
}

impl NormalisedRow {
    /// The tokens of one kind as they stand in a body: one or none of a single kind, always the same
    /// number of a near one.
    ///
    /// What a row lacks is filled up with tokens of what makes the row itself, so that neither their
    /// number nor their repetition tells what is missing: they meet nothing but the same row of the same
    /// file prepared again.
    #[must_use]
    pub(crate) fn tokens(&self, kind: Kind, tokeniser: &Tokeniser) -> Vec<Token> {
        let token = |digest: &Digest| tokeniser.token_of_digest(kind, digest.as_bytes());
        if !kind.is_near() {
            return self.digest(kind).map(token).into_iter().collect();
        }
        let mut tokens: Vec<Token> = self.near(kind).map(token).collect();
        for place in tokens.len()..kind.tokens_per_row() {
            tokens.push(token(&self.padding(kind, place)));
        }
        tokens
    }

    fn padding(&self, kind: Kind, place: usize) -> Digest {
        let mut hash = Sha256::new_with_prefix(labels::NEAR_PADDING);
        hash.update(kind.as_str());
        hash.update([0, u8::try_from(place).expect("a near kind has a few tokens")]);
        hash.update(self.source_row.to_le_bytes());
        for digest in &self.digests {
            match digest {
                Some(digest) => hash.update(digest.as_bytes()),
                None => hash.update([0]),
            }
        }
        self.near.iter().for_each(|(_, digest)| hash.update(digest.as_bytes()));
        Digest::from_bytes(hash.finalize().into())
    }
}

impl Prepared {
    /// Makes the body: a token for each identifier, the attributes, the canaries among the rows.
    #[must_use]
    pub fn body(&self, tokeniser: &Tokeniser) -> Body {
        self.join(&[self.lines(0..self.rows.len(), tokeniser)], tokeniser)
    }

    /// The lines of a range of [`Prepared::rows`], for [`Prepared::join`]: parts can be made side by
    /// side.
    #[must_use]
    pub fn lines(&self, range: Range<usize>, tokeniser: &Tokeniser) -> Lines {
        self.written(self.rows.get(range).unwrap_or_default(), tokeniser)
    }

    /// Puts the lines of all rows, each range once, together with the canaries. The order of the parts
    /// does not matter.
    #[must_use]
    pub fn join(&self, parts: &[Lines], tokeniser: &Tokeniser) -> Body {
        let canaries = self.written(&canary::rows(self.kind, &self.kinds), tokeniser);
        let mut parts: Vec<(&Lines, &[Line])> =
            parts.iter().chain([&canaries]).map(|part| (part, part.lines.as_slice())).collect();
        let columns = columns(self.kind, &self.kinds);
        let size: usize = parts.iter().map(|(part, _)| part.text.len()).sum();
        let count = parts.iter().map(|(_, lines)| lines.len()).sum();
        let (mut csv, mut line_to_row) =
            (Vec::with_capacity(size + 256), Vec::with_capacity(count));
        csv.extend_from_slice(columns.join(",").as_bytes());
        csv.push(b'\n');
        loop {
            let heads = parts.iter().enumerate().filter_map(|(place, (part, lines))| {
                let line = lines.first()?;
                Some((line.prefix, part.bytes(line), line.source, place))
            });
            let Some((_, bytes, source, place)) = heads.min() else { break };
            csv.extend_from_slice(bytes);
            line_to_row.push(source);
            parts[place].1 = &parts[place].1[1..];
        }
        Body { columns, csv, line_to_row }
    }

    fn written(&self, rows: &[NormalisedRow], tokeniser: &Tokeniser) -> Lines {
        let tokens: usize = self.kinds.iter().map(|kind| kind.tokens_per_row()).sum();
        let width = tokens * (TOKEN_TEXT_LEN + 1) + 24;
        let mut lines = Lines {
            text: Vec::with_capacity(rows.len() * width),
            lines: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            let start = lines.text.len();
            self.write_line(&mut lines.text, row, tokeniser);
            let end = lines.text.len();
            let mut prefix = [0; 8];
            let head = &lines.text[start..end.min(start + 8)];
            prefix[..head.len()].copy_from_slice(head);
            let source = (row.source_row > 0).then_some(row.source_row);
            lines.lines.push(Line { prefix: u64::from_be_bytes(prefix), start, end, source });
        }
        lines.sort();
        lines
    }

    fn write_line(&self, text: &mut Vec<u8>, row: &NormalisedRow, tokeniser: &Tokeniser) {
        for kind in &self.kinds {
            if kind.is_near() {
                // In the order of their bytes, so that the place of a token tells no rule.
                let mut tokens = row.tokens(*kind, tokeniser);
                tokens.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
                for (place, token) in tokens.iter().enumerate() {
                    if place > 0 {
                        text.push(NEAR_SEPARATOR);
                    }
                    token.append_to(text);
                }
            } else if let Some(digest) = row.digest(*kind) {
                tokeniser.token_of_digest(*kind, digest.as_bytes()).append_to(text);
            }
            text.push(b',');
        }
        for attribute in self.kind.attributes() {
            match attribute {
                Attribute::LeadDate | Attribute::SaleDate => {
                    if let Some(date) = row.date {
                        push_day(date, |sign| text.push(sign));
                    }
                }
                Attribute::AmountCents => {
                    if let Some(cents) = row.amount_cents {
                        text.extend_from_slice(cents.to_string().as_bytes());
                    }
                }
                Attribute::Campaign => {
                    let name = row.campaign.and_then(|place| self.campaigns.get(place));
                    text.extend_from_slice(name.map_or(b"", |name| name.as_bytes()));
                }
            }
            text.push(b',');
        }
        // The last separator makes room for the end of the line.
        text.pop();
        text.push(b'\n');
    }
}
