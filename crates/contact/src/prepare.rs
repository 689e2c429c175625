//! From the bytes of a party's file to normalised rows, with an account of every row.
//!
//! Reading formats is `read`, the rules for single values are `normalise`; this file joins the two.
//! Specified in `docs/formats/reading-files.md`.

use std::{collections::BTreeMap, ops::Range};

use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    error::PrepareError,
    field::{Attribute, Field, FileKind},
    kind::Kind,
    normalise::text::folded,
    read::{
        self, Table,
        headings::{self, Layout},
    },
    rows::{self, Columns},
};

/// `d`, the SHA-256 of a normalised identifier: what a token is made from. As good as the
/// identifier to anybody who can guess it, hence wiped on drop and without `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digest of a normalised identifier.
    #[must_use]
    pub fn of(normalised: &str) -> Self {
        Self(Sha256::digest(normalised.as_bytes()).into())
    }

    /// Takes a digest that the party's own software made (Customer Match files).
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What to make of a file.
#[derive(Clone, Debug)]
pub struct PrepareOptions {
    /// What the file is.
    pub kind: FileKind,
    /// Identifier kinds that the programme's policy names.
    pub kinds: Vec<Kind>,
    /// Campaigns of the programme (public); a lead names one of them.
    pub campaigns: Vec<String>,
    /// Highest amount of one row, in cents; higher ones are cut to it.
    pub clamp_cents: u64,
    /// Share of rejected rows, in thousandths, above which the whole file is refused.
    pub max_reject_permille: u16,
    /// Headings that the party maps by hand: `(heading, field)`.
    pub map: Vec<(String, Field)>,
    /// Encoding label (WHATWG) instead of the detected one.
    pub encoding: Option<String>,
    /// Separator instead of the detected one.
    pub separator: Option<char>,
    /// Name of the sheet instead of the first one with data.
    pub sheet: Option<String>,
}

/// One row of the party's file, ready for tokens.
pub struct NormalisedRow {
    /// Row of the file, 1 for the first data row (0 for a canary).
    pub source_row: u64,
    /// In the order of [`Kind::SINGLE`].
    pub(crate) digests: [Option<Digest>; Kind::SINGLE.len()],
    /// Of the near kinds that were asked for, in their order; not padded.
    pub(crate) near: Vec<(Kind, Digest)>,
    /// Day of the lead or sale.
    pub date: Option<jiff::civil::Date>,
    /// Amount of the sale in cents, clamped.
    pub amount_cents: Option<u64>,
    /// Campaign of the lead: place in [`PrepareOptions::campaigns`].
    pub campaign: Option<usize>,
}

impl NormalisedRow {
    /// `d` of one single kind, if the row has a usable value.
    #[must_use]
    pub fn digest(&self, kind: Kind) -> Option<&Digest> {
        self.digests.get(kind.index())?.as_ref()
    }

    /// `d` of each text of a near kind, without the padding of a body.
    pub fn near(&self, kind: Kind) -> impl Iterator<Item = &Digest> {
        self.near.iter().filter(move |(of, _)| *of == kind).map(|(_, digest)| digest)
    }
}

/// A row that is left out, and why; never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Row of the file, 1 for the first data row.
    pub row: u64,
    /// The column at fault, when it is one.
    pub field: Option<Field>,
    /// Stable reason code.
    pub code: &'static str,
}

/// A column as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Heading as the file writes it.
    pub heading: String,
    /// What it means; `None` when it is read past.
    pub field: Option<Field>,
    /// Whether its values are SHA-256 digests already (Customer Match).
    pub hashed: bool,
}

/// What became of the values of one identifier kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnCounts {
    /// Values that were already in normal form but for case, blanks and accents.
    pub good: u64,
    /// Values that were mended (an eaten zero, an exponent, a second number in the cell...).
    pub repaired: u64,
    /// Empty cells and placeholders.
    pub missing: u64,
    /// Values that are no such identifier.
    pub refused: u64,
}

