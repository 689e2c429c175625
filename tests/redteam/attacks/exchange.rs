//! What a sender learns of one person from the lots of its batches: whether that person passed, and so what it
//! said to somebody else. The sender chooses who else is in the batch, and knows of all of them.

use tiers::service::exchange::{LOT, lots};
use tiers_protocol::ids::BatchId;

use crate::bench::catalogue::attack;
use crate::bench::{Dice, count};

/// The share of right guesses over games of so many batches, in each of which one record less than `edge` passes
/// for certain and one more if the target does; `told` says in how many lots. One lot more than without the target
/// betrays it, once is enough.
fn guessed(
    trials: usize,
    dice: &mut Dice,
    (edge, batches): (u64, u32),
    told: impl Fn(&mut Dice, u64) -> u64,
) -> f64 {
    let mut right = 0;
    for _ in 0..trials {
        let passes = dice.below(2);
        let most = (0..batches).map(|_| told(dice, edge - 1 + passes)).max().unwrap();
        let guess = u64::from(most > (edge - 1) / LOT);
        right += u32::from(guess == passes);
    }
    f64::from(right) / trials as f64
}

/// As the certifier tells it, under a key that the sender does not have, of a batch that is new.
fn told(dice: &mut Dice, allowed: u64) -> u64 {
    let mut word = || (dice.below(1 << 32) << 32) | dice.below(1 << 32);
    let key: Vec<u8> = (0..4).flat_map(|_| word().to_be_bytes()).collect();
    let batch: Vec<u8> = (0..2).flat_map(|_| word().to_be_bytes()).collect();
    lots(&key.try_into().unwrap(), &BatchId::from_bytes(batch.try_into().unwrap()), allowed)
}

#[test]
fn t32_the_lots_of_a_batch_tell_of_nobody_at_their_edge() {
    let trials = count(24_000, 4_000);
    let whole = |_: &mut Dice, allowed: u64| allowed / LOT;
    let control = guessed(trials, &mut Dice(32), (7 * LOT, 1), whole);
    attack("T32")
        .judge(control, trials, |seed| guessed(trials, &mut Dice(320 + seed), (7 * LOT, 1), told));
    let control = guessed(trials, &mut Dice(33), (LOT, 10), whole);
    attack("T32x")
        .judge(control, trials, |seed| guessed(trials, &mut Dice(330 + seed), (LOT, 10), told));
}
