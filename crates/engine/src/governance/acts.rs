//! What acts are called in words, for paper that is read by people. An act without words here is called by its
//! code, which stands beside the words in any case.

use tiers_protocol::tlog::{EntryType as E, LeafType};

use super::register::Language;

const WORDS: &[(E, &str, &str)] = &[
    (E::PartyEnrolled, "Inscription d’une société", "A company was enrolled"),
    (E::KeyIssued, "Remise d’un accès", "An access was issued"),
    (E::KeyRevoked, "Retrait d’un accès", "An access was revoked"),
    (E::ProgrammeRegistered, "Enregistrement du programme", "The programme was registered"),
    (E::ProgrammePartnerAdded, "Entrée d’un partenaire", "A partner joined"),
    (E::PartnerDeclared, "Déclaration d’un partenaire", "A partner declared itself"),
    (E::KeyWrapped, "Remise de la clé du programme", "The programme key was handed over"),
    (E::DepositReceived, "Dépôt accepté", "A deposit was accepted"),
    (E::DepositRefused, "Dépôt refusé", "A deposit was refused"),
    (E::MatchRun, "Rapprochement", "Deposits were matched"),
    (E::LedgerDebit, "Débit du budget de confidentialité", "The privacy budget was debited"),
    (E::ReleasePublished, "Publication d’un rapport", "A report was published"),
    (E::ReleaseRefused, "Rapport refusé", "A report was refused"),
    (E::LiftCommitted, "Engagement sur un tirage", "A draw was committed to"),
    (E::LiftFrozen, "Leads figés pour un tirage", "Leads were frozen for a draw"),
    (E::LiftDrawn, "Tirage au sort effectué", "A draw was done"),
    (
        E::OwnCountReleased,
        "Chiffre donné à un partenaire sur lui-même",
        "A partner was told of itself",
    ),
    (E::PagesServed, "Pages servies aux navigateurs", "Pages served to browsers"),
    (
        E::PolicyChanged,
        "Approbation ou changement de la politique",
        "The policy was approved or changed",
    ),
    (E::OfficerViewed, "Consultation par un officier", "An officer looked"),
    (E::KeyRotated, "Renouvellement d’une clé", "A key was rotated"),
    (E::ErasureOrdered, "Effacement ordonné", "An erasure was ordered"),
    (E::ErasureExecuted, "Effacement exécuté", "An erasure was executed"),
    (E::DeletionCertified, "Suppression certifiée", "A deletion was certified"),
    (E::RetentionExecuted, "Archivage et suppression à terme", "Terms ended"),
    (E::JournalSealed, "Scellement du journal", "The journal was sealed"),
    (E::JournalAltered, "Altération du journal", "The journal was found altered"),
    (E::JournalDeleted, "Suppression du journal à terme", "The journal went with its term"),
    (E::UnusualFound, "Usage inhabituel constaté", "Unusual use was found"),
    (E::UnusualClosed, "Alerte close", "An alert was closed"),
    (E::BackupRestored, "Restauration d’une sauvegarde", "A backup was restored"),
    (E::GovernanceRecorded, "Acte de gouvernance", "A record of governance"),
    (E::InstructionFlagged, "Instruction signalée illicite", "An instruction was flagged"),
    (E::ProductionOpened, "Mise en production", "Production was opened"),
    (E::RegisterIssued, "Version du registre", "A version of the register"),
    (E::BreachRecorded, "Dossier de violation", "The file of a breach"),
    (E::FormPublished, "Publication d’un formulaire", "A form was published"),
    (E::CollectionOpened, "Formulaire public ouvert", "A public form was opened"),
    (E::CollectionClosed, "Formulaire public fermé", "A public form was closed"),
    (E::ConsentRecorded, "Choix de personnes enregistrés", "Choices of persons were recorded"),
    (E::OppositionRecorded, "Oppositions enregistrées", "Oppositions were recorded"),
    (
        E::SupplierChanged,
        "Suspension ou reprise d’un collecteur",
        "A collector was suspended or taken up",
    ),
    (E::PersonsRecorded, "Relevé du jour sur les personnes", "The daily tick about persons"),
    (E::RequestRecorded, "Demande d’une personne", "The request of a person"),
    (E::NoticeRecorded, "Avis à une société", "A notice to a company"),
    (E::WebhookAdded, "Adresse de notification ajoutée", "A webhook was added"),
    (E::WebhookRotated, "Clé de notification remplacée", "The key of a webhook was rotated"),
    (
        E::WebhookChanged,
        "Notification suspendue ou reprise",
        "A webhook was suspended or taken up again",
    ),
    (E::WebhookRemoved, "Adresse de notification retirée", "A webhook was removed"),
    (E::ExchangeProposed, "Échange proposé", "An exchange was proposed"),
    (E::ExchangeAct, "Déclaration signée sur l’échange", "A signed word on the exchange"),
    (E::BatchReceived, "Lot reçu", "A batch was received"),
    (E::BatchSampled, "Échantillon tiré d’un lot", "A sample of a batch was drawn"),
    (E::BatchReviewed, "Preuves d’un lot examinées", "The proofs of a batch were reviewed"),
    (E::BatchHandedOver, "Lot remis", "A batch was handed over"),
    (E::BatchFetched, "Lot retiré par son destinataire", "The recipient has the batch"),
    (E::PersonsInformed, "Personnes informées", "The persons were informed"),
    (E::ValueStated, "Valeur déclarée", "A value was stated"),
    (E::InvoiceFiled, "Facture remise à la plateforme", "An invoice was handed to its platform"),
    (
        E::ExchangeClosed,
        "Échange clos avec ses factures",
        "The exchange was closed with its invoices",
    ),
    (E::CertifierStarted, "Démarrage du tiers certificateur", "The certifier started"),
];

