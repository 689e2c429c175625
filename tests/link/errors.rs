//! How a record is mistyped the second time: by fingers, by ear, by a scanner, by people who fill in the wrong
//! field or none. The rates are those of the public benchmark FEBRL 4 (`docs/matching-quality.md`).

use super::people::{Dice, Record};

/// Where an error falls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Last,
    Birth,
    Number,
    Street,
    Postcode,
    Town,
    /// What the records hold beside, and nothing is compared by.
    Beside,
}

/// Weights of the places among 1,000 errors.
const WEIGHTS: [(Place, usize); 8] = [
    (Place::First, 70),
    (Place::Last, 72),
    (Place::Birth, 18),
    (Place::Number, 45),
    (Place::Street, 90),
    (Place::Postcode, 34),
    (Place::Town, 54),
    (Place::Beside, 617),
];

/// Errors that one field has at most.
const PER_FIELD: usize = 2;

/// The record as somebody else typed it: four to six errors, then what is missing or swapped.
pub fn mistyped(original: &Record, dice: &mut Dice) -> Record {
    let mut record = original.clone();
    let mut errors = [0; WEIGHTS.len()];
    for _ in 0..4 + dice.below(3) {
        let place = draw(dice);
        let field = WEIGHTS.iter().position(|(of, _)| *of == place).unwrap();
        if errors[field] < PER_FIELD {
            errors[field] += 1;
            err(&mut record, place, dice);
        }
    }
    if dice.permille(15) {
        std::mem::swap(&mut record.first, &mut record.last);
    }
    let missing: [(&mut String, usize); 6] = [
        (&mut record.first, 25),
        (&mut record.last, 20),
        (&mut record.birth, 40),
        (&mut record.street, 20),
        (&mut record.postcode, 20),
        (&mut record.town, 25),
    ];
    for (field, share) in missing {
        if dice.permille(share) {
            field.clear();
        }
    }
    record
}

/// The record as it was typed the first time: hardly anything is missing.
pub fn first_typed(original: &Record, dice: &mut Dice) -> Record {
    let mut record = original.clone();
    for field in [&mut record.first, &mut record.birth, &mut record.town] {
        if dice.permille(15) {
            field.clear();
        }
    }
    record
}

fn draw(dice: &mut Dice) -> Place {
    let mut draw = dice.below(1_000);
    for (place, weight) in WEIGHTS {
        if draw < weight {
            return place;
        }
        draw -= weight;
    }
    Place::Beside
}

fn err(record: &mut Record, place: Place, dice: &mut Dice) {
    match place {
        Place::First if dice.permille(60) => {
            record.first = dice.of(&["Marie", "Jean", "Anne", "Luc", "Rose", "Paul"]).to_owned();
        }
        Place::First => record.first = word(&record.first, dice),
        Place::Last => record.last = word(&record.last, dice),
        Place::Birth => record.birth = birth(&record.birth, dice),
        Place::Number => record.number = digits(&record.number, dice),
        Place::Street => record.street = street(&record.street, dice),
        Place::Postcode => record.postcode = digits(&record.postcode, dice),
        Place::Town => record.town = word(&record.town, dice),
        Place::Beside => record.extra = word(&record.extra, dice),
    }
}

/// One error in a word: most are the fingers', a fifth the ear's, a tenth a scanner's.
fn word(text: &str, dice: &mut Dice) -> String {
    let by_ear = dice.permille(200);
    let by_scanner = dice.permille(100);
    let heard = if by_ear { swapped(text, HEARD, dice) } else { None };
    let read = if by_scanner { swapped(text, READ, dice) } else { None };
    heard.or(read).unwrap_or_else(|| slip(text, LETTERS, dice))
}

/// One of the replacements that the text has a place for.
fn swapped(text: &str, table: &[(&str, &str)], dice: &mut Dice) -> Option<String> {
    let text = text.to_lowercase();
    let both = table.iter().flat_map(|(one, other)| [(one, other), (other, one)]);
    let fitting: Vec<_> = both.filter(|(from, _)| text.contains(**from)).collect();
    let (from, to) = (!fitting.is_empty()).then(|| fitting[dice.below(fitting.len())])?;
    Some(text.replacen(*from, to, 1))
}

