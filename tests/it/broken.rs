//! Faults of the machine that no transaction sees coming: a segment that lost its end, a database page that
//! rotted, a ledger's folder that is gone, a clock that goes back, another program that holds the database.
//! Each has a stated behaviour in `docs/operations.md`.

use std::fs;
use std::path::Path;

use tiers::service::Dependencies;
use tiers_protocol::wire::DepositState;

use crate::faults::sound;
use crate::harness::full;
use crate::harness::people::{Person, Sale};
use crate::harness::server::walk;
use crate::harness::world::{MONTH, World};
use crate::restored::spent;

/// The largest file below a folder.
fn largest(folder: &Path) -> std::path::PathBuf {
    let mut files = Vec::new();
    walk(folder, &mut files);
    files.into_iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

#[test]
fn a_segment_that_is_cut_or_altered_gives_no_figure_and_costs_nothing() {
    for cut in [true, false] {
        let world = World::stocked();
        let world = world.reopen_after(
            |folder, _| {
                let path = largest(&folder.join("data/vault"));
                let mut bytes = fs::read(&path).unwrap();
                let half = bytes.len() / 2;
                if cut {
                    bytes.truncate(half);
                } else {
                    bytes[half] ^= 1;
                }
                fs::write(&path, bytes).unwrap();
            },
            Dependencies::default(),
        );
        let refused = world.principal.request(&world.programme.id, MONTH);
        let (status, code) = refused.outcome();
        assert!(status == 500 && code.starts_with("vault."), "{status} {code}");
        assert!(world.accounts().iter().all(|account| account.spent_nrho == 0), "nothing was paid");
        // Everything else goes on.
        let sale = |k: u32| Sale { person: Person(7_000 + k), day: "2025-06-20", euros: 9_000 };
        let sales: Vec<_> = (0..20).map(sale).collect();
        let sealed = world.sales(0, &sales);
        world.partners[0].deposit(&sealed).ok();
        assert_eq!(world.partners[0].status(&sealed.id()).state, DepositState::Accepted);
        world.ledger();
    }
}

#[test]
fn a_ledger_whose_folder_is_gone_is_written_again_byte_for_byte() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    world.server.publish();
    let kept = tempfile::tempdir().unwrap();
    let ledger = world.server.layout().ledger();
    crate::witnesses::copy(&ledger, &kept.path().join("ledger"));
    let accounts = spent(&world.accounts());
    let world = world.reopen_after(
        |folder, _| fs::remove_dir_all(folder.join("data/ledger")).unwrap(),
        Dependencies::default(),
    );
    let mut before = Vec::new();
    walk(&kept.path().join("ledger/tile"), &mut before);
    // Partial tiles of the old size may go; what is whole and what is there is the same.
    let mut same = 0;
    for path in before {
        let now = ledger.join(path.strip_prefix(kept.path().join("ledger")).unwrap());
        if let Ok(bytes) = fs::read(now) {
            assert!(bytes == fs::read(&path).unwrap(), "{}", path.display());
            same += 1;
        }
    }
    assert!(same > 0, "nothing could be compared");
    assert_eq!(spent(&world.accounts()), accounts);
    sound(&world);
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH);
    let path = format!("/v1/releases/{}/report", release.release);
    let report = world.principal.client.get(&path).ok().bytes.clone();
    world.server.clock().advance_days(-3);
    let sealed = world.sales(1, &[Sale { person: Person(9_001), day: "2025-06-20", euros: 9_000 }]);
    world.partners[1].deposit(&sealed).ok();
    world.partners[1].receipt(&sealed.id()).ok();
    assert_eq!(world.principal.client.get(&path).ok().bytes, report);
    let (summary, _) = world.ledger();
    assert!(summary.steps_back > 0, "whoever verifies the ledger is told");
    let world = world.reopen_after(|_, clock| clock.advance_days(40), Dependencies::default());
    world.ledger();
    sound(&world);
}

#[test]
fn a_database_that_another_program_holds_fails_the_request_and_not_the_certifier() {
    if !full() {
        // The wait alone takes half a minute.
        return;
    }
    let world = World::stocked();
    let other = rusqlite::Connection::open(world.server.layout().database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sealed = world.sales(1, &[Sale { person: Person(9_002), day: "2025-06-20", euros: 9_000 }]);
    let (status, code) = world.partners[1].open(&sealed).outcome();
    assert!(status >= 500 && code.starts_with("store."), "{status} {code}");
    other.execute_batch("ROLLBACK").unwrap();
    world.partners[1].deposit(&sealed).ok();
    sound(&world);
}
