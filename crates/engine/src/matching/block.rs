//! Many sorted segments of one kind as one sorted stream, a small block of tokens at a time.
//!
//! Tokens are uniformly random, so that a narrow range of them holds about as many rows as its share
//! of all. A block is cut to fit a processor's own cache. What is read of a deposit goes to the blocks that
//! wait for it at once, while it is warm; a block is whole when all deposits have been read so far. Then each row
//! is put into its share of the block, by the distance of its token from
//! the start, which sorts them but for a last step between neighbours. That costs a row
//! the same whether there are two deposits or a hundred; a heap would cost it seven comparisons that no
//! processor can guess. Nothing here relies on tokens being random but the speed.

use std::collections::VecDeque;

use tiers_contact::Kind;

use super::{
    MatchError,
    rows::{Carried, Fact, Rows, Sorted, keep, level},
};
use crate::{
    crypto::chain::VaultToken,
    vault::{Batch, Batches, Columns, Day, Segments, TokenRange, Values},
};

/// Rows of both sides that a block is cut for: what is made of them fits half a megabyte.
const BLOCK_ROWS: u64 = 8_192;

/// The narrow ranges into which `range` is cut when it holds about `rows` rows.
pub(super) fn bounds(range: TokenRange, rows: u64) -> Vec<TokenRange> {
    let width = u128::from(range.to - range.from) + 1;
    let count = u128::from(rows / BLOCK_ROWS + 1).min(width);
    let start = move |place: u128| range.from + narrow(width * place / count);
    let bounds = |place| TokenRange {
        from: start(place),
        to: range.from + narrow(width * (place + 1) / count - 1),
    };
    (0..count).map(bounds).collect()
}

fn narrow(offset: u128) -> u64 {
    u64::try_from(offset).expect("an offset inside a range of 64 bits")
}

/// The first eight bytes of a token as a number, in the order of tokens.
const fn head(token: &VaultToken) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *token.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The rows of a block in the order of their tokens; those of one token in no meaningful order.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// Tokens as numbers.
    pub tokens: &'a [u128],
    /// What is known of each row, or nothing where nobody asked.
    pub facts: &'a [Fact],
    /// Ordinals of the rows in their deposits, or nothing where nobody asked.
    pub ordinals: &'a [u32],
}

/// One deposit of a side.
struct Source<R> {
    reader: R,
    deposit: u32,
    /// The head of the last row that was read; `None` before the first.
    reached: Option<u64>,
    ended: bool,
}

/// Rows of a block that is not whole yet, as they came.
#[derive(Default)]
struct Waiting {
    rows: Rows,
    /// The deposit of the last ones.
    last: Option<u32>,
    /// Whether they are of more than one.
    mixed: bool,
}

impl Waiting {
    fn clear(&mut self) {
        self.rows.clear();
        (self.last, self.mixed) = (None, false);
    }
}

/// Lists that are kept for later blocks: as many as wait at a time where deposits have many pages.
const SPARE: usize = 64;

/// The deposits of one side, read block by block.
pub(super) struct Side<'a, B> {
    sources: Vec<Source<B>>,
    /// What was read last; used again for all deposits, so that it stays in the cache.
    batch: Batch,
    blocks: &'a [TokenRange],
    /// How many blocks have been given.
    given: usize,
    /// The blocks behind those, as far as any row of them was read.
    waiting: VecDeque<Waiting>,
    /// The block that was given last.
    whole: Waiting,
    spare: Vec<Waiting>,
    sorted: Sorted,
    carried: Carried,
    /// Only rows of these days, if not of all.
    days: Option<(Day, Day)>,
    /// What to say if the values are those of the other side.
    otherwise: MatchError,
}

