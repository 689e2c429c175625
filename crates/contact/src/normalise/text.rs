//! Characters: blanks, invisible signs, case, accents, ligatures.
//!
//! Knows nothing of what a value means. Specified in `docs/formats/normalisation-v1.md`, "Text".

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Removes signs that nobody sees (zero-width, soft hyphen, byte-order mark, direction marks,
/// controls), turns every blank into a space and trims.
#[must_use]
pub fn clean(value: &str) -> Cow<'_, str> {
    if all_plain(value.as_bytes()) {
        return Cow::Borrowed(trimmed(value));
    }
    if value.chars().all(|c| c == ' ' || !(c.is_whitespace() || is_invisible(c))) {
        return Cow::Borrowed(trimmed(value));
    }
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_whitespace() {
            text.push(' ');
        } else if !is_invisible(c) {
            text.push(c);
        }
    }
    let trimmed = trimmed(&text);
    if trimmed.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(trimmed.to_owned()) }
}

/// Whether all bytes are plain: sixteen at a time, and a rest that is filled up with spaces.
fn all_plain(bytes: &[u8]) -> bool {
    let plain = |some: &[u8; 16]| some.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    let (whole, rest) = bytes.as_chunks::<16>();
    let mut filled = [b' '; 16];
    filled[..rest.len()].copy_from_slice(rest);
    plain(&filled) && whole.iter().all(plain)
}

/// A byte of a text in which nothing needs cleaning: ASCII that is seen, and the letters from U+00C0 to
/// U+02FF, whose two bytes are of these ranges. Written so that many bytes are looked at together.
const fn is_plain(byte: u8) -> bool {
    (byte >= b' ') & (byte < 0x7f) | (byte >= 0x80) & (byte < 0xc0) | (byte >= 0xc3) & (byte < 0xcc)
}

/// Without the spaces around; files have few.
fn trimmed(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix(' ') {
        text = rest;
    }
    while let Some(rest) = text.strip_suffix(' ') {
        text = rest;
    }
    text
}

/// Whether a letter was lost in an encoding and only its place was kept.
pub(super) fn has_lost_letter(text: &str) -> bool {
    !text.is_ascii() && text.contains(char::REPLACEMENT_CHARACTER)
}

/// Zero-width and control characters that software and web pages leave in values.
fn is_invisible(c: char) -> bool {
    // Letters and signs of Latin-1 and of what follows it, nearly all that files hold.
    if matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}') {
        return false;
    }
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fffc}')
}

/// Words as they are written at the end of a text: one space between two.
struct Words<'a> {
    out: &'a mut String,
    start: usize,
    gap: bool,
}

impl Words<'_> {
    fn push(&mut self, c: char) {
        if !c.is_alphanumeric() {
            self.gap = true;
            return;
        }
        if self.gap && self.out.len() > self.start {
            self.out.push(' ');
        }
        self.gap = false;
        self.out.push(c);
    }

    /// Writes a short value of ASCII and letters that become one letter; tells whether it was such a one.
    fn push_short(&mut self, value: &str) -> bool {
        // Each byte becomes a space and a letter at most.
        if value.len() > BATCH / 2 {
            return false;
        }
        let mut letters = [0; BATCH];
        let mut end = End { len: 0, gap: self.gap, begun: self.out.len() > self.start };
        let mut table = &FOLDED;
        for byte in value.bytes() {
            let letter = table[usize::from(byte)];
            if letter >= LEAD {
                if letter == STOP {
                    return false;
                }
                table = &FOLDED_LATIN;
                continue;
            }
            table = &FOLDED;
            end = end.push(&mut letters, letter);
        }
        self.write(&letters[..end.len]);
        self.gap = end.gap;
        true
    }

    /// Writes a value that needs no more than ASCII and the table of Latin letters; tells whether it was
    /// such a one.
    fn push_plain(&mut self, value: &str) -> bool {
        let mut letters = [0; BATCH];
        let mut end = End { len: 0, gap: self.gap, begun: self.out.len() > self.start };
        let mut rest = value;
        while let Some(&byte) = rest.as_bytes().first() {
            if byte.is_ascii() {
                let ascii;
                (ascii, end) = end.push_ascii(&mut letters, rest.as_bytes());
                if ascii == 0 {
                    return false;
                }
                rest = &rest[ascii..];
            } else if byte == LATIN_LEAD {
                let [one, other] = LATIN[usize::from(rest.as_bytes()[1] & 0x3f)];
                if one == 0 {
                    return false;
                }
                end = end.push(&mut letters, one);
                if other != 0 {
                    end = end.push(&mut letters, other);
                }
                rest = &rest[2..];
            } else {
                let c = rest.chars().next().expect("a text that is not empty");
                let Some(signs) = latin(c).filter(|_| !DOUBLE.contains(&c)) else { return false };
                for sign in signs.bytes() {
                    end = end.push(&mut letters, FOLDED[usize::from(sign)]);
                }
                rest = &rest[c.len_utf8()..];
            }
            if end.len > BATCH / 2 {
                self.write(&letters[..end.len]);
                end.len = 0;
            }
        }
        self.write(&letters[..end.len]);
        self.gap = end.gap;
        true
    }

    fn write(&mut self, letters: &[u8]) {
        self.out.push_str(std::str::from_utf8(letters).expect("the tables hold ASCII"));
    }

    fn clear(&mut self) {
        self.out.truncate(self.start);
        self.gap = false;
    }
}

