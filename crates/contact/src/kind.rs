//! The kinds of identifier by which two files may know the same person.
//!
//! The order is part of the product's guarantees: a unit is defined by the first key kind that a row
//! has. Which kinds a programme uses is its policy's choice, not this file's.
//! Specified in `docs/formats/normalisation-v1.md`, "Kinds".

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::field::UnknownName;

/// A kind of identifier. `Ord` is the fixed order in which kinds are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Number of a French establishment (14 digits).
    Siret,
    /// Loyalty or customer card number.
    Card,
    /// E-mail address.
    Email,
    /// Mobile telephone, E.164.
    Mobile,
    /// Names with birth date.
    NameBirth,
    /// Names with street line and postcode.
    NamePost,
    /// Fixed-line telephone, E.164; a bridge: a household shares it.
    Landline,
    /// Names with birth date, tolerant of typing errors in the names.
    NearNameBirth,
    /// Names with house number, street and place, tolerant of typing errors in most of them.
    NearNameStreet,
    /// One of the names with birth date and place.
    NearBirthTown,
    /// Birth date with house number, street and place, and one name or less.
    NearBirthStreet,
    /// Fixed-line telephone with names.
    NearLandline,
    /// Names with place, and two of the three parts of the birth date where it is known.
    NearNameTown,
}

impl Kind {
    /// Every kind, in the fixed order.
    pub const ALL: [Self; 13] = [
        Self::Siret,
        Self::Card,
        Self::Email,
        Self::Mobile,
        Self::NameBirth,
        Self::NamePost,
        Self::Landline,
        Self::NearNameBirth,
        Self::NearNameStreet,
        Self::NearBirthTown,
        Self::NearBirthStreet,
        Self::NearLandline,
        Self::NearNameTown,
    ];

    /// The kinds of which a row has one token or none.
    pub const SINGLE: [Self; 7] = [
        Self::Siret,
        Self::Card,
        Self::Email,
        Self::Mobile,
        Self::NameBirth,
        Self::NamePost,
        Self::Landline,
    ];

    /// The typo-tolerant bridges, of which every row has the same number of tokens.
    pub const NEAR: [Self; 6] = [
        Self::NearNameBirth,
        Self::NearNameStreet,
        Self::NearBirthTown,
        Self::NearBirthStreet,
        Self::NearLandline,
        Self::NearNameTown,
    ];

    /// The kinds that define a person, in the fixed order. The others are bridges: they may find a
    /// lead but never define who a person is.
    pub const KEYS: [Self; 6] =
        [Self::Siret, Self::Card, Self::Email, Self::Mobile, Self::NameBirth, Self::NamePost];

    /// The name that stands in policies, manifests, column headings and key derivation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Siret => "siret",
            Self::Card => "card",
            Self::Email => "email",
            Self::Mobile => "mobile",
            Self::NameBirth => "name_birth",
            Self::NamePost => "name_post",
            Self::Landline => "landline",
            Self::NearNameBirth => "near_name_birth",
            Self::NearNameStreet => "near_name_street",
            Self::NearBirthTown => "near_birth_town",
            Self::NearBirthStreet => "near_birth_street",
            Self::NearLandline => "near_landline",
            Self::NearNameTown => "near_name_town",
        }
    }

    /// How many tokens of this kind a row has: at most one of the single kinds, exactly this many of a
    /// typo-tolerant one, whatever the row knows.
    #[must_use]
    pub const fn tokens_per_row(self) -> usize {
        match self {
            Self::NearLandline => 2,
            Self::NearNameBirth => 3,
            Self::NearBirthTown | Self::NearNameTown => 4,
            Self::NearBirthStreet => 6,
            Self::NearNameStreet => 8,
            _ => 1,
        }
    }

    /// Whether this is one of [`Kind::NEAR`].
    #[must_use]
    pub const fn is_near(self) -> bool {
        self as usize > Self::Landline as usize
    }

    /// Whether this kind may define a person (and not only find a lead).
    #[must_use]
    pub const fn is_key(self) -> bool {
        (self as usize) < Self::Landline as usize
    }

    /// Place in [`Kind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_order_hold() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), place);
            assert_eq!(kind.as_str().parse::<Kind>(), Ok(kind));
            let json = serde_json::to_string(&kind).expect("a kind is a string");
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert!(Kind::ALL.is_sorted());
        assert_eq!(Kind::ALL.into_iter().filter(|k| k.is_key()).collect::<Vec<_>>(), Kind::KEYS);
        assert_eq!([&Kind::SINGLE[..], &Kind::NEAR].concat(), Kind::ALL);
        assert!(Kind::ALL.into_iter().all(|kind| kind.is_near() == Kind::NEAR.contains(&kind)));
        assert_eq!("Email".parse::<Kind>(), Err(UnknownName));
    }
}
