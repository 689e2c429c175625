//! Words of whoever deposits: a dealer with its sales, a brand with its leads.

use super::words;

words! {
    /// Home of a dealer, deposits, the page on which a file is dropped.
    Dealer {
        home_title: "Vos programmes et vos dépôts", "Your programmes and your deposits";
        programmes: "Programmes", "Programmes";
        programmes_none: "Aucun programme encore. La marque vous y ajoute dès que votre société est inscrite.", "No programme yet. The brand adds you as soon as your company is enrolled.";
        programme_by: "Conduit par {principal}", "Run by {principal}";
        purpose: "Finalité", "Purpose";
        key_waiting: "Clé du programme\u{a0}: reçue, scellée pour vous", "Programme key: received, sealed for you";
        key_missing: "Clé du programme\u{a0}: la marque ne vous l’a pas encore transmise", "Programme key: the brand has not passed it to you yet";
        approved: "Publications approuvées le {moment}", "Releases approved on {moment}";
        not_approved: "Publications pas encore approuvées", "Releases not approved yet";
        open_programme: "Règles et accords", "Rules and agreements";
        deposit_here: "Déposer un fichier", "Deposit a file";

        deposits: "Dépôts", "Deposits";
        deposits_caption: "Vos dépôts, le plus récent d’abord", "Your deposits, the newest first";
        deposits_none: "Aucun dépôt encore. Le premier prend deux minutes\u{a0}: déposez un export de votre logiciel.", "No deposit yet. The first takes two minutes: deposit an export of your software.";
        col_when: "Déposé le", "Deposited on";
        col_what: "Contenu", "Contents";
        col_rows: "Lignes", "Rows";
        col_left_out: "Écartées", "Left out";
        col_state: "État", "State";
        col_until: "Détenu jusqu’au", "Held until";
        state_open: "en cours d’envoi", "being sent";
        state_accepted: "reçu", "received";
        state_refused: "refusé", "refused";
        state_erased: "effacé", "erased";
        quality_title: "Qualité de vos fichiers", "Quality of your files";
        quality_desc: "Part des lignes écartées, dépôt par dépôt, du plus ancien au plus récent\u{a0}: {values}", "Share of rows left out, deposit by deposit, from the oldest to the newest: {values}";
        quality_legend: "Part des lignes écartées par votre propre ordinateur, du plus ancien dépôt au plus récent. Une hausse annonce un export qui a changé.", "Share of the rows that your own computer left out, from the oldest deposit to the newest. A rise tells of an export that changed.";

        deposit_title: "Dépôt du {day}", "Deposit of {day}";
        deposit_id: "Numéro", "Number";
        deposit_tool: "Préparé avec", "Made with";
        refusal: "Motif du refus", "Why it was refused";
        receipt_title: "Reçu", "Receipt";
        receipt_text: "Le reçu prouve ce qui a été déposé et quand, avec sa place au journal de preuve. Il se vérifie sans nous.", "The receipt proves what was deposited and when, with its place in the ledger. It can be checked without us.";
        receipt_get: "Télécharger le reçu", "Download the receipt";
        released_title: "Ce qui en a été publié", "What was released from it";
        released_text: "Des statistiques d’ensemble pour la marque, jamais une ligne de ce dépôt. Voici quand et pour quel mois.", "Statistics of the whole for the brand, never a row of this deposit. Here is when, and for which month.";
        released_none: "Rien encore n’a été publié à partir de ce dépôt.", "Nothing was released from this deposit yet.";
        released_month: "Mois des ventes", "Month of sales";
        released_on: "Publié le", "Released on";
        released_number: "Numéro de publication", "Number of the release";
        delete_title: "Effacer ce dépôt", "Erase this deposit";
        delete_text: "Le tiers détruit ce dépôt au prochain point du journal, et les publications à venir se font sans lui. Celles qui ont été faites restent, sans qu’aucune ligne n’y figure.", "The certifier destroys this deposit at the next tick, and releases to come are made without it. Those that were made stay; no row stands in them.";
        delete_reason: "Motif (il est inscrit au journal)", "Reason (it is recorded in the ledger)";
        delete_button: "Effacer définitivement", "Erase for good";
        deleted: "Effacement ordonné\u{a0}; il figure au journal de preuve.", "Erasure ordered; it stands in the ledger.";

        kind_leads: "contacts de campagne", "leads";
        kind_sales: "ventes", "sales";
        kind_customers: "clients", "customers";
        kind_oppositions: "oppositions", "oppositions";
        kind_consents: "consentements", "consents";

        agreement_title: "Vos accords", "What you agree to";
        agreement_text: "Vous seul en décidez, et vous pouvez revenir dessus à tout moment\u{a0}: les publications à venir suivent.", "You alone decide, and may take it back at any time: releases to come follow.";
        agreement_size: "Ventes par an", "Sales a year";
        agreement_region: "Région", "Region";
        agreement_region_none: "non précisée", "not given";
        agreement_named: "J’accepte que notre nom figure dans les rapports, là où les règles le permettent", "Our name may stand in reports, where the rules allow it";
        agreement_exact: "J’accepte que nos totaux exacts soient donnés, sans bruit, là où les règles le prévoient", "Our exact totals may be given, without noise, where the rules provide for it";
        agreement_compared: "J’accepte d’être comparé avec ces distributeurs (leurs numéros, un par ligne)", "We agree to be compared with these dealers (their numbers, one a line)";
        agreement_compared_help: "Combien de personnes ont acheté chez vous deux n’est dit, avec du bruit, que si l’autre vous nomme aussi.", "How many people bought from both of you is told, with noise, only if the other names you, too.";
        agreement_button: "Enregistrer", "Save";
        agreement_saved: "C’est enregistré, et inscrit au journal de preuve.", "Saved, and recorded in the ledger.";
        rules_title: "Les règles du programme", "The rules of the programme";

        drop_title: "Déposer un fichier", "Deposit a file";
        drop_lead: "Votre fichier est lu, vérifié et transformé en empreintes dans cette page, sur cet ordinateur. Seules les empreintes partent, et vous les voyez avant.", "Your file is read, checked and turned into tokens in this page, on this computer. Only the tokens leave, and you see them first.";
        drop_trust: "Cela vaut tant que le programme servi par cette page est bien le nôtre\u{a0}; pour ne dépendre de personne, utilisez la ligne de commande.", "This holds as long as the program that this page serves is ours; to depend on nobody, use the command line.";
        drop_programme: "Programme", "Programme";
        drop_kind: "Ce que contient le fichier", "What the file holds";
        drop_key: "Le fichier de clé de votre société (party.key)", "Your company’s key file (party.key)";
        drop_key_help: "Il reste sur cet ordinateur\u{a0}: la page l’ouvre pour ce dépôt, puis l’oublie.", "It stays on this computer: the page opens it for this deposit, then forgets it.";
        drop_programme_key: "La clé du programme (programme.key)", "The programme’s key (programme.key)";
        drop_file: "Votre fichier (CSV, Excel, LibreOffice)", "Your file (CSV, Excel, LibreOffice)";
        drop_here: "ou faites-le glisser ici", "or drag it here";
        drop_read: "Lire le fichier", "Read the file";
        drop_none: "Il n’y a pas encore de programme dans lequel déposer.", "There is no programme to deposit in yet.";
        drop_no_build: "Ce tiers ne sert pas le programme de navigateur. Utilisez la ligne de commande\u{a0}: tiers prepare, puis tiers deposit.", "This certifier does not serve the browser’s program. Use the command line: tiers prepare, then tiers deposit.";
        drop_understood: "Ce qui a été compris", "What was understood";
        drop_rows: "Lignes retenues", "Rows kept";
        drop_rejects: "Lignes écartées", "Rows left out";
        drop_encoding: "Codage et séparateur", "Encoding and separator";
        drop_columns: "Colonnes", "Columns";
        drop_col_heading: "Dans votre fichier", "In your file";
        drop_col_field: "Lu comme", "Read as";
        drop_col_filled: "Remplies", "Filled";
        drop_col_missing: "Manquantes", "Missing";
        field_civility: "civilité", "form of address";
        field_first_name: "prénom", "first name";
        field_last_name: "nom", "family name";
        field_full_name: "nom complet", "full name";
        field_birth_date: "date de naissance", "birth date";
        field_email: "courriel", "e-mail";
        field_phone: "téléphone", "telephone";
        field_street_number: "numéro de rue", "street number";
        field_address: "adresse", "address";
        field_address_extra: "complément d’adresse", "second line of the address";
        field_postcode: "code postal", "postcode";
        field_city: "ville", "town";
        field_country: "pays", "country";
        field_card: "carte de fidélité", "loyalty card";
        field_siret: "SIRET", "SIRET";
        field_lead_date: "date du contact", "day of the lead";
        field_sale_date: "date de vente", "day of the sale";
        field_amount: "montant", "amount";
        field_campaign: "campagne", "campaign";
        field_model: "modèle", "model";
        drop_preview: "Exactement ce qui sera envoyé (premières lignes)", "Exactly what will be sent (first rows)";
        drop_whole: "Enregistrer l’ensemble sur cet ordinateur pour le lire", "Save the whole on this computer to read it";
        drop_send: "Envoyer ces empreintes", "Send these tokens";
        drop_again: "Choisir un autre fichier", "Choose another file";
        drop_done_title: "Déposé", "Deposited";
        drop_done: "Le tiers a tout reçu et tout relu. Voici votre reçu.", "The certifier received and read all of it. Here is your receipt.";
        drop_see: "Voir le dépôt et son reçu", "See the deposit and its receipt";
        drop_stage_opening: "Ouverture du fichier…", "Opening the file…";
        drop_stage_reading: "Lecture des lignes…", "Reading the rows…";
        drop_stage_tokens: "Calcul des empreintes…", "Making the tokens…";
        drop_stage_sealing: "Scellement…", "Sealing…";
        drop_stage_sending: "Envoi…", "Sending…";
        drop_stage_waiting: "Connexion perdue\u{a0}; on reprend là où l’on en était…", "Connection lost; going on from where it was…";
        drop_refused: "Ce fichier n’a pas été accepté", "This file was not accepted";
        drop_why_file: "Il ne se lit pas comme un tableau. Exportez-le de nouveau en CSV ou en Excel, sans mot de passe.", "It cannot be read as a table. Export it again as CSV or Excel, without a password.";
        drop_why_columns: "Les colonnes nécessaires n’y sont pas, ou ne sont pas reconnues.", "The columns that are needed are not there, or not recognised.";
        drop_why_party: "Ce n’est pas le fichier de clé d’une société (party.key), ou il est endommagé.", "This is not a company’s key file (party.key), or it is damaged.";
        drop_why_key: "La clé du programme ne s’ouvre pas avec ce fichier de clé\u{a0}: c’est celui d’une autre société, ou d’un autre programme.", "The programme’s key does not open with this key file: it is another company’s, or of another programme.";
        drop_why_browser: "Ce navigateur n’y parvient pas. Prenez une version récente, ou la ligne de commande.", "This browser cannot do it. Use a recent one, or the command line.";
        drop_why_other: "Le tiers, ou la page, l’a refusé\u{a0}; le code ci-dessous dit pourquoi.", "The certifier, or the page, refused it; the code below says why.";
        drop_nothing_sent: "Rien n’a été envoyé.", "Nothing was sent.";
    }
}
