//! Terms that end: what is due, what leaves the active base for the archive and the archive for good, and the
//! end of a service with its certificate.

use jiff::ToSpan as _;
use serde_json::{Value, json};
use tiers::governance::view::{ArchivedInfo, DueInfo, Phase, Purged};
use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_protocol::attested::{Attested, AttestedError};
use tiers_protocol::deletion::{Deletion, NewDeletion};
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Act, DepositInfo, NewErasure};

use crate::faults::sound;
use crate::harness::client::{Answer, Client};
use crate::harness::server::walk;
use crate::harness::vault::{admitted_files, content, database, remembered};
use crate::harness::world::{MONTH, World};

fn notice(text: &[u8]) -> Value {
    json!({
        "record": "notice", "url": "https://garage.example/donnees", "sha256": sha256(text),
        "date": "2020-01-02", "names_certifier": true, "names_matching": true,
    })
}

/// A record in two versions: the first one is replaced today.
fn two_versions(world: &World) {
    let path = format!("/v1/programmes/{}/governance", world.programme.id);
    for text in [b"one", b"two"] {
        world.partners[0].client.post(&path, &notice(text)).ok();
    }
}

fn due(world: &World, days: i64) -> Vec<DueInfo> {
    let until = world.server.today().saturating_add(days.days());
    world.officer.client.get(&format!("/v1/retention?until={until}")).json()
}

fn archive(client: &Client) -> Answer {
    client.get("/v1/archive?reason=litigation")
}

fn archived(world: &World) -> Vec<ArchivedInfo> {
    archive(&world.officer.client).json()
}

fn purge(world: &World) -> Purged {
    world.operator.0.post("/v1/retention/purge", &json!({})).json()
}

fn notices(world: &World) -> i64 {
    let query = "SELECT count(*) FROM governance WHERE kind = 'notice'";
    database(world).query_row(query, [], |row| row.get(0)).unwrap()
}

fn looks(world: &World) -> usize {
    world.server.publish();
    let acts: Vec<Act> = world.officer.acts();
    let looked = |act: &&Act| act.detail.as_ref().is_some_and(|d| d.get("archive").is_some());
    acts.iter().filter(looked).count()
}

#[test]
fn ret_07_what_is_archived_has_left_the_active_base_and_is_read_with_a_reason_that_is_kept() {
    let world = World::new();
    two_versions(&world);
    assert_eq!((notices(&world), archived(&world).len()), (2, 0));
    // The replaced version goes to the archive a year after its replacement, the other one stays.
    world.server.clock().advance_days(364);
    assert_eq!(purge(&world), Purged { erased: 0, archived: 0, deleted: 0 });
    assert_eq!(due(&world, 0).len(), 0);
    let coming = due(&world, 30);
    let record = coming.iter().find(|of| of.object == "governance").unwrap();
    assert_eq!((record.phase, record.moves_on.is_some()), (Phase::Active, true));
    world.server.clock().advance_days(3);
    assert_eq!(purge(&world).archived, 1);
    assert_eq!(notices(&world), 1);
    let held = archived(&world);
    assert_eq!((held.len(), held[0].object.as_str()), (1, "governance"));
    let kept: Value = serde_json::from_str(held[0].document["document"].as_str().unwrap()).unwrap();
    assert_eq!(kept["sha256"], sha256(b"one").to_string());
    // Nobody but an officer, and an officer with a reason; each look is an act.
    for other in [&world.operator.0, &world.principal.client, &world.partners[0].client] {
        assert_eq!(archive(other).outcome().0, 403);
    }
    let nameless = world.officer.client.get("/v1/archive?reason=%20").outcome();
    assert_eq!(nameless, (422, "acts.reason".to_owned()));
    assert_eq!(looks(&world), 2);
    // Five years later it is gone for good, and the ledger says what went.
    world.server.clock().advance_days(5 * 366);
    assert_eq!(purge(&world).deleted, 1);
    assert_eq!(archived(&world).len(), 0);
    sound(&world);
}

#[test]
fn ret_07_a_kill_between_archive_and_active_base_loses_nothing() {
    let with = Dependencies { faults: Faults::at(FaultPoint::Archived), ..Dependencies::default() };
    let world = World::new().reopen(with);
    two_versions(&world);
    world.server.clock().advance_days(367);
    assert_eq!(world.operator.0.post("/v1/retention/purge", &json!({})).outcome().0, 500);
    // It is in both, and the next start goes on.
    assert_eq!((notices(&world), archived(&world).len()), (2, 1));
    let world = world.reopen(Dependencies::default());
    assert_eq!(purge(&world).archived, 1);
    assert_eq!((notices(&world), archived(&world).len()), (1, 1));
    sound(&world);
}

#[test]
fn ret_07_receipts_and_reports_leave_in_their_time_and_the_ledger_still_verifies() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release.to_string();
    let sizes = |world: &World| -> (i64, i64) {
        let one = |query: &str| database(world).query_row(query, [], |row| row.get(0)).unwrap();
        (one("SELECT count(*) FROM deposit"), one("SELECT count(*) FROM release"))
    };
    assert_eq!(sizes(&world), (4, 1));
    world.server.clock().advance_days(400);
    let done = purge(&world);
    assert_eq!((done.erased, done.archived), (4, 4));
    assert_eq!(sizes(&world), (0, 1));
    world.server.clock().advance_days(3 * 366);
    assert_eq!(purge(&world).archived, 1);
    assert_eq!(sizes(&world), (0, 0));
    let held = archived(&world);
    assert!(held.iter().any(|of| of.object == "releases" && of.id == release));
    assert_eq!(held.iter().filter(|of| of.object == "receipts").count(), 4);
    let (_, entries) = world.ledger();
    let moved = entries.iter().filter(|e| e.entry_type() == EntryType::RetentionExecuted).count();
    assert_eq!(moved, 2);
}

