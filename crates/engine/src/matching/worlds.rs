//! Random small worlds for tests: few identifiers, so that almost everything meets; dates on the
//! edges of months, years and windows; rows that are delivered twice.

use std::collections::BTreeSet;

use tiers_contact::{Kind, Token};
use tiers_protocol::policy::{SaleMonthsPerYear, Touch, WindowDays};

use super::{
    Admission, Arm, Armed, Arms, Attribution, Effort, MatchRules, Partners, UnitMonth,
    arms::joined, attribute, attribute_armed, naive,
};
use crate::{
    crypto::chain::{VaultChain, VaultToken},
    vault::{Day, MAX_AMOUNT_CENTS, Month, Segments, Traits, Value, VaultRow},
};

/// Campaigns of a world: indices below this.
pub(crate) const CAMPAIGNS: u16 = 4;

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed is a world, so that a failure names its case.
pub(crate) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// Any order of a list.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let bound = u64::try_from(last + 1).expect("a short list");
            list.swap(last, usize::try_from(self.below(bound)).expect("a short list"));
        }
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        let length = u64::try_from(list.len()).expect("a short list");
        list[usize::try_from(self.below(length)).expect("a short list")]
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Sales and leads by deposit, the rules of the day, and the limit of months a year.
pub(crate) struct World {
    pub sales: Vec<Vec<VaultRow>>,
    pub leads: Vec<Vec<VaultRow>>,
    pub rules: MatchRules,
    pub limit: SaleMonthsPerYear,
    /// Whose deposits are whose.
    pub owners: Owners,
    /// How many values each kind of identifier has.
    values: u64,
}

/// Partners of a world: few, so that some have several deposits.
#[derive(Clone)]
pub(crate) struct Owners {
    first: u16,
    pairs: Vec<(u16, u16)>,
}

/// Partners of a world: numbers below this.
pub(crate) const PARTNERS: u16 = 3;

impl Owners {
    fn new(dice: &mut Dice) -> Self {
        let mut pairs = vec![(0, 1), (2, 0), (1, 2)];
        dice.shuffle(&mut pairs);
        pairs.truncate(usize::try_from(dice.below(4)).expect("small"));
        Self { first: u16::try_from(dice.below(PARTNERS.into())).expect("small"), pairs }
    }

    /// Of deposits by their places in the world.
    pub fn of(&self, places: impl Iterator<Item = usize>) -> Partners {
        let owner = |place: usize| (u16::try_from(place).expect("few") + self.first) % PARTNERS;
        Partners::new(places.map(owner).collect()).with_pairs(&self.pairs)
    }
}

impl World {
    pub fn new(dice: &mut Dice) -> Self {
        let rules = rules(dice);
        let limit = SaleMonthsPerYear::new(1 + dice.below(3)).expect("allowed");
        let values = 1 + dice.below(5);
        // Dice of their own, so that the rest of the world does not depend on them.
        let owners = Owners::new(&mut Dice::new(dice.0 ^ 0x6f77_6e65_7273));
        let (sales, leads) = (Vec::new(), Vec::new());
        let mut world = Self { sales, leads, rules, limit, owners, values };
        for _ in 0..dice.below(4) {
            let rows = (0..dice.below(7)).map(|_| world.sale(dice)).collect();
            world.sales.push(rows);
        }
        for _ in 0..dice.below(3) {
            let rows = (0..dice.below(12)).map(|_| world.lead(dice)).collect();
            world.leads.push(rows);
        }
        // An overlapping export: rows of one deposit once more in another.
        if let [first, .., last] = world.sales.as_mut_slice() {
            last.extend(first.iter().filter(|_| dice.once_in(3)).cloned());
        }
        world
    }

    /// Any row of a sale.
    pub fn sale(&self, dice: &mut Dice) -> VaultRow {
        let (amount_cents, tokens) = (amount(dice), self.tokens(dice));
        let near = self.near(dice);
        // From what was rolled already, and not the same in every delivery of a sale.
        let place = |salt: usize| [None, Some(0), Some(1)][(near.len() + salt) % 3];
        let salt = usize::from(amount_cents % 2 == 1);
        let value = Value::Sale { amount_cents, traits: Traits::new(place(salt), place(2 * salt)) };
        VaultRow { tokens, near, date: date(dice), value }
    }

