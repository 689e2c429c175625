//! From the bytes of a party's file to normalised rows, with an account of every row.
//!
//! Reading formats is `read`, the rules for single values are `normalise`; this file joins the two.
//! Specified in `docs/formats/reading-files.md`.

use std::{collections::BTreeMap, ops::Range};

use zeroize::{Zeroize, ZeroizeOnDrop, optimization_barrier};

use crate::{
    account::{self, ColumnAccount, ColumnCounts},
    error::PrepareError,
    field::{Attribute, Field, FileKind},
    hashed::HashOrigin,
    kind::Kind,
    margin::{Lookup, Margins},
    normalise::{date::Order, text::folded},
    read::{
        self, COLUMNS_MAX, Table,
        headings::{self, Layout},
        suggest,
    },
    rows::{self, Columns, DateEvidence},
    sha256::{self, Block},
};

/// `d`, the SHA-256 of a normalised identifier: what a token is made from. As good as the
/// identifier to anybody who can guess it, hence wiped on drop and without `Debug`.
#[derive(Zeroize)]
pub struct Digest([u8; 32]);

impl Drop for Digest {
    fn drop(&mut self) {
        self.0 = [0; 32];
        optimization_barrier(self);
    }
}

impl ZeroizeOnDrop for Digest {}

impl Digest {
    /// Digest of a normalised identifier.
    #[must_use]
    pub fn of(normalised: &str) -> Self {
        Self(sha256::digest(normalised.as_bytes()))
    }

    /// Digest of a message that was laid out.
    pub(crate) fn of_blocks(blocks: &[Block]) -> Self {
        Self(sha256::digest_of_blocks(blocks))
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
    /// What sales tell of model and area (public lists).
    pub margins: Margins,
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
    /// Columns that are declared as hashed, by heading, with what they were made from.
    pub hashed: Vec<(String, HashOrigin)>,
    /// Orders of day and month instead of those that the columns show.
    pub orders: DateOrders,
}

impl PrepareOptions {
    /// A file of `kind` for these kinds of identifier, and nothing more: no campaigns, no lists, amounts as
    /// they stand, as many rejects as there are, everything else as the file itself shows it.
    #[must_use]
    pub fn new(kind: FileKind, kinds: Vec<Kind>) -> Self {
        Self {
            kind,
            kinds,
            campaigns: Vec::new(),
            margins: Margins::default(),
            clamp_cents: u64::MAX,
            max_reject_permille: 1000,
            map: Vec::new(),
            encoding: None,
            separator: None,
            sheet: None,
            hashed: Vec::new(),
            orders: DateOrders::default(),
        }
    }
}

/// Orders of day and month in the columns of dates; `None` where the column itself decides, or is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateOrders {
    /// Of birth dates.
    pub birth: Option<Order>,
    /// Of the day of the lead or sale.
    pub event: Option<Order>,
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
    /// Model of the sale: place in [`Margins::models`]; `None` for any other.
    pub model: Option<usize>,
    /// Area of the sale: place in [`Margins::areas`]; `None` for any other.
    pub area: Option<usize>,
}

impl NormalisedRow {
    /// `d` of one single kind, if the row has a usable value.
    #[must_use]
    pub fn digest(&self, kind: Kind) -> Option<&Digest> {
        self.digests.get(kind.index())?.as_ref()
    }

    /// `d` of each text of a near kind, without the padding of a body.
    pub fn near(&self, kind: Kind) -> impl Iterator<Item = &Digest> + Clone {
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
    /// What became of its values; `None` when they are read past.
    pub account: Option<ColumnAccount>,
}

/// A file read and normalised.
pub struct Prepared {
    /// What the file is.
    pub kind: FileKind,
    /// Identifier kinds, in the fixed order.
    pub kinds: Vec<Kind>,
    /// Campaigns of the programme.
    pub campaigns: Vec<String>,
    /// What sales tell of model and area.
    pub margins: Margins,
    /// Columns of the file as they were understood.
    pub columns: Vec<Column>,
    /// Encoding (text) or container (workbook) that was found.
    pub encoding: &'static str,
    /// Separator, for text.
    pub separator: Option<char>,
    /// Name of the sheet, for a workbook.
    pub sheet: Option<String>,
    /// Other visible sheets of the workbook that hold something; they were not read.
    pub other_sheets: Vec<String>,
    /// Number of hidden sheets of the workbook; nothing of them is read.
    pub hidden_sheets: usize,
    /// Whether the workbook carries macros. They are never run and nothing of them is read; a party may
    /// want to know.
    pub macros: bool,
    /// Orders of day and month by which the columns of dates were read.
    pub orders: DateOrders,
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
    plan: Plan<'a>,
    table: Table,
}

/// How the rows of a file are to be read.
pub(crate) struct Plan<'a> {
    pub(crate) options: &'a PrepareOptions,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) layout: Layout,
    /// Places of the campaigns by their folded names.
    pub(crate) campaigns: BTreeMap<String, usize>,
    /// Models and areas, where rows carry them.
    pub(crate) margins: Lookup,
    pub(crate) columns: Columns,
}

