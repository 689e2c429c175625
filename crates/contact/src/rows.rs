//! One row at a time: from its cells to its identifiers and attributes, or to a reason.
//!
//! Which columns there are is `read::headings`, the rules for values are `normalise`, what becomes of the
//! file is `prepare`. Specified in `docs/formats/reading-files.md`, "Rows".

mod attributes;
mod duplicates;

use std::ops::Range;

use jiff::civil::Date;

use crate::{
    account::{self, ColumnAccount, ColumnCounts, Outcome, State},
    error::PrepareError,
    field::{Attribute, Field},
    hashed::{self, Hashes, Look, Placeholders, look},
    kind::Kind,
    near::{Person, Street},
    normalise::{
        Reading, address,
        date::{self, Evidence, Order, Purpose},
        email, name, number, phone,
        placeholder::is_placeholder,
        text::{clean, folded},
        town,
    },
    prepare::{Column, DateOrders, Digest, NormalisedRow, Part, Plan, PrepareOptions, Reject},
    read::{
        Cell, Table,
        headings::{self, Layout},
    },
};
use attributes::day;
pub(crate) use duplicates::duplicates;

/// Reason of a row that sums up others; it is no fault and does not count against the file.
pub(crate) const TOTAL: &str = "row.total";

/// The columns of a file by meaning, with what could only be seen over a whole column.
pub(crate) struct Columns {
    places: Vec<Vec<usize>>,
    birth_order: Order,
    event_order: Order,
    imposed: DateOrders,
    hashed: Vec<bool>,
    event: Option<Field>,
    placeholders: Placeholders,
    width: usize,
    /// Places of the columns whose values are read and accounted for.
    used: Vec<usize>,
}

type Identifiers = [Reading<Digest>; Kind::SINGLE.len()];

/// What the cells of some rows say of the order of day and month in the columns of dates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DateEvidence {
    birth: Evidence,
    event: Evidence,
}

impl DateEvidence {
    pub(crate) const fn add(&mut self, other: Self) {
        self.birth.add(other.birth);
        self.event.add(other.event);
    }
}

impl Columns {
    /// Finds the columns by their headings. Orders of dates are settled later.
    pub(crate) fn inspect(
        table: &Table,
        layout: &Layout,
        kinds: &[Kind],
        options: &PrepareOptions,
    ) -> Result<Self, PrepareError> {
        let places: Vec<Vec<usize>> =
            Field::ALL.iter().map(|field| layout.columns(*field).collect()).collect();
        let event = [Field::LeadDate, Field::SaleDate].into_iter().find(|field| layout.has(*field));
        let mut hashed = vec![false; layout.fields.len()];
        let placeholders = Placeholders::new();
        let origins = headings::declared(layout, options)?;
        let meta = hashed::is_meta(&layout.keys());
        for column in places[Field::Email as usize].iter().chain(&places[Field::Phone as usize]) {
            let found = Hashes::of(table, layout, *column, &placeholders);
            let is_phone = layout.fields[*column] == Some(Field::Phone);
            hashed[*column] = found.judge(*column + 1, origins[*column], is_phone, meta)?;
        }
        let is_used = |field: Field| {
            Some(field) == event
                || matches!(field, Field::Amount | Field::Campaign)
                || options.margins.attributes(options.kind).any(|attribute| match attribute {
                    Attribute::Model => field == Field::Model,
                    Attribute::Area => field == Field::Postcode,
                    _ => false,
                })
                || kinds.iter().any(|kind| account::fields(*kind).contains(&field))
        };
        let used =
            (0..layout.fields.len()).filter(|place| layout.fields[*place].is_some_and(is_used));
        Ok(Self {
            used: used.collect(),
            birth_order: Order::default(),
            event_order: Order::default(),
            imposed: options.orders,
            hashed,
            event,
            placeholders,
            width: layout.fields.len(),
            places,
        })
    }

    /// The orders of day and month in the columns of dates that there are.
    pub(crate) fn orders(&self) -> DateOrders {
        let has = |field: Field| !self.places[field as usize].is_empty();
        DateOrders {
            birth: has(Field::BirthDate).then_some(self.birth_order),
            event: self.event.map(|_| self.event_order),
        }
    }

