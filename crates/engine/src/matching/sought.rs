//! Blocks of which only units that have met a lead are shown, where no row can have met one through another
//! kind: sales are sought among the leads as they came. Only those that are found are put in order, by the
//! place of their lead, and no token of a sale is moved. The same as [`super::known`] shows of such a block.
//!
//! Leads lie in order, and their tokens are random: a table of the places at which the shares of the block
//! begin tells where a token would be but for a lead or two. Nothing but the speed relies on that.

use tiers_contact::Kind;

use super::{
    UnitSale, UnitVisitor,
    rows::{Rows, token},
    unit::SaleLead,
};
use crate::vault::{Day, TokenRange, Traits};

/// What any lead does for a sale where nobody asks which.
const LEAD: SaleLead = SaleLead { campaign: 0, age_days: 0 };

const ROOM: UnitSale = UnitSale {
    day: Day::from_epoch_days(0),
    amount_cents: 0,
    lead: Some(LEAD),
    traits: Traits::OTHER,
    met: true,
    deposit: 0,
};

/// Leads of a share that are all looked at, rather than jumped between: there are more in one of fifty at most.
const FEW: usize = 3;

/// What is used again for every block.
#[derive(Default)]
pub(super) struct Sought {
    shares: Shares,
    /// Place of the lead, and of the sale, for each sale that has met one; room for all.
    found: Vec<(u32, u32)>,
    /// For each lead, how many sales have met it, then where the next of them belongs.
    next: Vec<u32>,
    /// The sales found, in the order of their leads; room for all.
    sales: Vec<UnitSale>,
    /// Leads that were met, and where the sales of each end; room for all leads.
    units: Vec<(usize, usize)>,
}

impl Sought {
    /// Shows the units of a block that have met a lead; `led` are the tokens of its leads, in order.
    pub fn show<V: UnitVisitor>(
        &mut self,
        kind: Kind,
        bounds: TokenRange,
        (sales, led): (&Rows, &[u128]),
        visitor: &mut V,
    ) {
        self.shares.cut(led, bounds);
        if sales.facts.is_empty() {
            let firsts = sales.marks.iter().map(|mark| mark.first());
            let found = self.seek(&sales.tokens, firsts, led);
            let marks = &sales.marks;
            self.gather(found, led.len(), |sale, place| sale.deposit = marks[place].deposit());
        } else {
            let firsts = sales.facts.iter().map(|fact| fact.first());
            let found = self.seek(&sales.tokens, firsts, led);
            let facts = &sales.facts;
            self.gather(found, led.len(), |sale, place| {
                let fact = facts[place];
                (sale.amount_cents, sale.traits) = fact.sold();
                (sale.day, sale.deposit) = (fact.day, fact.deposit());
            });
        }
        let mut rest = self.sales.as_mut_slice();
        let mut start = 0;
        for (lead, end) in &self.units {
            let (unit, others) = rest.split_at_mut(end - start);
            (rest, start) = (others, *end);
            visitor.unit(kind, token(led[*lead]), unit);
        }
    }

    /// Seeks the lead of each sale; how many have one. What may be found or not is written where the next
    /// one belongs, and stays there if it is.
    fn seek(&mut self, sold: &[u128], firsts: impl Iterator<Item = bool>, led: &[u128]) -> usize {
        let Self { shares, found, .. } = self;
        if found.len() < sold.len() {
            found.resize(sold.len(), (0, 0));
        }
        let mut length = 0_usize;
        for ((token, first), place) in sold.iter().zip(firsts).zip(0_u32..) {
            let lead = shares.place_of(*token, led);
            // A block has fewer rows than a list of the vault, whose ordinals have 31 bits: nothing wraps.
            #[expect(clippy::cast_possible_truncation, reason = "places in a block")]
            let lead_place = lead as u32;
            found[length] = (lead_place, place);
            let met = led.get(lead) == Some(token);
            length = length.wrapping_add(usize::from(met & first));
        }
        length
    }

