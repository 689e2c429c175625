//! The street line of a postal address.
//!
//! Follows the spirit of NF Z 10-011: the line of number, street type and name counts; building,
//! stairs, floor and residence do not. Town and country are not read: the postcode says them.
//! Specified in `docs/formats/normalisation-v1.md`, "Street line".

use std::iter::Peekable;

use super::{
    Reading, Repair, Repairs,
    placeholder::is_placeholder,
    text::{clean, fold_words},
};

/// Normal form of a street line; `cell` may hold several lines or parts.
#[must_use]
pub fn normalise(cell: &str) -> Reading<String> {
    if is_placeholder(&clean(cell)) {
        return Reading::Missing;
    }
    // A letter that was lost in an encoding would make another street of it.
    if cell.contains(char::REPLACEMENT_CHARACTER) {
        return Reading::Refused;
    }
    let mut words = String::with_capacity(cell.len());
    let mut named = None;
    let mut lead = String::new();
    for part in cell.split(['\n', '\r', ',', ';']) {
        words.clear();
        if !lead.is_empty() {
            words.push_str(&lead);
            words.push(' ');
        }
        let start = words.len();
        let mut repairs = Repairs::NONE;
        repairs.add_if(fold_words(part, &mut words), Repair::DoubleEncoding);
        if words.len() == start {
            continue;
        }
        // "12, rue Victor Hugo": the number waits for its street.
        if is_number_only(&words) {
            lead.clone_from(&words);
            continue;
        }
        lead.clear();
        let line = street(&words, &mut repairs);
        if is_number_only(&line) || is_inside(&line) || is_placeholder(&line) {
            continue;
        }
        if line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(' ') {
            return Reading::of(line, repairs);
        }
        if named.is_none() && line.len() >= 4 {
            named = Some(Reading::of(line, repairs));
        }
    }
    named.unwrap_or(Reading::Refused)
}

/// The number of a street that stands in a column of its own.
#[must_use]
pub fn number(cell: &str) -> Reading<String> {
    let cell = clean(cell);
    if is_placeholder(&cell) {
        return Reading::Missing;
    }
    let mut words = String::with_capacity(cell.len());
    fold_words(cell.strip_suffix(".0").unwrap_or(&cell), &mut words);
    let digits = words.split(' ').next().unwrap_or_default();
    let is_number = split_number(digits).is_some() && words.len() <= 16;
    if is_number { Reading::Good(words) } else { Reading::Refused }
}

/// Normal form of a street line whose number stands in another column; a number of its own comes first.
#[must_use]
pub fn with_number(number: &str, cell: &str) -> Reading<String> {
    let street = clean(cell);
    if is_placeholder(&street) || street.starts_with(|c: char| c.is_ascii_digit()) {
        return normalise(cell);
    }
    normalise(&[number, " ", &street].concat())
}

/// `12`, `12bis`, `12 bis`: a number whose street stands elsewhere.
fn is_number_only(words: &str) -> bool {
    let mut words = words.split(' ');
    words.next().is_some_and(|word| split_number(word).is_some())
        && words.next().is_none_or(|word| suffix(word).is_some())
        && words.next().is_none()
}

/// `appt 12`, `bp 123`: a door or a box whose street stands elsewhere.
fn is_inside(line: &str) -> bool {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default();
    let is_street = matches!(first, "porte" | "hall" | "entree" | "logement");
    is_extra(first) && !is_street && words.count() <= 1
}

/// Rebuilds one part: number, suffix, street type in full, the words that name the street.
fn street(words: &str, repairs: &mut Repairs) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    let mut words = words.split(' ').filter(|word| !is_article(word)).peekable();
    if let Some((number, glued)) = words.peek().and_then(|word| split_number(word)) {
        words.next();
        out.push_str(number);
        if let Some(mark) = mark(glued, &mut words, repairs) {
            out.push(' ');
            out.push_str(mark);
        }
    }
    let mut first = true;
    for word in words {
        // The first word is never inside a building: "porte" may begin a street's name.
        if !first && is_extra(word) {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(expand(word, first));
        first = false;
    }
    out
}

