//! Invented people of France, each drawn from a seed, with those who are likeliest to be taken for one
//! another: spouses, children who have a parent's name, twins, namesakes. Nobody in them exists; how their
//! records are mistyped is `errors`.

use std::collections::BTreeSet;

use super::words::{FIRST, HEADS, LAST, MIDDLES, STREETS, TAILS, WAYS};

/// A sequence that a seed decides (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = u128::from(z ^ (z >> 31)) * bound as u128;
        usize::try_from(high >> 64).unwrap()
    }

    pub fn permille(&mut self, share: usize) -> bool {
        self.below(1_000) < share
    }

    pub fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            list.swap(place, self.below(place + 1));
        }
    }
}

/// What one record says; every field as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub first: String,
    pub last: String,
    /// Day, month and year with two, two and four digits.
    pub birth: String,
    pub number: String,
    /// Kind of way and name.
    pub street: String,
    pub extra: String,
    pub postcode: String,
    pub town: String,
}

impl Record {
    /// `1 rue Neuve`.
    pub fn address(&self) -> String {
        if self.street.is_empty() {
            return String::new();
        }
        format!("{} {}", self.number, self.street)
    }
}

/// Why two people who are not one may look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Another person's spouse: surname and address.
    Spouse,
    /// The same first and last name, elsewhere.
    Namesake,
    /// A brother or sister of the same day: surname, birth date and address.
    Twin,
    /// A child with the parent's first name: both names and the address.
    Junior,
}

/// Somebody, and of whom they are made if of anybody: the place of the other in the list.
pub struct Person {
    pub record: Record,
    pub like: Option<(Likeness, usize)>,
}

/// How many of a thousand people are somebody's likeness.
pub struct Shares {
    pub spouses: usize,
    pub namesakes: usize,
    pub twins: usize,
    pub juniors: usize,
}

/// Customers of all ages. Twins and children with a parent's name who live together are rare among them, and
/// are measured apart.
pub const USUAL: Shares = Shares { spouses: 100, namesakes: 20, twins: 0, juniors: 0 };

/// So many people, each list of `seed` the same.
pub fn people(count: usize, shares: &Shares, seed: u64) -> Vec<Person> {
    let mut dice = Dice::new(seed);
    let surnames = surnames(&mut dice, count / 2);
    let towns = towns(&mut dice, count / 12 + 30);
    let mut people: Vec<Person> = Vec::with_capacity(count);
    while people.len() < count {
        let mut record = stranger(&mut dice, &surnames, &towns);
        let like = likeness(&mut dice, shares)
            .filter(|_| !people.is_empty())
            .map(|like| (like, dice.below(people.len())));
        if let Some((like, of)) = like {
            let other = &people[of].record;
            // Whoever is drawn as a spouse, twin or child lives at the other's.
            let home = |record: Record| Record {
                first: record.first,
                birth: record.birth,
                ..other.clone()
            };
            record = match like {
                Likeness::Spouse => home(record),
                Likeness::Namesake => {
                    Record { first: other.first.clone(), last: other.last.clone(), ..record }
                }
                Likeness::Twin => Record { birth: other.birth.clone(), ..home(record) },
                Likeness::Junior => Record { first: other.first.clone(), ..home(record) },
            };
            if record.first == other.first && matches!(like, Likeness::Spouse | Likeness::Twin) {
                continue;
            }
        }
        people.push(Person { record, like });
    }
    people
}

fn likeness(dice: &mut Dice, shares: &Shares) -> Option<Likeness> {
    let mut draw = dice.below(1_000);
    let kinds = [
        (Likeness::Spouse, shares.spouses),
        (Likeness::Namesake, shares.namesakes),
        (Likeness::Twin, shares.twins),
        (Likeness::Junior, shares.juniors),
    ];
    for (kind, share) in kinds {
        if draw < share {
            return Some(kind);
        }
        draw -= share;
    }
    None
}

fn stranger(dice: &mut Dice, surnames: &[String], towns: &[(String, String)]) -> Record {
    // Two draws, the lesser counts: the first of a list are the commonest.
    let common = |dice: &mut Dice, len: usize| dice.below(len).min(dice.below(len));
    let mut first = FIRST[common(dice, FIRST.len())].to_owned();
    if dice.permille(60) {
        first = format!("{first}-{}", FIRST[common(dice, FIRST.len())]);
    }
    let last = surnames[common(dice, surnames.len())].clone();
    let (day, month, year) = (1 + dice.below(28), 1 + dice.below(12), 1936 + dice.below(70));
    let number = 1 + dice.below(60).min(dice.below(200));
    let suffix = if dice.permille(60) { dice.of(&[" bis", " ter"]) } else { "" };
    let (postcode, town) = towns[common(dice, towns.len())].clone();
    let extra = if dice.permille(250) {
        format!("{} {}", dice.of(&["Bât", "Appt", "Étage", "Résidence"]), 1 + dice.below(9))
    } else {
        String::new()
    };
    Record {
        first,
        last,
        birth: format!("{day:02}{month:02}{year}"),
        number: format!("{number}{suffix}"),
        street: format!("{} {}", dice.of(&WAYS), dice.of(&STREETS)),
        extra,
        postcode,
        town,
    }
}

/// The commonest ones of France first, then as many others as there should be.
fn surnames(dice: &mut Dice, count: usize) -> Vec<String> {
    let mut names: Vec<String> = LAST.iter().map(|name| (*name).to_owned()).collect();
    let mut known: BTreeSet<String> = names.iter().cloned().collect();
    while names.len() < count {
        let head = dice.of(&HEADS);
        let middle = if dice.permille(500) { dice.of(&MIDDLES) } else { "" };
        let tail = dice.of(&TAILS);
        let before = if dice.permille(60) { dice.of(&["Le ", "De ", "La ", "D'"]) } else { "" };
        let name = format!("{before}{head}{middle}{tail}");
        if known.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

/// Postcodes and their towns.
fn towns(dice: &mut Dice, count: usize) -> Vec<(String, String)> {
    let mut towns: Vec<(String, String)> = Vec::new();
    while towns.len() < count {
        let department = 1 + dice.below(95);
        let code = format!("{department:02}{:02}0", dice.below(100));
        if department == 20 || towns.iter().any(|(known, _)| *known == code) {
            continue;
        }
        let name =
            format!("{}{}", dice.of(&HEADS), dice.of(&["ville", "court", "ac", "y", "heim"]));
        let saint = format!("Saint-{}", dice.of(&FIRST[..60]));
        let place = dice.of(&["sur-Loire", "les-Bains", "en-Bresse", "sous-Bois", "la-Forêt"]);
        let town = match dice.below(6) {
            0 => saint,
            1 => format!("{name}-{place}"),
            2 => format!("{saint}-{place}"),
            _ => name,
        };
        towns.push((code, town));
    }
    towns
}
