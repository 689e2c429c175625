//! From bytes to text.
//!
//! Order of evidence: byte-order mark, the pattern of zeros of UTF-16, validity as UTF-8, and then the
//! three single-byte code pages of French software (Windows, old Mac, DOS), told apart by the letters
//! they would give. Specified
//! in `docs/formats/reading-files.md`, "Encodings".

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::PrepareError;

/// What the bytes of a text stand for.
#[derive(Clone, Copy)]
enum Codes {
    /// One of the encodings of the WHATWG standard.
    Standard(&'static Encoding),
    /// The code page of DOS in Western Europe, which that standard left out.
    Dos,
}

/// Decodes a file; `label` (WHATWG, or one of DOS) overrides the detection. Gives the encoding's name.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    label: Option<&str>,
) -> Result<(Cow<'a, str>, &'static str), PrepareError> {
    let codes = match label {
        Some(label) if DOS_LABELS.iter().any(|dos| label.trim().eq_ignore_ascii_case(dos)) => {
            Codes::Dos
        }
        Some(label) => {
            Codes::Standard(Encoding::for_label(label.as_bytes()).ok_or(PrepareError::Encoding)?)
        }
        None => detect(bytes),
    };
    match codes {
        // `decode` heeds a byte-order mark before the given encoding, and removes it.
        Codes::Standard(encoding) => {
            let (text, used, _) = encoding.decode(bytes);
            Ok((text, used.name()))
        }
        Codes::Dos => Ok((Cow::Owned(bytes.iter().map(|byte| dos(*byte)).collect()), "CP850")),
    }
}

const DOS_LABELS: [&str; 6] = ["cp850", "ibm850", "850", "cp858", "ibm00858", "dos"];

/// Code page 850 with the euro of 858 (their only difference; the letter that it took is not French).
fn dos(byte: u8) -> char {
    const HIGH: [char; 128] = [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ',
        'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ', 'á', 'í', 'ó', 'ú',
        'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', 'Á',
        'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐', '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã',
        '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'ð', 'Ð', 'Ê', 'Ë', 'È', '€', 'Í', 'Î', 'Ï', '┘',
        '┌', '█', '▄', '¦', 'Ì', '▀', 'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù',
        'ý', 'Ý', '¯', '´', '\u{ad}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³',
        '²', '■', '\u{a0}',
    ];
    match byte.checked_sub(128) {
        Some(high) => HIGH[usize::from(high)],
        None => char::from(byte),
    }
}

fn detect(bytes: &[u8]) -> Codes {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Codes::Standard(encoding);
    }
    if let Some(encoding) = utf16(bytes) {
        return Codes::Standard(encoding);
    }
    // One bad byte in a long UTF-8 file (a cut, a pasted cell) must not turn every accent.
    if std::str::from_utf8(bytes).is_ok() || mostly_utf8(bytes) {
        return Codes::Standard(UTF_8);
    }
    // The first bytes tell; the choice is between three tables for the whole file anyway.
    let sample = &bytes[..bytes.len().min(1 << 18)];
    let windows = french_letters(sample, WINDOWS_LETTERS);
    let mac = french_letters(sample, MAC_LETTERS);
    let dos = french_letters(sample, DOS_LETTERS);
    if dos > windows.max(mac) {
        Codes::Dos
    } else if mac > windows {
        Codes::Standard(MACINTOSH)
    } else {
        Codes::Standard(WINDOWS_1252)
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

/// é è ê ë à â ç ô î ï û ù É È in Windows-1252, in Mac OS Roman and in the code page of DOS.
const WINDOWS_LETTERS: &[u8] =
    &[0xe9, 0xe8, 0xea, 0xeb, 0xe0, 0xe2, 0xe7, 0xf4, 0xee, 0xef, 0xfb, 0xf9, 0xc9, 0xc8];
const MAC_LETTERS: &[u8] =
    &[0x8e, 0x8f, 0x90, 0x91, 0x88, 0x89, 0x8d, 0x99, 0x94, 0x95, 0x9e, 0x9d, 0x83, 0xe9];
const DOS_LETTERS: &[u8] =
    &[0x82, 0x8a, 0x88, 0x89, 0x85, 0x83, 0x87, 0x93, 0x8c, 0x8b, 0x96, 0x97, 0x90, 0xd4];

/// How many of the bytes would be such a letter inside or at the end of a word.
fn french_letters(bytes: &[u8], letters: &[u8]) -> usize {
    bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_alphabetic() && letters.contains(&pair[1]))
        .count()
}
