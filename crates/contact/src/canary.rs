//! Fixed, invented contacts that stand inside every body.
//!
//! The certifier knows the tokens that they must have under the right key and this normalisation, and
//! refuses a body in which they differ. They are raw contacts that go through the rules, so that a
//! drifting normaliser shows too. They are public and say nothing of anybody; the certifier drops them
//! after the comparison. Specified in `docs/formats/normalisation-v1.md`, "Canaries".

use crate::{
    field::FileKind,
    kind::Kind,
    near::{Person, Street},
    normalise::{
        address,
        date::{self, Order, Purpose},
        email, name, number, phone, town,
    },
    prepare::{Digest, NormalisedRow},
    rows::{name_birth, name_post},
    token::{Batch, Token, Tokeniser},
};

/// An invented contact as a party's software might write it.
pub struct Canary {
    siret: &'static str,
    card: &'static str,
    email: &'static str,
    mobile: &'static str,
    landline: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    birth_date: &'static str,
    address: &'static str,
    postcode: &'static str,
    town: &'static str,
}

impl Canary {
    /// The normal form of this canary for one single kind, by the rules of this build.
    #[must_use]
    pub fn normalised(&self, kind: Kind) -> String {
        let names = || name::normalise(self.first_name, self.last_name).value();
        let text = match kind {
            Kind::Siret => number::siret(self.siret).value(),
            Kind::Card => number::card(self.card).value(),
            Kind::Email => email::normalise(self.email).value(),
            Kind::Mobile => phone::normalise(self.mobile).mobile,
            Kind::Landline => phone::normalise(self.landline).landline,
            Kind::NameBirth => {
                let birth = date::parse(self.birth_date, Order::DayFirst, Purpose::Birth);
                names().zip(birth).map(|(names, birth)| name_birth(&names, birth))
            }
            Kind::NamePost => {
                let street = address::normalise(self.address).value();
                let place = street.zip(number::postcode(self.postcode).value());
                names().zip(place).map(|(names, (street, code))| name_post(&names, &street, &code))
            }
            // Several texts, no single one: see `person`.
            _ => None,
        };
        // A rule that no longer reads a canary has drifted: an empty text gives a token that the
        // certifier refuses.
        text.unwrap_or_default()
    }

    /// Digests of the near kinds asked for.
    fn near(&self, kinds: &[Kind]) -> Vec<(Kind, Digest)> {
        let names = name::normalise(self.first_name, self.last_name).value().unwrap_or_default();
        let street = address::normalise(self.address).value();
        let person = Person {
            names: names.split('|').map(str::to_owned).collect(),
            birth: date::parse(self.birth_date, Order::DayFirst, Purpose::Birth),
            postcode: number::postcode(self.postcode).value(),
            town: town::normalise(self.town).value(),
            street: street.map(|line| Street::of(&line)),
            landline: phone::normalise(self.landline).landline,
        };
        person.all_digests(kinds.iter().copied())
    }
}

/// The canaries of this version of the normalisation.
#[must_use]
pub fn canaries() -> &'static [Canary; 4] {
    &CANARIES
}

/// Tokens of the canaries: `(place of the canary, kind, token)` for each canary and kind asked for, and for
/// a near kind as many as a row has.
#[must_use]
pub fn canary_tokens(tokeniser: &Tokeniser, kinds: &[Kind]) -> Vec<(usize, Kind, Token)> {
    let mut tokens = Vec::with_capacity(CANARIES.len() * kinds.len());
    let mut batch = Batch::default();
    for (place, row) in rows(FileKind::Customers, kinds).iter().enumerate() {
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
            row.tokens(kind, tokeniser, &mut batch);
            let found = batch.tokens().iter().map(|bytes| Token::from_bytes(*bytes));
            tokens.extend(found.map(|token| (place, kind, token)));
        }
    }
    tokens
}

/// The canaries as rows of a body of this kind; their source row is 0.
pub(crate) fn rows(kind: FileKind, kinds: &[Kind]) -> Vec<NormalisedRow> {
    let near: Vec<Kind> = Kind::NEAR.into_iter().filter(|kind| kinds.contains(kind)).collect();
    let dated = !kind.attributes().is_empty();
    let row = |canary: &Canary| NormalisedRow {
        source_row: 0,
        digests: Kind::SINGLE.map(|kind| Some(Digest::of(&canary.normalised(kind)))),
        near: canary.near(&near),
        date: dated.then_some(jiff::civil::date(2000, 1, 1)),
        amount_cents: (kind == FileKind::Sales).then_some(0),
        campaign: (kind == FileKind::Leads).then_some(0),
        model: None,
        area: None,
    };
    CANARIES.iter().map(row).collect()
}

// Telephone numbers are of the ranges that Arcep keeps for fiction, domains of the one that RFC 2606
// keeps for examples; the companies' numbers are well formed and unassigned.
static CANARIES: [Canary; 4] = [
    Canary {
        siret: "900 000 000 00019",
        card: "TIERS-0001",
        email: " Canari.Un+v1@Tiers.Example ",
        mobile: "06 39 98 01 17",
        landline: "01 99 00 14 52",
        first_name: "Zoé-Anaïs",
        last_name: "CANARI DE L’ŒUVRE",
        birth_date: "29/02/1960",
        address: "12bis, r. du Gal de l'Épée\nBât. C",
        postcode: "1000",
        town: "ST-CANARI CEDEX 2",
    },
    Canary {
        siret: "900000001 00017",
        card: "tiers 0002",
        email: "mailto:CANARI_DEUX@bücher.example",
        mobile: "+33 (0)6.39.98.02.26",
        landline: "0033 2 61 91 37 08",
        first_name: "Ængus",
        last_name: "D’HAŸE-CANARI",
        birth_date: "1.12.59",
        address: "Rés. les Ormes, 7 T av. Mal-Foch",
        postcode: "F-97400",
        town: "97400 L’Œuvre-sur-Mer",
    },
    Canary {
        siret: "90000000200015",
        card: "TIERS0003",
        email: "\"canari-trois@tiers.example\"",
        mobile: "639980335",
        landline: "3,53010944E+08",
        first_name: "Łukasz",
        last_name: "Canari Straße",
        birth_date: "19470708",
        address: "3 place du 8 Mai 1945",
        postcode: "20 000",
        town: "Ste Épée 1er",
    },
    Canary {
        siret: "90000000300013",
        card: "TIERS/0004",
        email: "canari.quatre@tiers.example; autre@tiers.example",
        mobile: "06-39-98-04-44 / 04.65.71.12.13",
        landline: "04 65 71 12 13",
        first_name: "Jean Pierre",
        last_name: "MÃ©lanie-Canari",
        birth_date: "31 août 1988",
        address: "145 A BD ST-EXUPERY APPT 12",
        postcode: "75116 PARIS",
        town: "Paris 16e",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_canary_has_every_kind() {
        let mut seen = std::collections::BTreeSet::new();
        for canary in canaries() {
            for kind in Kind::SINGLE {
                let text = canary.normalised(kind);
                assert!(!text.is_empty(), "{kind}");
                assert!(seen.insert(text), "{kind}: two canaries alike");
            }
            // No padding: a rule that drifts shows in every one of its tokens.
            for kind in Kind::NEAR {
                assert_eq!(canary.near(&[kind]).len(), kind.tokens_per_row(), "{kind}");
            }
        }
    }
}
