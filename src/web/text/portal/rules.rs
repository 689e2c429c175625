//! Words for the rules of a programme.

use super::words;

words! {
    /// What is ruled, and the words in which rules are said.
    Rules {
        rule_basis: "Base légale", "Legal basis";
        rule_ends: "Clé valable jusqu’au", "Key good until";
        rule_retention: "Durée de détention d’un dépôt", "A deposit is held for";
        rule_days: "{days} jours au plus", "{days} days at most";
        rule_rejects: "Lignes écartées admises", "Rows that may be left out";
        rule_cap: "Plafond de confidentialité par mois de ventes", "Cap of privacy by month of sales";
        rule_nano: "{value} nano-rho (zCDP)", "{value} nano-rho (zCDP)";
        rule_sections: "Tableaux d’un rapport", "Tables of a report";
        rule_partners: "Distributeurs de groupes différents, au moins", "Dealers of different groups, at least";
        rule_own: "Ce qu’un distributeur apprend de lui-même", "What a dealer is told of itself";
        rule_own_is: "combien des leads d’un mois ont acheté chez lui, une fois, avec du bruit (budget\u{a0}: {value}\u{a0}nano-rho par mois de leads)", "how many of the leads of a month bought from it, once, with noise (budget: {value} nano-rho a month of leads)";
        rule_exact: "Totaux exacts, sans protection", "Exact totals, unprotected";
        rule_exact_when: "sur demande, une fois par mois, si chaque partenaire a donné son accord", "on request, once a month, if every partner has agreed";
        rule_kinds: "Identifiants comparés", "Identifiers that are compared";
        basis_consent: "consentement", "consent";
        basis_contract: "contrat", "contract";
        basis_obligation: "obligation légale", "legal obligation";
        basis_vital: "intérêts vitaux", "vital interests";
        basis_task: "mission d’intérêt public", "public task";
        basis_legitimate: "intérêt légitime", "legitimate interests";
        siret: "SIRET", "SIRET";
        card: "numéro de carte", "card number";
        email: "adresse électronique", "e-mail address";
        mobile: "téléphone mobile", "mobile telephone";
        name_birth: "nom et date de naissance", "name and birth date";
        name_post: "nom, rue et code postal", "name, street and postcode";
        landline: "téléphone fixe", "fixed-line telephone";
        near: "rapprochements qui tolèrent les fautes de frappe\u{a0}: {number}", "combinations that tolerate typing errors: {number}";
        conversion: "conversions", "conversions";
        revenue: "chiffre d’affaires", "revenue";
        delay: "délai du lead à la vente", "time from lead to sale";
        network: "conversions par distributeur", "conversions by dealer";
        overlap: "leads que les fichiers connaissent", "leads that the files know";
        segments: "récence, fréquence et montant", "recency, frequency and amount";
        lift: "effet mesuré contre un groupe témoin", "effect measured against a control group";
        partners: "clients communs des distributeurs", "customers that dealers share";
        by_campaign: "{what}, par campagne", "{what}, by campaign";
        by_model: "{what}, par campagne et modèle", "{what}, by campaign and model";
        by_department: "{what}, par campagne et département", "{what}, by campaign and department";
    }
}
