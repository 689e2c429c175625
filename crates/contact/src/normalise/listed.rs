//! Lists of short words that are looked up for every value: placeholders, titles, street types.
//!
//! A word of at most fifteen bytes is one number, so that a look-up compares numbers; and most words are
//! told to be in no list by their first letter and their length alone. What the lists mean stands where
//! they are written; which words are on them is specified in `docs/formats/normalisation-v1.md`.

/// Most bytes of a listed word.
const WORD_MAX: usize = 15;

/// A sorted list of words. That it is sorted is checked when it is built, which is at compile time for
/// lists that are constants.
pub(super) struct Listed<const N: usize> {
    keys: [u128; N],
    /// For each first byte, taken modulo 32, the lengths that occur, one bit each.
    lengths: [u32; 32],
}

impl<const N: usize> Listed<N> {
    /// Takes the words, in the order of their bytes.
    pub(super) const fn new(words: &[&str]) -> Self {
        assert!(words.len() == N, "as many words as the type says");
        let (mut keys, mut lengths) = ([0; N], [0; 32]);
        let mut place = 0;
        while place < N {
            let word = words[place].as_bytes();
            assert!(!word.is_empty() && word.len() <= WORD_MAX, "a word of 1 to 15 bytes");
            keys[place] = key(word);
            assert!(
                place == 0 || keys[place - 1] < keys[place],
                "words in the order of their bytes"
            );
            lengths[(word[0] % 32) as usize] |= 1 << word.len();
            place += 1;
        }
        Self { keys, lengths }
    }

    /// Place of a word in the list.
    #[inline]
    pub(super) fn place(&self, word: &[u8]) -> Option<usize> {
        if !self.may_have(*word.first()?, word.len()) {
            return None;
        }
        self.keys.binary_search(&key(word)).ok()
    }

    /// Whether a word that begins so and is so long may be in the list; the case of a letter is no matter.
    #[inline]
    pub(super) const fn may_have(&self, first: u8, len: usize) -> bool {
        len <= WORD_MAX && self.lengths[(first % 32) as usize] >> len & 1 != 0
    }

    /// Whether the list has a word.
    #[inline]
    pub(super) fn has(&self, word: &[u8]) -> bool {
        self.place(word).is_some()
    }
}

/// The bytes of a word and then its length as one number, which sorts as the words do.
const fn key(word: &[u8]) -> u128 {
    let (mut key, mut place) = (0, 0);
    while place < word.len() {
        key = key << 8 | word[place] as u128;
        place += 1;
    }
    key << (8 * (WORD_MAX + 1 - word.len())) | word.len() as u128
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: [&str; 7] = ["0", "a", "ab", "abc", "abcdefghijklmno", "b", "épouse"];

    proptest! {
        #[test]
        fn a_list_holds_its_words_and_no_other(word in prop_oneof![
            "[0ab]{0,3}", "[a-p]{13,17}", "[ab\\x00]{0,4}", any::<String>(),
            proptest::sample::select(WORDS.to_vec()).prop_map(str::to_owned),
        ]) {
            let list = Listed::<7>::new(&WORDS);
            let expected = WORDS.iter().position(|listed| *listed == word);
            prop_assert_eq!(list.place(word.as_bytes()), expected);
        }
    }

    #[test]
    #[should_panic(expected = "order of their bytes")]
    fn a_list_out_of_order_is_refused() {
        let _ = Listed::<2>::new(&["b", "a"]);
    }
}
