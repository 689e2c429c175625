//! One row at a time: from its cells to its identifiers and attributes, or to a reason.
//!
//! Which columns there are is `read::headings`, the rules for values are `normalise`, what becomes of the
//! file is `prepare`. Specified in `docs/formats/reading-files.md`, "Rows".

use std::{collections::BTreeMap, ops::Range};

use jiff::civil::Date;

use crate::{
    error::PrepareError,
    field::{Field, FileKind},
    hashed::{Look, Placeholders, look},
    kind::Kind,
    near::{Person, Street, town},
    normalise::{
        Reading, address, amount,
        date::{self, Order, Purpose},
        email, name, number, phone,
        placeholder::is_placeholder,
        text::{clean, folded},
    },
    prepare::{Column, ColumnCounts, Digest, NormalisedRow, Opened, Part, PrepareOptions, Reject},
    read::{Cell, Table, headings::Layout},
};

/// Reason of a row that sums up others; it is no fault and does not count against the file.
pub(crate) const TOTAL: &str = "row.total";

/// Rows of a column that are looked at to see whether it holds hashes.
const HASH_SAMPLE: usize = 1000;

/// The columns of a file by meaning, with what could only be seen over a whole column.
pub(crate) struct Columns {
    places: Vec<Vec<usize>>,
    birth_order: Order,
    event_order: Order,
    hashed: Vec<bool>,
    event: Option<Field>,
    placeholders: Placeholders,
    width: usize,
}

type Identifiers = [Reading<Digest>; Kind::SINGLE.len()];

impl Columns {
    /// Looks over the columns whose reading depends on all their cells.
    pub(crate) fn inspect(table: &Table, layout: &Layout) -> Result<Self, PrepareError> {
        let places: Vec<Vec<usize>> =
            Field::ALL.iter().map(|field| layout.columns(*field).collect()).collect();
        let order = |field: Field| {
            let mut evidence = date::Evidence::default();
            for column in &places[field as usize] {
                for row in layout.row + 1..table.len() {
                    if let Cell::Text(text) = table.cell(row, *column) {
                        evidence.note(text);
                    }
                    if evidence.is_settled() {
                        break;
                    }
                }
            }
            evidence.order()
        };
        let event = [Field::LeadDate, Field::SaleDate].into_iter().find(|field| layout.has(*field));
        let mut hashed = vec![false; layout.fields.len()];
        for column in places[Field::Email as usize].iter().chain(&places[Field::Phone as usize]) {
            hashed[*column] = is_hashed(table, layout, *column)?;
        }
        Ok(Self {
            birth_order: order(Field::BirthDate),
            event_order: event.map_or(Order::DayFirst, order),
            hashed,
            event,
            placeholders: Placeholders::new(),
            width: layout.fields.len(),
            places,
        })
    }

    /// The columns as they were understood, for the party to look at.
    pub(crate) fn described(&self, layout: &Layout) -> Vec<Column> {
        let describe = |(place, heading): (usize, &String)| Column {
            heading: heading.clone(),
            field: layout.fields[place],
            hashed: self.hashed[place],
        };
        layout.headings.iter().enumerate().map(describe).collect()
    }

    /// Reads the data rows of `range`, counted from the first row under the headings.
    pub(crate) fn read(&self, opened: &Opened<'_>, range: Range<usize>) -> Part {
        let mut part = Part::new(&opened.kinds, range.len());
        let first = opened.layout.row + 1;
        for place in range {
            let view = View { columns: self, table: &opened.table, row: first + place };
            let width = opened.table.width(view.row);
            if width == 0 {
                continue;
            }
            part.seen += 1;
            let row = u64::try_from(place + 1).unwrap_or(u64::MAX);
            match view.read(row, width, opened, &mut part.counts) {
                Ok(good) => part.rows.push(good),
                Err((field, code)) => part.rejects.push(Reject { row, field, code }),
            }
        }
        part
    }
}

/// Whether a column holds SHA-256 digests; an error when it holds other hashes.
fn is_hashed(table: &Table, layout: &Layout, column: usize) -> Result<bool, PrepareError> {
    let (mut sha256, mut other, mut filled) = (0_usize, 0_usize, 0_usize);
    for row in (layout.row + 1..table.len()).take(HASH_SAMPLE) {
        let Cell::Text(text) = table.cell(row, column) else { continue };
        filled += usize::from(!text.trim().is_empty());
        match look(text) {
            Look::Sha256(_) => sha256 += 1,
            Look::Other => other += 1,
            Look::Plain => {}
        }
    }
    if other > 0 && other * 2 > filled {
        return Err(PrepareError::HashUnknown { column: column + 1 });
    }
    Ok(sha256 > 0)
}

