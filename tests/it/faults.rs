//! Every named fault point of the service, the vault and the ledger, hit at least once: the certifier
//! stops there as a kill would stop it, is opened again, and nothing acknowledged is lost, nothing
//! is answered without a debit, no file is left over, and the ledger verifies.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tiers::crypto::keyring::Keyring;
use tiers::ledger::faults as ledger;
use tiers::service::faults::{FaultPoint, Faults};
use tiers::service::{Certifier, Dependencies};
use tiers::vault;
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{DepositInfo, DepositState, ReleaseInfo};

use crate::harness::deposits::Sealed;
use crate::harness::people::{Lead, Person};
use crate::harness::roles::Company;
use crate::harness::vault as vault_of;
use crate::harness::world::{CAMPAIGNS, MONTH, World};

/// What must hold after every start, whatever happened before.
#[track_caller]
pub fn sound(world: &World) {
    let companies = || world.partners.iter().map(|p| &p.0).chain([&world.principal.0]);
    let deposits =
        |company: &Company| -> Vec<DepositInfo> { company.client.get("/v1/deposits").json() };
    let trust = world.server.trust();
    let (mut accepted, mut open, mut leads) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut erased = 0;
    for company in companies() {
        for deposit in deposits(company) {
            let id = deposit.deposit.to_string();
            match deposit.state {
                DepositState::Accepted => {
                    let receipt = company.receipt(&deposit.deposit);
                    Attested::<Receipt>::verify(&receipt.ok().bytes, &trust).expect("a receipt");
                    if deposit.kind == tiers_contact::FileKind::Leads {
                        leads.insert(format!("{id}.rows"));
                    }
                    accepted.insert(id);
                }
                DepositState::Open => drop(open.insert(id)),
                DepositState::Erased => {
                    let receipt = company.receipt(&deposit.deposit);
                    Attested::<Receipt>::verify(&receipt.ok().bytes, &trust).expect("a receipt");
                    erased += 1;
                }
                DepositState::Refused => {}
            }
        }
    }
    let layout = world.server.layout();
    // The valid generation of each deposit, one that waits for the others, and nothing else.
    let valid = vault_of::generations(world);
    assert_eq!(valid.into_iter().map(|(id, ..)| id).collect::<BTreeSet<_>>(), accepted);
    let known = vault_of::folders(world);
    assert_eq!(names(&layout.vault()), known, "segments and the database disagree");
    // Every file that the database names is there, and whole; what it does not name, upkeep removes.
    vault_of::admitted(world, None);
    let [lying, named] = vault_of::admitted_files(world);
    assert!(lying.is_superset(&named), "admitted units and the database disagree");
    assert_eq!(names(&layout.leads()), leads, "leads sets and the database disagree");
    assert!(names(&layout.spool()).is_subset(&open), "a spool is left over");
    budget_adds_up(world, accepted.len() + erased);
}

/// Debits in the ledger, accounts and releases say the same.
#[track_caller]
fn budget_adds_up(world: &World, accepted: usize) {
    let path = format!("/v1/releases?programme={}", world.programme.id);
    let releases: Vec<ReleaseInfo> = world.principal.client.get_in_turn(&path).json();
    let trust = world.server.trust();
    for release in &releases {
        let (report, certificate) = world.principal.documents(&release.release);
        certificate::verify(&certificate, &report, &trust).expect("a certificate");
    }
    let (summary, entries) = world.ledger();
    let answered: u64 = releases.iter().map(|release| release.cost_nrho).sum();
    let spent: u64 = world.accounts().iter().map(|account| account.spent_nrho).sum();
    assert_eq!(spent, answered);
    assert_eq!(summary.spent_nrho.values().sum::<u64>(), answered);
    let count = |kind| entries.iter().filter(|e| e.entry_type() == kind).count();
    assert_eq!(count(EntryType::LedgerDebit), releases.len());
    assert_eq!(count(EntryType::ReleasePublished), releases.len());
    assert_eq!(count(EntryType::DepositReceived), accepted);
}

fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Sends what is missing of a deposit, as a client does that lost its connection.
fn finish(company: &Company, sealed: &Sealed) {
    let status = company.status(&sealed.id());
    if status.state == DepositState::Open {
        let offset = usize::try_from(status.offset).unwrap();
        company.upload(&sealed.id(), offset, &sealed.bytes[offset..], true).ok();
    }
    assert_eq!(company.status(&sealed.id()).state, DepositState::Accepted);
}

