//! Names of persons.
//!
//! The two names of a person are compared without their order, because files swap them, and without
//! the blanks inside each, because `LE ROUX`, `Le-Roux` and `LEROUX` are one name. Not a
//! typo-tolerant form: that is a bridge of its own. Specified in
//! `docs/formats/normalisation-v1.md`, "Names".

use std::ops::Range;

use super::{
    Reading, Repair, Repairs,
    listed::Listed,
    placeholder::{is_blank, is_folded_placeholder},
    text::{Folding, clean, fold, has_lost_letter},
};

/// Normal form of a person's names: both names without blanks, accents or signs, the lesser first,
/// `|` between. A name of one letter is an initial and identifies nobody: missing.
#[must_use]
pub fn normalise(first: &str, last: &str) -> Reading<String> {
    let (first, last) = (one(first), one(last));
    let mut names = String::new();
    push_pair(first.as_deref(), last.as_deref(), &mut names).map(|()| names)
}

/// Writes both names of a person, from the reading of each, into `out`, which is empty where they are none.
pub(crate) fn push_pair(
    first: Reading<&str>,
    last: Reading<&str>,
    out: &mut String,
) -> Reading<()> {
    out.clear();
    let repairs = first.repairs().and(last.repairs());
    match (first, last) {
        (Reading::Missing, _) | (_, Reading::Missing) => Reading::Missing,
        (Reading::Refused, _) | (_, Reading::Refused) => Reading::Refused,
        (
            Reading::Good(first) | Reading::Repaired(first, _),
            Reading::Good(last) | Reading::Repaired(last, _),
        ) => {
            let (low, high) = if first <= last { (first, last) } else { (last, first) };
            out.push_str(low);
            out.push('|');
            out.push_str(high);
            Reading::of((), repairs)
        }
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

/// One name without blanks: missing where the cell is blank, refused where nothing of it can name a person.
#[must_use]
pub fn one(name: &str) -> Reading<String> {
    let mut words = String::with_capacity(name.len());
    push_one(name, &mut words).map(|()| words)
}

/// Writes what [`one`] gives into `out`, which is empty where there is no name.
pub(crate) fn push_one(name: &str, out: &mut String) -> Reading<()> {
    out.clear();
    if let Some(repairs) = push_name(name, out) {
        return Reading::of((), repairs);
    }
    out.clear();
    if is_blank(name) { Reading::Missing } else { Reading::Refused }
}

/// Appends one name without blanks to nothing, if it can name a person, and tells what mended it.
fn push_name(name: &str, words: &mut String) -> Option<Repairs> {
    let mut repairs = Repairs::NONE;
    let folding = fold(name, words);
    if folding != Folding::Plain {
        // A letter that was lost in an encoding would make another name of it.
        if has_lost_letter(name) {
            return None;
        }
        repairs.add_if(folding == Folding::Undone, Repair::DoubleEncoding);
    }
    if words.bytes().any(|byte| byte == b' ') {
        let kept = kept(words, &mut repairs);
        words.truncate(kept.end);
        words.drain(..kept.start);
        words.retain(|c| c != ' ');
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

/// Where several words stand without the titles before them and the name that is not in use.
fn kept(words: &str, repairs: &mut Repairs) -> Range<usize> {
    let mut start = 0;
    while let Some((title, rest)) = words[start..].split_once(' ') {
        if !LISTED_TITLES.has(title.as_bytes()) {
            break;
        }
        repairs.add(Repair::NameTitle);
        start = words.len() - rest.len();
    }
    let kept = in_use(&words[start..]);
    repairs.add_if(kept.len() < words.len() - start, Repair::NameInUse);
    start + kept.start..start + kept.end
}

/// Where the name stands that a person goes by where a cell holds two: before `née`, after `épouse` or `veuve`.
fn in_use(words: &str) -> Range<usize> {
    let mut start = 0;
    for (place, _) in words.bytes().enumerate().filter(|(_, byte)| *byte == b' ') {
        match &words.as_bytes()[start..place] {
            b"nee" | b"ne" if start > 0 => return 0..start - 1,
            b"epouse" | b"epse" | b"ep" | b"veuve" | b"vve" => return place + 1..words.len(),
            _ => start = place + 1,
        }
    }
    0..words.len()
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
