//! Every word of the pages, once for each language. A missing word does not compile; a test holds
//! that both languages fill in the same values.

mod en;
mod fr;
pub(super) mod portal;

use super::Language;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The words of one language. `{…}` is a value that the page fills in.
        pub(super) struct Text {
            $($(#[$doc])* pub(super) $name: &'static str,)*
        }

        #[cfg(test)]
        impl Text {
            /// Every word with its name.
            pub(super) fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

texts! {
    /// Value of the `lang` attribute.
    lang,
    /// Twelve names of months, separated by spaces.
    months,
    /// The first day of a month.
    first_day,
    /// A moment.
    moment,
    /// From a low bound to a high one.
    interval,
    /// Label and value.
    colon,

    page_title, kind_of_page, sales_of, for_principal, made_on, release_label,
    intro_what, intro_noise, intro_contract,
    exact_title, exact_told, exact_counted, exact_withheld, exact_warning,

    headline_title, headline_hidden, interval_label,
    table_title, table_caption, col_campaign, col_leads, col_conversions, col_rate, col_revenue,
    col_per_lead, col_per_euro, col_basket, spent_on, all_campaigns, all_campaigns_note,
    below_threshold, below_threshold_total, few_left, few_left_total, complement, no_leads, no_cost, unbounded,

    chart_title, chart_conversions, chart_revenue, chart_desc, chart_hidden, chart_hidden_desc,
    chart_row_desc, chart_legend,

    reading_title, read_interval, read_small, read_all_cells, read_zero, read_total, read_stated,
    read_clamp, read_files,

    protection_title, protection_intro, account_label, account_spent_before, account_this,
    account_left, account_desc, account_amount, account_rule, bound_intro, bound_caption,
    bound_keys, bound_this, bound_spent, bound_cap, bound_one, bound_two, bound_three, bound_note,

    sources_title, programme_label, principal_label, policy_label, period_label,
    templates_label, snapshot_label, snapshot_note, question_label, leads_root_label,
    account_id_label, approval_label, approval, deposits_label, deposits_intro, deposits_none,
    kind_leads, kind_sales, kind_customers, kind_oppositions, kind_consents,

    verify_title, verify_intro, verify_keep, verify_trust, verify_run, verify_means,
    fingerprints_label, key_ledger, key_signing, key_sealing, report_digest_label,
    ledger_label, ledger_index, ledger_checkpoint_label, proof_unreadable,
    footer, footer_exact,
}

impl Language {
    /// The words of this language.
    pub(super) const fn text(self) -> &'static Text {
        match self {
            Self::French => &fr::TEXT,
            Self::English => &en::TEXT,
        }
    }
}

/// Puts values in the places of a text. A value is never looked at again, whatever it holds.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        let value = value.map_or(name, |(_, value)| *value);
        if of(before) && value.starts_with(vowel) {
            out.truncate(out.len() - "e ".len());
            out.push('’');
        }
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a piece of a text ends with *de*, which loses its *e* before a vowel, as in “ventes d’avril”. Only what we wrote is
/// looked at, never a value; no English piece ends like this.
fn of(piece: &str) -> bool {
    piece == "de " || piece.ends_with(" de ")
}

fn vowel(c: char) -> bool {
    "aeiouâàéèêîôûAEIOUÂÀÉÈÊÎÔÛ".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_everything_and_fill_in_the_same_values() {
        let (french, english) = (Language::French.text(), Language::English.text());
        let pairs = french.entries().into_iter().zip(english.entries());
        for ((name, french), (_, english)) in pairs {
            assert!(!french.trim().is_empty() && !english.trim().is_empty(), "{name}");
            assert_eq!(places(french), places(english), "{name}");
            // Short words may be the same in both; a sentence that is was forgotten.
            assert!(french != english || french.len() < 24, "{name} is not translated");
        }
        assert_eq!(french.months.split(' ').count(), 12);
        assert_eq!(english.months.split(' ').count(), 12);
    }

    /// Words that nobody may read on these pages: the law and its authority approve nothing.
    #[test]
    fn pse_12_no_text_claims_an_approval_or_anonymity() {
        for language in [Language::French, Language::English] {
            for (name, text) in language.text().entries() {
                let text = text.to_lowercase();
                for claim in ["certified by", "certifié par", "certifiée par", "anonym", "cnil"] {
                    assert!(!text.contains(claim), "{name}: {claim}");
                }
            }
        }
    }

    #[test]
    fn de_loses_its_e_before_a_vowel() {
        let of = |text, month| fill(text, &[("month", month)]);
        assert_eq!(of("Ventes de {month}", "avril 2024"), "Ventes d’avril 2024");
        assert_eq!(of("Ventes de {month}", "août 2024"), "Ventes d’août 2024");
        assert_eq!(of("Ventes de {month}", "mai 2024"), "Ventes de mai 2024");
        assert_eq!(fill("{a}{b}", &[("a", "Clos de "), ("b", "avril")]), "Clos de avril");
        assert_eq!(of("Aide {month}", "avril"), "Aide avril");
        assert_eq!(of("de {month}", "11"), "de 11");
    }

    #[test]
    fn a_value_is_put_in_once_and_never_read_as_a_place() {
        assert_eq!(fill("a {x} b {y}", &[("x", "{y}"), ("y", "1")]), "a {y} b 1");
        assert_eq!(fill("{z}", &[]), "z");
    }
}
