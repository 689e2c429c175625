//! Backups of a certifier that serves, and the way back on an empty machine: what was answered is answered
//! byte for byte, what was erased stays erased, and what cannot be proven is refused.

use std::fs;
use std::path::{Path, PathBuf};

use tiers::crypto::keyring::Keyring;
use tiers::governance::view::{ArchivedInfo, Purged};
use tiers::ledger::DirSource;
use tiers::service::backup::{
    BackupError, Latest, Made, Orders, Repository, Restored, fresh_identity, make, unpack,
};
use tiers::service::{Certifier, Dependencies, Layout};
use tiers::time::Clock as _;
use tiers_protocol::exchange::DecisionProof;
use tiers_protocol::ids::{ActId, DepositId};
use tiers_protocol::tlog::{EntryType, SourceError, TileSource};
use tiers_protocol::wire::{DepositInfo, DepositState, NewErasure};

use crate::exchange::Deal;
use crate::faults::sound;
use crate::harness::people::{Person, Sale};
use crate::harness::server::{Server, TestClock, walk};
use crate::harness::vault::admitted;
use crate::harness::world::{MONTH, World};
use crate::restored::spent;
use crate::witnesses::copy;

/// Somewhere else: a folder of backups, its key, a mirror of the ledger.
pub struct Elsewhere {
    kept: tempfile::TempDir,
    secret: String,
    public: String,
}

impl Elsewhere {
    pub fn new() -> Self {
        let (secret, public) = fresh_identity();
        Self { kept: tempfile::tempdir().unwrap(), secret: secret.to_string(), public }
    }

    pub fn folder(&self) -> PathBuf {
        self.kept.path().join("backups")
    }

    pub fn mirror(&self) -> PathBuf {
        self.kept.path().join("mirror")
    }

    /// As another process does it, beside the one that serves.
    fn back_up(&self, world: &World, keep_days: u16) -> Result<Made, BackupError> {
        self.back_up_of(&world.server, keep_days)
    }

    pub fn back_up_of(&self, server: &Server, keep_days: u16) -> Result<Made, BackupError> {
        let layout = server.layout();
        let keyring = Keyring::open(&server.folder().join("data.keyring")).unwrap();
        let repository = Repository::open(&self.folder(), true)?;
        let now = server.clock().now();
        make((&layout, &keyring), &repository, std::slice::from_ref(&self.public), keep_days, now)
    }

    fn keep_ledger(&self, world: &World) {
        self.keep_ledger_of(&world.server);
    }

    pub fn keep_ledger_of(&self, server: &Server) {
        server.publish();
        let _ = fs::remove_dir_all(self.mirror());
        copy(&server.layout().ledger(), &self.mirror());
    }

