//! A postal list of objections (Robinson, Stop Publicité) on the sender's machine: who is on it is left out
//! before anything is sealed. Postal addresses make no rights token, so the certifier could not compare them.
//! Not the lists of telephone and e-mail, which go to the certifier as oppositions.

use tiers_contact::normalise::text::folded;
use tiers_contact::{CellColumn, Cells, Field as Heading};
use zeroize::Zeroizing;

use super::super::Field;
use super::{Lacking, SendingFault};
use crate::text_set::TextSet;

/// Family name, street and postcode, without case, accents and spaces.
pub struct PostalList {
    columns: [usize; 3],
    persons: TextSet,
}

impl PostalList {
    /// Of a file with these columns.
    ///
    /// # Errors
    /// [`SendingFault::Column`] where one of the three is missing.
    pub fn of(columns: &[CellColumn]) -> Result<Self, SendingFault> {
        let of = |field| columns.iter().position(|column| column.field == Some(field));
        let columns = [of(Heading::LastName), of(Heading::Address), of(Heading::Postcode)];
        let [Some(name), Some(street), Some(postcode)] = columns else {
            return Err(SendingFault::Column(Lacking::Address));
        };
        Ok(Self { columns: [name, street, postcode], persons: TextSet::default() })
    }

    /// Adds the persons of some rows; those that lack one of the three are skipped.
    pub fn add(&mut self, cells: &Cells) {
        for row in 0..cells.len() {
            let texts = self.columns.map(|column| cells.text(row, column));
            if let Some(whole) = whole(texts.each_ref().map(|text| text.as_str())) {
                self.persons.insert(whole.as_bytes());
            }
        }
    }

    /// Whether somebody is on it.
    pub fn has<'a>(&self, value: impl Fn(Field) -> Option<&'a str>) -> bool {
        let parts = [Field::LastName, Field::Street, Field::Postcode];
        let parts = parts.map(|field| value(field).unwrap_or_default());
        whole(parts).is_some_and(|whole| self.persons.has(whole.as_bytes()))
    }
}

fn whole(parts: [&str; 3]) -> Option<Zeroizing<String>> {
    let mut whole = Zeroizing::new(String::new());
    for part in parts {
        let mut part = Zeroizing::new(folded(part));
        part.retain(char::is_alphanumeric);
        if part.is_empty() {
            return None;
        }
        whole.push_str(&part);
        whole.push('\n');
    }
    Some(whole)
}
