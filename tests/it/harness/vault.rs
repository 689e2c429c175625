//! The vault of a test's certifier as somebody sees it who has its keyring: what lies in every valid
//! generation, and what stands in the database beside.

use std::collections::{BTreeMap, BTreeSet};

use tiers::crypto::chain::VaultToken;
use tiers::crypto::keyring::Keyring;
use tiers::crypto::random::OsRandom;
use tiers::service::admission::{self, Check, Units};
use tiers::vault::{Batch, Batches as _, Columns, Segments as _, StoredDeposit, TokenRange};
use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;

use super::world::World;

/// Deposit, kind, row, token at rest, whether it is the row's first key.
pub type Entry = (String, Kind, u32, [u8; 16], bool);

/// Randomness.
pub fn random() -> OsRandom {
    OsRandom::default()
}

/// The keyring as it lies on the disk now.
pub fn keyring(world: &World) -> Keyring {
    Keyring::open(&world.server.folder().join("data.keyring")).unwrap()
}

pub fn database(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.server.layout().database()).unwrap()
}

/// Accepted deposits with their valid generation and its master.
pub fn generations(world: &World) -> Vec<(String, u32, u32)> {
    let database = database(world);
    let query = "SELECT id, generation, disk_key FROM deposit WHERE state = 'accepted' ORDER BY id";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// The folders that accepted deposits have a right to: the valid generation, and one that waits.
pub fn folders(world: &World) -> BTreeSet<String> {
    let database = database(world);
    let query = "SELECT id, generation, prepared FROM deposit WHERE state = 'accepted'";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| {
        let numbers: [Option<u32>; 2] = [row.get(1)?, row.get(2)?];
        Ok((row.get::<_, String>(0)?, numbers))
    });
    let names = |(id, numbers): (String, [Option<u32>; 2])| {
        let name = |n| if n == 0 { id.clone() } else { format!("{id}.{n}") };
        numbers.into_iter().flatten().map(name).collect::<Vec<_>>()
    };
    rows.unwrap().map(Result::unwrap).flat_map(names).collect()
}

/// Every entry of every valid segment.
pub fn content(world: &World) -> BTreeSet<Entry> {
    let (keyring, folder) = (keyring(world), world.server.layout().vault());
    let mut entries = BTreeSet::new();
    for (id, generation, disk_key) in generations(world) {
        let name = if generation == 0 { id.clone() } else { format!("{id}.{generation}") };
        let key = keyring.segment_key_under(disk_key, &name).expect("the master");
        let stored = StoredDeposit::open(&folder, &name, key).unwrap();
        let mut batch = Batch::new();
        for kind in Kind::ALL {
            let mut reader = stored.segment(kind, TokenRange::ALL, Columns::ALL).unwrap();
            while reader.next(&mut batch).unwrap() {
                for place in 0..batch.len() {
                    let row = batch.row(place).unwrap();
                    entries.insert((id.clone(), kind, row.row, *row.token.as_bytes(), row.first));
                }
            }
        }
    }
    entries
}

/// The tokens of the canaries and of the admissions, and whatever stands beside them.
pub fn remembered(world: &World) -> BTreeMap<[u8; 16], Vec<String>> {
    let database = database(world);
    let mut found: BTreeMap<[u8; 16], Vec<String>> = BTreeMap::new();
    for query in [
        "SELECT token, 'canary ' || position || kind FROM canary",
        "SELECT token, 'erasure ' || kind FROM erasure_token",
    ] {
        let mut statement = database.prepare(query).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
        for (token, what) in rows.unwrap().map(Result::unwrap) {
            found.entry(token).or_default().push(what);
        }
    }
    for ((token, kind, year), months) in admitted(world, None) {
        found.entry(token).or_default().push(format!("admission {kind}{year} {months}"));
    }
    found.values_mut().for_each(|what| what.sort());
    found
}

/// The months of each year that have admitted a unit of a kind, of one programme or of all: as rows of the database
/// say, and the files that it names.
pub fn admitted(
    world: &World,
    programme: Option<&ProgrammeId>,
) -> BTreeMap<([u8; 16], String, i32), u16> {
    let (database, folder) = (database(world), world.server.layout().admitted());
    let query = "SELECT token, kind, year, months FROM admission WHERE ?1 IN ('', programme_id)";
    let mut statement = database.prepare(query).unwrap();
    let of = programme.map(ToString::to_string).unwrap_or_default();
    let rows = statement.query_map([&of], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, u16>(3)?))
    });
    let mut found = BTreeMap::new();
    for (token, kind, year, months) in rows.unwrap().map(Result::unwrap) {
        *found.entry((token, kind, year)).or_default() |= months;
    }
    let query = "SELECT id, year, months FROM admitted_file WHERE ?1 IN ('', programme_id)";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([of], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let files: Vec<([u8; 16], i32, u16)> = rows.unwrap().map(Result::unwrap).collect();
    for (id, year, months) in files {
        let mut units = Units::open(&folder.join(admission::name(&id)), &id, Check::Whole).unwrap();
        while let Some((kind, token)) = units.take().unwrap() {
            *found.entry((*token.as_bytes(), kind.to_string(), year)).or_default() |= months;
        }
    }
    found
}

/// The files of admitted units, and those of them that the database names.
pub fn admitted_files(world: &World) -> [BTreeSet<String>; 2] {
    let entries = std::fs::read_dir(world.server.layout().admitted()).unwrap();
    let lying = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let database = database(world);
    let query = "SELECT id FROM admitted_file";
    let mut statement = database.prepare(query).unwrap();
    let ids = statement.query_map([], |row| row.get::<_, [u8; 16]>(0)).unwrap();
    [lying.collect(), ids.map(|id| admission::name(&id.unwrap())).collect()]
}

/// How many links are in force.
pub fn links(world: &World) -> usize {
    let query = "SELECT links FROM certifier";
    let links: u32 = database(world).query_row(query, [], |row| row.get(0)).unwrap();
    links as usize
}

/// A stored token after the links behind the first `passed`.
pub fn advanced(keyring: &Keyring, token: [u8; 16], passed: usize) -> [u8; 16] {
    let token = keyring.vault().advance(VaultToken::from_bytes(token), passed);
    *token.expect("links to pass").as_bytes()
}
