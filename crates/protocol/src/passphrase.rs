//! What a passphrase must be where nothing but the passphrase stands between a thief of a file and what is in it:
//! the certifier's keyring and the keys that a browser keeps. No limit of tries holds there, so that about 80 bits
//! are asked for, as CNIL counts them (délibération 2022-100).

/// So many words, ...
const WORDS: usize = 7;
/// ... so many characters with small and capital letters, digits and others, ...
const OF_FOUR_CLASSES: usize = 12;
/// ... or so many with small and capital letters and digits.
const OF_THREE_CLASSES: usize = 14;

/// Whether a passphrase is one of these.
#[must_use]
pub fn is_strong(passphrase: &str) -> bool {
    let chars = passphrase.chars().filter(|c| !c.is_whitespace()).count();
    let other = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let three = [char::is_lowercase, char::is_uppercase, |c: char| c.is_ascii_digit()]
        .into_iter()
        .all(|class: fn(char) -> bool| passphrase.contains(class));
    let mut words: Vec<&str> = passphrase.split_whitespace().filter(|w| w.len() > 2).collect();
    words.sort_unstable();
    words.dedup();
    words.len() >= WORDS
        || three && chars >= OF_THREE_CLASSES
        || three && passphrase.contains(other) && chars >= OF_FOUR_CLASSES
}

#[cfg(test)]
mod tests {
    use super::is_strong;

    #[test]
    fn words_or_classes_of_characters() {
        for strong in [
            "one apple seven chairs under the blue bridge",
            "Abcdefgh1234567",
            "aB3!aB3!aB3!",
            "Été2024-à-Nîmes",
        ] {
            assert!(is_strong(strong), "{strong}");
        }
        for weak in [
            "",
            "password",
            "aB3!aB3!aB3",
            "abcdefghijklmnop",
            "Abcdef1       ",
            "the the the the the the the the",
        ] {
            assert!(!is_strong(weak), "{weak}");
        }
    }
}
