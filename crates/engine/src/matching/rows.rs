//! Rows of a block side by side, and their order. Where they come from is `block.rs`'s matter.
//!
//! Rows are put into shares by the leading bits of their tokens, which sorts them but for a last step
//! between neighbours. Pointers to rows would be shorter to move and would be followed in another order
//! than the rows lie. Specified in `docs/matching.md`, "How it is computed".

use std::ops::Range;

use crate::{
    crypto::chain::VaultToken,
    vault::{Batch, Day, TokenRange, Traits, Values},
};

/// Rows of one share of a block that are sorted among themselves, not by steps between neighbours.
const CROWD: u32 = 40;

/// Rows of a block, deposit by deposit or in the order of their tokens. What was not asked for is 0.
#[derive(Default)]
pub(super) struct Rows {
    /// Tokens as numbers, in the order of tokens.
    pub tokens: Vec<u128>,
    /// Empty where less is wanted.
    pub facts: Vec<Fact>,
    /// Whose rows they are, where nothing else of them is wanted.
    pub marks: Vec<Mark>,
    /// Ordinals of the rows in their deposits, if those were asked for.
    pub ordinals: Vec<u32>,
}

/// How much of a row is carried into a block beside its token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// Nothing: the tokens of leads alone.
    Nothing,
    /// [`Rows::marks`].
    Marks,
    /// [`Rows::facts`].
    Facts,
}

/// Whose a row is: twice the place of the deposit, one more if the token is the row's unit.
#[derive(Clone, Copy)]
pub(super) struct Mark(u32);

impl Mark {
    const fn new(deposit: u32, first: bool) -> Self {
        Self((2 * deposit) | first as u32)
    }

    /// Place of the deposit.
    #[inline]
    pub const fn deposit(self) -> u32 {
        self.0 / 2
    }

    /// Whether the token is the row's unit.
    #[inline]
    pub const fn first(self) -> bool {
        self.0 % 2 == 1
    }
}

/// What is known of a row beside its token.
#[derive(Clone, Copy)]
pub(super) struct Fact {
    /// Amount with traits, or campaign.
    value: u64,
    pub day: Day,
    mark: Mark,
}

const NOTHING: Fact = Fact { value: 0, day: Day::from_epoch_days(0), mark: Mark(0) };

impl Fact {
    /// Place of the deposit.
    #[inline]
    pub const fn deposit(self) -> u32 {
        self.mark.deposit()
    }

    /// Whether the token is the row's unit.
    #[inline]
    pub const fn first(self) -> bool {
        self.mark.first()
    }

    /// Amount in cents and traits of a sale.
    #[inline]
    pub const fn sold(self) -> (u64, Traits) {
        Traits::unpack(self.value)
    }

    /// Campaign of a lead.
    pub fn campaign(self) -> u16 {
        u16::try_from(self.value).expect("it was read as one")
    }
}

impl Rows {
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.facts.clear();
        self.marks.clear();
        self.ordinals.clear();
    }

    const fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Appends a part of a batch, of which [`level`] has made all columns equally long.
    #[inline]
    pub fn extend(&mut self, batch: &Batch, part: Range<usize>, deposit: u32, carried: Carried) {
        let number = |token: &VaultToken| u128::from_be_bytes(*token.as_bytes());
        self.tokens.extend(batch.tokens[part.clone()].iter().map(number));
        self.ordinals.extend_from_slice(batch.rows.get(part.clone()).unwrap_or_default());
        let marks =
            |part: Range<usize>| batch.firsts[part].iter().map(|first| Mark::new(deposit, *first));
        match carried {
            Carried::Nothing => {}
            Carried::Marks => self.marks.extend(marks(part)),
            Carried::Facts => {
                let known = batch.days[part.clone()].iter().zip(marks(part.clone()));
                let fact =
                    |((day, mark), value): ((&Day, Mark), u64)| Fact { value, day: *day, mark };
                match &batch.values {
                    Values::Sales(amounts) => {
                        let amounts = amounts[part].iter().copied();
                        self.facts.extend(known.zip(amounts).map(fact));
                    }
                    Values::Leads(campaigns) => {
                        let campaigns = campaigns[part].iter().map(|campaign| (*campaign).into());
                        self.facts.extend(known.zip(campaigns).map(fact));
                    }
                    Values::Known => self.facts.extend(known.map(|known| fact((known, 0)))),
                }
            }
        }
    }
}

/// Fills columns that were not asked for, once for a batch.
pub(super) fn level(batch: &mut Batch) {
    let rows = batch.tokens.len();
    batch.firsts.resize(rows, false);
    batch.days.resize(rows, Day::from_epoch_days(0));
    match &mut batch.values {
        Values::Sales(amounts) => amounts.resize(rows, 0),
        Values::Leads(campaigns) => campaigns.resize(rows, 0),
        Values::Known => {}
    }
}

