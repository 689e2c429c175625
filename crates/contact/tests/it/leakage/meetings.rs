//! Different people who have a token in common: relatives by their tie, all others by chance.

use std::collections::{HashMap, HashSet};

use super::population::Tie;

pub struct Meetings {
    /// People who have a token of the kind.
    pub people: usize,
    /// Pairs of people who are nothing to each other and meet.
    pub strangers: usize,
    /// For each tie, pairs that meet, of all pairs.
    pub tied: [(usize, usize); Tie::ALL.len()],
}

impl Meetings {
    /// Of the texts of one kind, each with the person who has it.
    pub fn of(ties: &[(u32, u32, Tie)], values: &[(u64, u32)]) -> Self {
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
            ties.iter().map(|(one, other, tie)| ((*one, *other), *tie)).collect();
        let tied = Tie::ALL.map(|tie| {
            let all = known.iter().filter(|(_, of)| **of == tie);
            (all.clone().filter(|(pair, _)| pairs.contains(pair)).count(), all.count())
        });
        let people: HashSet<u32> = values.iter().map(|(_, person)| *person).collect();
        let strangers = pairs.iter().filter(|pair| !known.contains_key(pair)).count();
        Self { people: people.len(), strangers, tied }
    }

    /// How many strangers among a million one person meets, on average.
    pub fn by_chance_in_a_million(&self) -> f64 {
        self.strangers as f64 / self.pairs() * 1e6
    }

    /// Pairs of people of whom both have a token of the kind.
    pub fn pairs(&self) -> f64 {
        self.people as f64 * (self.people as f64 - 1.0) / 2.0
    }
}
