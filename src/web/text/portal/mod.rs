//! Every word of the portals, French and English side by side: a missing word does not compile. Not the
//! words of certificates, which stand beside it; those follow a format page.

pub(in crate::web) mod act;
pub(in crate::web) mod brand;
pub(in crate::web) mod collection;
pub(in crate::web) mod common;
pub(in crate::web) mod consent;
pub(in crate::web) mod dealer;
pub(in crate::web) mod exchange;
pub(in crate::web) mod field;
pub(in crate::web) mod founding;
pub(in crate::web) mod keys;
pub(in crate::web) mod officer;
pub(in crate::web) mod oversight;
pub(in crate::web) mod own_count;
pub(in crate::web) mod proposal;
pub(in crate::web) mod public;
pub(in crate::web) mod refusal;
pub(in crate::web) mod retained;
pub(in crate::web) mod rules;
pub(in crate::web) mod sending;

/// Makes a set of words: `name: "French", "English";`. `{…}` is a value that the page fills in.
macro_rules! words {
    ($(#[$doc:meta])* $set:ident { $($name:ident: $french:literal, $english:literal;)* }) => {
        $(#[$doc])*
        pub(in crate::web) struct $set { $(pub(in crate::web) $name: &'static str,)* }

        impl $set {
            /// The words of one language.
            pub(in crate::web) const fn of(language: $crate::web::Language) -> &'static Self {
                match language {
                    $crate::web::Language::French => &Self { $($name: $french,)* },
                    $crate::web::Language::English => &Self { $($name: $english,)* },
                }
            }

            /// Every word: its name, French, English.
            #[cfg(test)]
            pub(in crate::web) fn entries() -> Vec<(&'static str, &'static str, &'static str)> {
                vec![$((stringify!($name), $french, $english),)*]
            }
        }
    };
}
use words;

#[cfg(test)]
mod tests {
    fn places(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    fn all() -> Vec<(&'static str, &'static str, &'static str)> {
        let mut all = super::common::Common::entries();
        all.extend(super::public::Public::entries());
        all.extend(super::dealer::Dealer::entries());
        all.extend(super::brand::Brand::entries());
        all.extend(super::founding::Founding::entries());
        all.extend(super::keys::Keys::entries());
        all.extend(super::officer::Officer::entries());
        all.extend(super::exchange::Exchange::entries());
        all.extend(super::proposal::Proposal::entries());
        all.extend(super::sending::Sending::entries());
        all.extend(super::consent::Consent::entries());
        all.extend(super::field::Fields::entries());
        all.extend(super::collection::Collection::entries());
        all.extend(super::oversight::Oversight::entries());
        all.extend(super::retained::Retained::entries());
        all.extend(super::rules::Rules::entries());
        all.extend(super::own_count::OwnCounts::entries());
        all
    }

    #[test]
    fn both_languages_say_everything_and_fill_in_the_same_values() {
        for (name, french, english) in all() {
            assert!(!french.trim().is_empty() && !english.trim().is_empty(), "{name}");
            assert_eq!(places(french), places(english), "{name}");
            assert!(french != english || french.len() < 24, "{name} is not translated");
        }
    }

    #[test]
    fn pse_12_no_text_of_the_portals_claims_an_approval_or_anonymity() {
        for (name, french, english) in all() {
            let text = format!("{french} {english}").to_lowercase();
            for claim in ["certified by", "certifié par", "certifiée par", "anonym"] {
                assert!(!text.contains(claim), "{name}: {claim}");
            }
        }
    }

    /// French as it is set in France: a no-break space before `;`, `:`, `?`, `!`, `%` and `»`.
    #[test]
    fn french_is_set_as_in_france() {
        for (name, french, _) in all() {
            for sign in [" ;", " :", " ?", " !", " %", " »", "« "] {
                assert!(!french.contains(sign), "{name}: a plain space in {sign:?}");
            }
        }
    }
}