impl<'a, B: Batches> Side<'a, B> {
    /// Opens `range` of the segment of `kind` of every deposit that has one, to be read in `blocks`; sales or
    /// leads, as `otherwise` says.
    pub fn open<'d, S: Segments<Reader<'d> = B>>(
        deposits: &'d [S],
        (kind, range, columns, carried): (Kind, TokenRange, Columns, Carried),
        blocks: &'a [TokenRange],
        days: Option<(Day, Day)>,
        otherwise: MatchError,
    ) -> Result<Self, MatchError> {
        let mut sources = Vec::new();
        for (place, deposit) in deposits.iter().enumerate() {
            if deposit.rows_of(kind, days) > 0 {
                let reader = deposit.segment(kind, range, columns)?;
                let deposit = u32::try_from(place).map_err(|_| MatchError::TooManyDeposits)?;
                sources.push(Source { reader, deposit, reached: None, ended: false });
            }
        }
        Ok(Self {
            sources,
            batch: Batch::new(),
            blocks,
            given: 0,
            waiting: VecDeque::new(),
            whole: Waiting::default(),
            spare: Vec::new(),
            sorted: Sorted::default(),
            carried,
            days,
            otherwise,
        })
    }

    /// The rows of the next block, in the order of their tokens; none behind the last one.
    pub fn next(&mut self) -> Result<Block<'_>, MatchError> {
        let Some(bounds) = self.advance()? else {
            return Ok(Block { tokens: &[], facts: &[], ordinals: &[] });
        };
        let rows = if self.whole.mixed {
            self.sorted.sort(&self.whole.rows, bounds);
            &self.sorted.rows
        } else {
            &self.whole.rows
        };
        Ok(Block { tokens: &rows.tokens, facts: &rows.facts, ordinals: &rows.ordinals })
    }

    /// The rows of the next block as they came; none behind the last one.
    pub fn next_unsorted(&mut self) -> Result<&Rows, MatchError> {
        self.advance()?;
        Ok(&self.whole.rows)
    }

    /// Makes the next block the whole one; its bounds.
    fn advance(&mut self) -> Result<Option<TokenRange>, MatchError> {
        let mut done = std::mem::take(&mut self.whole);
        if self.spare.len() < SPARE {
            done.clear();
            self.spare.push(done);
        }
        let Some(bounds) = self.blocks.get(self.given).copied() else { return Ok(None) };
        for place in 0..self.sources.len() {
            self.read(place, bounds.to)?;
        }
        self.given += 1;
        self.whole = self.waiting.pop_front().unwrap_or_default();
        Ok(Some(bounds))
    }

    /// Reads a deposit until there is no row left with a head up to `to`.
    fn read(&mut self, place: usize, to: u64) -> Result<(), MatchError> {
        let source = &mut self.sources[place];
        while !source.ended && source.reached.is_none_or(|reached| reached <= to) {
            source.ended = !source.reader.next(&mut self.batch)?;
            let Some(last) = self.batch.tokens.last() else { continue };
            source.reached = Some(head(last));
            let fits = match self.otherwise {
                MatchError::NotSales => matches!(self.batch.values, Values::Sales(_)),
                _ => matches!(self.batch.values, Values::Leads(_)),
            };
            if !fits {
                return Err(self.otherwise);
            }
            if self.carried != Carried::Nothing {
                level(&mut self.batch);
            }
            if let Some(days) = self.days {
                keep(&mut self.batch, days);
            }
            let deposit = source.deposit;
            let (batch, waiting, spare) = (&self.batch, &mut self.waiting, &mut self.spare);
            deal(batch, deposit, &self.blocks[self.given..], self.carried, waiting, spare);
        }
        Ok(())
    }
}

/// Gives the rows of a batch to the blocks that wait for them.
fn deal(
    batch: &Batch,
    deposit: u32,
    blocks: &[TokenRange],
    carried: Carried,
    waiting: &mut VecDeque<Waiting>,
    spare: &mut Vec<Waiting>,
) {
    let Some(first) = batch.tokens.first() else { return };
    let mut start = 0;
    let mut block = blocks.partition_point(|block| block.to < head(first));
    while let (Some(bounds), true) = (blocks.get(block), start < batch.tokens.len()) {
        let end = start + inside(&batch.tokens[start..], bounds.to);
        if start < end {
            while waiting.len() <= block {
                waiting.push_back(spare.pop().unwrap_or_default());
            }
            if let Some(to) = waiting.get_mut(block) {
                to.mixed |= to.last.replace(deposit).is_some_and(|last| last != deposit);
                to.rows.extend(batch, start..end, deposit, carried);
            }
        }
        (start, block) = (end, block + 1);
    }
}