type Fault = (Option<Field>, &'static str);

/// One row of the table.
struct View<'a> {
    columns: &'a Columns,
    table: &'a Table,
    row: usize,
}

impl<'a> View<'a> {
    fn cells(&self, field: Field) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.columns.places[field as usize].iter().map(|column| self.table.cell(self.row, *column))
    }

    fn cell(&self, field: Field) -> Cell<'a> {
        self.cells(field).next().unwrap_or(Cell::Empty)
    }

    fn read(
        &self,
        source_row: u64,
        width: usize,
        opened: &Opened<'_>,
        counts: &mut [(Kind, ColumnCounts)],
    ) -> Result<NormalisedRow, Fault> {
        // A separator inside an unquoted value moves everything after it into the wrong column.
        if width > self.columns.width {
            return Err((None, "row.too_many_cells"));
        }
        let identifiers = self.identifiers(&opened.kinds);
        let has_key = Kind::KEYS.iter().any(|kind| {
            matches!(identifiers[kind.index()], Reading::Good(_) | Reading::Repaired(_))
        });
        if !has_key && self.is_total() {
            return Err((None, TOTAL));
        }
        let near = self.near(&opened.kinds);
        for (kind, counts) in counts {
            let has_near = near.iter().any(|(of, _)| of == kind);
            let count = match identifiers.get(kind.index()) {
                None if has_near => &mut counts.good,
                Some(Reading::Good(_)) => &mut counts.good,
                Some(Reading::Repaired(_)) => &mut counts.repaired,
                Some(Reading::Missing) | None => &mut counts.missing,
                Some(Reading::Refused) => &mut counts.refused,
            };
            *count += 1;
        }
        if !has_key && near.is_empty() {
            return Err((None, "row.no_identifier"));
        }
        Ok(NormalisedRow {
            source_row,
            digests: identifiers.map(Reading::value),
            near,
            date: self.date()?,
            amount_cents: self.amount(opened.options)?,
            campaign: self.campaign(opened.options, &opened.campaigns)?,
        })
    }

    /// Digests of the near kinds, as far as the row has what they are made of.
    fn near(&self, kinds: &[Kind]) -> Vec<(Kind, Digest)> {
        let mut wanted = kinds.iter().copied().filter(|kind| kind.is_near()).peekable();
        if wanted.peek().is_none() {
            return Vec::new();
        }
        let street = address::normalise(&self.cell(Field::Address).text()).value();
        let person = Person {
            names: self.each_name(),
            birth: self.birth().value(),
            postcode: number::postcode(&self.cell(Field::Postcode).text()).value(),
            town: town(&self.cell(Field::City).text()),
            street: street.map(|line| Street::of(&line)),
            landline: self.landline(),
        };
        person.all_digests(wanted)
    }

    /// Both names, or the one that is known.
    fn each_name(&self) -> Vec<String> {
        if let Some(both) = self.names().value() {
            return both.split('|').map(str::to_owned).collect();
        }
        let fields = [Field::FirstName, Field::LastName].into_iter();
        fields.filter_map(|field| name::one(&self.cell(field).text())).take(1).collect()
    }

    /// The first fixed number of all telephone columns.
    fn landline(&self) -> Option<String> {
        self.cells(Field::Phone).find_map(|cell| match look(&cell.text()) {
            Look::Plain => phone::normalise(&cell.text()).landline,
            _ => None,
        })
    }

    /// Whether the first filled cell says that this row sums up the others.
    fn is_total(&self) -> bool {
        let first = (0..self.columns.width)
            .map(|column| self.table.cell(self.row, column))
            .find(|cell| !cell.is_blank());
        first.is_some_and(|cell| {
            let words = folded(&cell.text());
            ["total", "sous total", "somme", "nombre de"]
                .iter()
                .any(|start| words.starts_with(start))
        })
    }

    fn identifiers(&self, kinds: &[Kind]) -> Identifiers {
        let mut found: Identifiers = std::array::from_fn(|_| Reading::Missing);
        let wants = |kind: Kind| kinds.contains(&kind);
        if wants(Kind::Siret) {
            found[Kind::Siret.index()] = digest(number::siret(&self.cell(Field::Siret).text()));
        }
        if wants(Kind::Card) {
            found[Kind::Card.index()] = digest(number::card(&self.cell(Field::Card).text()));
        }
        if wants(Kind::Email) {
            found[Kind::Email.index()] = self.email();
        }
        if wants(Kind::Mobile) || wants(Kind::Landline) {
            let (mobile, landline) = self.phones();
            if wants(Kind::Mobile) {
                found[Kind::Mobile.index()] = mobile;
            }
            if wants(Kind::Landline) {
                found[Kind::Landline.index()] = landline;
            }
        }
        if wants(Kind::NameBirth) || wants(Kind::NamePost) {
            let names = self.names();
            if wants(Kind::NameBirth) {
                found[Kind::NameBirth.index()] = self.name_birth(&names);
            }
            if wants(Kind::NamePost) {
                found[Kind::NamePost.index()] = self.name_post(names);
            }
        }
        found
    }

    fn email(&self) -> Reading<Digest> {
        let mut worst = Reading::Missing;
        for cell in self.cells(Field::Email) {
            let text = cell.text();
            let reading = match look(&text) {
                Look::Sha256(bytes) => {
                    self.columns.placeholders.accept(bytes).map_or(Reading::Missing, Reading::Good)
                }
                Look::Other => Reading::Refused,
                Look::Plain => digest(email::normalise(&text)),
            };
            match reading {
                Reading::Missing => {}
                Reading::Refused => worst = Reading::Refused,
                found => return found,
            }
        }
        worst
    }

    /// First mobile and first fixed number of all telephone columns.
    fn phones(&self) -> (Reading<Digest>, Reading<Digest>) {
        let mut mobile = Reading::Missing;
        let mut landline = Reading::Missing;
        let open =
            |reading: &Reading<Digest>| matches!(reading, Reading::Missing | Reading::Refused);
        for cell in self.cells(Field::Phone) {
            let text = cell.text();
            let phones = match look(&text) {
                Look::Sha256(bytes) => {
                    // Mobile or fixed cannot be told from a digest.
                    if let Some(found) =
                        self.columns.placeholders.accept(bytes).filter(|_| open(&mobile))
                    {
                        mobile = Reading::Good(found);
                    }
                    continue;
                }
                Look::Other => phone::Phones { refused: true, ..phone::Phones::default() },
                Look::Plain => phone::normalise(&text),
            };
            if phones.refused && open(&mobile) {
                mobile = Reading::Refused;
            }
            for (place, found) in [(&mut mobile, phones.mobile), (&mut landline, phones.landline)] {
                if let Some(e164) = found.filter(|_| open(place)) {
                    *place = Reading::of(Digest::of(&e164), phones.repaired);
                }
            }
        }
        (mobile, landline)
    }

    fn names(&self) -> Reading<String> {
        let (first, last) = (self.cell(Field::FirstName).text(), self.cell(Field::LastName).text());
        match name::normalise(&first, &last) {
            Reading::Missing => name::normalise_full(&self.cell(Field::FullName).text()),
            found => found,
        }
    }

    fn name_birth(&self, names: &Reading<String>) -> Reading<Digest> {
        let birth = self.birth();
        let (name, birth, repaired) = match (names, birth) {
            (Reading::Missing, _) | (_, Reading::Missing) => return Reading::Missing,
            (Reading::Refused, _) | (_, Reading::Refused) => return Reading::Refused,
            (Reading::Good(name), Reading::Good(birth)) => (name, birth, false),
            (
                Reading::Good(name) | Reading::Repaired(name),
                Reading::Good(birth) | Reading::Repaired(birth),
            ) => (name, birth, true),
        };
        Reading::of(Digest::of(&name_birth(name, birth)), repaired)
    }

    fn name_post(&self, names: Reading<String>) -> Reading<Digest> {
        let street = address::normalise(&self.cell(Field::Address).text());
        let postcode = number::postcode(&self.cell(Field::Postcode).text());
        let refused = matches!(names, Reading::Refused)
            || matches!(street, Reading::Refused)
            || matches!(postcode, Reading::Refused);
        let repaired = matches!(postcode, Reading::Repaired(_));
        match (names.value(), street.value(), postcode.value()) {
            (Some(names), Some(street), Some(postcode)) => {
                Reading::of(Digest::of(&name_post(&names, &street, &postcode)), repaired)
            }
            _ if refused => Reading::Refused,
            _ => Reading::Missing,
        }
    }

    fn birth(&self) -> Reading<Date> {
        let cell = self.cell(Field::BirthDate);
        if let Cell::Text(text) = cell
            && is_placeholder(&clean(text))
        {
            return Reading::Missing;
        }
        match day(cell, self.columns.birth_order, Purpose::Birth) {
            Some(birth) if date::is_default_birth(birth) => Reading::Missing,
            Some(birth) => Reading::Good(birth),
            None if cell.is_blank() => Reading::Missing,
            None => Reading::Refused,
        }
    }

    fn date(&self) -> Result<Option<Date>, Fault> {
        let Some(field) = self.columns.event else { return Ok(None) };
        let cell = self.cell(field);
        match day(cell, self.columns.event_order, Purpose::Event) {
            Some(found) => Ok(Some(found)),
            None if is_placeholder(&clean(&cell.text())) => Err((Some(field), "row.no_date")),
            None => Err((Some(field), "row.bad_date")),
        }
    }

    fn amount(&self, options: &PrepareOptions) -> Result<Option<u64>, Fault> {
        if options.kind != FileKind::Sales {
            return Ok(None);
        }
        let fault = |code| (Some(Field::Amount), code);
        let cell = self.cell(Field::Amount);
        let cents = match cell {
            Cell::Number(euros) => amount::from_number(euros),
            Cell::Text(text) => amount::parse(text),
            Cell::Empty | Cell::Day(_) => None,
        };
        match cents {
            // A credit note takes back a sale of another row: neither is told here from the other.
            Some(..0) => Err(fault("row.credit_note")),
            Some(0) => Err(fault("row.amount_zero")),
            Some(cents) => Ok(Some(cents.unsigned_abs().min(options.clamp_cents))),
            None if is_placeholder(&clean(&cell.text())) => Err(fault("row.no_amount")),
            None => Err(fault("row.bad_amount")),
        }
    }

    fn campaign(
        &self,
        options: &PrepareOptions,
        campaigns: &BTreeMap<String, usize>,
    ) -> Result<Option<usize>, Fault> {
        if options.kind != FileKind::Leads {
            return Ok(None);
        }
        let name = folded(&self.cell(Field::Campaign).text());
        match campaigns.get(&name) {
            Some(place) => Ok(Some(*place)),
            None if name.is_empty() => Err((Some(Field::Campaign), "row.no_campaign")),
            None => Err((Some(Field::Campaign), "row.unknown_campaign")),
        }
    }
}

