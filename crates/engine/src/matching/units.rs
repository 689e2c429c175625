//! The engine: every unit of the partners' sales, with the leads that its sales have found, shown to
//! visitors by linear merges over ranges of tokens, on several threads.
//!
//! A kind at a time, the last first. Of each kind the sales and the leads of a range are put side by
//! side ([`super::block`]). A row whose unit is of the kind has found a lead here, or else what later
//! kinds have found for it; a row whose unit is of an earlier kind keeps what it finds for later
//! ([`super::found`]). So every segment is read once, and where rows have one kind only nothing at all
//! is kept.

use std::{collections::BTreeSet, ops::Range};

use tiers_contact::Kind;
use tiers_protocol::policy::Touch;

use super::{
    MatchError, MatchRules, UnitSale,
    block::{Block, Side, bounds},
    found::{Find, Found, Met},
    in_order::{Stopped, in_order},
    known::Known,
    pick::Candidates,
    rows::{Carried, token},
    rules,
    sought::Sought,
    unit::SaleLead,
};
use crate::{
    crypto::chain::VaultToken,
    vault::{Columns, Day, Month, Segments, TokenRange},
};

/// Looks at units: one visitor at those of a range of tokens of one kind.
pub trait UnitVisitor: Send {
    /// Whether the days of sales are read.
    const DAYS: bool;
    /// Whether the amounts of sales are read.
    const AMOUNTS: bool;

    /// Whether units that have found no lead need not be shown; they may be nevertheless.
    const FOUND_ONLY: bool = false;

    /// A unit by its key, and its sales in no meaningful order: each unit of the range once, in the
    /// order of tokens. The visitor may sort the sales.
    fn unit(&mut self, kind: Kind, token: VaultToken, sales: &mut [UnitSale]);

    /// Whether it wants to be taken away before its range is done; another one goes on.
    fn is_full(&self) -> bool {
        false
    }
}

/// Which leads a sale finds.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Any that shares an identifier of one of these kinds, whenever it was made. Nothing of the leads
    /// is read but their tokens.
    Any(Vec<Kind>),
    /// The one that the rules of attribution pick.
    Attributed(MatchRules),
}

impl Finding {
    fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Any(kinds) => rules::in_order(kinds.iter().copied()),
            Self::Attributed(rules) => rules.kinds().to_vec(),
        }
    }

    const fn rules(&self) -> Option<&MatchRules> {
        match self {
            Self::Any(_) => None,
            Self::Attributed(rules) => Some(rules),
        }
    }
}

/// On how many threads, and in how many ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    threads: usize,
    parts: Option<usize>,
}

impl Effort {
    /// As many ranges as the deposits are worth, on at most `threads` threads.
    #[must_use]
    pub const fn threads(threads: usize) -> Self {
        Self { threads, parts: None }
    }

    /// The same in exactly `parts` ranges.
    #[must_use]
    pub const fn parts(self, parts: usize) -> Self {
        Self { parts: Some(parts), ..self }
    }

    /// Ranges for segments of `rows` rows in `deposits` deposits. Where a range begins and ends, a page
    /// of every deposit is read twice: ranges are many pages wide.
    fn parts_of(self, rows: u64, deposits: usize) -> usize {
        let deposits = u64::try_from(deposits.max(1)).expect("addresses have at most 64 bits");
        let worth = usize::try_from(rows / deposits / RANGE_ROWS).unwrap_or(PARTS_MAX);
        let few = if rows < RANGE_ROWS { 1 } else { self.threads };
        let chosen = worth.min(PARTS_MAX).max(few);
        self.parts.unwrap_or(chosen).max(1)
    }
}

/// Rows of one deposit that are worth a range.
const RANGE_ROWS: u64 = 1 << 16;

/// Most ranges: enough for threads to end together.
const PARTS_MAX: usize = 64;

/// What is matched with what.
pub struct Matching<'a, S, L> {
    /// Deposits of partners.
    pub sales: &'a [S],
    /// Deposits of the principal.
    pub leads: &'a [L],
    /// Which leads a sale finds.
    pub finding: Finding,
    /// The month of the sales that are looked at; `None` for all of them.
    pub month: Option<Month>,
}