/// Rows that are stepped over at a time where only a few of a batch are in a block.
const STRIDE: usize = 32;

/// How many of the tokens, which are in order, have heads up to `to`.
fn inside(tokens: &[VaultToken], to: u64) -> usize {
    let mut from = 0;
    while tokens.get(from + STRIDE - 1).is_some_and(|token| head(token) <= to) {
        from += STRIDE;
    }
    let rest = &tokens[from..tokens.len().min(from + STRIDE)];
    from + rest.partition_point(|token| head(token) <= to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matching::{
            rows::token,
            worlds::{Dice, cases},
        },
        vault::{Traits, Value, VaultRow},
    };

    /// Tokens that are anything but random: few heads, at the ends and side by side, few tails.
    fn drawn(dice: &mut Dice) -> VaultToken {
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
            let token = if again { dice.of(&seen) } else { drawn(dice) };
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
        let (mut rows_seen, mut tokens_seen) = (0, 0);
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
                let of = (Kind::Card, range, Columns::ALL, Carried::Facts);
                // As if there were any number of rows.
                let blocks = bounds(range, dice.of(&[0, 100, 10 * BLOCK_ROWS]));
                let mut side =
                    Side::open(&deposits, of, &blocks, days, MatchError::NotSales).expect("memory");
                for bounds in &blocks {
                    let block = side.next().expect("memory");
                    let rows = block.tokens.iter().zip(block.facts).zip(block.ordinals);
                    found.extend(rows.map(|((number, fact), ordinal)| {
                        let (amount_cents, traits) = fact.sold();
                        assert!(bounds.contains(&token(*number)), "world {seed}");
                        let value = Value::Sale { amount_cents, traits };
                        (token(*number), fact.deposit(), *ordinal, fact.day, value)
                    }));
                    assert!(block.tokens.is_sorted(), "world {seed}");
                    let lengths = [block.facts.len(), block.ordinals.len()];
                    assert_eq!(lengths, [block.tokens.len(); 2]);
                }
                let of = (Kind::Card, range, Columns::TOKENS, Carried::Nothing);
                let blocks = [range];
                let mut side =
                    Side::open(&deposits, of, &blocks, None, MatchError::NotSales).expect("memory");
                let alone = side.next().expect("memory");
                assert!(alone.tokens.is_sorted() && alone.facts.is_empty());
                tokens_seen += alone.tokens.len();
            }
            rows_seen += found.len();
            found.sort_unstable();
            assert!(found == expected, "world {seed}");
        }
        assert!(rows_seen > 10_000 && tokens_seen > rows_seen, "{rows_seen} rows");
    }

    #[test]
    fn a_token_of_all_rows_is_sorted_too() {
        let mut dice = Dice::new(7);
        let token = drawn(&mut dice);
        let mut tokens = [None; Kind::SINGLE.len()];
        tokens[Kind::Card.index()] = Some(token);
        let row = |n: u64| VaultRow {
            tokens,
            near: Vec::new(),
            date: Day::from_epoch_days(0),
            value: Value::Sale { amount_cents: n, traits: Traits::OTHER },
        };
        let deposits: Vec<Vec<VaultRow>> = (0..3).map(|_| (0..20_000).map(row).collect()).collect();
        let of = (Kind::Card, TokenRange::ALL, Columns::ALL, Carried::Facts);
        let blocks = [TokenRange::ALL];
        let mut side =
            Side::open(&deposits, of, &blocks, None, MatchError::NotSales).expect("memory");
        let block = side.next().expect("memory");
        let deposits = block.facts.iter().map(|fact| fact.deposit());
        let order = deposits.zip(block.ordinals.iter().copied());
        let rows = (0..3).flat_map(|deposit| (0..20_000).map(move |row| (deposit, row)));
        assert!(order.eq(rows), "in the order of deposits and rows");
    }
}
