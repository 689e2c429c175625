//! Typo-tolerant bridges: texts made of parts of a contact that two spellings of one person share.
//!
//! Each rule joins parts that together are rare (some 33 bits and more over France) and leaves out
//! those in which typing errors are likeliest; a row meets another when any one text agrees. No rule
//! holds an address without a first name or a birth date: a household is not one person. What each
//! kind tells the certifier stands in `docs/matching-quality.md`; the rules are specified in
//! `docs/formats/normalisation-v1.md`, "Near kinds". Padding to a constant number is `body`'s.

mod street;

use jiff::civil::Date;

pub use street::Street;

use crate::{kind::Kind, normalise::skeleton::skeleton, prepare::Digest, rows::day_text};

/// What is known of a contact, in the normal forms of version 1.
#[derive(Default)]
pub struct Person {
    /// One or two names without blanks, in any order.
    pub names: Vec<String>,
    /// Birth date.
    pub birth: Option<Date>,
    /// Postcode, five digits.
    pub postcode: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// Street line, taken apart.
    pub street: Option<Street>,
    /// Fixed telephone, E.164.
    pub landline: Option<String>,
}

impl Person {
    /// Digests of the texts of one near kind: at most [`Kind::tokens_per_row`], each once; none when
    /// too little is known.
    pub(crate) fn digests(&self, kind: Kind) -> Vec<Digest> {
        let mut texts = self.texts(kind);
        texts.sort_unstable();
        texts.dedup();
        debug_assert!(texts.len() <= kind.tokens_per_row());
        texts.iter().map(|text| Digest::of(text)).collect()
    }

    /// Digests of several near kinds.
    pub(crate) fn all_digests(&self, kinds: impl Iterator<Item = Kind>) -> Vec<(Kind, Digest)> {
        let of = |kind| self.digests(kind).into_iter().map(move |digest| (kind, digest));
        kinds.flat_map(of).collect()
    }

    /// The texts of one near kind, as far as their parts are known: what is hashed, as the vectors show it.
    #[must_use]
    pub fn texts(&self, kind: Kind) -> Vec<String> {
        let mut texts = Texts(Vec::with_capacity(kind.tokens_per_row()));
        match kind {
            Kind::NearNameBirth => self.name_birth(&mut texts),
            Kind::NearNameStreet => self.name_street(&mut texts),
            Kind::NearBirthTown => self.birth_town(&mut texts),
            Kind::NearBirthStreet => self.birth_street(&mut texts),
            Kind::NearLandline => self.landline(&mut texts),
            Kind::NearNameTown => self.name_town(&mut texts),
            _ => {}
        }
        texts.0
    }

    fn name_birth(&self, texts: &mut Texts) {
        let birth = self.birth();
        texts.add("1", [self.both(), birth.clone()]);
        for (near, other) in self.each(2) {
            texts.add("2", [Some(near), Some(other), birth.clone(), self.department()]);
        }
    }

    fn name_street(&self, texts: &mut Texts) {
        let number = || self.street.as_ref().and_then(|street| street.number.clone());
        let word = self.street.as_ref().and_then(|street| street.word.as_deref());
        let word = word.map(skeleton);
        for (near, other) in self.each(3) {
            let (near, other) = (Some(near), Some(other));
            let whole = [near.clone(), other.clone(), word.clone(), self.postcode.clone()];
            texts.add("1", whole);
            texts.add("2", [near, other, number(), self.street_start(2), self.town.clone()]);
        }
        texts.add("3", [self.both(), number(), word]);
        texts.add("4", [self.both(), self.street_start(4), self.postcode.clone()]);
        texts.add("5", [self.both(), self.street_start(4), self.town.clone()]);
        texts.add("6", [self.both(), number(), self.postcode.clone()]);
    }

    fn birth_town(&self, texts: &mut Texts) {
        for name in &self.names {
            let near = Some(skeleton(name));
            texts.add("1", [near.clone(), self.birth(), self.postcode.clone()]);
            texts.add("2", [near, self.birth(), self.town.clone()]);
        }
    }

    fn birth_street(&self, texts: &mut Texts) {
        let number = || self.street.as_ref().and_then(|street| street.number.clone());
        let (birth, street) = (self.birth(), self.street_start(2));
        for name in &self.names {
            let near = skeleton(name);
            let initial = Some(start(&near, 1));
            let postcode = self.postcode.clone();
            texts.add("1", [initial, birth.clone(), self.street_start(4), postcode]);
            texts.add("4", [Some(near), birth.clone(), number(), street.clone()]);
        }
        texts.add("2", [birth.clone(), number(), street.clone(), self.postcode.clone()]);
        texts.add("3", [birth, number(), street, self.town.clone()]);
    }

    fn landline(&self, texts: &mut Texts) {
        for (near, other) in self.each(3) {
            texts.add("1", [self.landline.clone(), Some(near), Some(other)]);
        }
    }

