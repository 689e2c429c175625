//! Words that every page of the portals has.

use super::words;

words! {
    /// Frame, navigation, signing in, people, errors.
    Common {
        lang: "fr", "en";
        other_lang: "en", "fr";
        other_language: "English", "Français";
        brand: "tiers certificateur", "tiers certificateur";
        skip: "Aller au contenu", "Skip to the content";
        menu: "Navigation principale", "Main navigation";
        home: "Accueil", "Home";
        drop: "Déposer un fichier", "Deposit a file";
        acts: "Journal de preuve", "Ledger";
        consents: "Consentements", "Consents";
        exchanges: "Échanges", "Exchanges";
        search: "Recherche", "Search";
        requests: "Demandes", "Requests";
        register: "Registre", "Register";
        retention: "Échéances", "Terms";
        breaches: "Violations", "Breaches";
        conformity: "Conformité", "Conformity";
        people: "Équipe", "Team";
        keys: "Clés", "Keys";
        verify: "Vérifier une attestation", "Verify a certificate";
        rights: "Vos droits", "Your rights";
        about: "Ce que fait le tiers", "What the certifier does";
        sign_in: "Se connecter", "Sign in";
        sign_out: "Se déconnecter", "Sign out";
        signed_in_as: "{name}, {role}", "{name}, {role}";
        role_partner: "distributeur", "dealer";
        role_principal: "annonceur", "brand";
        role_officer: "délégué à la conformité", "compliance officer";
        role_operator: "opérateur", "operator";
        footer: "Chiffres avec marge d’erreur, jamais de noms. Les fichiers sont tenus sous confidentialité contractuelle.", "Figures with their margin of error, never names. Files are held under contractual confidentiality.";

        sign_in_title: "Se connecter", "Sign in";
        sign_in_intro: "Votre clé d’accès (empreinte, visage ou code de l’appareil) suffit\u{a0}: il n’y a pas de mot de passe.", "Your passkey (fingerprint, face or device code) is all you need: there is no password.";
        sign_in_button: "Se connecter avec ma clé d’accès", "Sign in with my passkey";
        sign_in_lost: "Clé perdue ou nouvel appareil\u{a0}? Demandez une nouvelle invitation à un collègue, ou à la personne qui garde le fichier d’identification de votre société. L’opérateur seul ne peut pas vous en donner une.", "Lost your passkey, or a new device? Ask a colleague for a new invitation, or whoever keeps your company’s credentials file. The operator alone cannot give you one.";
        sign_in_working: "En attente de votre appareil…", "Waiting for your device…";
        sign_in_failed: "Votre appareil n’a pas confirmé, ou la clé n’est pas connue ici. Réessayez.", "Your device did not confirm, or the passkey is not known here. Try again.";
        sign_in_unsupported: "Ce navigateur ne connaît pas les clés d’accès. Prenez une version récente de Firefox, Chrome, Edge ou Safari.", "This browser does not know passkeys. Use a recent Firefox, Chrome, Edge or Safari.";
        kept_use: "Avec les clés gardées dans ce navigateur\u{a0}:", "With the keys kept in this browser:";
        kept_phrase: "Phrase secrète", "Passphrase";
        kept_passkey: "Votre appareil vous demandera votre clé d’accès.", "Your device will ask you for your passkey.";
        kept_other: "Choisir un fichier à la place", "Choose a file instead";
        kept_refused: "Les clés gardées ici n’ont pas pu être déverrouillées. Réessayez, ou choisissez un fichier.", "The keys kept here could not be unlocked. Try again, or choose a file.";
        first_title: "Première connexion de votre société", "First sign-in of your company";
        first_intro: "Le certificateur vous a remis un fichier d’accès (credentials.json)\u{a0}: il vous ouvre la porte une première fois, et votre clé d’accès prend le relais. Pas encore inscrits\u{a0}?", "The certifier gave you a credentials file (credentials.json): it lets you in once, and your passkey takes over. Not enrolled yet?";
        first_keys: "Créez les clés de votre société", "Make your company’s keys";
        first_name: "Votre nom", "Your name";
        first_file: "Fichier d’accès (credentials.json)", "Credentials file (credentials.json)";
        first_button: "Continuer", "Go on";
        first_why_file: "Ce n’est pas un fichier d’accès.", "This is no credentials file.";
        first_why_key: "Cet accès n’est pas connu, ou il a été remplacé\u{a0}: demandez à un collègue de vous inviter, ou au certificateur un nouvel accès.", "This access is unknown, or was replaced: ask a colleague to invite you, or the certifier for a new access.";
        first_why_other: "Cela n’a pas pu être fait\u{a0}:", "It could not be done:";
        needs_script: "Cette page a besoin de JavaScript pour parler à votre appareil.", "This page needs JavaScript to talk to your device.";

        invitation_title: "Bienvenue, {name}", "Welcome, {name}";
        invitation_for: "Vous êtes invité à travailler ici pour {company}, comme {role}.", "You are invited to work here for {company}, as {role}.";
        invitation_for_certifier: "Vous êtes invité à travailler ici pour le tiers certificateur, comme {role}.", "You are invited to work here for the certifier, as {role}.";
        invitation_how: "Créez une clé d’accès sur cet appareil\u{a0}: c’est elle qui vous ouvrira cette application. Le lien ne sert qu’une fois.", "Make a passkey on this device: it is what will let you in. The link works once.";
        invitation_button: "Créer ma clé d’accès", "Make my passkey";
        invitation_enter: "Entrer sans clé d’accès (démonstration)", "Enter without a passkey (demonstration)";

        people_title: "Équipe", "Team";
        people_intro: "Qui peut se connecter pour votre société. Chaque invitation et chaque retrait figurent au journal de preuve.", "Who can sign in for your company. Each invitation and each removal stands in the ledger.";
        people_caption: "Personnes", "People";
        people_name: "Nom", "Name";
        people_last: "Dernière connexion", "Last sign-in";
        people_state: "État", "State";
        people_never: "jamais", "never";
        people_active: "active", "active";
        people_waiting: "invitation en attente", "invitation pending";
        people_revoked: "retirée", "removed";
        people_revoke: "Retirer", "Remove";
        people_knew: "connaissait la clé d’accès de la société\u{a0}: la faire changer", "knew the company’s key: have it changed";
        people_again: "Nouvelle invitation", "New invitation";
        people_of: "pour {name}", "for {name}";
        people_invite: "Inviter une personne", "Invite somebody";
        people_invite_button: "Créer l’invitation", "Make the invitation";
        people_link: "Lien pour {name}, à remettre de la main à la main ou par un canal sûr. Il n’est montré qu’une fois et vaut jusqu’au {moment}.", "Link for {name}, to hand over in person or by a safe channel. It is shown once and is good until {moment}.";
        people_empty: "Personne encore\u{a0}: invitez la première.", "Nobody yet: invite the first one.";
        your_sign_ins: "Vos dernières connexions", "Your last sign-ins";
        how_passkey: "clé d’accès", "passkey";
        how_link: "lien de démonstration", "demonstration link";

        error_title: "Ce n’est pas possible", "This cannot be done";
        error_code: "Code", "Code";
        error_back: "Revenir à l’accueil", "Back to the home page";
        actions: "Actions", "Actions";
        yes: "oui", "yes";
        no: "non", "no";
    }
}
