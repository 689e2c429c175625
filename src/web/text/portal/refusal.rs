//! Refusals in French, for the pages: title and advice of the codes that a page can meet. English stands
//! with the refusals themselves; a code without French here is shown by its code and a general sentence.

use crate::service::Refusal;
use crate::web::Language;

const FRENCH: &[(Refusal, &str, &str)] = &[
    (Refusal::Unauthenticated, "vous n’êtes pas connecté", "Connectez-vous, puis recommencez."),
    (
        Refusal::Forbidden,
        "votre rôle ne le permet pas",
        "Demandez à la personne de votre société ou du tiers dont c’est le rôle.",
    ),
    (
        Refusal::NotFound,
        "il n’y a rien ici pour vous",
        "Vérifiez l’adresse\u{a0}; ce qui est à d’autres n’est pas montré.",
    ),
    (
        Refusal::OwnCountOff,
        "les règles de ce programme ne donnent rien aux partenaires sur eux-mêmes",
        "Parlez-en à la marque\u{a0}: c’est elle qui choisit les règles.",
    ),
    (
        Refusal::OwnCountMonth,
        "ce n’est pas un mois terminé des trois dernières années",
        "Choisissez un mois de leads terminé. Chaque mois n’est donné qu’une fois\u{a0}: mieux vaut attendre la dernière vente possible.",
    ),
    (
        Refusal::OwnCountNoLeads,
        "la marque n’a déposé aucun lead",
        "Redemandez quand elle l’aura fait, après le prochain point du journal. Rien n’a été dépensé.",
    ),
    (
        Refusal::OwnCountNoSales,
        "vous n’avez déposé aucune vente",
        "Déposez vos ventes et attendez le prochain point du journal\u{a0}: ce chiffre porte sur vos propres ventes. Rien n’a été dépensé.",
    ),
    (
        Refusal::OwnCountSpent,
        "ce qui pouvait être donné sur ce mois de leads l’a été",
        "Tous les programmes du groupe de la marque partagent un compte par mois de leads, et d’autres ont demandé avant vous\u{a0}; demandez un autre mois. Rien n’a été dépensé.",
    ),
    (
        Refusal::OwnCountRestored,
        "ce qui avait été donné sur ce mois a été perdu",
        "La base du tiers a été restaurée et ce mois de leads reste fermé\u{a0}; les autres sont ouverts.",
    ),
    (Refusal::NoRoute, "cette page n’existe pas", "Vérifiez l’adresse, ou repartez de l’accueil."),
    (Refusal::WrongMethod, "cette page ne se demande pas ainsi", "Repartez de l’accueil."),
    (Refusal::Malformed, "la demande est illisible", "Revenez en arrière et recommencez."),
    (Refusal::RequestTooLarge, "la demande est trop grande", "Réduisez-la, puis recommencez."),
    (
        Refusal::Forged,
        "cette demande ne vient pas d’une page du tiers",
        "Rechargez la page et recommencez.",
    ),
    (
        Refusal::Invitation,
        "cette invitation n’est pas valable, ou ne l’est plus",
        "Demandez-en une nouvelle à un collègue qui peut se connecter, ou à la personne qui garde le fichier d’identification de votre société.",
    ),
    (
        Refusal::Passkey,
        "la clé d’accès n’a pas été acceptée",
        "Réessayez\u{a0}; si elle est perdue, demandez une nouvelle invitation à un collègue.",
    ),
    (
        Refusal::TooManyPeople,
        "cette société compte trop de personnes",
        "Retirez celles qui sont parties\u{a0}; une société en compte 200 au plus.",
    ),
    (
        Refusal::ChangeDue,
        "cette clé doit d’abord être remplacée",
        "Remplacez-la\u{a0}: tiers access replace. Une clé peut-être connue d’autrui est remplacée par un collègue ou par l’exploitant.",
    ),
    (
        Refusal::LastAccess,
        "c’est la dernière clé de l’exploitant",
        "Remplacez-la, ou créez-en d’abord une autre.",
    ),
    (
        Refusal::BadWebhookUrl,
        "cette adresse de notification ne convient pas",
        "Donnez une adresse https de 500 caractères au plus, sans nom d’utilisateur ni fragment.",
    ),
    (
        Refusal::WebhookAddress,
        "cette adresse n’est pas sur l’internet public",
        "Donnez une adresse joignable de l’extérieur\u{a0}; l’exploitant peut autoriser un réseau à lui.",
    ),
    (
        Refusal::BadWebhookKinds,
        "ces types d’avis n’existent pas",
        "Nommez des types connus, ou aucun pour les recevoir tous.",
    ),
    (
        Refusal::TooManyWebhooks,
        "cette société a toutes les adresses de notification permises",
        "Retirez-en une\u{a0}; une société en a cinq.",
    ),
    (
        Refusal::WebhookDisabled,
        "cette adresse de notification est suspendue",
        "Faites-la essayer\u{a0}: dès qu’elle répond, elle est reprise.",
    ),
    (
        Refusal::LeafErased,
        "ce qui prouvait cet acte a été effacé avec ce qu’il concernait",
        "Le registre garde une empreinte que personne ne peut rattacher à quelqu’un\u{a0}; il se vérifie comme avant.",
    ),
    (
        Refusal::CollectionClosed,
        "ce formulaire est fermé",
        "Rien n’a été pris. Rechargez la page\u{a0}: elle dit si un autre formulaire l’a remplacé.",
    ),
    (
        Refusal::CollectionFull,
        "ce formulaire ne prend plus rien pour le moment",
        "Rien n’a été pris. Réessayez plus tard\u{a0}: sa société doit d’abord relever ce qui attend.",
    ),
    (Refusal::BadName, "ce nom ne convient pas", "Un nom compte de 1 à 200 caractères."),
    (
        Refusal::BadReason,
        "le motif manque ou est trop long",
        "Indiquez un motif de 1 à 500 caractères\u{a0}; il est inscrit au journal.",
    ),
    (
        Refusal::BadErasureReason,
        "le motif manque ou est trop long",
        "Indiquez un motif de 1 à 500 caractères\u{a0}; il est inscrit au journal.",
    ),
    (
        Refusal::RegisterIncomplete,
        "le registre n’est pas encore complet",
        "Enregistrez d’abord qui est votre société\u{a0}: tiers governance template identity, puis tiers governance record.",
    ),
    (
        Refusal::BadSearch,
        "cette recherche ne se comprend pas",
        "Donnez un numéro entier, un type d’acte du journal, ou des dates.",
    ),
    (
        Refusal::SearchesSpent,
        "ce compte a fait ses recherches du jour",
        "Attendez demain\u{a0}; chaque recherche est inscrite au journal.",
    ),
    (
        Refusal::BadRightsTokens,
        "ces empreintes ne sont pas celles d’une personne",
        "Recommencez avec la clé des droits de votre société.",
    ),
    (
        Refusal::NotOwnChain,
        "votre société n’est ni l’expéditeur ni le destinataire",
        "Indiquez votre SIREN d’un côté ou de l’autre.",
    ),
    (Refusal::RequestClosed, "cette demande est close", "La réponse a déjà été donnée."),
    (
        Refusal::ExtensionLate,
        "le premier mois est passé",
        "Une prolongation se dit à la personne pendant le premier mois\u{a0}: répondez maintenant.",
    ),
    (
        Refusal::ExtensionReason,
        "les motifs manquent",
        "Indiquez de 1 à 500 caractères\u{a0}: la personne les reçoit.",
    ),
    (
        Refusal::ExchangeState,
        "l’échange n’en est pas là",
        "Revenez à l’échange\u{a0}: il dit ce qui peut se faire maintenant.",
    ),
    (
        Refusal::ExchangeValueDiffers,
        "cette valeur n’est pas celle de l’accord",
        "Comptez les lots entiers de mille qui sont passés, au prix de l’accord.",
    ),
    (
        Refusal::ExchangeNoValue,
        "la valeur manque",
        "Indiquez un montant en euros, par exemple 1 200,50.",
    ),
    (
        Refusal::ExchangeNothingPassed,
        "rien n’est encore passé",
        "Remettez d’abord les envois, puis déclarez la valeur.",
    ),
    (
        Refusal::ExchangeWithheld,
        "trois envois de cet expéditeur ont été retenus",
        "L’échange n’en prend plus de lui\u{a0}: clôturez-le, ou concluez un nouvel échange. De 1 199 enregistrements qui peuvent passer, un lot de mille passe toujours.",
    ),
    (Refusal::ExchangeSaid, "cela a déjà été dit", "Rien à faire de plus."),
    (
        Refusal::ExchangeTerm,
        "l’accord ne court pas, ou plus",
        "Attendez son premier jour, ou concluez-en un autre.",
    ),
    (
        Refusal::BatchState,
        "cet envoi n’en est pas là",
        "Revenez à l’échange\u{a0}: il dit ce qui peut se faire maintenant.",
    ),
    (
        Refusal::BatchUnreviewed,
        "les preuves n’ont pas encore été examinées",
        "Le délégué du destinataire examine un échantillon, puis l’envoi se remet.",
    ),
    (
        Refusal::BatchBlocked,
        "une preuve de l’échantillon manque",
        "Rien de cet envoi ne passe\u{a0}: retirez ce qui ne se prouve pas et envoyez autre chose.",
    ),
    (Refusal::NothingToErase, "il n’y a rien à effacer", "Ce dépôt n’est pas détenu, ou plus."),
    (
        Refusal::BadDeclaration,
        "cette déclaration ne convient pas",
        "Choisissez une des régions du programme.",
    ),
    (
        Refusal::OtherPolicy,
        "les règles ont changé depuis que la page a été lue",
        "Relisez-les, puis approuvez.",
    ),
    (
        Refusal::NotApproved,
        "les publications ne sont pas encore approuvées",
        "Le délégué à la conformité du tiers doit d’abord approuver les règles du programme.",
    ),
    (
        Refusal::TooFewLeads,
        "trop peu de contacts de campagne ont été déposés",
        "Déposez davantage de contacts, puis redemandez.",
    ),
    (
        Refusal::TooFewPartners,
        "trop peu de distributeurs de groupes différents ont déposé",
        "Attendez d’autres dépôts, puis redemandez.",
    ),
    (
        Refusal::Spent,
        "le budget de ce mois est dépensé",
        "Il n’est jamais rechargé\u{a0}: les rapports déjà publiés restent à vous.",
    ),
    (
        Refusal::BadPeriod,
        "ce mois ne convient pas",
        "Choisissez un mois qui a commencé, sous la forme AAAA-MM.",
    ),
    (Refusal::Waiting, "le tiers est très occupé", "Recommencez dans un instant."),
    (Refusal::Stopping, "le tiers s’arrête", "Recommencez quand il sera revenu."),
    (
        Refusal::NoRoom,
        "le tiers n’a plus de place",
        "Rien n’a été changé. Prévenez l’opérateur, puis recommencez.",
    ),
    (
        Refusal::Storage,
        "le tiers n’accède pas à ses données",
        "Rien n’a été changé. Prévenez l’opérateur, puis recommencez.",
    ),
];

