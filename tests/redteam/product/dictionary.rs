//! A stolen disk and the programme's key: a dictionary of telephone numbers finds nothing.

use std::collections::BTreeSet;
use std::fs;

use sha2::{Digest as _, Sha256};
use tiers_contact::{FileKind, Kind};

use crate::bench::catalogue::attack;
use crate::bench::count;
use crate::harness::people::{Person, Sale, sales_csv};
use crate::harness::server::walk;
use crate::harness::vault::content;
use crate::harness::world::World;

#[test]
fn t14_a_dictionary_finds_nobody_in_a_stolen_data_directory() {
    let people = u32::try_from(count(10_000, 1_000)).unwrap();
    let sales: Vec<Sale> =
        (0..people).map(|n| Sale { person: Person(n), day: "2025-06-12", euros: 15_000 }).collect();
    // What the trade exchanges: unsalted digests. The dictionary holds every number in use.
    let digest = |n: u32| {
        let mobile = Person(n).mobile();
        Sha256::digest(format!("+33{}", &mobile[1..]))
    };
    let file: BTreeSet<Vec<u8>> = (0..people).map(|n| digest(n).to_vec()).collect();
    let found = (0..people).filter(|n| file.contains(&digest(*n).to_vec())).count();
    let control = found as f64 / f64::from(people);
    attack("T14").judge(control, people as usize, |_| {
        let world = World::new();
        let draft = crate::harness::deposits::Draft::of(
            &world.programme,
            &world.key,
            FileKind::Sales,
            &sales_csv(&sales),
        );
        // With the programme's key, the thief makes the token of every number: those of the file.
        let plain = String::from_utf8(draft.plain.clone()).unwrap();
        let column = world.programme.policy.kinds().position(|kind| kind == Kind::Mobile).unwrap();
        let field = |line: &str| line.split(',').nth(column).unwrap().to_owned();
        let tokens: BTreeSet<String> =
            plain.lines().skip(1).map(field).filter(|token| token.len() == 43).collect();
        assert!(tokens.len() >= people as usize);
        let certifier = world.server.trust().sealing;
        world.partners[0].deposit(&draft.seal(&certifier, &world.partners[0].secret)).ok();
        let bytes: BTreeSet<[u8; 16]> = tokens.iter().map(|token| head(token)).collect();
        let mut hits = 0;
        let mut files = Vec::new();
        walk(&world.server.data(), &mut files);
        for file in files {
            let stolen = fs::read(file).unwrap();
            hits += stolen.windows(16).filter(|window| bytes.contains(*window)).count();
            let text = String::from_utf8_lossy(&stolen);
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            hits += words.filter(|word| tokens.contains(*word)).count();
        }
        // Nor would the keys of the segments help: what they open was re-keyed.
        hits += content(&world).iter().filter(|entry| bytes.contains(&entry.3)).count();
        hits as f64
    });
}

/// The first sixteen bytes of a token, as the vault's are.
fn head(token: &str) -> [u8; 16] {
    let bytes = tiers_protocol::encoding::decode(token).unwrap();
    bytes[..16].try_into().unwrap()
}
