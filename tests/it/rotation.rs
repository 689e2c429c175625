//! Keys change while the certifier serves: a longer chain, another master. Matches stay right at every
//! step, a stop at any point loses nothing, and old copies of the keyring open nothing.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use tiers::crypto::chain::VaultToken;
use tiers::crypto::keyring::Keyring;
use tiers::governance::view::Purged;
use tiers::service::faults::{FaultPoint, Faults};
use tiers::service::rotate::Step;
use tiers::service::{Certifier, Dependencies};
use tiers_contact::Kind;
use tiers_protocol::ids::DepositId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{DepositInfo, DepositState, NewErasure};

use crate::faults::sound;
use crate::harness::people::{Person, Sale};
use crate::harness::server::Server;
use crate::harness::vault::{
    Entry, advanced, content, database, generations, keyring, links, random, remembered,
};
use crate::harness::world::{MONTH, World};
use crate::harness::{Dice, full};

const PEOPLE: u32 = 25;

fn everybody(day: &'static str) -> Vec<Sale> {
    (0..PEOPLE).map(|n| Sale { person: Person(n), day, euros: 20_000 }).collect()
}

fn deposit(world: &World, dealer: usize, day: &'static str) -> DepositId {
    let sealed = world.sales(dealer, &everybody(day));
    world.partners[dealer].deposit(&sealed).ok();
    sealed.id()
}

fn ask(world: &World, month: &str) {
    assert!(!world.principal.release(&world.programme.id, month).from_store);
}

/// How many units have been counted in a year, by how many months.
fn counted(world: &World, months: u32) -> usize {
    let all = remembered(world);
    let of = |what: &&String| what.contains("email2024") && what.ends_with(&format!(" {months}"));
    all.values().flatten().filter(of).count()
}

fn step(world: &World) -> Step {
    world.server.certifier().upkeep().unwrap()
}

fn finish(world: &World) {
    for _ in 0..100 {
        if step(world) == Step::Idle {
            return;
        }
    }
    panic!("the upkeep does not end");
}

fn passed(entries: &BTreeSet<Entry>, keyring: &Keyring) -> BTreeSet<Entry> {
    let pass = |(id, kind, row, token, first): &Entry| {
        (id.clone(), *kind, *row, advanced(keyring, *token, 1), *first)
    };
    entries.iter().map(pass).collect()
}

fn rotations(world: &World) -> usize {
    let (_, entries) = world.ledger();
    entries.iter().filter(|entry| entry.entry_type() == EntryType::KeyRotated).count()
}

/// A network where everybody has counted in December, and the year takes one month more.
fn december() -> World {
    let world = World::stocked();
    deposit(&world, 0, "2024-12-10");
    ask(&world, "2024-12");
    assert_eq!(counted(&world, 1 << 11), PEOPLE as usize);
    world
}

