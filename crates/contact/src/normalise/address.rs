//! The street line of a postal address.
//!
//! Follows the spirit of NF Z 10-011: the line of number, street type and name counts; building,
//! stairs, floor and residence do not. Town and country are not read: the postcode says them.
//! Specified in `docs/formats/normalisation-v1.md`, "Street line".

use std::{
    iter::Peekable,
    mem::{swap, take},
};

use super::{
    Reading, Repair, Repairs,
    listed::Listed,
    placeholder::{is_blank, is_placeholder},
    text::{clean, fold_words, has_lost_letter, pieces, words},
};
use crate::wiped::Wiped;

/// Normal form of a street line; `cell` may hold several lines or parts.
#[must_use]
pub fn normalise(cell: &str) -> Reading<String> {
    let mut room = Room::default();
    push(cell, &mut room).map(|()| take(&mut *room.found))
}

/// Room in which street lines are read, one after the other; wiped when it goes.
pub(crate) struct Room {
    /// The words of a part.
    words: Wiped<String>,
    /// A part in normal form.
    line: Wiped<String>,
    /// The part that is the street line.
    found: Wiped<String>,
}

impl Default for Room {
    fn default() -> Self {
        let room = || Wiped::new(String::with_capacity(LINE_BYTES));
        Self { words: room(), line: room(), found: room() }
    }
}

/// Bytes of a line for which there is room from the beginning.
const LINE_BYTES: usize = 128;

impl Room {
    /// The line that [`push`] found.
    pub(crate) fn found(&self) -> &str {
        &self.found
    }
}

