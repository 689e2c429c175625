//! Dates as files write them.
//!
//! The order of day and month is decided for a column as a whole ([`Evidence`]), never for a cell.
//! There is no clock here: two-digit years follow a fixed pivot. Specified in
//! `docs/formats/normalisation-v1.md`, "Dates".

use jiff::civil::{Date, date};

use super::{
    Repair, Repairs,
    text::{clean, folded},
};

/// Order of day and month where digits alone do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// 31/12/1999, the French order and the one taken when nothing speaks against it.
    #[default]
    DayFirst,
    /// 12/31/1999.
    MonthFirst,
}

/// What a date is for: it decides two-digit years and which years are possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A person's birth.
    Birth,
    /// A lead or a sale.
    Event,
}

/// What the digits of a cell say before the order is known.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Whole(Date),
    /// Two numbers of which either may be the month, and the year.
    Pair(i8, i8, i16),
}

/// Last two-digit year that belongs to this century, for births: a person of 89 is likelier among
/// buyers than one of 11 (counted when this version was fixed).
const BIRTH_PIVOT: i16 = 10;

/// Evidence for the order, gathered over a column.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    day_first: u64,
    month_first: u64,
}

impl Evidence {
    /// Takes one cell into account.
    pub fn note(&mut self, cell: &str) {
        if let Some(Shape::Pair(first, second, _)) =
            shape(&clean(cell), Purpose::Birth, &mut Repairs::default())
        {
            self.day_first += u64::from(first > 12);
            self.month_first += u64::from(second > 12);
        }
    }

    /// Takes into account what was gathered over other cells of the column.
    pub const fn add(&mut self, other: Self) {
        self.day_first += other.day_first;
        self.month_first += other.month_first;
    }

    /// Whether no further cell can change the order.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        self.day_first > 0
    }

    /// The column's order: month first only where some cell demands it and none forbids it.
    #[must_use]
    pub const fn order(self) -> Order {
        if self.month_first > 0 && self.day_first == 0 {
            Order::MonthFirst
        } else {
            Order::DayFirst
        }
    }
}

/// Reads a date; `None` when it is none, or no possible one for its purpose.
#[must_use]
pub fn parse(cell: &str, order: Order, purpose: Purpose) -> Option<Date> {
    read(cell, order, purpose).map(|(found, _)| found)
}

/// Reads a date, with the rules that mended it.
#[must_use]
pub fn read(cell: &str, order: Order, purpose: Purpose) -> Option<(Date, Repairs)> {
    let mut repairs = Repairs::NONE;
    // Digits and signs at the places of a date leave nothing to clean.
    let shape = match written_out(cell.as_bytes()) {
        Some(found) => found,
        None => shape(&clean(cell), purpose, &mut repairs),
    };
    let found = match shape? {
        Shape::Whole(date) => date,
        Shape::Pair(first, second, year) => {
            let (day, month) = match order {
                Order::DayFirst => (first, second),
                Order::MonthFirst => (second, first),
            };
            match Date::new(year, month, day) {
                Ok(date) => date,
                // A cell that contradicts its column can only be meant the other way round.
                Err(_) => {
                    repairs.add(Repair::DateAgainstColumn);
                    Date::new(year, day, month).ok()?
                }
            }
        }
    };
    possible(found, purpose).map(|found| (found, repairs))
}

/// Reads the serial day of a spreadsheet (1900 system: 1 is 1900-01-01, with its leap-year error).
#[must_use]
pub fn from_serial(serial: f64, purpose: Purpose) -> Option<Date> {
    if !(1.0..110_000.0).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked against the range above")]
    let days = serial as i64;
    let epoch = if days < 60 { date(1899, 12, 31) } else { date(1899, 12, 30) };
    let found = epoch.checked_add(jiff::Span::new().days(days)).ok()?;
    possible(found, purpose)
}

/// Whether a birth date is one that software writes when nobody typed any.
#[must_use]
pub fn is_default_birth(found: Date) -> bool {
    DEFAULTS.contains(&(found.year(), found.month(), found.day()))
}

const DEFAULTS: &[(i16, i8, i8)] = &[
    (1753, 1, 1),
    (1800, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1900, 1, 2),
    (1901, 1, 1),
    (1904, 1, 1),
    (1911, 11, 11),
    (1970, 1, 1),
    (2000, 1, 1),
];

/// Years in which buyers are born, and in which sales and leads of a living file happen.
pub(crate) fn possible(found: Date, purpose: Purpose) -> Option<Date> {
    let years = match purpose {
        Purpose::Birth => 1900..=2030,
        Purpose::Event => 1990..=2100,
    };
    (years.contains(&found.year()) || (purpose == Purpose::Birth && is_default_birth(found)))
        .then_some(found)
}

fn shape(cell: &str, purpose: Purpose, repairs: &mut Repairs) -> Option<Shape> {
    if cell.is_empty() || cell.len() > 64 {
        return None;
    }
    if let Some(found) = written_out(cell.as_bytes()) {
        return found;
    }
    by_rules(cell, purpose, repairs)
}

