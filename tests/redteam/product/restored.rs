//! Who gives the certifier an older copy of its own data, so that it forgets what was paid: the copy as it is (T21), and
//! repaired from the ledger (T33). Beside it, the database alone, which would pay again.

use std::path::Path;
use std::process::Command;

use tiers::crypto::keyring::Keyring;
use tiers::ledger::DirSource;
use tiers::service::Certifier;
use tiers_protocol::wire::AccountInfo;

use crate::bench::catalogue::attack;
use crate::bench::count;
use crate::harness::witnesses::Fleet;
use crate::harness::world::{MONTH, World};

/// What every account has spent.
fn spent(accounts: &[AccountInfo]) -> Vec<(String, u64)> {
    let mut spent: Vec<_> = accounts.iter().map(|a| (a.month.clone(), a.spent_nrho)).collect();
    spent.sort();
    spent
}

fn copied(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// Whether the database of a copy would pay for the month once more.
fn pays_again(copy: &Path) -> bool {
    let database = rusqlite::Connection::open(copy.join("tiers.sqlite")).unwrap();
    let left = "SELECT coalesce(max(spent_nrho), 0) FROM account WHERE month = ?1";
    database.query_row(left, [MONTH], |row| row.get::<_, i64>(0)).unwrap() == 0
}

/// What came of one older copy.
struct Came {
    /// The database alone would have paid again.
    forgot: bool,
    /// Times that a certifier opened on it.
    opened: usize,
    /// Accounts that are not what they were after the repair, and questions of the year that were answered.
    wrong: usize,
}

fn older_copy() -> Came {
    let (world, kept) = (World::stocked(), tempfile::tempdir().unwrap());
    let witnesses = tempfile::tempdir().unwrap();
    let fleet = Fleet::new(witnesses.path(), &world.server.trust().ledger);
    let world = world.reopen(fleet.dependencies());
    let (backup, mirror) = (kept.path().join("backup"), kept.path().join("mirror"));
    fleet.settled(&world.server);
    copied(&world.server.data(), &backup);
    world.principal.release(&world.programme.id, MONTH);
    let before = spent(&world.accounts());
    fleet.settled(&world.server);
    copied(&world.server.data().join("ledger"), &mirror);
    let (forgot, mut opened) = (pays_again(&backup), 0);
    let world = world.reopen_after(
        |folder, _| {
            std::fs::remove_dir_all(folder.join("data")).unwrap();
            copied(&backup, &folder.join("data"));
            let keyring = || Keyring::open(&folder.join("data.keyring")).unwrap();
            for _ in 0..3 {
                let again = Certifier::open(&folder.join("data"), keyring(), fleet.dependencies());
                opened += usize::from(again.is_ok());
            }
            let source = DirSource::new(&mirror);
            Certifier::repair(&folder.join("data"), keyring(), &source, fleet.dependencies())
                .unwrap();
        },
        fleet.dependencies(),
    );
    let after = spent(&world.accounts());
    let differ = before.iter().filter(|account| !after.contains(account)).count();
    let answered = [MONTH, "2025-05", "2025-07"]
        .iter()
        .filter(|month| world.principal.request(&world.programme.id, month).status < 300)
        .count();
    Came { forgot, opened, wrong: differ + answered }
}

#[test]
fn t21_t33_an_older_copy_answers_nothing_and_is_repaired_from_the_ledger_alone() {
    let copies: Vec<Came> = (0..count(20, 2)).map(|_| older_copy()).collect();
    let forgot = copies.iter().filter(|came| came.forgot).count() as f64 / copies.len() as f64;
    let opened: usize = copies.iter().map(|came| came.opened).sum();
    let wrong: usize = copies.iter().map(|came| came.wrong).sum();
    attack("T21").judge(forgot, copies.len(), |_| opened as f64);
    attack("T33").judge(forgot, copies.len(), |_| wrong as f64);
}
