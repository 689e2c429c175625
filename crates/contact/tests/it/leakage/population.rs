//! An invented French population from a seed: households at one address with one fixed telephone,
//! relatives who live elsewhere, twins, fathers and sons of one name.
//!
//! Unrelated people are as thinly spread over names, days and places as over the whole of France,
//! whatever their number, so that their chance of meeting is that of the country. Relatives come
//! together far oftener than in a sample: they are counted apart.

use std::{collections::HashSet, fmt::Write as _};

use jiff::{ToSpan, civil::Date};

use super::{
    names::Names,
    places::{Home, Places},
    random::{Law, Random},
};

pub const HEADINGS: &str = "nom;prenom;date de naissance;email;portable;tel fixe;adresse;code postal;\
                            ville;date de vente;montant";

/// How two people belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    Couple,
    ParentAndChild,
    Siblings,
    Twins,
    /// A son with the first name of his father.
    OneName,
}

impl Tie {
    pub const ALL: [Self; 5] =
        [Self::Couple, Self::ParentAndChild, Self::Siblings, Self::Twins, Self::OneName];
}

pub struct Human {
    pub family: String,
    pub first: String,
    pub birth: Date,
    pub home: Home,
    landline: Option<String>,
    email: Option<String>,
    /// What the file knows of the birth date, of the address.
    says: (bool, bool),
}

#[derive(Default)]
pub struct Population {
    pub people: Vec<Human>,
    /// The earlier of the two first.
    pub ties: Vec<(u32, u32, Tie)>,
}

/// What the people are drawn from.
struct Source {
    random: Random,
    names: Names,
    places: Places,
    ages: Law,
    /// How many there are.
    homes: u64,
}

impl Population {
    /// At least so many people.
    pub fn new(people: usize, seed: u64) -> Self {
        // From 18 to 95; from 70 on ever fewer.
        let ages = Law::new((18..=95_u8).map(|age| match age {
            0..=70 => 1.0,
            _ => 1.0 - f64::from(age - 70) * 0.035,
        }));
        let (names, places) = (Names::new(), Places::new());
        let mut source = Source { random: Random::new(seed), names, places, ages, homes: 0 };
        let mut all = Self::default();
        while all.people.len() < people {
            all.household(&mut source);
        }
        all
    }

    fn household(&mut self, source: &mut Source) {
        let home = source.places.home(&mut source.random);
        let landline = source.landline();
        let woman = source.random.chance(0.5);
        let year = source.year();
        let family = source.names.family(&mut source.random);
        let head = self.add(source, family.clone(), woman, year, (&home, &landline));
        if source.random.chance(0.014) {
            self.twin_elsewhere(source, head, &home);
        }
        let kind = source.random.unit();
        if kind < 0.4 {
            return;
        }
        let mut parents = vec![head];
        if kind < 0.96 {
            let gap = i16::try_from(source.random.below(9)).unwrap() - 4;
            let own = source.random.chance(0.3);
            let name = if own { source.names.family(&mut source.random) } else { family.clone() };
            let spouse = self.add(source, name, !woman, year + gap, (&home, &landline));
            self.tie(head, spouse, Tie::Couple);
            if source.random.chance(0.05) {
                self.people[spouse].email = self.people[head].email.clone();
            }
            parents.push(spouse);
        }
        // Grown-up children at home, and those who live elsewhere.
        if (1955..1985).contains(&year) && source.random.chance(0.35) {
            self.children(source, &parents, &family, woman, (&home, &landline));
        }
        if year < 1980 && source.random.chance(0.15) {
            let home = source.move_out(&home);
            let landline = source.landline();
            let child = self.child(source, &family, (parents[0], woman), (&home, &landline));
            self.tie(head, child.0, child.1);
        }
    }

    fn children(
        &mut self,
        source: &mut Source,
        parents: &[usize],
        family: &str,
        mother: bool,
        place: (&Home, &Option<String>),
    ) {
        let (first, tie) = self.child(source, family, (parents[0], mother), place);
        self.tie(parents[0], first, tie);
        let mut born = vec![first];
        if source.random.chance(0.4) {
            let (second, tie) = self.child(source, family, (parents[0], mother), place);
            self.tie(parents[0], second, tie);
            let twins = source.random.chance(0.03);
            if twins {
                self.people[second].birth = self.people[first].birth;
            }
            self.tie(first, second, if twins { Tie::Twins } else { Tie::Siblings });
            born.push(second);
        }
        if let [_, other] = parents {
            for child in born {
                self.tie(*other, child, Tie::ParentAndChild);
            }
        }
    }

