//! Many sorted segments of one kind as one sorted stream, a small block of tokens at a time.
//!
//! Tokens are uniformly random, so that a narrow range of them holds about as many rows as its share
//! of all. A block is cut to fit a processor's own cache. The rows of all deposits in it are copied
//! there, column by column; then only their order is made: a number for each row, the distance of its
//! token from the start of the block with the row's place behind it, is put behind the others of its
//! share of the block, which sorts the numbers but for a last step between neighbours. That costs a row
//! the same whether there are two deposits or a hundred; a heap would cost it seven comparisons that no
//! processor can guess. Nothing here relies on tokens being random but the speed.

use std::ops::Range;

use tiers_contact::Kind;

use super::MatchError;
use crate::{
    crypto::chain::VaultToken,
    vault::{Batch, Batches, Columns, Day, Segments, TokenRange, Traits, Values},
};

/// Rows of both sides that a block is cut for: what is made of them fits half a megabyte.
const BLOCK_ROWS: u64 = 8_192;

/// Rows of one share of a block that are sorted among themselves, not by steps between neighbours.
const CROWD: u32 = 12;

/// The narrow ranges into which `range` is cut when it holds about `rows` rows.
pub(super) fn bounds(range: TokenRange, rows: u64) -> impl Iterator<Item = TokenRange> {
    let width = u128::from(range.to - range.from) + 1;
    let count = u128::from(rows / BLOCK_ROWS + 1).min(width);
    let start = move |place: u128| range.from + narrow(width * place / count);
    (0..count).map(move |place| TokenRange {
        from: start(place),
        to: range.from + narrow(width * (place + 1) / count - 1),
    })
}

fn narrow(offset: u128) -> u64 {
    u64::try_from(offset).expect("an offset inside a range of 64 bits")
}

/// The first eight bytes of a token as a number, in the order of tokens.
fn head(token: &VaultToken) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *token.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The rows of a block as they came, deposit by deposit. What was not asked for is 0.
#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    /// Ordinals of the rows in their deposits.
    ordinals: Vec<u32>,
}

/// What is known of a row, side by side: rows are looked up in another order than they came in, and half
/// a line of the cache is one look.
#[derive(Clone, Copy)]
struct Row {
    token: VaultToken,
    /// Amount with traits, or campaign.
    value: u64,
    day: Day,
    /// Twice the place of the deposit, one more if the token is the row's unit.
    deposit_first: u32,
}

impl Rows {
    fn clear(&mut self) {
        self.rows.clear();
        self.ordinals.clear();
    }

    const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Appends a part of a batch, of which [`level`] has made all columns equally long.
    fn extend(&mut self, batch: &Batch, part: Range<usize>, deposit: u32) {
        let rows = batch.tokens[part.clone()]
            .iter()
            .zip(&batch.days[part.clone()])
            .zip(&batch.firsts[part.clone()])
            .map(|((token, day), first)| (*token, *day, 2 * deposit + u32::from(*first)));
        let row = |(token, day, deposit_first), value| Row { token, value, day, deposit_first };
        match &batch.values {
            Values::Sales(amounts) => {
                let amounts = &amounts[part.clone()];
                self.rows.extend(rows.zip(amounts).map(|(known, amount)| row(known, *amount)));
            }
            Values::Leads(campaigns) => {
                let campaigns = &campaigns[part.clone()];
                let known = rows.zip(campaigns);
                self.rows.extend(known.map(|(known, campaign)| row(known, (*campaign).into())));
            }
            Values::Known => self.rows.extend(rows.map(|known| row(known, 0))),
        }
        self.ordinals.extend_from_slice(batch.rows.get(part).unwrap_or_default());
    }

    pub fn deposit(&self, row: usize) -> u32 {
        self.rows[row].deposit_first / 2
    }

    /// Ordinal of the row in its deposit.
    pub fn ordinal(&self, row: usize) -> u32 {
        self.ordinals.get(row).copied().unwrap_or(0)
    }

    pub fn first(&self, row: usize) -> bool {
        self.rows[row].deposit_first % 2 == 1
    }

    pub fn day(&self, row: usize) -> Day {
        self.rows[row].day
    }

    pub fn amount_cents(&self, row: usize) -> u64 {
        Traits::unpack(self.rows[row].value).0
    }

    pub fn traits(&self, row: usize) -> Traits {
        Traits::unpack(self.rows[row].value).1
    }

