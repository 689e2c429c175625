//! The countries of the European Economic Area, by the names that records use: data stay in them or go under
//! safeguards (GDPR art. 44 to 49). Not a list of adequate countries: whether a decision of the Commission
//! stands is for the parties to know, and they write it as the safeguard.

/// Member states and the three others, in French, in English and as ISO 3166-1 has them.
const COUNTRIES: [[&str; 3]; 30] = [
    ["allemagne", "germany", "de"],
    ["autriche", "austria", "at"],
    ["belgique", "belgium", "be"],
    ["bulgarie", "bulgaria", "bg"],
    ["chypre", "cyprus", "cy"],
    ["croatie", "croatia", "hr"],
    ["danemark", "denmark", "dk"],
    ["espagne", "spain", "es"],
    ["estonie", "estonia", "ee"],
    ["finlande", "finland", "fi"],
    ["france", "france", "fr"],
    ["grèce", "greece", "gr"],
    ["hongrie", "hungary", "hu"],
    ["irlande", "ireland", "ie"],
    ["islande", "iceland", "is"],
    ["italie", "italy", "it"],
    ["lettonie", "latvia", "lv"],
    ["liechtenstein", "liechtenstein", "li"],
    ["lituanie", "lithuania", "lt"],
    ["luxembourg", "luxembourg", "lu"],
    ["malte", "malta", "mt"],
    ["norvège", "norway", "no"],
    ["pays-bas", "netherlands", "nl"],
    ["pologne", "poland", "pl"],
    ["portugal", "portugal", "pt"],
    ["roumanie", "romania", "ro"],
    ["slovaquie", "slovakia", "sk"],
    ["slovénie", "slovenia", "si"],
    ["suède", "sweden", "se"],
    ["tchéquie", "czechia", "cz"],
];

/// Whether a country is in the Area. A name that is not known is not.
#[must_use]
pub fn holds(country: &str) -> bool {
    let name = country.trim().to_lowercase();
    COUNTRIES.iter().any(|names| names.contains(&name.as_str()))
}