/// A file read and normalised.
pub struct Prepared {
    /// What the file is.
    pub kind: FileKind,
    /// Identifier kinds, in the fixed order.
    pub kinds: Vec<Kind>,
    /// Campaigns of the programme.
    pub campaigns: Vec<String>,
    /// Columns of the file as they were understood.
    pub columns: Vec<Column>,
    /// Encoding (text) or container (workbook) that was found.
    pub encoding: &'static str,
    /// Separator, for text.
    pub separator: Option<char>,
    /// Name of the sheet, for a workbook.
    pub sheet: Option<String>,
    /// Whether the workbook carries macros. They are never run and nothing of them is read; a party may
    /// want to know.
    pub macros: bool,
    /// Good rows, in the order of the file.
    pub rows: Vec<NormalisedRow>,
    /// Rows left out.
    pub rejects: Vec<Reject>,
    /// What became of each kind of identifier: one entry a kind of `kinds`.
    pub counts: Vec<(Kind, ColumnCounts)>,
    /// Good rows whose identifiers and attributes equal those of an earlier row.
    pub duplicates: u64,
}

/// A file whose columns are understood and whose rows are still to be read, in one go or in parts side by
/// side: [`Opened::read`] takes `&self`, and parts know nothing of each other.
pub struct Opened<'a> {
    pub(crate) options: &'a PrepareOptions,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) table: Table,
    pub(crate) layout: Layout,
    /// Places of the campaigns by their folded names.
    pub(crate) campaigns: BTreeMap<String, usize>,
    columns: Columns,
}

/// Some rows of an opened file, read.
pub struct Part {
    pub(crate) seen: u64,
    pub(crate) rows: Vec<NormalisedRow>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) counts: Vec<(Kind, ColumnCounts)>,
}

impl Part {
    pub(crate) fn new(kinds: &[Kind], rows: usize) -> Self {
        let counts = kinds.iter().map(|kind| (*kind, ColumnCounts::default())).collect();
        Self { seen: 0, rows: Vec::with_capacity(rows), rejects: Vec::new(), counts }
    }

    fn append(&mut self, mut other: Self) {
        self.seen += other.seen;
        if self.rows.is_empty() {
            self.rows = std::mem::take(&mut other.rows);
        }
        self.rows.append(&mut other.rows);
        self.rejects.append(&mut other.rejects);
        for ((_, sum), (_, part)) in self.counts.iter_mut().zip(other.counts) {
            sum.good += part.good;
            sum.repaired += part.repaired;
            sum.missing += part.missing;
            sum.refused += part.refused;
        }
    }
}

impl<'a> Opened<'a> {
    /// Decodes a file, finds its headings and looks over the columns whose reading depends on all
    /// their cells.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn new(bytes: &[u8], options: &'a PrepareOptions) -> Result<Self, PrepareError> {
        let kinds: Vec<Kind> =
            Kind::ALL.into_iter().filter(|kind| options.kinds.contains(kind)).collect();
        if !kinds.iter().any(|kind| kind.is_key()) {
            return Err(PrepareError::NoKeyKind);
        }
        if options.kind == FileKind::Leads && options.campaigns.is_empty() {
            return Err(PrepareError::NoCampaign);
        }
        let table = read::table(bytes, options)?;
        let layout = headings::layout(&table, options)?;
        require(&layout, options, &kinds)?;
        let columns = Columns::inspect(&table, &layout)?;
        let named = options.campaigns.iter().enumerate();
        let campaigns = named.map(|(place, name)| (folded(name), place)).collect();
        Ok(Self { options, kinds, table, layout, campaigns, columns })
    }

    /// Rows under the headings, blank ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len() - self.layout.row - 1
    }

    /// Whether nothing stands under the headings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the rows of a range of `0..len()`; what lies beyond is left out.
    #[must_use]
    pub fn read(&self, range: Range<usize>) -> Part {
        let end = range.end.min(self.len());
        self.columns.read(self, range.start.min(end)..end)
    }

    /// Puts the parts together, in the order of the file, and holds the account of rows against the
    /// policy's limit.
    ///
    /// # Errors
    /// [`PrepareError::NoRows`], [`PrepareError::OnlyRejects`], [`PrepareError::TooManyRejects`].
    pub fn finish(self, parts: impl IntoIterator<Item = Part>) -> Result<Prepared, PrepareError> {
        let mut all = Part::new(&self.kinds, 0);
        parts.into_iter().for_each(|part| all.append(part));
        let prepared = Prepared {
            kind: self.options.kind,
            columns: self.columns.described(&self.layout),
            encoding: self.table.encoding,
            separator: self.table.separator,
            sheet: self.table.sheet.clone(),
            macros: self.table.macros,
            campaigns: self.options.campaigns.clone(),
            counts: all.counts,
            kinds: self.kinds,
            duplicates: rows::duplicates(&all.rows),
            rows: all.rows,
            rejects: all.rejects,
        };
        judge(prepared, all.seen, self.options)
    }
}

