//! The body of a deposit, `tiers-body/1`: tokens and the attributes that the policy names, as text.
//!
//! CSV without quotes, LF line ends, one heading line; lines sorted by their bytes, so that their
//! order tells nothing about the party's file. Sealing and signing it is not done here.
//! Specified in `docs/formats/normalisation-v1.md`, "Body".

use std::{convert::Infallible, ops::Range};

use sha2::{Digest as _, Sha256};

use crate::{
    canary,
    field::{Attribute, FileKind},
    kind::Kind,
    labels,
    margin::Margins,
    merge::{Merge, Run, prefix},
    prepare::{Digest, NormalisedRow, Prepared},
    rows::day_text,
    token::{Batch, TOKEN_LEN, TOKEN_TEXT_LEN, Token, Tokeniser},
};

/// Name and version of the format that [`Prepared::body`] writes.
pub const BODY_FORMAT: &str = "tiers-body/1";

/// Rows whose tokens are made together.
const TOGETHER: usize = 16;

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
pub fn columns(kind: FileKind, kinds: &[Kind], margins: &Margins) -> Vec<String> {
    let tokens = Kind::ALL.into_iter().filter(|k| kinds.contains(k)).map(|k| format!("token_{k}"));
    tokens.chain(margins.attributes(kind).map(|a| a.as_str().to_owned())).collect()
}

/// The heading line of a body of `kind` with these identifier kinds.
#[must_use]
pub fn heading(kind: FileKind, kinds: &[Kind], margins: &Margins) -> Vec<u8> {
    let mut line = columns(kind, kinds, margins).join(",").into_bytes();
    line.push(b'\n');
    line
}

/// Lines of a body that were made from some of the rows, in order.
#[derive(Default)]
pub struct Lines {
    text: Vec<u8>,
    /// Row of the file of each line, 0 for a canary.
    sources: Vec<u64>,
}

impl Lines {
    /// Number of lines.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Bytes that the lines take in memory.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len() + size_of::<u64>() * self.sources.len()
    }

    /// The lines as a run to be merged with others.
    #[must_use]
    pub fn run(&self) -> MemoryRun<&Self> {
        MemoryRun::new(self)
    }

    /// The same, with the lines in it.
    #[must_use]
    pub fn into_run(self) -> MemoryRun<Self> {
        MemoryRun::new(self)
    }

    /// Moves rows that were counted within a part to their places in the file.
    pub fn shift(&mut self, rows: u64) {
        self.sources.iter_mut().filter(|row| **row > 0).for_each(|row| *row += rows);
    }
}

impl AsRef<Self> for Lines {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// [`Lines`] on their way into a [`Merge`].
pub struct MemoryRun<L> {
    lines: L,
    place: usize,
    start: usize,
    end: usize,
}

impl<L: AsRef<Lines>> MemoryRun<L> {
    fn new(lines: L) -> Self {
        let mut run = Self { lines, place: 0, start: 0, end: 0 };
        run.find_end();
        run
    }

    fn find_end(&mut self) {
        let rest = &self.lines.as_ref().text[self.start..];
        self.end = self.start + memchr::memchr(b'\n', rest).map_or(rest.len(), |place| place + 1);
    }
}

impl<L: AsRef<Lines>> Run for MemoryRun<L> {
    type Error = Infallible;

    fn head(&self) -> Option<(&[u8], u64)> {
        let lines = self.lines.as_ref();
        let source = lines.sources.get(self.place)?;
        Some((&lines.text[self.start..self.end], *source))
    }

    fn advance(&mut self) -> Result<(), Infallible> {
        (self.place, self.start) = (self.place + 1, self.end);
        self.find_end();
        Ok(())
    }
}

/// Writes rows as lines: the one place that knows how.
#[derive(Clone, Copy)]
pub(crate) struct LineWriter<'a> {
    pub(crate) kind: FileKind,
    pub(crate) kinds: &'a [Kind],
    pub(crate) campaigns: &'a [String],
    pub(crate) margins: &'a Margins,
    pub(crate) tokeniser: &'a Tokeniser,
}

/// A line before it is put in order.
struct Line {
    /// The first eight bytes: most comparisons end there.
    prefix: u64,
    start: usize,
    end: usize,
    source: u64,
}

