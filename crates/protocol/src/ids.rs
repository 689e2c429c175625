//! Random identifiers: a prefix that says of what, and 128 random bits. They carry no meaning, so
//! they may stand in a public ledger.

use crate::encoding::{decode, encode};
use crate::entropy::Entropy;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {prefix}_ and 22 characters")]
pub struct IdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// What the text form begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier.
            pub fn random(entropy: &mut impl Entropy) -> Self {
                Self(entropy.array())
            }

            /// Its 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// An identifier from 16 bytes that are already random (a digest, say).
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, encode(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { prefix: Self::PREFIX };
                let rest = text.strip_prefix(Self::PREFIX).ok_or(error)?;
                let rest = rest.strip_prefix('_').ok_or(error)?;
                decode(rest).and_then(|b| b.try_into().ok()).map(Self).ok_or(error)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn every_id_reads_back_and_refuses_the_others() {
            let mut texts = Vec::new();
            $(
                let id = $name::from_bytes([7; 16]);
                let text = id.to_string();
                assert_eq!(text.parse(), Ok(id));
                assert!(format!("{text}A").parse::<$name>().is_err());
                assert!(texts.iter().all(|other: &String| other.parse::<$name>().is_err()));
                texts.push(text);
            )*
        }
    }};
}

id_type! {
    /// A company at the certifier: a partner or a principal.
    PartyId = "pty";
    /// A programme; also the domain of its tokens.
    ProgrammeId = "prg";
    /// A deposit, from its manifest on.
    DepositId = "dep";
    /// A release and its certificate.
    ReleaseId = "rel";
    /// A privacy account: one principal group and one month, of sales or of leads.
    AccountId = "acc";
    /// A credential (never the secret itself) and, in the ledger, the actor who used it.
    ActorId = "act";
    /// An object of the ledger that has no other id: a match run, a start, a reading.
    ActId = "evt";
    /// An exchange of records between two parties, from its agreement on.
    ExchangeId = "exc";
    /// One batch of sealed records of an exchange.
    BatchId = "bat";
    /// A consent record: one choice of one person.
    RecordId = "rec";
    /// A person in a consent record: a pseudonym of one record, never a token.
    SubjectId = "sub";
    /// A receipt for a consent record.
    ConsentReceiptId = "rct";
    /// An opposition.
    OppositionId = "opp";
    /// A form by which consent is collected.
    FormId = "frm";
    /// A public page on which persons choose on published forms.
    CollectionId = "col";
    /// What one person sent from such a page, once.
    SubmissionId = "sbm";
    /// An experiment in which chance says who is treated.
    LiftId = "lif";
    /// What a partner was told of itself: how many of the leads of a month bought from it.
    OwnCountId = "own";
    /// A request of a person.
    RequestId = "req";
    /// A notice to a party.
    NoticeId = "ntc";
    /// An address of a party to which its notices are told.
    WebhookId = "whk";
    /// One message to a webhook, the same at every attempt.
    DeliveryId = "dlv";
    /// What a certifier serves to browsers: its scripts, styles and program.
    PagesId = "pgs";
}
