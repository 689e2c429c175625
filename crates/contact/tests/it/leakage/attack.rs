//! What the holder of a deposit without the key can see in one kind of token, and the frequency attack.
//!
//! The attacker is given more than any public statistics: how many people of the whole population have
//! each value. The most frequent token is taken for the most frequent value, the next for the next, ties
//! at random; what comes of the ties is reckoned exactly and not drawn.

use std::collections::{HashMap, HashSet};

/// One kind of token.
#[derive(Default)]
pub struct Seen {
    /// The values of the whole population: each as often as people have it.
    pub population: HashMap<u64, u32>,
    /// The tokens of each row of the deposit.
    pub rows: Vec<Vec<u64>>,
    /// What the tokens stand for; pads for nothing.
    pub truth: HashMap<u64, u64>,
}

/// What there is to see, as shares of 1 and in bits.
pub struct Figures {
    pub values: usize,
    /// Of the real tokens of the deposit, each counted once, those that stand in several rows.
    pub repeated: f64,
    /// How many people have the commonest value.
    pub greatest: u32,
    /// Shannon entropy of the values, and what it would be if no two people shared one.
    pub entropy: (f64, f64),
    pub min_entropy: f64,
    /// Real tokens guessed right, each counted once.
    pub tokens: f64,
    /// Rows of which a token is guessed right.
    pub rows: f64,
    /// The token whose value is guessed with the most certainty.
    pub surest: f64,
    /// Share of tokens that a blind guess gets right.
    pub blind: f64,
    /// The same attack on a deposit of the whole population, without pads: tokens guessed right, each
    /// counted as often as it stands.
    pub whole: f64,
}

/// How well pads can be told from real tokens by whoever takes each token that stands in one row only
/// for a pad: how much likelier he says so of a pad than of a real token.
pub struct Padding {
    /// Share of the tokens that are pads.
    pub pads: f64,
    pub advantage: f64,
    /// The same among rows of which a real token of the kind stands in another row too; `None` where
    /// these have fewer than a hundred pads.
    pub among_met: Option<f64>,
}

/// Counts in descending order, with the range of ranks that each count has.
struct Ranks(HashMap<u32, (usize, usize)>);

impl Ranks {
    fn of(counts: impl Iterator<Item = u32>) -> Self {
        let mut counts: Vec<u32> = counts.collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let mut ranges = HashMap::new();
        for (rank, count) in counts.into_iter().enumerate() {
            ranges.entry(count).or_insert((rank, rank)).1 = rank + 1;
        }
        Self(ranges)
    }

    /// How probable it is that one thing of this count here and one of that count there get one rank.
    fn meet(&self, count: u32, other: &Self, other_count: u32) -> f64 {
        let ((a, b), (c, d)) = (self.0[&count], other.0[&other_count]);
        let shared = b.min(d).saturating_sub(a.max(c));
        shared as f64 / ((b - a) as f64 * (d - c) as f64)
    }
}

impl Seen {
    pub fn figures(&self) -> Figures {
        let tokens = self.tokens();
        let here = Ranks::of(tokens.values().copied());
        let there = Ranks::of(self.population.values().copied());
        let chance = |token: u64| {
            let value = self.truth.get(&token)?;
            Some(here.meet(tokens[&token], &there, self.population[value]))
        };
        let mut real: Vec<f64> = tokens.keys().filter_map(|token| chance(*token)).collect();
        // In a settled order: sums of fractions depend on it.
        real.sort_by(f64::total_cmp);
        let several = |token: &&u64| tokens[*token] > 1;
        let repeated = self.truth.keys().filter(several).count();
        let missed = |row: &Vec<u64>| -> f64 {
            row.iter().map(|token| 1.0 - chance(*token).unwrap_or(0.0)).product()
        };
        let missed: f64 = self.rows.iter().map(missed).sum();
        let (entropy, min_entropy) = self.entropy();
        Figures {
            values: self.population.len(),
            repeated: repeated as f64 / real.len().max(1) as f64,
            greatest: self.population.values().copied().max().unwrap_or(0),
            entropy,
            min_entropy,
            tokens: real.iter().sum::<f64>() / real.len().max(1) as f64,
            rows: 1.0 - missed / self.rows.len() as f64,
            surest: real.iter().copied().fold(0.0, f64::max),
            blind: 1.0 / self.population.len() as f64,
            whole: self.whole(),
        }
    }

    /// The tokens of the deposit, and in how many rows each stands.
    fn tokens(&self) -> HashMap<u64, u32> {
        let mut tokens = HashMap::new();
        for token in self.rows.iter().flatten() {
            *tokens.entry(*token).or_default() += 1;
        }
        tokens
    }

    /// Ranks are the same on both sides, so that of the values of one count one is guessed right.
    fn whole(&self) -> f64 {
        let counts: HashSet<u32> = self.population.values().copied().collect();
        let all: u32 = self.population.values().sum();
        f64::from(counts.iter().sum::<u32>()) / f64::from(all)
    }

    pub fn padding(&self) -> Padding {
        let tokens = self.tokens();
        // Tokens of the rows as they stand: pads or real, in one row or in several.
        let advantage = |rows: &mut dyn Iterator<Item = &Vec<u64>>| {
            let (mut all, mut once) = ([0_u32; 2], [0_u32; 2]);
            for token in rows.flatten() {
                let pad = usize::from(!self.truth.contains_key(token));
                all[pad] += 1;
                once[pad] += u32::from(tokens[token] == 1);
            }
            let share = |pad: usize| f64::from(once[pad]) / f64::from(all[pad].max(1));
            (all, share(1) - share(0))
        };
        let met = |row: &&Vec<u64>| {
            row.iter().any(|token| tokens[token] > 1 && self.truth.contains_key(token))
        };
        let ([real, pads], advantage_of_all) = advantage(&mut self.rows.iter());
        let ([_, pads_met], met) = advantage(&mut self.rows.iter().filter(met));
        Padding {
            pads: f64::from(pads) / f64::from(real + pads),
            advantage: advantage_of_all,
            among_met: (pads_met >= 100).then_some(met),
        }
    }

    fn entropy(&self) -> ((f64, f64), f64) {
        let mut counts: Vec<u32> = self.population.values().copied().collect();
        counts.sort_unstable();
        let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        let bits = |count: &u32| f64::from(*count) / all * (all / f64::from(*count)).log2();
        let greatest = f64::from(counts.last().copied().unwrap_or(1));
        ((counts.iter().map(bits).sum(), all.log2()), (all / greatest).log2())
    }
}
