//! Postal lists of objections, as people write addresses.

#![allow(clippy::unwrap_used)]
use tiers_contact::Cells;

use super::super::Field;
use super::{PostalList, options};

fn list(text: &str) -> Option<PostalList> {
    let cells = Cells::read(text.as_bytes(), &options()).unwrap();
    let mut list = PostalList::of(cells.columns()).ok()?;
    list.add(&cells);
    Some(list)
}

#[test]
fn a_list_finds_whoever_is_spelt_otherwise_and_nobody_of_another_house() {
    let text = "Nom;Adresse;Code postal\nLefèvre;12, rue du Port;29200\nDurand;;29200\n";
    let list = list(text).unwrap();
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
    assert!(self::list("Nom;Code postal\nLefèvre;29200\n").is_none());
}
