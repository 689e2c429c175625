//! Two files of the same people, the second mistyped as heavily as those of the public benchmark FEBRL 4:
//! no e-mail address and no telephone. People live with others of their surname, and some have namesakes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tiers_contact::Kind;

use super::errors::{first_typed, mistyped};
use super::measure::{Agreeing, Measure, Rows, hold, rows};
use super::people::{Dice, Likeness, Person, Record, Shares, USUAL, people};
use super::{Home, full};

/// Two files, and whose the rows are.
struct Files {
    a: String,
    b: String,
    /// Place in the list of people of each row.
    owners: [Vec<usize>; 2],
}

impl Files {
    fn of(people: &[Person], seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut order = || {
            let mut order: Vec<usize> = (0..people.len()).collect();
            dice.shuffle(&mut order);
            order
        };
        let owners = [order(), order()];
        let mut a = String::from("first_name,last_name,birth_date,address,postcode,city\n");
        for owner in &owners[0] {
            let r = first_typed(&people[*owner].record, &mut dice);
            let (birth, address) = (parts(&r.birth), r.address());
            let birth = birth.map(|[d, m, y]| format!("{y}-{m}-{d}")).unwrap_or_default();
            let Record { first, last, postcode, town, .. } = &r;
            writeln!(a, "{first},{last},{birth},{address},{postcode},{town}").unwrap();
        }
        let mut b = String::from("Nom;Prénom;Né le;Adresse;Complément d'adresse;CP;Ville\n");
        for owner in &owners[1] {
            let r = mistyped(&people[*owner].record, &mut dice);
            let birth = parts(&r.birth).map(|[d, m, y]| format!("{d}/{m}/{y}")).unwrap_or_default();
            let (address, last) = (r.address(), r.last.to_uppercase());
            let Record { first, postcode, town, extra, .. } = &r;
            writeln!(b, "{last};{first};{birth};{address};{extra};{postcode};{town}").unwrap();
        }
        Self { a, b, owners }
    }

    /// Rows of the first and second file that are the same person.
    fn truth(&self) -> Rows {
        let row = |side: usize| -> BTreeMap<usize, u64> {
            self.owners[side].iter().copied().zip(1..).collect()
        };
        let (a, b) = (row(0), row(1));
        a.iter().map(|(owner, row)| (*row, b[owner])).collect()
    }

    /// Why the two people of a pair look alike, if they are not one.
    fn likeness(&self, pair: (u64, u64), people: &[Person]) -> Option<Likeness> {
        let at = |side: usize, row: u64| self.owners[side][usize::try_from(row).unwrap() - 1];
        let (a, b) = (at(0, pair.0), at(1, pair.1));
        let of = |one: usize, other: usize| people[one].like.filter(|(_, like)| *like == other);
        of(a, b).or_else(|| of(b, a)).map(|(likeness, _)| likeness)
    }
}

/// Day, month and year.
fn parts(birth: &str) -> Option<[&str; 3]> {
    Some([birth.get(..2)?, birth.get(2..4)?, birth.get(4..)?])
}

/// Prepares and compares both files, with bridges and without.
fn compared(files: &Files) -> (Agreeing, Vec<super::Pair>, Vec<super::Pair>) {
    let homes = [Home::new(), Home::exact()];
    let found = homes.each_ref().map(|home| {
        home.prepare("customers", "a", &files.a);
        home.prepare("customers", "b", &files.b);
        home.link("a", "b").1
    });
    let [bridged, exact] = found;
    (Agreeing::read(&homes[0], "a", "b"), bridged, exact)
}

fn benchmark(count: usize, seed: u64, part: &str) {
    let people = people(count, &USUAL, seed);
    let files = Files::of(&people, seed + 1);
    let (agreeing, found, exact) = compared(&files);
    let truth = files.truth();
    agreeing.naive(&truth);
    let mut measure = Measure::default();
    measure.add(&agreeing, &found, &exact, &truth);
    let mut table = measure.table(&Kind::ALL);
    let wrong: Vec<(u64, u64)> = rows(&found).difference(&truth).copied().collect();
    let of = |likeness: Option<Likeness>| {
        wrong.iter().filter(|pair| files.likeness(**pair, &people) == likeness).count()
    };
    let (spouses, namesakes) = (of(Some(Likeness::Spouse)), of(Some(Likeness::Namesake)));
    writeln!(
        table,
        "Of the {} wrong pairs {spouses} are spouses and {namesakes} namesakes.",
        wrong.len()
    )
    .unwrap();
    assert!(measure.together.precision() >= 0.999, "{table}");
    assert!(measure.together.recall(measure.truth) >= 0.95, "{table}");
    let exact = measure.exact.recall(measure.truth);
    assert!((0.4..0.7).contains(&exact), "the errors are not heavy: {table}");
    hold(part, &table);
}

#[test]
fn heavy_typing_errors_hide_one_pair_of_twenty_at_most() {
    benchmark(5_000, 20_240_201, "typing errors");
    if full() {
        benchmark(20_000, 20_240_301, "typing errors in longer files");
    }
}

/// Whom the near kinds cannot tell apart is measured, where everybody has somebody alike.
#[test]
fn those_who_are_likest_are_counted() {
    let shares = Shares { spouses: 300, namesakes: 100, twins: 50, juniors: 50 };
    let people = people(4_000, &shares, 7);
    let files = Files::of(&people, 8);
    let (agreeing, found, exact) = compared(&files);
    agreeing.naive(&files.truth());
    let (found, exact) = (rows(&found), rows(&exact));
    let mut table = String::from(
        "| two people | pairs of rows | joined by exact kinds | joined with bridges |\n|---|---|---|---|\n",
    );
    let mut joined = BTreeMap::new();
    let kinds = [
        (Likeness::Spouse, "spouses: surname and address"),
        (Likeness::Namesake, "namesakes: both names, elsewhere"),
        (Likeness::Twin, "twins at one address"),
        (Likeness::Junior, "parent and child of one name at one address"),
    ];
    for (likeness, name) in kinds {
        let of = |rows: &Rows| {
            rows.iter().filter(|pair| files.likeness(**pair, &people) == Some(likeness)).count()
        };
        let pairs =
            2 * people.iter().filter(|p| p.like.is_some_and(|(l, _)| l == likeness)).count();
        joined.insert(likeness, of(&found));
        writeln!(table, "| {name} | {pairs} | {} | {} |", of(&exact), of(&found)).unwrap();
        assert!(pairs >= 300, "{likeness:?}");
    }
    assert!(joined[&Likeness::Spouse] <= 2, "a household is not one person: {table}");
    assert!(joined[&Likeness::Namesake] <= 2, "{table}");
    hold("people who are alike", &table);
}