    /// Looks over the columns whose reading depends on all their cells; `known` is what other rows say.
    pub(crate) fn evidence(
        &self,
        table: &Table,
        rows: Range<usize>,
        known: DateEvidence,
    ) -> DateEvidence {
        let over = |field: Field, known: Evidence| {
            let mut evidence = Evidence::default();
            for column in &self.places[field as usize] {
                for row in rows.clone() {
                    if known.is_settled() || evidence.is_settled() {
                        break;
                    }
                    if let Cell::Text(text) = table.cell(row, *column) {
                        evidence.note(text);
                    }
                }
            }
            evidence
        };
        DateEvidence {
            birth: over(Field::BirthDate, known.birth),
            event: self.event.map_or_else(Evidence::default, |field| over(field, known.event)),
        }
    }

    /// Settles the orders of dates by what all rows say; whether that changed one.
    pub(crate) fn settle(&mut self, evidence: DateEvidence) -> bool {
        let before = (self.birth_order, self.event_order);
        self.birth_order = self.imposed.birth.unwrap_or_else(|| evidence.birth.order());
        self.event_order = self.imposed.event.unwrap_or_else(|| evidence.event.order());
        before != (self.birth_order, self.event_order)
    }

    /// The columns as they were understood, for the party to look at.
    pub(crate) fn described(&self, layout: &Layout, accounts: &[ColumnAccount]) -> Vec<Column> {
        let describe = |(place, heading): (usize, &String)| Column {
            heading: heading.clone(),
            field: layout.fields[place],
            hashed: self.hashed[place],
            account: self.used.contains(&place).then(|| accounts[place].clone()),
        };
        layout.headings.iter().enumerate().map(describe).collect()
    }

