//! The texts of a row that identifiers are made from, in room that serves row after row.
//!
//! What they are is `normalise`; in which order they are hashed is specified in
//! `docs/formats/normalisation-v1.md`.

use jiff::civil::Date;

use super::pending::Pending;
use crate::{
    kind::Kind,
    near::{Person, Street},
    normalise::{Reading, address},
    wiped::Wiped,
};

/// Bytes of a text for which there is room from the beginning: more than nearly all texts have.
const TEXT_BYTES: usize = 256;

/// Room for the texts of a row. Nothing is asked of the allocator for each row; all of it is wiped when it goes, but
/// for what a text left behind that outgrew it.
pub(super) struct Texts {
    pub(super) first: Wiped<String>,
    pub(super) last: Wiped<String>,
    /// Both names, the lesser first.
    pub(super) names: Wiped<String>,
    pub(super) street: address::Room,
    pub(super) postcode: Wiped<String>,
    pub(super) email: Wiped<String>,
}

impl Default for Texts {
    fn default() -> Self {
        let room = || Wiped::new(String::with_capacity(TEXT_BYTES));
        Self {
            first: room(),
            last: room(),
            names: room(),
            street: address::Room::default(),
            postcode: room(),
            email: room(),
        }
    }
}

/// What a row says of a person: how each part was read. The texts are in [`Texts`].
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) names: Reading<()>,
    pub(super) birth: Reading<Date>,
    pub(super) street: Reading<()>,
    pub(super) postcode: Reading<()>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            names: Reading::Missing,
            birth: Reading::Missing,
            street: Reading::Missing,
            postcode: Reading::Missing,
        }
    }
}

impl Parts {
    /// Reads the kind `name_birth`; its text waits to be hashed.
    pub(super) fn name_birth(self, texts: &Texts, pending: &mut Pending) {
        let repairs = self.names.repairs().and(self.birth.repairs());
        let reading = match (self.names, self.birth) {
            (Reading::Missing, _) | (_, Reading::Missing) => Reading::Missing,
            (Reading::Refused, _) | (_, Reading::Refused) => Reading::Refused,
            (_, Reading::Good(birth) | Reading::Repaired(birth, _)) => {
                pending.text(Kind::NameBirth, &birth_parts(&texts.names, &day_text(birth)));
                Reading::of((), repairs)
            }
        };
        pending.note(Kind::NameBirth, &reading);
    }

    /// Reads the kind `name_post`; its text waits to be hashed.
    pub(super) fn name_post(self, texts: &Texts, pending: &mut Pending) {
        let (names, street, postcode) = (self.names, self.street, self.postcode);
        let repairs = names.repairs().and(street.repairs()).and(postcode.repairs());
        let reading = match (names, street, postcode) {
            (Reading::Refused, ..) | (_, Reading::Refused, _) | (.., Reading::Refused) => {
                Reading::Refused
            }
            (Reading::Missing, ..) | (_, Reading::Missing, _) | (.., Reading::Missing) => {
                Reading::Missing
            }
            _ => {
                let parts = post_parts(&texts.names, texts.street.found(), &texts.postcode);
                pending.text(Kind::NamePost, &parts);
                Reading::of((), repairs)
            }
        };
        pending.note(Kind::NamePost, &reading);
    }

    /// The person, for the near kinds.
    pub(super) fn person(
        self,
        texts: &Texts,
        names: Vec<String>,
        town: Option<String>,
        landline: Option<String>,
    ) -> Person {
        Person {
            names,
            birth: self.birth.value(),
            postcode: self.postcode.value().map(|()| texts.postcode.as_str().to_owned()),
            town,
            street: self.street.value().map(|()| Street::of(texts.street.found())),
            landline,
        }
    }
}

/// The text that is hashed for the kind `name_birth`.
pub(crate) fn name_birth(names: &str, birth: Date) -> String {
    text(&birth_parts(names, &day_text(birth)))
}

fn birth_parts<'a>(names: &'a str, birth: &'a [u8; 10]) -> [&'a [u8]; 3] {
    [names.as_bytes(), b"|", birth]
}

/// The text that is hashed for the kind `name_post`.
pub(crate) fn name_post(names: &str, street: &str, postcode: &str) -> String {
    text(&post_parts(names, street, postcode))
}

const fn post_parts<'a>(names: &'a str, street: &'a str, postcode: &'a str) -> [&'a [u8]; 5] {
    [names.as_bytes(), b"|", street.as_bytes(), b"|", postcode.as_bytes()]
}

fn text(parts: &[&[u8]]) -> String {
    String::from_utf8(parts.concat()).expect("whole texts, one after the other")
}

/// `YYYY-MM-DD`; years are of four digits here.
pub(crate) fn day_text(day: Date) -> [u8; 10] {
    let digits = |number: i16| {
        let number = u8::try_from(number.rem_euclid(100)).expect("two digits");
        [b'0' + number / 10, b'0' + number % 10]
    };
    let [[a, b], [c, d]] = [digits(day.year() / 100), digits(day.year())];
    let [[e, f], [g, h]] = [digits(day.month().into()), digits(day.day().into())];
    [a, b, c, d, b'-', e, f, b'-', g, h]
}
