//! Who chooses the arms of a lift: a principal that writes its leads so that the people it knows will buy are treated,
//! and a certifier that tries seeds for it.

use tiers::crypto::chain::VaultToken;
use tiers::matching::Arm;
use tiers::statistics::lift::{LiftDraw, LiftSeed, TreatedPermille};

use crate::bench::catalogue::attack;
use crate::bench::{Dice, count};

/// People who will buy in any case, in one lift.
const FAVOURITES: u64 = 6;

/// What is tried before the leads are frozen: addresses of one person, or seeds of one certifier.
const TRIES: u64 = 1_000;

fn bytes(dice: &mut Dice) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.chunks_mut(8).for_each(|part| part.copy_from_slice(&dice.roll().to_le_bytes()));
    bytes
}

fn draw(seed: [u8; 32], beacon: &[u8; 32]) -> LiftDraw {
    LiftSeed::new(seed).draw(beacon, TreatedPermille::new(500).unwrap())
}

/// An address of a person.
fn address(person: u64, alias: u64) -> VaultToken {
    let mut token = [0; 16];
    token[..8].copy_from_slice(&person.to_le_bytes());
    token[8..].copy_from_slice(&alias.to_le_bytes());
    VaultToken::from_bytes(token)
}

/// The principal writes each favourite under the address that is treated by the draw it expects.
fn written(expected: &LiftDraw) -> Vec<VaultToken> {
    let treated = |person| {
        let mut addresses = (0..TRIES).map(|alias| address(person, alias));
        addresses.find(|one| expected.arm(*one) == Arm::Treated)
    };
    (0..FAVOURITES).map(|person| treated(person).unwrap()).collect()
}

/// Those of them who are treated in the end.
fn treated(leads: &[VaultToken], by: &LiftDraw) -> usize {
    leads.iter().filter(|lead| by.arm(**lead) == Arm::Treated).count()
}

/// The share of favourites who are treated over so many lifts.
fn share(lifts: usize, mut one: impl FnMut() -> usize) -> f64 {
    let all: usize = (0..lifts).map(|_| one()).sum();
    all as f64 / (lifts as u64 * FAVOURITES) as f64
}

#[test]
fn t36_the_principal_cannot_write_its_leads_for_the_draw() {
    let lifts = count(4_000, 400);
    let mut dice = Dice(36);
    // Where seed and beacon are known before the leads are frozen.
    let control = share(50, || {
        let known = draw(bytes(&mut dice), &bytes(&mut dice));
        treated(&written(&known), &known)
    });
    attack("T36").judge(control, lifts * 6, |run| {
        let mut dice = Dice(3_600 + run);
        share(lifts, || {
            // It knows neither; what it expects may be what it likes, the last lift's seed for one.
            let leads = written(&draw(bytes(&mut dice), &bytes(&mut dice)));
            treated(&leads, &draw(bytes(&mut dice), &bytes(&mut dice)))
        })
    });
}

#[test]
fn t36_the_certifier_cannot_try_seeds_for_the_principal() {
    let lifts = count(4_000, 60);
    let mut dice = Dice(37);
    let leads: Vec<VaultToken> = (0..FAVOURITES).map(|person| address(person, 0)).collect();
    let best = |dice: &mut Dice, beacon: &[u8; 32]| {
        let seeds = (0..TRIES).map(|_| bytes(dice));
        seeds.max_by_key(|seed| treated(&leads, &draw(*seed, beacon))).unwrap()
    };
    // Where the beacon is known before the certifier is bound.
    let control = share(20, || {
        let beacon = bytes(&mut dice);
        treated(&leads, &draw(best(&mut dice, &beacon), &beacon))
    });
    attack("T36s").judge(control, lifts * 6, |run| {
        let mut dice = Dice(3_700 + run);
        share(lifts, || {
            let expected = bytes(&mut dice);
            let seed = best(&mut dice, &expected);
            treated(&leads, &draw(seed, &bytes(&mut dice)))
        })
    });
}