/// A key too many, too few, beside the right one, or two in the wrong order.
fn slip(text: &str, rows: &[&str], dice: &mut Dice) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    if signs.is_empty() {
        return String::new();
    }
    let at = dice.below(signs.len());
    match dice.below(4) {
        0 => {
            let key = beside(signs[at], rows, dice);
            signs.insert(at + dice.below(2), key);
        }
        1 if signs.len() > 1 => {
            signs.remove(at);
        }
        2 if signs.len() > 1 => {
            let at = at.min(signs.len() - 2);
            signs.swap(at, at + 1);
        }
        _ => signs[at] = beside(signs[at], rows, dice),
    }
    signs.into_iter().collect()
}

/// A key next to that of a sign, on the keyboards of France.
fn beside(sign: char, rows: &[&str], dice: &mut Dice) -> char {
    let lower = sign.to_lowercase().next().unwrap_or(sign);
    let found = rows.iter().find_map(|row| row.find(lower).map(|at| (*row, at)));
    let (row, at) = found.unwrap_or_else(|| (rows[0], dice.below(rows[0].len())));
    let next = if at == 0 || (at + 1 < row.len() && dice.permille(500)) { at + 1 } else { at - 1 };
    char::from(row.as_bytes()[next])
}

/// One error in a number, as fingers make it.
fn digits(text: &str, dice: &mut Dice) -> String {
    slip(text, DIGITS, dice)
}

/// Day and month swapped, or a wrong key that leaves eight digits.
fn birth(text: &str, dice: &mut Dice) -> String {
    if dice.permille(250) {
        return format!("{}{}{}", &text[2..4], &text[..2], &text[4..]);
    }
    loop {
        let typed = slip(text, DIGITS, dice);
        if typed.len() == text.len() && typed != text {
            return typed;
        }
    }
}

/// The kind of way abbreviated or left out, or an error in a word.
fn street(text: &str, dice: &mut Dice) -> String {
    let short = [("avenue", "av."), ("boulevard", "bd"), ("chemin", "ch."), ("place", "pl")];
    match text.split_once(' ') {
        Some((way, name)) if dice.permille(150) => {
            let found = short.iter().find(|(long, _)| *long == way);
            found.map_or_else(|| name.to_owned(), |(_, short)| format!("{short} {name}"))
        }
        _ => word(text, dice),
    }
}

const LETTERS: &[&str] = &["azertyuiop", "qsdfghjklm", "wxcvbn"];
const DIGITS: &[&str] = &["1234567890"];

/// What sounds alike.
const HEARD: &[(&str, &str)] = &[
    ("ph", "f"),
    ("s", "z"),
    ("c", "k"),
    ("qu", "k"),
    ("ll", "l"),
    ("nn", "n"),
    ("tt", "t"),
    ("ss", "s"),
    ("rr", "r"),
    ("eau", "au"),
    ("au", "o"),
    ("ai", "è"),
    ("i", "y"),
    ("th", "t"),
    ("ain", "in"),
    ("er", "é"),
];

/// What a scanner takes for another.
const READ: &[(&str, &str)] = &[
    ("o", "0"),
    ("l", "1"),
    ("i", "l"),
    ("m", "rn"),
    ("s", "5"),
    ("e", "c"),
    ("u", "v"),
    ("b", "8"),
];

#[cfg(test)]
mod tests {
    use super::super::people::{USUAL, people};
    use super::*;

    /// The rates are what this file says they are, or the benchmark would measure something else.
    #[test]
    fn errors_are_as_frequent_as_those_of_the_public_benchmark() {
        let people = people(5_000, &USUAL, 1);
        let mut dice = Dice::new(2);
        let mut wrong = [0_u32; 6];
        for person in &people {
            let (one, other) = (&person.record, mistyped(&person.record, &mut dice));
            let fields = |r: &Record| {
                let (first, last) = (r.first.clone(), r.last.clone());
                [first, last, r.birth.clone(), r.address(), r.postcode.clone(), r.town.clone()]
            };
            for (at, (one, other)) in fields(one).into_iter().zip(fields(&other)).enumerate() {
                wrong[at] += u32::from(!other.is_empty() && one != other);
            }
        }
        let expected = [290, 310, 80, 480, 155, 230];
        for (at, (wrong, expected)) in wrong.iter().zip(expected).enumerate() {
            let permille = wrong / 5;
            assert!(permille.abs_diff(expected) <= 30, "field {at}: {permille} of 1,000");
        }
    }
}
