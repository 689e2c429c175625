//! Scenes: the rows of a principal's leads and of partners' sales, as the vault holds them, that an
//! adversary arranges around one victim. People are numbers; nobody is real.

use tiers::crypto::chain::VaultToken;
use tiers::vault::{Day, Month, Traits, Value, VaultRow};
use tiers_contact::Kind;

use super::Dice;

/// What lies in the vault when a question is asked.
#[derive(Clone, Default)]
pub struct Scene {
    /// Rows of the principal.
    pub leads: Vec<VaultRow>,
    /// Rows of the partners.
    pub sales: Vec<VaultRow>,
}

/// The month that is asked for: June 2025.
pub fn month() -> Month {
    Month::new(2025, 6).unwrap()
}

/// A day of the year 2025, 1 for the first of January.
fn day(of_year: i32) -> Day {
    Day::from_epoch_days(20_088 + of_year)
}

/// The first day of the month, in the year.
pub const JUNE: i32 = 152;

/// A token of a person, uniform as tokens are.
pub fn token(kind: Kind, person: u64) -> VaultToken {
    let mut dice = Dice(person.wrapping_mul(64).wrapping_add(kind.index() as u64));
    let (a, b) = (dice.roll().to_be_bytes(), dice.roll().to_be_bytes());
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a);
    bytes[8..].copy_from_slice(&b);
    VaultToken::from_bytes(bytes)
}

fn row(keys: &[(Kind, u64)], date: Day, value: Value) -> VaultRow {
    let mut tokens = [None; Kind::SINGLE.len()];
    for (kind, person) in keys {
        tokens[kind.index()] = Some(token(*kind, *person));
    }
    VaultRow { tokens, near: Vec::new(), date, value }
}

/// A lead of April, or of another day, for a campaign.
pub fn lead_on(person: u64, campaign: u16, of_year: i32) -> VaultRow {
    row(&[(Kind::Email, person)], day(of_year), Value::Lead { campaign })
}

/// A lead of April for a campaign.
pub fn lead(person: u64, campaign: u16) -> VaultRow {
    lead_on(person, campaign, 100)
}

/// A lead with identifiers of other kinds.
pub fn lead_by(keys: &[(Kind, u64)], campaign: u16) -> VaultRow {
    row(keys, day(100), Value::Lead { campaign })
}

/// A sale in the month.
pub fn sale(person: u64, euros: u64) -> VaultRow {
    sale_on(person, euros, JUNE + 10)
}

/// A sale on a day of the year.
pub fn sale_on(person: u64, euros: u64, of_year: i32) -> VaultRow {
    sale_by(&[(Kind::Email, person)], euros, of_year)
}

/// A sale with identifiers of other kinds.
pub fn sale_by(keys: &[(Kind, u64)], euros: u64, of_year: i32) -> VaultRow {
    row(keys, day(of_year), Value::Sale { amount_cents: 100 * euros, traits: Traits::OTHER })
}

/// A number that nobody has had before, for a target and the people around it.
pub fn somebody(dice: &mut Dice) -> u64 {
    dice.roll() >> 8
}

/// The file of Venkatadri and others (2018): the target, `known` people that bought, for the clamp's
/// half so that they weigh nothing in the centred sums, and forged dummies up to `leads`. The world adds
/// what the target did.
pub fn padded(target: u64, known: u64, leads: u64, dice: &mut Dice) -> Scene {
    let mut scene = Scene::default();
    scene.leads.push(lead(target, 0));
    let others = somebody(dice);
    for n in 0..known {
        scene.leads.push(lead(others + n, 0));
        scene.sales.push(sale(others + n, 20_000));
    }
    for n in known + 1..leads {
        scene.leads.push(lead(others + n, 0));
    }
    scene
}

impl Scene {
    /// The scene with one more sale.
    pub fn and_sale(&self, sale: VaultRow) -> Self {
        let mut scene = self.clone();
        scene.sales.push(sale);
        scene
    }
}
