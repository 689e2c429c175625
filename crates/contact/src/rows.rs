//! One row at a time: from its cells to its identifiers and attributes, or to a reason.
//!
//! Which columns there are is `read::headings`, the rules for values are `normalise`, what becomes of the
//! file is `prepare`. Specified in `docs/formats/reading-files.md`, "Rows".

mod attributes;
mod duplicates;
mod pending;
mod texts;

use std::ops::Range;

use jiff::civil::Date;

use crate::{
    account::{self, ColumnAccount, ColumnCounts, Outcome, State},
    error::PrepareError,
    field::{Attribute, Field},
    hashed::{self, Hashes, Look, Placeholders, look},
    kind::Kind,
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
        Cell, Row, Table,
        headings::{self, Layout},
    },
    wiped::Wiped,
};
use attributes::day;
pub(crate) use duplicates::duplicates;
use pending::Pending;
use texts::{Parts, Texts};
pub(crate) use texts::{day_text, name_birth, name_post};

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

/// What rows are read with, one after the other.
#[derive(Default)]
struct Room {
    texts: Texts,
    pending: Pending,
    /// How each column of the row ended.
    outcomes: Vec<Outcome>,
}

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
        self.read_on(plan, (table, range, first), &mut part, &mut Room::default());
        part
    }

    /// As [`Columns::read`]; good rows are handed to `take` a few at a time, while they are in a processor's near
    /// memory, and wiped.
    pub(crate) fn hand_out(
        &self,
        plan: &Plan<'_>,
        table: &Table,
        range: Range<usize>,
        first: usize,
        mut take: impl FnMut(&[NormalisedRow]),
    ) -> Part {
        let mut part = Part::new(&plan.kinds, self.width, range.len().min(HANDED));
        let mut room = Room::default();
        for start in range.clone().step_by(HANDED) {
            let some = start..range.end.min(start + HANDED);
            self.read_on(plan, (table, some, first), &mut part, &mut room);
            take(&part.rows);
            part.rows.clear();
        }
        part
    }

    /// Reads more rows.
    fn read_on(
        &self,
        plan: &Plan<'_>,
        (table, range, first): (&Table, Range<usize>, usize),
        part: &mut Part,
        room: &mut Room,
    ) {
        room.outcomes.resize(self.width, Outcome::MISSING);
        for place in range {
            let view = View { columns: self, row: table.row(place) };
            let width = view.row.width();
            if width == 0 {
                continue;
            }
            part.widest = part.widest.max(width);
            part.seen += 1;
            let row = u64::try_from(place - first + 1).unwrap_or(u64::MAX);
            let Room { texts, pending, outcomes } = &mut *room;
            outcomes.fill(Outcome::MISSING);
            pending.begin(part.rows.len());
            let notes = (&mut outcomes[..], &mut part.counts[..]);
            match view.read(row, width, plan, (texts, pending), notes) {
                Ok(good) => part.rows.push(good),
                Err((field, code)) => {
                    pending.leave_out();
                    part.rejects.push(Reject { row, field, code });
                }
            }
            pending.give(&mut part.rows, false);
            // A sum under the table is no data row.
            if part.rejects.last().is_none_or(|last| last.row != row || last.code != TOTAL) {
                for place in &self.used {
                    part.accounts[*place].note(outcomes[*place]);
                }
            }
        }
        room.pending.give(&mut part.rows, true);
    }
}

/// Rows that are handed out together.
const HANDED: usize = 128;

type Fault = (Option<Field>, &'static str);
type Rule = fn(&str) -> Reading<String>;

/// Kinds that are the number of one column.
const NUMBERS: [(Kind, Field, Rule); 2] =
    [(Kind::Siret, Field::Siret, number::siret), (Kind::Card, Field::Card, number::card)];

/// One row of the table.
struct View<'a> {
    columns: &'a Columns,
    row: Row<'a>,
}

