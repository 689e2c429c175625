//! Names of persons.
//!
//! The two names of a person are compared without their order, because files swap them, and without
//! the blanks inside each, because `LE ROUX`, `Le-Roux` and `LEROUX` are one name. Not a
//! typo-tolerant form: that is a bridge of its own. Specified in
//! `docs/formats/normalisation-v1.md`, "Names".

use super::{
    Reading, Repair, Repairs,
    listed::Listed,
    placeholder::{is_folded_placeholder, is_placeholder},
    text::{clean, fold_words, has_lost_letter},
};

/// Normal form of a person's names: both names without blanks, accents or signs, the lesser first,
/// `|` between. A name of one letter is an initial and identifies nobody: missing.
#[must_use]
pub fn normalise(first: &str, last: &str) -> Reading<String> {
    pair(&one(first), &one(last))
}

/// Both names of a person from the reading of each.
#[must_use]
pub fn pair(first: &Reading<String>, last: &Reading<String>) -> Reading<String> {
    let repairs = first.repairs().and(last.repairs());
    match (first, last) {
        (Reading::Missing, _) | (_, Reading::Missing) => Reading::Missing,
        (Reading::Refused, _) | (_, Reading::Refused) => Reading::Refused,
        (
            Reading::Good(first) | Reading::Repaired(first, _),
            Reading::Good(last) | Reading::Repaired(last, _),
        ) => Reading::of(sorted(first, last), repairs),
    }
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
    let filled = || cell.split(' ').filter(|word| !word.is_empty());
    let words: Vec<&str> = filled().filter(|word| !is_title(word)).collect();
    let titled = |reading: Reading<String>| {
        let mut repairs = reading.repairs();
        repairs.add_if(filled().count() > words.len(), Repair::NameTitle);
        reading.with(repairs)
    };
    let is_capitals = |word: &&str| {
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        letters().count() > 1 && letters().all(char::is_uppercase)
    };
    let (last, first): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_capitals(word));
    if !last.is_empty() && !first.is_empty() {
        return titled(normalise(&first.join(" "), &last.join(" ")));
    }
    match words.split_first() {
        Some((first, rest)) if !rest.is_empty() => titled(normalise(first, &rest.join(" "))),
        _ => Reading::Missing,
    }
}

fn sorted(one: &str, other: &str) -> String {
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    [low, "|", high].concat()
}

fn is_blank(name: &str) -> bool {
    is_placeholder(&clean(name))
}

/// One name without blanks: missing where the cell is blank, refused where nothing of it can name a person.
#[must_use]
pub fn one(name: &str) -> Reading<String> {
    let mut words = String::with_capacity(name.len());
    match push_name(name, &mut words) {
        Some(repairs) => Reading::of(words, repairs),
        None if is_blank(name) => Reading::Missing,
        None => Reading::Refused,
    }
}

/// Appends one name without blanks, if it can name a person, and tells what mended it.
fn push_name(name: &str, words: &mut String) -> Option<Repairs> {
    // A letter that was lost in an encoding would make another name of it.
    if has_lost_letter(name) {
        return None;
    }
    let mut repairs = Repairs::NONE;
    repairs.add_if(fold_words(name, words), Repair::DoubleEncoding);
    if words.bytes().any(|byte| byte == b' ') {
        let whole = kept(words, &mut repairs).replace(' ', "");
        *words = whole;
    }
    let (letters, signs) = if words.is_ascii() {
        (words.bytes().filter(u8::is_ascii_alphabetic).count(), words.len())
    } else {
        (words.chars().filter(|c| c.is_alphabetic()).count(), words.chars().count())
    };
    // Digests and numbers name nobody; "Mme NC" is a placeholder once its title is gone.
    let is_name = letters >= 2
        && signs - letters <= 2
        && words.len() <= 120
        && !is_folded_placeholder(words)
        && !LISTED_TITLES.has(words.as_bytes());
    is_name.then_some(repairs)
}

/// Several words without the titles before them and the name that is not in use.
fn kept<'a>(words: &'a str, repairs: &mut Repairs) -> &'a str {
    let mut words = words;
    while let Some((title, rest)) = words.split_once(' ') {
        if !LISTED_TITLES.has(title.as_bytes()) {
            break;
        }
        repairs.add(Repair::NameTitle);
        words = rest;
    }
    let kept = in_use(words);
    repairs.add_if(kept.len() < words.len(), Repair::NameInUse);
    kept
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

/// Whether a word as it was typed is a form of address.
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
