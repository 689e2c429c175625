//! The parts of a street line that the near kinds use: house number, and the word that names the street.
//!
//! The line itself is `normalise::address`'s. Specified in `docs/formats/normalisation-v1.md`, "Near kinds".

/// A street line taken apart.
#[derive(Default)]
pub struct Street {
    /// House number without its suffix.
    pub number: Option<String>,
    /// The longest word that is no kind of way; of equals the first.
    pub word: Option<String>,
}

impl Street {
    /// Takes the normal form of a street line (`12 bis rue victor hugo`).
    #[must_use]
    pub fn of(line: &str) -> Self {
        let mut words = line.split(' ').peekable();
        let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let number = words.next_if(is_number).map(str::to_owned);
        if number.is_some() {
            words.next_if(|word| is_suffix(word));
        }
        let mut named: Option<&str> = None;
        for word in words.filter(|word| !is_way(word)) {
            if named.is_none_or(|found| word.chars().count() > found.chars().count()) {
                named = Some(word);
            }
        }
        Self { number, word: named.filter(|word| !word.is_empty()).map(str::to_owned) }
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "bis" | "ter" | "quater" | "a" | "c" | "e" | "f")
}

/// Words that say what kind of a way it is, French first, then English.
fn is_way(word: &str) -> bool {
    matches!(
        word,
        "rue"
            | "avenue"
            | "boulevard"
            | "chemin"
            | "place"
            | "allee"
            | "route"
            | "impasse"
            | "square"
            | "faubourg"
            | "cours"
            | "quai"
            | "passage"
            | "residence"
            | "lotissement"
            | "hameau"
            | "ruelle"
            | "sentier"
            | "traverse"
            | "villa"
            | "street"
            | "road"
            | "crescent"
            | "circuit"
            | "close"
            | "court"
            | "drive"
            | "lane"
            | "terrace"
            | "parade"
            | "grove"
            | "way"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_line_is_taken_apart() {
        let parts = |line: &str| {
            let street = Street::of(line);
            (street.number.unwrap_or_default(), street.word.unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(parts("12 bis rue victor hugo"), pair("12", "victor"));
        assert_eq!(parts("3 place 8 mai 1945"), pair("3", "1945"));
        assert_eq!(parts("lieu dit bourg"), pair("", "bourg"));
        assert_eq!(parts("7 rue"), pair("7", ""));
        assert_eq!(parts("8 stanley street"), pair("8", "stanley"));
        assert_eq!(parts(""), pair("", ""));
    }
}
