//! What each kind of token tells the certifier, measured on an invented population, and how often
//! different people meet by it.
//!
//! Everything goes the product's way: a file of people, its normalised rows, the body that a certifier
//! would open. The frequency attack is `attack`'s, the population `population`'s. The figures stand in
//! `docs/matching-quality.md`, which this test writes when `TIERS_UPDATE=1` and holds against them
//! otherwise; the long form (`TIERS_FULL=1`) asserts the same limits of ten times as many people.

mod attack;
mod meetings;
mod names;
mod places;
mod population;
mod random;
mod table;

use std::collections::HashMap;

use tiers_contact::{
    FileKind, Kind, NormalisedRow, PrepareOptions, Prepared, Token, Tokeniser, read_and_normalise,
};

use crate::support;
use attack::{Figures, Padding, Seen};
use meetings::{Meetings, in_a_million};
use population::{Human, Population};
use random::{Random, mix};

/// The kinds that a person has; `siret` and `card` are numbers that somebody gave out, each once.
const KINDS: [Kind; 11] = [
    Kind::Email,
    Kind::Mobile,
    Kind::NameBirth,
    Kind::NamePost,
    Kind::Landline,
    Kind::NearNameBirth,
    Kind::NearNameStreet,
    Kind::NearBirthTown,
    Kind::NearBirthStreet,
    Kind::NearLandline,
    Kind::NearNameTown,
];

/// Rows that are read at once.
const CHUNK: usize = 50_000;

fn full() -> bool {
    std::env::var_os("TIERS_FULL").is_some()
}

/// The value of each text of each kind, person by person.
type Values = HashMap<Kind, Vec<(u64, u32)>>;

fn options() -> PrepareOptions {
    let options = support::options(FileKind::Sales);
    PrepareOptions { kinds: KINDS.to_vec(), max_reject_permille: 1_000, ..options }
}

fn start(bytes: &[u8; 32]) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().unwrap())
}

/// The digests of one kind in one row.
fn digests(row: &NormalisedRow, kind: Kind) -> Vec<[u8; 32]> {
    let single = row.digest(kind).into_iter();
    single.chain(row.near(kind)).map(|digest| *digest.as_bytes()).collect()
}

fn prepared(population: &Population, people: &[usize], options: &PrepareOptions) -> Prepared {
    let csv = population.csv(people);
    let prepared = read_and_normalise("people.csv", csv.as_bytes(), options).unwrap();
    // Who has no identifier at all, one in some thousands, is no row.
    assert!(prepared.rejects.len() * 500 < people.len());
    prepared
}

/// What the whole population has.
fn values(population: &Population) -> Values {
    let (options, mut values) = (options(), Values::new());
    let people: Vec<usize> = (0..population.people.len()).collect();
    for people in people.chunks(CHUNK) {
        for row in &prepared(population, people, &options).rows {
            let person = people[usize::try_from(row.source_row).unwrap() - 1];
            let person = u32::try_from(person).unwrap();
            for kind in KINDS {
                let of = values.entry(kind).or_default();
                of.extend(digests(row, kind).iter().map(|digest| (start(digest), person)));
            }
        }
    }
    values
}

/// What a certifier sees of a deposit, and what is true of it.
fn deposit(population: &Population, people: &[usize]) -> HashMap<Kind, Seen> {
    let (options, tokeniser) = (options(), Tokeniser::new(&[9; 32], "leakage"));
    let prepared = prepared(population, people, &options);
    let mut seen: HashMap<Kind, Seen> = KINDS.map(|kind| (kind, Seen::default())).into();
    for (kind, seen) in &mut seen {
        for digest in prepared.rows.iter().flat_map(|row| digests(row, *kind)) {
            let token = tokeniser.token_of_digest(*kind, &digest);
            seen.truth.insert(start(token.as_bytes()), start(&digest));
        }
    }
    let body = prepared.body(&tokeniser);
    let text = String::from_utf8(body.csv).unwrap();
    let lines = text.lines().skip(1).zip(&body.line_to_row).filter(|(_, row)| row.is_some());
    for (line, _) in lines {
        for (kind, field) in KINDS.into_iter().zip(line.split(',')) {
            let token = |text: &str| start(Token::from_base64url(text).unwrap().as_bytes());
            let tokens = field.split(' ').filter(|text| !text.is_empty()).map(token);
            seen.get_mut(&kind).unwrap().rows.push(tokens.collect());
        }
    }
    seen
}