impl<S: Segments, L: Segments> Matching<'_, S, L> {
    /// Shows every unit with sales in the month to visitors that `open` makes, and gives each visitor to
    /// `close` when it has seen the units of its range: by kind, the last first, then by token.
    ///
    /// # Errors
    /// [`MatchError`]; visitors that were closed before have seen a part only. Those of `close`.
    pub fn units<V: UnitVisitor, E: From<MatchError>>(
        &self,
        effort: Effort,
        open: impl Fn() -> V + Sync,
        mut close: impl FnMut(V) -> Result<(), E>,
    ) -> Result<(), E> {
        let kinds = self.finding.kinds();
        let lengths = self.lengths(&kinds);
        let alone = lengths.iter().all(|length| *length == 0);
        let is_any = self.finding.rules().is_none();
        let room =
            |wanted: bool| lengths.iter().map(move |length| if wanted { *length } else { 0 });
        let (met, found) = (Met::new(room(is_any)), Found::new(room(!is_any)));
        let matched: BTreeSet<Kind> = kinds.iter().copied().chain(Kind::KEYS).collect();
        for kind in matched.into_iter().rev() {
            let place = kinds.iter().position(|other| *other == kind);
            let place = place.map(|place| u8::try_from(place).expect("there are 13 kinds"));
            let leads = if place.is_some() { self.leads } else { &[] };
            let sold: u64 = self.sales.iter().map(|deposit| self.sold(deposit, kind)).sum();
            let led: u64 = leads.iter().map(|deposit| deposit.rows(kind)).sum();
            if sold == 0 || (led == 0 && !kind.is_key()) {
                continue;
            }
            let pass = Pass {
                of: self,
                leads,
                kind,
                place,
                found: &found,
                met: &met,
                alone,
                rows: sold + led,
            };
            let ranges = TokenRange::parts(effort.parts_of(pass.rows, self.deposits(kind)));
            let work = |job: usize, give: &mut dyn FnMut(V) -> Result<(), Stopped>| {
                pass.range(ranges[job], &open, give)
            };
            in_order::<V, MatchError, E>(ranges.len(), effort.threads, work, &mut close)?;
        }
        Ok(())
    }

    /// Tokens of a kind that a deposit of sales may have in the month.
    fn sold(&self, deposit: &S, kind: Kind) -> u64 {
        deposit.rows_of(kind, self.month.map(Month::days))
    }

    /// Deposits with tokens of a kind.
    fn deposits(&self, kind: Kind) -> usize {
        let sales = self.sales.iter().filter(|deposit| self.sold(deposit, kind) > 0).count();
        sales + self.leads.iter().filter(|deposit| deposit.rows(kind) > 0).count()
    }

    /// Rows of each deposit of sales that may find something through another kind than that of their unit:
    /// of deposits whose rows may have both.
    fn lengths(&self, kinds: &[Kind]) -> Vec<u32> {
        let led = |kind: &Kind| self.leads.iter().any(|deposit| deposit.rows(*kind) > 0);
        let finding: Vec<Kind> = kinds.iter().copied().filter(led).collect();
        let length = |deposit: &S| {
            let key = Kind::KEYS.into_iter().find(|kind| self.sold(deposit, *kind) > 0);
            let later = |kind: &Kind| key.is_some_and(|key| key < *kind);
            let some = finding.iter().any(|kind| later(kind) && self.sold(deposit, *kind) > 0);
            if some { deposit.row_count() } else { 0 }
        };
        self.sales.iter().map(length).collect()
    }
}

/// One kind of one matching.
struct Pass<'a, S, L> {
    of: &'a Matching<'a, S, L>,
    /// None if the kind may find no lead.
    leads: &'a [L],
    kind: Kind,
    /// Place of the kind in the order in which kinds are tried.
    place: Option<u8>,
    found: &'a Found,
    /// The same where nobody asks which lead.
    met: &'a Met,
    /// Whether no row can have found anything through another kind.
    alone: bool,
    rows: u64,
}

