//! Words of the page on which an exchange is proposed.

use super::words;

words! {
    /// The form of an agreement.
    Proposal {
        title: "Proposer un échange", "Propose an exchange";
        lead: "Vous écrivez l’accord, l’autre société le lit et l’accepte tel quel. Il est signé dans cette page, avec la clé de votre société.", "You write the agreement, the other company reads it and accepts it as it is. It is signed in this page, with your company’s key.";
        draft_text: "Chaque société connaît ses propres lignes\u{a0}: enregistrez le brouillon, envoyez-le à l’autre pour qu’elle remplisse les siennes, et rouvrez-le ici. Le programme en ligne de commande lit et écrit le même fichier.", "Each company knows its own lines: save the draft, send it to the other to fill in theirs, and open it here again. The command line reads and writes the same file.";
        draft_open: "Ouvrir un brouillon (agreement.json)", "Open a draft (agreement.json)";
        draft_save: "Enregistrer le brouillon", "Save the draft";
        draft_bad: "Ce fichier n’est pas un brouillon d’accord.", "This file is no draft of an agreement.";

        parties: "Avec qui", "With whom";
        other_choose: "Société", "Company";
        other_file: "une autre, par ses clés publiques", "another one, by its public keys";
        other_keys: "Clés publiques de l’autre société (party.pub)", "Public keys of the other company (party.pub)";
        other_party: "Son identifiant chez le tiers (pty_…)", "Its id at the certifier (pty_…)";
        fingerprint: "Empreinte de ses clés", "Fingerprint of its keys";
        fingerprint_text: "Faites-vous lire cette empreinte au téléphone avant de signer\u{a0}: qui changerait les clés lirait ce que vous échangez.", "Have this fingerprint read to you by telephone before you sign: whoever swapped keys would read what you exchange.";

        what: "Quoi et pourquoi", "What and why";
        purpose: "Finalité\u{a0}: ce que le destinataire fait des contacts", "Purpose: what the recipient does with the contacts";
        offer: "Offre commerciale", "Commercial offer";
        sector: "Secteur", "Sector";
        sector_general: "général", "general";
        sector_energy: "travaux d’économie d’énergie", "works for saving energy at home";
        sector_home: "adaptation du logement", "works that fit a home for age or disability";
        audience: "Les personnes sont contactées comme", "The persons are addressed as";
        audience_consumer: "consommateurs", "consumers";
        audience_professional: "professionnels", "professionals";
        of_profession: "L’offre touche leur profession", "The offer is one of their profession";
        channels: "Moyens, et sur quelle base", "Means, and on which basis";
        basis_none: "non", "no";
        basis_consent: "consentement", "consent";
        basis_interest: "intérêt légitime", "legitimate interest";
        basis_text: "Envers des consommateurs, courriel, SMS et appel automatique demandent le consentement.", "Towards consumers e-mail, SMS and automated calls need consent.";
        message: "Premier message (avec {source}, {advertiser} et {opt_out})", "First message (with {source}, {advertiser} and {opt_out})";
        message_default: "Votre adresse nous vient de {source}. {advertiser} vous propose cette offre. Pour ne plus rien recevoir\u{a0}: {opt_out}", "Your address comes from {source}. {advertiser} makes you this offer. To receive nothing more: {opt_out}";
        begins: "Premier jour", "First day";
        ends: "Dernier jour (un an au plus)", "Last day (a year at most)";
        retention: "Mois de conservation d’un contact sans suite", "Months for which a contact that brings nothing is kept";
        security: "Comment les deux protègent les contacts", "How both protect the contacts";
        security_default: "Chiffrement de bout en bout par le tiers, accès nominatifs, disques chiffrés.", "End-to-end encryption through the certifier, accounts of named persons, encrypted disks.";
        size_class: "Place d’un enregistrement scellé, en octets", "Room of a sealed record, in bytes";

        own_side: "Votre société", "Your company";
        other_side: "L’autre société", "The other company";
        name: "Dénomination", "Legal name";
        siren: "SIREN", "SIREN";
        role: "Responsabilité (RGPD)", "Responsibility (GDPR)";
        role_sole: "responsable seul", "sole controller";
        role_joint: "responsable conjoint", "joint controller";
        street: "Numéro et rue", "Number and street";
        postcode: "Code postal", "Postcode";
        town: "Ville", "Town";
        country: "Pays (deux lettres)", "Country (two letters)";
        notice_url: "Adresse de la notice d’information (https://…)", "Address of the privacy notice (https://…)";
        rights_contact: "Où les personnes exercent leurs droits", "Where persons exercise their rights";
        requester: "Qui demande l’échange", "Who asks for the exchange";
        signatory: "Qui l’approuve (une autre personne)", "Who approves it (somebody else)";
        signatory_keys: "Clés publiques du signataire (party.pub)", "Public keys of the signatory (party.pub)";
        officer: "Délégué à la protection des données, et comment le joindre", "Data protection officer, and how to reach them";
        officer_keys: "Clés publiques du délégué (party.pub)", "Public keys of the officer (party.pub)";
        keys_known: "Laissez vide pour garder la clé {key}.", "Leave empty to keep the key {key}.";
        gives: "Donne", "Gives";
        gives_records: "des contacts", "contacts";
        gives_service: "autre chose", "something else";
        fields: "Champs qui peuvent partir, et aucun autre", "Fields that may leave, and no other";
        lot_price: "Prix hors taxe du lot de mille, en euros", "Price of a lot of a thousand without tax, in euros";
        service: "Quoi, précisément (jamais une personne)", "What, precisely (never a person)";
        service_price: "Prix hors taxe, en euros", "Price without tax, in euros";

        invoicing: "Factures", "Invoices";
        mandate: "Référence du mandat écrit de facturer", "Reference of the written mandate to invoice";
        vat_id: "Numéro de TVA", "VAT number";
        series: "Série des factures", "Series of the invoices";
        penalties: "Pénalités de retard", "Penalties for late payment";
        discount: "Escompte", "Discount";
        payment_days: "Délai de paiement, en jours", "Days until payment is due";
        tax_on_debits: "TVA acquittée sur les débits", "Tax is paid on debits";
        valuation: "Comment la valeur est trouvée", "How the value is found";
        valuation_market: "ventes normales de la même chose", "normal sales of the same thing";
        valuation_offer: "offre d’un tiers", "an offer of a third party";
        valuation_book: "valeur comptable", "the book value";
        size: "Taille de la société", "Size of the company";
        size_small: "petite, moyenne ou micro", "small, middle or micro";
        size_large: "grande ou intermédiaire", "large or of intermediate size";

        preview_button: "Relire l’accord", "Read the agreement over";
        preview_title: "L’accord que vous allez signer", "The agreement that you are about to sign";
        preview_digest: "Empreinte de l’accord (SHA-256)", "Digest of the agreement (SHA-256)";
        change: "Modifier", "Change";
        yes: "oui", "yes";
        no: "non", "no";
        compared: "J’ai comparé l’empreinte des clés de l’autre société par un autre canal", "I compared the fingerprint of the other company’s keys by another channel";
        sign: "Signer et proposer", "Sign and propose";

        why_shape: "Il manque quelque chose, ou une ligne n’est pas ce qu’elle devrait être\u{a0}: SIREN, dates, clés publiques du signataire ou du délégué.", "Something is missing, or a line is not what it should be: SIREN, days, public keys of the signatory or the officer.";
        why_text: "Un texte est vide ou trop long, ou le pays, la série ou l’adresse https de la notice ne va pas.", "A text is empty or too long, or the country, the series or the https address of the notice does not fit.";
        why_parties: "Les deux sociétés doivent être deux, avec deux SIREN et des clés différentes.", "The two companies must be two, with two SIREN and different keys.";
        why_signatory: "Le signataire n’est ni qui demande ni le délégué, et chacun a ses propres clés.", "The signatory is neither who asks nor the officer, and each has keys of their own.";
        why_fields: "Choisissez des champs, et parmi eux celui par lequel chaque moyen joint la personne.", "Choose fields, and among them the one by which each means reaches the person.";
        why_basis: "Ce moyen demande le consentement.", "This means needs consent.";
        why_duration: "Les jours ne vont pas\u{a0}: un an au plus, et le dernier après le premier.", "The days do not fit: a year at most, and the last one behind the first.";
        why_price: "Chaque côté doit avoir un prix.", "Each side needs a price.";
        why_message: "Le premier message doit nommer {source}, {advertiser} et {opt_out}.", "The first message must name {source}, {advertiser} and {opt_out}.";
        why_no_records: "L’une des deux sociétés au moins donne des contacts.", "At least one of the two companies gives contacts.";
        why_special: "Les catégories particulières de données (santé, opinions, origine…) ne s’échangent jamais.", "Special categories of data (health, opinions, origin…) are never exchanged.";
        why_enrolled: "Le tiers ne connaît pas l’une des sociétés sous ces clés et ce SIREN.", "The certifier does not know one of the companies under these keys and this SIREN.";
        why_public: "Ce fichier ne contient pas de clés publiques (party.pub).", "This file holds no public keys (party.pub).";
    }
}
