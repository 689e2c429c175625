//! Characters: blanks, invisible signs, case, accents, ligatures.
//!
//! Knows nothing of what a value means. Specified in `docs/formats/normalisation-v1.md`, "Text".

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Removes signs that nobody sees (zero-width, soft hyphen, byte-order mark, direction marks,
/// controls), turns every blank into a space and trims.
#[must_use]
pub fn clean(value: &str) -> Cow<'_, str> {
    if value.is_ascii() && !value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Cow::Borrowed(value.trim_matches(' '));
    }
    if value.chars().all(|c| c == ' ' || !(c.is_whitespace() || is_invisible(c))) {
        return Cow::Borrowed(value.trim_matches(' '));
    }
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_whitespace() {
            text.push(' ');
        } else if !is_invisible(c) {
            text.push(c);
        }
    }
    let trimmed = text.trim_matches(' ');
    if trimmed.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(trimmed.to_owned()) }
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

    /// Writes a value that needs no more than ASCII and the table of Latin letters; tells whether it was
    /// such a one.
    fn push_plain(&mut self, value: &str) -> bool {
        for c in value.chars() {
            if c.is_ascii() {
                self.push(c.to_ascii_lowercase());
                continue;
            }
            match latin(c).filter(|_| !DOUBLE.contains(&c)) {
                Some(letters) => letters.chars().for_each(|c| self.push(c)),
                None => return false,
            }
        }
        true
    }

    fn clear(&mut self) {
        self.out.truncate(self.start);
        self.gap = false;
    }
}

/// Appends `value` to `out` as lower-case words of letters and digits, one space between two words:
/// accents are dropped, ligatures resolved, every other sign separates. Tells whether a double encoding was
/// undone for it.
pub fn fold_words(value: &str, out: &mut String) -> bool {
    let mut words = Words { start: out.len(), out, gap: false };
    // French needs no more than Latin-1: its letters are told by a table, and Unicode's rules are kept for
    // the rest, as is a second look at what may have been encoded twice.
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
    fn folding_resolves_letters_and_separates_words() {
        assert_eq!(folded("  DE  L'Église-d’Œuvre "), "de l eglise d oeuvre");
        assert_eq!(folded("Straße Łódź Søren"), "strasse lodz soren");
        assert_eq!(folded("MÃ©lanie"), "melanie");
        assert_eq!(folded("SÃO"), "sao");
        assert_eq!(folded("Ｍａｒｉｅ"), "marie");
        assert_eq!(folded("İstanbul"), "istanbul");
        assert_eq!(folded("..."), "");
        assert_eq!(folded("e\u{301}mile"), "emile");
    }
}