/// The text that is hashed for the kind `name_birth`.
pub(crate) fn name_birth(names: &str, birth: Date) -> String {
    let mut text = String::with_capacity(names.len() + 11);
    text.push_str(names);
    text.push('|');
    push_day(birth, |sign| text.push(char::from(sign)));
    text
}

/// The text that is hashed for the kind `name_post`.
pub(crate) fn name_post(names: &str, street: &str, postcode: &str) -> String {
    [names, street, postcode].join("|")
}

/// `YYYY-MM-DD`, sign by sign; years are of four digits here.
pub(crate) fn push_day(day: Date, mut push: impl FnMut(u8)) {
    let digit = |number: i16, power: i16| {
        b'0' + u8::try_from((number / power).rem_euclid(10)).expect("a digit")
    };
    [1000, 100, 10, 1].into_iter().for_each(|power| push(digit(day.year(), power)));
    for part in [i16::from(day.month()), i16::from(day.day())] {
        push(b'-');
        push(digit(part, 10));
        push(digit(part, 1));
    }
}

fn digest(reading: Reading<String>) -> Reading<Digest> {
    match reading {
        Reading::Good(text) => Reading::Good(Digest::of(&text)),
        Reading::Repaired(text) => Reading::Repaired(Digest::of(&text)),
        Reading::Missing => Reading::Missing,
        Reading::Refused => Reading::Refused,
    }
}

