//! What a party makes of a person on its own machine, to ask about it.

use std::collections::BTreeSet;

use tiers_contact::{FileKind, Kind};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::wire::PersonToken;

use super::deposits::Draft;
use super::people::{Person, Sale, sales_csv};
use super::roles::canaries;
use super::world::World;

/// The tokens that a party makes of persons on its own machine; the e-mail alone when asked so.
pub fn tokens(world: &World, persons: &[u32], kinds: &[Kind]) -> Vec<PersonToken> {
    let sale = |n: &u32| Sale { person: Person(*n), day: "2025-06-01", euros: 1_000 };
    let sales: Vec<_> = persons.iter().map(sale).collect();
    let csv = sales_csv(&sales);
    let draft = Draft::of(&world.programme, &world.key, FileKind::Sales, &csv);
    let canaries: BTreeSet<String> = canaries(&world.programme, &world.key)
        .iter()
        .map(|canary| canary.token.to_string())
        .collect();
    let text = String::from_utf8(draft.plain).unwrap();
    let mut made = Vec::new();
    for line in text.lines().skip(1) {
        for (kind, field) in world.programme.policy.kinds().zip(line.split(',')) {
            if kinds.contains(&kind) && !canaries.contains(field) {
                made.push(PersonToken { kind, token: Bytes::parse(field).unwrap() });
            }
        }
    }
    assert_eq!(made.len(), persons.len() * kinds.len());
    made
}