/// Folded letters that are written together. One step takes at most half of them: [`STEP`] bytes that
/// become a space and a letter each.
const BATCH: usize = 128;
const STEP: usize = BATCH / 4;

/// Where the next letter of a batch goes. A value of its own, beside the letters, so that it stays in
/// registers.
#[derive(Clone, Copy)]
struct End {
    len: usize,
    gap: bool,
    /// Whether a letter went before.
    begun: bool,
}

impl End {
    /// Takes a letter, or 0 for what separates. Without a branch: where words end follows no pattern, and
    /// a processor that guesses wrong loses more than two needless writes cost.
    #[inline]
    fn push(self, letters: &mut [u8; BATCH], letter: u8) -> Self {
        let is_letter = letter != 0;
        // Nothing is cut off by `%`: the batch is written in time. It spares a check.
        letters[self.len % BATCH] = b' ';
        let len = self.len.wrapping_add(usize::from(is_letter & self.gap & self.begun));
        letters[len % BATCH] = letter;
        let len = len.wrapping_add(usize::from(is_letter));
        Self { len, gap: !is_letter, begun: self.begun | is_letter }
    }

    /// Takes ASCII from the start of some bytes, as much as one step may; tells how much. Controls that vanish
    /// are left to the rules.
    #[inline]
    fn push_ascii(mut self, letters: &mut [u8; BATCH], bytes: &[u8]) -> (usize, Self) {
        let step = &bytes[..bytes.len().min(STEP)];
        for (place, byte) in step.iter().enumerate() {
            let letter = FOLDED[usize::from(*byte)];
            if letter >= LEAD {
                return (place, self);
            }
            self = self.push(letters, letter);
        }
        (step.len(), self)
    }
}

/// Appends `value` to `out` as lower-case words of letters and digits, one space between two words:
/// accents are dropped, ligatures resolved, every other sign separates. Tells whether a double encoding was
/// undone for it.
pub fn fold_words(value: &str, out: &mut String) -> bool {
    fold(value, out) == Folding::Undone
}

/// How a value was folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folding {
    /// By the tables alone: no sign of it is one that was lost or that nobody sees.
    Plain,
    /// By the rules of Unicode, or cleaned before.
    Ruled,
    /// A double encoding was undone.
    Undone,
}

/// [`fold_words`], and which way it went.
pub(super) fn fold(value: &str, out: &mut String) -> Folding {
    let mut words = Words { start: out.len(), out, gap: false };
    // French needs no more than Latin-1: its letters are told by a table, and Unicode's rules are kept for
    // the rest, as is a second look at what may have been encoded twice.
    if words.push_short(value) || words.push_plain(value) {
        return Folding::Plain;
    }
    words.clear();
    if fold_by_rules(value, words) { Folding::Undone } else { Folding::Ruled }
}