    /// Any row of a lead.
    pub fn lead(&self, dice: &mut Dice) -> VaultRow {
        let campaign = u16::try_from(dice.below(CAMPAIGNS.into())).expect("below a u16");
        let mut tokens = self.tokens(dice);
        // Forged leads share every identifier with somebody.
        if dice.once_in(4) {
            let value = dice.below(self.values);
            tokens = Kind::SINGLE.map(|kind| Some(token(kind, value)));
        }
        let near = self.near(dice);
        VaultRow { tokens, near, date: date(dice), value: Value::Lead { campaign } }
    }

    fn tokens(&self, dice: &mut Dice) -> [Option<VaultToken>; Kind::SINGLE.len()] {
        Kind::SINGLE.map(|kind| (!dice.once_in(2)).then(|| token(kind, dice.below(self.values))))
    }

    /// Several tokens of each of some near kinds, no two alike.
    fn near(&self, dice: &mut Dice) -> Vec<(Kind, VaultToken)> {
        let mut near = BTreeSet::new();
        for kind in Kind::NEAR {
            if !dice.once_in(3) {
                continue;
            }
            for _ in 0..kind.tokens_per_row() {
                near.insert((kind, token(kind, dice.below(3 * self.values))));
            }
        }
        near.into_iter().collect()
    }

    pub fn all_sales(&self) -> Vec<VaultRow> {
        self.sales.concat()
    }

    pub fn all_leads(&self) -> Vec<VaultRow> {
        self.leads.concat()
    }

    /// Whose the deposits of sales are.
    pub fn partners(&self) -> Partners {
        self.owners.of(0..self.sales.len())
    }

    /// The months of the sales, in order.
    pub fn months(&self) -> BTreeSet<Month> {
        self.sales.iter().flatten().map(|row| row.date.month()).collect()
    }

    /// A unit of which the world may or may not have rows.
    pub fn any_unit(&self, dice: &mut Dice) -> Unit {
        let kind = dice.of(&Kind::KEYS);
        Unit { kind, token: token(kind, dice.below(self.values)) }
    }
}

/// The key of a unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    kind: Kind,
    token: VaultToken,
}

impl Unit {
    /// The unit of a key.
    pub fn new(kind: Kind, token: VaultToken) -> Self {
        Self { kind, token }
    }

    /// The unit of a row, if it has one.
    pub fn of(row: &VaultRow) -> Option<Self> {
        let kind = row.first_key()?;
        row.token(kind).map(|token| Self { kind, token })
    }

    /// Whether the row belongs to the unit.
    pub fn has(&self, row: &VaultRow) -> bool {
        row.first_key() == Some(self.kind) && row.token(self.kind) == Some(self.token)
    }

    /// Makes the row one of the unit's, whoever plants it; its later identifiers stay as they are.
    pub fn claim(&self, row: &mut VaultRow) {
        for kind in Kind::KEYS.into_iter().take_while(|kind| *kind != self.kind) {
            row.tokens[kind.index()] = None;
        }
        row.tokens[self.kind.index()] = Some(self.token);
    }
}

fn rules(dice: &mut Dice) -> MatchRules {
    let mut kinds: Vec<_> = Kind::ALL.into_iter().filter(|_| !dice.once_in(3)).collect();
    if dice.once_in(4) {
        kinds = vec![Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost];
    }
    let window_days = WindowDays::new(dice.of(&[1, 2, 30, 31, 180])).expect("allowed");
    MatchRules::new(kinds, window_days, dice.of(&[Touch::First, Touch::Last]))
}

/// Everything that [`attribute`] hands on, in its order.
pub(crate) fn collected<S: Segments, L: Segments, A: Admission>(
    sales: &[S],
    leads: &[L],
    (rules, partners, month): (&MatchRules, &Partners, Month),
    effort: Effort,
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let mut units = Vec::new();
    let how = Attribution { rules, month, partners, effort };
    attribute(sales, leads, &how, admission, |unit| {
        units.push(unit);
        Ok(())
    })?;
    Ok(units)
}

