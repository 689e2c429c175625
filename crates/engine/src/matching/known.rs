//! Blocks of which only one thing is asked: which tokens of the sales some lead has, too. What every sale
//! of the block has found is worked out first, without a branch that a processor would have to guess;
//! then the units are cut. The same as [`super::units`] does for any rules, for the simplest of them.

use tiers_contact::Kind;

use super::{UnitSale, UnitVisitor, block::Block, found::Met, rows::token, unit::SaleLead};

/// What is used again for every block.
#[derive(Default)]
pub(super) struct Known {
    /// Whether each sale has met a lead, here or through another kind.
    met: Vec<bool>,
    /// Places of the sales that are shown, and as much room as the longest block wants.
    shown: Vec<usize>,
    sales: Vec<UnitSale>,
    /// Where each unit ends in the list of sales, and the place of its last sale in the block.
    units: Vec<(usize, usize)>,
}

impl Known {
    /// Shows the units of a block. What rows have met through other kinds than that of their unit is kept
    /// in `kept`, where that may be.
    pub fn show<V: UnitVisitor>(
        &mut self,
        kind: Kind,
        sales: &Block<'_>,
        leads: &Block<'_>,
        kept: Option<&Met>,
        visitor: &mut V,
    ) {
        self.meet(sales.tokens, leads.tokens);
        if let Some(kept) = kept {
            self.exchange(sales, kept);
        }
        // Where rows may have met a lead through another kind, a unit may have rows of both sorts.
        let units = self.cut(sales, V::FOUND_ONLY && kept.is_none());
        let mut rest = self.sales.as_mut_slice();
        let mut start = 0;
        for (end, last) in self.units.iter().take(units + 1).skip(1) {
            let (unit, others) = rest.split_at_mut(end - start);
            (rest, start) = (others, *end);
            visitor.unit(kind, token(sales.tokens[*last]), unit);
        }
    }

    /// Finds out which sales have met a lead of this kind: each half on its own, side by side, since a step
    /// waits for the one before it.
    fn meet(&mut self, sold: &[u128], led: &[u128]) {
        self.met.clear();
        self.met.resize(sold.len(), false);
        let (sold, sold_behind) = sold.split_at(sold.len() / 2);
        let least = sold_behind.first().copied().unwrap_or(u128::MAX);
        // Leads of the token at the border are wanted on both sides of it.
        let border = led.partition_point(|lead| *lead < least);
        let led_behind = &led[border..];
        let (met, met_behind) = self.met.split_at_mut(sold.len());
        let (mut one, mut other) =
            (Meeting::new(sold, led, met), Meeting::new(sold_behind, led_behind, met_behind));
        while one.step() && other.step() {}
        while one.step() {}
        while other.step() {}
    }

    /// Keeps what rows of other units have met, and adds what rows of these units met before.
    fn exchange(&mut self, sales: &Block<'_>, kept: &Met) {
        let rows = sales.facts.iter().zip(sales.ordinals);
        for (met, (fact, ordinal)) in self.met.iter_mut().zip(rows) {
            if fact.first() {
                *met |= kept.has_met(fact.deposit(), *ordinal);
            } else if *met {
                kept.meet(fact.deposit(), *ordinal);
            }
        }
    }

    /// Cuts the sales into units, and counts those. What may be there or not is written where the next one
    /// belongs, and stays there if it is.
    fn cut(&mut self, block: &Block<'_>, found_only: bool) -> usize {
        let Self { met, shown, sales, units } = self;
        if shown.len() < block.tokens.len() + 1 {
            shown.resize(block.tokens.len() + 1, 0);
            units.resize(block.tokens.len() + 1, (0, 0));
        }
        // Rows are counted as those of a block are: nothing wraps.
        let mut length = 0_usize;
        for (place, (fact, met)) in block.facts.iter().zip(&*met).enumerate() {
            shown[length] = place;
            length = length.wrapping_add(usize::from(fact.first() & (*met | !found_only)));
        }
        sales.clear();
        sales.extend(shown[..length].iter().map(|place| {
            let (fact, met) = (block.facts[*place], met[*place]);
            let (amount_cents, traits) = fact.sold();
            let lead = met.then_some(SaleLead { campaign: 0, age_days: 0 });
            let (day, deposit) = (fact.day, fact.deposit());
            UnitSale { day, amount_cents, lead, traits, met, deposit }
        }));
        // The place of a unit is behind that of the unit before it, and before the first one is room.
        let (mut unit, mut last) = (0_usize, None);
        for (place, end) in shown[..length].iter().zip(1..) {
            let token = block.tokens[*place];
            unit = unit.wrapping_add(usize::from(last != Some(token)));
            last = Some(token);
            units[unit] = (end, *place);
        }
        unit
    }
}

/// A merge under way: which sales have a lead of the same token.
struct Meeting<'a> {
    sold: &'a [u128],
    led: &'a [u128],
    met: &'a mut [bool],
    sale: usize,
    lead: usize,
}

impl<'a> Meeting<'a> {
    const fn new(sold: &'a [u128], led: &'a [u128], met: &'a mut [bool]) -> Self {
        Self { sold, led, met, sale: 0, lead: 0 }
    }

    /// Passes over the lesser of the next sale and the next lead; `false` at the end of either list.
    #[inline]
    fn step(&mut self) -> bool {
        let next = (self.sold.get(self.sale), self.led.get(self.lead), self.met.get_mut(self.sale));
        let (Some(sale), Some(lead), Some(met)) = next else { return false };
        // What is said of a sale before its turn is over is said again.
        *met = sale == lead;
        let is_before = lead < sale;
        // Neither grows beyond its list.
        self.sale = self.sale.wrapping_add(usize::from(!is_before));
        self.lead = self.lead.wrapping_add(usize::from(is_before));
        true
    }
}
