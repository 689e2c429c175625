//! Words of the certifier's people: compliance officers and operators.

use super::words;

words! {
    /// Home of an officer, acts, breaches; home of an operator.
    Officer {
        home_title: "Contrôle", "Oversight";
        programmes: "Programmes et leurs règles", "Programmes and their rules";
        programmes_none: "Aucun programme n’est inscrit.", "No programme is registered.";
        approved: "Publications approuvées le {moment}", "Releases approved on {moment}";
        not_approved: "Aucune publication n’est approuvée sous ces règles", "No release is approved under these rules";
        policy_digest: "Empreinte des règles", "Digest of the rules";
        approve: "Approuver les publications sous ces règles", "Approve releases under these rules";
        approve_text: "Lisez les règles ci-dessous\u{a0}; l’approbation porte sur cette empreinte et sur aucune autre.", "Read the rules below; the approval is for this digest and no other.";
        approved_now: "Approuvé\u{a0}; l’approbation figure au journal de preuve.", "Approved; the approval stands in the ledger.";
        production: "En production", "In production";
        sandbox: "À l’essai", "Sandbox";
        gaps_title: "Ce qui manque avant la production", "What is missing before production";
        gaps_none: "Rien ne manque.", "Nothing is missing.";
        records_title: "Pièces", "Records";
        records_caption: "Pièces de gouvernance enregistrées", "Records of governance";
        records_none: "Aucune pièce n’est enregistrée.", "Nothing is recorded.";
        record_kind: "Pièce", "Record";
        record_version: "Version", "Version";
        record_at: "Enregistrée le", "Recorded on";
        record_until: "Conservée jusqu’au", "Kept until";
        record_entry: "Au journal", "In the ledger";

        acts_title: "Journal de preuve", "Ledger";
        acts_intro: "Lire les actes est lui-même un acte, inscrit avec son motif.", "Reading the acts is itself an act, recorded with its reason.";
        acts_reason: "Motif de la lecture", "Reason for reading";
        acts_from: "À partir de l’acte n°", "From act number";
        acts_button: "Lire", "Read";
        acts_caption: "Actes", "Acts";
        acts_index: "N°", "No.";
        acts_when: "Quand", "When";
        acts_what: "Quoi", "What";
        acts_who: "Qui", "Who";
        acts_object: "Sur quoi", "On what";
        acts_detail: "Détail", "Detail";
        acts_more: "Actes suivants", "Next acts";
        acts_none: "Aucun acte à partir de là.", "No act from there on.";
        acts_search: "N’afficher que les actes qui contiennent", "Show only acts that contain";

        acts_proof: "Preuve", "Proof";
        proof_title: "Vérification dans cette page", "Checked in this page";
        proof_working: "Vérification en cours…", "Checking…";
        proof_proven: "prouvé", "proven";
        proof_bad: "non prouvé", "not proven";
        proof_tick: "au prochain battement du jour", "with the tick of the day";
        proof_different: "la page montre autre chose", "the page shows something else";
        proof_all: "Les {count} actes affichés figurent au journal, tels quels\u{a0}: l’empreinte de chacun mène à la racine signée.", "All {count} acts that are shown stand in the ledger as they are: the digest of each leads to the signed root.";
        proof_some: "Des {count} actes affichés, {bad} ne figurent pas ainsi au journal. Ne vous y fiez pas et prévenez le responsable du tiers.", "Of the {count} acts that are shown, {bad} cannot be found so in the ledger. Do not rely on them, and tell whoever runs the certifier.";
        proof_failed: "Le journal n’a pas pu être vérifié\u{a0}: aucun acte n’est prouvé. Code\u{a0}:", "The ledger could not be checked: no act is proven. Code:";
        proof_tree: "Journal de {size} actes, signé par sa clé, vérifié le {moment}.", "Ledger of {size} acts, signed by its key, checked on {moment}.";
        proof_witnesses: "{count} témoins ont signé ses {size} premiers actes ({names}), en dernier le {moment}.", "{count} witnesses signed its first {size} acts ({names}), last on {moment}.";
        proof_unwitnessed: "Aucun témoin ne signe ce journal\u{a0}: seul son détenteur le garantit.", "No witness signs this ledger: its keeper alone vouches for it.";
        proof_first: "Ce navigateur voit ce journal pour la première fois\u{a0}; la prochaine fois, il vérifiera que rien n’y a été réécrit.", "This browser sees the ledger for the first time; next time it will check that nothing in it was rewritten.";
        proof_goes_on: "Il continue celui que ce navigateur avait vu ({size} actes)\u{a0}: rien n’y a été réécrit depuis.", "It continues the one that this browser had seen ({size} acts): nothing in it was rewritten since.";
        proof_fork: "Il ne continue pas celui que ce navigateur avait vu ({size} actes)\u{a0}: le passé a été réécrit. Prévenez l’autorité de contrôle.", "It does not continue the one that this browser had seen ({size} acts): the past was rewritten. Tell the supervisory authority.";
        proof_other_key: "La clé du journal n’est plus celle que ce navigateur avait vue. Comparez son empreinte par un autre canal.", "The ledger’s key is not the one that this browser had seen. Compare it by another channel.";
        proof_keys: "Clé et racine", "Key and root";
        proof_keys_text: "Comparez la clé avec celle que le tiers publie\u{a0}; quiconque change ce que ce site sert pourrait aussi changer cette page. Le programme en ligne de commande (tiers ledger verify) ne dépend pas d’elle.", "Compare the key with the one that the certifier publishes; whoever changes what this site serves could change this page as well. The command line (tiers ledger verify) does not depend on it.";
        proof_key: "Clé du journal", "Key of the ledger";
        proof_root: "Racine de l’arbre (SHA-256)", "Root of the tree (SHA-256)";
        proof_again: "Vérifier de nouveau", "Check again";

        breaches_title: "Violations de données", "Data breaches";
        breaches_caption: "Dossiers et leurs délais", "Files and their clocks";
        breaches_none: "Aucun dossier n’est ouvert.", "No file is open.";
        breach_id: "Dossier", "File";
        breach_aware: "Connue le", "Known since";
        breach_controllers: "Responsables à prévenir avant", "Controllers to be told by";
        breach_authority: "Autorité à prévenir avant", "Authority to be told by";
        breach_state: "État", "State";
        breach_open: "ouvert", "open";
        breach_closed: "clos", "closed";

        operator_title: "Sociétés inscrites", "Enrolled companies";
        operator_intro: "Chaque société a créé ses clés elle-même et vous en a lu l’empreinte.", "Each company made its keys itself and read their fingerprint out to you.";
        enrol_title: "Inscrire une société", "Enrol a company";
        enrol_intro: "La société crée ses clés (page «\u{a0}Clés\u{a0}», ou tiers party key new) et vous envoie party.pub. Rappelez-la à un numéro que vous connaissez déjà, et faites-lui lire l’empreinte\u{a0}: c’est elle qui fait foi.", "The company makes its keys (page “Keys”, or tiers party key new) and sends you party.pub. Call it back at a number that you know already, and have it read the fingerprint out: that is what counts.";
        enrol_group: "SIREN de la tête de groupe, s’il y en a un", "SIREN of the head of its group, if there is one";
        enrol_file: "Son fichier party.pub", "Its file party.pub";
        enrol_keys: "Ses clés publiques (le contenu de party.pub)", "Its public keys (what party.pub holds)";
        enrol_print: "L’empreinte qu’elle vous a lue", "The fingerprint that it read to you";
        enrol_button: "Inscrire et télécharger son accès", "Enrol and download its access";
        enrol_after: "Le fichier credentials.json n’est donné qu’une fois. Remettez-le à la société par un canal sûr, puis effacez-le\u{a0}: il ouvre sa première connexion.", "The file credentials.json is given once. Hand it to the company by a safe channel, then delete it: it opens its first sign-in.";
        enrol_bad_keys: "Ce n’est pas un fichier party.pub. Rien n’a été inscrit.", "This is no file party.pub. Nothing was enrolled.";
        enrol_bad_print: "Une empreinte a huit groupes de quatre signes (0 à 9, a à f). Rien n’a été inscrit.", "A fingerprint has eight groups of four characters (0 to 9, a to f). Nothing was enrolled.";
        enrol_other: "L’empreinte n’est pas celle de ces clés. Rien n’a été inscrit\u{a0}: faites-la relire, puis demandez party.pub par un autre canal.", "The fingerprint is not that of these keys. Nothing was enrolled: have it read again, then ask for party.pub by another channel.";
        operator_caption: "Sociétés", "Companies";
        operator_none: "Aucune société encore.", "No company yet.";
        party_name: "Nom", "Name";
        party_siren: "SIREN", "SIREN";
        party_role: "Rôle", "Role";
        party_fingerprint: "Empreinte des clés", "Fingerprint of its keys";
    }
}