/// An advice as a page says it: what the command line sets between grave accents stands in quotation marks.
fn quoted(advice: &str, language: Language) -> String {
    let (open, close) = match language {
        Language::French => ("«\u{a0}", "\u{a0}»"),
        Language::English => ("“", "”"),
    };
    let mut marks = [open, close].into_iter().cycle();
    let mut parts = advice.split('`');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + marks.next().unwrap_or_default() + part)
}

/// What a page says of a refusal: title and advice.
pub(in crate::web) fn said(refusal: Refusal, language: Language) -> (String, String) {
    let capital = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    };
    if language == Language::English {
        return (capital(refusal.title()), quoted(refusal.advice(), language));
    }
    let known = FRENCH.iter().find(|(one, _, _)| *one == refusal);
    known.map_or_else(
        || {
            let advice = "Le code ci-dessous dit pourquoi\u{a0}; indiquez-le à l’opérateur s’il ne vous suffit pas.";
            ("La demande a été refusée".to_owned(), advice.to_owned())
        },
        |(_, title, advice)| (capital(title), quoted(advice, language)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_an_advice_stands_in_quotation_marks() {
        let said = |language| quoted("Use `tiers doctor` or `tiers init`.", language);
        assert_eq!(said(Language::English), "Use “tiers doctor” or “tiers init”.");
        assert_eq!(
            said(Language::French),
            "Use «\u{a0}tiers doctor\u{a0}» or «\u{a0}tiers init\u{a0}»."
        );
        assert_eq!(quoted("None.", Language::English), "None.");
    }

    #[test]
    fn every_refusal_of_the_portals_is_said_in_french() {
        let general = said(Refusal::BadSiren, Language::French).0;
        for refusal in Refusal::ALL.iter().filter(|one| one.code().starts_with("portal.")) {
            assert_ne!(said(*refusal, Language::French).0, general, "{}", refusal.code());
            assert_ne!(said(*refusal, Language::English).0, said(*refusal, Language::French).0);
        }
    }
}
