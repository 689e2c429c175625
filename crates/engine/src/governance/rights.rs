//! Which rights a person has follows from the legal basis of the processing (GDPR art. 7(3), 15 to 21; CNIL,
//! *Guide RGPD du développeur*, sheet 15). Nothing is offered that would be refused, nothing is left out.
//! Specified by `docs/governance.md`, "Rights".

use tiers_protocol::programme::LegalBasis;

/// A right of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonRight {
    /// Art. 15.
    Access,
    /// Art. 16.
    Rectification,
    /// Art. 17.
    Erasure,
    /// Art. 18.
    Restriction,
    /// Art. 20.
    Portability,
    /// Art. 7(3).
    Withdrawal,
    /// Art. 21.
    Objection,
}

impl PersonRight {
    /// Stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Restriction => "restriction",
            Self::Portability => "portability",
            Self::Withdrawal => "withdrawal",
            Self::Objection => "objection",
        }
    }
}

/// The rights under a basis, in the order in which they are told.
#[must_use]
pub const fn under(basis: LegalBasis) -> &'static [PersonRight] {
    use PersonRight::{
        Access, Erasure, Objection, Portability, Rectification, Restriction, Withdrawal,
    };
    match basis {
        LegalBasis::Consent => {
            &[Access, Rectification, Erasure, Restriction, Portability, Withdrawal]
        }
        LegalBasis::Contract => &[Access, Rectification, Erasure, Restriction, Portability],
        LegalBasis::LegitimateInterests => {
            &[Access, Rectification, Erasure, Restriction, Objection]
        }
        LegalBasis::VitalInterests => &[Access, Rectification, Erasure, Restriction],
        LegalBasis::LegalObligation => &[Access, Rectification, Restriction],
        LegalBasis::PublicTask => &[Access, Rectification, Restriction, Objection],
    }
}

/// Whether data under a basis are handed out to be taken along (art. 20(1)(a)).
#[must_use]
pub fn is_portable(basis: LegalBasis) -> bool {
    under(basis).contains(&PersonRight::Portability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dsr_17_consent_and_legitimate_interest_have_the_rights_of_the_guide() {
        let words = |basis| under(basis).iter().map(|right| right.as_str()).collect::<Vec<_>>();
        let shared = ["access", "rectification", "erasure", "restriction"];
        assert_eq!(
            words(LegalBasis::Consent),
            [&shared[..], &["portability", "withdrawal"]].concat(),
        );
        assert_eq!(words(LegalBasis::LegitimateInterests), [&shared[..], &["objection"]].concat(),);
        assert!(is_portable(LegalBasis::Contract));
        assert!(!is_portable(LegalBasis::LegitimateInterests));
    }
}