    /// Reads the rows of `range`; `first` is the data row that is row 1 of the file, or of its part.
    pub(crate) fn read(
        &self,
        plan: &Plan<'_>,
        table: &Table,
        range: Range<usize>,
        first: usize,
    ) -> Part {
        let mut part = Part::new(&plan.kinds, self.width, range.len());
        let mut outcomes = vec![Outcome::MISSING; self.width];
        for place in range {
            let view = View { columns: self, table, row: place };
            let width = table.width(place);
            if width == 0 {
                continue;
            }
            part.widest = part.widest.max(width);
            part.seen += 1;
            let row = u64::try_from(place - first + 1).unwrap_or(u64::MAX);
            outcomes.fill(Outcome::MISSING);
            match view.read(row, width, plan, &mut outcomes, &mut part.counts) {
                Ok(good) => part.rows.push(good),
                Err((field, code)) => part.rejects.push(Reject { row, field, code }),
            }
            // A sum under the table is no data row.
            if part.rejects.last().is_none_or(|last| last.row != row || last.code != TOTAL) {
                for place in &self.used {
                    part.accounts[*place].note(outcomes[*place]);
                }
            }
        }
        part
    }
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
        plan: &Plan<'_>,
        outcomes: &mut [Outcome],
        counts: &mut [(Kind, ColumnCounts)],
    ) -> Result<NormalisedRow, Fault> {
        // A separator inside an unquoted value moves everything after it into the wrong column: no value
        // can be trusted.
        if width > self.columns.width {
            outcomes.fill(Outcome::REFUSED);
            counts.iter_mut().for_each(|(_, counts)| counts.note(State::Refused));
            return Err((None, "row.too_many_cells"));
        }
        let parts = self.parts(&plan.kinds, outcomes);
        let identifiers = self.identifiers(&plan.kinds, &parts, outcomes);
        let has_key = Kind::KEYS.iter().any(|kind| {
            matches!(identifiers[kind.index()], Reading::Good(_) | Reading::Repaired(..))
        });
        if !has_key && self.is_total() {
            return Err((None, TOTAL));
        }
        let near = self.near(&plan.kinds, parts, outcomes);
        for (kind, counts) in counts {
            let has_near = || near.iter().any(|(of, _)| of == kind);
            counts.note(match identifiers.get(kind.index()) {
                Some(reading) => Outcome::of(reading).state,
                None if has_near() => State::Good,
                None => State::Missing,
            });
        }
        let date = self.date(outcomes);
        let amount = self.amount(plan.options, outcomes);
        let campaign = self.campaign(plan.options, &plan.campaigns, outcomes);
        let (model, area) = self.margins(&plan.margins, outcomes);
        if !has_key && near.is_empty() {
            return Err((None, "row.no_identifier"));
        }
        Ok(NormalisedRow {
            source_row,
            digests: identifiers.map(Reading::value),
            near,
            date: date?,
            amount_cents: amount?,
            campaign: campaign?,
            model,
            area,
        })
    }

    /// What several kinds are made of, each read once, and only what the kinds ask for.
    fn parts(&self, kinds: &[Kind], outcomes: &mut [Outcome]) -> Parts {
        let (mut birth, mut post) = (false, false);
        for kind in kinds {
            birth |= *kind == Kind::NameBirth || kind.is_near();
            post |= *kind == Kind::NamePost || kind.is_near();
        }
        let mut parts = Parts::default();
        if birth || post {
            parts.names = self.names(outcomes);
        }
        if birth {
            parts.birth = self.birth(outcomes);
        }
        if post {
            parts.street = self.street(outcomes);
            parts.postcode = self.plain(Field::Postcode, outcomes, number::postcode);
        }
        parts
    }

    /// Digests of the near kinds, as far as the row has what they are made of.
    fn near(&self, kinds: &[Kind], parts: Parts, outcomes: &mut [Outcome]) -> Vec<(Kind, Digest)> {
        let near = kinds.iter().copied().filter(|kind| kind.is_near());
        if near.clone().next().is_none() {
            return Vec::new();
        }
        let landline = kinds.contains(&Kind::NearLandline);
        let person = Person {
            names: self.each_name(parts.names, outcomes),
            birth: parts.birth.value(),
            postcode: parts.postcode.value(),
            town: self.plain(Field::City, outcomes, town::normalise).value(),
            street: parts.street.value().map(|line| Street::of(&line)),
            landline: landline.then(|| self.landline(kinds, outcomes)).flatten(),
        };
        person.all_digests(near)
    }

    /// Both names, or the one that is known.
    fn each_name(&self, names: Reading<String>, outcomes: &mut [Outcome]) -> Vec<String> {
        if let Some(both) = names.value() {
            return both.split('|').map(str::to_owned).collect();
        }
        let fields = [Field::FirstName, Field::LastName].into_iter();
        fields.filter_map(|field| self.plain(field, outcomes, name::one).value()).take(1).collect()
    }

    /// The first fixed number of all telephone columns.
    fn landline(&self, kinds: &[Kind], outcomes: &mut [Outcome]) -> Option<String> {
        // The account of the columns is that of the single kinds, if none of them has made it.
        if !kinds.contains(&Kind::Mobile) && !kinds.contains(&Kind::Landline) {
            self.phones(outcomes);
        }
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

    fn identifiers(&self, kinds: &[Kind], parts: &Parts, outcomes: &mut [Outcome]) -> Identifiers {
        let mut found: Identifiers = std::array::from_fn(|_| Reading::Missing);
        let wants = |kind: Kind| kinds.contains(&kind);
        if wants(Kind::Siret) {
            found[Kind::Siret.index()] =
                self.plain(Field::Siret, outcomes, number::siret).map(Digest::of_text);
        }
        if wants(Kind::Card) {
            found[Kind::Card.index()] =
                self.plain(Field::Card, outcomes, number::card).map(Digest::of_text);
        }
        if wants(Kind::Email) {
            found[Kind::Email.index()] = self.email(outcomes);
        }
        if wants(Kind::Mobile) || wants(Kind::Landline) {
            let (mobile, landline) = self.phones(outcomes);
            if wants(Kind::Mobile) {
                found[Kind::Mobile.index()] = mobile;
            }
            if wants(Kind::Landline) {
                found[Kind::Landline.index()] = landline;
            }
        }
        if wants(Kind::NameBirth) {
            found[Kind::NameBirth.index()] = parts.name_birth();
        }
        if wants(Kind::NamePost) {
            found[Kind::NamePost.index()] = parts.name_post();
        }
        found
    }

    /// Reads the one column of a field that is never hashed: hexadecimal that is as long as a hash names
    /// nobody there, whatever its digits look like.
    fn plain<T>(
        &self,
        field: Field,
        outcomes: &mut [Outcome],
        rule: impl FnOnce(&str) -> Reading<T>,
    ) -> Reading<T> {
        let Some(column) = self.columns.places[field as usize].first() else {
            return Reading::Missing;
        };
        let text = self.table.cell(self.row, *column).text();
        let reading = match look(&text) {
            Look::Plain => rule(&text),
            Look::Sha256(_) | Look::Other => Reading::Refused,
        };
        outcomes[*column] = Outcome::of(&reading);
        reading
    }

    /// The first usable address of all columns.
    fn email(&self, outcomes: &mut [Outcome]) -> Reading<Digest> {
        let mut best = Reading::Missing;
        for column in &self.columns.places[Field::Email as usize] {
            let text = self.table.cell(self.row, *column).text();
            let reading = match look(&text) {
                Look::Sha256(bytes) => {
                    self.columns.placeholders.accept(bytes).map_or(Reading::Missing, Reading::Good)
                }
                Look::Other => Reading::Refused,
                Look::Plain => email::normalise(&text).map(Digest::of_text),
            };
            outcomes[*column] = Outcome::of(&reading);
            if matches!(best, Reading::Missing | Reading::Refused)
                && !matches!(reading, Reading::Missing)
            {
                best = reading;
            }
        }
        best
    }

    /// First mobile and first fixed number of all telephone columns.
    fn phones(&self, outcomes: &mut [Outcome]) -> (Reading<Digest>, Reading<Digest>) {
        let mut mobile = Reading::Missing;
        let mut landline = Reading::Missing;
        let open =
            |reading: &Reading<Digest>| matches!(reading, Reading::Missing | Reading::Refused);
        for column in &self.columns.places[Field::Phone as usize] {
            let text = self.table.cell(self.row, *column).text();
            let phones = match look(&text) {
                Look::Sha256(bytes) => {
                    // Mobile or fixed cannot be told from a digest.
                    let Some(found) = self.columns.placeholders.accept(bytes) else { continue };
                    outcomes[*column] = Outcome::plain(State::Good);
                    if open(&mobile) {
                        mobile = Reading::Good(found);
                    }
                    continue;
                }
                Look::Other => phone::Phones { refused: true, ..phone::Phones::default() },
                Look::Plain => phone::normalise(&text),
            };
            outcomes[*column] = Outcome::of(&match &phones {
                phones if phones.refused => Reading::Refused,
                phones if phones.is_missing() => Reading::Missing,
                phones => Reading::of((), phones.repairs),
            });
            if phones.refused && open(&mobile) {
                mobile = Reading::Refused;
            }
            for (place, found) in [(&mut mobile, phones.mobile), (&mut landline, phones.landline)] {
                if let Some(e164) = found.filter(|_| open(place)) {
                    *place = Reading::of(Digest::of(&e164), phones.repairs);
                }
            }
        }
        (mobile, landline)
    }

    fn names(&self, outcomes: &mut [Outcome]) -> Reading<String> {
        let first = self.plain(Field::FirstName, outcomes, name::one);
        let last = self.plain(Field::LastName, outcomes, name::one);
        let full = self.plain(Field::FullName, outcomes, name::normalise_full);
        match name::pair(&first, &last) {
            Reading::Missing => full,
            found => found,
        }
    }

    /// The street line: with the number of a column of its own where it has none, and of the second line of the
    /// address where the first is empty.
    fn street(&self, outcomes: &mut [Outcome]) -> Reading<String> {
        let number = self.plain(Field::StreetNumber, outcomes, address::number).value();
        let street = self.plain(Field::Address, outcomes, |text| match &number {
            Some(number) => address::with_number(number, text),
            None => address::normalise(text),
        });
        if !matches!(street, Reading::Missing) {
            return street;
        }
        let lines = self.cells(Field::AddressExtra).map(Cell::text);
        let plain = lines.filter(|line| matches!(look(line), Look::Plain));
        plain
            .map(|line| address::normalise(&line))
            .find(|r| !matches!(r, Reading::Missing))
            .unwrap_or(street)
    }

    fn birth(&self, outcomes: &mut [Outcome]) -> Reading<Date> {
        let Some(column) = self.columns.places[Field::BirthDate as usize].first() else {
            return Reading::Missing;
        };
        let cell = self.table.cell(self.row, *column);
        let reading = match day(cell, self.columns.birth_order, Purpose::Birth) {
            Some((birth, _)) if date::is_default_birth(birth) => Reading::Missing,
            Some((birth, repairs)) => Reading::of(birth, repairs),
            None if cell.is_blank() || is_placeholder(&clean(&cell.text())) => Reading::Missing,
            None => Reading::Refused,
        };
        outcomes[*column] = Outcome::of(&reading);
        reading
    }
}

