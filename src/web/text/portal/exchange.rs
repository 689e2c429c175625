//! Words of exchanges: from a proposal to the opening of what was sealed.

use super::words;

words! {
    /// The list of exchanges, and one exchange.
    Exchange {
        title: "Échanges de contacts", "Exchanges of contacts";
        intro: "Une société transmet des contacts consentis à une autre, enregistrement par enregistrement, chacun décidé à l’instant de la remise. Tout se fait dans ces pages, ou en ligne de commande\u{a0}: tiers exchange.", "One company passes consented contacts to another, record by record, each decided about at the instant of the hand-over. All of it is done in these pages, or on the command line: tiers exchange.";
        none: "Aucun échange encore.", "No exchange yet.";
        with: "Avec {name}", "With {name}";
        open: "Suivre l’échange", "Follow the exchange";
        proposed_at: "Proposé le {moment}", "Proposed on {moment}";
        state_proposed: "proposé\u{a0}: l’autre société doit l’accepter", "proposed: the other company is to accept it";
        state_accepted: "accepté\u{a0}: les signataires doivent l’approuver", "accepted: the signatories are to approve it";
        state_approved: "approuvé\u{a0}: les envois peuvent partir", "approved: batches may go";
        state_ended: "terminé", "ended";
        state_closed: "clos, les deux factures sont établies", "closed, both invoices are drawn up";

        agreement: "L’accord", "The agreement";
        purpose: "Finalité", "Purpose";
        offer: "Offre", "Offer";
        message: "Premier message", "First message";
        channels: "Moyens", "Means";
        period: "Du {begins} au {ends}", "From {begins} to {ends}";
        period_name: "Durée", "Period";
        retention: "Conservé par le destinataire", "Kept by the recipient";
        months: "{months} mois", "{months} months";
        digest: "Empreinte de l’accord (SHA-256)", "Digest of the agreement (SHA-256)";
        fingerprint: "Empreinte des clés de l’autre société", "Fingerprint of the other company’s keys";
        gives_records: "donne des contacts\u{a0}: {fields}, {price} le lot de mille", "gives contacts: {fields}, {price} a lot of a thousand";
        gives_service: "donne\u{a0}: {what}, {price}", "gives: {what}, {price}";
        signatory: "Signataire", "Signatory";
        officer: "Délégué à la protection des données", "Data protection officer";
        asked_by: "Demandé par", "Asked for by";
        download: "Télécharger l’accord signé", "Download the signed agreement";

        said: "Qui a dit quoi", "Who said what";
        said_none: "Personne encore.", "Nobody yet.";
        says_accept: "accepte", "accepts";
        says_approve: "approuve", "approves";
        says_advise: "donne son avis", "advises";
        says_end: "met fin", "ends it";
        say_title: "Dire quelque chose de cet accord", "Say something of this agreement";
        say_text: "Votre clé signe dans cette page et ne la quitte pas. Comparez d’abord l’empreinte des clés de l’autre société avec celle qu’elle vous lit au téléphone.", "Your key signs in this page and does not leave it. First compare the fingerprint of the other company’s keys with the one that it reads to you by telephone.";
        say_what: "Quoi", "What";
        say_accept: "Accepter (clé de la société)", "Accept (the company’s key)";
        say_approve: "Approuver (clé du signataire)", "Approve (the signatory’s key)";
        say_advise: "Donner un avis (clé du délégué)", "Advise (the officer’s key)";
        say_end: "Mettre fin (clé de la société)", "End it (the company’s key)";
        say_key: "Fichier de clé (party.key)", "Key file (party.key)";
        say_words: "Avis ou motif", "Advice or reason";
        say_compared: "J’ai comparé l’empreinte par un autre canal", "I compared the fingerprint by another channel";
        say_button: "Signer et envoyer", "Sign and send";

        batches: "Envois", "Batches";
        batches_none: "Aucun envoi encore.", "No batch yet.";
        batch_sent: "Envoi de votre part", "Batch that you sent";
        batch_received: "Envoi qui vous est destiné", "Batch for you";
        batch_records: "{records} enregistrements scellés, par {channel}", "{records} sealed records, by {channel}";
        batch_lots: "Lots de mille comptés\u{a0}: {lots} (jusqu’à 199 enregistrements n’étant pas comptés)", "Lots counted: {lots} (of a thousand records, up to 199 being left out)";
        batch_open: "en cours de transfert", "being sent";
        batch_received_state: "reçu\u{a0}; le délégué du destinataire examine d’abord un échantillon des preuves", "received; first the recipient’s officer looks at a sample of the proofs";
        batch_sampled: "échantillon tiré, preuves à examiner par le délégué du destinataire", "sample drawn, proofs to be looked at by the recipient’s officer";
        batch_reviewed: "preuves examinées, à remettre", "proofs reviewed, to be handed over";
        batch_blocked: "bloqué\u{a0}: une preuve de l’échantillon manque", "blocked: a proof of the sample is missing";
        review_words: "Le délégué du destinataire\u{a0}: {words}", "The recipient’s officer: {words}";
        review_how: "Le délégué examine les preuves plus bas, ou en ligne de commande\u{a0}:", "The officer looks at the proofs below, or on the command line:";
        batch_handed_over: "remis, à ouvrir par le destinataire", "handed over, to be opened by the recipient";
        batch_withheld: "retenu\u{a0}: moins d’un lot de mille serait passé", "withheld: less than a lot would have passed";
        batch_expired: "remis, et jamais ouvert\u{a0}: le contenu est effacé", "handed over and never opened: the content is erased";
        batch_fetched: "ouvert par le destinataire", "opened by the recipient";
        batch_refused: "refusé\u{a0}: ce n’est pas ce qui a été signé", "refused: it is not what was signed";
        review_title: "Examiner les preuves", "Look at the proofs";
        review_text: "Pour le délégué à la protection des données\u{a0}: le tiers tire un échantillon au sort (un enregistrement sur cent, trente au moins). Les preuves s’ouvrent dans cette page, sous la clé du délégué, et ne la quittent pas. Une preuve qui manque bloque l’envoi entier.", "For the data protection officer: the certifier draws a sample (one record in a hundred, thirty at least). The proofs are opened in this page, under the officer’s key, and do not leave it. One proof that is missing blocks the whole batch.";
        review_key: "Clé du délégué (party.key)", "The officer’s key (party.key)";
        review_pub: "Clés publiques de votre société (party.pub)", "Your company’s public keys (party.pub)";
        review_open: "Tirer l’échantillon et l’ouvrir", "Draw the sample and open it";
        review_ask: "Demandez à l’expéditeur les enregistrements et les feuilles qu’il nomme, puis donnez un avis sur chacun.", "Ask the sender for the recordings and sheets that it names, then give a verdict on each.";
        review_drawn: "{count} preuves tirées au sort.", "{count} proofs were drawn.";
        review_position: "N°", "No.";
        review_reference: "Où se trouve la preuve", "Where the proof lies";
        review_record: "Reçu de consentement", "Consent record";
        review_method: "Façon", "Way";
        review_on: "Le", "On";
        review_verdict: "Avis", "Verdict";
        review_of: "Avis sur le n°\u{a0}{position}", "Verdict on no. {position}";
        review_proven: "prouvé", "proven";
        review_unproven: "non prouvé", "unproven";
        review_all: "Dire prouvés tous ceux qui restent", "Say that all the others are proven";
        review_say: "Ce qui est dit à l’expéditeur, sans nommer personne (exigé si une preuve manque)", "What the sender is told, naming nobody (needed where a proof is missing)";
        review_sign: "Signer l’avis et l’envoyer", "Sign the verdict and send it";
        review_missing: "Donnez un avis sur chaque preuve, et un mot à l’expéditeur s’il en manque une.", "Give a verdict on each proof, and a word to the sender where one is missing.";
        propose_link: "Proposer un échange", "Propose an exchange";
        send_link: "Envoyer des contacts", "Send contacts";
        hand_over: "Remettre\u{a0}: décider de chaque enregistrement maintenant", "Hand over: decide about every record now";
        open_title: "Ouvrir cet envoi", "Open this batch";
        open_text: "L’envoi est vérifié et ouvert dans cette page, avec votre clé\u{a0}; le fichier s’enregistre sur cet ordinateur. Ensuite le tiers efface sa copie scellée.", "The batch is checked and opened in this page, with your key; the file is saved on this computer. Then the certifier erases its sealed copy.";
        open_button: "Vérifier et ouvrir", "Check and open";
        open_good: "{written} contacts ouverts, {held} retenus. Enregistrez le fichier, puis confirmez.", "{written} contacts opened, {held} held back. Save the file, then confirm.";
        open_save: "Enregistrer contacts.csv", "Save contacts.csv";
        open_done: "Je l’ai\u{a0}: le tiers peut effacer sa copie", "I have it: the certifier may erase its copy";
        inform_by: "Informer les personnes avant le {day}", "Inform the persons by {day}";
        inform_done: "Personnes informées le {day}", "Persons informed on {day}";
        inform_late: "Le mois est passé\u{a0}: informez les personnes sans attendre ({day})", "The month is over: inform the persons without delay ({day})";
        informed: "Les personnes sont informées", "The persons are informed";

        close_title: "Valeurs et factures", "Values and invoices";
        close_text: "Chaque société déclare la valeur de ce qu’elle a donné\u{a0}; la seconde déclaration clôt l’échange et établit les deux factures.", "Each company states the value of what it gave; the second statement closes the exchange and draws up both invoices.";
        close_value: "Valeur de ce que vous avez donné, hors taxe, en euros", "Value of what you gave, without tax, in euros";
        close_button: "Déclarer la valeur", "State the value";
        close_waiting: "Votre valeur est déclarée\u{a0}; l’autre société n’a pas encore déclaré la sienne.", "Your value is stated; the other company has not stated its own yet.";
        invoice_number: "Facture", "Invoice";
        invoice_from: "De", "From";
        invoice_net: "Hors taxe", "Without tax";
        invoice_gross: "Toutes taxes", "With tax";
        invoice_payable: "Reste à payer", "Left to pay";
        invoice_files: "Fichiers", "Files";
        invoice_platform: "Plateforme agréée", "Approved platform";
        invoice_paper: "pas encore exigée à cette date", "not asked for yet on that day";
        invoice_flow: "métadonnées pour la plateforme", "metadata for the platform";
        duty_invoice: "forme électronique", "electronic form";
        duty_payment: "transmission du paiement (e-reporting)", "report of the payment (e-reporting)";
        duty_filed: "{what}\u{a0}: remise à {platform}", "{what}: {platform} has it";
        duty_due: "{what}\u{a0}: à remettre, {days} jours restants (jusqu’au {day}, puis {fine}\u{a0}€, {year}\u{a0}€ par an au plus)", "{what}: at no platform yet, {days} days left (until {day}, then {fine}\u{a0}€, {year}\u{a0}€ a year at most)";
        duty_overdue: "{what}\u{a0}: remise à aucune plateforme depuis le {day} ({fine}\u{a0}€, {year}\u{a0}€ par an au plus)", "{what}: at no platform since {day} ({fine}\u{a0}€, {year}\u{a0}€ a year at most)";

        working: "En cours…", "Working…";
        why_key: "Ce n’est pas la clé que l’accord nomme pour cela, ou le fichier est endommagé.", "This is not the key that the agreement names for it, or the file is damaged.";
        why_changed: "Ce que montre le tiers n’est pas ce que vous avez signé, ou ce qu’il transmet n’est pas cet envoi. N’en gardez rien et prévenez l’autre société.", "What the certifier shows is not what you signed, or what it sends is not this batch. Keep nothing of it and tell the other company.";
        why_other: "Ce n’a pas été possible\u{a0}; le code dit pourquoi\u{a0}:", "It could not be done; the code says why:";
        no_build: "Ce tiers ne sert pas le programme de navigateur\u{a0}: signez, envoyez et ouvrez en ligne de commande (tiers exchange).", "This certifier does not serve the browser’s program: sign, send and open on the command line (tiers exchange).";
    }
}
