//! The rules by which a value is mended, each with a stable code that an account can name.
//!
//! Only names and a small set of them: what a rule does stands beside the values that it mends. Specified in
//! `docs/formats/normalisation-v1.md`, "Repairs".

use std::{fmt, ops::BitOrAssign};

/// One rule that mended a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Repair {
    /// UTF-8 that was once read as Windows-1252 (`MÃ©lanie`).
    DoubleEncoding,
    /// `mailto:` before an address, or a subject after it.
    EmailMailto,
    /// Quotes, brackets or signs around an address.
    EmailWrapped,
    /// Words beside an address: a display name, a remark.
    EmailWords,
    /// Several addresses in one cell: the first usable one.
    EmailSeveral,
    /// Nine digits: the leading zero was eaten.
    PhoneEatenZero,
    /// `33…` without its sign.
    PhoneEatenPlus,
    /// A zero after the country code.
    PhoneTrunkZero,
    /// A float (`745840475.0`).
    PhoneFloat,
    /// An exponent with all its digits.
    PhoneExponent,
    /// An overseas number under its own code.
    PhoneOverseas,
    /// Words or signs around a number.
    PhoneWords,
    /// Several numbers in one cell: the first mobile and the first fixed one.
    PhoneSeveral,
    /// A form of address before a name.
    NameTitle,
    /// Two family names in one cell: the one in use.
    NameInUse,
    /// A spreadsheet's serial day, as text or number.
    DateSerial,
    /// Two digits of a year, completed.
    DateTwoDigitYear,
    /// Day and month the other way round than in the rest of the column.
    DateAgainstColumn,
    /// A range of numbers: the first.
    StreetRange,
    /// Four digits: the leading zero was eaten.
    PostcodeEatenZero,
    /// Words or a country's letter around the postcode.
    PostcodeWords,
    /// A float (`31000.0`).
    PostcodeFloat,
    /// A float (`2500012345.0`).
    CardFloat,
    /// Twelve or thirteen digits: leading zeros were eaten.
    SiretEatenZero,
    /// A float.
    SiretFloat,
    /// An amount above the programme's highest, cut to it.
    AmountClamped,
}

impl Repair {
    /// Every rule, in the order of the specification.
    pub const ALL: [Self; 26] = [
        Self::DoubleEncoding,
        Self::EmailMailto,
        Self::EmailWrapped,
        Self::EmailWords,
        Self::EmailSeveral,
        Self::PhoneEatenZero,
        Self::PhoneEatenPlus,
        Self::PhoneTrunkZero,
        Self::PhoneFloat,
        Self::PhoneExponent,
        Self::PhoneOverseas,
        Self::PhoneWords,
        Self::PhoneSeveral,
        Self::NameTitle,
        Self::NameInUse,
        Self::DateSerial,
        Self::DateTwoDigitYear,
        Self::DateAgainstColumn,
        Self::StreetRange,
        Self::PostcodeEatenZero,
        Self::PostcodeWords,
        Self::PostcodeFloat,
        Self::CardFloat,
        Self::SiretEatenZero,
        Self::SiretFloat,
        Self::AmountClamped,
    ];

    /// Stable code for scripts and support.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DoubleEncoding => "text.double_encoding",
            Self::EmailMailto => "email.mailto",
            Self::EmailWrapped => "email.wrapped",
            Self::EmailWords => "email.words",
            Self::EmailSeveral => "email.several",
            Self::PhoneEatenZero => "phone.eaten_zero",
            Self::PhoneEatenPlus => "phone.eaten_plus",
            Self::PhoneTrunkZero => "phone.trunk_zero",
            Self::PhoneFloat => "phone.float",
            Self::PhoneExponent => "phone.exponent",
            Self::PhoneOverseas => "phone.overseas",
            Self::PhoneWords => "phone.words",
            Self::PhoneSeveral => "phone.several",
            Self::NameTitle => "name.title",
            Self::NameInUse => "name.in_use",
            Self::DateSerial => "date.serial",
            Self::DateTwoDigitYear => "date.two_digit_year",
            Self::DateAgainstColumn => "date.against_column",
            Self::StreetRange => "street.range",
            Self::PostcodeEatenZero => "postcode.eaten_zero",
            Self::PostcodeWords => "postcode.words",
            Self::PostcodeFloat => "postcode.float",
            Self::CardFloat => "card.float",
            Self::SiretEatenZero => "siret.eaten_zero",
            Self::SiretFloat => "siret.float",
            Self::AmountClamped => "amount.clamped",
        }
    }

    /// The set of this rule alone.
    #[must_use]
    pub const fn alone(self) -> Repairs {
        Repairs(1 << self as u32)
    }
}

/// The rules that mended one value; empty where none had to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs(u32);

impl Repairs {
    /// No rule.
    pub const NONE: Self = Self(0);

    /// Whether nothing was mended.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `rule` is one of them.
    #[must_use]
    pub const fn has(self, rule: Repair) -> bool {
        self.0 & rule.alone().0 != 0
    }

    /// Adds a rule.
    pub const fn add(&mut self, rule: Repair) {
        self.0 |= rule.alone().0;
    }

    /// Adds a rule where `mended`.
    pub const fn add_if(&mut self, mended: bool, rule: Repair) {
        if mended {
            self.add(rule);
        }
    }

    /// The rules of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rules, in their order.
    pub fn iter(self) -> impl Iterator<Item = Repair> {
        Repair::ALL.into_iter().filter(move |rule| self.has(*rule))
    }
}

impl BitOrAssign for Repairs {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Repairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Repair::code)).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_place_and_a_code_of_its_own() {
        let codes: BTreeSet<&str> = Repair::ALL.into_iter().map(Repair::code).collect();
        assert_eq!(codes.len(), Repair::ALL.len());
        for (place, rule) in Repair::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, place, "{rule:?}");
            assert_eq!(rule.alone().iter().collect::<Vec<_>>(), [rule]);
        }
        assert!(Repairs::NONE.iter().next().is_none());
    }

    #[test]
    fn the_page_names_every_rule() {
        let page = include_str!("../../../../docs/formats/normalisation-v1.md");
        for rule in Repair::ALL {
            assert!(page.contains(&format!("| `{}` |", rule.code())), "{}", rule.code());
        }
    }
}
