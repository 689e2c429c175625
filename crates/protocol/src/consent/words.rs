//! The closed lists: channels, purposes, states, methods, audiences, sectors. Each word has one
//! spelling, in files, in JSON and in the rules.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that stands in no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word of the list `{list}`")]
pub struct UnknownWord {
    /// Which list.
    pub list: &'static str,
}

macro_rules! words {
    ($($(#[$doc:meta])* $list:literal $name:ident { $($(#[$note:meta])* $word:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$note])* #[serde(rename = $text)] $word,)+ }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [Self] = &[$(Self::$word,)+];

            /// Its spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)+ }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let description = concat!("A word of the list `", $list, "`.");
                crate::openapi::names(description, Self::ALL.iter().map(|word| word.as_str()))
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(concat!("Consent", stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().copied().find(|word| word.as_str() == text);
                found.ok_or(UnknownWord { list: $list })
            }
        }
    )+};
}

words! {
    /// By which means somebody is reached. Consent is given for one of them at a time.
    "channel" Channel {
        /// E-mail.
        Email = "email",
        /// Short messages to a mobile telephone.
        Sms = "sms",
        /// A telephone call by a person.
        Phone = "phone",
        /// A telephone call by a machine.
        AutomatedCall = "automated_call",
        /// Fax.
        Fax = "fax",
        /// Letters.
        Post = "post",
    }

    /// What for. Each purpose is a choice of its own.
    "purpose" Purpose {
        /// The controller itself sends offers.
        Prospecting = "prospecting",
        /// The controller hands the contact to a named recipient, who sends offers.
        Transmission = "transmission",
        /// The contact is compared with files of others, for statistics.
        Matching = "matching",
    }

    /// Where a chain of consent stands after an event.
    "state" State {
        /// The person was asked and has not answered.
        Requested = "requested",
        /// The person agreed.
        Given = "given",
        /// The person said no.
        Refused = "refused",
        /// The person agreed again.
        Reconfirmed = "reconfirmed",
        /// The person took it back.
        Withdrawn = "withdrawn",
        /// The term was over.
        Expired = "expired",
        /// The controller ended the use.
        Terminated = "terminated",
        /// It was found not to be valid.
        Invalidated = "invalidated",
    }

    /// By which clear positive act somebody agreed.
    "method" Method {
        /// A box of a form that was not ticked beforehand.
        WebForm = "web_form",
        /// A form, confirmed through a link that was sent to the address.
        DoubleOptIn = "double_opt_in",
        /// A signature on paper.
        SignedPaper = "signed_paper",
        /// A signature on a tablet, on a visit.
        TabletSignature = "tablet_signature",
        /// A recorded part of a call.
        RecordedCall = "recorded_call",
        /// A confirmation in writing after a call.
        WrittenConfirmation = "written_confirmation",
        /// A terminal in a shop.
        StoreTerminal = "store_terminal",
    }

    /// As whom somebody is addressed.
    "audience" Audience {
        /// For private ends.
        Consumer = "consumer",
        /// In the person's profession.
        Professional = "professional",
    }

    /// What is offered, as far as the law knows the sector.
    "sector" Sector {
        /// Everything else.
        General = "general",
        /// Works for saving energy at home.
        EnergyRenovation = "energy_renovation",
        /// Works that fit a home for age or disability.
        HomeAdaptation = "home_adaptation",
    }
}

impl State {
    /// Whether it permits anything.
    #[must_use]
    pub const fn permits(self) -> bool {
        matches!(self, Self::Given | Self::Reconfirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn con_05_what_is_no_clear_positive_act_cannot_be_written_down() {
        for word in ["pre_ticked", "pre-ticked", "silence", "implied", "opt_out", "opt-out", ""] {
            assert_eq!(word.parse::<Method>(), Err(UnknownWord { list: "method" }), "{word}");
            assert!(serde_json::from_value::<Method>(word.into()).is_err(), "{word}");
        }
        assert_eq!(Method::ALL.len(), 7);
        for method in Method::ALL {
            assert_eq!(method.as_str().parse(), Ok(*method));
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        }
    }

    #[test]
    fn con_13_two_of_the_eight_states_permit() {
        let permitting: Vec<_> = State::ALL.iter().filter(|state| state.permits()).collect();
        assert_eq!(State::ALL.len(), 8);
        assert_eq!(permitting, [&State::Given, &State::Reconfirmed]);
    }
}
