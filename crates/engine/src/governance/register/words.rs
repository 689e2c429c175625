//! The words of the exports, in French and in English. French labels are those of CNIL's simplified
//! template (`registre-traitement-simplifie.ods`), word for word, and a test holds it; what the template has
//! no word for is ours.

use super::Language;
use crate::governance::activity::DataFamily;

macro_rules! words {
    ($($name:ident: $fr:literal, $en:literal;)+) => {
        /// The words of one language.
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)+
            families: [&'static str; 6],
            /// Special categories (GDPR art. 9 and 10): none of them is taken.
            pub(super) special: [&'static str; 9],
        }

        const FR: Words = Words { $($name: $fr,)+ families: FAMILIES_FR, special: SPECIAL_FR };
        const EN: Words = Words { $($name: $en,)+ families: FAMILIES_EN, special: SPECIAL_EN };
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
    labels_from: "Libellés : modèle de registre simplifié de la CNIL (juillet 2019). La base légale, le SIREN et la partie sous-traitant n’y figurent pas.", "Labels: after CNIL's simplified template of a register (July 2019), which has no legal basis, no company number and no part for processors.";
    sheet: "Fiche", "Sheet";
    who: "Coordonnées du responsable de l’organisme\n(responsable de traitement ou son représentant si le responsable est situé en dehors de l’UE)", "Who answers for the organisation\n(controller, or its representative if the controller is outside the EU)";
    who_represents: "Coordonnées du représentant\n(responsable de traitement ou son représentant si le responsable est situé en dehors de l’UE)", "Representative\n(of a controller outside the EU)";
    who_advises: "Coordonnées du délégué à la protection des données (DPO)", "Data protection officer (DPO)";
    its_name: "Nom :", "Name:";
    first_name: "Prénom :", "First name:";
    its_address: "Adresse :", "Address:";
    its_mail: "Adresse mél :", "E-mail:";
    its_postcode: "Code postal :", "Postcode:";
    its_town: "Ville :", "Town:";
    its_phone: "Téléphone :", "Telephone:";
    its_company: "Société (si DPO externe) :", "Company (of an external DPO):";
    identified: "Identification du traitement", "The processing";
    purpose_of: "Finalité du traitement", "Purpose of the processing";
    is_sensitive: "Données sensibles ?", "Sensitive data?";
    sheet_created: "Date de création de la fiche", "Sheet created on";
    sheet_updated: "Dernière mise à jour de la fiche", "Sheet last updated on";
    yes_no: "Oui/non", "Yes/no";
    no: "Non", "No";
    described: "Description du traitement", "Description of the processing";
    processing: "Nom du traitement", "Name of the processing";
    reference: "N° / RÉF", "No. / REF";
    created: "Date de création du traitement", "Processing created on";
    updated: "Mise à jour du traitement", "Processing updated on";
    actors: "Acteurs", "Actors";
    name: "Nom", "Name";
    address: "Adresse", "Address";
    postcode: "Code Postal", "Postcode";
    town: "Ville", "Town";
    country: "Pays", "Country";
    phone: "Téléphone", "Telephone";
    mail: "Adresse mél", "E-mail";
    controller: "Responsable du traitement", "Controller";
    dpo: "Délégué à la protection des données", "Data protection officer";
    dpo_company: "Société du DPO (si celui-ci est externe)", "Company of the DPO (if external)";
    representative: "Représentant", "Representative";
    joint: "Responsable(s) conjoint(s)", "Joint controller(s)";
    purposes: "Finalité(s) du traitement effectué", "Purpose(s) of the processing";
    main_purpose: "Finalité principale", "Main purpose";
    sub_purpose: "Sous-finalité", "Further purpose";
    basis: "Base légale", "Legal basis";
    data: "Catégories de données personnelles concernées", "Categories of personal data";
    description: "Description", "Description";
    deleted: "Durée de conservation", "Kept for";
    sensitive: "Données sensibles", "Sensitive data";
    persons: "Catégories de personnes concernées", "Categories of data subjects";
    details: "Précisions", "Details";
    person: "Catégorie de personnes", "Category of persons";
    other_persons: "Autres (préciser)", "Others (say which)";
    recipients: "Destinataires", "Recipients";
    recipient_type: "Type de destinataire", "Type of recipient";
    recipient: "Destinataire", "Recipient";
    other_recipient: "Autre (Préciser)", "Other (say which)";
    security: "Mesures de sécurité", "Security measures";
    identification: "Identification", "Identification";
    identifies:
        "Le tiers certificateur détient ou peut obtenir la clé : il peut identifier les personnes, et l’article 11 du RGPD ne le dispense de rien",
        "The certifier holds the key or can obtain it: it can identify the persons, and article 11 of the GDPR excuses it from nothing";
    measure_type: "Type de mesure de sécurité", "Type of security measure";
    measure: "Mesure de sécurité", "Security measure";
    other_measure: "Autres mesures (à préciser)", "Other measures (say which)";
    transfers: "Transferts hors UE", "Transfers outside the EU";
    guarantees: "Type de Garanties", "Type of safeguards";
    links: "Liens vers la documentation", "Links to the documents";
    organisation: "Organisme destinataire", "Receiving organisation";
    none: "Aucun", "None";
    as_controller: "En qualité de responsable du traitement", "As controller";
    as_processor: "En qualité de sous-traitant", "As processor";
    categories: "Catégories de traitements", "Categories of processing";
    subprocessors: "Sous-traitants ultérieurs", "Sub-processors";
    contact: "Contact", "Contact";
    map_title: "Qui donne quoi à qui", "Who gives what to whom";
    gives: "Sources", "Sources";
    works: "Traitement", "Processing";
    gets: "Destinataires", "Recipients";
    until: "effacement", "erasure";
}

const FAMILIES_FR: [&str; 6] = [
    "État civil, identité, données d'identification, images…",
    "Vie personnelle (habitudes de vie, situation familiale, etc.)",
    "Informations d'ordre économique et financier (revenus, situation financière, situation fiscale, etc.)",
    // As the template spells it.
    "Données de connexion (adress IP, logs, etc.)",
    "Données de localisation (déplacements, données GPS, GSM, etc.)",
    "Numéro de Sécurité Sociale (ou NIR)",
];

const FAMILIES_EN: [&str; 6] = [
    "Civil status, identity, identification data, images…",
    "Personal life (habits, family situation, etc.)",
    "Economic and financial information (income, financial and tax situation, etc.)",
    "Connection data (IP address, logs, etc.)",
    "Location data (movements, GPS, GSM, etc.)",
    "Social security number",
];

const SPECIAL_FR: [&str; 9] = [
    "Données révélant l'origine raciale ou ethnique",
    "Données révélant les opinions politiques",
    "Données révélant les convictions religieuses ou philosophiques",
    "Données révélant l'appartenance syndicale",
    "Données génétiques",
    "Données biométriques aux fins d'identifier une personne physique de manière unique",
    "Données concernant la santé",
    "Données concernant la vie sexuelle ou l'orientation sexuelle",
    "Données relatives à des condamnations pénales ou infractions",
];

const SPECIAL_EN: [&str; 9] = [
    "Data revealing racial or ethnic origin",
    "Data revealing political opinions",
    "Data revealing religious or philosophical beliefs",
    "Data revealing trade union membership",
    "Genetic data",
    "Biometric data for uniquely identifying a person",
    "Data concerning health",
    "Data concerning sex life or sexual orientation",
    "Data on criminal convictions or offences",
];

impl Words {
    /// The label of a family of data.
    pub(super) const fn family(&self, family: DataFamily) -> &'static str {
        let [identity, life, economic, connection, location, number] = self.families;
        match family {
            DataFamily::Identity => identity,
            DataFamily::PersonalLife => life,
            DataFamily::Economic => economic,
            DataFamily::Connection => connection,
            DataFamily::Location => location,
            DataFamily::SocialSecurityNumber => number,
        }
    }
}

impl Language {
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
        }
    }
}