/// Reads what [`normalise`] gives into the room.
pub(crate) fn push(cell: &str, room: &mut Room) -> Reading<()> {
    room.found.clear();
    if is_blank(cell) {
        return Reading::Missing;
    }
    // A letter that was lost in an encoding would make another street of it.
    if has_lost_letter(cell) {
        return Reading::Refused;
    }
    let Room { words, line, found } = room;
    let mut named = None;
    let mut lead = String::new();
    for part in pieces(cell, |byte| matches!(byte, b'\n' | b'\r' | b',' | b';')) {
        words.clear();
        if !lead.is_empty() {
            words.push_str(&lead);
            words.push(' ');
        }
        let start = words.len();
        let mut repairs = Repairs::NONE;
        repairs.add_if(fold_words(part, words), Repair::DoubleEncoding);
        if words.len() == start {
            continue;
        }
        // "12, rue Victor Hugo": the number waits for its street.
        if is_number_only(words) {
            lead.clone_from(words);
            continue;
        }
        lead.clear();
        line.clear();
        let is_long = street(words, line, &mut repairs);
        if !is_long && (is_number_only(line) || is_inside(line)) || is_placeholder(line) {
            continue;
        }
        let bytes = line.as_bytes();
        let numbered = bytes.first().is_some_and(u8::is_ascii_digit) && bytes.contains(&b' ');
        if numbered || named.is_none() && line.len() >= 4 {
            swap(line, found);
            if numbered {
                return Reading::of((), repairs);
            }
            named = Some(repairs);
        }
    }
    named.map_or(Reading::Refused, |repairs| Reading::of((), repairs))
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
pub(crate) fn push_with_number(number: &str, cell: &str, room: &mut Room) -> Reading<()> {
    let street = clean(cell);
    if is_placeholder(&street) || street.starts_with(|c: char| c.is_ascii_digit()) {
        return push(cell, room);
    }
    push(&[number, " ", &street].concat(), room)
}

/// `12`, `12bis`, `12 bis`: a number whose street stands elsewhere.
fn is_number_only(line: &str) -> bool {
    // Five digits and the longest suffix are shorter than most streets.
    if line.len() > "12345quater quater".len() {
        return false;
    }
    let mut words = words(line);
    words.next().is_some_and(|word| split_number(word).is_some())
        && words.next().is_none_or(|word| suffix(word).is_some())
        && words.next().is_none()
}

/// `appt 12`, `bp 123`: a door or a box whose street stands elsewhere.
fn is_inside(line: &str) -> bool {
    let mut words = words(line);
    let first = words.next().unwrap_or_default();
    let is_street = || matches!(first, "porte" | "hall" | "entree" | "logement");
    is_extra(first) && !is_street() && words.count() <= 1
}

/// Rebuilds one part in `out`: number, suffix, street type in full, the words that name the street.
/// Tells whether three words or more are left.
fn street(line: &str, out: &mut String, repairs: &mut Repairs) -> bool {
    let mut words = words(line).filter(|word| !is_article(word)).peekable();
    if let Some((number, glued)) = words.peek().and_then(|word| split_number(word)) {
        words.next();
        out.push_str(number);
        if let Some(mark) = mark(glued, &mut words, repairs) {
            out.push(' ');
            out.push_str(mark);
        }
    }
    let mut count = 0;
    for word in words {
        // The first word is never inside a building: "porte" may begin a street's name.
        if count > 0 && is_extra(word) {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(expand(word, count == 0));
        count += 1;
    }
    count > 2
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
    if !word.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = word.split_at(digits);
    if number.is_empty() || number.len() > 5 {
        return None;
    }
    let zeros = number.bytes().take_while(|byte| *byte == b'0').count();
    let number = if zeros == digits { "0" } else { &number[zeros..] };
    // "d" alone is an article everywhere else, so that it marks no number here.
    if rest.is_empty() || rest == "d" {
        return Some((number, None));
    }
    suffix(rest).map(|mark| (number, Some(mark)))
}

fn suffix(word: &str) -> Option<&'static str> {
    Some(match word.as_bytes() {
        b"b" | b"bis" => "bis",
        b"t" | b"ter" => "ter",
        b"q" | b"quater" => "quater",
        b"a" => "a",
        b"c" => "c",
        b"e" => "e",
        b"f" => "f",
        _ => return None,
    })
}

/// Words after which a line speaks of the inside of a building, or of sorting.
fn is_extra(word: &str) -> bool {
    LISTED_EXTRAS.has(word.as_bytes())
}

static LISTED_EXTRAS: Listed<{ EXTRAS.len() }> = Listed::new(EXTRAS);

/// Sorted.
const EXTRAS: &[&str] = &[
    "app",
    "appart",
    "apparte",
    "appartement",
    "appt",
    "apt",
    "bat",
    "batiment",
    "bp",
    "cedex",
    "cs",
    "entr",
    "entree",
    "esc",
    "escalier",
    "etage",
    "etg",
    "hall",
    "logement",
    "logt",
    "porte",
    "tsa",
];

fn is_article(word: &str) -> bool {
    // As bytes: letters are compared then, and not one listed word after the other.
    matches!(word.as_bytes(), b"de" | b"du" | b"des" | b"d" | b"la" | b"le" | b"les" | b"l")
}

/// Abbreviations of NF Z 10-011 and of habit, in full. Street types count only in first place.
fn expand(word: &str, first: bool) -> &str {
    if first && let Some(place) = LISTED_TYPES.place(word.as_bytes()) {
        return TYPES[place].1;
    }
    LISTED_WORDS.place(word.as_bytes()).map_or(word, |place| WORDS[place].1)
}

static LISTED_TYPES: Listed<{ TYPES.len() }> = Listed::new(&left::<{ TYPES.len() }>(TYPES));
static LISTED_WORDS: Listed<{ WORDS.len() }> = Listed::new(&left::<{ WORDS.len() }>(WORDS));

const fn left<const N: usize>(pairs: &[(&'static str, &'static str)]) -> [&'static str; N] {
    let (mut words, mut place) = ([""; N], 0);
    while place < N {
        words[place] = pairs[place].0;
        place += 1;
    }
    words
}

/// Street types, sorted. The three zones keep their letters, whatever these mean elsewhere.
const TYPES: &[(&str, &str)] = &[
    ("all", "allee"),
    ("allees", "allee"),
    ("av", "avenue"),
    ("ave", "avenue"),
    ("aven", "avenue"),
    ("bd", "boulevard"),
    ("bl", "boulevard"),
    ("bld", "boulevard"),
    ("blvd", "boulevard"),
    ("boul", "boulevard"),
    ("bvd", "boulevard"),
    ("car", "carrefour"),
    ("ch", "chemin"),
    ("che", "chemin"),
    ("chem", "chemin"),
    ("chm", "chemin"),
    ("chs", "chaussee"),
    ("cor", "corniche"),
    ("crs", "cours"),
    ("dom", "domaine"),
    ("dsc", "descente"),
    ("esp", "esplanade"),
    ("fbg", "faubourg"),
    ("fg", "faubourg"),
    ("ham", "hameau"),
    ("imp", "impasse"),
    ("ld", "lieu dit"),
    ("lieudit", "lieu dit"),
    ("lot", "lotissement"),
    ("mte", "montee"),
    ("pas", "passage"),
    ("pass", "passage"),
    ("pl", "place"),
    ("plc", "place"),
    ("prom", "promenade"),
    ("prv", "parvis"),
    ("qai", "quai"),
    ("qu", "quai"),
    ("qua", "quartier"),
    ("quart", "quartier"),
    ("r", "rue"),
    ("rdpt", "rond point"),
    ("res", "residence"),
    ("rle", "ruelle"),
    ("roc", "rocade"),
    ("rpt", "rond point"),
    ("rte", "route"),
    ("sen", "sentier"),
    ("sent", "sentier"),
    ("sq", "square"),
    ("tra", "traverse"),
    ("trav", "traverse"),
    ("vla", "villa"),
    ("vlge", "village"),
    ("za", "za"),
    ("zac", "zac"),
    ("zi", "zi"),
];

/// Titles, saints and months in the names of streets, sorted.
const WORDS: &[(&str, &str)] = &[
    ("amal", "amiral"),
    ("cap", "capitaine"),
    ("cdt", "commandant"),
    ("cmdt", "commandant"),
    ("col", "colonel"),
    ("cpt", "capitaine"),
    ("dec", "decembre"),
    ("doct", "docteur"),
    ("dr", "docteur"),
    ("fevr", "fevrier"),
    ("gal", "general"),
    ("gen", "general"),
    ("gl", "general"),
    ("janv", "janvier"),
    ("juil", "juillet"),
    ("lt", "lieutenant"),
    ("mal", "marechal"),
    ("mar", "marechal"),
    ("marech", "marechal"),
    ("nd", "notre dame"),
    ("nov", "novembre"),
    ("oct", "octobre"),
    ("pdt", "president"),
    ("pr", "professeur"),
    ("prdt", "president"),
    ("prof", "professeur"),
    ("sept", "septembre"),
    ("sgt", "sergent"),
    ("st", "saint"),
    ("ste", "sainte"),
];
