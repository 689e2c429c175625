//! A postal list of objections (Robinson, Stop Publicité) on the sender's machine: who is on it is left out
//! before anything is sealed. Postal addresses make no rights token, so the certifier could not compare them.
//! Not the lists of telephone and e-mail, which go to the certifier as oppositions (`tiers consent object`).

use std::path::Path;

use tiers_contact::Field as Heading;
use tiers_contact::normalise::text::folded;
use tiers_protocol::exchange::Field;
use zeroize::Zeroizing;

use super::super::cells::CellFile;
use super::super::text_set::TextSet;
use super::file::options;
use super::{CliError, ExchangeFault};

/// Family name, street and postcode, without case, accents and spaces.
pub(super) struct PostalList(TextSet);

impl PostalList {
    /// Reads a list; rows that lack one of the three are skipped, a file without the columns is refused.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let mut file = CellFile::open(path, &options())?;
        let of = |field| file.columns().iter().position(|column| column.field == Some(field));
        let columns = [of(Heading::LastName), of(Heading::Address), of(Heading::Postcode)];
        let [Some(name), Some(street), Some(postcode)] = columns else {
            return Err(ExchangeFault::Column("name, street and postcode").into());
        };
        let mut list = TextSet::default();
        file.each(|cells, _| {
            for row in 0..cells.len() {
                let text = |column| cells.text(row, column);
                if let Some(whole) = whole([&text(name), &text(street), &text(postcode)]) {
                    list.insert(whole.as_bytes());
                }
            }
            Ok(())
        })?;
        Ok(Self(list))
    }

    /// Whether somebody is on it.
    pub(super) fn has<'a>(&self, value: impl Fn(Field) -> Option<&'a str>) -> bool {
        let parts = [Field::LastName, Field::Street, Field::Postcode];
        let parts = parts.map(|field| value(field).unwrap_or_default());
        whole(parts).is_some_and(|whole| self.0.has(whole.as_bytes()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_finds_whoever_is_spelt_otherwise_and_nobody_of_another_house() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("robinson.csv");
        let text = "Nom;Adresse;Code postal\nLefèvre;12, rue du Port;29200\nDurand;;29200\n";
        std::fs::write(&path, text).unwrap();
        let list = PostalList::read(&path).unwrap();
        let has = |name: &'static str, street: &'static str, postcode: &'static str| {
            list.has(|field| match field {
                Field::LastName => Some(name),
                Field::Street => Some(street),
                Field::Postcode => Some(postcode),
                _ => None,
            })
        };
        assert!(has("LEFEVRE", "12 Rue du Port", "29200"));
        assert!(!has("LEFEVRE", "13 rue du Port", "29200"));
        assert!(!has("LEFEVRE", "12 rue du Port", "29000"));
        assert!(!has("Durand", "", "29200"));
        std::fs::write(&path, "Nom;Code postal\nLefèvre;29200\n").unwrap();
        assert!(PostalList::read(&path).is_err());
    }
}
