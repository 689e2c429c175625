//! Letters to persons about their requests, in French and English: the answer, that nothing is held, that
//! nobody can tell who asks, two months more, a refusal. They say what the law asks to be said (GDPR art. 11,
//! 12, 15, 19); the party puts its head and its signature around them. Pure text.

/// What a letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// What is held, with the annex of the answer (art. 15).
    Held,
    /// Nothing is held (art. 15(1)).
    NothingHeld,
    /// Nobody can tell who asks, and how to say so (art. 11(2), 12(2)).
    CannotIdentify,
    /// Two months more (art. 12(3)).
    Extended,
    /// A refusal (art. 12(4)).
    Refused,
    /// The restriction ends (art. 18(3)).
    Lifted,
    /// There is reasonable doubt about who asks (art. 12(6)).
    Doubt,
    /// The controllers have the request (art. 28(3)(e)).
    PassedOn,
}

impl Letter {
    /// Every letter.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::NothingHeld,
        Self::CannotIdentify,
        Self::Extended,
        Self::Refused,
        Self::Lifted,
        Self::Doubt,
        Self::PassedOn,
    ];
}

/// What stands in the letter.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Id of the request.
    pub request: &'a str,
    /// The day on which it came.
    pub received: &'a str,
    /// The last day for the answer.
    pub due: &'a str,
    /// Reasons of an extension, a refusal or a doubt.
    pub reasons: &'a str,
    /// What is held: sources, purposes, recipients with dates, terms.
    pub annex: &'a str,
}

/// Writes a letter.
#[must_use]
pub fn write(letter: Letter, facts: &Facts<'_>, french: bool) -> String {
    let Facts { request, received, .. } = facts;
    let head = if french {
        format!("Votre demande du {received} (référence {request})\n\nMadame, Monsieur,\n\n")
    } else {
        format!("Your request of {received} (reference {request})\n\nDear Sir or Madam,\n\n")
    };
    let body = if french { french_body(letter, facts) } else { english_body(letter, facts) };
    let rights = if french { FRENCH_RIGHTS } else { ENGLISH_RIGHTS };
    format!("{head}{body}\n\n{rights}\n")
}

const FRENCH_RIGHTS: &str = "Vous pouvez demander la rectification ou l’effacement de vos données, la limitation \
    de leur traitement, vous y opposer, et retirer un consentement à tout moment. Vous pouvez introduire une \
    réclamation auprès de la CNIL (3 place de Fontenoy, 75007 Paris, www.cnil.fr) et former un recours devant \
    un tribunal. Cette réponse est gratuite.";

const ENGLISH_RIGHTS: &str = "You may ask for rectification or erasure of your data, for restriction of their use, \
    object to it, and withdraw a consent at any time. You may lodge a complaint with the CNIL (3 place de \
    Fontenoy, 75007 Paris, www.cnil.fr) and go to a court. This answer is free of charge.";

fn french_body(letter: Letter, facts: &Facts<'_>) -> String {
    let Facts { due, reasons, annex, .. } = facts;
    match letter {
        Letter::Held => format!(
            "Nous traitons des données qui vous concernent. Les finalités, les catégories de données, les \
             destinataires nommés avec les dates, les durées de conservation et la source sont indiqués \
             ci-dessous. Aucune décision automatisée n’est prise à votre sujet ; aucun transfert hors de \
             l’Union n’a lieu, sauf mention.\n\n{annex}"
        ),
        Letter::NothingHeld => "Après recherche à partir des coordonnées que vous nous avez données, nous ne \
             traitons aucune donnée qui vous concerne."
            .to_owned(),
        Letter::CannotIdentify => "Nous ne sommes pas en mesure de vous identifier parmi les données que nous \
             traitons, qui ne portent ni nom ni adresse (article 11 du RGPD). Si vous nous indiquez l’adresse \
             électronique ou le numéro de téléphone que vous utilisez, et confirmez le code que nous y \
             enverrons, nous ferons la recherche. Votre opposition, elle, est toujours prise en compte."
            .to_owned(),
        Letter::Extended => format!(
            "Votre demande exige un délai de deux mois de plus ; vous aurez notre réponse au plus tard le \
             {due}. Motifs : {reasons}"
        ),
        Letter::Refused => format!("Nous ne donnons pas suite à votre demande. Motifs : {reasons}"),
        Letter::Lifted => "La limitation du traitement de vos données, que vous aviez obtenue, va prendre fin. \
             Vous en êtes informé avant qu’elle ne soit levée (article 18, paragraphe 3)."
            .to_owned(),
        Letter::Doubt => format!(
            "Nous avons un doute raisonnable sur l’identité de l’auteur de la demande (article 12, paragraphe \
             6, du RGPD) : {reasons}\n\nConfirmez le code que nous envoyons à l’adresse ou au numéro concerné ; \
             cela suffit. Si vous ne le pouvez pas, montrez un autre élément qui vous relie à cette adresse ou à \
             ce numéro. Une pièce d’identité n’est qu’un dernier recours : masquez-y tout sauf le nom ; elle est \
             effacée aussitôt regardée, sans copie."
        ),
        Letter::PassedOn => format!(
            "Nous traitons ces données pour le compte des sociétés nommées ci-dessous, qui en décident et qui \
             vous répondent. Nous leur avons transmis votre demande ; le délai court depuis le jour où vous nous \
             l’avez adressée, et elles doivent vous répondre au plus tard le {due}.\n\n{annex}"
        ),
    }
}