/// Detail, salt and actor of an entry, as the database has them.
fn details_of(world: &World, entries: &[u64]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let database = database(world);
    let query = "SELECT detail, salt FROM detail WHERE seq = ?1";
    let read = |entry: &u64| {
        let found = database
            .query_row(query, [i64::try_from(*entry).unwrap() + 1], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .ok()?;
        Some(found)
    };
    entries.iter().filter_map(read).collect()
}

#[test]
fn log_13_a6_when_the_last_term_ends_detail_and_salt_are_in_no_file_and_the_ledger_verifies() {
    let world = World::stocked();
    world.server.clock().advance_days(400);
    assert_eq!(purge(&world).archived, 4);
    let entries: Vec<u64> =
        archived(&world).iter().map(|of| of.document["entry"].as_u64().unwrap()).collect();
    let secrets = details_of(&world, &entries);
    assert_eq!(secrets.len(), 4);
    let found = |world: &World| -> usize {
        let mut files = Vec::new();
        walk(&world.server.data(), &mut files);
        let bytes: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
        let holds = |needle: &[u8]| bytes.iter().any(|b| b.windows(32).any(|w| w == needle));
        secrets.iter().filter(|(detail, salt)| holds(salt) || holds(&detail[..32])).count()
    };
    assert_eq!(found(&world), 4, "before");
    let before = world.ledger().0.checkpoint.size();
    world.server.clock().advance_days(5 * 366);
    assert_eq!(purge(&world).deleted, 4);
    assert_eq!(details_of(&world, &entries), Vec::new());
    assert_eq!(found(&world), 0, "afterwards");
    // Every entry is still there, and whole.
    let (summary, all) = world.ledger();
    assert!(summary.checkpoint.size() > before && entries.iter().all(|n| *n < all.len() as u64));
    let said = format!(
        "{} entries whose term ended: detail and salt in no file, the ledger verifies",
        entries.len()
    );
    crate::harness::figure("A6", &said);
}

fn certify(client: &Client, programme: ProgrammeId, party: Option<PartyId>) -> Answer {
    client.post("/v1/deletions", &NewDeletion { programme, party })
}

#[test]
fn gov_07_at_the_end_of_a_service_nothing_is_left_and_a_certificate_says_so() {
    let world = World::stocked();
    let programme = world.programme.id;
    let release = world.principal.release(&programme, MONTH).release;
    let documents = world.principal.documents(&release);
    assert!(!content(&world).is_empty() && !remembered(&world).is_empty());
    let unfinished = (409, "deletion.unfinished".to_owned());
    assert_eq!(certify(&world.principal.client, programme, None).outcome(), unfinished);
    let reason = "end of the service".to_owned();
    world.operator.0.post("/v1/erasures", &NewErasure::Programme { programme, reason }).ok();
    // No token of it anywhere: no segment, no unit remembered, no canary.
    assert!(content(&world).is_empty() && remembered(&world).is_empty());
    assert!(admitted_files(&world)[0].is_empty(), "files that nobody names");
    let bytes = certify(&world.principal.client, programme, None).ok().bytes.clone();
    let held = Attested::<Deletion>::verify(&bytes, &world.server.trust()).unwrap().document;
    assert_eq!((held.programme, held.party, held.deposits.len()), (programme, None, 4));
    assert!(held.rows > 300 && held.sandbox && !held.keyring.is_empty());
    assert!(held.certified_at.starts_with(&world.server.today().to_string()));
    let own: Vec<DepositInfo> = world.partners[1].client.get("/v1/deposits").json();
    assert!(held.deposits.iter().any(|of| of.deposit == own[0].deposit));
    // It takes nothing more, and what was certified stays.
    let sealed = world.sales(0, &World::small_sales(7));
    assert_eq!(world.partners[0].deposit(&sealed).outcome(), (409, "programme.closed".to_owned()));
    assert_eq!(world.principal.request(&programme, MONTH).outcome().0, 409);
    assert!(world.principal.documents(&release) == documents);
    // Every changed byte of the certificate is found.
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let read: Result<_, AttestedError> =
            Attested::<Deletion>::verify(&changed, &world.server.trust());
        assert!(read.is_err(), "byte {at}");
    }
    sound(&world);
}

#[test]
fn gov_07_a_party_that_leaves_takes_its_data_along_and_nobody_elses() {
    let world = World::stocked();
    let (programme, one, two) = (world.programme.id, &world.partners[0], &world.partners[1]);
    let before = content(&world).len();
    let party = Some(one.id);
    let unfinished = (409, "deletion.unfinished".to_owned());
    assert_eq!(certify(&one.client, programme, party).outcome(), unfinished);
    let reason = "end of the contract".to_owned();
    let order = NewErasure::Party { programme, party: one.id, reason };
    world.operator.0.post("/v1/erasures", &order).ok();
    let left = content(&world);
    assert!(!left.is_empty() && left.len() < before);
    let bytes = certify(&one.client, programme, party).ok().bytes.clone();
    let held = Attested::<Deletion>::verify(&bytes, &world.server.trust()).unwrap().document;
    assert_eq!((held.party, held.deposits.len()), (party, 1));
    // Only its own, and only once there is nothing left of it.
    assert_eq!(certify(&two.client, programme, party).outcome().0, 404);
    assert_eq!(certify(&two.client, programme, Some(two.id)).outcome(), unfinished);
    assert_eq!(certify(&one.client, programme, None).outcome().0, 404);
    assert_eq!(world.operator.0.post("/v1/erasures", &order).outcome().0, 422);
    sound(&world);
}
