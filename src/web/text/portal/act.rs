//! What acts of the ledger are called on pages, by their stable words. A word that is not here is shown as it
//! stands in the ledger.

use crate::web::Language;

const NAMES: &[(&str, &str, &str)] = &[
    ("party.enrolled", "société inscrite", "company enrolled"),
    ("key.issued", "accès ouvert", "access issued"),
    ("key.revoked", "accès retiré", "access revoked"),
    ("key.wrapped", "clé de programme transmise", "programme key passed on"),
    ("key.rotated", "clés renouvelées", "keys rotated"),
    ("programme.registered", "programme inscrit", "programme registered"),
    ("programme.partner_added", "distributeur ajouté", "dealer added"),
    ("partner.declared", "accords déclarés", "agreements declared"),
    ("deposit.received", "dépôt reçu", "deposit received"),
    ("deposit.refused", "dépôt refusé", "deposit refused"),
    ("match.run", "rapprochement fait", "match run"),
    ("ledger.debit", "budget débité", "account debited"),
    ("release.published", "rapport publié", "report released"),
    ("release.refused", "rapport refusé", "report refused"),
    ("lift.committed", "tirage engagé", "draw committed to"),
    ("lift.frozen", "leads figés", "leads frozen"),
    ("lift.drawn", "tirage fait", "draw done"),
    (
        "own_count.released",
        "chiffre donné à un partenaire sur lui-même",
        "figure told to a partner of itself",
    ),
    ("pages.served", "pages servies aux navigateurs", "pages served to browsers"),
    ("policy.changed", "règles approuvées", "rules approved"),
    ("officer.viewed", "consultation", "reading"),
    ("erasure.ordered", "effacement ordonné", "erasure ordered"),
    ("erasure.executed", "effacement exécuté", "erasure carried out"),
    ("deletion.certified", "effacement attesté", "deletion certified"),
    ("retention.executed", "échéance exécutée", "term carried out"),
    ("journal.sealed", "journal technique scellé", "technical log sealed"),
    ("journal.altered", "journal technique altéré", "technical log altered"),
    ("journal.deleted", "journal technique supprimé", "technical log deleted"),
    ("backup.restored", "sauvegarde restaurée", "backup restored"),
    ("governance.recorded", "pièce enregistrée", "record written"),
    ("instruction.flagged", "instruction contestée", "instruction flagged"),
    ("production.opened", "mise en production", "production opened"),
    ("register.issued", "registre établi", "register issued"),
    ("breach.recorded", "violation consignée", "breach recorded"),
    ("form.published", "formulaire publié", "form published"),
    ("consent.recorded", "consentements enregistrés", "consents recorded"),
    ("opposition.recorded", "oppositions enregistrées", "objections recorded"),
    ("supplier.changed", "collecteur suspendu ou repris", "collector suspended or taken up"),
    ("persons.recorded", "relevé du jour", "daily tick"),
    ("unusual.found", "usage inhabituel constaté", "unusual use found"),
    ("unusual.closed", "alerte close", "alert closed"),
    ("request.recorded", "demande d’une personne", "request of a person"),
    ("notice.recorded", "avis", "notice"),
    ("collection.opened", "formulaire public ouvert", "public form opened"),
    ("collection.closed", "formulaire public fermé", "public form closed"),
    ("webhook.added", "adresse de notification ajoutée", "webhook added"),
    ("webhook.rotated", "clé de notification remplacée", "key of a webhook rotated"),
    ("webhook.changed", "notification suspendue ou reprise", "webhook suspended or taken up"),
    ("webhook.removed", "adresse de notification retirée", "webhook removed"),
    ("exchange.proposed", "échange proposé", "exchange proposed"),
    ("exchange.act", "parole sur un échange", "word about an exchange"),
    ("batch.received", "envoi reçu", "batch received"),
    ("batch.sampled", "échantillon de preuves tiré", "sample of proofs drawn"),
    ("batch.reviewed", "preuves contrôlées", "proofs reviewed"),
    ("batch.handed_over", "envoi remis", "batch handed over"),
    ("batch.fetched", "envoi ouvert", "batch opened"),
    ("persons.informed", "personnes informées", "persons informed"),
    ("value.stated", "valeur déclarée", "value stated"),
    ("invoice.filed", "facture remise à la plateforme", "invoice handed to its platform"),
    ("exchange.closed", "échange clos", "exchange closed"),
    ("certifier.started", "tiers démarré", "certifier started"),
];

/// The name of an act, if it has one.
pub(in crate::web) fn name(act: &str, language: Language) -> Option<&'static str> {
    let (_, french, english) = NAMES.iter().find(|(word, _, _)| *word == act)?;
    Some(match language {
        Language::French => french,
        Language::English => english,
    })
}

#[cfg(test)]
mod tests {
    use tiers_protocol::tlog::EntryType;

    use super::*;

    #[test]
    fn every_name_is_that_of_an_act_and_no_two_are_alike() {
        let mut seen = std::collections::BTreeSet::new();
        for (word, french, english) in NAMES {
            assert!(word.parse::<EntryType>().is_ok(), "{word}");
            assert!(seen.insert(*french) && seen.insert(*english), "{word}");
        }
        for act in EntryType::ALL {
            assert!(name(act.as_str(), Language::French).is_some(), "{act}");
        }
        assert_eq!(name("key.issued", Language::English), Some("access issued"));
        assert_eq!(name("nothing.known", Language::French), None);
    }
}
