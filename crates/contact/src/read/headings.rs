//! Which row holds the headings, and what each of them means.
//!
//! The names are in `names`. A heading that is not there is read past, never guessed at from values. Specified
//! in `docs/formats/reading-files.md`, "Headings".

use super::{
    COLUMNS_MAX, Cell, Table, event_date,
    names::{DATES, LATER_DATES, NAMES, WEAK_NUMBERS},
};
use crate::{
    error::PrepareError,
    field::{Field, FileKind},
    hashed::HashOrigin,
    normalise::text::folded,
    prepare::PrepareOptions,
};

/// Rows at the top of a file among which the headings are searched (titles may stand above them).
pub(crate) const SEARCH_ROWS: usize = 40;

/// The columns of a file, understood.
pub(crate) struct Layout {
    /// Row of the headings.
    pub(crate) row: usize,
    /// Meaning of each column.
    pub(crate) fields: Vec<Option<Field>>,
    /// Headings as they stand.
    pub(crate) headings: Vec<String>,
}

impl Layout {
    /// Columns that mean `field`, from left to right.
    pub(crate) fn columns(&self, field: Field) -> impl Iterator<Item = usize> + '_ {
        self.fields
            .iter()
            .enumerate()
            .filter(move |(_, f)| **f == Some(field))
            .map(|(place, _)| place)
    }

    /// Headings as they are compared: without case, accents, blanks and signs.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.headings.iter().map(|heading| key(heading)).collect()
    }

    /// Whether some column means `field`.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.fields.contains(&Some(field))
    }

    /// Fields that were recognised, each once.
    pub(crate) fn found(&self) -> Vec<Field> {
        Field::ALL.into_iter().filter(|field| self.has(*field)).collect()
    }

    /// Numbers of the columns with a heading that was not recognised.
    pub(crate) fn unknown(&self) -> Vec<usize> {
        let unknown = |place: &usize| {
            self.fields[*place].is_none() && !self.headings[*place].trim().is_empty()
        };
        (0..self.fields.len()).filter(unknown).map(|place| place + 1).collect()
    }
}

/// Highest number of different headings recognised in one of the first rows.
pub(crate) fn best_score(table: &Table, options: &PrepareOptions) -> usize {
    search(table, options).map_or(0, |(_, score)| score)
}

/// Finds the heading row and gives every column its meaning.
pub(crate) fn layout(table: &Table, options: &PrepareOptions) -> Result<Layout, PrepareError> {
    let widest = (0..table.len()).map(|row| table.width(row)).max().unwrap_or(0);
    if widest > COLUMNS_MAX {
        return Err(PrepareError::TooManyColumns { found: widest, limit: COLUMNS_MAX });
    }
    let found = search(table, options).map(|(row, _)| row).or_else(|| numbered(table, options));
    let row = found.ok_or(PrepareError::NoHeadings)?;
    let width = table.width(row);
    let headings: Vec<String> =
        (0..width).map(|column| table.cell(row, column).text().into_owned()).collect();
    let keys: Vec<String> = headings.iter().map(|heading| key(heading)).collect();
    let fields = assign(&keys, options)?;
    Ok(Layout { row, fields, headings })
}

/// What each column is declared to be hashed from.
pub(crate) fn declared(
    layout: &Layout,
    options: &PrepareOptions,
) -> Result<Vec<Option<HashOrigin>>, PrepareError> {
    let keys = layout.keys();
    let mut origins = vec![None; keys.len()];
    for (place, (heading, origin)) in options.hashed.iter().enumerate() {
        let column = named_column(&keys, heading);
        let column = column.ok_or(PrepareError::DeclarationUnknown { place: place + 1 })?;
        if !matches!(layout.fields[column], Some(Field::Email | Field::Phone)) {
            return Err(PrepareError::HashField { column: column + 1 });
        }
        origins[column] = Some(*origin);
    }
    Ok(origins)
}

/// The column that a party names: by its heading, or by its number (`#3`).
fn named_column(keys: &[String], name: &str) -> Option<usize> {
    if let Some(number) = column_number(name) {
        return (1..=keys.len()).contains(&number).then(|| number - 1);
    }
    let wanted = key(name);
    keys.iter().position(|key| *key == wanted && !key.is_empty())
}

/// The number in `#3`.
fn column_number(name: &str) -> Option<usize> {
    name.trim().strip_prefix('#').and_then(|number| number.parse().ok())
}

/// The row of headings of a file of which none is known, where a party names its columns by number: the first
/// with something in each of them, unless it looks like a contact.
fn numbered(table: &Table, options: &PrepareOptions) -> Option<usize> {
    let numbers: Vec<usize> =
        options.map.iter().filter_map(|(name, _)| column_number(name)?.checked_sub(1)).collect();
    if numbers.is_empty() || numbers.len() < options.map.len() {
        return None;
    }
    let is_filled = |row: &usize| numbers.iter().all(|c| !table.cell(*row, *c).is_blank());
    let row = (0..table.len().min(SEARCH_ROWS)).find(is_filled)?;
    let is_heading = |column: usize| match table.cell(row, column) {
        Cell::Empty => true,
        Cell::Text(text) => {
            !text.contains('@') && text.bytes().filter(u8::is_ascii_digit).count() < 4
        }
        Cell::Number(_) | Cell::Day(_) => false,
    };
    (0..table.width(row)).all(is_heading).then_some(row)
}

