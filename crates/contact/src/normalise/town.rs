//! Names of towns.
//!
//! Only the near kinds use them: a postcode says where somebody lives, a town's name forgives errors in it.
//! Specified in `docs/formats/normalisation-v1.md`, "Town".

use super::{
    Reading,
    placeholder::is_placeholder,
    text::{clean, folded},
};

/// Normal form of a town: `ST-DENIS CEDEX 2` and `Saint Denis` are one, districts are left out.
#[must_use]
pub fn normalise(cell: &str) -> Reading<String> {
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
    fn a_town_has_one_form() {
        let same = |one: &str, other: &str| assert_eq!(normalise(one), normalise(other));
        same("ST-DENIS CEDEX 2", "Saint Denis");
        same("Paris 15e", "PARIS");
        same("75015 Paris", "Paris");
        same("L'Haÿ-les-Roses", "L HAY LES ROSES");
        assert_eq!(normalise("NC"), Reading::Missing);
        assert_eq!(normalise(""), Reading::Missing);
        assert_eq!(normalise("12"), Reading::Refused);
    }
}