    /// Puts the first `found` sales that were found in the order of their leads, and cuts the units. `write`
    /// writes what is known of the sale of a place, where it belongs: what is put together elsewhere is waited for.
    fn gather(&mut self, found: usize, leads: usize, write: impl Fn(&mut UnitSale, usize)) {
        let Self { found: list, next, sales, units, .. } = self;
        let found = &list[..found];
        next.clear();
        next.resize(leads, 0);
        for (lead, _) in found {
            let count = &mut next[*lead as usize];
            *count = count.wrapping_add(1);
        }
        units.clear();
        units.resize(leads, (0, 0));
        let (mut start, mut met) = (0_u32, 0_usize);
        for (lead, next) in next.iter_mut().enumerate() {
            let count = std::mem::replace(next, start);
            start = start.wrapping_add(count);
            units[met] = (lead, start as usize);
            met = met.wrapping_add(usize::from(count > 0));
        }
        units.truncate(met);
        // All have met a lead, and no visitor can say otherwise: a place that is used again says so already.
        if sales.len() < found.len() {
            sales.resize(found.len(), ROOM);
        }
        for (lead, place) in found {
            let next = &mut next[*lead as usize];
            write(&mut sales[*next as usize], *place as usize);
            *next = next.wrapping_add(1);
        }
    }
}

/// A block in shares of equal width, about two for each lead, and the leads in each.
#[derive(Default)]
struct Shares {
    from: u64,
    shift: u32,
    /// Where the leads of each share begin, and where the last ones end.
    starts: Vec<u32>,
}

impl Shares {
    /// Cuts a block in which `led` lie, in order.
    fn cut(&mut self, led: &[u128], bounds: TokenRange) {
        let width = bounds.to - bounds.from;
        let wanted = usize::BITS - led.len().leading_zeros() + 1;
        self.from = bounds.from;
        self.shift = (u64::BITS - width.leading_zeros()).saturating_sub(wanted);
        let count = usize::try_from(width >> self.shift).expect("few shares") + 1;
        self.starts.clear();
        self.starts.resize(count + 1, 0);
        for lead in led {
            let share = self.share(*lead);
            let count = &mut self.starts[share];
            *count = count.wrapping_add(1);
        }
        let mut start = 0_u32;
        for share in &mut self.starts {
            start = start.wrapping_add(std::mem::replace(share, start));
        }
    }

    #[inline]
    const fn share(&self, token: u128) -> usize {
        // Every head lies in the block: nothing wraps.
        (((token >> 64) as u64).wrapping_sub(self.from) >> self.shift) as usize
    }

    /// The place of the first lead that has not a lesser token.
    #[inline(always)]
    fn place_of(&self, token: u128, led: &[u128]) -> usize {
        let share = self.share(token);
        let (start, end) = (self.starts[share] as usize, self.starts[share + 1] as usize);
        if end - start > FEW {
            return start + led[start..end].partition_point(|lead| *lead < token);
        }
        // Leads of later shares are greater.
        let is_less = |place: usize| usize::from(led.get(place).is_some_and(|lead| *lead < token));
        start + is_less(start) + is_less(start + 1) + is_less(start + 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::worlds::{Dice, cases};

    #[test]
    fn a_token_is_found_wherever_it_lies_however_crowded() {
        let mut crowded = 0;
        for seed in 0..cases(2_000) {
            let mut dice = Dice::new(seed);
            let from = dice.of(&[0, 1 << 40, u64::MAX - 7]);
            let width = dice.of(&[0, 1, 7, 1 << 20]).min(u64::MAX - from);
            let bounds = TokenRange { from, to: from + width };
            let drawn = |dice: &mut Dice| {
                let head = if dice.once_in(3) { from } else { from + dice.roll() % (width + 1) };
                u128::from(head) << 64 | u128::from(dice.below(3))
            };
            let most = dice.of(&[1, 3, 40, 300]);
            let mut led: Vec<u128> = (0..dice.below(most)).map(|_| drawn(&mut dice)).collect();
            led.sort_unstable();
            let mut shares = Shares::default();
            shares.cut(&led, bounds);
            crowded += usize::from(shares.starts.windows(2).any(|two| two[1] - two[0] > 3));
            for token in (0..50).map(|_| drawn(&mut dice)).chain(led.clone()) {
                let expected = led.partition_point(|lead| *lead < token);
                assert_eq!(shares.place_of(token, &led), expected, "world {seed}");
            }
        }
        assert!(crowded > 100, "{crowded}");
    }
}
