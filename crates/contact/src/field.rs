//! What a file is, what a column of it means, and which attributes travel beside the tokens.
//!
//! Recognising a heading is `read::headings`; this file only names the meanings.
//! Specified in `docs/formats/reading-files.md`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that is none of the listed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known names")]
pub struct UnknownName;

/// What a party deposits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Contacts that a campaign brought, each with its date and campaign.
    Leads,
    /// Sales, each with its date and amount.
    Sales,
    /// Customers as they are known, without an event.
    Customers,
    /// People who object.
    Oppositions,
    /// People who agreed.
    Consents,
}

impl FileKind {
    /// Every kind of file.
    pub const ALL: [Self; 5] =
        [Self::Leads, Self::Sales, Self::Customers, Self::Oppositions, Self::Consents];

    /// The name that stands in manifests and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Sales => "sales",
            Self::Customers => "customers",
            Self::Oppositions => "oppositions",
            Self::Consents => "consents",
        }
    }

    /// Attributes that every row of such a file carries, in the order of the body's columns; what a
    /// programme may ask for beside them is [`crate::Margins::attributes`].
    #[must_use]
    pub const fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::Leads => &[Attribute::LeadDate, Attribute::Campaign],
            Self::Sales => &[Attribute::SaleDate, Attribute::AmountCents],
            Self::Customers | Self::Oppositions | Self::Consents => &[],
        }
    }
}

/// A coarse fact that travels beside the tokens of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// Day of the lead, ISO 8601.
    LeadDate,
    /// Day of the sale, ISO 8601.
    SaleDate,
    /// Amount of the sale in cents, clamped to `[0, clamp]`.
    AmountCents,
    /// Name of the campaign, one of the programme's public list.
    Campaign,
    /// Family of the model sold, one of the programme's public list, or nothing.
    Model,
    /// Area of the buyer, one of the policy's public list, or nothing.
    Area,
}

impl Attribute {
    /// Every attribute.
    pub const ALL: [Self; 6] = [
        Self::LeadDate,
        Self::SaleDate,
        Self::AmountCents,
        Self::Campaign,
        Self::Model,
        Self::Area,
    ];

    /// The name that stands in policies, manifests and column headings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeadDate => "lead_date",
            Self::SaleDate => "sale_date",
            Self::AmountCents => "amount_cents",
            Self::Campaign => "campaign",
            Self::Model => "model",
            Self::Area => "area",
        }
    }
}

/// What a column of a party's file means to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Form of address (M., Mme).
    Civility,
    /// First name or names.
    FirstName,
    /// Family name or names.
    LastName,
    /// First and family names in one cell.
    FullName,
    /// Birth date.
    BirthDate,
    /// E-mail address, or its SHA-256.
    Email,
    /// Telephone, mobile or fixed, or its SHA-256.
    Phone,
    /// Number of the street, where the street stands in another column.
    StreetNumber,
    /// Street line.
    Address,
    /// Second line of the address (building, stairs); read only where the first is empty.
    AddressExtra,
    /// Postcode.
    Postcode,
    /// Town; read past.
    City,
    /// Country; read past.
    Country,
    /// Loyalty card number.
    Card,
    /// SIRET of a company.
    Siret,
    /// Day of the lead.
    LeadDate,
    /// Day of the sale.
    SaleDate,
    /// Amount of the sale, in euros.
    Amount,
    /// Campaign of the lead.
    Campaign,
    /// Model of what was sold.
    Model,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 20] = [
        Self::Civility,
        Self::FirstName,
        Self::LastName,
        Self::FullName,
        Self::BirthDate,
        Self::Email,
        Self::Phone,
        Self::StreetNumber,
        Self::Address,
        Self::AddressExtra,
        Self::Postcode,
        Self::City,
        Self::Country,
        Self::Card,
        Self::Siret,
        Self::LeadDate,
        Self::SaleDate,
        Self::Amount,
        Self::Campaign,
        Self::Model,
    ];

    /// The name that `--map heading=field` takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Civility => "civility",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::FullName => "full_name",
            Self::BirthDate => "birth_date",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::StreetNumber => "street_number",
            Self::Address => "address",
            Self::AddressExtra => "address_extra",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Country => "country",
            Self::Card => "card",
            Self::Siret => "siret",
            Self::LeadDate => "lead_date",
            Self::SaleDate => "sale_date",
            Self::Amount => "amount",
            Self::Campaign => "campaign",
            Self::Model => "model",
        }
    }
}

macro_rules! named {
    ($name:ty) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL.into_iter().find(|item| item.as_str() == name).ok_or(UnknownName)
            }
        }
    };
}

named!(FileKind);
named!(Attribute);
named!(Field);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_serialise_alike() {
        fn check<T>(all: &[T])
        where
            T: Copy
                + fmt::Debug
                + fmt::Display
                + PartialEq
                + FromStr<Err = UnknownName>
                + Serialize,
        {
            for item in all {
                assert_eq!(item.to_string().parse::<T>(), Ok(*item));
                let json = serde_json::to_string(item).expect("a name is a string");
                assert_eq!(json, format!("\"{item}\""));
            }
        }
        check(&FileKind::ALL);
        check(&Attribute::ALL);
        check(&Field::ALL);
        assert_eq!("nonsense".parse::<Field>(), Err(UnknownName));
    }
}