    /// The data directory burns, and is made again of the newest backup. The code of a refusal.
    fn restore(
        &self,
        folder: &Path,
        clock: &TestClock,
        ledger: Option<&Path>,
        given_up: &[ActId],
    ) -> Result<Restored, &'static str> {
        let _ = fs::remove_dir_all(folder.join("data"));
        self.unpack(folder)?;
        let source = ledger.map(DirSource::new);
        let source = source.as_ref().map(|source| source as &dyn TileSource);
        Self::catch_up(folder, clock, source, given_up)
    }

    /// The same with the mirror; `give_up` answers for what persons said and nobody kept.
    pub fn restore_from_mirror(
        &self,
        folder: &Path,
        clock: &TestClock,
        give_up: bool,
    ) -> Result<Restored, &'static str> {
        let _ = fs::remove_dir_all(folder.join("data"));
        self.unpack(folder)?;
        let mirror = DirSource::new(&self.mirror());
        Self::caught_up(folder, clock, Some(&mirror), (&[], give_up))
    }

    /// The first half of it: the files.
    fn unpack(&self, folder: &Path) -> Result<(), &'static str> {
        let layout = Layout::new(&folder.join("data"));
        let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
        let repository = Repository::open(&self.folder(), false).unwrap();
        let unpacked = unpack(&repository, None, (&self.secret, &keyring), &layout);
        unpacked.map(drop).map_err(|e| e.code())
    }

    /// Unpacks the newest backup to look at it.
    pub fn unpack_into(&self, keyring: &Keyring, layout: &Layout) {
        let repository = Repository::open(&self.folder(), false).unwrap();
        unpack(&repository, None, (&self.secret, keyring), layout).unwrap();
    }

    /// The newest backup is lost.
    pub fn forget_newest(&self) {
        let repository = Repository::open(&self.folder(), false).unwrap();
        let newest = repository.snapshots().unwrap().pop().unwrap();
        for ending in ["age", "list"] {
            fs::remove_file(self.folder().join("snapshots").join(format!("{newest}.{ending}")))
                .unwrap();
        }
    }

    /// The second half: what is known of the time since.
    fn catch_up(
        folder: &Path,
        clock: &TestClock,
        ledger: Option<&dyn TileSource>,
        given_up: &[ActId],
    ) -> Result<Restored, &'static str> {
        Self::caught_up(folder, clock, ledger, (given_up, false))
    }

    fn caught_up(
        folder: &Path,
        clock: &TestClock,
        ledger: Option<&dyn TileSource>,
        (given_up, give_up_said): (&[ActId], bool),
    ) -> Result<Restored, &'static str> {
        let data = folder.join("data");
        let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
        let orders = Orders::beside(&Layout::new(&data));
        let latest = Latest { ledger, orders: &orders, given_up, give_up_said };
        let with = Dependencies { clock: Box::new(clock.clone()), ..Dependencies::default() };
        let restored = Certifier::open_restored(&data, keyring, &latest, with);
        restored.map(|(_, restored)| restored).map_err(|error| error.code())
    }
}

/// The deposit that a dealer has made.
fn deposit_of(world: &World, dealer: usize) -> DepositId {
    let deposits: Vec<DepositInfo> = world.partners[dealer].client.get("/v1/deposits").json();
    deposits[0].deposit
}

#[test]
fn sec_10_a_backup_is_made_while_deposits_arrive_and_restored_on_an_empty_machine() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    let release = world.principal.release(&world.programme.id, MONTH);
    let path = format!("/v1/releases/{}/report", release.release);
    let certificate = format!("/v1/releases/{}/certificate", release.release);
    let report = world.principal.client.get(&path).ok().bytes.clone();
    let certified = world.principal.client.get(&certificate).ok().bytes.clone();
    let first = elsewhere.back_up(&world, 30).unwrap();
    assert_eq!(first.new_bytes, first.bytes);

    let made: Vec<Made> = std::thread::scope(|scope| {
        let depositing = scope.spawn(|| {
            for n in 0..6_u32 {
                let sale = |k| Sale { person: Person(k), day: "2025-06-20", euros: 9_000 };
                let sales: Vec<_> = (5_000 + 40 * n..5_040 + 40 * n).map(sale).collect();
                let dealer = (n % 3) as usize;
                world.partners[dealer].deposit(&world.sales(dealer, &sales)).ok();
            }
        });
        let mut made = Vec::new();
        while !depositing.is_finished() || made.is_empty() {
            world.server.clock().advance_seconds(1);
            made.push(elsewhere.back_up(&world, 30).unwrap());
        }
        depositing.join().unwrap();
        made
    });
    assert!(
        made.iter().all(|made| made.new_bytes < made.bytes),
        "what is there is not stored twice"
    );
    world.server.clock().advance_seconds(1);
    elsewhere.back_up(&world, 30).unwrap();
    elsewhere.keep_ledger(&world);
    let accounts = spent(&world.accounts());
    let counted = admitted(&world, None);
    assert!(!counted.is_empty());

    let world = world.reopen_after(
        |folder, clock| {
            let mirror = elsewhere.mirror();
            let restored = elsewhere.restore(folder, clock, Some(&mirror), &[]).unwrap();
            assert_eq!((restored.from, restored.erasures), (restored.to, 0));
            assert!(restored.accounts.is_empty());
        },
        Dependencies::default(),
    );
    assert_eq!(world.principal.client.get(&path).ok().bytes, report, "byte for byte");
    assert_eq!(world.principal.client.get(&certificate).ok().bytes, certified);
    assert_eq!(spent(&world.accounts()), accounts);
    let (summary, _) = world.ledger();
    assert_eq!(summary.counts[&EntryType::BackupRestored], 1);
    sound(&world);
    assert_eq!(admitted(&world, None), counted, "which months have counted whom");
    // Nothing of the year is lost, so that new questions are answered.
    world.principal.release(&world.programme.id, "2025-05");
}

