//! Invented tickets and cards for the benchmark of matching: tokens that are as random as real ones, from a
//! fixed seed, so that every engine sees the same. Nobody's: no number here was ever a card.
//!
//! Two tickets in three are of somebody who is on a card's list. With three kinds a row has a card number
//! half of the time and an e-mail address and a mobile telephone seven times in ten each.

use tiers::crypto::chain::VaultToken;
use tiers::vault::Day;
use tiers_contact::Kind;

/// Deposits of tickets: one for each dealer.
pub const DEALERS: u64 = 100;

/// Campaigns of the leads.
pub const CAMPAIGNS: u64 = 12;

/// 2025-01-01.
const FIRST_DAY: u64 = 20_089;

/// Kinds of the data with three kinds.
pub const THREE: [Kind; 3] = [Kind::Card, Kind::Email, Kind::Mobile];

/// How many of what, and which kinds a row may have.
#[derive(Clone, Copy)]
pub struct Scale {
    pub cards: u64,
    pub tickets: u64,
    pub three: bool,
}

/// A row of either side.
pub struct Row {
    person: u64,
    drawn: u64,
    pub day: Day,
    /// Of a ticket.
    pub amount_cents: u64,
    /// Of a lead.
    pub campaign: u16,
}

impl Scale {
    /// 27 tickets for 17 cards.
    pub fn of_cards(cards: u64, three: bool) -> Self {
        Self { cards, tickets: cards * 27 / 17, three }
    }

    /// The tickets of a dealer, by number.
    pub fn tickets_of(&self, dealer: u64) -> std::ops::Range<u64> {
        let start = |dealer| self.tickets * dealer / DEALERS;
        start(dealer)..start(dealer + 1)
    }

    pub fn ticket(&self, number: u64) -> Row {
        let drawn = mixed(number, 1);
        let who = mixed(number, 2);
        let person =
            if drawn.is_multiple_of(3) { self.cards + who % self.cards } else { who % self.cards };
        Row {
            person,
            drawn,
            day: day(FIRST_DAY + mixed(number, 3) % 365),
            amount_cents: mixed(number, 4) % 20_000,
            campaign: 0,
        }
    }

    pub fn card(&self, number: u64) -> Row {
        let drawn = mixed(number, 5);
        Row {
            person: number,
            drawn,
            day: day(FIRST_DAY - 180 + mixed(number, 6) % 365),
            amount_cents: 0,
            campaign: u16::try_from(drawn % CAMPAIGNS).unwrap(),
        }
    }

    /// The tokens of a row by kind, in the fixed order.
    pub fn tokens(&self, row: &Row) -> impl Iterator<Item = (Kind, VaultToken)> {
        let (person, drawn, three) = (row.person, row.drawn >> 32, self.three);
        let has = move |kind: Kind| match kind {
            Kind::Card => !three || drawn & 1 == 0,
            Kind::Email => three && (drawn >> 1) % 10 < 7,
            _ => three && (drawn >> 9) % 10 < 7,
        };
        THREE
            .into_iter()
            .filter(move |kind| has(*kind))
            .map(move |kind| (kind, token(kind, person)))
    }
}

fn token(kind: Kind, person: u64) -> VaultToken {
    let salt = 16 + 2 * kind.index() as u64;
    let halves = [mixed(person, salt), mixed(person, salt + 1)].map(u64::to_be_bytes);
    VaultToken::from_bytes(halves.as_flattened().try_into().unwrap())
}

fn day(days: u64) -> Day {
    Day::from_epoch_days(i32::try_from(days).unwrap())
}

/// `SplitMix64` (Steele, Lea, Flood 2014) at a place of a stream.
fn mixed(number: u64, stream: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
