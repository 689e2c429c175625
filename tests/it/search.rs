//! Searching large memories for many secrets at once, each in every form that a program might keep
//! it in. It tests itself: each form of a decoy is found.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Bytes by which a needle is looked up; none is shorter.
const PREFIX: usize = 8;

/// Bits of the first filter.
const FILTER_BITS: u32 = 22;

/// What is searched for.
pub struct Needles {
    filter: Vec<u64>,
    by_prefix: HashMap<u64, Vec<usize>>,
    needles: Vec<(&'static str, Vec<u8>)>,
}

impl Needles {
    /// Nothing yet.
    pub fn new() -> Self {
        let filter = vec![0; 1 << (FILTER_BITS - 6)];
        Self { filter, by_prefix: HashMap::new(), needles: Vec::new() }
    }

    /// Secret bytes: raw, hex, base64; of the raw form the first half already counts.
    pub fn bytes(&mut self, name: &'static str, secret: &[u8]) {
        self.needle(name, secret[..secret.len().div_ceil(2).max(PREFIX)].to_vec());
        for text in texts_of(secret) {
            self.text_forms(name, &text);
        }
    }

    /// A secret text: as it is, in both cases, and like bytes.
    pub fn text(&mut self, name: &'static str, secret: &str) {
        for spelling in [secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()] {
            self.text_forms(name, &spelling);
            for text in texts_of(spelling.as_bytes()) {
                self.text_forms(name, &text);
            }
        }
    }

    /// A text in UTF-8 and in both UTF-16.
    fn text_forms(&mut self, name: &'static str, text: &str) {
        self.needle(name, text.as_bytes().to_vec());
        self.needle(name, text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        self.needle(name, text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }

    fn needle(&mut self, name: &'static str, needle: Vec<u8>) {
        let prefix = prefix(&needle).expect("a needle has at least eight bytes");
        let at = slot(prefix);
        self.filter[at >> 6] |= 1 << (at & 63);
        self.by_prefix.entry(prefix).or_default().push(self.needles.len());
        self.needles.push((name, needle));
    }

    /// How many forms are searched for.
    pub fn len(&self) -> usize {
        self.needles.len()
    }

    /// The names of the secrets that occur; never where, nor what stood beside them.
    pub fn find(&self, haystack: &[u8], found: &mut Vec<&'static str>) {
        for (at, window) in haystack.windows(PREFIX).enumerate() {
            let Some(prefix) = prefix(window) else { continue };
            let slot = slot(prefix);
            if self.filter[slot >> 6] >> (slot & 63) & 1 == 0 {
                continue;
            }
            for needle in self.by_prefix.get(&prefix).into_iter().flatten() {
                let (name, needle) = &self.needles[*needle];
                if haystack[at..].starts_with(needle) && !found.contains(name) {
                    found.push(name);
                }
            }
        }
    }
}

fn prefix(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<PREFIX>().map(|chunk| u64::from_le_bytes(*chunk))
}

fn slot(prefix: u64) -> usize {
    usize::try_from(prefix.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS)).unwrap()
}

/// Hex in both cases; base64 in both alphabets at all three alignments, cut to the characters that
/// depend on the secret alone.
fn texts_of(secret: &[u8]) -> Vec<String> {
    use std::fmt::Write as _;
    let mut hex = String::new();
    secret.iter().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
    let mut texts = vec![hex.to_uppercase(), hex];
    for alignment in 0..3 {
        let mut padded = vec![0; alignment];
        padded.extend_from_slice(secret);
        let from = (alignment * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            texts.push(text[from..to].to_owned());
        }
    }
    texts
}

#[test]
fn every_form_of_a_decoy_is_found() {
    let secret: Vec<u8> = (1..=32).map(|n| n * 7).collect();
    let mut needles = Needles::new();
    needles.bytes("bytes", &secret);
    needles.text("text", "jean.martin@exemple.fr");
    let hidden = |form: &[u8]| {
        let mut haystack = vec![0x5a; 1000];
        haystack.extend_from_slice(form);
        haystack.extend_from_slice(&[0xa5; 100]);
        let mut found = Vec::new();
        needles.find(&haystack, &mut found);
        found
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    assert_eq!(hidden(&secret), ["bytes"]);
    assert_eq!(hidden(&secret[..16]), ["bytes"]);
    assert!(hidden(&secret[..15]).is_empty());
    for before in 0..3 {
        let mut longer = vec![9; before];
        longer.extend_from_slice(&secret);
        longer.extend_from_slice(&[1, 2]);
        for text in [STANDARD_NO_PAD.encode(&longer), URL_SAFE_NO_PAD.encode(&longer)] {
            assert_eq!(hidden(text.as_bytes()), ["bytes"], "alignment {before}");
            assert_eq!(hidden(&utf16(&text)), ["bytes"], "alignment {before}");
        }
    }
    for text in ["jean.martin@exemple.fr", "JEAN.MARTIN@EXEMPLE.FR"] {
        assert_eq!(hidden(text.as_bytes()), ["text"]);
        assert_eq!(hidden(&utf16(text)), ["text"]);
        assert_eq!(hidden(STANDARD_NO_PAD.encode(text).as_bytes()), ["text"]);
    }
    assert!(hidden(b"jean.martin@exemple.org").is_empty());
}