/// A copy of the ledger on a disk that fails.
struct Failing;

impl TileSource for Failing {
    fn read(&self, _: &str) -> Result<Vec<u8>, SourceError> {
        Err(SourceError::Unavailable)
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        Err(SourceError::Unavailable)
    }
}

#[test]
fn what_a_restore_left_half_done_is_never_served() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    elsewhere.back_up(&world, 30).unwrap();
    elsewhere.keep_ledger(&world);
    let world = world.reopen_after(
        |folder, clock| {
            let data = folder.join("data");
            let open = || {
                let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
                let with =
                    Dependencies { clock: Box::new(clock.clone()), ..Dependencies::default() };
                Certifier::open(&data, keyring, with).err().map(|error| error.code())
            };
            // A disk that is not mounted begins no empty certifier.
            fs::rename(&data, folder.join("burnt")).unwrap();
            assert_eq!(open(), Some("certifier.none"));
            assert!(!data.exists());
            // Killed between its two halves, a restore leaves what nobody has proven.
            elsewhere.unpack(folder).unwrap();
            assert_eq!(open(), Some("restore.unfinished"));
            let unread = Elsewhere::catch_up(folder, clock, Some(&Failing), &[]);
            assert_eq!(unread.err(), Some("ledger.copy_unread"));
            assert_eq!(open(), Some("restore.unfinished"));
            // The same again takes its place.
            elsewhere.unpack(folder).unwrap();
            let mirror = DirSource::new(&elsewhere.mirror());
            Elsewhere::catch_up(folder, clock, Some(&mirror), &[]).unwrap();
        },
        Dependencies::default(),
    );
    sound(&world);
}

#[test]
fn sec_10_ret_10_what_was_erased_since_the_backup_is_erased_again() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    let (kept, gone) = (deposit_of(&world, 0), deposit_of(&world, 1));
    elsewhere.back_up(&world, 30).unwrap();
    let reason = "asked for by the party".to_owned();
    let order = NewErasure::Deposit { deposit: gone, reason };
    world.operator.0.post("/v1/erasures", &order).ok();
    elsewhere.keep_ledger(&world);

    let world = world.reopen_after(
        |folder, clock| {
            let mirror = elsewhere.mirror();
            // Nobody says what came since.
            let unknown = elsewhere.restore(folder, clock, None, &[]);
            assert_eq!(unknown.err(), Some("restore.no_ledger"));
            // The order is lost: it is not passed over.
            let orders = Layout::new(&folder.join("data")).erasures();
            let aside = elsewhere.kept.path().join("orders");
            fs::rename(&orders, &aside).unwrap();
            let lost = elsewhere.restore(folder, clock, Some(&mirror), &[]);
            assert_eq!(lost.err(), Some("restore.erasure_lost"));
            fs::rename(&aside, &orders).unwrap();
            let restored = elsewhere.restore(folder, clock, Some(&mirror), &[]).unwrap();
            assert_eq!(restored.erasures, 1);
            assert!(restored.to > restored.from);
        },
        Dependencies::default(),
    );
    assert_eq!(world.partners[1].status(&gone).state, DepositState::Erased);
    assert_eq!(world.partners[0].status(&kept).state, DepositState::Accepted);
    let names: Vec<_> = fs::read_dir(world.server.layout().vault())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.starts_with(&gone.to_string())), "{names:?}");
    sound(&world);
}

