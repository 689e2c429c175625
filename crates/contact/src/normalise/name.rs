//! Names of persons.
//!
//! The two names of a person are compared without their order, because files swap them, and without
//! the blanks inside each, because `LE ROUX`, `Le-Roux` and `LEROUX` are one name. Not a
//! typo-tolerant form: that is a bridge of its own. Specified in
//! `docs/formats/normalisation-v1.md`, "Names".

use super::{
    Reading, Repair, Repairs,
    placeholder::is_placeholder,
    text::{clean, fold_words},
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
    // A letter that was lost in an encoding would make another name of it.
    if name.contains(char::REPLACEMENT_CHARACTER) {
        return if is_blank(name) { Reading::Missing } else { Reading::Refused };
    }
    let mut words = String::with_capacity(name.len());
    let mut repairs = Repairs::NONE;
    repairs.add_if(fold_words(name, &mut words), Repair::DoubleEncoding);
    while let Some((title, rest)) = words.split_once(' ') {
        if !is_title(title) {
            break;
        }
        repairs.add(Repair::NameTitle);
        words = rest.to_owned();
    }
    let whole = words.len();
    let mut words = in_use(words);
    repairs.add_if(words.len() < whole, Repair::NameInUse);
    words.retain(|c| c != ' ');
    let letters = words.chars().filter(|c| c.is_alphabetic()).count();
    // Digests and numbers name nobody; "Mme NC" is a placeholder once its title is gone.
    let is_name = !is_placeholder(&words)
        && !is_title(&words)
        && letters >= 2
        && words.chars().count() - letters <= 2
        && words.len() <= 120;
    if is_name {
        Reading::of(words, repairs)
    } else if is_blank(name) {
        Reading::Missing
    } else {
        Reading::Refused
    }
}

/// The name that a person goes by where a cell holds two: before `née`, after `épouse` or `veuve`.
fn in_use(words: String) -> String {
    let mut start = 0;
    for (place, blank) in words.match_indices(' ') {
        let mark = &words[start..place];
        match mark {
            "nee" | "ne" if start > 0 => return words[..start - 1].to_owned(),
            "epouse" | "epse" | "ep" | "veuve" | "vve" => {
                return words[place + blank.len()..].to_owned();
            }
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
    matches!(
        &*letters,
        b"dr"
            | b"docteur"
            | b"m"
            | b"madame"
            | b"mademoiselle"
            | b"maitre"
            | b"melle"
            | b"mlle"
            | b"mm"
            | b"mme"
            | b"monsieur"
            | b"mr"
            | b"mrs"
            | b"ms"
            | b"pr"
            | b"professeur"
    )
}