/// A deposit of leads and one of sales are stopped by `with`; then both are finished.
fn stop_deposits(name: &str, code: &str, with: impl Fn() -> Dependencies) {
    for leads in [true, false] {
        let mut world = World::stocked().reopen(with());
        let lead = Lead { person: Person(7_000), day: "2025-05-01", campaign: CAMPAIGNS[0] };
        let sealed =
            if leads { world.leads(&[lead]) } else { world.sales(0, &World::small_sales(0)[..7]) };
        let stopped = sender(&world, leads).deposit(&sealed);
        assert_eq!(stopped.outcome(), (500, code.to_owned()), "{name}");
        world = world.reopen(Dependencies::default());
        sound(&world);
        finish(sender(&world, leads), &sealed);
        sound(&world);
        world.principal.release(&world.programme.id, MONTH);
        sound(&world);
    }
}

fn sender(world: &World, leads: bool) -> &Company {
    if leads { &world.principal } else { &world.partners[0] }
}

/// A question is stopped by `with`; then it is asked again.
fn stop_a_release(name: &str, code: &str, answered: bool, with: Dependencies) {
    let world = World::stocked().reopen(with);
    let stopped = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(stopped.outcome(), (500, code.to_owned()), "{name}");
    let world = world.reopen(Dependencies::default());
    sound(&world);
    let spent: u64 = world.accounts().iter().map(|account| account.spent_nrho).sum();
    assert_eq!(spent > 0, answered, "{name}");
    let release = world.principal.release(&world.programme.id, MONTH);
    assert_eq!(release.from_store, answered, "{name}");
    sound(&world);
}

#[test]
fn the_service_can_stop_at_each_of_its_points() {
    for point in FaultPoint::ALL {
        let with = || Dependencies { faults: Faults::at(*point), ..Dependencies::default() };
        let (name, code) = (point.as_str(), "certifier.planned_fault");
        match point {
            FaultPoint::Spooled | FaultPoint::SegmentsWritten | FaultPoint::DepositCommitted => {
                stop_deposits(name, code, with);
            }
            FaultPoint::ReleaseDrawn => stop_a_release(name, code, false, with()),
            FaultPoint::ReleaseCommitted => stop_a_release(name, code, true, with()),
            // `erasure.rs`, `rotation.rs` and `exchange/passage.rs` stop there.
            FaultPoint::HandOverDecided
            | FaultPoint::HandOverCommitted
            // `said.rs` stops there.
            | FaultPoint::SaidKept
            // `retention.rs` stops there.
            | FaultPoint::Archived
            | FaultPoint::ErasureWritten
            | FaultPoint::ErasureCommitted
            | FaultPoint::GenerationWritten
            | FaultPoint::AllPrepared
            | FaultPoint::LinksInForce
            | FaultPoint::MastersForgotten => {}
        }
    }
}

#[test]
fn the_vault_can_stop_at_each_of_its_points() {
    for point in vault::FaultPoint::ALL {
        let with =
            || Dependencies { vault_faults: vault::Faults::at(point), ..Dependencies::default() };
        stop_deposits(&format!("{point:?}"), tiers::vault::VaultError::Injected.code(), with);
    }
}

#[test]
fn a_second_certifier_on_the_same_directory_is_refused() {
    let world = World::stocked();
    let folder = world.server.folder();
    let open = || {
        let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
        Certifier::open(&folder.join("data"), keyring, Dependencies::default())
    };
    // Its recovery would remove what the first one is about to commit.
    assert_eq!(open().err().map(|error| error.code()), Some("certifier.in_use"));
    sound(&world);
    sound(&world.reopen(Dependencies::default()));
}

/// Stops the ledger once, after it was armed.
#[derive(Clone)]
struct Armed {
    point: ledger::FaultPoint,
    armed: Arc<AtomicBool>,
}

impl ledger::Faults for Armed {
    fn reach(&self, point: ledger::FaultPoint) -> Result<(), ledger::Stopped> {
        let stop = point == self.point && self.armed.swap(false, Ordering::SeqCst);
        if stop { Err(ledger::Stopped(point)) } else { Ok(()) }
    }
}

#[test]
fn the_ledger_can_stop_at_each_of_its_points() {
    for point in ledger::FaultPoint::ALL {
        for restart in [true, false] {
            let armed = Armed { point: *point, armed: Arc::new(AtomicBool::new(false)) };
            let ledger_faults = Box::new(armed.clone());
            let with = Dependencies { ledger_faults, ..Dependencies::default() };
            let mut world = World::stocked().reopen(with);
            armed.armed.store(true, Ordering::SeqCst);
            let stopped = world.principal.request(&world.programme.id, MONTH);
            let name = point.as_str();
            assert_eq!(stopped.outcome(), (500, "ledger.stopped".to_owned()), "{name}");
            assert!(!armed.armed.load(Ordering::SeqCst), "{name} was not reached");
            if restart {
                world = world.reopen(Dependencies::default());
            }
            // The debit was committed with the answer, which is there at no further cost.
            sound(&world);
            let release = world.principal.release(&world.programme.id, MONTH);
            assert!(release.from_store, "{name}");
            sound(&world);
        }
    }
}