/// What a row says of a person.
struct Parts {
    names: Reading<String>,
    birth: Reading<Date>,
    street: Reading<String>,
    postcode: Reading<String>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            names: Reading::Missing,
            birth: Reading::Missing,
            street: Reading::Missing,
            postcode: Reading::Missing,
        }
    }
}

impl Parts {
    fn name_birth(&self) -> Reading<Digest> {
        let repairs = self.names.repairs().and(self.birth.repairs());
        match (&self.names, &self.birth) {
            (Reading::Missing, _) | (_, Reading::Missing) => Reading::Missing,
            (Reading::Refused, _) | (_, Reading::Refused) => Reading::Refused,
            (
                Reading::Good(name) | Reading::Repaired(name, _),
                Reading::Good(birth) | Reading::Repaired(birth, _),
            ) => Reading::of(Digest::of_parts(&birth_parts(name, &day_text(*birth))), repairs),
        }
    }

    fn name_post(&self) -> Reading<Digest> {
        let (names, street, postcode) = (&self.names, &self.street, &self.postcode);
        let repairs = names.repairs().and(street.repairs()).and(postcode.repairs());
        match (names, street, postcode) {
            (
                Reading::Good(names) | Reading::Repaired(names, _),
                Reading::Good(street) | Reading::Repaired(street, _),
                Reading::Good(postcode) | Reading::Repaired(postcode, _),
            ) => Reading::of(Digest::of_parts(&post_parts(names, street, postcode)), repairs),
            (Reading::Refused, ..) | (_, Reading::Refused, _) | (.., Reading::Refused) => {
                Reading::Refused
            }
            _ => Reading::Missing,
        }
    }
}

