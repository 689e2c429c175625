//! The account of values: for each column that is used, how many were good, repaired (and by which rule),
//! missing or refused.
//!
//! Every data row gives every used column exactly one outcome, so that the four numbers of a column always add
//! up to the rows. Which rows there are is `rows`; nothing here keeps a value. Specified in
//! `docs/formats/reading-files.md`, "Accounts".

use crate::{
    field::Field,
    kind::Kind,
    normalise::{Reading, Repair, Repairs},
};

/// How many values ended in which way.
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

impl ColumnCounts {
    /// All four together: the data rows.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.good + self.repaired + self.missing + self.refused
    }

    pub(crate) const fn note(&mut self, state: State) {
        let count = match state {
            State::Good => &mut self.good,
            State::Repaired => &mut self.repaired,
            State::Missing => &mut self.missing,
            State::Refused => &mut self.refused,
        };
        *count += 1;
    }

    pub(crate) const fn append(&mut self, other: &Self) {
        self.good += other.good;
        self.repaired += other.repaired;
        self.missing += other.missing;
        self.refused += other.refused;
    }
}

/// The account of one column of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnAccount {
    /// How the values of the data rows ended.
    pub counts: ColumnCounts,
    /// How often each rule mended a value; a value may need several.
    repairs: [u64; Repair::ALL.len()],
}

impl ColumnAccount {
    /// The rules that mended something, with the number of values, the commonest first.
    #[must_use]
    pub fn repairs(&self) -> Vec<(Repair, u64)> {
        let counts = Repair::ALL.into_iter().zip(self.repairs);
        let mut found: Vec<(Repair, u64)> = counts.filter(|(_, count)| *count > 0).collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        found
    }

    pub(crate) fn note(&mut self, outcome: Outcome) {
        self.counts.note(outcome.state);
        if !outcome.repairs.is_empty() {
            for rule in outcome.repairs.iter() {
                self.repairs[rule as usize] += 1;
            }
        }
    }

    pub(crate) fn append(&mut self, other: &Self) {
        self.counts.append(&other.counts);
        for (sum, part) in self.repairs.iter_mut().zip(other.repairs) {
            *sum += part;
        }
    }
}

/// Adds the counts of another part.
pub(crate) fn add_counts(sums: &mut Vec<(Kind, ColumnCounts)>, parts: &[(Kind, ColumnCounts)]) {
    if sums.is_empty() {
        sums.extend_from_slice(parts);
        return;
    }
    for ((_, sum), (_, part)) in sums.iter_mut().zip(parts) {
        sum.append(part);
    }
}

/// Adds the accounts of the columns of another part.
pub(crate) fn add(sums: &mut Vec<ColumnAccount>, parts: &[ColumnAccount]) {
    if sums.is_empty() {
        sums.extend_from_slice(parts);
        return;
    }
    for (sum, part) in sums.iter_mut().zip(parts) {
        sum.append(part);
    }
}

/// How one value ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    Repaired,
    #[default]
    Missing,
    Refused,
}

/// How the value of one cell ended, and what mended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) state: State,
    repairs: Repairs,
}

impl Outcome {
    pub(crate) const MISSING: Self = Self::plain(State::Missing);
    pub(crate) const REFUSED: Self = Self::plain(State::Refused);

    pub(crate) const fn plain(state: State) -> Self {
        Self { state, repairs: Repairs::NONE }
    }

    pub(crate) const fn of<T>(reading: &Reading<T>) -> Self {
        let state = match reading {
            Reading::Good(_) => State::Good,
            Reading::Repaired(..) => State::Repaired,
            Reading::Missing => State::Missing,
            Reading::Refused => State::Refused,
        };
        Self { state, repairs: reading.repairs() }
    }
}

/// Columns that a kind is made of: those whose values are read, and accounted for, when the programme names
/// the kind.
pub(crate) const fn fields(kind: Kind) -> &'static [Field] {
    const NAMES_BIRTH: &[Field] =
        &[Field::FirstName, Field::LastName, Field::FullName, Field::BirthDate];
    const NAMES_POST: &[Field] = &[
        Field::FirstName,
        Field::LastName,
        Field::FullName,
        Field::StreetNumber,
        Field::Address,
        Field::Postcode,
    ];
    const NEAR: &[Field] = &[
        Field::FirstName,
        Field::LastName,
        Field::FullName,
        Field::BirthDate,
        Field::StreetNumber,
        Field::Address,
        Field::Postcode,
        Field::City,
    ];
    match kind {
        Kind::Siret => &[Field::Siret],
        Kind::Card => &[Field::Card],
        Kind::Email => &[Field::Email],
        Kind::Mobile | Kind::Landline => &[Field::Phone],
        Kind::NameBirth => NAMES_BIRTH,
        Kind::NamePost => NAMES_POST,
        // A row's near kinds are made of all of it at once.
        Kind::NearNameBirth
        | Kind::NearNameStreet
        | Kind::NearBirthTown
        | Kind::NearBirthStreet
        | Kind::NearNameTown => NEAR,
        Kind::NearLandline => &[Field::FirstName, Field::LastName, Field::FullName, Field::Phone],
    }
}