#[test]
fn a_backup_gives_a_thief_nothing_and_shows_when_it_was_touched() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    elsewhere.back_up(&world, 30).unwrap();
    let mut files = Vec::new();
    walk(&elsewhere.folder(), &mut files);
    let secret = fs::read(world.server.folder().join("data.keyring/keyring.json")).unwrap();
    let keyring: serde_json::Value = serde_json::from_slice(&secret).unwrap();
    let signing = keyring["signing"].as_str().unwrap().as_bytes();
    assert!(files.len() > 10);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(signing) && !holds(b"SQLite format 3"), "{}", file.display());
        assert!(!holds(b"tiers-backup/1"), "the manifest is sealed as well");
    }
    let repository = Repository::open(&elsewhere.folder(), false).unwrap();
    assert!(matches!(Repository::open(&elsewhere.folder(), false).err(), Some(BackupError::InUse)));
    let all = repository.verify(Some(&elsewhere.secret), |_| ()).unwrap();
    assert_eq!(repository.verify(None, |_| ()).unwrap(), all);
    let (other, _) = fresh_identity();
    let refused = repository.verify(Some(&other), |_| ()).unwrap_err();
    assert_eq!(refused.code(), "backup.wrong_key");
    // A changed byte anywhere, a missing file, an exchanged one.
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            fs::write(file, &changed).unwrap();
            assert!(
                repository.verify(Some(&elsewhere.secret), |_| ()).is_err(),
                "{} at {place}",
                file.display()
            );
        }
        fs::write(file, &bytes).unwrap();
    }
    let objects: Vec<_> =
        files.iter().filter(|f| f.starts_with(elsewhere.folder().join("objects"))).collect();
    let (a, b) = (fs::read(objects[0]).unwrap(), fs::read(objects[1]).unwrap());
    fs::write(objects[0], b).unwrap();
    assert!(repository.verify(Some(&elsewhere.secret), |_| ()).is_err());
    fs::remove_file(objects[0]).unwrap();
    assert!(repository.verify(None, |_| ()).is_err());
    fs::write(objects[0], a).unwrap();
    repository.verify(Some(&elsewhere.secret), |_| ()).unwrap();

    // A backup of one certifier is none of another, even for whoever has its key.
    let stranger = World::new();
    let keyring = Keyring::open(&stranger.server.folder().join("data.keyring")).unwrap();
    let target = Layout::new(&elsewhere.kept.path().join("target"));
    let foreign = unpack(&repository, None, (&elsewhere.secret, &keyring), &target).unwrap_err();
    assert_eq!(foreign.code(), "backup.foreign");
    assert!(!target.root().exists());
}

#[test]
fn old_backups_go_and_the_newest_stays() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    elsewhere.back_up(&world, 2).unwrap();
    let deposit = deposit_of(&world, 2);
    let reason = "a test".to_owned();
    let order = NewErasure::Deposit { deposit, reason };
    world.operator.0.post("/v1/erasures", &order).ok();
    let orders = world.server.layout().erasures();
    let kept = || fs::read_dir(&orders).unwrap().count();
    assert_eq!(kept(), 1);
    for (days, pruned, snapshots) in [(1, 0, 2), (1, 0, 3), (1, 1, 3), (30, 3, 1)] {
        world.server.clock().advance_days(days);
        let made = elsewhere.back_up(&world, 2).unwrap();
        let repository = Repository::open(&elsewhere.folder(), false).unwrap();
        assert_eq!(made.pruned, pruned);
        assert_eq!(repository.snapshots().unwrap().len(), snapshots);
        let checked = repository.verify(Some(&elsewhere.secret), |_| ()).unwrap();
        let mut files = Vec::new();
        walk(&elsewhere.folder().join("objects"), &mut files);
        assert_eq!(files.len() as u64, checked.objects, "nothing that nobody needs stays");
    }
    // No backup is older than the order: it is not kept any longer than that.
    assert_eq!(kept(), 0);
}