/// Somebody's arm, by nothing but its first key.
pub(crate) fn any_arm(row: &VaultRow) -> Option<Arm> {
    let token = row.token(row.first_key()?)?;
    let [.., last] = *token.as_bytes();
    Some(if last % 2 == 0 { Arm::Treated } else { Arm::Control })
}

/// The same where leads are in arms.
pub(crate) fn collected_armed<S: Segments, A: Admission>(
    sales: &[S],
    leads: &[Vec<VaultRow>],
    (rules, partners, month): (&MatchRules, &Partners, Month),
    effort: Effort,
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let armed = |rows: &Vec<VaultRow>| {
        let mut arms = Arms::none(u32::try_from(rows.len()).unwrap());
        for (row, place) in rows.iter().zip(0..) {
            any_arm(row).into_iter().for_each(|arm| arms.put(place, arm));
        }
        Armed::new(rows.clone(), arms)
    };
    let leads: Vec<_> = leads.iter().map(armed).collect();
    let mut units = Vec::new();
    let how = Attribution { rules, month, partners, effort };
    attribute_armed(sales, &leads, &how, admission, |unit| {
        units.push(unit);
        Ok(())
    })?;
    Ok(units)
}

/// What the executable specification finds where leads are in arms.
pub(crate) fn naive_armed<A: Admission>(
    sales: &[Vec<VaultRow>],
    leads: &[VaultRow],
    (rules, partners, month): (&MatchRules, &Partners, Month),
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let joined = |row: &VaultRow| {
        let Value::Lead { campaign } = row.value else { return row.clone() };
        let campaign = joined(campaign, any_arm(row));
        VaultRow { value: Value::Lead { campaign }, ..row.clone() }
    };
    let leads: Vec<VaultRow> = leads.iter().map(joined).collect();
    let units = naive::attribute(sales, &leads, (rules, partners), month, admission)?;
    Ok(units.into_iter().map(UnitMonth::parted).collect())
}

/// Any number of threads and ranges, so that nothing may depend on them.
pub(crate) fn effort(dice: &mut Dice) -> Effort {
    // Mostly this thread alone: starting others takes longer than a world.
    let threads = Effort::threads(if dice.once_in(8) { 1 + dice.of(&[1, 2]) } else { 1 });
    match dice.of(&[0, 0, 1, 2, 3, 7, 0, 0]) {
        0 if dice.once_in(40) => threads.parts(64),
        0 => threads,
        parts => threads.parts(parts),
    }
}

/// Days around the ends of months and years, in two years of which one is leap.
fn date(dice: &mut Dice) -> Day {
    // 2023-12-31, 2024-01-01, 2024-02-29, 2024-03-01, 2024-08-15, 2024-12-31, 2025-01-31.
    let edge = dice.of(&[19_722, 19_723, 19_782, 19_783, 19_950, 20_088, 20_119]);
    let shift = dice.of(&[0, 0, 1, -1, 2, 30, 31, 180, -180]);
    Day::from_epoch_days(edge + shift)
}

/// Amounts from nothing to the absurd, few enough to repeat.
fn amount(dice: &mut Dice) -> u64 {
    dice.of(&[
        0,
        1,
        1_999_999,
        2_000_000,
        2_000_001,
        3_999_999,
        4_000_000,
        9_000_000_000,
        MAX_AMOUNT_CENTS,
    ])
}

pub(crate) fn token(kind: Kind, value: u64) -> VaultToken {
    let mut bytes = [0; 32];
    bytes[0] = u8::try_from(kind.index()).expect("a few kinds");
    bytes[8..16].copy_from_slice(&value.to_le_bytes());
    VaultChain::new([&[1; 32]]).expect("one key").rekey(&Token::from_bytes(bytes))
}

/// How many cases to run: the short form, or ten times as many.
pub(crate) fn cases(short: u64) -> u64 {
    if std::env::var_os("TIERS_FULL").is_some() { short * 10 } else { short }
}