/// The suffix of a number, read past the end of a range: of "12 14 rue" and "12 a 14 rue" the first
/// number stands for both.
fn mark<'a>(
    glued: Option<&'static str>,
    words: &mut Peekable<impl Iterator<Item = &'a str>>,
    repairs: &mut Repairs,
) -> Option<&'static str> {
    let mut mark = glued;
    while let Some(word) = words.peek() {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            mark = mark.filter(|mark| *mark != "a");
            repairs.add(Repair::StreetRange);
        } else if mark.is_none() && suffix(word).is_some() {
            mark = suffix(word);
        } else {
            break;
        }
        words.next();
    }
    mark
}

/// `131`, `131bis`, `131B` as digits and suffix.
fn split_number(word: &str) -> Option<(&str, Option<&'static str>)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = word.split_at(digits);
    if number.is_empty() || number.len() > 5 {
        return None;
    }
    let number = match number.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    match rest {
        // "d" alone is an article everywhere else, so that it marks no number here.
        "" | "d" => Some((number, None)),
        _ => suffix(rest).map(|mark| (number, Some(mark))),
    }
}

fn suffix(word: &str) -> Option<&'static str> {
    Some(match word {
        "b" | "bis" => "bis",
        "t" | "ter" => "ter",
        "q" | "quater" => "quater",
        "a" => "a",
        "c" => "c",
        "e" => "e",
        "f" => "f",
        _ => return None,
    })
}

/// Words after which a line speaks of the inside of a building, or of sorting.
fn is_extra(word: &str) -> bool {
    matches!(
        word,
        "appart"
            | "appartement"
            | "app"
            | "appt"
            | "apt"
            | "apparte"
            | "bat"
            | "batiment"
            | "bp"
            | "cedex"
            | "cs"
            | "entree"
            | "entr"
            | "esc"
            | "escalier"
            | "etage"
            | "etg"
            | "hall"
            | "porte"
            | "tsa"
            | "logement"
            | "logt"
    )
}

fn is_article(word: &str) -> bool {
    matches!(word, "de" | "du" | "des" | "d" | "la" | "le" | "les" | "l")
}

/// Abbreviations of NF Z 10-011 and of habit, in full. Street types count only in first place.
fn expand(word: &str, first: bool) -> &str {
    let kind = match word {
        "r" => "rue",
        "av" | "ave" | "aven" => "avenue",
        "bd" | "bld" | "blvd" | "boul" | "bvd" | "bl" => "boulevard",
        "all" => "allee",
        "allees" => "allee",
        "ch" | "che" | "chem" | "chm" => "chemin",
        "pl" | "plc" => "place",
        "imp" => "impasse",
        "rte" => "route",
        "sq" => "square",
        "fg" | "fbg" => "faubourg",
        "crs" => "cours",
        "qu" | "qai" => "quai",
        "pass" | "pas" => "passage",
        "res" => "residence",
        "lot" => "lotissement",
        "ham" => "hameau",
        "rpt" | "rdpt" => "rond point",
        "car" => "carrefour",
        "chs" => "chaussee",
        "cor" => "corniche",
        "dom" => "domaine",
        "dsc" => "descente",
        "mte" => "montee",
        "prv" => "parvis",
        "qua" | "quart" => "quartier",
        "rle" => "ruelle",
        "roc" => "rocade",
        "vla" => "villa",
        "vlge" => "village",
        "esp" => "esplanade",
        "prom" => "promenade",
        "sen" | "sent" => "sentier",
        "trav" | "tra" => "traverse",
        "ld" | "lieudit" => "lieu dit",
        "za" | "zac" | "zi" => return word,
        _ => "",
    };
    if first && !kind.is_empty() {
        return kind;
    }
    match word {
        "st" => "saint",
        "ste" => "sainte",
        "gal" | "gen" | "gl" => "general",
        "mal" | "mar" | "marech" => "marechal",
        "dr" | "doct" => "docteur",
        "prof" | "pr" => "professeur",
        "pdt" | "prdt" => "president",
        "cdt" | "cmdt" => "commandant",
        "col" => "colonel",
        "cap" | "cpt" => "capitaine",
        "lt" => "lieutenant",
        "sgt" => "sergent",
        "amal" => "amiral",
        "nd" => "notre dame",
        "janv" => "janvier",
        "fevr" => "fevrier",
        "juil" => "juillet",
        "sept" => "septembre",
        "oct" => "octobre",
        "nov" => "novembre",
        "dec" => "decembre",
        _ => word,
    }
}
