//! The words of the exports, in French and in English. French labels are those of CNIL's simplified
//! template as far as they are known to us.

use super::Language;

macro_rules! words {
    ($($name:ident: $fr:literal, $en:literal;)+) => {
        /// The words of one language.
        pub(super) struct Words { $(pub(super) $name: &'static str,)+ }

        const FR: Words = Words { $($name: $fr,)+ };
        const EN: Words = Words { $($name: $en,)+ };
    };
}

words! {
    title: "Registre des activités de traitement", "Record of processing activities";
    version: "Version", "Version";
    issued: "Établi le", "Issued at";
    digest: "Empreinte SHA-256", "SHA-256";
    retention: "Politique de conservation", "Retention policy";
    list: "Liste des traitements", "List of processing";
    guide: "Mode d'emploi", "How to read";
    guide_text: "Ce registre est établi à partir des programmes et des règles en vigueur ; il ne se modifie pas à la main. Une nouvelle version paraît quand son contenu change, les anciennes sont conservées.", "This record is built from the programmes and rules in force; it is not edited by hand. A new version appears when its content changes, earlier ones are kept.";
    sheet: "Fiche", "Sheet";
    activities: "Activités de traitement", "Processing activities";
    reference: "N°/REF", "No./REF";
    created: "Date de création", "Created";
    updated: "Dernière mise à jour", "Last update";
    main_purpose: "Finalité principale", "Main purpose";
    sub_purpose: "Sous-finalité", "Further purpose";
    basis: "Base légale", "Legal basis";
    actors: "Acteurs", "Actors";
    controller: "Responsable du traitement", "Controller";
    dpo: "Délégué à la protection des données", "Data protection officer";
    representative: "Représentant", "Representative";
    joint: "Responsables conjoints", "Joint controllers";
    name: "Nom", "Name";
    address: "Adresse", "Address";
    contact: "Contact", "Contact";
    data: "Catégories de données", "Categories of data";
    description: "Description", "Description";
    deleted: "Délai d'effacement", "Time limit for erasure";
    persons: "Catégories de personnes concernées", "Categories of data subjects";
    recipients: "Destinataires", "Recipients";
    security: "Mesures de sécurité", "Security measures";
    transfers: "Transferts hors UE", "Transfers outside the EU";
    country: "Pays", "Country";
    safeguards: "Garanties", "Safeguards";
    none: "Aucun", "None";
    as_controller: "En qualité de responsable du traitement", "As controller";
    as_processor: "En qualité de sous-traitant", "As processor";
    categories: "Catégories de traitements", "Categories of processing";
    subprocessors: "Sous-traitants ultérieurs", "Sub-processors";
    map_title: "Qui donne quoi à qui", "Who gives what to whom";
    gives: "Sources", "Sources";
    works: "Traitement", "Processing";
    gets: "Destinataires", "Recipients";
    until: "effacement", "erasure";
}

impl Language {
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
        }
    }
}