/// The row with most recognised headings; of equals the first.
fn search(table: &Table, options: &PrepareOptions) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for row in 0..table.len().min(SEARCH_ROWS) {
        let width = table.width(row).min(COLUMNS_MAX);
        let mut seen = [false; Field::ALL.len()];
        for column in 0..width {
            let text = table.cell(row, column).text();
            if text.len() > 80 {
                continue;
            }
            if let Some(field) = named(&key(&text), options) {
                seen[field as usize] = true;
            }
        }
        let score = seen.iter().filter(|seen| **seen).count();
        if score > 0 && best.is_none_or(|(_, highest)| score > highest) {
            best = Some((row, score));
        }
    }
    best
}

/// Gives each column its field: mappings by hand first, then the table, the better name winning.
fn assign(keys: &[String], options: &PrepareOptions) -> Result<Vec<Option<Field>>, PrepareError> {
    let mut fields: Vec<Option<Field>> = vec![None; keys.len()];
    let mut ranks: Vec<u8> = vec![u8::MAX; keys.len()];
    let mut gone = Vec::new();
    for (place, (heading, field)) in options.map.iter().enumerate() {
        let column = named_column(keys, heading);
        match column {
            Some(column) => (fields[column], ranks[column]) = (Some(*field), 0),
            None => gone.push(place + 1),
        }
    }
    if !gone.is_empty() {
        return Err(PrepareError::MappingUnknown { places: gone });
    }
    let mapped: Vec<Field> = fields.iter().flatten().copied().collect();
    for (column, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
        if fields[column].is_some() {
            continue;
        }
        let Some((field, rank)) = meaning(key, options) else { continue };
        if mapped.contains(&field) {
            continue;
        }
        // The same heading twice is a broken export, whatever the field; two names for one thing are
        // a choice that the better name makes.
        let alike = keys[..column].iter().position(|other| other == key);
        let rival = (0..column).find(|other| fields[*other] == Some(field) && !may_repeat(field));
        match (alike, rival) {
            (Some(other), _) => return Err(twice(field, other, column)),
            (None, Some(other)) if ranks[other] == rank => return Err(twice(field, other, column)),
            (None, Some(other)) if ranks[other] < rank => {}
            (None, rival) => {
                if let Some(other) = rival {
                    fields[other] = None;
                }
                (fields[column], ranks[column]) = (Some(field), rank);
            }
        }
    }
    number_before_street(keys, &mut fields);
    Ok(fields)
}

/// A bare "numéro" is that of the street where the street is the next column, and any number elsewhere.
fn number_before_street(keys: &[String], fields: &mut [Option<Field>]) {
    if fields.contains(&Some(Field::StreetNumber)) {
        return;
    }
    let street = fields.iter().position(|field| *field == Some(Field::Address));
    if let Some(before) = street.and_then(|street| street.checked_sub(1))
        && fields[before].is_none()
        && WEAK_NUMBERS.contains(&keys[before].as_str())
    {
        fields[before] = Some(Field::StreetNumber);
    }
}

const fn twice(field: Field, first: usize, second: usize) -> PrepareError {
    PrepareError::HeadingTwice { field, first: first + 1, second: second + 1 }
}

/// Fields of which a file may have several columns: a second telephone, a second line of address.
const fn may_repeat(field: Field) -> bool {
    matches!(
        field,
        Field::Phone
            | Field::Email
            | Field::AddressExtra
            | Field::Civility
            | Field::City
            | Field::Country
            | Field::Model
    )
}

/// A heading without case, accents, blanks and signs.
fn key(heading: &str) -> String {
    let mut key = folded(heading);
    key.retain(|c| c != ' ');
    key
}

/// Field of a heading for a file of any kind: what tells a heading row from others.
fn named(key: &str, options: &PrepareOptions) -> Option<Field> {
    let known = || NAMES.iter().find(|(_, names)| names.contains(&key)).map(|(field, _)| *field);
    meaning(key, options).map(|(field, _)| field).or_else(known)
}

/// Field of a heading, and how surely it is meant (0 the most).
fn meaning(key: &str, options: &PrepareOptions) -> Option<(Field, u8)> {
    if key.is_empty() {
        return None;
    }
    let by_hand = options.map.iter().filter(|(heading, _)| column_number(heading).is_none());
    if let Some((_, field)) = by_hand.into_iter().find(|(heading, _)| self::key(heading) == key) {
        return Some((*field, 0));
    }
    if let Some(rank) = DATES.iter().find(|(name, _)| *name == key).map(|(_, rank)| *rank) {
        return Some((event_date(options.kind), rank));
    }
    if options.kind == FileKind::Sales && LATER_DATES.contains(&key) {
        return Some((Field::SaleDate, 2));
    }
    let found = NAMES.iter().find(|(_, names)| names.contains(&key)).map(|(field, _)| *field);
    found.filter(|field| belongs(*field, options.kind)).map(|field| (field, 1))
}

/// A lead's date is read past in a sales file, and the other way round.
const fn belongs(field: Field, kind: FileKind) -> bool {
    match field {
        Field::LeadDate | Field::Campaign => matches!(kind, FileKind::Leads),
        Field::SaleDate | Field::Amount | Field::Model => matches!(kind, FileKind::Sales),
        _ => true,
    }
}
