//! Invented rows: few identifiers, so that almost everything meets, or many, so that there is something to do.

use std::collections::BTreeSet;

use tiers_contact::{Kind, Token};
use tiers_engine::crypto::chain::{VaultChain, VaultToken};
use tiers_engine::vault::{Day, MAX_AMOUNT_CENTS, Traits, Value, VaultRow};

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed is a world, so that a failure names its case.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }

    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Makes tokens at rest.
pub struct Tokens(VaultChain);

impl Tokens {
    pub fn new() -> Self {
        Self(VaultChain::new([&[1; 32]]).unwrap())
    }

    pub fn of(&self, kind: Kind, value: u64) -> VaultToken {
        let mut bytes = [0; 32];
        bytes[0] = u8::try_from(kind.index()).unwrap();
        bytes[8..16].copy_from_slice(&value.to_le_bytes());
        self.0.rekey(&Token::from_bytes(bytes))
    }

    /// Any identifiers out of `values` of each kind.
    pub fn any(&self, dice: &mut Dice, values: u64) -> [Option<VaultToken>; Kind::SINGLE.len()] {
        Kind::SINGLE.map(|kind| (!dice.once_in(2)).then(|| self.of(kind, dice.below(values))))
    }

    /// Several tokens of some near kinds, no two alike.
    pub fn near(&self, dice: &mut Dice, values: u64) -> Vec<(Kind, VaultToken)> {
        let mut near = BTreeSet::new();
        for kind in Kind::NEAR {
            if dice.once_in(3) {
                let tokens =
                    (0..kind.tokens_per_row()).map(|_| self.of(kind, dice.below(3 * values)));
                near.extend(tokens.map(|token| (kind, token)));
            }
        }
        near.into_iter().collect()
    }
}

/// Days on the edges of months and windows: around May 2024.
pub fn edge_day(dice: &mut Dice) -> Day {
    // 2024-04-30, 2024-05-01, 2024-05-16, 2024-05-31, 2024-06-01.
    let edge = dice.of(&[19_843, 19_844, 19_859, 19_874, 19_875]);
    Day::from_epoch_days(edge + dice.of(&[0, 0, 1, -1, 7, -7, -8, -30, -180, -181, 180]))
}

/// Amounts around the clamp and its shares, from nothing to the absurd.
pub fn edge_amount(dice: &mut Dice) -> u64 {
    dice.of(&[
        0,
        1,
        999_999,
        1_000_000,
        1_999_999,
        2_000_000,
        2_000_001,
        3_999_999,
        4_000_000,
        MAX_AMOUNT_CENTS,
    ])
}

/// A sale of these identifiers.
pub fn sale(
    dice: &mut Dice,
    (tokens, near): ([Option<VaultToken>; Kind::SINGLE.len()], Vec<(Kind, VaultToken)>),
    (date, amount_cents): (Day, u64),
) -> VaultRow {
    let place = |dice: &mut Dice| dice.of(&[None, Some(0), Some(1)]);
    let traits = Traits::new(place(dice), place(dice));
    VaultRow { tokens, near, date, value: Value::Sale { amount_cents, traits } }
}