fn english_body(letter: Letter, facts: &Facts<'_>) -> String {
    let Facts { due, reasons, annex, .. } = facts;
    match letter {
        Letter::Held => format!(
            "We process data about you. Purposes, categories of data, recipients by name with dates, terms \
             and source are listed below. No automated decision is taken about you; nothing leaves the \
             Union unless it is said.\n\n{annex}"
        ),
        Letter::NothingHeld => "We looked you up by the contact that you gave us and process no data about \
             you."
            .to_owned(),
        Letter::CannotIdentify => "We cannot tell which of the data that we process are yours: they carry \
             neither name nor address (GDPR art. 11). If you tell us the e-mail address or the telephone \
             number that you use, and confirm the code that we send to it, we shall look you up. Your \
             objection is taken in any case."
            .to_owned(),
        Letter::Extended => format!(
            "Your request needs two months more; you will have our answer by {due}. Reasons: {reasons}"
        ),
        Letter::Refused => format!("We do not comply with your request. Reasons: {reasons}"),
        Letter::Lifted => "The restriction of the use of your data, which you had obtained, is going to end. \
             You are told before it is lifted (art. 18(3))."
            .to_owned(),
        Letter::Doubt => format!(
            "We have reasonable doubt about who makes this request (GDPR art. 12(6)): {reasons}\n\nConfirm the \
             code that we send to the address or the number that it is about; that is enough. If you cannot, \
             show something else that ties you to that address or number. An identity paper is a last resort: \
             black out everything but the name; it is deleted as soon as it was looked at, and not copied."
        ),
        Letter::PassedOn => format!(
            "We process these data for the companies named below, which decide about them and answer you. They \
             have your request; the term runs from the day on which you wrote to us, and they must answer you \
             by {due}.\n\n{annex}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(of: Letter, french: bool) -> String {
        let facts = Facts {
            request: "req_x",
            received: "2026-03-03",
            due: "2026-06-03",
            reasons: "because of the number of requests",
            annex: "the annex",
        };
        write(of, &facts, french)
    }

    #[test]
    fn dsr_02_a_refusal_has_reasons_the_complaint_and_the_court() {
        let (french, english) = (letter(Letter::Refused, true), letter(Letter::Refused, false));
        for part in ["because of the number", "CNIL", "tribunal"] {
            assert!(french.contains(part), "{part}");
        }
        for part in ["because of the number", "CNIL", "court"] {
            assert!(english.contains(part), "{part}");
        }
    }

    #[test]
    fn dsr_05_who_cannot_be_identified_is_told_how_to_be() {
        let (french, english) =
            (letter(Letter::CannotIdentify, true), letter(Letter::CannotIdentify, false));
        assert!(french.contains("article 11") && french.contains("numéro de téléphone"));
        assert!(english.contains("art. 11") && english.contains("telephone"));
        assert!(french.contains("opposition") && english.contains("objection"));
    }

    #[test]
    fn dsr_04_only_the_letter_of_a_doubt_speaks_of_identity_papers() {
        for one in Letter::ALL {
            for french in [true, false] {
                let text = letter(one, french).to_lowercase();
                let paper = ["pièce d’identité", "identity paper", "passport", "passeport"];
                let asks = paper.iter().any(|word| text.contains(word));
                assert_eq!(asks, one == Letter::Doubt, "{one:?}");
            }
        }
        let (french, english) = (letter(Letter::Doubt, true), letter(Letter::Doubt, false));
        assert!(french.contains("because of") && french.contains("code"));
        assert!(english.contains("because of") && english.contains("code that we send"));
    }

    #[test]
    fn every_letter_names_the_request_and_the_authority_in_both_languages() {
        for one in Letter::ALL {
            for french in [true, false] {
                let text = letter(one, french);
                assert!(text.contains("req_x") && text.contains("2026-03-03"), "{one:?}");
                assert!(text.contains("www.cnil.fr"), "{one:?}");
            }
            assert_ne!(letter(one, true), letter(one, false));
        }
        assert!(letter(Letter::Extended, true).contains("2026-06-03"));
        assert!(letter(Letter::Held, false).contains("the annex"));
    }
}
