//! Words of the page on which a company's keys are made and kept.

use super::words;

words! {
    /// The page of keys, and what is said of them.
    Keys {
        title: "Les clés de votre société", "Your company’s keys";
        lead: "Elles signent et scellent vos dépôts. Elles se créent dans ce navigateur, ou viennent de vos fichiers, et peuvent y rester sous votre clé d’accès\u{a0}: plus de fichier à choisir à chaque dépôt.", "They sign and seal your deposits. They are made in this browser, or come from your files, and may stay here under your passkey: no more file to choose for each deposit.";
        trust: "Aucune clé n’est envoyée\u{a0}: ce navigateur n’enregistre que des octets scellés. Cela ne protège pas d’une page que quelqu’un aurait remplacée sur le serveur, ni d’une copie de cet ordinateur déverrouillé\u{a0}; la ligne de commande garde les clés hors du navigateur.", "No key is sent: this browser stores sealed bytes only. That does not protect from a page that somebody replaced on the server, nor from a copy of this computer while it is unlocked; the command line keeps keys out of the browser.";
        no_build: "Ce certificateur ne sert pas le programme du navigateur\u{a0}: créez les clés avec la ligne de commande (tiers party key new).", "This certifier does not serve the browser’s program: make the keys on the command line (tiers party key new).";
        nothing: "Ce navigateur ne garde encore aucune clé.", "This browser keeps no key yet.";
        there: "Dans ce navigateur", "In this browser";
        print: "Empreinte des clés de la société", "Fingerprint of the company’s keys";
        rights: "Clé des droits (consentements)", "Rights key (consents)";
        programmes: "Clés de programmes", "Keys of programmes";
        protection: "Protection", "Protection";
        yes: "présente", "there";
        none: "aucune", "none";
        by_prf: "clé d’accès", "passkey";
        by_passphrase: "phrase secrète", "passphrase";
        not_kept: "pas encore gardées\u{a0}: elles se perdent à la fermeture de la page", "not kept yet: they are lost when the page is closed";
        same: "Ce sont bien les clés sous lesquelles votre société est inscrite.", "These are the keys under which your company is enrolled.";
        differs: "Votre société est inscrite sous une autre empreinte\u{a0}: ce qui serait signé avec ces clés serait refusé.", "Your company is enrolled under another fingerprint: what is signed with these keys would be refused.";
        working: "En cours…", "Working…";
        unlock: "Déverrouiller", "Unlock";
        make: "Créer les clés de la société", "Make the company’s keys";
        made: "Les clés sont créées. Gardez-en une copie en lieu sûr\u{a0}: personne ne peut les refaire.", "The keys are made. Keep a copy in a safe place: nobody can make them again.";
        take: "Reprendre des clés existantes", "Take keys that you have";
        take_files: "Fichiers de clé", "Key files";
        take_help: "party.key, rights.key, programme.key\u{a0}: un ou plusieurs. Ils restent sur cet ordinateur.", "party.key, rights.key, programme.key: one or more. They stay on this computer.";
        take_button: "Reprendre ces clés", "Take these keys";
        taken: "Les clés sont lues. Gardez-les dans ce navigateur pour ne plus avoir à les choisir.", "The keys are read. Keep them in this browser so that you need not choose them again.";
        protect: "Garder dans ce navigateur", "Keep in this browser";
        protect_how: "Qui veut les utiliser devra montrer", "Whoever wants to use them must show";
        protect_prf: "sa clé d’accès (empreinte, visage ou code de l’appareil)", "the passkey (fingerprint, face or device code)";
        protect_passphrase: "une phrase secrète", "a passphrase";
        protect_later: "Dès que votre société sera inscrite, votre clé d’accès pourra les protéger à sa place.", "Once your company is enrolled, your passkey can protect them in its place.";
        words_help: "Au moins sept mots de trois lettres ou plus, ou douze signes de toutes sortes\u{a0}: rien d’autre ne protège les clés sur cet ordinateur.", "At least seven words of three letters or more, or twelve characters of all kinds: nothing else protects the keys on this computer.";
        protect_button: "Garder ces clés ici", "Keep these keys here";
        is_kept: "C’est gardé. Les pages qui demandent une clé la trouvent désormais ici.", "Kept. Pages that ask for a key find it here from now on.";
        files: "Vos fichiers", "Your files";
        files_text: "Transmettez party.pub au certificateur et lisez-lui l’empreinte au téléphone. Gardez party.key en lieu sûr\u{a0}: un navigateur s’efface ou oublie de lui-même, un ordinateur se perd. party.pub se télécharge une fois les clés gardées ou copiées.", "Give party.pub to the certifier and read the fingerprint out by telephone. Keep party.key in a safe place: browsers are cleared or forget by themselves, computers are lost. party.pub can be downloaded once the keys are kept or copied.";
        get_public: "Télécharger party.pub", "Download party.pub";
        get_copy: "Copie de secours\u{a0}: party.key", "Copy for the safe: party.key";
        copied: "La copie est téléchargée. Ne la laissez pas dans les téléchargements.", "The copy is downloaded. Do not leave it among the downloads.";
        forget: "Oublier", "Forget";
        forget_sure: "J’ai une copie de ces clés, ou je n’en ai plus besoin", "I have a copy of these keys, or need them no longer";
        forget_button: "Effacer de ce navigateur", "Erase from this browser";
        forgotten: "Ce navigateur ne garde plus rien.", "This browser keeps nothing any more.";
        why_secret: "Cela ne déverrouille pas les clés gardées ici\u{a0}: autre clé d’accès, ou autre phrase.", "That does not unlock the keys kept here: another passkey, or another passphrase.";
        why_weak: "Phrase trop facile à deviner\u{a0}: au moins sept mots de trois lettres ou plus, ou douze signes de toutes sortes.", "Too easy to guess: at least seven words of three letters or more, or twelve characters of all kinds.";
        why_file: "Ce n’est pas un fichier de clé, ou il est endommagé.", "This is no key file, or it is damaged.";
        why_full: "Soixante-quatre programmes sont déjà gardés ici\u{a0}: oubliez-en avant.", "Sixty-four programmes are kept here already: forget some first.";
        why_damaged: "Ce qui est gardé ici est endommagé\u{a0}: effacez-le et reprenez vos fichiers.", "What is kept here is damaged: erase it and take your files again.";
        why_changed: "Ce qui est gardé ici a changé entre-temps (un autre onglet\u{a0}?)\u{a0}: rechargez la page et déverrouillez d’abord. Rien n’a été remplacé.", "What is kept here changed meanwhile (another tab?): load the page again and unlock first. Nothing was replaced.";
        why_passkey: "L’appareil n’a pas confirmé, ou ne connaît pas votre clé d’accès. Rien n’a changé.", "The device did not confirm, or does not know your passkey. Nothing has changed.";
        why_prf: "Cette clé d’accès ne sait pas garder de secret (extension PRF)\u{a0}: choisissez une phrase secrète.", "This passkey cannot keep a secret (PRF extension): choose a passphrase.";
        why_browser: "Le programme du navigateur ne s’est pas chargé\u{a0}: rechargez la page.", "The browser’s program did not load: load the page again.";
        why_storage: "Ce navigateur ne permet pas d’enregistrer (navigation privée\u{a0}?)\u{a0}: choisissez vos fichiers à chaque dépôt.", "This browser does not allow storage (a private window?): choose your files for each deposit.";
        why_other: "Cela n’a pas pu être fait\u{a0}:", "It could not be done:";
    }
}