/// Reads a file and normalises its rows.
///
/// `name` is not looked at yet: the content decides. It stands here so that formats without any sign of
/// their own can be told apart later without a change for callers.
///
/// # Errors
/// A [`PrepareError`] that concerns the file as a whole.
pub fn read_and_normalise(
    name: &str,
    bytes: &[u8],
    options: &PrepareOptions,
) -> Result<Prepared, PrepareError> {
    let _ = name;
    let opened = Opened::new(bytes, options)?;
    let part = opened.read(0..opened.len());
    opened.finish([part])
}

/// Columns without which a file of this kind says nothing.
fn require(layout: &Layout, options: &PrepareOptions, kinds: &[Kind]) -> Result<(), PrepareError> {
    let needed = options.kind.attributes().iter().map(|attribute| match attribute {
        Attribute::LeadDate => Field::LeadDate,
        Attribute::SaleDate => Field::SaleDate,
        Attribute::AmountCents => Field::Amount,
        Attribute::Campaign => Field::Campaign,
    });
    let missing: Vec<Field> = needed.filter(|field| !layout.has(*field)).collect();
    if !missing.is_empty() {
        let (found, unknown) = (layout.found(), layout.unknown());
        return Err(PrepareError::HeadingsMissing { found, missing, unknown });
    }
    let has_name = layout.has(Field::FullName)
        || (layout.has(Field::FirstName) && layout.has(Field::LastName));
    let has_any_name = has_name || layout.has(Field::FirstName) || layout.has(Field::LastName);
    let has_birth = layout.has(Field::BirthDate);
    let has_place = layout.has(Field::Postcode) || layout.has(Field::City);
    let can = |kind: &Kind| match kind {
        Kind::Siret => layout.has(Field::Siret),
        Kind::Card => layout.has(Field::Card),
        Kind::Email => layout.has(Field::Email),
        Kind::Mobile => layout.has(Field::Phone),
        Kind::NameBirth | Kind::NearNameBirth => has_name && has_birth,
        Kind::NamePost => has_name && layout.has(Field::Address) && layout.has(Field::Postcode),
        Kind::NearNameStreet => has_name && layout.has(Field::Address) && has_place,
        Kind::NearBirthTown => has_any_name && has_birth && has_place,
        Kind::NearBirthStreet => has_birth && layout.has(Field::Address) && has_place,
        Kind::NearLandline => has_name && layout.has(Field::Phone),
        Kind::NearNameTown => has_name && has_place,
        Kind::Landline => false,
    };
    if kinds.iter().any(can) {
        return Ok(());
    }
    Err(PrepareError::NoIdentifierColumn { found: layout.found(), unknown: layout.unknown() })
}

/// Holds the account of rows against the policy's limit.
fn judge(
    prepared: Prepared,
    rows: u64,
    options: &PrepareOptions,
) -> Result<Prepared, PrepareError> {
    if rows == 0 {
        return Err(PrepareError::NoRows);
    }
    if prepared.rows.is_empty() {
        return Err(PrepareError::OnlyRejects { rows, codes: commonest(&prepared.rejects) });
    }
    let faults = prepared.rejects.iter().filter(|reject| reject.code != rows::TOTAL).count();
    let rejected = u64::try_from(faults).unwrap_or(u64::MAX);
    if rejected.saturating_mul(1000) > rows.saturating_mul(u64::from(options.max_reject_permille)) {
        return Err(PrepareError::TooManyRejects {
            rows,
            rejected,
            limit_permille: options.max_reject_permille,
            codes: commonest(&prepared.rejects),
        });
    }
    Ok(prepared)
}

/// The three commonest reasons, the commonest first.
fn commonest(rejects: &[Reject]) -> Vec<&'static str> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for reject in rejects {
        *counts.entry(reject.code).or_default() += 1;
    }
    let mut codes: Vec<(u64, &'static str)> =
        counts.into_iter().map(|(code, count)| (count, code)).collect();
    codes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    codes.into_iter().take(3).map(|(_, code)| code).collect()
}