/// The text that is hashed for the kind `name_birth`.
pub(crate) fn name_birth(names: &str, birth: Date) -> String {
    text(&birth_parts(names, &day_text(birth)))
}

fn birth_parts<'a>(names: &'a str, birth: &'a [u8; 10]) -> [&'a [u8]; 3] {
    [names.as_bytes(), b"|", birth]
}

/// The text that is hashed for the kind `name_post`.
pub(crate) fn name_post(names: &str, street: &str, postcode: &str) -> String {
    text(&post_parts(names, street, postcode))
}

const fn post_parts<'a>(names: &'a str, street: &'a str, postcode: &'a str) -> [&'a [u8]; 5] {
    [names.as_bytes(), b"|", street.as_bytes(), b"|", postcode.as_bytes()]
}

fn text(parts: &[&[u8]]) -> String {
    String::from_utf8(parts.concat()).expect("whole texts, one after the other")
}

/// `YYYY-MM-DD`; years are of four digits here.
pub(crate) fn day_text(day: Date) -> [u8; 10] {
    let digits = |number: i16| {
        let number = u8::try_from(number.rem_euclid(100)).expect("two digits");
        [b'0' + number / 10, b'0' + number % 10]
    };
    let [[a, b], [c, d]] = [digits(day.year() / 100), digits(day.year())];
    let [[e, f], [g, h]] = [digits(day.month().into()), digits(day.day().into())];
    [a, b, c, d, b'-', e, f, b'-', g, h]
}