impl NormalisedRow {
    /// The tokens of one kind as they stand in a body: one or none of a single kind, always the same
    /// number of a near one.
    ///
    /// What a row lacks is filled up with tokens of all texts of the kind that it has, so that pads repeat
    /// exactly when those do, and neither their number nor their repetition tells what is missing: they
    /// meet no row that the others do not meet. A row that has none at all is filled up with tokens of all
    /// its identifiers. They do not depend on the row's place, so that a file is the same set of rows in
    /// whatever order.
    pub(crate) fn tokens<'t>(&self, kind: Kind, tokeniser: &'t Tokeniser, batch: &mut Batch<'t>) {
        if !kind.is_near() {
            let digest = self.digest(kind).map(|digest| (kind, digest.as_bytes()));
            return tokeniser.tokens_of_digests(digest.into_iter(), batch);
        }
        let lacking = self.near(kind).count()..kind.tokens_per_row();
        let pads: Vec<Digest> = lacking.map(|place| self.padding(kind, place)).collect();
        let digests = self.near(kind).chain(&pads).map(|digest| (kind, digest.as_bytes()));
        tokeniser.tokens_of_digests(digests, batch);
    }

    fn padding(&self, kind: Kind, place: usize) -> Digest {
        let mut hash = Sha256::new_with_prefix(labels::NEAR_PADDING);
        hash.update(kind.as_str());
        hash.update([0, u8::try_from(place).expect("a near kind has a few tokens")]);
        let mut own = self.near(kind).peekable();
        if own.peek().is_some() {
            own.for_each(|digest| hash.update(digest.as_bytes()));
            return Digest::from_bytes(hash.finalize().into());
        }
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

impl<'a> LineWriter<'a> {
    /// The lines of the canaries.
    pub(crate) fn canaries(self) -> Lines {
        self.lines(&canary::rows(self.kind, self.kinds))
    }

    /// Lines of some rows, in order.
    pub(crate) fn lines(self, rows: &[NormalisedRow]) -> Lines {
        let mut draft = self.draft(rows.len());
        draft.add(rows);
        draft.in_order()
    }

    /// Begins to write lines, with room for so many rows.
    pub(crate) fn draft(self, rows: usize) -> Draft<'a> {
        let tokens: usize = self.kinds.iter().map(|kind| kind.tokens_per_row()).sum();
        let width = tokens * (TOKEN_TEXT_LEN + 1) + 24;
        Draft {
            writer: self,
            text: Vec::with_capacity(rows * width),
            lines: Vec::with_capacity(rows),
            batch: Batch::default(),
            near: Batch::default(),
        }
    }

    /// Identifiers of the single kinds that a row has, in the order of the columns.
    fn singles<'r>(self, row: &'r NormalisedRow) -> impl Iterator<Item = (Kind, &'r [u8; 32])>
    where
        'a: 'r,
    {
        let singles = self.kinds.iter().filter(|kind| !kind.is_near());
        singles.filter_map(|kind| Some((*kind, row.digest(*kind)?.as_bytes())))
    }

    /// Writes one line; `singles` gives the tokens of [`LineWriter::singles`].
    fn write_line<'t>(
        self,
        text: &mut Vec<u8>,
        row: &NormalisedRow,
        singles: &mut impl Iterator<Item = &'t [u8; TOKEN_LEN]>,
        near: &mut Batch<'a>,
    ) {
        for kind in self.kinds {
            if kind.is_near() {
                // In the order of their bytes, so that the place of a token tells no rule.
                row.tokens(*kind, self.tokeniser, near);
                near.sort();
                for (place, token) in near.tokens().iter().enumerate() {
                    if place > 0 {
                        text.push(NEAR_SEPARATOR);
                    }
                    Token::append(token, text);
                }
            } else if row.digest(*kind).is_some()
                && let Some(token) = singles.next()
            {
                Token::append(token, text);
            }
            text.push(b',');
        }
        for attribute in self.margins.attributes(self.kind) {
            match attribute {
                Attribute::LeadDate | Attribute::SaleDate => {
                    if let Some(date) = row.date {
                        text.extend_from_slice(&day_text(date));
                    }
                }
                Attribute::AmountCents => {
                    if let Some(cents) = row.amount_cents {
                        push_number(text, cents);
                    }
                }
                Attribute::Campaign => {
                    let name = row.campaign.and_then(|place| self.campaigns.get(place));
                    text.extend_from_slice(name.map_or(b"", |name| name.as_bytes()));
                }
                Attribute::Model => {
                    let name = row.model.and_then(|place| self.margins.models.get(place));
                    text.extend_from_slice(name.map_or(b"", |name| name.as_bytes()));
                }
                Attribute::Area => {
                    let area = row.area.and_then(|place| self.margins.areas.get(place));
                    text.extend_from_slice(area.map_or(b"", |area| area.name.as_bytes()));
                }
            }
            text.push(b',');
        }
        // The last separator makes room for the end of the line.
        text.pop();
        text.push(b'\n');
    }
}

