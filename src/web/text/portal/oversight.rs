//! Words of what companies and the certifier's people follow: search and dossiers, register, terms of
//! retention, requests of persons, breaches, the table of conformity.

use super::words;

words! {
    /// Search, register, retention, requests, breaches, conformity.
    Oversight {
        search_title: "Chercher des actes", "Search acts";
        search_intro: "Par dossier, par pièce ou par acte\u{a0}: un numéro suffit, ce qui en dépend vient avec. Chaque recherche est elle-même un acte, inscrit avec son motif.", "By case, by record or by act: a number is enough, what belongs to it comes along. Each search is itself an act, recorded with its reason.";
        search_about: "Numéro (programme, dépôt, publication, société, acte)", "Number (programme, deposit, release, company, act)";
        search_type: "Type d’acte, par exemple release.published", "Type of act, such as release.published";
        search_persons: "Actes qui touchent une personne (demandes, consultations, avis)\u{a0}: ils entrent au registre une fois par jour, tous ensemble", "Acts that concern a person (requests, looks, notices): they enter the ledger once a day, all together";
        search_tick: "au prochain relevé", "at the next tick";
        search_since: "Depuis le", "Since";
        search_until: "Jusqu’au", "Until";
        search_reason: "Motif (il est inscrit au journal)", "Reason (it is recorded in the ledger)";
        search_button: "Chercher", "Search";
        search_none: "Aucun acte ne répond à cette recherche.", "No act answers this search.";
        dossier_title: "Le dossier de ce numéro", "The dossier of this number";
        dossier_text: "Tous ces actes avec leur preuve, signés par le tiers, à vérifier sans lui.", "All these acts with their proofs, signed by the certifier, to be checked without it.";
        dossier_json: "Télécharger le dossier (JSON, vérifiable)", "Download the dossier (JSON, verifiable)";
        dossier_pdf: "Télécharger le dossier (PDF, à lire)", "Download the dossier (PDF, to read)";
        dossier_check: "Vérifier les preuves dans cette page", "Check the proofs in this page";
        dossier_working: "Vérification…", "Checking…";
        dossier_good: "{count} actes\u{a0}: la signature du dossier et la preuve de chaque acte au journal sont exactes. La vérification a eu lieu dans cette page.", "{count} acts: the signature of the dossier and the proof of each act in the ledger hold. They were checked in this page.";
        dossier_bad: "Le dossier ne se vérifie pas. Ne vous y fiez pas, et gardez-le\u{a0}:", "The dossier does not hold. Do not rely on it, and keep it:";
        dossier_failed: "La vérification n’a pas pu se faire dans cette page. Téléchargez le dossier et vérifiez-le en ligne de commande.", "The check could not be made in this page. Download the dossier and check it on the command line.";

        register_title: "Registre des traitements", "Register of processing activities";
        register_intro: "Établi à partir de ce qui est enregistré, jamais saisi (RGPD, article 30).", "Made from what is recorded, never typed in (GDPR, article 30).";
        register_version: "Version", "Version";
        register_issued: "Établie le", "Issued on";
        register_digest: "Empreinte (SHA-256)", "Digest (SHA-256)";
        register_retention: "Politique de conservation", "Retention policy";
        register_controller: "Comme responsable", "As a controller";
        register_processor: "Comme sous-traitant", "As a processor";
        register_none: "Aucun traitement.", "No processing activity.";
        register_purposes: "Finalités et bases", "Purposes and bases";
        register_data: "Données et durées", "Data and terms";
        register_recipients: "Destinataires", "Recipients";
        register_for: "Pour le compte de", "On behalf of";
        register_categories: "Opérations", "Operations";
        years: "{number} ans", "{number} years";
        months: "{number} mois", "{number} months";
        days: "{number} jours", "{number} days";
        register_get: "Télécharger", "Download";
        register_pdf: "PDF", "PDF";
        register_ods: "Tableur (modèle de la CNIL)", "Spreadsheet (CNIL’s template)";
        register_svg: "Carte des transmissions", "Map of who gives what to whom";
        register_json: "JSON", "JSON";

        retention_title: "Échéances de conservation", "Terms of retention";
        retention_intro: "Ce qui part à l’archive ou s’efface dans les {days} jours. L’effacement se fait tout seul, à son jour.", "What goes to the archive or is deleted within {days} days. Deletion comes by itself, on its day.";
        retention_ahead: "{days}\u{a0}jours", "{days} days ahead";
        retention_none: "Rien n’arrive à échéance dans les {days} jours.", "Nothing comes to its term within {days} days.";
        retention_day: "Le", "On";
        retention_object: "Objet", "Object";
        retention_phase: "Où il est", "Where it is";
        retention_active: "base active", "active base";
        retention_archive: "archive intermédiaire", "intermediate archive";
        retention_then: "Ce qui se passe", "What happens";
        retention_moves: "part à l’archive", "goes to the archive";
        retention_deleted: "est effacé", "is deleted";
        retention_last: "Effacé pour de bon le", "Deleted for good on";

        requests_title: "Demandes des personnes", "Requests of persons";
        requests_intro: "Accès, effacement, opposition et les autres droits, avec leur délai d’un mois. Une demande s’enregistre en ligne de commande, où le contact devient une empreinte\u{a0}: tiers subject.", "Access, erasure, objection and the other rights, with their term of one month. A request is handed in on the command line, where the contact becomes a token: tiers subject.";
        requests_none: "Aucune demande.", "No request.";
        request_received: "Reçue le", "Received on";
        request_due: "Réponse due le", "Answer due on";
        request_state: "État", "State";
        request_number: "Numéro", "Number";
        request_left: "{days} jours restants", "{days} days left";
        request_today: "c’est aujourd’hui", "it is today";
        request_over: "en retard de {days} jours", "{days} days late";
        request_extended: "prolongée de deux mois", "extended by two months";
        request_open: "à traiter", "open";
        request_soon: "dernière semaine", "last week";
        request_late: "en retard", "late";
        request_answered: "répondue", "answered";
        request_refused: "refusée", "refused";
        request_passed_on: "transmise", "passed on";
        request_controller: "Responsable qui répond", "Controller who answers";
        request_passed_at: "Transmise le", "Passed on";
        request_pass_on_by: "À transmettre aux responsables avant la fin du", "To be passed on to the controllers by";
        request_pass_on_late: "(en retard)", "(late)";
        request_doubt: "Doute sur l’identité", "Doubt about the identity";
        request_identity: "Demander plus sur l’identité (doute motivé)", "Ask for more about the identity (reasoned doubt)";
        request_step: "Noter une étape", "Record a step";
        request_answer: "La personne a reçu sa réponse", "The person was answered";
        request_extend: "Prolonger de deux mois", "Extend by two months";
        request_refuse: "Refuser", "Refuse";
        request_reasons: "Motifs (pour prolonger, refuser ou douter)", "Reasons (to extend, to refuse or to doubt)";
        request_save: "Enregistrer", "Save";
        kind_access: "accès", "access";
        kind_rectification: "rectification", "rectification";
        kind_erasure: "effacement", "erasure";
        kind_objection: "opposition", "objection";
        kind_restriction: "limitation", "restriction";
        kind_lift: "fin de limitation", "end of restriction";
        kind_portability: "portabilité", "portability";

        breaches_title: "Violations de données", "Data breaches";
        breaches_intro: "Chaque dossier avec ses délais\u{a0}: 24 heures pour les responsables, 72 heures pour l’autorité. Il s’ouvre et se complète en ligne de commande\u{a0}: tiers breach.", "Each file with its clocks: 24 hours to the controllers, 72 hours to the authority. It is opened and completed on the command line: tiers breach.";
        breaches_none: "Aucun dossier n’est ouvert.", "No file is open.";
        breach_open: "Ouvert", "Open";
        breach_closed: "Clos", "Closed";
        breach_aware: "Connue le", "Known since";
        breach_version: "Version du dossier", "Version of the file";
        breach_controllers: "Responsables à prévenir avant", "Controllers to be told by";
        breach_authority: "Autorité à prévenir avant", "Authority to be told by";
        breach_not_owed: "rien n’est dû", "nothing is owed";
        breach_running: "{moment}, le délai court", "{moment}, the clock runs";
        breach_in_time: "{moment}, fait à temps", "{moment}, done in time";
        breach_overdue: "{moment}, dépassé", "{moment}, overdue";
        breach_nature: "Nature", "Nature";
        breach_consequences: "Conséquences probables", "Likely consequences";
        breach_measures: "Mesures", "Measures";
        breach_missing: "Encore inconnu", "Not known yet";

        conformity_title: "Ce que demandent les textes, et ce qui est prouvé", "What the texts ask, and what is proven";
        conformity_intro: "Une exigence est prouvée quand un test qui porte son numéro passe à chaque version de ce programme. Ce n’est pas un avis juridique, et aucune autorité ne l’a approuvé.", "A requirement is proven when a test that carries its number passes with each version of this program. This is no legal advice, and no authority has approved it.";
        conformity_language: "Le tableau lui-même est en anglais, tel qu’il est publié avec le programme.", "The table itself stands as it is published with the program.";
        conformity_id: "Numéro", "Number";
        conformity_level: "Niveau", "Level";
        conformity_text: "Texte", "Text";
        conformity_asks: "Exigence", "Requirement";
        conformity_proof: "Preuve", "Proof";
        conformity_proven: "prouvée", "proven";
        conformity_duty: "obligation des personnes", "a duty of people";
        conformity_missing: "pas encore", "not yet";
        conformity_counts: "{proven} exigences sur {all} sont prouvées par un test.", "{proven} of {all} requirements are proven by a test.";
        conformity_tests: "{count} tests", "{count} tests";
    }
}