impl<'a> View<'a> {
    fn cells(&self, field: Field) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.columns.places[field as usize].iter().map(|column| self.row.cell(*column))
    }

    fn cell(&self, field: Field) -> Cell<'a> {
        self.cells(field).next().unwrap_or(Cell::Empty)
    }

    /// Reads the row, its single identifiers apart, which wait to be hashed; notes how its columns and kinds ended.
    fn read(
        &self,
        source_row: u64,
        width: usize,
        plan: &Plan<'_>,
        (texts, pending): (&mut Texts, &mut Pending),
        (outcomes, counts): (&mut [Outcome], &mut [(Kind, ColumnCounts)]),
    ) -> Result<NormalisedRow, Fault> {
        // A separator inside an unquoted value moves everything after it into the wrong column: no value
        // can be trusted.
        if width > self.columns.width {
            outcomes.fill(Outcome::REFUSED);
            counts.iter_mut().for_each(|(_, counts)| counts.note(State::Refused));
            return Err((None, "row.too_many_cells"));
        }
        let parts = self.parts(&plan.kinds, texts, outcomes);
        self.identifiers(&plan.kinds, parts, texts, pending, outcomes);
        let has_key = Kind::KEYS.iter().any(|kind| pending.has(*kind));
        if !has_key && self.is_total() {
            return Err((None, TOTAL));
        }
        let near = self.near(&plan.kinds, parts, texts, outcomes);
        for (kind, counts) in counts {
            let has_near = || near.iter().any(|(of, _)| of == kind);
            counts.note(match pending.state(*kind) {
                Some(state) => state,
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
            digests: [const { None }; Kind::SINGLE.len()],
            near,
            date: date?,
            amount_cents: amount?,
            campaign: campaign?,
            model,
            area,
        })
    }

    /// What several kinds are made of, each read once, and only what the kinds ask for.
    fn parts(&self, kinds: &[Kind], texts: &mut Texts, outcomes: &mut [Outcome]) -> Parts {
        let (mut birth, mut post) = (false, false);
        for kind in kinds {
            birth |= *kind == Kind::NameBirth || kind.is_near();
            post |= *kind == Kind::NamePost || kind.is_near();
        }
        let mut parts = Parts::default();
        if birth || post {
            parts.names = self.names(texts, outcomes);
        }
        if birth {
            parts.birth = self.birth(outcomes);
        }
        if post {
            parts.street = self.street(&mut texts.street, outcomes);
            let postcode = &mut texts.postcode;
            parts.postcode =
                self.plain(Field::Postcode, outcomes, |cell| number::push_postcode(cell, postcode));
        }
        parts
    }

    /// Digests of the near kinds, as far as the row has what they are made of.
    fn near(
        &self,
        kinds: &[Kind],
        parts: Parts,
        texts: &Texts,
        outcomes: &mut [Outcome],
    ) -> Vec<(Kind, Digest)> {
        let near = kinds.iter().copied().filter(|kind| kind.is_near());
        if near.clone().next().is_none() {
            return Vec::new();
        }
        let landline = kinds.contains(&Kind::NearLandline);
        let names = match parts.names.value() {
            Some(()) => texts.names.split('|').map(str::to_owned).collect(),
            None => self.known_name(outcomes),
        };
        let town = self.plain(Field::City, outcomes, town::normalise).value();
        let landline = landline.then(|| self.landline(kinds, outcomes)).flatten();
        parts.person(texts, names, town, landline).all_digests(near)
    }

    /// The one name that is known.
    fn known_name(&self, outcomes: &mut [Outcome]) -> Vec<String> {
        let fields = [Field::FirstName, Field::LastName].into_iter();
        fields.filter_map(|field| self.plain(field, outcomes, name::one).value()).take(1).collect()
    }

    /// The first fixed number of all telephone columns.
    fn landline(&self, kinds: &[Kind], outcomes: &mut [Outcome]) -> Option<String> {
        // The account of the columns is that of the single kinds, if none of them has made it.
        if !kinds.contains(&Kind::Mobile) && !kinds.contains(&Kind::Landline) {
            self.phones(|_| false, &mut Pending::default(), outcomes);
        }
        self.cells(Field::Phone).find_map(|cell| match look(&cell.text()) {
            Look::Plain => phone::normalise(&cell.text()).landline,
            _ => None,
        })
    }

    /// Whether the first filled cell says that this row sums up the others.
    fn is_total(&self) -> bool {
        let first = (0..self.columns.width)
            .map(|column| self.row.cell(column))
            .find(|cell| !cell.is_blank());
        first.is_some_and(|cell| {
            let words = folded(&cell.text());
            ["total", "sous total", "somme", "nombre de"]
                .iter()
                .any(|start| words.starts_with(start))
        })
    }

    /// Reads the single kinds; the texts of their identifiers wait in `pending`.
    fn identifiers(
        &self,
        kinds: &[Kind],
        parts: Parts,
        texts: &mut Texts,
        pending: &mut Pending,
        outcomes: &mut [Outcome],
    ) {
        let wants = |kind: Kind| kinds.contains(&kind);
        for (kind, field, rule) in NUMBERS {
            if wants(kind) {
                let reading = self.plain(field, outcomes, rule);
                pending.note(kind, &reading);
                if let Some(number) = reading.value().map(Wiped::new) {
                    pending.text(kind, &[number.as_bytes()]);
                }
            }
        }
        if wants(Kind::Email) {
            self.email(&mut texts.email, pending, outcomes);
        }
        if wants(Kind::Mobile) || wants(Kind::Landline) {
            self.phones(wants, pending, outcomes);
        }
        if wants(Kind::NameBirth) {
            parts.name_birth(texts, pending);
        }
        if wants(Kind::NamePost) {
            parts.name_post(texts, pending);
        }
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
        let text = self.row.cell(*column).text();
        let reading = match look(&text) {
            Look::Plain => rule(&text),
            Look::Sha256(_) | Look::Other => Reading::Refused,
        };
        outcomes[*column] = Outcome::of(&reading);
        reading
    }

    /// The first usable address of all columns.
    fn email(&self, address: &mut String, pending: &mut Pending, outcomes: &mut [Outcome]) {
        let mut best = Reading::Missing;
        for column in &self.columns.places[Field::Email as usize] {
            let text = self.row.cell(*column).text();
            let is_open = matches!(best, Reading::Missing | Reading::Refused);
            let reading = match look(&text) {
                Look::Sha256(bytes) => match self.columns.placeholders.accept(bytes) {
                    Some(digest) => {
                        if is_open {
                            pending.made(Kind::Email, digest);
                        }
                        Reading::Good(())
                    }
                    None => Reading::Missing,
                },
                Look::Other => Reading::Refused,
                Look::Plain => {
                    let reading = email::push(&text, address);
                    if is_open && reading.value().is_some() {
                        pending.text(Kind::Email, &[address.as_bytes()]);
                    }
                    reading
                }
            };
            outcomes[*column] = Outcome::of(&reading);
            if is_open && !matches!(reading, Reading::Missing) {
                best = reading;
            }
        }
        pending.note(Kind::Email, &best);
    }

    /// First mobile and first fixed number of all telephone columns, as far as they are wanted.
    fn phones(
        &self,
        wants: impl Fn(Kind) -> bool,
        pending: &mut Pending,
        outcomes: &mut [Outcome],
    ) {
        let mut found = [(Kind::Mobile, Reading::Missing), (Kind::Landline, Reading::Missing)];
        let open = |reading: &Reading<()>| matches!(reading, Reading::Missing | Reading::Refused);
        for column in &self.columns.places[Field::Phone as usize] {
            let text = self.row.cell(*column).text();
            let phones = match look(&text) {
                Look::Sha256(bytes) => {
                    // Mobile or fixed cannot be told from a digest.
                    let Some(digest) = self.columns.placeholders.accept(bytes) else { continue };
                    outcomes[*column] = Outcome::plain(State::Good);
                    if open(&found[0].1) {
                        found[0].1 = Reading::Good(());
                        if wants(Kind::Mobile) {
                            pending.made(Kind::Mobile, digest);
                        }
                    }
                    continue;
                }
                Look::Other => phone::Numbers::REFUSED,
                Look::Plain => phone::Numbers::read(&text),
            };
            outcomes[*column] = Outcome::of(&phones.reading());
            if matches!(phones.reading(), Reading::Refused) && open(&found[0].1) {
                found[0].1 = Reading::Refused;
            }
            for ((kind, place), e164) in found.iter_mut().zip(phones.each()) {
                if let Some(e164) = e164.filter(|_| open(place)) {
                    *place = Reading::of((), phones.repairs());
                    if wants(*kind) {
                        pending.text(*kind, &[e164]);
                    }
                }
            }
        }
        for (kind, reading) in found.iter().filter(|(kind, _)| wants(*kind)) {
            pending.note(*kind, reading);
        }
    }

    fn names(&self, texts: &mut Texts, outcomes: &mut [Outcome]) -> Reading<()> {
        let Texts { first, last, names, .. } = texts;
        let one = self.plain(Field::FirstName, outcomes, |cell| name::push_one(cell, first));
        let other = self.plain(Field::LastName, outcomes, |cell| name::push_one(cell, last));
        let full = self.plain(Field::FullName, outcomes, name::normalise_full);
        let (one, other) = (one.map(|()| first.as_str()), other.map(|()| last.as_str()));
        match name::push_pair(one, other, names) {
            Reading::Missing => full.map(|full| names.push_str(&full)),
            found => found,
        }
    }

    /// The street line: with the number of a column of its own where it has none, and of the second line of the
    /// address where the first is empty.
    fn street(&self, room: &mut address::Room, outcomes: &mut [Outcome]) -> Reading<()> {
        let number = self.plain(Field::StreetNumber, outcomes, address::number).value();
        let street = self.plain(Field::Address, outcomes, |text| match &number {
            Some(number) => address::push_with_number(number, text, room),
            None => address::push(text, room),
        });
        if !matches!(street, Reading::Missing) {
            return street;
        }
        let lines = self.cells(Field::AddressExtra).map(Cell::text);
        let plain = lines.filter(|line| matches!(look(line), Look::Plain));
        plain
            .map(|line| address::push(&line, room))
            .find(|r| !matches!(r, Reading::Missing))
            .unwrap_or(street)
    }

    fn birth(&self, outcomes: &mut [Outcome]) -> Reading<Date> {
        let Some(column) = self.columns.places[Field::BirthDate as usize].first() else {
            return Reading::Missing;
        };
        let cell = self.row.cell(*column);
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