/// Whether a double encoding was undone.
#[cold]
fn fold_by_rules(value: &str, mut words: Words<'_>) -> bool {
    // Blanks separate and controls vanish in every script alike.
    let value = &*clean(value);
    if words.push_plain(value) {
        return false;
    }
    words.clear();
    let value = undo_double_encoding(value);
    let undone = matches!(value, Cow::Owned(_));
    if words.push_plain(&value) {
        return undone;
    }
    words.clear();
    let letters = value.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c));
    for c in letters.flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
        match resolve(c) {
            Some(letters) => letters.chars().for_each(|c| words.push(c)),
            None => words.push(c),
        }
    }
    undone
}

/// The words of `value` as [`fold_words`] writes them.
#[must_use]
pub fn folded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    fold_words(value, &mut out);
    out
}

/// The pieces of a text between single spaces, or between other ASCII signs. As `str::split`, but made for
/// pieces of a few bytes, where a search that prepares itself costs more than it finds.
pub(super) struct Pieces<'a, F> {
    rest: Option<&'a str>,
    is_sign: F,
}

/// The words of a folded text.
pub(super) const fn words(text: &str) -> Pieces<'_, impl Fn(u8) -> bool + Copy> {
    pieces(text, |byte| byte == b' ')
}

/// The pieces of a text; `is_sign` is asked for ASCII bytes only to say yes.
pub(super) const fn pieces<F: Fn(u8) -> bool>(text: &str, is_sign: F) -> Pieces<'_, F> {
    Pieces { rest: Some(text), is_sign }
}

impl<'a, F: Fn(u8) -> bool> Iterator for Pieces<'a, F> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let end = rest.bytes().position(|byte| byte.is_ascii() && (self.is_sign)(byte));
        let (piece, rest) = match end {
            Some(end) => (&rest[..end], Some(&rest[end + 1..])),
            None => (rest, None),
        };
        self.rest = rest;
        Some(piece)
    }
}

/// What the rules make of a letter of French, or of a sign that French puts between words.
const fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' | 'À' | 'Â' | 'Ä' | 'Á' => "a",
        'ç' | 'Ç' => "c",
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => "e",
        'î' | 'ï' | 'í' | 'ì' | 'Î' | 'Ï' | 'Í' => "i",
        'ñ' | 'Ñ' => "n",
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' | 'Ô' | 'Ö' | 'Ó' => "o",
        'ù' | 'û' | 'ü' | 'ú' | 'Ù' | 'Û' | 'Ü' | 'Ú' => "u",
        'ÿ' | 'ý' => "y",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        '\u{a0}' | '\u{202f}' | '’' | '‘' | '–' => " ",
        _ => return None,
    })
}

/// What becomes of an ASCII sign: its lower-case letter or digit, 0 where it separates, [`STOP`] where it
/// vanishes. Every other byte stops too, but [`LATIN_LEAD`], which is a [`LEAD`].
static FOLDED: [u8; 256] = {
    let mut table = [STOP; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        } else if !byte.is_ascii_control() || matches!(byte, b'\t'..=b'\r') {
            table[byte as usize] = 0;
        }
        byte += 1;
    }
    table[LATIN_LEAD as usize] = LEAD;
    table
};

/// What becomes of the byte behind [`LATIN_LEAD`]; two letters are left to [`LATIN`].
static FOLDED_LATIN: [u8; 256] = {
    let (mut table, mut place) = ([STOP; 256], 0);
    while place < 64 {
        let [letter, other] = LATIN[place];
        if letter != 0 && other == 0 {
            table[0x80 + place] = letter;
        }
        place += 1;
    }
    table
};

/// No letters of these tables: one says that the next byte says more, one that the tables do not tell.
const LEAD: u8 = 0xfe;
const STOP: u8 = 0xff;

/// First byte of the letters U+00C0 to U+00FF.
const LATIN_LEAD: u8 = 0xc3;

/// [`latin`] of these letters by their second byte; 0 first where it has none, or where the letter may
/// begin one that was encoded twice.
const LATIN: [[u8; 2]; 64] = {
    let mut table = [[0; 2]; 64];
    let mut place = 0;
    while place < 64_u8 {
        let c = (0xc0 + place) as char;
        if let Some(letters) = latin(c)
            && !matches!(c, 'Ã' | 'Â' | 'Å')
        {
            let letters = letters.as_bytes();
            table[place as usize][0] = letters[0];
            if letters.len() > 1 {
                table[place as usize][1] = letters[1];
            }
        }
        place += 1;
    }
    table
};