#[test]
fn the_archive_comes_back_with_the_backup_and_ends_on_its_day() {
    let world = World::stocked();
    let elsewhere = Elsewhere::new();
    world.server.clock().advance_days(400);
    let purge = |world: &World| -> Purged {
        world.operator.0.post("/v1/retention/purge", &serde_json::json!({})).json()
    };
    let archived = |world: &World| -> Vec<String> {
        let things: Vec<ArchivedInfo> =
            world.officer.client.get("/v1/archive?reason=control").json();
        things.iter().map(|of| format!("{} {}", of.id, of.document)).collect()
    };
    assert_eq!(purge(&world).archived, 4);
    let before = archived(&world);
    elsewhere.back_up(&world, 30).unwrap();
    elsewhere.keep_ledger(&world);
    let world = world.reopen_after(
        |folder, clock| {
            elsewhere.restore(folder, clock, Some(&elsewhere.mirror()), &[]).unwrap();
        },
        Dependencies::default(),
    );
    assert_eq!(before.len(), 4);
    assert_eq!(archived(&world), before);
    // What left the archive after the backup leaves it again after a restore.
    world.server.clock().advance_days(5 * 366);
    assert_eq!(purge(&world).deleted, 4);
    elsewhere.keep_ledger(&world);
    let world = world.reopen_after(
        |folder, clock| {
            elsewhere.restore(folder, clock, Some(&elsewhere.mirror()), &[]).unwrap();
        },
        Dependencies::default(),
    );
    world.server.certifier().upkeep().unwrap();
    assert_eq!(archived(&world), Vec::<String>::new());
}

#[test]
fn a_batch_that_waits_for_its_recipient_comes_back_with_the_backup() {
    let deal = Deal::new();
    let elsewhere = Elsewhere::new();
    let (agreement, batch) = deal.handed(1_200);
    let waiting = deal.sealed(&agreement, 0..1_200);
    deal.send(&waiting);
    let path = format!("/v1/batches/{batch}/records");
    let package = deal.market.brand.client.get(&path).ok().bytes.clone();
    let proof = format!("/v1/batches/{batch}/decisions/7");
    // The proof in the ledger grows with it; what is proven stays.
    let prove = |deal: &Deal| -> DecisionProof { deal.market.officer.client.get(&proof).json() };
    let proven = prove(&deal);
    elsewhere.back_up_of(&deal.market.server, 30).unwrap();
    elsewhere.keep_ledger_of(&deal.market.server);
    let deal = deal.follow(|server| {
        server.reopen_after(
            |folder, clock| {
                elsewhere.restore(folder, clock, Some(&elsewhere.mirror()), &[]).unwrap();
            },
            Dependencies::default(),
        )
    });
    assert!(deal.market.brand.client.get(&path).ok().bytes == package, "byte for byte");
    let again = prove(&deal);
    assert_eq!((&again.decision, &again.salt), (&proven.decision, &proven.salt));
    assert_eq!(again.path, proven.path);
    assert_eq!(again.hand_over.document, proven.hand_over.document);
    deal.hand_over(&waiting.id()).ok();
    assert_eq!(deal.open(&agreement, &waiting.id()).len(), 1_200);
    // Fetched since: nothing of its records is in the next backup.
    deal.market
        .brand
        .client
        .post(&format!("/v1/batches/{batch}/fetched"), &serde_json::json!({}))
        .ok();
    deal.market.server.clock().advance_seconds(1);
    let (before, made) =
        (package.len() as u64, elsewhere.back_up_of(&deal.market.server, 30).unwrap());
    assert!(before > 500_000 && made.files > 3);
    let bodies = fs::read_dir(deal.market.server.layout().exchanges()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "sealed")
    });
    assert_eq!(bodies.count(), 1, "that of the other batch");
}