    pub fn campaign(&self, row: usize) -> u16 {
        u16::try_from(self.rows[row].value).expect("it was read as one")
    }
}

/// Fills columns that were not asked for, once for a batch.
fn level(batch: &mut Batch) {
    let rows = batch.tokens.len();
    batch.firsts.resize(rows, false);
    batch.days.resize(rows, Day::from_epoch_days(0));
    match &mut batch.values {
        Values::Sales(amounts) => amounts.resize(rows, 0),
        Values::Leads(campaigns) => campaigns.resize(rows, 0),
        Values::Known => {}
    }
}

/// The rows of a block in the order of their tokens, then of deposits and rows.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub rows: &'a Rows,
    /// Numbers that grow with the tokens. Their lower bits, those of [`Block::mask`], are places of rows;
    /// what is above them is of the same scale on both sides, and two tokens may share it.
    pub order: &'a [u64],
    /// The lower bits of the numbers, all set.
    pub mask: u64,
}

impl Block<'_> {
    /// The row of a number.
    pub fn row(&self, key: u64) -> usize {
        usize::try_from(key & self.mask).expect("rows of a block are counted in a usize")
    }

    /// The token of a number.
    pub fn token(&self, key: u64) -> VaultToken {
        self.rows.rows[self.row(key)].token
    }
}

/// One deposit's rows of a range, as far as they were taken.
struct Source<R> {
    reader: R,
    batch: Batch,
    place: usize,
    deposit: u32,
    ended: bool,
}

/// The deposits of one side, read block by block.
pub(super) struct Side<B> {
    sources: Vec<Source<B>>,
    rows: Rows,
    /// Deposits that have rows in the block.
    filled: usize,
    order: Order,
    /// Only rows of these days, if not of all.
    days: Option<(Day, Day)>,
    /// What to say if the values are those of the other side.
    otherwise: MatchError,
}

impl<B: Batches> Side<B> {
    /// Opens `range` of the segment of `kind` of every deposit that has one; sales or leads, as
    /// `otherwise` says.
    pub fn open<'a, S: Segments<Reader<'a> = B>>(
        deposits: &'a [S],
        (kind, range, columns): (Kind, TokenRange, Columns),
        days: Option<(Day, Day)>,
        otherwise: MatchError,
    ) -> Result<Self, MatchError> {
        let mut sources = Vec::new();
        for (place, deposit) in deposits.iter().enumerate() {
            if deposit.rows(kind) > 0 {
                let reader = deposit.segment(kind, range, columns)?;
                let deposit = u32::try_from(place).map_err(|_| MatchError::TooManyDeposits)?;
                let batch = Batch::new();
                sources.push(Source { reader, batch, place: 0, deposit, ended: false });
            }
        }
        let (rows, order) = (Rows::default(), Order::default());
        Ok(Self { sources, rows, filled: 0, order, days, otherwise })
    }

    /// Takes the rows of the next block; blocks are asked for in order. Gives their number.
    pub fn take(&mut self, bounds: TokenRange) -> Result<usize, MatchError> {
        self.rows.clear();
        self.filled = 0;
        for source in &mut self.sources {
            let before = self.rows.len();
            source.take(bounds.to, self.days, &mut self.rows, self.otherwise)?;
            self.filled += usize::from(self.rows.len() > before);
        }
        Ok(self.rows.len())
    }

    /// What was taken, in order. `most` is the number of rows that the larger side has taken.
    pub fn block(&mut self, bounds: TokenRange, most: usize) -> Block<'_> {
        let bits = usize::BITS - most.leading_zeros();
        let order = self.order.of(&self.rows.rows, bounds, bits, self.filled < 2);
        Block { rows: &self.rows, order, mask: (1 << bits) - 1 }
    }
}

/// Makes the order of rows; what it needs is used again.
#[derive(Default)]
struct Order {
    keys: Vec<u64>,
    sorted: Vec<u64>,
    ends: Vec<u32>,
}

