//! Whose each deposit of sales is, and which partners may be compared: public facts, made before
//! anything is matched.

use std::collections::{BTreeMap, BTreeSet};

/// Numbers of partners, by deposit, and the pairs of partners that may be told what they share.
#[derive(Clone, Debug, Default)]
pub struct Partners {
    of_deposit: Vec<u16>,
    pairs: BTreeMap<(u16, u16), u16>,
}

impl Partners {
    /// The partner of each deposit, in the order in which deposits are matched. A deposit beyond the
    /// list is of partner 0: where nobody asks who sold, nobody need say.
    #[must_use]
    pub const fn new(of_deposit: Vec<u16>) -> Self {
        Self { of_deposit, pairs: BTreeMap::new() }
    }

    /// The same, with the pairs of different partners that may be compared, in their public order;
    /// of a pair that is listed twice the first place counts.
    #[must_use]
    pub fn with_pairs(mut self, pairs: &[(u16, u16)]) -> Self {
        for ((a, b), place) in pairs.iter().zip(0..) {
            if a != b {
                self.pairs.entry((*a.min(b), *a.max(b))).or_insert(place);
            }
        }
        self
    }

    /// The partner of a deposit.
    #[must_use]
    pub fn of(&self, deposit: u32) -> u16 {
        let place = usize::try_from(deposit).ok();
        place.and_then(|place| self.of_deposit.get(place)).copied().unwrap_or(0)
    }

    /// The pairs that may be compared, the lower number first, with their places in the public list.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ((u16, u16), u16)> {
        self.pairs.iter().map(|(pair, place)| (*pair, *place))
    }

    /// The place of the first pair whose partners both have one of these deposits.
    pub(super) fn pair(&self, deposits: impl Iterator<Item = u32> + Clone) -> Option<u16> {
        let mut partners = deposits.map(|deposit| self.of(deposit));
        let all = partners.clone();
        let first = partners.next()?;
        // Nearly always one partner.
        if self.pairs.is_empty() || partners.all(|partner| partner == first) {
            return None;
        }
        let all: BTreeSet<u16> = all.collect();
        let after = |a: u16| all.range(a..).skip(1).map(move |b| (a, *b));
        let pairs = all.iter().flat_map(|a| after(*a));
        pairs.filter_map(|pair| self.pairs.get(&pair).copied()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pair_of_the_public_list_wins_whatever_the_order_of_deposits() {
        let pairs = [(3, 1), (2, 2), (0, 2), (1, 3), (0, 1)];
        let partners = Partners::new(vec![0, 1, 2, 3, 1]).with_pairs(&pairs);
        let pair = |deposits: &[u32]| {
            let there = partners.pair(deposits.iter().copied());
            assert_eq!(there, partners.pair(deposits.iter().rev().copied()));
            there
        };
        assert_eq!(pair(&[]), None);
        assert_eq!(pair(&[1, 1, 4]), None, "one partner");
        assert_eq!(pair(&[2, 3]), None, "no such pair");
        assert_eq!(pair(&[0, 4]), Some(4));
        assert_eq!(pair(&[0, 1, 2]), Some(2));
        assert_eq!(pair(&[0, 1, 2, 3]), Some(0));
        assert_eq!(pair(&[9, 1]), Some(4), "beyond the list: partner 0");
        assert_eq!(Partners::new(vec![0, 1]).pair([0, 1].into_iter()), None);
    }
}
