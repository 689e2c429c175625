//! Words of the public form on which persons choose.

use super::words;

words! {
    /// The form, its confirmation, and why something was not sent.
    Collection {
        title: "Vos choix", "Your choices";
        lead: "{name} vous demande si vous êtes d’accord. Rien n’est coché d’avance, chaque case se choisit à part, et ne rien cocher est un refus qui ne vous prive de rien.", "{name} asks whether you agree. Nothing is ticked beforehand, each box is a choice of its own, and to tick nothing is a refusal that costs you nothing.";
        foreign: "Le texte de chaque choix est dans la langue de la société.", "The text of each choice is in the language of the company.";
        choices: "À quoi êtes-vous d’accord\u{a0}?", "What do you agree to?";
        agree: "J’accepte\u{a0}: {what}", "I agree: {what}";
        controllers: "Qui décide", "Who decides";
        recipients: "Qui reçoit", "Who receives";
        recipients_none: "personne d’autre", "nobody else";
        company: "{name} (SIREN {siren}), {address}", "{name}, SIREN {siren}, {address}";
        kept: "Conservation", "Kept";
        kept_for: "{months} mois\u{a0}; l’accord vaut {validity} mois au plus", "{months} months; the agreement holds for {validity} months at most";
        withdrawal: "Pour changer d’avis", "To change your mind";
        notice: "Le texte entier, version {version}", "The whole text, version {version}";
        authority: "Pour se plaindre", "To complain";
        contact: "Pour vous joindre", "To reach you";
        contact_help: "Ce que vous tapez est chiffré sur cet appareil pour {name}\u{a0}; le tiers qui affiche cette page ne peut pas le lire.", "What you type is encrypted on this device for {name}; the certifier that shows this page cannot read it.";
        email: "Adresse électronique", "E-mail address";
        phone: "Téléphone", "Telephone";
        name: "Nom (facultatif)", "Name (optional)";
        send: "Envoyer mes choix", "Send my choices";
        confirm: "{name} peut vous écrire pour vérifier que cette adresse est la vôtre.", "{name} may write to you to check that this address is yours.";
        working: "Chiffrement et envoi…", "Encrypting and sending…";
        plain_title: "Cette page ne peut rien envoyer ici", "This page can send nothing here";
        plain: "Elle chiffre vos coordonnées dans le navigateur avant de les envoyer\u{a0}: il faut JavaScript et un navigateur récent. Sans eux, rien n’est envoyé. Vous pouvez donner ou refuser votre accord en écrivant à\u{a0}:", "It encrypts your contact in the browser before anything is sent: that takes JavaScript and a recent browser. Without them nothing is sent. You can agree or refuse by writing to:";
        closed: "Ce formulaire est fermé depuis le {moment}. Il ne prend plus de réponse.", "This form has been closed since {moment}. It takes no more answers.";
        successor: "Un autre formulaire l’a remplacé", "Another form took its place";
        why_choices: "Cochez au moins un choix, ou fermez la page\u{a0}: ne rien cocher est un refus.", "Tick one choice at least, or close the page: to tick nothing is a refusal.";
        why_email: "Il manque une adresse électronique lisible pour ce que vous avez coché.", "A readable e-mail address is missing for what you ticked.";
        why_phone: "Il manque un numéro de téléphone lisible pour ce que vous avez coché.", "A readable telephone number is missing for what you ticked.";
        why_name: "Ce nom est trop long.", "This name is too long.";
        why_closed: "Ce formulaire vient de fermer. Rien n’a été pris\u{a0}: rechargez la page.", "This form has just closed. Nothing was taken: reload the page.";
        why_full: "Ce formulaire ne prend plus rien pour le moment. Rien n’a été pris\u{a0}: réessayez plus tard.", "This form takes no more for the moment. Nothing was taken: try again later.";
        why_network: "La connexion n’a pas répondu. Essayez encore\u{a0}: ce qui serait déjà arrivé ne comptera qu’une fois.", "The connection did not answer. Try again: what may have arrived already counts once.";
        why_other: "Ce navigateur n’y parvient pas, et rien n’a été envoyé. Prenez une version récente, ou écrivez à la société.", "This browser cannot do it, and nothing was sent. Use a recent one, or write to the company.";
        done_title: "Vos choix sont envoyés", "Your choices are sent";
        done: "Gardez ce reçu\u{a0}: il dit ce que vous avez accepté, à qui et quand, et comment revenir dessus. Il n’est que sur cet appareil.", "Keep this receipt: it says what you agreed to, with whom and when, and how to take it back. It is on this device only.";
        done_number: "Numéro", "Number";
        done_when: "Envoyé le", "Sent on";
        done_page: "Empreinte de cette page", "Digest of this page";
        done_what: "Ce que vous avez accepté", "What you agreed to";
        download: "Télécharger le reçu (JSON)", "Download the receipt (JSON)";
        print: "Imprimer", "Print";
    }
}
