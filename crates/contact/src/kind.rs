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
}

impl Kind {
    /// Every kind, in the fixed order.
    pub const ALL: [Self; 7] = [
        Self::Siret,
        Self::Card,
        Self::Email,
        Self::Mobile,
        Self::NameBirth,
        Self::NamePost,
        Self::Landline,
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
        }
    }

    /// Whether this kind may define a person (and not only find a lead).
    #[must_use]
    pub const fn is_key(self) -> bool {
        !matches!(self, Self::Landline)
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
        assert_eq!("Email".parse::<Kind>(), Err(UnknownName));
    }
}
