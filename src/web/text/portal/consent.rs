//! Words of consent: the search of a person's chain, a record, a decision, notices.

use super::words;

words! {
    /// The pages of consent.
    Consent {
        title: "Consentements", "Consents";
        intro: "Que peut-on faire de ce contact\u{a0}? Cherchez une personne par son adresse ou son téléphone\u{a0}: la page en fait une empreinte avec la clé des droits de votre société. Le contact lui-même ne part pas.", "What may be done with this contact? Look for a person by address or telephone: the page makes a token of it with your company’s rights key. The contact itself is not sent.";
        trust: "Cela vaut tant que le programme servi par cette page est bien le nôtre\u{a0}; pour ne dépendre de personne, utilisez la ligne de commande.", "This holds as long as the program that this page serves is ours; to depend on nobody, use the command line.";
        contact: "Adresse électronique ou téléphone", "E-mail address or telephone";
        key: "La clé des droits (rights.key)", "The rights key (rights.key)";
        key_help: "Elle reste sur cet ordinateur\u{a0}: la page l’ouvre pour cette recherche, puis l’oublie.", "It stays on this computer: the page opens it for this search, then forgets it.";
        reason: "Motif (il est inscrit au journal)", "Reason (it is recorded in the ledger)";
        search: "Chercher", "Search";
        again: "Nouvelle recherche", "New search";
        no_build: "Ce tiers ne sert pas le programme de navigateur. Utilisez la ligne de commande\u{a0}: tiers consent show.", "This certifier does not serve the browser’s program. Use the command line: tiers consent show.";
        working: "Calcul de l’empreinte…", "Making the token…";
        why_contact: "Il n’y a là ni adresse électronique ni numéro de téléphone.", "There is no e-mail address and no telephone number in it.";
        why_key: "Ce n’est pas une clé des droits (rights.key), ou elle est endommagée.", "This is not a rights key (rights.key), or it is damaged.";
        why_other: "Ce navigateur n’y parvient pas. Prenez une version récente, ou la ligne de commande.", "This browser cannot do it. Use a recent one, or the command line.";

        chain: "Les choix de cette personne", "The choices of this person";
        chain_text: "Dans les chaînes où votre société décide, collecte ou reçoit, le plus récent d’abord. Cette consultation est inscrite au journal.", "In the chains in which your company decides, collects or receives, the newest first. This look is recorded in the ledger.";
        chain_none: "Rien n’est connu de cette personne dans vos chaînes.", "Nothing is known about this person in your chains.";
        col_when: "Quand", "When";
        col_choice: "Choix", "Choice";
        col_what: "Pour quoi", "What for";
        col_who: "Par qui, pour qui", "By whom, for whom";
        col_record: "Enregistrement", "Record";
        see_record: "Voir la preuve", "See the proof";
        unproven: "sans preuve\u{a0}: il ne permet rien", "without evidence: it permits nothing";
        to_all: "tous les destinataires", "all recipients";
        to: "vers {names}", "to {names}";
        by_channel: "{purpose}, par {channel}", "{purpose}, by {channel}";
        oppositions: "Oppositions", "Objections";
        opposition_everywhere: "partout", "everywhere";
        opposition_along: "auprès de {name}", "with {name}";
        opposition_channels: "tous les moyens", "all means";
        opposition_until: "Conservée jusqu’au", "Kept until";
        col_where: "Auprès de qui", "With whom";
        col_channel: "Moyen", "Means";
        restricted: "Cette personne a demandé la limitation\u{a0}: ses données sont conservées et ne sont pas utilisées.", "This person asked for restriction: the data are kept and not used.";

        decide: "Ce contact peut-il passer maintenant\u{a0}?", "May this contact pass now?";
        decide_text: "La réponse nomme l’enregistrement ou la règle qui la donne.", "The answer names the record or the rule that gives it.";
        sender: "Expéditeur (SIREN)", "Sender (SIREN)";
        recipient: "Destinataire (SIREN)", "Recipient (SIREN)";
        purpose: "Finalité", "Purpose";
        channel: "Moyen", "Means";
        ask: "Demander", "Ask";
        allowed: "Oui, il peut passer.", "Yes, it may pass.";
        denied: "Non\u{a0}: {why}", "No: {why}";
        rule: "Règle", "Rule";
        article: "Texte", "Article";
        by_record: "Enregistrement qui la donne", "Record that gives it";

        record_title: "Un choix et sa preuve", "One choice and its proof";
        record_number: "Numéro", "Number";
        record_notice: "Ce que la personne a lu", "What the person read";
        record_version: "version {version}", "version {version}";
        record_language: "Langue", "Language";
        record_controllers: "Qui décide", "Who decides";
        record_recipients: "Qui reçoit", "Who receives";
        record_method: "Comment il a été recueilli", "How it was collected";
        record_valid: "Vaut pour", "Holds for";
        record_months: "{months} mois", "{months} months";
        record_withdrawal: "Comment le reprendre", "How to take it back";
        record_digest: "Empreinte de l’enregistrement (SHA-256)", "Digest of the record (SHA-256)";
        record_events: "Ce qui s’est passé", "What happened";
        record_evidence: "Preuve", "Evidence";
        record_evidence_none: "aucune", "none";
        record_by_person: "la personne", "the person";
        record_get: "Télécharger le reçu (ISO/IEC TS 27560)", "Download the receipt (ISO/IEC TS 27560)";

        notices: "Avis reçus", "Notices";
        notices_text: "Un avis que personne n’accuse sous 72 heures va au délégué du tiers.", "A notice that nobody acknowledges within 72 hours goes to the certifier’s officer.";
        notices_none: "Aucun avis.", "No notice.";
        notice_what: "Objet", "About";
        notice_records: "Choix concernés", "Choices concerned";
        notice_due: "Échéance", "Due";
        notice_state: "État", "State";
        notice_open: "à traiter", "open";
        notice_escalated: "transmis au délégué", "with the officer";
        notice_done: "accusé le {moment}", "acknowledged on {moment}";
        notice_acknowledge: "Accuser", "Acknowledge";
        notice_ended: "Des choix ont pris fin", "Choices ended";
        notice_expired: "Des réponses à un formulaire public n’ont pas été relevées à temps et ont été supprimées", "Answers to a public form were not fetched in time and were deleted";
        notice_added: "Un formulaire nomme un destinataire de plus", "A form names one more recipient";
        notice_objected: "Des personnes se sont opposées", "Persons objected";
        notice_unanswered: "Un avis est resté sans réponse trois jours", "A notice had no answer for three days";
        notice_blocked: "Un envoi est bloqué\u{a0}: une preuve manque", "A batch is blocked: a proof is missing";
        notice_webhook: "Une adresse de notification ne répond plus", "A webhook does not answer any more";
        notice_other: "Avis", "Notice";

        forms: "Vos formulaires", "Your forms";
        forms_none: "Aucun formulaire publié.", "No form is published.";
        form_published: "Publié le", "Published on";

        method_web_form: "case d’un formulaire", "box of a form";
        method_double_opt_in: "formulaire confirmé par un lien", "form confirmed by a link";
        method_signed_paper: "signature sur papier", "signature on paper";
        method_tablet_signature: "signature sur tablette", "signature on a tablet";
        method_recorded_call: "appel enregistré", "recorded call";
        method_written_confirmation: "confirmation écrite après un appel", "written confirmation after a call";
        method_store_terminal: "borne en magasin", "terminal in a shop";
        state_requested: "demandé", "asked";
        state_given: "donné", "given";
        state_refused: "refusé", "refused";
        state_reconfirmed: "confirmé de nouveau", "confirmed again";
        state_withdrawn: "repris", "withdrawn";
        state_expired: "échu", "expired";
        state_terminated: "clos par la société", "ended by the company";
        state_invalidated: "invalidé", "invalidated";
        for_prospecting: "recevoir des offres", "receiving offers";
        for_transmission: "transmission pour des offres", "passing on for offers";
        for_matching: "comparaison de fichiers pour des statistiques", "comparing files for statistics";
        by_email: "courriel", "e-mail";
        by_sms: "SMS", "SMS";
        by_phone: "téléphone", "telephone";
        by_automated_call: "appel automatique", "automated call";
        by_fax: "télécopie", "fax";
        by_post: "courrier postal", "letter";

        why_restricted: "la personne a demandé la limitation.", "the person asked for restriction.";
        why_opposed: "la personne s’y est opposée.", "the person objected.";
        why_onward: "l’expéditeur l’a lui-même reçu d’un autre, et ne peut pas le transmettre.", "the sender had it from somebody else, and may not pass it on.";
        why_no_rule: "aucune règle ne le prévoit.", "no rule provides for it.";
        why_forbidden: "la loi l’interdit, avec ou sans consentement.", "the law forbids it, with or without consent.";
        why_not_excepted: "l’exception invoquée ne vaut pas ici.", "the exception that is claimed does not hold here.";
        why_no_consent: "il n’y a pas de consentement pour ce destinataire, cette finalité et ce moyen.", "there is no consent for this recipient, purpose and means.";
        why_unanswered: "la personne n’a pas répondu.", "the person has not answered.";
        why_refused: "la personne a refusé.", "the person refused.";
        why_withdrawn: "la personne a repris son consentement.", "the person took the consent back.";
        why_expired: "le consentement est échu.", "the consent has expired.";
        why_terminated: "le responsable y a mis fin.", "the controller ended it.";
        why_invalidated: "le consentement a été jugé non valable.", "the consent was found not to be valid.";
        why_unproven: "il n’y a pas de preuve.", "there is no evidence.";
        why_suspended: "le collecteur n’a pas pu prouver ce qu’il avait recueilli.", "the collector could not prove what it had collected.";
        why_not_informed: "la personne n’a pas été informée.", "the person was not informed.";
        why_not_scrubbed: "le fichier n’a pas été comparé à la liste d’opposition, ou il y a trop longtemps.", "the file was not compared with the list of objections, or too long ago.";
        why_inactive: "la personne est inactive depuis trop longtemps.", "nothing came from the person for too long.";
        why_other_offer: "l’offre n’est pas de la profession de la personne.", "the offer is none of the person’s profession.";
        why_unknown: "voyez le code.", "see the code.";
    }
}