    fn name_town(&self, texts: &mut Texts) {
        texts.add("1", [self.both(), self.postcode.clone(), self.town.clone()]);
        // Without its day, its month, its year: a birth date that is wrong in one part meets in another.
        let birth = self.birth();
        let part = |cut: fn(&str) -> String| birth.as_deref().map(cut);
        texts.add("2", [self.both(), self.department(), part(|day| start(day, 7))]);
        texts.add(
            "3",
            [
                self.both(),
                self.department(),
                part(|day| start(day, 5) + day.get(8..).unwrap_or("")),
            ],
        );
        texts.add(
            "4",
            [self.both(), self.department(), part(|day| day.get(5..).unwrap_or("").to_owned())],
        );
    }

    /// `YYYY-MM-DD`.
    fn birth(&self) -> Option<String> {
        Some(day_text(self.birth?).map(char::from).into_iter().collect())
    }

    /// The first two signs of the postcode.
    fn department(&self) -> Option<String> {
        self.postcode.as_deref().map(|code| start(code, 2))
    }

    fn street_start(&self, signs: usize) -> Option<String> {
        self.street.as_ref()?.word.as_deref().map(|word| start(word, signs))
    }

    /// Skeletons of both names, the lesser first.
    fn both(&self) -> Option<String> {
        let [one, other] = self.names.as_slice() else { return None };
        let (one, other) = (skeleton(one), skeleton(other));
        Some(if one <= other { [one, other] } else { [other, one] }.join("|"))
    }

    /// Each name's skeleton with the first letters of the other name.
    fn each(&self, letters: usize) -> Vec<(String, String)> {
        let [one, other] = self.names.as_slice() else { return Vec::new() };
        vec![(skeleton(one), start(other, letters)), (skeleton(other), start(one, letters))]
    }
}

/// The texts of one kind, as far as their parts are known.
struct Texts(Vec<String>);

impl Texts {
    /// The rule's number keeps the texts of two rules apart.
    fn add<const N: usize>(&mut self, rule: &str, parts: [Option<String>; N]) {
        let mut text = rule.to_owned();
        for part in parts {
            let Some(part) = part.filter(|part| !part.is_empty()) else { return };
            text.push('|');
            text.push_str(&part);
        }
        self.0.push(text);
    }
}

/// The first `signs` characters.
fn start(text: &str, signs: usize) -> String {
    text.chars().take(signs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::town;

    fn person(names: [&str; 2], birth: (i16, i8, i8), street: &str, town_cell: &str) -> Person {
        Person {
            names: names.map(str::to_owned).to_vec(),
            birth: Some(jiff::civil::date(birth.0, birth.1, birth.2)),
            postcode: Some("33100".to_owned()),
            town: town::normalise(town_cell).value(),
            street: Some(Street::of(street)),
            landline: Some("+33556000000".to_owned()),
        }
    }

    fn known() -> Person {
        person(["jean", "lefevre"], (1980, 1, 2), "12 bis rue victor hugo", "Bordeaux")
    }

    fn meet(one: &Person, other: &Person, kind: Kind) -> bool {
        let texts = other.texts(kind);
        one.texts(kind).iter().any(|text| texts.contains(text))
    }

    #[test]
    fn whoever_knows_everything_has_every_token() {
        for kind in Kind::NEAR {
            let mut texts = known().texts(kind);
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), kind.tokens_per_row(), "{kind}: {texts:?}");
        }
        for kind in Kind::SINGLE {
            assert!(known().texts(kind).is_empty());
        }
    }

    #[test]
    fn who_says_nothing_has_no_token() {
        for kind in Kind::NEAR {
            assert!(Person::default().digests(kind).is_empty());
        }
    }

    #[test]
    fn one_error_in_any_part_leaves_something_in_common() {
        let errors = [
            person(["jaen", "lefevre"], (1980, 1, 2), "12 bis rue victor hugo", "Bordeaux"),
            person(["jean", "lefbre"], (1980, 1, 2), "12 bis rue victor hugo", "Bordeaux"),
            person(["lefevre", "jean"], (1980, 1, 2), "12 bis rue victor hugo", "Bordeaux"),
            person(["jean", "lefevre"], (1980, 2, 1), "12 bis rue victor hugo", "Bordeaux"),
            person(["jean", "lefevre"], (1980, 1, 2), "21 rue vitcor hugo", "Bordeaux"),
            person(["jean", "lefevre"], (1980, 1, 2), "12 bis rue victor hugo", "Brodeaux"),
            person(["jean", "durand"], (1980, 1, 2), "12 bis rue victor hugo", "Bordeaux"),
        ];
        for other in &errors {
            assert!(Kind::NEAR.iter().any(|kind| meet(&known(), other, *kind)));
        }
    }

    #[test]
    fn a_household_is_not_one_person() {
        let spouse =
            person(["paul", "lefevre"], (1982, 7, 9), "12 bis rue victor hugo", "Bordeaux");
        let neighbour =
            person(["jean", "martin"], (1971, 4, 5), "12 bis rue victor hugo", "Bordeaux");
        let namesake = Person {
            landline: Some("+33557000000".to_owned()),
            ..person(["jean", "lefevre"], (1944, 5, 6), "3 quai de paludate", "Pessac")
        };
        for kind in Kind::NEAR {
            assert!(!meet(&known(), &spouse, kind), "{kind}");
            assert!(!meet(&known(), &neighbour, kind), "{kind}");
            assert!(!meet(&known(), &namesake, kind), "{kind}");
        }
    }
}
