//! The page of a withdrawal link: one page, one click, no account, nothing to fill in. Plain HTML without
//! script, with a style of its own, in the language of the form. It shows what is handed in and decides
//! nothing.

use tiers_protocol::consent::{Channel, Purpose};

use crate::markup::escaped;

/// The style that stands in the page. Whoever serves the page allows it by its digest, and no other.
pub const STYLE: &str = include_str!("page.css");

/// A choice as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Names of those who decide.
    pub controllers: Vec<String>,
    /// Names of those who receive.
    pub recipients: Vec<String>,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// Whether it was taken back.
    pub withdrawn: bool,
}

/// The words of one language.
struct Words {
    language: &'static str,
    title: &'static str,
    agreed: &'static str,
    by: &'static str,
    receives: &'static str,
    button: &'static str,
    free: &'static str,
    done: &'static str,
    told: &'static str,
}

const FRENCH: Words = Words {
    language: "fr",
    title: "Retirer votre consentement",
    agreed: "Vous aviez accepté\u{202f}:",
    by: "par",
    receives: "Destinataires\u{202f}:",
    button: "Je retire mon consentement",
    free: "C’est gratuit, immédiat et sans justification. Ce qui a été fait avant reste licite.",
    done: "Votre consentement est retiré.",
    told: "Toutes les sociétés nommées ici en sont informées et doivent cesser. \
           Si l’une d’elles vous écrit encore, vous pouvez saisir la CNIL (www.cnil.fr).",
};

const ENGLISH: Words = Words {
    language: "en",
    title: "Withdraw your consent",
    agreed: "You had agreed to this:",
    by: "by",
    receives: "Recipients:",
    button: "I withdraw my consent",
    free: "It is free, immediate and needs no reason. What was done before stays lawful.",
    done: "Your consent is withdrawn.",
    told: "Every company named here is told and must stop. If one of them writes to you again, you \
           may complain to the CNIL (www.cnil.fr).",
};

const fn purpose(of: Purpose, french: bool) -> &'static str {
    match (of, french) {
        (Purpose::Prospecting, true) => "recevoir des offres",
        (Purpose::Prospecting, false) => "offers are sent to you",
        (Purpose::Transmission, true) => "la transmission de vos coordonnées pour des offres",
        (Purpose::Transmission, false) => "your contact is handed on for offers",
        (Purpose::Matching, true) => "la comparaison de fichiers à des fins statistiques",
        (Purpose::Matching, false) => "files are compared for statistics",
    }
}

const fn channel(of: Channel, french: bool) -> &'static str {
    match (of, french) {
        (Channel::Email, true) => "courriel",
        (Channel::Email, false) => "e-mail",
        (Channel::Sms, _) => "SMS",
        (Channel::Phone, true) => "téléphone",
        (Channel::Phone, false) => "telephone",
        (Channel::AutomatedCall, true) => "appel automatique",
        (Channel::AutomatedCall, false) => "automated call",
        (Channel::Fax, true) => "télécopie",
        (Channel::Fax, false) => "fax",
        (Channel::Post, true) => "courrier postal",
        (Channel::Post, false) => "letter",
    }
}

/// The page; `french` chooses the language.
#[must_use]
pub fn withdrawal(choice: &Choice, french: bool) -> String {
    let words = if french { &FRENCH } else { &ENGLISH };
    let list = |names: &[String]| {
        let items: Vec<String> =
            names.iter().map(|name| format!("<li>{}</li>", escaped(name))).collect();
        items.join("\n")
    };
    let act = if choice.withdrawn {
        format!("<p role=\"status\"><strong>{}</strong></p>\n<p>{}</p>", words.done, words.told)
    } else {
        format!(
            "<form method=\"post\">\n<p>{}</p>\n<button type=\"submit\">{}</button>\n</form>",
            words.free, words.button
        )
    };
    let recipients = if choice.recipients.is_empty() {
        String::new()
    } else {
        format!("<p>{}</p>\n<ul>\n{}\n</ul>\n", words.receives, list(&choice.recipients))
    };
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p>{agreed} {purpose}, {by} {channel}.</p>\n\
         <ul>\n{controllers}\n</ul>\n{recipients}{act}\n</main>\n</body>\n</html>\n",
        language = words.language,
        title = words.title,
        agreed = words.agreed,
        purpose = purpose(choice.purpose, french),
        by = words.by,
        channel = channel(choice.channel, french),
        controllers = list(&choice.controllers),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_there_is_one_button_until_it_is_done() {
        let mut choice = Choice {
            controllers: vec!["A & B <script>".to_owned()],
            recipients: vec!["C".to_owned()],
            purpose: Purpose::Transmission,
            channel: Channel::Email,
            withdrawn: false,
        };
        for french in [true, false] {
            let page = withdrawal(&choice, french);
            assert!(page.contains("A &amp; B &lt;script&gt;") && !page.contains("<script"));
            assert_eq!((page.matches("<button").count(), page.matches("<form").count()), (1, 1));
            assert!(!page.contains("<input"), "there is nothing to fill in");
        }
        choice.withdrawn = true;
        assert!(!withdrawal(&choice, true).contains("<button"));
    }
}
