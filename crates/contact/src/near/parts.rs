//! The parts of an address that the near kinds use: house number, the word that names the street, town.
//!
//! Postcodes and street lines are normalised elsewhere (`normalise`). Specified in
//! `docs/formats/normalisation-v1.md`, "Near kinds".

use crate::normalise::{
    Reading,
    placeholder::is_placeholder,
    text::{clean, folded},
};

/// A street line taken apart.
#[derive(Default)]
pub(crate) struct Street {
    /// House number without its suffix.
    pub(crate) number: Option<String>,
    /// The longest word that is no kind of way; of equals the first.
    pub(crate) word: Option<String>,
}

impl Street {
    /// Takes the normal form of a street line (`12 bis rue victor hugo`).
    pub(crate) fn of(line: &str) -> Self {
        let mut words = line.split(' ').peekable();
        let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let number = words.next_if(is_number).map(str::to_owned);
        if number.is_some() {
            words.next_if(|word| is_suffix(word));
        }
        let mut named: Option<&str> = None;
        for word in words.filter(|word| !is_way(word)) {
            if named.is_none_or(|found| word.chars().count() > found.chars().count()) {
                named = Some(word);
            }
        }
        Self { number, word: named.filter(|word| !word.is_empty()).map(str::to_owned) }
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "bis" | "ter" | "quater" | "a" | "c" | "e" | "f")
}

/// Words that say what kind of a way it is, French first, then English.
fn is_way(word: &str) -> bool {
    matches!(
        word,
        "rue"
            | "avenue"
            | "boulevard"
            | "chemin"
            | "place"
            | "allee"
            | "route"
            | "impasse"
            | "square"
            | "faubourg"
            | "cours"
            | "quai"
            | "passage"
            | "residence"
            | "lotissement"
            | "hameau"
            | "ruelle"
            | "sentier"
            | "traverse"
            | "villa"
            | "street"
            | "road"
            | "crescent"
            | "circuit"
            | "close"
            | "court"
            | "drive"
            | "lane"
            | "terrace"
            | "parade"
            | "grove"
            | "way"
    )
}

/// Normal form of a town: `ST-DENIS CEDEX 2` and `Saint Denis` are one, districts are left out.
pub(crate) fn town(cell: &str) -> Reading<String> {
    if is_placeholder(&clean(cell)) {
        return Reading::Missing;
    }
    if cell.contains(char::REPLACEMENT_CHARACTER) {
        return Reading::Refused;
    }
    let mut name = String::with_capacity(cell.len());
    for word in folded(cell).split(' ') {
        match word {
            "cedex" => break,
            "st" => name.push_str("saint"),
            "ste" => name.push_str("sainte"),
            "e" | "er" | "eme" => {}
            // `75015 Paris`, `Lyon 3e`, `Paris 15`.
            word if word.starts_with(|c: char| c.is_ascii_digit()) => {}
            word => name.push_str(word),
        }
    }
    if name.chars().count() >= 2 { Reading::Good(name) } else { Reading::Refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_line_is_taken_apart() {
        let parts = |line: &str| {
            let street = Street::of(line);
            (street.number.unwrap_or_default(), street.word.unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(parts("12 bis rue victor hugo"), pair("12", "victor"));
        assert_eq!(parts("3 place 8 mai 1945"), pair("3", "1945"));
        assert_eq!(parts("lieu dit bourg"), pair("", "bourg"));
        assert_eq!(parts("7 rue"), pair("7", ""));
        assert_eq!(parts("8 stanley street"), pair("8", "stanley"));
        assert_eq!(parts(""), pair("", ""));
    }

    #[test]
    fn a_town_has_one_form() {
        let same = |one: &str, other: &str| assert_eq!(town(one), town(other));
        same("ST-DENIS CEDEX 2", "Saint Denis");
        same("Paris 15e", "PARIS");
        same("75015 Paris", "Paris");
        same("L'Haÿ-les-Roses", "L HAY LES ROSES");
        assert_eq!(town("NC"), Reading::Missing);
        assert_eq!(town(""), Reading::Missing);
        assert_eq!(town("12"), Reading::Refused);
    }
}
