//! Where the invented population lives: towns by a law of size, streets by common names.
//!
//! Fitted to the census and the national address base: Paris has one inhabitant in thirty-one, Marseille
//! one in eighty, the hundredth town some 50,000, the ten-thousandth 1,000; 35,000 towns share 6,000
//! postcodes; the names of streets that every second village has.

use super::{
    names::syllables,
    random::{Law, Random, mix},
};

const TOWNS: u32 = 35_000;
const FRANCE: f64 = 66_000_000.0;

const TOWN_NAMES: [&str; 24] = [
    "paris",
    "marseille",
    "lyon",
    "toulouse",
    "nice",
    "nantes",
    "montpellier",
    "strasbourg",
    "bordeaux",
    "lille",
    "rennes",
    "reims",
    "toulon",
    "saint etienne",
    "le havre",
    "grenoble",
    "dijon",
    "angers",
    "villeurbanne",
    "nimes",
    "clermont ferrand",
    "aix en provence",
    "le mans",
    "brest",
];

const STREETS: [&str; 36] = [
    "rue de l eglise",
    "place de l eglise",
    "grande rue",
    "rue du moulin",
    "place de la mairie",
    "rue du chateau",
    "rue des ecoles",
    "rue de la gare",
    "rue de la mairie",
    "rue principale",
    "rue du stade",
    "rue de la fontaine",
    "rue pasteur",
    "rue victor hugo",
    "rue jean jaures",
    "rue jean moulin",
    "rue de la republique",
    "avenue du general de gaulle",
    "rue des lilas",
    "rue du 8 mai 1945",
    "rue des jardins",
    "rue de la paix",
    "rue du lavoir",
    "rue des rosiers",
    "rue du cimetiere",
    "rue des tilleuls",
    "rue du 11 novembre",
    "rue de verdun",
    "rue du pont",
    "route de paris",
    "chemin des vignes",
    "rue du bourg",
    "rue emile zola",
    "rue gambetta",
    "rue des acacias",
    "allee des cerisiers",
];

const SAINTS: &str = "martin pierre jean germain laurent georges aubin julien hilaire denis michel \
    sauveur maurice paul andre etienne vincent remy leger marcel";

/// A home.
#[derive(Clone)]
pub struct Home {
    pub street: String,
    pub postcode: String,
    pub town: String,
    /// Rank of the town.
    pub rank: usize,
}

pub struct Places {
    towns: Law,
}

impl Places {
    pub fn new() -> Self {
        Self { towns: Law::new((1..=TOWNS).map(share)) }
    }

    /// Somewhere in France.
    pub fn home(&self, random: &mut Random) -> Home {
        let rank = self.towns.draw(random);
        Self::home_in(rank, random)
    }

    /// Somewhere in a town.
    pub fn home_in(rank: usize, random: &mut Random) -> Home {
        let inhabitants = FRANCE * share(u32::try_from(rank + 1).unwrap());
        let streets = (8..).step_by(8).find(|n: &u64| *n as f64 * 300.0 > inhabitants).unwrap();
        // The longer streets have the lower numbers.
        let place = random.below(streets).min(random.below(streets));
        let number = 1 + random.below(80).min(random.below(80));
        let street = street(u64::try_from(rank).unwrap(), place);
        let street = match place {
            7 if rank > 3_000 => format!("lieu dit {street}"),
            _ => format!("{number} {street}"),
        };
        Home { street, postcode: postcode(rank, random), town: town(rank), rank }
    }
}

/// Share of the people who live in the town of a rank, from 1.
fn share(rank: u32) -> f64 {
    0.032 / f64::from(rank).powf(0.82)
}

fn town(rank: usize) -> String {
    let scattered = mix(rank as u64 ^ 0xa11ce);
    match TOWN_NAMES.get(rank) {
        Some(name) => (*name).to_owned(),
        None if scattered.is_multiple_of(8) => {
            let saints: Vec<&str> = SAINTS.split_whitespace().collect();
            format!("saint {}", saints[usize::try_from(scattered >> 8).unwrap() % saints.len()])
        }
        None => syllables(rank),
    }
}

/// Two digits of the department, and three that only the larger towns have for themselves.
fn postcode(rank: usize, random: &mut Random) -> String {
    match rank {
        0 => format!("750{:02}", 1 + random.below(20)),
        1 => format!("130{:02}", 1 + random.below(16)),
        2 => format!("690{:02}", 1 + random.below(9)),
        _ => {
            let department = 1 + rank * 37 % 95;
            let department = if department == 20 { 21 } else { department };
            let place = rank / 95;
            let place = if place < 20 { place } else { 20 + place % 45 };
            format!("{department:02}{:03}", 10 * place)
        }
    }
}

/// The street of a town: three in five of the first ones have a name that is common all over France.
fn street(town: u64, place: u64) -> String {
    let scattered = mix(town << 20 | place);
    let known = STREETS.get(usize::try_from(place).unwrap());
    match known {
        Some(name) if !scattered.is_multiple_of(5) => (*name).to_owned(),
        _ => {
            let name = syllables(usize::try_from(scattered % 200_000).unwrap());
            let ways = ["rue", "rue", "rue", "rue", "chemin", "impasse", "allee", "avenue"];
            format!("{} {name}", ways[usize::try_from(scattered >> 32).unwrap() % ways.len()])
        }
    }
}
