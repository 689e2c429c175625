//! One answer, or one and another beside it: planted neighbours, differencing, arrivals.

use crate::bench::catalogue::attack;
use crate::bench::engine::Gates;
use crate::bench::exact::Exact;
use crate::bench::play::{Question, play};
use crate::bench::scene::{padded, sale, somebody};
use crate::bench::{Dice, count};

/// T1: the file holds ten people that bought, and the target.
fn planted(dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let scene = padded(target, 10, 500, dice);
    vec![[scene.clone(), scene.and_sale(sale(target, 40_000))]]
}

/// T6: the same file without the target first.
fn differenced(dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let with = padded(target, 10, 60, dice);
    let mut without = with.clone();
    without.leads.remove(0);
    let bought = sale(target, 40_000);
    vec![[without.clone(), without.and_sale(bought.clone())], [with.clone(), with.and_sale(bought)]]
}

/// T7: the same file before the target's row can have arrived.
fn arriving(dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let scene = padded(target, 10, 60, dice);
    let before = [scene.clone(), scene.clone()];
    vec![before, [scene.clone(), scene.and_sale(sale(target, 40_000))]]
}

type Ask = fn(&mut Dice) -> Vec<Question>;

/// Plays a game of one month against control and product.
fn verdict(id: &str, ask: Ask) {
    let gates = Gates::standard(2);
    let control = play(&Exact(gates.engine.clone()), count(400, 60), 0, ask).accuracy();
    let trials = count(4_000, 800);
    attack(id).judge(control, trials, |seed| play(&gates, trials, seed, ask).accuracy());
}

#[test]
fn sta_08_t01_ten_known_buyers_do_not_betray_the_eleventh() {
    verdict("T1", planted);
}

#[test]
fn sta_07_t06_two_files_that_differ_by_one_person_do_not_betray_it() {
    verdict("T6", differenced);
}

#[test]
fn t07_a_row_that_arrives_between_two_reports_is_not_betrayed() {
    verdict("T7", arriving);
}
