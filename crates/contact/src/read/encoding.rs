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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Codes {
    /// One of the encodings of the WHATWG standard.
    Standard(&'static Encoding),
    /// The code page of DOS in Western Europe, which that standard left out.
    Dos,
}

/// The encoding that needs no table.
pub(crate) const UTF8: Codes = Codes::Standard(UTF_8);

impl Codes {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Standard(encoding) => encoding.name(),
            Self::Dos => "CP850",
        }
    }

    /// Whether separators, quotes and line ends are bytes of their own wherever they stand, so that a file
    /// can be cut there before it is decoded.
    pub(super) fn cuts_before_decoding(self) -> bool {
        match self {
            Self::Standard(encoding) => encoding == UTF_8 || encoding.is_single_byte(),
            Self::Dos => true,
        }
    }
}

/// The codes of a file, as its beginning tells them.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) codes: Codes,
    /// Whether nothing that follows can speak against it: told by hand, by a mark or by zeros.
    pub(crate) sure: bool,
}

/// Chooses by the label (WHATWG, or one of DOS), else by the bytes. `utf8` says whether the whole file is
/// UTF-8, where that is known; else the beginning decides.
pub(crate) fn choose(
    head: &[u8],
    label: Option<&str>,
    utf8: Option<bool>,
) -> Result<Choice, PrepareError> {
    let sure = |codes| Ok(Choice { codes, sure: true });
    let dos = |label: &str| DOS_LABELS.iter().any(|dos| label.trim().eq_ignore_ascii_case(dos));
    if label.is_some_and(dos) {
        return sure(Codes::Dos);
    }
    let told = match label {
        Some(label) => Some(Encoding::for_label(label.as_bytes()).ok_or(PrepareError::Encoding)?),
        None => None,
    };
    // A byte-order mark is heeded before anything that is said.
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding);
    if let Some(encoding) = marked.or(told).or_else(|| utf16(head)) {
        return sure(Codes::Standard(encoding));
    }
    // One bad byte in a long UTF-8 file (a cut, a pasted cell) must not turn every accent.
    let utf8 = utf8.unwrap_or_else(|| Utf8Evidence::of(head).speaks_for_it());
    let codes = if utf8 { Codes::Standard(UTF_8) } else { by_letters(head) };
    Ok(Choice { codes, sure: false })
}

/// Decodes a whole file, or its beginning; a byte-order mark is removed.
pub(super) fn decode(bytes: &[u8], codes: Codes) -> Cow<'_, str> {
    match codes {
        Codes::Standard(encoding) => encoding.decode_with_bom_removal(bytes).0,
        Codes::Dos => Cow::Owned(bytes.iter().map(|byte| dos(*byte)).collect()),
    }
}

/// Decodes a block of whole lines from the middle of a file; UTF-8 is not copied. With it, how far the bytes
/// are UTF-8, where that is asked.
pub(super) fn decode_block(bytes: &[u8], codes: Codes, asked: bool) -> (String, Utf8Evidence) {
    let ask = |bytes: &[u8]| if asked { Utf8Evidence::of(bytes) } else { Utf8Evidence::default() };
    match codes {
        // Copying and looking with wide registers is quicker than looking byte by byte in place.
        codes if codes == UTF8 => match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), Utf8Evidence::of_text(text)),
            Err(_) => (String::from_utf8_lossy(bytes).into_owned(), ask(bytes)),
        },
        Codes::Standard(encoding) => {
            (encoding.decode_without_bom_handling(bytes).0.into_owned(), ask(bytes))
        }
        Codes::Dos => (bytes.iter().map(|byte| dos(*byte)).collect(), ask(bytes)),
    }
}

/// How far some bytes are UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf8Evidence {
    letters: usize,
    bad: usize,
}

impl Utf8Evidence {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self::of_text(text);
        }
        let mut evidence = Self::default();
        for chunk in bytes.utf8_chunks() {
            evidence.add(Self::of_text(chunk.valid()));
            evidence.bad += usize::from(!chunk.invalid().is_empty());
        }
        evidence
    }

    fn of_text(text: &str) -> Self {
        // In pieces whose counts fit a byte, without a check at each: so many are counted at once.
        let count = |piece: &[u8]| {
            piece.iter().fold(0_u8, |sum, byte| sum.wrapping_add(u8::from(*byte >= 0xc0)))
        };
        let letters = text.as_bytes().chunks(192).map(|piece| usize::from(count(piece))).sum();
        Self { letters, bad: 0 }
    }

    /// Adds what other bytes say, whole lines of them.
    pub const fn add(&mut self, other: Self) {
        self.letters += other.letters;
        self.bad += other.bad;
    }

    pub(crate) const fn speaks_for_it(self) -> bool {
        self.bad == 0 || self.letters > 50 * self.bad
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

/// The code page under which most letters are French.
fn by_letters(head: &[u8]) -> Codes {
    // The first bytes tell; the choice is between three tables for the whole file anyway.
    let sample = &head[..head.len().min(1 << 18)];
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