/// What the ledger knows of exchanges that went on after the backup.
#[test]
fn ret_10_what_was_fetched_handed_over_or_ended_since_the_backup_does_not_pass_again() {
    let deal = Deal::new();
    let elsewhere = Elsewhere::new();
    let (agreement, fetched) = deal.handed(1_200);
    let sent = || {
        let parcel = deal.sealed(&agreement, 0..1_200);
        deal.send(&parcel);
        parcel.id()
    };
    let (handed, waiting) = (sent(), sent());
    let other = deal.approved();
    let of_other = deal.sealed(&other, 0..1_200);
    deal.send(&of_other);
    elsewhere.back_up_of(&deal.market.server, 30).unwrap();
    deal.market
        .brand
        .client
        .post(&format!("/v1/batches/{fetched}/fetched"), &serde_json::json!({}))
        .ok();
    deal.hand_over(&handed).ok();
    let dealer = &deal.market.dealer;
    let end = (tiers_protocol::exchange::Saying::End, "Fin");
    deal.say(&other, (dealer, &dealer.secret), end).ok();
    elsewhere.keep_ledger_of(&deal.market.server);
    let deal = deal.follow(|server| {
        server.reopen_after(
            |folder, clock| {
                let mirror = elsewhere.mirror();
                let restored = elsewhere.restore(folder, clock, Some(&mirror), &[]).unwrap();
                assert_eq!(restored.exchanges, 3);
            },
            Dependencies::default(),
        )
    });
    use tiers_protocol::exchange::view::{BatchInfo, BatchState};
    let state = |batch| -> BatchState {
        let info: BatchInfo = deal.market.dealer.client.get(&format!("/v1/batches/{batch}")).json();
        info.state
    };
    let states = [state(fetched), state(handed), state(waiting), state(of_other.id())];
    let expected =
        [BatchState::Fetched, BatchState::Refused, BatchState::Received, BatchState::Received];
    assert_eq!(states, expected);
    for batch in [fetched, handed] {
        let path = format!("/v1/batches/{batch}/records");
        assert_eq!(deal.market.brand.client.get(&path).outcome().1, "batch.state");
        let body = format!("{batch}.sealed");
        assert!(!deal.market.server.layout().exchanges().join(body).exists());
    }
    assert_eq!(deal.hand_over(&handed).outcome().1, "batch.state");
    let path = format!("/v1/batches/{}/sample", of_other.id());
    let drawn = deal.market.brand.client.post(&path, &serde_json::json!({}));
    assert_eq!(drawn.outcome().1, "exchange.state");
    deal.hand_over(&waiting).ok();
    assert_eq!(deal.open(&agreement, &waiting).len(), 1_200);
}

fn stated(deal: &Deal, exchange: &tiers_protocol::ids::ExchangeId) {
    let path = format!("/v1/exchanges/{exchange}/value");
    for (client, cents) in
        [(&deal.market.dealer.client, 100_000), (&deal.market.brand.client, 120_000)]
    {
        client.post(&path, &serde_json::json!({ "value_cents": cents })).ok();
    }
}

#[test]
fn ret_10_inv_16_a_number_that_a_lost_invoice_had_is_not_given_again() {
    use tiers_protocol::exchange::view::{ExchangeInfo, ExchangeState, InvoiceInfo};

    let deal = Deal::new();
    let elsewhere = Elsewhere::new();
    let (agreement, _) = deal.handed(1_200);
    let next = deal.approved();
    let parcel = deal.sealed(&next, 0..1_200);
    deal.send(&parcel);
    deal.hand_over(&parcel.id()).ok();
    elsewhere.back_up_of(&deal.market.server, 30).unwrap();
    stated(&deal, &agreement.exchange);
    elsewhere.keep_ledger_of(&deal.market.server);
    let deal = deal.follow(|server| {
        server.reopen_after(
            |folder, clock| {
                let mirror = elsewhere.mirror();
                elsewhere.restore(folder, clock, Some(&mirror), &[]).unwrap();
            },
            Dependencies::default(),
        )
    });
    let path = format!("/v1/exchanges/{}", agreement.exchange);
    let info: serde_json::Value = deal.market.dealer.client.get(&path).json();
    let info: ExchangeInfo = serde_json::from_value(info["info"].clone()).unwrap();
    assert_eq!(info.state, ExchangeState::Closed);
    stated(&deal, &next.exchange);
    let path = format!("/v1/exchanges/{}/invoices", next.exchange);
    let found: Vec<InvoiceInfo> = deal.market.dealer.client.get(&path).json();
    assert!(found.iter().all(|invoice| invoice.number == "EXC-000002"), "1 is with the parties");
    // Where a number is missing, the others still end in their time.
    deal.market.server.clock().advance_days(3 * 366);
    assert!(deal.market.server.certifier().purge().unwrap().archived >= 4);
}

