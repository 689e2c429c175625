//! Names of persons.
//!
//! The two names of a person are compared without their order, because files swap them, and without
//! the blanks inside each, because `LE ROUX`, `Le-Roux` and `LEROUX` are one name. Not a
//! typo-tolerant form: that is a bridge of its own. Specified in
//! `docs/formats/normalisation-v1.md`, "Names".

use super::{
    Reading,
    listed::Listed,
    placeholder::is_placeholder,
    text::{clean, fold_words},
};

/// Normal form of a person's names: both names without blanks, accents or signs, the lesser first,
/// `|` between. A name of one letter is an initial and identifies nobody: missing.
#[must_use]
pub fn normalise(first: &str, last: &str) -> Reading<String> {
    // Both names in one text, with room to turn them round.
    let mut names = String::with_capacity(2 * (first.len() + last.len()) + 2);
    let has_first = push_name(first, &mut names);
    let middle = names.len();
    names.push('|');
    match (has_first, push_name(last, &mut names)) {
        (true, true) => {}
        (false, false) if is_blank(first) && is_blank(last) => return Reading::Missing,
        _ => {
            return if is_blank(first) || is_blank(last) {
                Reading::Missing
            } else {
                Reading::Refused
            };
        }
    }
    if names[..middle] > names[middle + 1..] {
        names.push('|');
        names.extend_from_within(..middle);
        names.drain(..=middle);
    }
    Reading::Good(names)
}

/// Normal form of names that stand in one cell, in either order.
///
/// Words in capitals beside words that are not are the family name; else the first word is the first
/// name when it begins, as French writes it. A comma sets the family name apart (`DUPONT, Jean`).
#[must_use]
pub fn normalise_full(cell: &str) -> Reading<String> {
    let cell = clean(cell);
    if is_blank(&cell) {
        return Reading::Missing;
    }
    if let Some((last, first)) = cell.split_once(',') {
        return normalise(first, last);
    }
    let words: Vec<&str> =
        cell.split(' ').filter(|word| !word.is_empty() && !is_title(word)).collect();
    let is_capitals = |word: &&str| {
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        letters().count() > 1 && letters().all(char::is_uppercase)
    };
    let (last, first): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_capitals(word));
    if !last.is_empty() && !first.is_empty() {
        return normalise(&first.join(" "), &last.join(" "));
    }
    match words.split_first() {
        Some((first, rest)) if !rest.is_empty() => normalise(first, &rest.join(" ")),
        _ => Reading::Missing,
    }
}

fn is_blank(name: &str) -> bool {
    is_placeholder(&clean(name))
}

/// Appends one name without blanks; tells whether it can name a person. What it leaves when it cannot is of
/// no use.
fn push_name(name: &str, out: &mut String) -> bool {
    // A letter that was lost in an encoding would make another name of it.
    if !name.is_ascii() && name.contains(char::REPLACEMENT_CHARACTER) {
        return false;
    }
    let start = out.len();
    fold_words(name, out);
    if out[start..].bytes().any(|byte| byte == b' ') {
        let whole = kept(&out[start..]).replace(' ', "");
        out.truncate(start);
        out.push_str(&whole);
    }
    let words = &out[start..];
    let (letters, signs) = if words.is_ascii() {
        (words.bytes().filter(u8::is_ascii_alphabetic).count(), words.len())
    } else {
        (words.chars().filter(|c| c.is_alphabetic()).count(), words.chars().count())
    };
    // Digests and numbers name nobody; "Mme NC" is a placeholder once its title is gone.
    letters >= 2
        && signs - letters <= 2
        && words.len() <= 120
        && !is_placeholder(words)
        && !is_title(words)
}

/// Several words without the titles before them and the name that is not in use.
fn kept(words: &str) -> &str {
    let mut words = words;
    while let Some((title, rest)) = words.split_once(' ') {
        if !is_title(title) {
            break;
        }
        words = rest;
    }
    in_use(words)
}

/// The name that a person goes by where a cell holds two: before `née`, after `épouse` or `veuve`.
fn in_use(words: &str) -> &str {
    let mut start = 0;
    for (place, blank) in words.match_indices(' ') {
        let mark = &words[start..place];
        match mark {
            "nee" | "ne" if start > 0 => return &words[..start - 1],
            "epouse" | "epse" | "ep" | "veuve" | "vve" => return &words[place + blank.len()..],
            _ => start = place + blank.len(),
        }
    }
    words
}

fn is_title(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let mut lower = [0_u8; 12];
    let Some(letters) = lower.get_mut(..word.len()) else { return false };
    letters.copy_from_slice(word.as_bytes());
    letters.make_ascii_lowercase();
    LISTED_TITLES.has(letters)
}

static LISTED_TITLES: Listed<{ TITLES.len() }> = Listed::new(TITLES);

/// Sorted.
const TITLES: &[&str] = &[
    "docteur",
    "dr",
    "m",
    "madame",
    "mademoiselle",
    "maitre",
    "melle",
    "mlle",
    "mm",
    "mme",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "pr",
    "professeur",
];
