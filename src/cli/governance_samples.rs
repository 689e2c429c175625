//! Records to start from: every field is there, what only the parties know stands between < and >.
//! Written in French, because they are signed in France. They are examples, not legal advice.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::governance::notice::{Collected, NoticeText};

const PARTY: &str = "pty_AAAAAAAAAAAAAAAAAAAAAA";
const DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn document() -> Value {
    json!({ "sha256": DIGEST, "date": "2000-01-01", "author": "<fonction du signataire>" })
}

pub(super) fn identity() -> Value {
    json!({
        "record": "identity", "name": "<dénomination sociale>", "siren": "<neuf chiffres>",
        "address": "<adresse>", "contact": "<adresse électronique de fonction>",
        "dpo": "<délégué à la protection des données: adresse de fonction>",
    })
}

pub(super) fn activity() -> Value {
    let purpose = |kind, title: &str, interest: &str| {
        json!({
            "kind": kind, "title": title, "bases": ["legitimate_interests"],
            "interest": interest, "balancing": document(),
        })
    };
    let interest = "savoir quelles campagnes mènent à des ventes, sans connaître les acheteurs";
    json!({
        "record": "activity",
        "purposes": [
            purpose("matching", "rapprocher des fichiers par empreintes chez un tiers", interest),
            purpose("statistics", "mesurer l’effet des campagnes par des statistiques", interest),
        ],
        "parties": [{ "party": PARTY, "role": "joint_controller" }],
        "certifier": "processor",
        "persons": ["prospects de l’annonceur", "clients des partenaires"],
        "data": [
            { "title": "empreintes à clé d’identifiants de contact",
              "deleted": "fin de l’époque du programme plus 30 jours, 12 mois au plus" },
            { "title": "date, campagne et montant",
              "deleted": "fin de l’époque du programme plus 30 jours, 12 mois au plus" },
        ],
        "recipients": ["le tiers certificateur, comme sous-traitant"],
        "transfers": [],
        "security": [
            "empreintes faites sur le poste de chaque partie",
            "chiffrement au repos sous des clés conservées ailleurs",
            "statistiques bruitées sous un budget de confidentialité",
        ],
        "safeguards_89": true,
    })
}

pub(super) fn contract() -> Value {
    json!({
        "record": "contract", "controller": PARTY, "document": document(),
        "subject": "rapprochement de fichiers par empreintes et statistiques",
        "duration": "<durée>", "nature": "réception, comparaison, statistiques, effacement",
        "purpose": "mesurer l’effet des campagnes",
        "data": "empreintes à clé, dates, campagnes, montants",
        "persons": "prospects et clients",
        "clauses": ["a", "b", "c", "d", "e", "f", "g", "h"],
    })
}

pub(super) fn instruction() -> Value {
    json!({
        "record": "instruction",
        "text": "comparer nos dépôts à ceux du programme et en publier des statistiques sous la \
                 politique du programme",
        "given_by": "<fonction>",
    })
}

pub(super) fn subprocessor() -> Value {
    json!({
        "record": "subprocessor", "name": "<société>", "number": "<SIREN>", "country": "France",
        "task": "<hébergement>", "from": "2099-01-01",
        "authorisation": { "form": "general", "document": document(), "notified": "2098-12-01" },
    })
}

pub(super) fn arrangement() -> Value {
    let point = json!({
        "party": PARTY, "name": "<société>", "contact": "<adresse électronique de fonction>",
    });
    json!({
        "record": "arrangement", "document": document(),
        "essence": "Chaque partie informe ses propres clients et prospects, répond aux demandes \
                    qu’elle reçoit et les transmet aux autres.",
        "controllers": [point, point],
    })
}

pub(super) fn notice() -> Value {
    json!({
        "record": "notice", "url": "https://<site>/donnees-personnelles", "sha256": DIGEST,
        "date": "2000-01-01", "names_certifier": false, "names_matching": false,
    })
}

pub(super) fn dpia() -> Value {
    json!({
        "record": "dpia",
        "description": "<opérations et finalités, art. 35(7)(a)>",
        "necessity": "<nécessité et proportionnalité, art. 35(7)(b)>",
        "risks": "<risques pour les personnes, art. 35(7)(c)>",
        "measures": "<mesures, art. 35(7)(d)>",
        "criteria": ["large_scale", "combining"],
        "dpo_opinion": null, "residual_risk": null, "validated": null, "review": null,
    })
}

pub(super) fn identifiability() -> Value {
    let finding =
        |actor: &str, means: &str| json!({ "actor": actor, "can_identify": true, "means": means });
    json!({
        "record": "identifiability",
        "findings": [
            finding("partner", "<ses propres fichiers clients ; la clé du programme>"),
            finding("certifier", "<accès à la clé, en droit et en fait ; recoupements possibles>"),
            finding("brand", "<ses propres fichiers de leads ; la clé du programme>"),
            finding("host", "<accès aux machines, aux clés, aux sauvegardes>"),
        ],
        "key_holder": "parties",
        "document": document(), "review": "2001-01-01",
    })
}

pub(super) fn notice_text(collected: Collected) -> Value {
    let items: BTreeMap<String, String> =
        collected.items().iter().map(|(item, _)| ((*item).to_owned(), String::new())).collect();
    json!(NoticeText { collected, items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{Gap, Record};

    #[test]
    fn every_sample_is_a_record_and_says_nothing_that_nobody_said() {
        let today = jiff::civil::date(2026, 1, 1);
        let samples = [
            (identity(), Ok(())),
            (activity(), Ok(())),
            (contract(), Ok(())),
            (instruction(), Ok(())),
            (subprocessor(), Ok(())),
            (arrangement(), Ok(())),
            (notice(), Ok(())),
            (dpia(), Ok(())),
            (identifiability(), Ok(())),
        ];
        for (sample, expected) in samples {
            let record: Record = serde_json::from_value(sample.clone()).expect("a record");
            assert_eq!(record.check(today), expected, "{sample}");
        }
        let Ok(Record::Dpia(draft)) = serde_json::from_value(dpia()) else { panic!("a draft") };
        assert_eq!(draft.holds(today), Err(Gap::Dpia));
        let Ok(Record::Identifiability(old)) = serde_json::from_value(identifiability()) else {
            panic!("an assessment")
        };
        assert_eq!(old.holds(today), Err(Gap::IdentifiabilityReview));
        let Ok(Record::Notice(unsaid)) = serde_json::from_value(notice()) else { panic!("notice") };
        assert_eq!(unsaid.covers_matching(), Err(Gap::NoticeRecipient));
    }
}
