//! Words of the pages that anybody may read.

use super::words;

words! {
    /// Start, rights, verification.
    Public {
        colon: "\u{a0}:", ":";
        semicolon: "\u{a0};", ";";
        start_title: "Mesurer ensemble, sans rien se montrer", "Measure together, show each other nothing";
        start_lead: "Une marque veut savoir quelles campagnes ont mené à des ventes. Ses distributeurs savent qui a acheté, et n’ont pas à le dire. Entre eux, un tiers certificateur\u{a0}: il compare des empreintes, publie des statistiques avec leur marge d’erreur, et prouve chaque acte.", "A brand wants to know which campaigns led to sales. Its dealers know who bought, and need not say. Between them stands a certifier: it compares keyed tokens, publishes statistics with their margin of error, and proves every act.";
        start_never_title: "Ce qui ne sort jamais", "What never leaves";
        start_never: "Aucun nom, aucune adresse, aucun numéro ne quitte l’ordinateur de celui qui dépose. Le tiers reçoit des empreintes à clé\u{a0}; ce sont encore des données personnelles, et il les tient sous clé, séparées, pour une durée écrite.", "No name, address or number leaves the machine of whoever deposits. The certifier receives keyed tokens; they are still personal data, and it keeps them under key, apart, for a written term.";
        start_out_title: "Ce qui sort", "What comes out";
        start_out: "Des tableaux par campagne et par mois, auxquels un bruit aléatoire connu est ajouté. Ce que l’ensemble des publications peut apprendre sur une personne est plafonné et compté\u{a0}; une fois le plafond atteint, la réponse est non.", "Tables by campaign and month, to which random noise of a known level is added. What all publications together can teach about one person is capped and counted; once the cap is reached, the answer is no.";
        start_proof_title: "Ce qui se vérifie", "What can be checked";
        start_proof: "Chaque dépôt, chaque publication et chaque lecture laisse une trace dans un journal public que l’opérateur ne peut pas réécrire. Reçus et attestations se vérifient sans nous.", "Each deposit, publication and reading leaves a trace in a public ledger that the operator cannot rewrite. Receipts and certificates can be checked without us.";
        start_enter: "Entrer", "Enter";

        rights_title: "Vos droits", "Your rights";
        rights_lead: "Vous avez laissé vos coordonnées à une marque ou acheté chez un distributeur, et vous voulez savoir ce qu’il en est.", "You left your details with a brand or bought from a dealer, and want to know what became of them.";
        rights_who_title: "À qui vous adresser", "Whom to ask";
        rights_who: "À la marque ou au distributeur que vous connaissez\u{a0}: ils sont responsables du traitement, et ils doivent vous répondre en un mois. Le tiers certificateur ne sait pas qui vous êtes\u{a0}: il ne peut pas retrouver une personne à partir d’une empreinte.", "The brand or the dealer that you know: they are the controllers, and must answer within one month. The certifier does not know who you are: it cannot find a person from a token.";
        rights_who_found: "À la marque, au distributeur que vous connaissez ou directement au tiers certificateur\u{a0}: chacun doit vous répondre en un mois. Dans ce programme, le tiers certificateur détient ou peut obtenir la clé\u{a0}: il peut retrouver une personne à partir d’une empreinte.", "The brand or the dealer that you know, or the certifier directly: each must answer within one month. In this programme the certifier holds the key or can obtain it: it can find a person from a token.";
        rights_companies: "Les responsables de ce programme", "The controllers of this programme";
        rights_no_contact: "contact non encore publié\u{a0}: adressez-vous au tiers certificateur", "contact not published yet: write to the certifier";
        rights_certifier: "Le tiers certificateur", "The certifier";
        rights_certifier_text: "Vous pouvez aussi lui écrire\u{a0}: il transmet votre demande aux responsables sous deux jours ouvrés, et le délai d’un mois court depuis le jour où vous lui avez écrit. Aucun compte n’est nécessaire, aucune pièce d’identité n’est demandée d’avance.", "You may write to it as well: it passes your request on to the controllers within two working days, and the month runs from the day on which you wrote. No account is needed, and no identity paper is asked for beforehand.";
        rights_certifier_direct: "Écrivez-lui directement\u{a0}: il peut vous retrouver et vous répond lui-même, en un mois.", "Write to it directly: it can find you and answers itself, within one month.";
        rights_dpo: "délégué à la protection des données", "data protection officer";
        rights_arrangement: "L’accord entre ces responsables", "The arrangement of these controllers";
        basis_consent: "Si vous avez donné votre consentement", "If you gave your consent";
        basis_contract: "Si c’est pour exécuter un contrat avec vous", "If it is to perform a contract with you";
        basis_law: "Si la loi l’impose", "If the law demands it";
        basis_vital: "Si un intérêt vital est en jeu", "If a vital interest is at stake";
        basis_public: "Si c’est une mission d’intérêt public", "If it is a task in the public interest";
        basis_interest: "Si la société invoque son intérêt légitime", "If the company relies on its legitimate interest";
        right_access: "savoir ce qui est détenu sur vous, d’où cela vient et qui l’a reçu (accès)", "to know what is held about you, where it comes from and who received it (access)";
        right_rectification: "le faire corriger (rectification)", "to have it corrected (rectification)";
        right_erasure: "le faire effacer (effacement)\u{a0}: vos lignes disparaissent de tous les dépôts, et le journal en garde la preuve sans vous nommer", "to have it erased (erasure): your rows go from all deposits, and the ledger keeps the proof without naming you";
        right_restriction: "le faire garder sans l’utiliser (limitation)", "to have it kept and not used (restriction)";
        right_portability: "recevoir ce que vous avez donné, pour l’emporter (portabilité)", "to receive what you gave, to take it along (portability)";
        right_withdrawal: "retirer votre consentement à tout moment, aussi simplement que vous l’avez donné (retrait)", "to withdraw your consent at any time, as easily as you gave it (withdrawal)";
        right_objection: "vous y opposer, et à la prospection sans motif et à tout moment (opposition)", "to object, to marketing at any time and without a reason (objection)";
        rights_what_title: "Ce que vous pouvez demander", "What you can ask for";
        rights_authority: "Vous pouvez aussi vous adresser à l’autorité de protection des données de votre pays.", "You may also turn to the data protection authority of your country.";
        rights_programmes_title: "Qui est derrière un programme", "Who is behind a programme";
        rights_programmes: "L’essentiel de l’accord entre responsables conjoints est public. Si vous avez le numéro d’un programme (il figure sur l’information qui vous a été remise), tapez-le ici.", "The essence of the joint controllers’ arrangement is public. If you have the number of a programme (it stands on the notice that you were given), type it here.";
        rights_programme: "Numéro de programme", "Number of the programme";
        rights_show: "Voir l’accord", "Show the arrangement";

        verify_title: "Vérifier une attestation", "Verify a certificate";
        verify_lead: "Déposez le fichier certificate.json et, si vous l’avez, le report.json qui l’accompagne. Ils sont vérifiés dans cette page et ne la quittent pas\u{a0}; pour une vérification qui ne doit rien à personne, utilisez la commande ci-dessous avec les empreintes des clés reçues par un autre canal.", "Drop the file certificate.json and, if you have it, the report.json that goes with it. They are checked in this page and do not leave it; for a check that owes nothing to anybody, use the command below with the fingerprints of the keys that you got by another channel.";
        verify_here: "Vérifié dans cette page.", "Checked in this page.";
        verify_there: "Vérifié par le tiers\u{a0}: ce navigateur, ou ce tiers, n’a pas le programme qui le ferait dans la page.", "Checked by the certifier: this browser, or this certifier, does not have the program that would do it in the page.";
        verify_certificate: "Attestation (certificate.json)", "Certificate (certificate.json)";
        verify_report: "Rapport (report.json), facultatif", "Report (report.json), optional";
        verify_button: "Vérifier", "Verify";
        verify_good: "L’attestation est authentique.", "The certificate is authentic.";
        verify_good_report: "L’attestation est authentique, et ce rapport est bien celui qu’elle décrit.", "The certificate is authentic, and this report is the one that it describes.";
        verify_bad: "L’attestation n’est pas authentique, ou ne vient pas de ce tiers.", "The certificate is not authentic, or not of this certifier.";
        verify_bad_report: "L’attestation est authentique, mais ce rapport n’est pas celui qu’elle décrit.", "The certificate is authentic, but this report is not the one that it describes.";
        verify_programme: "Programme", "Programme";
        verify_principal: "Annonceur", "Brand";
        verify_period: "Ventes de", "Sales of";
        verify_at: "Publiée le", "Released on";
        verify_exact: "Totaux exacts", "Exact totals";
        verify_exact_said: "Le rapport en contient\u{a0}: aucun bruit n’y protège personne.", "The report has some: no noise protects anybody in them.";
        verify_without: "Sans nous", "Without us";
        verify_keys: "Empreintes des clés de ce tiers, à comparer avec celles reçues par un autre canal", "Fingerprints of this certifier’s keys, to compare with those that you got by another channel";
    }
}