impl Order {
    /// The order of rows, of which all lie in `bounds`: numbers whose lower `bits`
    /// bits are the places of the rows.
    fn of(&mut self, rows: &[Row], bounds: TokenRange, bits: u32, is_sorted: bool) -> &[u64] {
        let width = bounds.to - bounds.from;
        // Where the distance and the place do not fit together, the distance is told less exactly.
        let drop = (u64::BITS - width.leading_zeros() + bits).saturating_sub(u64::BITS);
        // Every head lies in the block: nothing wraps.
        let scaled = |token: &VaultToken| (head(token).wrapping_sub(bounds.from) >> drop) << bits;
        self.keys.clear();
        self.keys
            .extend(rows.iter().enumerate().map(|(place, row)| scaled(&row.token) | place as u64));
        if is_sorted || rows.len() < 2 {
            return &self.keys;
        }
        self.spread((width >> drop) << bits | ((1 << bits) - 1));
        // Nearly always nothing: rows of one token came in order.
        let (mask, sorted) = ((1 << bits) - 1, &mut self.sorted);
        let token = |key: u64| rows[usize::try_from(key & mask).expect("a place of a list")].token;
        let is_wrong = |a: u64, b: u64| (a ^ b) <= mask && token(a) > token(b);
        if sorted.windows(2).any(|two| is_wrong(two[0], two[1])) {
            let runs = sorted.chunk_by_mut(|a, b| (a ^ b) <= mask);
            runs.for_each(|run| run.sort_unstable_by_key(|key| (token(*key), *key)));
        }
        &self.sorted
    }

    /// Sorts the keys, of which none is greater than `greatest`.
    fn spread(&mut self, greatest: u64) {
        // At least half as many shares as rows, at most twice as many.
        let wanted = u64::BITS - u64::try_from(self.keys.len()).unwrap_or(u64::MAX).leading_zeros();
        let shift = (u64::BITS - greatest.leading_zeros()).saturating_sub(wanted);
        let share = |key: u64| usize::try_from(key >> shift).expect("few shares");
        self.ends.clear();
        self.ends.resize(share(greatest) + 1, 0);
        for key in &self.keys {
            let end = &mut self.ends[share(*key)];
            *end = end.wrapping_add(1);
        }
        let (mut start, mut most) = (0_u32, 0);
        for end in &mut self.ends {
            most = most.max(*end);
            // A block has fewer rows than a list of the vault, whose ordinals have 31 bits.
            start = start.wrapping_add(std::mem::replace(end, start));
        }
        self.sorted.clear();
        self.sorted.resize(self.keys.len(), 0);
        for key in &self.keys {
            let end = &mut self.ends[share(*key)];
            self.sorted[usize::try_from(*end).expect("a place of a list")] = *key;
            *end = end.wrapping_add(1);
        }
        if most > CROWD {
            // One token in many rows, or tokens that are not random.
            self.sorted.sort_unstable();
        } else {
            steps(&mut self.sorted);
        }
    }
}

/// Sorts numbers that are in order but for neighbours.
fn steps(keys: &mut [u64]) {
    for place in 1..keys.len() {
        let key = keys[place];
        let mut to = place;
        while to > 0 && keys[to - 1] > key {
            keys[to] = keys[to - 1];
            to -= 1;
        }
        keys[to] = key;
    }
}