fn day(cell: Cell<'_>, order: Order, purpose: Purpose) -> Option<Date> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => date::parse(text, order, purpose),
        Cell::Number(serial) => {
            date::from_serial(serial, purpose).or_else(|| date::parse(&cell.text(), order, purpose))
        }
        Cell::Day(found) => date::possible(found, purpose),
    }
}

/// An odd number without pattern (the golden ratio's).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Rows that equal an earlier one in every identifier and attribute. Counted over 64-bit digests: a
/// chance collision would miscount by one, and nothing depends on it.
pub(crate) fn duplicates(rows: &[NormalisedRow]) -> u64 {
    // Digests are mixed already: folding a part of each is enough.
    let digest = |row: &NormalisedRow| {
        let mut sum = 0_u64;
        let mut fold = |part: u64| sum = (sum.rotate_left(7) ^ part).wrapping_mul(MIX);
        for digest in &row.digests {
            let start = digest.as_ref().and_then(|digest| digest.as_bytes().first_chunk());
            fold(start.map_or(1, |start| u64::from_le_bytes(*start)));
        }
        // Rows without a single kind are told apart by what they have.
        let near = row.near.iter().filter_map(|(_, digest)| digest.as_bytes().first_chunk());
        near.for_each(|start| fold(u64::from_le_bytes(*start)));
        let days =
            row.date.map_or(0, |date| 400 * i64::from(date.year()) + i64::from(date.day_of_year()));
        fold(days.unsigned_abs());
        fold(row.amount_cents.map_or(1, |cents| cents << 1));
        fold(row.campaign.map_or(1, |place| u64::try_from(place).unwrap_or(u64::MAX) << 1));
        sum
    };
    let mut digests: Vec<u64> = rows.iter().map(digest).collect();
    digests.sort_unstable();
    let repeats = digests.windows(2).filter(|pair| pair[0] == pair[1]).count();
    u64::try_from(repeats).unwrap_or(u64::MAX)
}
