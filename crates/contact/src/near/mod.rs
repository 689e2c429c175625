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

use crate::{
    kind::Kind, normalise::skeleton::skeleton, prepare::Digest, rows::day_text, wiped::Wiped,
};

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
    /// Digests of several near kinds: of each at most [`Kind::tokens_per_row`], each once; none when too
    /// little is known.
    pub(crate) fn all_digests(&self, kinds: impl Iterator<Item = Kind>) -> Vec<(Kind, Digest)> {
        let parts = Parts::of(self);
        let (mut texts, mut digests) = (Texts::default(), Vec::with_capacity(DIGESTS));
        for kind in kinds {
            texts.clear();
            parts.texts(kind, &mut texts);
            texts.sort();
            debug_assert!(texts.places.len() <= kind.tokens_per_row());
            digests.extend(texts.each().map(|text| (kind, Digest::of(text))));
        }
        digests
    }

    /// The texts of one near kind, as far as their parts are known: what is hashed, as the vectors show it.
    #[must_use]
    pub fn texts(&self, kind: Kind) -> Vec<String> {
        let mut texts = Texts::default();
        Parts::of(self).texts(kind, &mut texts);
        texts.each().map(str::to_owned).collect()
    }
}

/// Digests that whoever knows everything has, of all near kinds.
const DIGESTS: usize = 27;

/// What the texts are made of, each part made once; empty where it is not known.
struct Parts<'a> {
    person: &'a Person,
    skeletons: Vec<Wiped<String>>,
    /// Skeletons of both names, the lesser first.
    both: Wiped<String>,
    /// `YYYY-MM-DD`.
    birth: Wiped<String>,
    /// `YYYY-DD`.
    year_and_day: Wiped<String>,
    number: &'a str,
    /// The word that names the street, and its skeleton.
    word: &'a str,
    word_skeleton: Wiped<String>,
    postcode: &'a str,
    /// The first two signs of the postcode.
    department: &'a str,
    town: &'a str,
    landline: &'a str,
}

impl<'a> Parts<'a> {
    fn of(person: &'a Person) -> Self {
        let skeletons: Vec<_> =
            person.names.iter().map(|name| Wiped::new(skeleton(name))).collect();
        let mut both = Wiped::new(String::new());
        if let [one, other] = skeletons.as_slice() {
            let (low, high) = if **one <= **other { (one, other) } else { (other, one) };
            *both = [low.as_str(), "|", high.as_str()].concat();
        }
        let (mut birth, mut year_and_day) = (Wiped::new(String::new()), Wiped::new(String::new()));
        if let Some(day) = person.birth.map(day_text) {
            birth.extend(day.map(char::from));
            year_and_day.push_str(&birth[..5]);
            year_and_day.push_str(&birth[8..]);
        }
        let part = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        let street = person.street.as_ref();
        let word = street.map_or("", |street| part(&street.word));
        let postcode = part(&person.postcode);
        Self {
            person,
            skeletons,
            both,
            birth,
            year_and_day,
            number: street.map_or("", |street| part(&street.number)),
            word,
            word_skeleton: Wiped::new(skeleton(word)),
            postcode,
            department: start(postcode, 2),
            town: part(&person.town),
            landline: part(&person.landline),
        }
    }

    fn texts(&self, kind: Kind, texts: &mut Texts) {
        match kind {
            Kind::NearNameBirth => self.name_birth(texts),
            Kind::NearNameStreet => self.name_street(texts),
            Kind::NearBirthTown => self.birth_town(texts),
            Kind::NearBirthStreet => self.birth_street(texts),
            Kind::NearLandline => self.landline(texts),
            Kind::NearNameTown => self.name_town(texts),
            _ => {}
        }
    }

    fn name_birth(&self, texts: &mut Texts) {
        texts.add("1", [&self.both, &self.birth]);
        for (near, other) in self.each(2) {
            texts.add("2", [near, other, &self.birth, self.department]);
        }
    }