    /// Born 22 to 36 years after the parent. One son in thirty bears his father's first name: oftener than
    /// in France, so that there are enough of them to be counted.
    fn child(
        &mut self,
        source: &mut Source,
        family: &str,
        (parent, mother): (usize, bool),
        place: (&Home, &Option<String>),
    ) -> (usize, Tie) {
        let gap = i16::try_from(22 + source.random.below(15)).unwrap();
        let year = (self.people[parent].birth.year() + gap).min(2007);
        let daughter = source.random.chance(0.5);
        let child = self.add(source, family.to_owned(), daughter, year, place);
        if mother || daughter || !source.random.chance(1.0 / 30.0) {
            return (child, Tie::ParentAndChild);
        }
        self.people[child].first = self.people[parent].first.clone();
        (child, Tie::OneName)
    }

    fn twin_elsewhere(&mut self, source: &mut Source, head: usize, home: &Home) {
        let (home, landline) = (source.move_out(home), source.landline());
        let (family, birth) = (self.people[head].family.clone(), self.people[head].birth);
        let woman = source.random.chance(0.5);
        let twin = self.add(source, family, woman, birth.year(), (&home, &landline));
        self.people[twin].birth = birth;
        self.tie(head, twin, Tie::Twins);
    }

    fn add(
        &mut self,
        source: &mut Source,
        family: String,
        woman: bool,
        year: i16,
        (home, landline): (&Home, &Option<String>),
    ) -> usize {
        let random = &mut source.random;
        let place = self.people.len();
        let first = source.names.first(woman, year, random);
        let birth =
            jiff::civil::date(year, 1, 1) + i64::try_from(random.below(365)).unwrap().days();
        let email = random.chance(0.88).then(|| format!("{first}.{place}@example.org"));
        let says = (random.chance(0.8), random.chance(0.9));
        let (home, landline) = (home.clone(), landline.clone());
        self.people.push(Human { family, first, birth, home, landline, email, says });
        place
    }

    fn tie(&mut self, one: usize, other: usize, tie: Tie) {
        let place = |place: usize| u32::try_from(place).unwrap();
        self.ties.push((place(one), place(other), tie));
    }

    /// A file of some of the people, in this order. Who comes a second time has another e-mail address.
    pub fn csv(&self, places: &[usize]) -> String {
        let mut csv = HEADINGS.to_owned() + "\n";
        let mut known = HashSet::new();
        for place in places {
            let again = if known.insert(*place) { "" } else { "other." };
            let human = &self.people[*place];
            let scattered = place * 48_271 % 100_000_000;
            let mobile =
                if scattered % 10 < 8 { format!("06{scattered:08}") } else { String::new() };
            let birth = if human.says.0 { human.birth.to_string() } else { String::new() };
            let street = if human.says.1 { human.home.street.as_str() } else { "" };
            let landline = human.landline.as_deref().unwrap_or_default();
            let email = human.email.as_ref().map(|email| again.to_owned() + email);
            writeln!(
                csv,
                "{};{};{birth};{};{mobile};{landline};{street};{};{};2025-03-01;100",
                human.family,
                human.first,
                email.unwrap_or_default(),
                human.home.postcode,
                human.home.town,
            )
            .unwrap();
        }
        csv
    }
}

impl Source {
    fn year(&mut self) -> i16 {
        let age = 18 + i16::try_from(self.ages.draw(&mut self.random)).unwrap();
        2025 - age
    }

    /// No number twice.
    fn landline(&mut self) -> Option<String> {
        self.homes += 1;
        let (zone, number) = (1 + self.homes % 5, self.homes * 48_271 % 7_000_000);
        self.random.chance(0.55).then(|| format!("0{zone}4{number:07}"))
    }

    /// Two in five stay in the town.
    fn move_out(&mut self, from: &Home) -> Home {
        if self.random.chance(0.4) {
            return Places::home_in(from.rank, &mut self.random);
        }
        self.places.home(&mut self.random)
    }
}
