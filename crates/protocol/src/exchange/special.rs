//! Names that say a special category of data (GDPR art. 9) or offences (art. 10): a file with such a
//! column, or an agreement that asks for one, is refused, whatever else it holds. A list of words finds
//! what is called by its name and nothing more; the closed list of [`super::Field`] is what keeps the
//! rest from leaving. Specified in `docs/formats/exchange-agreement.md`.

use tiers_contact::normalise::text::folded;

/// Beginnings of words, folded, in French and English.
const WORDS: &[&str] = &[
    "sante",
    "health",
    "medica",
    "maladi",
    "disease",
    "illness",
    "patholog",
    "handicap",
    "disab",
    "invalidite",
    "grossesse",
    "pregnan",
    "vaccin",
    "allerg",
    "diagnos",
    "traitement medical",
    "religi",
    "confession",
    "croyance",
    "belief",
    "faith",
    "philosoph",
    "politi",
    "opinion",
    "syndic",
    "trade union",
    "union member",
    "ethni",
    "racia",
    "race",
    "origine raciale",
    "sexuel",
    "sexual",
    "sexlife",
    "vie intime",
    "biometri",
    "genet",
    "empreinte digitale",
    "fingerprint",
    "condamn",
    "convict",
    "casier",
    "infraction",
    "offence",
    "criminal",
];

/// Whether a heading, a field or a text names a special category.
#[must_use]
pub fn names_one(text: &str) -> bool {
    let words = folded(&text.replace(['_', '-', '.', '/'], " "));
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    WORDS
        .iter()
        .any(|word| words.match_indices(word).any(|(at, _)| at == 0 || words[..at].ends_with(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Field;

    #[test]
    fn exc_26_special_categories_are_known_by_name_and_agreed_fields_are_none() {
        for name in [
            "Santé",
            "etat_de_sante",
            "HEALTH-STATUS",
            "Religion",
            "opinion politique",
            "Affiliation syndicale",
            "Trade union",
            "orientation sexuelle",
            "origine_ethnique",
            "handicap",
            "casier judiciaire",
            "Vaccination",
            "données biométriques",
        ] {
            assert!(names_one(name), "{name}");
        }
        for name in ["civilité", "sexe", "prénom", "town", "terrace", "modèle", "date de collecte"]
        {
            assert!(!names_one(name), "{name}");
        }
        assert!(Field::ALL.iter().all(|field| !names_one(field.name())));
    }
}