impl<B: Batches> Source<B> {
    /// Appends the rows up to `to`.
    fn take(
        &mut self,
        to: u64,
        days: Option<(Day, Day)>,
        rows: &mut Rows,
        otherwise: MatchError,
    ) -> Result<(), MatchError> {
        while !self.ended {
            let left = self.batch.tokens.get(self.place..).unwrap_or_default();
            let inside = left.iter().position(|token| head(token) > to).unwrap_or(left.len());
            let part = self.place..self.place + inside;
            self.place = part.end;
            match days {
                None => rows.extend(&self.batch, part, self.deposit),
                Some((from, to)) => {
                    for row in part {
                        if (from..=to).contains(&self.batch.days[row]) {
                            rows.extend(&self.batch, row..row + 1, self.deposit);
                        }
                    }
                }
            }
            if self.place < self.batch.len() {
                return Ok(());
            }
            self.place = 0;
            self.ended = !self.reader.next(&mut self.batch)?;
            level(&mut self.batch);
            let fits = match otherwise {
                MatchError::NotSales => matches!(self.batch.values, Values::Sales(_)),
                _ => matches!(self.batch.values, Values::Leads(_)),
            };
            if !self.ended && !fits {
                return Err(otherwise);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matching::worlds::{Dice, cases},
        vault::{Value, VaultRow},
    };

    /// Tokens that are anything but random: few heads, at the ends and side by side, few tails.
    fn token(dice: &mut Dice) -> VaultToken {
        let head = match dice.below(4) {
            0 => dice.of(&[0, 1, 2, u64::MAX - 1, u64::MAX]),
            1 => (1 << 63) + dice.below(3),
            2 => dice.roll() >> dice.below(64),
            _ => dice.roll(),
        };
        let halves = [head, dice.below(3)].map(u64::to_be_bytes);
        VaultToken::from_bytes(*halves.as_flattened().first_chunk().expect("sixteen bytes"))
    }

    fn deposits(dice: &mut Dice) -> Vec<Vec<VaultRow>> {
        let mut seen: Vec<VaultToken> = Vec::new();
        let mut row = |dice: &mut Dice| {
            let again = !seen.is_empty() && dice.once_in(2);
            let token = if again { dice.of(&seen) } else { token(dice) };
            seen.push(token);
            let mut tokens = [None; Kind::SINGLE.len()];
            tokens[Kind::Card.index()] = Some(token);
            let date = Day::from_epoch_days(i32::try_from(dice.below(5)).expect("small"));
            let value = Value::Sale { amount_cents: dice.below(9), traits: Traits::OTHER };
            VaultRow { tokens, near: Vec::new(), date, value }
        };
        let most = dice.of(&[3, 40, 200]);
        let mut deposit = |dice: &mut Dice| (0..dice.below(most)).map(|_| row(dice)).collect();
        (0..dice.below(5)).map(|_| deposit(dice)).collect()
    }

    #[test]
    fn blocks_are_the_sorted_rows_whatever_the_tokens() {
        let mut rows_seen = 0;
        for seed in 0..cases(1_000) {
            let mut dice = Dice::new(seed);
            let deposits = deposits(&mut dice);
            let days = dice
                .once_in(2)
                .then(|| (Day::from_epoch_days(1), Day::from_epoch_days(dice.of(&[0, 1, 3]))));
            let inside = |day: Day| days.is_none_or(|(from, to)| (from..=to).contains(&day));
            let mut expected = Vec::new();
            for (place, rows) in (0_u32..).zip(&deposits) {
                for (ordinal, row) in (0_u32..).zip(rows).filter(|(_, row)| inside(row.date)) {
                    let token = row.token(Kind::Card).expect("every row has one");
                    expected.push((token, place, ordinal, row.date, row.value));
                }
            }
            expected.sort_unstable();
            let mut found = Vec::new();
            for range in TokenRange::parts(dice.of(&[1, 2, 7])) {
                let of = (Kind::Card, range, Columns::ALL);
                let mut side =
                    Side::open(&deposits, of, days, MatchError::NotSales).expect("memory");
                // As if there were any number of rows.
                for bounds in bounds(range, dice.of(&[0, 100, 10 * BLOCK_ROWS])) {
                    let most = side.take(bounds).expect("memory") + dice.of(&[0, 0, 1_000_000]);
                    let block = side.block(bounds, most);
                    found.extend(block.order.iter().map(|key| {
                        let (rows, row) = (block.rows, block.row(*key));
                        let value = Value::Sale {
                            amount_cents: rows.amount_cents(row),
                            traits: Traits::OTHER,
                        };
                        assert!(bounds.contains(&block.token(*key)), "world {seed}");
                        (
                            block.token(*key),
                            rows.deposit(row),
                            rows.ordinal(row),
                            rows.day(row),
                            value,
                        )
                    }));
                }
            }
            rows_seen += found.len();
            assert!(found == expected, "world {seed}");
        }
        assert!(rows_seen > 10_000, "{rows_seen} rows");
    }

    #[test]
    fn a_token_of_all_rows_is_sorted_too() {
        let mut dice = Dice::new(7);
        let token = token(&mut dice);
        let mut tokens = [None; Kind::SINGLE.len()];
        tokens[Kind::Card.index()] = Some(token);
        let row = |n: u64| VaultRow {
            tokens,
            near: Vec::new(),
            date: Day::from_epoch_days(0),
            value: Value::Sale { amount_cents: n, traits: Traits::OTHER },
        };
        let deposits: Vec<Vec<VaultRow>> = (0..3).map(|_| (0..20_000).map(row).collect()).collect();
        let of = (Kind::Card, TokenRange::ALL, Columns::ALL);
        let mut side = Side::open(&deposits, of, None, MatchError::NotSales).expect("memory");
        let most = side.take(TokenRange::ALL).expect("memory");
        let block = side.block(TokenRange::ALL, most);
        let order = block.order.iter().map(|key| block.row(*key));
        assert!(order.eq(0..60_000), "in the order of deposits and rows");
    }
}