/// Takes away the rows of other days, once for a batch.
pub(super) fn keep(batch: &mut Batch, (from, to): (Day, Day)) {
    let is_inside = |day: &Day| (from..=to).contains(day);
    if batch.days.iter().all(is_inside) {
        return;
    }
    let Batch { tokens, rows, firsts, days, values, .. } = batch;
    let kept: Vec<bool> = days.iter().map(is_inside).collect();
    retain(tokens, &kept);
    retain(firsts, &kept);
    retain(days, &kept);
    if !rows.is_empty() {
        retain(rows, &kept);
    }
    match values {
        Values::Sales(amounts) => retain(amounts, &kept),
        Values::Leads(campaigns) => retain(campaigns, &kept),
        Values::Known => {}
    }
}

/// Keeps the marked values: every one is written where the next belongs, without a branch.
fn retain<T: Copy>(values: &mut Vec<T>, kept: &[bool]) {
    let mut length = 0;
    for (place, kept) in kept.iter().enumerate() {
        values[length] = values[place];
        length += usize::from(*kept);
    }
    values.truncate(length);
}

/// A token that was made a number.
pub(super) const fn token(number: u128) -> VaultToken {
    VaultToken::from_bytes(number.to_be_bytes())
}

/// Sorts rows; what it needs is used again.
#[derive(Default)]
pub(super) struct Sorted {
    pub rows: Rows,
    ends: Vec<u32>,
}

impl Sorted {
    /// Sorts rows, of which all lie in `bounds`, by token; those of one token stay as they came.
    pub fn sort(&mut self, rows: &Rows, bounds: TokenRange) {
        // At least half as many shares as rows, at most twice as many.
        let width = bounds.to - bounds.from;
        let wanted = usize::BITS - rows.len().leading_zeros();
        let shift = (u64::BITS - width.leading_zeros()).saturating_sub(wanted);
        // Every head lies in the block: nothing wraps.
        let share =
            |token: u128| (((token >> 64) as u64).wrapping_sub(bounds.from) >> shift) as usize;
        self.ends.clear();
        self.ends.resize(usize::try_from(width >> shift).expect("few shares") + 1, 0);
        for token in &rows.tokens {
            let end = &mut self.ends[share(*token)];
            *end = end.wrapping_add(1);
        }
        let (mut start, mut most) = (0_u32, 0);
        for end in &mut self.ends {
            most = most.max(*end);
            // A block has fewer rows than a list of the vault, whose ordinals have 31 bits.
            start = start.wrapping_add(std::mem::replace(end, start));
        }
        if most > CROWD {
            self.compare(rows);
            return;
        }
        // Marks alone are carried where nothing is sorted.
        let Rows { tokens, facts, ordinals, .. } = &mut self.rows;
        tokens.resize(rows.tokens.len(), 0);
        facts.resize(rows.facts.len(), NOTHING);
        ordinals.resize(rows.ordinals.len(), 0);
        let mut place_of = |token: u128| {
            let end = &mut self.ends[share(token)];
            let place = *end as usize;
            *end = end.wrapping_add(1);
            place
        };
        match (rows.facts.is_empty(), rows.ordinals.is_empty()) {
            (true, _) => rows.tokens.iter().for_each(|token| tokens[place_of(*token)] = *token),
            (false, true) => {
                for (token, fact) in rows.tokens.iter().zip(&rows.facts) {
                    let place = place_of(*token);
                    (tokens[place], facts[place]) = (*token, *fact);
                }
            }
            (false, false) => {
                for ((token, fact), row) in rows.tokens.iter().zip(&rows.facts).zip(&rows.ordinals)
                {
                    let place = place_of(*token);
                    (tokens[place], facts[place], ordinals[place]) = (*token, *fact, *row);
                }
            }
        }
        steps(tokens, facts, ordinals);
    }

    /// The same by comparing all: for one token in many rows, or tokens that are not random.
    fn compare(&mut self, rows: &Rows) {
        let mut places: Vec<usize> = (0..rows.len()).collect();
        places.sort_by_key(|place| rows.tokens[*place]);
        self.rows.clear();
        self.rows.tokens.extend(places.iter().map(|place| rows.tokens[*place]));
        self.rows.facts.extend(places.iter().filter_map(|place| rows.facts.get(*place)));
        self.rows.ordinals.extend(places.iter().filter_map(|place| rows.ordinals.get(*place)));
    }
}

/// Sorts rows that are in order but for neighbours.
fn steps(tokens: &mut [u128], facts: &mut [Fact], ordinals: &mut [u32]) {
    let mut before = 0;
    for place in 0..tokens.len() {
        let token = tokens[place];
        if before <= token {
            before = token;
            continue;
        }
        // Behind the last one that is not greater.
        let to = tokens[..place].iter().rposition(|other| *other <= token).map_or(0, |at| at + 1);
        tokens[to..=place].rotate_right(1);
        if let Some(facts) = facts.get_mut(to..=place) {
            facts.rotate_right(1);
        }
        if let Some(ordinals) = ordinals.get_mut(to..=place) {
            ordinals.rotate_right(1);
        }
    }
}
