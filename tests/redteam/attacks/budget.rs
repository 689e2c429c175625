//! Many answers: everything that a month's account pays, as well spent as can be.

use crate::bench::catalogue::attack;
use crate::bench::engine::Gates;
use crate::bench::exact::Exact;
use crate::bench::oracle::{Fresh, Oracle as _};
use crate::bench::play::{Played, Question, play};
use crate::bench::scene::{Scene, lead, padded, sale, somebody};
use crate::bench::{Dice, count};

/// Lists with the same target, each with its own padding.
fn lists(number: usize, leads: u64, dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let list = |_| {
        let scene = padded(target, 10, leads, dice);
        [scene.clone(), scene.and_sale(sale(target, 40_000))]
    };
    (0..number).map(list).collect()
}

/// Every game asked until it was refused, and got no more answers than the account pays.
fn exhausted(played: &Played, trials: usize, gates: &Gates<impl Copy>) {
    let paid = usize::try_from(gates.engine.reports_in_cap()).unwrap();
    assert_eq!((played.answered, played.refused), (trials * paid, trials));
}

#[test]
fn sta_09_t02_a_spent_month_stays_under_its_cap() {
    let gates = Gates::standard(2);
    let ask = |dice: &mut Dice| lists(6, 60, dice);
    let exact = play(&Exact(gates.engine.clone()), count(400, 60), 0, ask);
    let trials = count(4_000, 800);
    attack("T2").judge(exact.accuracy(), trials, |seed| {
        let played = play(&gates, trials, seed, ask);
        exhausted(&played, trials, &gates);
        played.accuracy()
    });
    // Half of the coins show each world.
    attack("T2p").judge(exact.power_at(0.01), trials / 2, |seed| {
        play(&gates, trials, seed + 100, ask).power_at(0.01)
    });
}

#[test]
fn t05_other_padding_is_no_fresh_draw_for_nothing() {
    let gates = Gates::standard(2);
    let ask = |dice: &mut Dice| lists(200, 14, dice);
    let control = play(&Exact(gates.engine.clone()), count(100, 10), 0, ask).accuracy();
    let trials = count(4_000, 800);
    attack("T5").judge(control, trials, |seed| {
        let played = play(&gates, trials, seed, ask);
        exhausted(&played, trials, &gates);
        played.accuracy()
    });
}

/// T10: halves a list of 1,000 leads, one in a hundred of whom bought, until every part is all buyers or
/// none; the share of buyers that were named. Eleven known buyers keep every count above the control's
/// suppression.
fn searched<F: Fresh>(oracles: &F, dice: &mut Dice) -> f64 {
    let base = somebody(dice);
    let mut people: Vec<u64> = (base..base + 1_000).collect();
    dice.shuffle(&mut people);
    let mut known = Scene::default();
    let planted = somebody(dice);
    for n in planted..planted + 11 {
        known.leads.push(lead(n, 0));
        known.sales.push(sale(n, 20_000));
    }
    let buyers: Vec<u64> = people[..10].to_vec();
    known.sales.extend(buyers.iter().map(|person| sale(*person, 20_000)));
    dice.shuffle(&mut people);
    let (mut oracle, mut parts, mut named) = (oracles.fresh(), vec![people], Vec::new());
    while let Some(part) = parts.pop() {
        let mut scene = known.clone();
        scene.leads.extend(part.iter().map(|person| lead(*person, 0)));
        let Some(answer) = oracle.ask(&scene) else { break };
        let found = answer.0[0].unwrap_or_default() - 11;
        match part.len() {
            _ if found <= 0 => {}
            size if found >= i64::try_from(size).unwrap() => named.extend(part),
            1 => {}
            size => parts.extend([part[..size / 2].to_vec(), part[size / 2..].to_vec()]),
        }
    }
    named.iter().filter(|person| buyers.contains(person)).count() as f64 / buyers.len() as f64
}

#[test]
fn t10_a_search_by_halves_ends_at_the_account() {
    let gates = Gates::standard(2);
    let exact = Exact(gates.engine.clone());
    let mean = |runs: usize, search: &mut dyn FnMut() -> f64| {
        (0..runs).map(|_| search()).sum::<f64>() / runs as f64
    };
    let mut dice = Dice(10);
    let control = mean(count(10, 2), &mut || searched(&exact, &mut dice));
    let runs = count(200, 30);
    attack("T10").judge(control, runs, |seed| {
        let mut dice = Dice(seed);
        mean(runs, &mut || searched(&gates, &mut dice))
    });
}