impl<'a> Plan<'a> {
    /// Finds the headings in a table, or in that of a file's beginning.
    pub(crate) fn new(table: &Table, options: &'a PrepareOptions) -> Result<Self, PrepareError> {
        let kinds = kinds(options);
        let layout = headings::layout(table, options)?;
        require(table, &layout, options, &kinds)?;
        let columns = Columns::inspect(table, &layout, &kinds, options)?;
        let named = options.campaigns.iter().enumerate();
        let campaigns = named.map(|(place, name)| (folded(name), place)).collect();
        let margins = match options.kind {
            FileKind::Sales => Lookup::new(&options.margins),
            _ => Lookup::default(),
        };
        Ok(Self { options, kinds, layout, campaigns, margins, columns })
    }

    /// The first row under the headings.
    pub(crate) const fn first(&self) -> usize {
        self.layout.row + 1
    }
}

/// Identifier kinds in their fixed order.
fn kinds(options: &PrepareOptions) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|kind| options.kinds.contains(kind)).collect()
}

/// What a programme must have, whatever the file.
pub(crate) fn check_options(options: &PrepareOptions) -> Result<(), PrepareError> {
    if !options.kinds.iter().any(|kind| kind.is_key()) {
        return Err(PrepareError::NoKeyKind);
    }
    if options.kind == FileKind::Leads && options.campaigns.is_empty() {
        return Err(PrepareError::NoCampaign);
    }
    Ok(())
}

/// Some rows of an opened file, read.
pub struct Part {
    pub(crate) seen: u64,
    pub(crate) widest: usize,
    pub(crate) rows: Vec<NormalisedRow>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) counts: Vec<(Kind, ColumnCounts)>,
    /// One for each column of the file.
    pub(crate) accounts: Vec<ColumnAccount>,
}

impl Part {
    pub(crate) fn new(kinds: &[Kind], columns: usize, rows: usize) -> Self {
        let counts = kinds.iter().map(|kind| (*kind, ColumnCounts::default())).collect();
        let accounts = vec![ColumnAccount::default(); columns];
        let rows = Vec::with_capacity(rows);
        Self { seen: 0, widest: 0, rows, rejects: Vec::new(), counts, accounts }
    }

    fn append(&mut self, mut other: Self) {
        self.seen += other.seen;
        self.widest = self.widest.max(other.widest);
        if self.rows.is_empty() {
            self.rows = std::mem::take(&mut other.rows);
        }
        self.rows.append(&mut other.rows);
        self.rejects.append(&mut other.rejects);
        account::add_counts(&mut self.counts, &other.counts);
        account::add(&mut self.accounts, &other.accounts);
    }
}

