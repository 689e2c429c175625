//! Real restored copies of the data directory: none makes a release before it is repaired, and the
//! repair, from the ledger alone, gives every account its spending back (attacks T21 and T33).

use std::path::Path;

use tiers::crypto::keyring::Keyring;
use tiers::ledger::DirSource;
use tiers::service::{Certifier, Refusal};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::AccountInfo;

use crate::faults::sound;
use crate::harness::witnesses::Fleet;
use crate::harness::world::{MONTH, World};
use crate::witnesses::{copy, watched};

/// A month of the same year as [`MONTH`], one of another year.
const SAME_YEAR: &str = "2025-05";
const OTHER_YEAR: &str = "2024-11";

/// Months and what their accounts have spent.
pub fn spent(accounts: &[AccountInfo]) -> Vec<(String, u64)> {
    let mut spent: Vec<_> = accounts.iter().map(|a| (a.month.clone(), a.spent_nrho)).collect();
    spent.sort();
    spent
}

fn open(folder: &Path, fleet: &Fleet) -> Result<Certifier, tiers::service::ServiceError> {
    let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
    Certifier::open(&folder.join("data"), keyring, fleet.dependencies())
}

fn repair(folder: &Path, fleet: &Fleet, from: &Path) -> Result<u64, &'static str> {
    let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
    let source = DirSource::new(from);
    let repaired = Certifier::repair(&folder.join("data"), keyring, &source, fleet.dependencies());
    repaired.map(|(_, repaired)| repaired.to - repaired.from).map_err(|error| error.code())
}

fn replace(folder: &Path, backup: &Path) {
    std::fs::remove_dir_all(folder.join("data")).unwrap();
    copy(backup, &folder.join("data"));
}

/// The backup is of before the first release, so that even the account's row is lost, or of after it.
fn restored(first_is_kept: bool) {
    let (world, fleet, _folder) = watched(World::stocked());
    let kept = tempfile::tempdir().unwrap();
    let (backup, mirror) = (kept.path().join("backup"), kept.path().join("mirror"));
    let older = kept.path().join("older");
    if first_is_kept {
        world.principal.release(&world.programme.id, SAME_YEAR);
    }
    copy(&world.server.data(), &backup);
    copy(&world.server.data().join("ledger"), &older);
    let lost = world.principal.release(&world.programme.id, MONTH);
    let accounts = world.accounts();
    // A cosignature that is still on its way would arrive later, and look like one given to the restored copy.
    fleet.settled(&world.server);
    copy(&world.server.data().join("ledger"), &mirror);
    let witnessed = fleet.seen();

    let world = world.reopen_after(
        |folder, _| {
            replace(folder, &backup);
            // T21: nothing is released, signed or cosigned before the repair.
            for _ in 0..3 {
                assert_eq!(
                    open(folder, &fleet).err().map(|e| e.code()),
                    Some("ledger.rolled_back")
                );
            }
            assert_eq!(fleet.seen(), witnessed);
            assert_eq!(repair(folder, &fleet, &older), Err("ledger.nothing_to_repair"));
            let forged = kept.path().join("forged");
            copy(&mirror, &forged);
            let mut entries = Vec::new();
            crate::harness::server::walk(&forged.join("tile/entries"), &mut entries);
            for file in entries {
                let mut bytes = std::fs::read(&file).unwrap();
                let last = bytes.len() - 9;
                bytes[last] ^= 1;
                std::fs::write(file, bytes).unwrap();
            }
            assert_eq!(repair(folder, &fleet, &forged), Err("ledger.copy"));
            assert!(repair(folder, &fleet, &mirror).unwrap() > 0);
        },
        fleet.dependencies(),
    );
    // T33: the accounts are what they were, by the ledger alone.
    assert_eq!(spent(&world.accounts()), spent(&accounts));
    let (summary, entries) = world.ledger();
    assert_eq!(summary.counts[&EntryType::BackupRestored], 1);
    let debits: u64 = entries
        .iter()
        .filter_map(|e| e.debited())
        .map(tiers_protocol::tlog::Debit::cost_nrho)
        .sum();
    assert_eq!(debits, accounts.iter().map(|a| a.spent_nrho).sum::<u64>());

    // Whom the lost release counted is not known any more: its year is closed, others are not.
    let closed = (429, Refusal::AccountRestored.code().to_owned());
    for month in [MONTH, "2025-07"] {
        assert_eq!(world.principal.request(&world.programme.id, month).outcome(), closed);
    }
    let stored = world.principal.request(&world.programme.id, SAME_YEAR);
    assert_eq!(stored.status == 200, first_is_kept, "what is stored stays available");
    let other = world.principal.release(&world.programme.id, OTHER_YEAR);
    assert_ne!(other.release, lost.release);
    // And it stays so.
    let world = world.reopen(fleet.dependencies());
    assert_eq!(world.principal.request(&world.programme.id, MONTH).outcome(), closed);
}

#[test]
fn t33_a_restored_backup_without_the_account_is_repaired_from_the_ledger_alone() {
    restored(false);
}

#[test]
fn t33_a_restored_backup_with_an_older_account_is_repaired_from_the_ledger_alone() {
    restored(true);
}

/// Only the database is old: the files of the ledger lie beside it, and tell.
#[test]
fn t21_a_restored_database_is_refused_and_repaired_from_its_own_ledger() {
    let (world, fleet, _folder) = watched(World::stocked());
    let kept = tempfile::tempdir().unwrap();
    copy(&world.server.data(), kept.path());
    world.principal.release(&world.programme.id, MONTH);
    let accounts = world.accounts();
    let world = world.reopen_after(
        |folder, _| {
            let own = folder.join("data/ledger");
            let ledger = kept.path().join("newest");
            copy(&own, &ledger);
            std::fs::remove_dir_all(kept.path().join("ledger")).unwrap();
            replace(folder, kept.path());
            std::fs::rename(folder.join("data/newest"), &own).unwrap();
            let refused = open(folder, &fleet).err().map(|error| error.code());
            assert_eq!(refused, Some("ledger.ahead_of_database"));
            repair(folder, &fleet, &own).unwrap();
        },
        fleet.dependencies(),
    );
    assert_eq!(
        world.accounts().iter().map(|a| a.spent_nrho).sum::<u64>(),
        accounts.iter().map(|a| a.spent_nrho).sum::<u64>()
    );
    world.ledger();
}

/// An account that was turned back in a database that is otherwise the newest.
#[test]
fn t21_an_account_that_was_turned_back_is_put_right_from_the_ledger() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let accounts = world.accounts();
    let world = world.reopen_after(
        |folder, _| {
            let database = rusqlite::Connection::open(folder.join("data/tiers.sqlite")).unwrap();
            database.execute("UPDATE account SET spent_nrho = 0", []).unwrap();
        },
        tiers::service::Dependencies::default(),
    );
    assert_eq!(spent(&world.accounts()), spent(&accounts));
    let (summary, _) = world.ledger();
    assert_eq!(summary.counts[&EntryType::BackupRestored], 1);
    let refused = world.principal.request(&world.programme.id, "2025-07");
    assert_eq!(refused.outcome(), (429, Refusal::AccountRestored.code().to_owned()));
    sound(&world);
}
