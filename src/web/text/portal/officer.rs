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
        operator_intro: "L’inscription d’une société se fait en ligne de commande, l’empreinte de ses clés étant confirmée par un autre canal\u{a0}: tiers party add.", "A company is enrolled on the command line, once the fingerprint of its keys was confirmed by another channel: tiers party add.";
        operator_caption: "Sociétés", "Companies";
        operator_none: "Aucune société encore.", "No company yet.";
        party_name: "Nom", "Name";
        party_siren: "SIREN", "SIREN";
        party_role: "Rôle", "Role";
        party_fingerprint: "Empreinte des clés", "Fingerprint of its keys";
    }
}
