//! Different people who have a token in common: relatives by their tie, all others by chance.

use std::collections::{HashMap, HashSet};

use super::population::{Population, Tie};

pub struct Meetings {
    /// People who have a token of the kind.
    pub people: usize,
    /// Pairs of people who are nothing to each other and meet, of all pairs.
    pub strangers: (usize, f64),
    /// The same of those who live in one department.
    pub neighbours: (usize, f64),
    /// For each tie, pairs that meet, of all pairs.
    pub tied: [(usize, usize); Tie::ALL.len()],
}

impl Meetings {
    /// Of the texts of one kind, each with the person who has it.
    pub fn of(population: &Population, values: &[(u64, u32)]) -> Self {
        let mut values = values.to_vec();
        values.sort_unstable();
        let mut pairs = HashSet::new();
        for alike in values.chunk_by(|a, b| a.0 == b.0) {
            for (place, (_, one)) in alike.iter().enumerate() {
                let others = alike[place + 1..].iter().filter(|(_, other)| other != one);
                pairs.extend(others.map(|(_, other)| (*one, *other)));
            }
        }
        let known: HashMap<(u32, u32), Tie> =
            population.ties.iter().map(|(one, other, tie)| ((*one, *other), *tie)).collect();
        let tied = Tie::ALL.map(|tie| {
            let all = known.iter().filter(|(_, of)| **of == tie);
            (all.clone().filter(|(pair, _)| pairs.contains(pair)).count(), all.count())
        });
        let department = |person: u32| {
            let human = &population.people[usize::try_from(person).unwrap()];
            human.home.postcode.get(..2)
        };
        let people: HashSet<u32> = values.iter().map(|(_, person)| *person).collect();
        let mut crowds: HashMap<_, usize> = HashMap::new();
        for person in &people {
            *crowds.entry(department(*person)).or_default() += 1;
        }
        let strangers = pairs.iter().filter(|pair| !known.contains_key(pair));
        let near = strangers.clone().filter(|pair| department(pair.0) == department(pair.1));
        Self {
            people: people.len(),
            strangers: (strangers.count(), all_pairs(people.len())),
            neighbours: (near.count(), crowds.values().copied().map(all_pairs).sum()),
            tied,
        }
    }
}

fn all_pairs(people: usize) -> f64 {
    people as f64 * (people as f64 - 1.0) / 2.0
}

/// How many such people among a million one person meets, on average.
pub fn in_a_million((met, pairs): (usize, f64)) -> f64 {
    met as f64 / pairs * 1e6
}
