//! What the closed lists of consent are called on pages, and the reasons of a denial.

use tiers_protocol::consent::{Channel, Method, Purpose, State as At};

use crate::time::Moment;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::consent::Consent;

/// A moment that stands in a record as seconds.
pub(super) fn instant(seconds: i64, language: Language) -> String {
    Moment::from_seconds(seconds).map_or_else(String::new, |at| language.moment(&at.to_string()))
}

/// What a reason means, by its stable code.
pub(super) fn why(code: &str, t: &'static Consent) -> &'static str {
    let known = [
        ("restricted", t.why_restricted),
        ("opposed", t.why_opposed),
        ("onward", t.why_onward),
        ("no_rule", t.why_no_rule),
        ("forbidden", t.why_forbidden),
        ("not_excepted", t.why_not_excepted),
        ("no_consent", t.why_no_consent),
        ("unanswered", t.why_unanswered),
        ("refused", t.why_refused),
        ("withdrawn", t.why_withdrawn),
        ("expired", t.why_expired),
        ("terminated", t.why_terminated),
        ("invalidated", t.why_invalidated),
        ("unproven", t.why_unproven),
        ("suspended", t.why_suspended),
        ("not_informed", t.why_not_informed),
        ("not_scrubbed", t.why_not_scrubbed),
        ("inactive", t.why_inactive),
        ("other_offer", t.why_other_offer),
    ];
    let found = known.into_iter().find(|(word, _)| *word == code);
    found.map_or(t.why_unknown, |(_, said)| said)
}

pub(super) const fn state(of: At, t: &'static Consent) -> &'static str {
    match of {
        At::Requested => t.state_requested,
        At::Given => t.state_given,
        At::Refused => t.state_refused,
        At::Reconfirmed => t.state_reconfirmed,
        At::Withdrawn => t.state_withdrawn,
        At::Expired => t.state_expired,
        At::Terminated => t.state_terminated,
        At::Invalidated => t.state_invalidated,
    }
}

pub(super) const fn purpose(of: Purpose, t: &'static Consent) -> &'static str {
    match of {
        Purpose::Prospecting => t.for_prospecting,
        Purpose::Transmission => t.for_transmission,
        Purpose::Matching => t.for_matching,
    }
}

pub(in crate::web::portal) const fn method(of: Method, t: &'static Consent) -> &'static str {
    match of {
        Method::WebForm => t.method_web_form,
        Method::DoubleOptIn => t.method_double_opt_in,
        Method::SignedPaper => t.method_signed_paper,
        Method::TabletSignature => t.method_tablet_signature,
        Method::RecordedCall => t.method_recorded_call,
        Method::WrittenConfirmation => t.method_written_confirmation,
        Method::StoreTerminal => t.method_store_terminal,
    }
}

pub(in crate::web::portal) const fn channel(of: Channel, t: &'static Consent) -> &'static str {
    match of {
        Channel::Email => t.by_email,
        Channel::Sms => t.by_sms,
        Channel::Phone => t.by_phone,
        Channel::AutomatedCall => t.by_automated_call,
        Channel::Fax => t.by_fax,
        Channel::Post => t.by_post,
    }
}

pub(in crate::web::portal) fn choice(of: Purpose, by: Channel, language: Language) -> String {
    let t = Consent::of(language);
    fill(t.by_channel, &[("purpose", purpose(of, t)), ("channel", channel(by, t))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Why;

    #[test]
    fn every_reason_of_a_denial_has_words() {
        for language in [Language::French, Language::English] {
            let t = Consent::of(language);
            for one in Why::ALL {
                assert_ne!(why(one.code(), t), t.why_unknown, "{}", one.code());
            }
        }
    }
}
