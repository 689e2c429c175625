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
    /// `share` of a thousand people are in each of the files.
    fn of(people: &[Person], seed: u64, share: usize) -> Self {
        let mut dice = Dice::new(seed);
        let mut order = || {
            let mut order: Vec<usize> = (0..people.len()).collect();
            order.retain(|_| dice.permille(share));
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
        a.iter().filter_map(|(owner, row)| Some((*row, *b.get(owner)?))).collect()
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
    let files = Files::of(&people, seed + 1, 1_000);
    let (agreeing, found, exact) = compared(&files);
    let truth = files.truth();
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
        "Wrong pairs: {}, of them {spouses} of spouses and {namesakes} of namesakes.",
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

/// How many pairs of rows of two people who are alike there are, and how many are joined: by exact kinds, with
/// bridges.
fn alike(people: &[Person], share: usize) -> BTreeMap<Likeness, [usize; 3]> {
    let files = Files::of(people, 8, share);
    let (_, found, exact) = compared(&files);
    let present = |side: usize, place: usize| files.owners[side].contains(&place);
    let mut counts: BTreeMap<Likeness, [usize; 3]> = BTreeMap::new();
    for (one, person) in people.iter().enumerate() {
        let Some((likeness, other)) = person.like else { continue };
        let both = |one, other| usize::from(present(0, one) && present(1, other));
        counts.entry(likeness).or_default()[0] += both(one, other) + both(other, one);
    }
    for (at, pairs) in [(1, rows(&exact)), (2, rows(&found))] {
        for likeness in pairs.iter().filter_map(|pair| files.likeness(*pair, people)) {
            counts.entry(likeness).or_default()[at] += 1;
        }
    }
    counts
}

/// Whom the near kinds cannot tell apart is measured, where everybody has somebody alike: with everybody in
/// both files, and with half of the people in each, so that one's own row is often missing.
#[test]
fn those_who_are_likest_are_counted() {
    let shares = Shares { spouses: 300, namesakes: 100, twins: 50, juniors: 50 };
    let people = people(4_000, &shares, 7);
    let mut table = String::from(
        "| two people | files | pairs of rows | joined by exact kinds | joined with bridges |\n|---|---|---|---|---|\n",
    );
    let kinds = [
        (Likeness::Spouse, "spouses: surname and address"),
        (Likeness::Namesake, "namesakes: both names, elsewhere"),
        (Likeness::Twin, "twins at one address"),
        (Likeness::Junior, "parent and child of one name at one address"),
    ];
    for (share, files) in [(1_000, "everybody in both"), (500, "half of them in each")] {
        let counts = alike(&people, share);
        for (likeness, name) in kinds {
            let [pairs, exact, found] = counts[&likeness];
            writeln!(table, "| {name} | {files} | {pairs} | {exact} | {found} |").unwrap();
            assert!(pairs >= 50, "{likeness:?}");
            if matches!(likeness, Likeness::Spouse | Likeness::Namesake) {
                assert!(found * 100 <= pairs, "a household or a name is not one person: {table}");
            }
        }
    }
    hold("people who are alike", &table);
}
