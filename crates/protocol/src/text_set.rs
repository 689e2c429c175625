//! Texts of which one only asks whether they are known: sixteen bytes each, and nothing to read back. Not for
//! what others choose against us beyond chance: half of a SHA-256 finds equal texts, and two others that
//! somebody laboured to make alike only with 2^64 attempts.

use std::collections::HashSet;

use crate::encoding::sha256;

/// A set of texts.
#[derive(Default)]
pub struct TextSet(HashSet<u128>);

impl TextSet {
    /// Adds a text; whether it was not there.
    pub fn insert(&mut self, text: &[u8]) -> bool {
        self.0.insert(first_half(text))
    }

    /// Whether a text is there.
    pub fn has(&self, text: &[u8]) -> bool {
        self.0.contains(&first_half(text))
    }
}

fn first_half(text: &[u8]) -> u128 {
    let digest = sha256(text);
    let (half, _) = digest.as_bytes().split_first_chunk().expect("thirty-two bytes");
    u128::from_le_bytes(*half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_there_once_it_was_added_and_no_other_is() {
        let mut set = TextSet::default();
        assert!(set.insert(b"a") && set.insert(b"b"));
        assert!(!set.insert(b"a"));
        assert!(set.has(b"a") && set.has(b"b") && !set.has(b"c") && !set.has(b""));
    }
}
