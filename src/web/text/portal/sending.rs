//! Words of the page on which a file becomes a batch of an exchange.

use super::words;

words! {
    /// Sending, and what is left out.
    Sending {
        title: "Envoyer des contacts", "Send contacts";
        title_to: "Envoyer des contacts à {name}", "Send contacts to {name}";
        lead: "Votre fichier est lu, vérifié et scellé dans cette page, pour la clé du destinataire\u{a0}; le tiers ne peut pas l’ouvrir. Rien ne part avant que vous ayez vu ce qui partira.", "Your file is read, checked and sealed in this page, to the recipient’s key; the certifier cannot open it. Nothing leaves before you have seen what will.";
        channel: "Moyen par lequel le destinataire joindra les personnes", "Means by which the recipient will reach the persons";
        party_key: "Clé de votre société (party.key)", "Your company’s key (party.key)";
        rights_key: "Clé des droits (rights.key)", "Rights key (rights.key)";
        rights_help: "La même que pour les consentements\u{a0}: elle fait des personnes des jetons, par lesquels le tiers retrouve leur consentement.", "The same as for consents: it makes tokens of persons, by which the certifier finds their consent.";
        collected: "Jour de collecte, si le fichier ne le dit pas", "Day of collection, if the file does not say it";
        lists: "Listes d’opposition", "Lists of objections";
        lists_text: "Une liste postale (nom, rue, code postal) est comparée ici, et qui y figure ne part pas. De toute liste, on déclare laquelle, sous quel certificat et de quel jour\u{a0}; pour des appels, jusqu’au 10\u{a0}août\u{a0}2026, c’est exigé et vieux de trente jours au plus.", "A postal list (name, street, postcode) is compared here, and who is on it does not leave. Of any list one states which, under which certificate and of which day; for calls, until 10\u{a0}August\u{a0}2026, that is required and thirty days old at most.";
        list: "Nom de la liste (Bloctel, Robinson…)", "Name of the list (Bloctel, Robinson…)";
        certificate: "Certificat de la comparaison, ou livraison de la liste", "Certificate of the comparison, or delivery of the list";
        list_date: "Jour", "Day";
        suppress: "Liste postale à écarter (fichier)", "Postal list to leave out (file)";
        lists_whole: "Dites le nom, le certificat et le jour, ou aucun des trois.", "Say name, certificate and day, or none of the three.";
        file: "Fichier de contacts (CSV, TSV, XLSX, XLS, ODS)", "File of contacts (CSV, TSV, XLSX, XLS, ODS)";
        file_help: "Chaque ligne doit dire ce qui la prouve\u{a0}: une colonne consent_id (reçu de consentement) ou preuve (où se trouve l’enregistrement ou la feuille).", "Each row must say what proves it: a column consent_id (consent record) or evidence (where the recording or the sheet lies).";
        read: "Lire et vérifier", "Read and check";
        stage_sealing: "Scellement…", "Sealing…";
        goes: "{records} contacts partiront à {to}, par {channel}", "{records} contacts will go to {to}, by {channel}";
        too_few: "Il en faut mille au moins\u{a0}: de moins, on apprendrait qui a consenti. Attendez d’en avoir davantage, ou corrigez ce qui est écarté.", "At least a thousand are needed: fewer would tell who consented. Wait until there are more, or mend what is left out.";
        understood_rows: "Lignes lues", "Rows read";
        understood_records: "Partiront", "Will go";
        understood_left_out: "Écartées", "Left out";
        understood_fields: "Champs qui partent", "Fields that leave";
        columns: "Ce que signifient les colonnes\u{a0}; ce qui ne signifie rien ne part pas", "What the columns mean; what means nothing does not leave";
        left_out: "Pourquoi des lignes sont écartées", "Why rows are left out";
        left_out_count: "Lignes", "Rows";
        left_out_why: "Raison", "Reason";
        left_out_file: "Enregistrer la liste des lignes écartées (left-out.csv)", "Save the list of rows that are left out (left-out.csv)";
        preview: "Les premières lignes que le destinataire pourra ouvrir", "The first lines that the recipient will be able to open";
        preview_file: "Enregistrer tout ce qui partira (preview.csv)", "Save all that will leave (preview.csv)";
        send: "Envoyer", "Send";
        later: "À la remise, le tiers retient encore qui n’y consent pas à cet instant.", "At hand-over the certifier still holds back whoever does not consent at that instant.";
        done_title: "Envoyé", "Sent";
        done: "Le délégué du destinataire examine maintenant un échantillon des preuves\u{a0}; ensuite vous remettez l’envoi.", "The recipient’s officer now looks at a sample of the proofs; then you hand it over.";
        see: "Voir l’échange", "See the exchange";
        why_special: "Une colonne nomme une catégorie particulière de données (santé, opinions, origine…). Retirez-la du fichier.", "A column names a special category of data (health, opinions, origin…). Take it out of the file.";
        why_column: "Il manque une colonne\u{a0}: adresse ou téléphone, jour de collecte, preuve de chaque ligne\u{a0}; pour une liste postale, nom, rue et code postal.", "A column is missing: address or telephone, day of collection, proof of each row; for a postal list, name, street and postcode.";
        why_record: "Une ligne est trop longue pour la taille convenue. Raccourcissez-la.", "A row is too long for the size that was agreed. Shorten it.";
        why_rights: "Ce n’est pas une clé des droits, ou le fichier est endommagé.", "This is not a rights key, or the file is damaged.";
        why_batch: "Le tiers ne prend pas cet envoi\u{a0}; le code dit pourquoi.", "The certifier does not take it; the code says why.";
        col_collected: "jour de collecte", "day of collection";
        col_consent_id: "reçu de consentement", "consent record";
        col_consent_form: "formulaire", "form";
        col_consent_method: "façon de recueillir", "way of collecting";
        col_consented_on: "jour du consentement", "day of consent";
        col_evidence: "où se trouve la preuve", "where the proof lies";
        left_duplicate: "la même personne figure plus haut", "the same person stands further up";
        left_evidence: "la preuve ne se lit pas", "the proof cannot be read";
        left_no_evidence: "rien ne prouve la ligne", "nothing proves the row";
        left_generic_address: "adresse d’une société, de personne en particulier", "address of a company, of nobody in particular";
        left_no_contact: "ni adresse ni téléphone lisible", "no address and no telephone that can be read";
        left_postal_opposition: "sur la liste postale d’opposition", "on the postal list of objections";
        left_no_means_of_channel: "le moyen choisi ne joint pas la personne", "the means that was chosen does not reach the person";
        left_no_day_of_collection: "aucun jour de collecte", "no day of collection";
    }
}