/// Lines while they are written, before they are put in order.
pub(crate) struct Draft<'a> {
    writer: LineWriter<'a>,
    text: Vec<u8>,
    lines: Vec<Line>,
    batch: Batch<'a>,
    near: Batch<'a>,
}

impl Draft<'_> {
    /// Writes the lines of some more rows.
    pub(crate) fn add(&mut self, rows: &[NormalisedRow]) {
        let Self { writer, text, lines, batch, near } = self;
        for some in rows.chunks(TOGETHER) {
            let singles = some.iter().flat_map(|row| writer.singles(row));
            writer.tokeniser.tokens_of_digests(singles, batch);
            let mut tokens = batch.tokens().iter();
            for row in some {
                let start = text.len();
                writer.write_line(text, row, &mut tokens, near);
                let prefix = prefix(&text[start..]);
                lines.push(Line { prefix, start, end: text.len(), source: row.source_row });
            }
        }
    }

    /// Lines so far.
    pub(crate) const fn len(&self) -> u64 {
        self.lines.len() as u64
    }

    /// All of them, in order. Lines that are alike byte for byte keep the order of the file, so that the
    /// result is one and the same every time.
    pub(crate) fn in_order(self) -> Lines {
        let Self { text, mut lines, .. } = self;
        let rest = |line: &Line| (&text[line.start..line.end], line.source);
        lines.sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| rest(a).cmp(&rest(b))));
        let mut sorted = Lines {
            text: Vec::with_capacity(text.len()),
            sources: lines.iter().map(|line| line.source).collect(),
        };
        for line in &lines {
            sorted.text.extend_from_slice(&text[line.start..line.end]);
        }
        sorted
    }
}

/// Writes a number in decimal.
pub(crate) fn push_number(text: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let (mut rest, mut start) = (number, digits.len());
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(rest % 10).expect("a digit");
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[start..]);
}

impl Prepared {
    fn writer<'a>(&'a self, tokeniser: &'a Tokeniser) -> LineWriter<'a> {
        let (campaigns, margins) = (&self.campaigns, &self.margins);
        LineWriter { kind: self.kind, kinds: &self.kinds, campaigns, margins, tokeniser }
    }

    /// Makes the body: a token for each identifier, the attributes, the canaries among the rows.
    #[must_use]
    pub fn body(&self, tokeniser: &Tokeniser) -> Body {
        self.join(&[self.lines(0..self.rows.len(), tokeniser)], tokeniser)
    }

    /// The lines of a range of [`Prepared::rows`], for [`Prepared::join`]: parts can be made side by
    /// side.
    #[must_use]
    pub fn lines(&self, range: Range<usize>, tokeniser: &Tokeniser) -> Lines {
        self.writer(tokeniser).lines(self.rows.get(range).unwrap_or_default())
    }

    /// The lines of the canaries, which belong into every body; [`Prepared::join`] adds them itself.
    #[must_use]
    pub fn canaries(&self, tokeniser: &Tokeniser) -> Lines {
        self.writer(tokeniser).canaries()
    }

    /// Puts the lines of all rows, each range once, together with the canaries. The order of the parts
    /// does not matter.
    #[must_use]
    pub fn join(&self, parts: &[Lines], tokeniser: &Tokeniser) -> Body {
        let writer = self.writer(tokeniser);
        let canaries = writer.canaries();
        let size = parts.iter().map(|part| part.text.len()).sum::<usize>() + canaries.text.len();
        let mut csv = heading(self.kind, &self.kinds, &self.margins);
        csv.reserve(size);
        let mut line_to_row = Vec::new();
        let runs = parts.iter().chain([&canaries]).map(Lines::run).collect();
        let Ok(()) = Merge::new(runs).each(|line, source| {
            csv.extend_from_slice(line);
            line_to_row.push((source > 0).then_some(source));
            Ok::<_, Infallible>(())
        });
        Body { columns: columns(self.kind, &self.kinds, &self.margins), csv, line_to_row }
    }
}