/// One part of a contact, as if it were a kind of its own: that the attack works.
fn control(population: &Population, people: &[usize], part: fn(&Human) -> String) -> Figures {
    let value = |human: &Human| part(human).bytes().fold(7, |sum, byte| mix(sum ^ u64::from(byte)));
    let mut seen = Seen::default();
    for human in &population.people {
        *seen.population.entry(value(human)).or_default() += 1;
    }
    for place in people {
        let value = value(&population.people[*place]);
        seen.rows.push(vec![mix(value)]);
        seen.truth.insert(mix(value), value);
    }
    seen.figures()
}

/// Of a deposit in which the first tenth of the people stand twice.
fn padding(population: &Population, people: &[usize]) -> [(Kind, Padding); Kind::NEAR.len()] {
    let seen = deposit(population, &[people, &people[..people.len() / 10]].concat());
    Kind::NEAR.map(|kind| (kind, seen[&kind].padding()))
}

#[test]
fn a_token_tells_no_more_than_the_document_says() {
    let population = Population::new(if full() { 2_000_000 } else { 200_000 }, 1);
    let mut random = Random::new(2);
    let people: Vec<usize> = (0..population.people.len()).filter(|_| random.chance(0.2)).collect();
    let (values, mut seen) = (values(&population), deposit(&population, &people));
    let kinds = KINDS.map(|kind| {
        let seen = seen.get_mut(&kind).unwrap();
        for (value, _) in &values[&kind] {
            *seen.population.entry(*value).or_default() += 1;
        }
        (kind, seen.figures(), Meetings::of(&population, &values[&kind]))
    });
    let controls = [
        ("first name", control(&population, &people, |human| human.first.clone())),
        ("family name", control(&population, &people, |human| human.family.clone())),
        ("town", control(&population, &people, |human| human.home.town.clone())),
        ("birth date", control(&population, &people, |human| human.birth.to_string())),
    ];
    let padding = padding(&population, &people[..10_000]);
    let text = table::text(&population, &kinds, &controls, &padding);
    table::hold(&text);
    // Among ten times as many people a single value may stand out (one in six was seen).
    let surest = if full() { 0.25 } else { 0.1 };
    for (kind, figures, meetings) in &kinds {
        assert!(figures.tokens < 0.0001 && figures.rows < 0.0001, "{kind}\n{text}");
        assert!(figures.surest < surest && figures.whole < 0.001, "{kind}\n{text}");
        assert!(in_a_million(meetings.strangers) < 0.1, "{kind}\n{text}");
        assert!(in_a_million(meetings.neighbours) < 1.0, "{kind}\n{text}");
    }
    for (kind, padding) in &padding {
        assert!(padding.pads > 0.01 && padding.advantage < 0.25, "{kind}\n{text}");
        assert!(padding.among_met.is_none_or(|advantage| advantage < 0.05), "{kind}\n{text}");
    }
    assert!(padding.iter().any(|(_, padding)| padding.among_met.is_some()), "{text}");
    // The same attack where it must succeed.
    assert!(controls[0].1.rows > 100.0 * controls[0].1.blind, "{text}");
    assert!(controls[0].1.whole > 0.5, "{text}");
}

#[test]
fn the_population_is_as_insee_counts_it() {
    let population = Population::new(100_000, 3);
    let share = |is: &dyn Fn(&Human) -> bool| {
        let all = population.people.len() as f64;
        population.people.iter().filter(|human| is(human)).count() as f64 / all
    };
    let near = |found: f64, published: f64| (found / published - 1.0).abs() < 0.2;
    assert!(near(share(&|human| human.family == "martin"), 1.0 / 280.0));
    assert!(near(share(&|human| human.family == "bernard"), 1.0 / 560.0));
    assert!(near(share(&|human| human.home.town == "paris"), 2.1 / 66.0));
    let forties = share(&|human| (1940..1950).contains(&human.birth.year()));
    let jean = share(&|human| human.first == "jean" && (1940..1950).contains(&human.birth.year()));
    assert!(near(jean / forties, 0.035), "{}", jean / forties);
    // Syllables do not run into one another.
    let words: std::collections::HashSet<String> = (0..280_000).map(names::syllables).collect();
    assert!(words.len() > 270_000, "{}", words.len());
}
