//! The skeleton of a word: its first sound and its consonants, as French hears them.
//!
//! Vowels, doubled letters and mute `h` are where most typing and hearing errors fall; the first letter
//! is where fewest do. Far coarser phonetic keys (Soundex, Phonex) keep too little to be rare. Specified
//! in `docs/formats/normalisation-v1.md`, "Skeleton".

/// Skeleton of a folded word without blanks. It may be empty (`h`), never longer than the word.
#[must_use]
pub fn skeleton(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut last = None;
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let sound = match letter {
            'h' => continue,
            'p' if letters.peek() == Some(&'h') => 'f',
            'c' | 'q' => 'k',
            'w' => 'v',
            'y' => 'i',
            'z' => 's',
            other => other,
        };
        if last != Some(sound) && (out.is_empty() || !matches!(sound, 'a' | 'e' | 'i' | 'o' | 'u'))
        {
            out.push(sound);
        }
        last = Some(sound);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_sound_share_a_skeleton() {
        let alike = [
            ("philippe", "filipe"),
            ("mathieu", "matthieu"),
            ("helene", "elene"),
            ("caroline", "karolyne"),
            ("jacques", "jaques"),
            ("wagner", "vagner"),
            ("gonzalez", "gonsales"),
            ("yves", "ives"),
        ];
        for (one, other) in alike {
            assert_eq!(skeleton(one), skeleton(other));
        }
        assert_ne!(skeleton("moreau"), skeleton("moraux"));
        assert_eq!(skeleton("philippe"), "flp");
        assert_eq!(skeleton("annie"), "an");
        assert_eq!(skeleton("h"), "");
        assert_eq!(skeleton(""), "");
    }
}