/// Each deposit with its last day.
fn last_days(world: &World) -> Vec<(String, String)> {
    let database = database(world);
    let query = "SELECT id, retain_until FROM deposit ORDER BY id";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// A key that is gone makes no token anonymous: whoever kept a copy of it, or the files that it was made of, finds
/// the person again (EDPB, draft guidelines 01/2025).
#[test]
fn pse_14_tokens_keep_their_last_day_when_a_key_is_destroyed() {
    let world = december();
    let days = last_days(&world);
    assert_eq!(days.len(), 5);
    // The certifier's own keys, the only ones here, are replaced and what they were is destroyed: of the chain, and
    // the one under which files lie.
    keyring(&world).add_link(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    finish(&world);
    keyring(&world).add_disk_key(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    finish(&world);
    assert_eq!(last_days(&world), days);
    assert!(!content(&world).is_empty(), "the tokens are still there");
    // And go on that day.
    let last: jiff::civil::Date = days.iter().map(|(_, day)| day.parse().unwrap()).max().unwrap();
    let left = (last - world.server.today()).get_days();
    world.server.clock().advance_days(i64::from(left) + 1);
    let purged: Purged = world.operator.0.post("/v1/retention/purge", &json!({})).json();
    assert_eq!(purged.erased, 5);
    assert!(content(&world).is_empty());
    sound(&world);
}

#[test]
fn a_longer_chain_comes_into_force_for_everything_at_once() {
    let world = december();
    keyring(&world).add_link(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    let (before, known) = (content(&world), remembered(&world));
    assert!(!before.is_empty() && !known.is_empty());
    // Between any two steps tokens meet: the old ones each other, and new ones the old.
    let days = ["2024-11-10", "2024-12-11", "2024-12-12"];
    for (n, day) in days.into_iter().enumerate() {
        assert!(matches!(step(&world), Step::Rekeyed(_)), "step {n}");
        assert_eq!(links(&world), 1);
        deposit(&world, n, day);
        // The account of a month holds three answers, one of which was given before.
        if n > 0 {
            ask(&world, "2024-12");
        }
        assert_eq!(counted(&world, 1 << 11), PEOPLE as usize, "nobody counts twice");
    }
    let arrived = content(&world);
    assert!(before.is_subset(&arrived) && arrived.len() > before.len());
    finish(&world);
    assert_eq!(links(&world), 2);
    let longer = keyring(&world);
    assert!(content(&world) == passed(&arrived, &longer), "one link more, and nothing else");
    let through: Vec<_> = known.keys().map(|token| advanced(&longer, *token, 1)).collect();
    let after = remembered(&world);
    assert!(through.iter().zip(known.values()).all(|(token, what)| after.get(token) == Some(what)));
    assert_eq!(after.len(), known.len());
    // The year goes on where it was: old rows count in November, then it is full.
    ask(&world, "2024-11");
    let full = (1 << 11) | (1 << 10);
    assert_eq!((counted(&world, 1 << 11), counted(&world, full)), (0, PEOPLE as usize));
    deposit(&world, 1, "2024-10-10");
    ask(&world, "2024-10");
    assert_eq!(counted(&world, full), PEOPLE as usize);
    // A question keeps its name: leads are named by a key that does not rotate.
    assert_eq!(rotations(&world), 2, "begun and in force");
    sound(&world);
    sound(&world.reopen(Dependencies::default()));
}

/// A field, wherever it stands.
fn find<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.values().find_map(|inner| find(inner, name)))
}

#[test]
fn a_question_keeps_its_answer_through_a_rotation() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    keyring(&world).add_link(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    finish(&world);
    assert_eq!(links(&world), 2);
    assert!(world.principal.release(&world.programme.id, MONTH).from_store);
    // The same rows again, under the longer chain, are the same set: each is in it once.
    let root = |world: &World| {
        let release = world.principal.release(&world.programme.id, "2025-07");
        let (_, certificate) = world.principal.documents(&release.release);
        let certificate: serde_json::Value = serde_json::from_slice(&certificate).unwrap();
        find(&certificate, "leads_root").expect("a root").clone()
    };
    let before = root(&world);
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    assert_eq!(root(&world), before);
    sound(&world);
}

#[test]
fn a_stop_at_any_point_of_a_rotation_loses_nothing() {
    for point in [
        FaultPoint::GenerationWritten,
        FaultPoint::AllPrepared,
        FaultPoint::LinksInForce,
        FaultPoint::MastersForgotten,
    ] {
        let world = december();
        let before = content(&world);
        keyring(&world).add_link(&mut random()).unwrap();
        keyring(&world).add_disk_key(&mut random()).unwrap();
        let faults = Faults::at(point);
        let world = world.reopen(Dependencies { faults, ..Dependencies::default() });
        let certifier = world.server.certifier();
        let stopped = (0..100).find_map(|_| certifier.upkeep().err()).map(|error| error.code());
        assert_eq!(stopped, Some("certifier.planned_fault"), "{}", point.as_str());
        let world = world.reopen(Dependencies::default());
        sound(&world);
        // Whichever chain is in force, the content is the same under it.
        let longer = keyring(&world);
        let expected = if links(&world) == 1 { before.clone() } else { passed(&before, &longer) };
        assert!(content(&world) == expected, "{}", point.as_str());
        finish(&world);
        assert!(content(&world) == passed(&before, &longer), "{}", point.as_str());
        assert!(generations(&world).iter().all(|(_, _, disk)| *disk == 2));
        assert_eq!(keyring(&world).disk_keys(), [2], "{}", point.as_str());
        deposit(&world, 1, "2024-11-10");
        ask(&world, "2024-11");
        assert_eq!(counted(&world, (1 << 11) | (1 << 10)), PEOPLE as usize);
        sound(&world);
    }
}

#[test]
fn another_master_takes_the_place_of_the_old_one() {
    let world = World::stocked();
    let (before, old) = (content(&world), keyring(&world));
    old.add_disk_key(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    assert!(matches!(step(&world), Step::Encrypted(_)));
    // Half of it lies under one master and half under the other, and one more arrives.
    assert!(content(&world) == before);
    ask(&world, MONTH);
    deposit(&world, 0, "2024-12-10");
    finish(&world);
    let after = content(&world);
    assert!(before.is_subset(&after) && after.len() > before.len());
    let folder = world.server.layout().vault();
    for (id, generation, disk_key) in generations(&world) {
        assert_eq!(disk_key, 2);
        let name = if generation == 0 { id } else { format!("{id}.{generation}") };
        let opened = tiers::vault::StoredDeposit::open(&folder, &name, old.segment_key(&name));
        assert_eq!(opened.err().map(|error| error.code()), Some("vault.altered"));
    }
    assert_eq!(keyring(&world).disk_keys(), [2]);
    assert_eq!(rotations(&world), 2);
    let world = world.reopen(Dependencies::default());
    assert!(content(&world) == after);
    assert_eq!(step(&world), Step::Idle);
    sound(&world);
}

#[test]
fn pse_04_a_keyring_that_does_not_belong_to_the_data_opens_nothing() {
    let world = World::stocked();
    let folder = world.server.folder().to_owned();
    let (data, keys) = (folder.join("data"), folder.join("data.keyring"));
    let copy = |name: &str| {
        let to = folder.join(name);
        fs::create_dir(&to).unwrap();
        fs::copy(keys.join("keyring.json"), to.join("keyring.json")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&to, mode).unwrap();
        to
    };
    let open = |keys: &std::path::Path| {
        let keyring = Keyring::open(keys).unwrap_or_else(|error| panic!("{error}"));
        Certifier::open(&data, keyring, Dependencies::default()).err().map(|error| error.code())
    };
    let first = copy("first");
    keyring(&world).add_disk_key(&mut random()).unwrap();
    let second = copy("second");
    keyring(&world).add_link(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    // Two rotations that nobody knows of each other: as many keys, and not the same.
    Keyring::open(&second).unwrap().add_link(&mut random()).unwrap();
    let elsewhere = folder.join("elsewhere");
    Keyring::create(&folder.join("other"), &elsewhere, "certifier.example", &mut random()).unwrap();
    let World { server, .. } = world;
    let keep = server.stopped();
    assert_eq!(open(&first), Some("keyring.outdated"), "it lacks a master and a link");
    assert_eq!(open(&second), Some("keyring.outdated"), "its link is another");
    assert_eq!(open(&folder.join("other")), Some("keyring.other"));
    let inside = data.join("keys");
    fs::rename(&first, &inside).unwrap();
    assert_eq!(open(&inside), Some("keyring.inside_data"));
    fs::remove_dir_all(&inside).unwrap();
    assert_eq!(open(&keys), None, "the newest copy opens it");
    drop(keep);
}

#[test]
fn rights_have_a_folder_of_their_own() {
    let world = World::new();
    let rights = world.server.layout().rights();
    assert!(rights.is_dir());
    let keyring = keyring(&world);
    let row = tiers::vault::VaultRow {
        tokens: [None; tiers_contact::Kind::SINGLE.len()],
        near: Vec::new(),
        date: tiers::vault::Day::from_epoch_days(20_000),
        value: tiers::vault::Value::Lead { campaign: 0 },
    };
    let key = keyring.rights.segment_key("x");
    tiers::vault::write_deposit(&rights, "x", vec![row], &key, tiers::vault::Faults::none())
        .unwrap();
    let open = |key| tiers::vault::StoredDeposit::open(&rights, "x", key).err();
    assert_eq!(open(key), None);
    let refused = open(keyring.segment_key("x")).map(|error| error.code());
    assert_eq!(refused, Some("vault.altered"), "the programmes' keys open nothing there");
}

/// The e-mail tokens of some deposits: those of the same persons, whenever they came.
fn emails(world: &World, ids: &BTreeSet<String>) -> Vec<BTreeSet<[u8; 16]>> {
    let all = content(world);
    let of = |id: &String| {
        let own = all.iter().filter(|(of, kind, ..)| of == id && *kind == Kind::Email);
        own.map(|(.., token, _)| *token).collect()
    };
    ids.iter().map(of).collect()
}

#[test]
fn arrivals_meet_whatever_the_moment_at_which_a_chain_comes_into_force() {
    let mut world = World::stocked();
    for round in 1..=3 {
        keyring(&world).add_link(&mut random()).unwrap();
        world = world.reopen(Dependencies::default());
        // Deposits are read, written and committed while the chain comes into force.
        let sent: BTreeSet<String> = std::thread::scope(|scope| {
            let send = |dealer: usize| {
                let world = &world;
                scope.spawn(move || {
                    let deposit = |_| {
                        let sealed = world.sales(dealer, &everybody("2024-12-10"));
                        world.partners[dealer].deposit(&sealed).ok();
                        sealed.id().to_string()
                    };
                    (0..4).map(deposit).collect::<Vec<_>>()
                })
            };
            let senders: Vec<_> = (0..3).map(send).collect();
            finish(&world);
            senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
        });
        finish(&world);
        assert_eq!(links(&world), round + 1);
        let found = emails(&world, &sent);
        assert_eq!(found.len(), 12);
        assert!(found.iter().all(|tokens| *tokens == found[0] && tokens.len() == PEOPLE as usize));
    }
    sound(&world);
}

/// The same entries after more links.
fn lengthened(
    entries: &BTreeSet<Entry>,
    keyring: &Keyring,
    from: usize,
    to: usize,
) -> BTreeSet<Entry> {
    let chain = keyring.chain(to).expect("so many links");
    let pass = |(id, kind, row, token, first): &Entry| {
        let token = chain.advance(VaultToken::from_bytes(*token), from).expect("a stored token");
        (id.clone(), *kind, *row, *token.as_bytes(), *first)
    };
    entries.iter().map(pass).collect()
}

/// One dealer's deposits that are accepted.
fn accepted(world: &World) -> Vec<DepositId> {
    let own: Vec<DepositInfo> = world.partners[0].client.get("/v1/deposits").json();
    let accepted = own.into_iter().filter(|of| of.state == DepositState::Accepted);
    accepted.map(|of| of.deposit).collect()
}

#[test]
fn a_kill_at_any_moment_of_a_rotation_or_an_erasure_loses_nothing() {
    let kills = if full() { 250 } else { 10 };
    let mut world = World::over(Server::process());
    world.stock();
    world.server.kill();
    // How long a rotation takes on this machine: kills are strewn over its whole length and what follows.
    keyring(&world).add_link(&mut random()).unwrap();
    world = world.restart();
    let begun = Instant::now();
    while links(&world) < keyring(&world).links() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no rotation ends undisturbed");
        std::thread::sleep(Duration::from_millis(2));
    }
    let whole = u64::try_from(begun.elapsed().as_millis()).unwrap().max(20);
    world.server.kill();
    let mut dice = Dice(std::process::id().into());
    let (mut known, mut from, mut in_force) = (content(&world), links(&world), 0);
    for n in 0..kills {
        // A key more now and then; most of the time the last rotation is still under way.
        if n % 3 == 0 {
            let keyring = keyring(&world);
            keyring.add_link(&mut random()).unwrap();
            keyring.add_disk_key(&mut random()).unwrap();
        }
        world = world.restart();
        let mut acknowledged = None;
        if n % 2 == 1 {
            let old = accepted(&world);
            acknowledged = Some(deposit(&world, 0, "2024-12-10").to_string());
            if let [.., oldest] = &old[..] {
                let reason = "a kill may follow".to_owned();
                let erasure = NewErasure::Deposit { deposit: *oldest, reason };
                world.operator.0.post("/v1/erasures", &erasure).ok();
                known.retain(|entry| entry.0 != oldest.to_string());
            }
        }
        std::thread::sleep(Duration::from_millis(dice.below(2 * whole)));
        world.server.kill();
        // Whatever is valid now has passed as many links as the database says.
        let now = content(&world);
        let moved = links(&world);
        in_force += usize::from(moved > from);
        let expected = lengthened(&known, &keyring(&world), from, moved);
        assert!(expected.is_subset(&now), "kill {n} lost rows");
        let new: BTreeSet<&String> = now.difference(&expected).map(|entry| &entry.0).collect();
        assert_eq!(new, acknowledged.iter().collect(), "kill {n} brought rows back or lost some");
        (known, from) = (now, moved);
    }
    let world = world.restart();
    for _ in 0..600 {
        if links(&world) == keyring(&world).links() && keyring(&world).disk_keys().len() == 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(links(&world), keyring(&world).links());
    assert_eq!(keyring(&world).disk_keys().len(), 1, "the old masters are dropped");
    assert!(in_force > 0, "no chain came into force between the kills");
    sound(&world);
}