impl<S: Segments, L: Segments> Pass<'_, S, L> {
    /// All blocks of one range.
    fn range<V: UnitVisitor>(
        &self,
        range: TokenRange,
        open: impl Fn() -> V,
        give: &mut dyn FnMut(V) -> Result<(), Stopped>,
    ) -> Result<(), MatchError> {
        let attributed = self.of.finding.rules().is_some();
        let columns = Columns {
            rows: !self.alone,
            firsts: self.kind.is_key(),
            days: V::DAYS || attributed || self.of.month.is_some(),
            values: V::AMOUNTS,
        };
        let share = u128::from(range.to - range.from) + 1;
        let rows = u64::try_from((u128::from(self.rows) * share) >> 64).unwrap_or(u64::MAX);
        let blocks = bounds(range, rows);
        let days = self.of.month.map(Month::days);
        let sought = V::FOUND_ONLY && self.alone && !attributed;
        let marks = sought && !columns.days && !columns.values;
        let carried = if marks { Carried::Marks } else { Carried::Facts };
        let columns = (self.kind, range, columns, carried);
        let mut sales = Side::open(self.of.sales, columns, &blocks, days, MatchError::NotSales)?;
        let columns = Columns { days: attributed, values: attributed, ..Columns::TOKENS };
        let carried = if attributed { Carried::Facts } else { Carried::Nothing };
        let columns = (self.kind, range, columns, carried);
        let mut leads = Side::open(self.leads, columns, &blocks, None, MatchError::NotLeads)?;
        let mut visitor = open();
        let mut scratch = Scratch::default();
        for bounds in &blocks {
            if sought {
                let rows = (sales.next_unsorted()?, leads.next()?.tokens);
                scratch.sought.show(self.kind, *bounds, rows, &mut visitor);
            } else {
                let (sales, leads) = (sales.next()?, leads.next()?);
                self.block(&sales, &leads, &mut scratch, &mut visitor);
            }
            if visitor.is_full() {
                let full = std::mem::replace(&mut visitor, open());
                if give(full).is_err() {
                    return Ok(());
                }
            }
        }
        // Nobody takes it: then an error was told already.
        give(visitor).or(Ok(()))
    }

    /// All tokens of one block.
    fn block<V: UnitVisitor>(
        &self,
        sales: &Block<'_>,
        leads: &Block<'_>,
        scratch: &mut Scratch,
        visitor: &mut V,
    ) {
        if self.of.finding.rules().is_none() {
            let met = (!self.alone).then_some(self.met);
            scratch.known.show(self.kind, sales, leads, met, visitor);
            return;
        }
        scratch.kept.clear();
        if !self.alone {
            let rows = sales.facts.iter().zip(sales.ordinals);
            let kept = rows.map(|(fact, ordinal)| self.found.look_up(fact.deposit(), *ordinal));
            scratch.kept.extend(kept);
        }
        let (mut sold, mut led) = (0, 0);
        while let Some(number) = sales.tokens.get(sold) {
            let length = same(&sales.tokens[sold..], *number);
            let group = sold..sold + length;
            sold += length;
            led += leads.tokens[led..].iter().take_while(|other| *other < number).count();
            let length = same(&leads.tokens[led..], *number);
            let found = leads.facts.get(led..led + length).unwrap_or_default();
            led += length;
            // Nothing was found here, and nothing can have been found elsewhere.
            if V::FOUND_ONLY && found.is_empty() && self.alone {
                continue;
            }
            scratch.candidates.open(found, self.of.finding.rules());
            self.unit(token(*number), sales, group, scratch, visitor);
        }
    }

    /// All sales with one token, whose leads are the candidates.
    fn unit<V: UnitVisitor>(
        &self,
        token: VaultToken,
        sales: &Block<'_>,
        group: Range<usize>,
        scratch: &mut Scratch,
        visitor: &mut V,
    ) {
        if group.len() == 1 {
            if let Some(sale) = self.sale(sales, group.start, scratch) {
                visitor.unit(self.kind, token, &mut [sale]);
            }
            return;
        }
        let mut unit = std::mem::take(&mut scratch.unit);
        unit.clear();
        unit.extend(group.filter_map(|place| self.sale(sales, place, scratch)));
        if !unit.is_empty() {
            visitor.unit(self.kind, token, &mut unit);
        }
        scratch.unit = unit;
    }

    /// A sale of the unit of this token, with what it has found; of another unit's sale, what it has
    /// found is kept.
    fn sale(&self, sales: &Block<'_>, place: usize, scratch: &Scratch) -> Option<UnitSale> {
        let candidates = &scratch.candidates;
        let fact = sales.facts[place];
        // Nobody asks for them where nothing is kept.
        let ordinal = sales.ordinals.get(place).copied().unwrap_or(0);
        let (day, deposit) = (fact.day, fact.deposit());
        let pick = candidates.pick(day, self.of.finding.rules());
        let pick = pick.map(|(led, campaign)| SaleLead { campaign, age_days: age_days(day, led) });
        if !fact.first() {
            self.keep(deposit, ordinal, pick, candidates.met());
            return None;
        }
        let (lead, met) = match (pick, scratch.kept.get(place)) {
            (Some(lead), _) => (Some(lead), true),
            (None, None) => (None, candidates.met()),
            (None, Some(kept)) => {
                let (lead, met) = Found::lead(*kept, self.touch());
                (lead, met || candidates.met())
            }
        };
        let (amount_cents, traits) = fact.sold();
        Some(UnitSale { day, amount_cents, lead, traits, met, deposit })
    }

    fn touch(&self) -> Touch {
        self.of.finding.rules().map_or(Touch::Last, MatchRules::touch)
    }

    /// Keeps what a row has found through another kind than that of its unit.
    fn keep(&self, deposit: u32, ordinal: u32, lead: Option<SaleLead>, met: bool) {
        let (Some(kind), Some(SaleLead { campaign, age_days })) = (self.place, lead) else {
            if met {
                self.found.meet(deposit, ordinal);
            }
            return;
        };
        let (find, touch) = (Find { kind, age: age_days, campaign }, self.touch());
        if self.kind.is_near() {
            self.found.compete(deposit, ordinal, find, touch);
        } else {
            self.found.put(deposit, ordinal, find, touch);
        }
    }
}

/// How many of the first tokens are this one.
fn same(tokens: &[u128], token: u128) -> usize {
    tokens.iter().take_while(|other| **other == token).count()
}

/// Days from a lead to the sale that it gets; a policy's window is at most 730.
fn age_days(sold: Day, led: Day) -> u16 {
    u16::try_from(sold.epoch_days().saturating_sub(led.epoch_days())).unwrap_or(u16::MAX)
}

/// What is used again for every token.
#[derive(Default)]
struct Scratch {
    candidates: Candidates,
    /// What rows of the block have found through other kinds, if they can have found anything.
    kept: Vec<u32>,
    known: Known,
    sought: Sought,
    unit: Vec<UnitSale>,
}
