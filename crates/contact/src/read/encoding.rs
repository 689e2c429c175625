//! From bytes to text.
//!
//! Order of evidence: byte-order mark, the pattern of zeros of UTF-16, validity as UTF-8, and then the
//! two single-byte code pages of French software, told apart by the letters they would give. Specified
//! in `docs/formats/reading-files.md`, "Encodings".

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::PrepareError;

/// Decodes a file; `label` (WHATWG) overrides the detection. Gives the encoding's name.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    label: Option<&str>,
) -> Result<(Cow<'a, str>, &'static str), PrepareError> {
    let encoding = match label {
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or(PrepareError::Encoding)?,
        None => detect(bytes),
    };
    // `decode` heeds a byte-order mark before the given encoding, and removes it.
    let (text, used, _) = encoding.decode(bytes);
    Ok((text, used.name()))
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = utf16(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    // One bad byte in a long UTF-8 file (a cut, a pasted cell) must not turn every accent.
    if mostly_utf8(bytes) {
        return UTF_8;
    }
    // The first bytes tell; the choice is between two tables for the whole file anyway.
    let sample = &bytes[..bytes.len().min(1 << 18)];
    if french_letters(sample, MAC_LETTERS) > french_letters(sample, WINDOWS_LETTERS) {
        MACINTOSH
    } else {
        WINDOWS_1252
    }
}

/// UTF-16 without a mark: in European text every second byte is zero.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half < 2 {
        return None;
    }
    match (zeros(0) * 10 > half * 7, zeros(1) * 10 > half * 7) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut letters, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    letters > 50 * bad
}

/// é è ê ë à â ç ô î ï û ù É È in Windows-1252 and in Mac OS Roman.
const WINDOWS_LETTERS: &[u8] =
    &[0xe9, 0xe8, 0xea, 0xeb, 0xe0, 0xe2, 0xe7, 0xf4, 0xee, 0xef, 0xfb, 0xf9, 0xc9, 0xc8];
const MAC_LETTERS: &[u8] =
    &[0x8e, 0x8f, 0x90, 0x91, 0x88, 0x89, 0x8d, 0x99, 0x94, 0x95, 0x9e, 0x9d, 0x83, 0xe9];

/// How many of the bytes would be such a letter inside or at the end of a word.
fn french_letters(bytes: &[u8], letters: &[u8]) -> usize {
    bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_alphabetic() && letters.contains(&pair[1]))
        .count()
}