/// Leaves of ticks that are no acts of the list above.
const LEAVES: &[(LeafType, &str, &str)] = &[
    (LeafType::Withdrawal, "Retrait d’un choix par la personne", "A person took a choice back"),
    (LeafType::Objection, "Opposition d’une personne partout", "A person objected everywhere"),
];

/// The words of an act.
#[must_use]
pub fn title(act: E, language: Language) -> &'static str {
    words(WORDS, act, language).unwrap_or(act.as_str())
}

/// The words of a leaf of a tick.
#[must_use]
pub fn leaf_title(leaf: LeafType, language: Language) -> &'static str {
    match leaf {
        LeafType::Act(act) => title(act, language),
        other => words(LEAVES, other, language).unwrap_or(other.as_str()),
    }
}

fn words<T: Copy + PartialEq>(
    table: &[(T, &'static str, &'static str)],
    of: T,
    language: Language,
) -> Option<&'static str> {
    let (_, french, english) = table.iter().find(|(known, ..)| *known == of)?;
    Some(match language {
        Language::Fr => french,
        Language::En => english,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_act_and_every_leaf_has_words_in_both_languages() {
        for act in E::ALL {
            let both = [Language::Fr, Language::En].map(|language| title(*act, language));
            assert!(both.iter().all(|words| *words != act.as_str()), "{act}");
            assert_ne!(both[0], both[1], "{act}");
        }
        for leaf in LeafType::ALL {
            let both = [Language::Fr, Language::En].map(|language| leaf_title(leaf, language));
            assert!(both.iter().all(|words| *words != leaf.as_str()), "{leaf}");
            assert_ne!(both[0], both[1], "{leaf}");
        }
        // The tables hold nothing twice.
        assert_eq!(WORDS.len(), E::ALL.len());
    }

    #[test]
    fn no_two_acts_have_the_same_words() {
        for language in [Language::Fr, Language::En] {
            let words: BTreeSet<_> = E::ALL.iter().map(|act| title(*act, language)).collect();
            assert_eq!(words.len(), E::ALL.len());
        }
    }
}