impl<'a> Opened<'a> {
    /// Decodes a file, finds its headings and looks over the columns whose reading depends on all
    /// their cells.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn new(bytes: &[u8], options: &'a PrepareOptions) -> Result<Self, PrepareError> {
        check_options(options)?;
        let (table, head) = read::table(bytes, options)?;
        let mut plan = Plan::new(head.as_ref().unwrap_or(&table), options)?;
        if head.is_some() {
            narrow(table.widest())?;
        }
        let rows = plan.first()..table.len();
        plan.columns.settle(plan.columns.evidence(&table, rows, DateEvidence::default()));
        Ok(Self { plan, table })
    }

    /// Rows under the headings, blank ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len() - self.plan.first()
    }

    /// Whether nothing stands under the headings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names of campaigns that the rows of leads give, each once, at most a thousand: for a look at a file
    /// without a programme.
    #[must_use]
    pub fn campaign_names(&self) -> Vec<String> {
        let mut names = BTreeMap::new();
        for column in self.plan.layout.columns(Field::Campaign) {
            for row in self.plan.first()..self.table.len() {
                let name = self.table.cell(row, column).text();
                if names.len() < 1000 && !name.trim().is_empty() {
                    names.entry(folded(&name)).or_insert_with(|| name.into_owned());
                }
            }
        }
        names.into_values().collect()
    }

    /// Reads the rows of a range of `0..len()`; what lies beyond is left out.
    #[must_use]
    pub fn read(&self, range: Range<usize>) -> Part {
        let first = self.plan.first();
        let end = range.end.min(self.len());
        let rows = first + range.start.min(end)..first + end;
        self.plan.columns.read(&self.plan, &self.table, rows, first)
    }

    /// Puts the parts together, in the order of the file, and holds the account of rows against the
    /// policy's limit.
    ///
    /// # Errors
    /// [`PrepareError::NoRows`], [`PrepareError::OnlyRejects`], [`PrepareError::TooManyRejects`].
    pub fn finish(self, parts: impl IntoIterator<Item = Part>) -> Result<Prepared, PrepareError> {
        let Self { plan, table } = self;
        let mut all = Part::new(&plan.kinds, plan.layout.fields.len(), 0);
        parts.into_iter().for_each(|part| all.append(part));
        judge(&Tally::of(&all), plan.options)?;
        let sheet = table.sheet.as_ref();
        Ok(Prepared {
            kind: plan.options.kind,
            columns: plan.columns.described(&plan.layout, &all.accounts),
            encoding: table.encoding,
            separator: table.separator,
            sheet: sheet.map(|sheet| sheet.name.clone()),
            other_sheets: sheet.map_or_else(Vec::new, |sheet| sheet.others.clone()),
            hidden_sheets: sheet.map_or(0, |sheet| sheet.hidden),
            macros: table.macros,
            orders: plan.columns.orders(),
            campaigns: plan.options.campaigns.clone(),
            margins: plan.options.margins.clone(),
            counts: all.counts,
            kinds: plan.kinds,
            duplicates: rows::duplicates(&all.rows),
            rows: all.rows,
            rejects: all.rejects,
        })
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
fn require(
    table: &Table,
    layout: &Layout,
    options: &PrepareOptions,
    kinds: &[Kind],
) -> Result<(), PrepareError> {
    let needed = options.kind.attributes().iter().filter_map(|attribute| match attribute {
        Attribute::LeadDate => Some(Field::LeadDate),
        Attribute::SaleDate => Some(Field::SaleDate),
        Attribute::AmountCents => Some(Field::Amount),
        Attribute::Campaign => Some(Field::Campaign),
        // A file that does not say is one of other models and areas.
        Attribute::Model | Attribute::Area => None,
    });
    let missing: Vec<Field> = needed.filter(|field| !layout.has(*field)).collect();
    if !missing.is_empty() {
        let (found, unknown) = (layout.found(), suggest::unread(layout));
        let suggestions = suggest::suggestions(table, layout, &missing, options);
        return Err(PrepareError::HeadingsMissing { found, missing, unknown, suggestions });
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
    let wanted: Vec<Field> = [(Kind::Email, Field::Email), (Kind::Mobile, Field::Phone)]
        .into_iter()
        .filter(|(kind, _)| kinds.contains(kind))
        .map(|(_, field)| field)
        .collect();
    let (found, unknown) = (layout.found(), suggest::unread(layout));
    let suggestions = suggest::suggestions(table, layout, &wanted, options);
    Err(PrepareError::NoIdentifierColumn { found, unknown, suggestions })
}

/// Refuses more columns than are read.
pub(crate) const fn narrow(widest: usize) -> Result<(), PrepareError> {
    if widest > COLUMNS_MAX {
        return Err(PrepareError::TooManyColumns { found: widest, limit: COLUMNS_MAX });
    }
    Ok(())
}

/// Rows counted: good ones, and the others by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) seen: u64,
    pub(crate) good: u64,
    pub(crate) rejects: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn of(part: &Part) -> Self {
        let good = u64::try_from(part.rows.len()).unwrap_or(u64::MAX);
        let mut tally = Self { seen: part.seen, good, rejects: BTreeMap::new() };
        tally.count(&part.rejects);
        tally
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.good += other.good;
        for (code, count) in &other.rejects {
            *self.rejects.entry(code).or_default() += count;
        }
    }

    pub(crate) fn count(&mut self, rejects: &[Reject]) {
        for reject in rejects {
            *self.rejects.entry(reject.code).or_default() += 1;
        }
    }

    /// Reasons, the commonest first.
    pub(crate) fn commonest(&self) -> Vec<(&'static str, u64)> {
        let mut codes: Vec<_> = self.rejects.iter().map(|(code, count)| (*code, *count)).collect();
        codes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        codes
    }
}

/// Holds the account of rows against the policy's limit.
pub(crate) fn judge(tally: &Tally, options: &PrepareOptions) -> Result<(), PrepareError> {
    let rows = tally.seen;
    // The three commonest reasons.
    let codes = || tally.commonest().into_iter().take(3).collect();
    if rows == 0 {
        return Err(PrepareError::NoRows);
    }
    if tally.good == 0 {
        return Err(PrepareError::OnlyRejects { rows, codes: codes() });
    }
    let faults = tally.rejects.iter().filter(|(code, _)| **code != rows::TOTAL);
    let rejected = faults.map(|(_, count)| count).sum::<u64>();
    if rejected.saturating_mul(1000) > rows.saturating_mul(u64::from(options.max_reject_permille)) {
        return Err(PrepareError::TooManyRejects {
            rows,
            rejected,
            limit_permille: options.max_reject_permille,
            codes: codes(),
        });
    }
    Ok(())
}