fn by_rules(cell: &str, purpose: Purpose, repairs: &mut Repairs) -> Option<Shape> {
    let bytes = cell.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        return compact(cell, purpose, repairs);
    }
    let mut numbers = [(0_i16, 0_u8); 3];
    let mut count = 0;
    for part in cell.split(|c: char| !c.is_ascii_digit()) {
        if part.is_empty() {
            continue;
        }
        if part.len() > 4 {
            return None;
        }
        if count < 3 {
            numbers[count] = (part.parse().ok()?, u8::try_from(part.len()).ok()?);
        }
        count += 1;
        // What follows the third number is a time of day.
    }
    if let Some(month) = cell.chars().any(char::is_alphabetic).then(|| month_named(cell)).flatten()
    {
        let [(day, _), (year, digits), _] = numbers;
        let year =
            if count >= 2 { full_year(year, digits, purpose, repairs)? } else { return None };
        return Date::new(year, month, i8::try_from(day).ok()?).ok().map(Shape::Whole);
    }
    if count < 3 {
        return None;
    }
    let [(a, a_digits), (b, b_digits), (c, c_digits)] = numbers;
    if a_digits == 4 {
        return Date::new(a, i8::try_from(b).ok()?, i8::try_from(c).ok()?).ok().map(Shape::Whole);
    }
    if a_digits > 2 || b_digits > 2 {
        return None;
    }
    Some(Shape::Pair(
        i8::try_from(a).ok()?,
        i8::try_from(b).ok()?,
        full_year(c, c_digits, purpose, repairs)?,
    ))
}

/// `31/12/1999` and `1999-12-31` with any signs between, which is how nearly all files write dates; `None`
/// for another form.
fn written_out(cell: &[u8]) -> Option<Option<Shape>> {
    let cell: &[u8; 10] = cell.try_into().ok()?;
    let digit = |place: usize| Some(cell[place].wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let two = |place: usize| Some((digit(place)? * 10 + digit(place + 1)?).cast_signed());
    let four = |place: usize| Some(i16::from(two(place)?) * 100 + i16::from(two(place + 2)?));
    let is_sign = |place: usize| matches!(cell[place], b'/' | b'-' | b'.' | b' ');
    if is_sign(2) && is_sign(5) {
        return Some(Some(Shape::Pair(two(0)?, two(3)?, four(6)?)));
    }
    if is_sign(4) && is_sign(7) {
        return Some(Date::new(four(0)?, two(5)?, two(8)?).ok().map(Shape::Whole));
    }
    None
}

/// Digits only: `19991231`, `31121999`, or a spreadsheet's serial day.
fn compact(cell: &str, purpose: Purpose, repairs: &mut Repairs) -> Option<Shape> {
    let number = |from: usize, to: usize| cell.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| number(from, to).and_then(|n| i8::try_from(n).ok());
    match cell.len() {
        8 => {
            let year = number(0, 4)?;
            if (1900..=2100).contains(&year)
                && let Ok(date) = Date::new(year, small(4, 6)?, small(6, 8)?)
            {
                return Some(Shape::Whole(date));
            }
            Some(Shape::Pair(small(0, 2)?, small(2, 4)?, number(4, 8)?))
        }
        4 | 5 => {
            repairs.add(Repair::DateSerial);
            from_serial(cell.parse().ok()?, purpose).map(Shape::Whole)
        }
        _ => None,
    }
}

fn full_year(year: i16, digits: u8, purpose: Purpose, repairs: &mut Repairs) -> Option<i16> {
    repairs.add_if(digits == 2, Repair::DateTwoDigitYear);
    match digits {
        4 => Some(year),
        2 if purpose == Purpose::Event || year <= BIRTH_PIVOT => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn month_named(cell: &str) -> Option<i8> {
    const MONTHS: [(&str, i8); 22] = [
        ("jan", 1),
        ("fev", 2),
        ("feb", 2),
        ("mars", 3),
        ("mar", 3),
        ("avr", 4),
        ("apr", 4),
        ("mai", 5),
        ("may", 5),
        ("juin", 6),
        ("jun", 6),
        ("juil", 7),
        ("jul", 7),
        ("aou", 8),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("nov", 11),
        ("dec", 12),
        ("janv", 1),
        ("fevr", 2),
        ("sept", 9),
    ];
    let words = folded(cell);
    let word =
        words.split(' ').find(|word| word.len() >= 3 && word.chars().all(char::is_alphabetic))?;
    // A weekday may come first ("mardi 5 mai"): its word begins no month but "mar".
    let days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    let word = if days.contains(&word) {
        words.split(' ').filter(|w| w.len() >= 3 && w.chars().all(char::is_alphabetic)).nth(1)?
    } else {
        word
    };
    MONTHS.iter().find(|(name, _)| word.starts_with(name)).map(|(_, month)| *month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_rules_read(cell in prop_oneof![
            "[0-3][0-9][/. -][01][0-9][/. -][0-9]{4}",
            "[0-9]{4}[/. -][01][0-9][/. -][0-3][0-9]",
            "[0-9/. -]{10}",
        ]) {
            for purpose in [Purpose::Birth, Purpose::Event] {
                let mut repairs = Repairs::NONE;
                if let Some(found) = written_out(cell.as_bytes()) {
                    prop_assert_eq!(&found, &by_rules(&cell, purpose, &mut repairs));
                    prop_assert!(repairs.is_empty());
                }
            }
        }
    }

    #[test]
    fn usual_dates_go_the_short_way() {
        assert_eq!(written_out(b"29/02/1960"), Some(Some(Shape::Pair(29, 2, 1960))));
        assert_eq!(written_out(b"1960-02-29"), Some(Some(Shape::Whole(date(1960, 2, 29)))));
        assert_eq!(written_out(b"1961-02-29"), Some(None));
        for cell in ["29/02/60", "1/2/1960", "29.02.1960 ", "1960 2 29", "19600229"] {
            assert_eq!(written_out(cell.as_bytes()), None, "{cell}");
        }
    }
}