/// Letters that no decomposition of Unicode resolves.
const fn resolve(c: char) -> Option<&'static str> {
    Some(match c {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        _ => return None,
    })
}

/// With one of these begins every accented letter that was encoded twice.
const DOUBLE: [char; 3] = ['Ã', 'Â', 'Å'];

/// Undoes UTF-8 that was once read as Windows-1252 (`MÃ©lanie`), a common scar of exports.
fn undo_double_encoding(value: &str) -> Cow<'_, str> {
    if !value.contains(DOUBLE) {
        return Cow::Borrowed(value);
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(value);
    if unmappable {
        return Cow::Borrowed(value);
    }
    // A text that was never encoded twice is no valid UTF-8 here ("SÃO" ends in a lone lead byte).
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_removes_what_nobody_sees() {
        assert_eq!(clean("  a b "), "a b");
        assert_eq!(clean("\u{feff}\u{a0}a\u{200b}b\u{ad}c\t"), "abc");
        assert_eq!(clean("a\nb"), "a b");
        assert_eq!(clean("\u{200b}"), "");
    }

    #[test]
    fn the_table_of_latin_letters_agrees_with_the_rules() {
        for c in (0_u32..0x3000).filter_map(char::from_u32).filter(|c| latin(*c).is_some()) {
            // A letter of Greek sends the text through Unicode's rules.
            let by_rules = folded(&format!("a{c}bω"));
            assert_eq!(by_rules, folded(&format!("a{c}b")) + "ω", "{c}");
        }
    }

    #[test]
    fn pieces_are_those_of_split() {
        for text in ["", " ", "a", "a b", " a  b ", "é è", "a,b;c", ",", "l’église, 12"] {
            assert!(words(text).eq(text.split(' ')), "{text}");
            assert!(
                pieces(text, |b| matches!(b, b',' | b';')).eq(text.split([',', ';'])),
                "{text}"
            );
        }
    }

    #[test]
    fn the_tables_of_bytes_agree_with_the_rules() {
        // A letter of Greek sends the text through Unicode's rules.
        for c in (0x20..0x300_u32).filter_map(char::from_u32).filter(|c| !c.is_control()) {
            for text in [format!("a{c}b"), format!("{c}"), format!("{c} {c}").repeat(40)] {
                let by_rules = folded(&format!("{text} ω"));
                assert_eq!(by_rules.trim_end_matches('ω').trim_end(), folded(&text), "{c:?}");
                let seen = |c: &char| *c == ' ' || !(c.is_whitespace() || is_invisible(*c));
                let plain = text.bytes().all(is_plain);
                assert!(!plain || text.chars().all(|c| seen(&c)), "{c:?}");
            }
        }
    }

    #[test]
    fn controls_vanish_or_separate_wherever_they_stand() {
        for c in (0..0xa0_u32).filter_map(char::from_u32).filter(|c| c.is_control()) {
            for text in [format!("{c}"), format!("a{c}b"), format!("{c}é a{c}")] {
                let cleaned: String =
                    text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
                assert_eq!(folded(&text), folded(&cleaned), "{c:?}");
                let how = fold(&text, &mut String::new());
                assert_eq!(how == Folding::Plain, c.is_whitespace() && c.is_ascii(), "{c:?}");
            }
        }
    }

    #[test]
    fn folding_resolves_letters_and_separates_words() {
        assert_eq!(folded("  DE  L'Église-d’Œuvre "), "de l eglise d oeuvre");
        assert_eq!(folded("Straße Łódź Søren"), "strasse lodz soren");
        assert_eq!(folded("MÃ©lanie"), "melanie");
        assert_eq!(folded("SÃO"), "sao");
        assert_eq!(folded("Ｍａｒｉｅ"), "marie");
        assert_eq!(folded("İstanbul"), "istanbul");
        assert_eq!(folded("..."), "");
        assert_eq!(folded("du\u{7}pont\tjean"), "dupont jean");
        assert_eq!(folded("żu\u{7}k\tjan"), "zuk jan");
        assert_eq!(folded("e\u{301}mile"), "emile");
    }
}