    fn name_street(&self, texts: &mut Texts) {
        let (both, word) = (&self.both, &self.word_skeleton);
        for (near, other) in self.each(3) {
            texts.add("1", [near, other, word, self.postcode]);
            texts.add("2", [near, other, self.number, self.street_start(2), self.town]);
        }
        texts.add("3", [both, self.number, word]);
        texts.add("4", [both, self.street_start(4), self.postcode]);
        texts.add("5", [both, self.street_start(4), self.town]);
        texts.add("6", [both, self.number, self.postcode]);
    }

    fn birth_town(&self, texts: &mut Texts) {
        for near in &self.skeletons {
            texts.add("1", [near, &self.birth, self.postcode]);
            texts.add("2", [near, &self.birth, self.town]);
        }
    }

    fn birth_street(&self, texts: &mut Texts) {
        let (birth, street) = (&self.birth, self.street_start(2));
        for near in &self.skeletons {
            texts.add("1", [start(near, 1), birth, self.street_start(4), self.postcode]);
            texts.add("4", [near, birth, self.number, street]);
        }
        texts.add("2", [birth, self.number, street, self.postcode]);
        texts.add("3", [birth, self.number, street, self.town]);
    }

    fn landline(&self, texts: &mut Texts) {
        for (near, other) in self.each(3) {
            texts.add("1", [self.landline, near, other]);
        }
    }

    fn name_town(&self, texts: &mut Texts) {
        let both = &self.both;
        texts.add("1", [both, self.postcode, self.town]);
        // Without its day, its month, its year: a birth date that is wrong in one part meets in another.
        texts.add("2", [both, self.department, start(&self.birth, 7)]);
        texts.add("3", [both, self.department, &self.year_and_day]);
        texts.add("4", [both, self.department, self.birth.get(5..).unwrap_or_default()]);
    }

    fn street_start(&self, signs: usize) -> &str {
        start(self.word, signs)
    }

    /// Each name's skeleton with the first letters of the other name.
    fn each(&self, letters: usize) -> impl Iterator<Item = (&str, &str)> {
        let pair = match (self.skeletons.as_slice(), self.person.names.as_slice()) {
            ([one, other], [one_name, other_name]) => Some([
                (one.as_str(), start(other_name, letters)),
                (other.as_str(), start(one_name, letters)),
            ]),
            _ => None,
        };
        pair.into_iter().flatten()
    }
}

/// The texts of one kind, as far as their parts are known, one behind the other.
#[derive(Default)]
struct Texts {
    text: Wiped<String>,
    places: Vec<(usize, usize)>,
}

impl Texts {
    /// The rule's number keeps the texts of two rules apart. A text of which a part is not known is none.
    fn add<const N: usize>(&mut self, rule: &str, parts: [&str; N]) {
        if parts.iter().any(|part| part.is_empty()) {
            return;
        }
        let begin = self.text.len();
        if begin == 0 {
            // As much as any kind takes: what grows would leave a copy behind.
            self.text.reserve(ROOM);
        }
        self.text.push_str(rule);
        for part in parts {
            self.text.push('|');
            self.text.push_str(part);
        }
        self.places.push((begin, self.text.len()));
    }

    /// Puts the texts in order, each once.
    fn sort(&mut self) {
        let Self { text, places } = self;
        places.sort_unstable_by(|one, other| text[one.0..one.1].cmp(&text[other.0..other.1]));
        places.dedup_by(|one, other| text[one.0..one.1] == text[other.0..other.1]);
    }

    fn each(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|(begin, end)| &self.text[*begin..*end])
    }

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }
}

/// Bytes that the texts of one kind seldom exceed.
const ROOM: usize = 512;

/// The first `signs` characters.
fn start(text: &str, signs: usize) -> &str {
    text.char_indices().nth(signs).map_or(text, |(place, _)| &text[..place])
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
            assert!(Person::default().all_digests(std::iter::once(kind)).is_empty());
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
