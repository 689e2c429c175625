//! The game that most attacks are: a fair coin decides which of two worlds is true, the adversary asks
//! and guesses.

use super::Dice;
use super::oracle::{Fresh, Oracle as _};
use super::scene::Scene;

/// A question in both worlds.
pub type Question = [Scene; 2];

/// Coins and what the adversary made of the answers.
pub struct Played {
    games: Vec<(bool, f64)>,
    /// Questions that were answered.
    pub answered: usize,
    /// Questions that were refused.
    pub refused: usize,
}

/// Plays so many games, each against a fresh oracle. The adversary asks `questions` in their order until
/// it is refused, and adds up what the answers weigh.
pub fn play<F: Fresh>(
    oracles: &F,
    trials: usize,
    seed: u64,
    questions: impl Fn(&mut Dice) -> Vec<Question>,
) -> Played {
    let mut dice = Dice(seed);
    let mut played = Played { games: Vec::new(), answered: 0, refused: 0 };
    for _ in 0..trials {
        let second = dice.below(2) == 1;
        let mut oracle = oracles.fresh();
        let mut weight = 0.0;
        for [zero, one] in questions(&mut dice) {
            let Some(answer) = oracle.ask(if second { &one } else { &zero }) else {
                played.refused += 1;
                break;
            };
            played.answered += 1;
            weight += oracle.weigh(&answer, &zero, &one);
        }
        // What says nothing is decided by another coin.
        if weight == 0.0 {
            weight = if dice.below(2) == 1 { f64::MIN_POSITIVE } else { -f64::MIN_POSITIVE };
        }
        played.games.push((second, weight));
    }
    played
}

impl Played {
    /// The share of right guesses.
    pub fn accuracy(&self) -> f64 {
        let right = self.games.iter().filter(|(second, weight)| *second == (*weight > 0.0));
        right.count() as f64 / self.games.len() as f64
    }

    fn weights(&self, second: bool) -> Vec<f64> {
        let of = self.games.iter().filter(|(coin, _)| *coin == second);
        of.map(|(_, weight)| *weight).collect()
    }

    /// The share of second worlds that is recognised where the given share of first worlds is taken
    /// for one.
    pub fn power_at(&self, false_positives: f64) -> f64 {
        let mut zeros = self.weights(false);
        zeros.sort_by(f64::total_cmp);
        let beyond = (zeros.len() as f64 * false_positives).floor().to_string();
        let beyond: usize = beyond.parse().unwrap();
        let threshold = zeros[zeros.len() - 1 - beyond];
        let ones = self.weights(true);
        ones.iter().filter(|weight| **weight > threshold).count() as f64 / ones.len() as f64
    }
}