#[test]
fn ret_07_an_archived_exchange_and_archived_proofs_come_back_with_the_backup() {
    let deal = Deal::new();
    let elsewhere = Elsewhere::new();
    let (agreement, batch) = deal.handed(1_200);
    stated(&deal, &agreement.exchange);
    deal.market.server.clock().advance_days(4 * 366);
    deal.market.server.certifier().purge().unwrap();
    let archived = |deal: &Deal| -> Vec<String> {
        let things: Vec<ArchivedInfo> =
            deal.market.officer.client.get("/v1/archive?reason=control").json();
        things.iter().map(|of| format!("{} {}", of.id, of.document)).collect()
    };
    let decided = |deal: &Deal| {
        let name = format!("{}.{batch}.decisions", agreement.exchange);
        fs::read(deal.market.server.layout().archive().join(name)).unwrap()
    };
    let before = (archived(&deal), decided(&deal));
    assert_eq!((before.0.len(), before.1.len()), (1_203, 24_000));
    elsewhere.back_up_of(&deal.market.server, 30).unwrap();
    elsewhere.keep_ledger_of(&deal.market.server);
    let deal = deal.follow(|server| {
        server.reopen_after(
            |folder, clock| {
                elsewhere.restore(folder, clock, Some(&elsewhere.mirror()), &[]).unwrap();
            },
            Dependencies::default(),
        )
    });
    assert!((archived(&deal), decided(&deal)) == before);
}

#[test]
fn a_webhook_that_was_removed_since_the_backup_is_not_called_again() {
    use tiers_protocol::webhook::{DeliveryInfo, WebhookInfo};

    let world = World::new();
    let elsewhere = Elsewhere::new();
    let dealer = &world.partners[0].client;
    let added = |of: &str| -> WebhookInfo {
        let new = serde_json::json!({ "url": format!("https://hooks.example/{of}") });
        dealer.post("/v1/webhooks", &new).json()
    };
    let (removed, rotated) = (added("removed"), added("rotated"));
    let act = |of: &WebhookInfo, what: &str| {
        dealer.post(&format!("/v1/webhooks/{}/{what}", of.webhook), &serde_json::json!({}))
    };
    for hook in [&removed, &rotated] {
        act(hook, "test").ok();
    }
    elsewhere.back_up(&world, 30).unwrap();
    act(&removed, "removal").ok();
    act(&rotated, "rotation").ok();
    let known: WebhookInfo = act(&rotated, "rotation").json();
    added("since");
    elsewhere.keep_ledger(&world);
    let world = world.reopen_after(
        |folder, clock| {
            let mirror = elsewhere.mirror();
            elsewhere.restore(folder, clock, Some(&mirror), &[]).unwrap();
        },
        Dependencies::default(),
    );
    let dealer = &world.partners[0].client;
    let back: Vec<WebhookInfo> = dealer.get("/v1/webhooks").json();
    assert_eq!(back.len(), 1, "what came since is added again by its company");
    assert_eq!(back[0].webhook, rotated.webhook);
    assert_eq!(back[0].keys[0].key, known.keys[0].key, "the key that its receiver was given");
    // What waited is sent under the id that it had.
    let path = format!("/v1/webhooks/{}/deliveries", rotated.webhook);
    let waiting: Vec<DeliveryInfo> = dealer.get(&path).json();
    assert_eq!((waiting.len(), waiting[0].state.as_str()), (1, "pending"));
}
