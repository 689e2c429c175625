//! SIGKILL at random moments while deposits are uploaded and reports are asked for: every
//! acknowledged deposit has the same receipt afterwards, every acknowledged release the same bytes,
//! debits, accounts and releases agree, and the ledger verifies.
//!
//! This file, alone, waits: the moment of a kill is random in time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tiers_contact::FileKind;
use tiers_protocol::ids::{DepositId, ReleaseId};
use tiers_protocol::wire::{DepositStatus, ReleaseInfo};

use crate::faults::sound;
use crate::harness::people::{Person, Sale, sales_csv};
use crate::harness::roles::{Company, Principal, report_request};
use crate::harness::server::Server;
use crate::harness::world::World;
use crate::harness::{Dice, full};

/// A report and its certificate.
type Documents = (Vec<u8>, Vec<u8>);

/// What the certifier has said yes to.
#[derive(Default)]
struct Acknowledged {
    /// Receipts of deposits; empty until one was fetched.
    deposits: Mutex<BTreeMap<(usize, DepositId), Vec<u8>>>,
    /// Report and certificate of releases; empty until they were fetched.
    releases: Mutex<BTreeMap<ReleaseId, Documents>>,
    /// Requests whose answer never came.
    unanswered: AtomicU32,
}

/// One dealer uploads until its connection breaks.
fn upload(world: &World, dealer: usize, number: &AtomicU32, said: &Acknowledged) {
    let company: &Company = &world.partners[dealer];
    loop {
        let n = number.fetch_add(1, Ordering::SeqCst);
        let sale =
            |k| Sale { person: Person(10_000 + (n + k) % 80_000), day: "2025-06-15", euros: 9_000 };
        let sales: Vec<Sale> = (0..40).map(sale).collect();
        let sealed = world.sealed(FileKind::Sales, &sales_csv(&sales), company);
        let id = sealed.id();
        let put = |bytes: &[u8], offset: usize, complete: &str| {
            let offset = offset.to_string();
            let headers = [("upload-offset", offset.as_str()), ("upload-complete", complete)];
            company.client.try_send("PUT", &format!("/v1/deposits/{id}/body"), &headers, bytes)
        };
        let manifest = sealed.manifest.to_vec();
        let half = sealed.bytes.len() / 2;
        let steps = company
            .client
            .try_send("POST", "/v1/deposits", &[], &manifest)
            .and_then(|_| put(&sealed.bytes[..half], 0, "?0"))
            .and_then(|_| put(&sealed.bytes[half..], half, "?1"));
        let Ok(answer) = steps else { break };
        let status: DepositStatus = answer.json();
        assert_eq!(status.offset, status.total);
        said.deposits.lock().unwrap().insert((dealer, id), Vec::new());
        let path = format!("/v1/deposits/{id}/receipt");
        let Ok(receipt) = company.client.try_send("GET", &path, &[], &[]) else { break };
        said.deposits.lock().unwrap().insert((dealer, id), receipt.ok().bytes.clone());
    }
    said.unanswered.fetch_add(1, Ordering::SeqCst);
}

/// The brand asks until its connection breaks: a month has budget for three questions.
fn ask(world: &World, month: &AtomicU32, said: &Acknowledged) {
    let client = &world.principal.client;
    loop {
        let n = month.fetch_add(1, Ordering::SeqCst) / 4;
        let period = format!("{:04}-{:02}", 1990 + n / 12 % 30, 1 + n % 12);
        let request = report_request(&world.programme.id, &period);
        let request = serde_json::to_vec(&request).unwrap();
        let Ok(answer) = client.try_send("POST", "/v1/reports", &[], &request) else { break };
        if answer.status == 429 {
            continue;
        }
        let release: ReleaseInfo = answer.json();
        let mut releases = said.releases.lock().unwrap();
        releases.entry(release.release).or_default();
        drop(releases);
        let fetch = |what: &str| {
            client.try_send("GET", &format!("/v1/releases/{}/{what}", release.release), &[], &[])
        };
        let (Ok(report), Ok(certificate)) = (fetch("report"), fetch("certificate")) else { break };
        let documents = (report.ok().bytes.clone(), certificate.ok().bytes.clone());
        let mut releases = said.releases.lock().unwrap();
        let known = releases.insert(release.release, documents.clone()).unwrap_or_default();
        assert!(known.0.is_empty() || known == documents, "a release has one form");
    }
    said.unanswered.fetch_add(1, Ordering::SeqCst);
}

/// Works on two threads until the kill; the certifier is gone afterwards.
fn work_until_killed(world: &mut World, after: Duration, run: &Run, said: &Acknowledged) {
    std::thread::scope(|scope| {
        let world: &World = world;
        scope.spawn(|| upload(world, run.dealer, &run.sales, said));
        scope.spawn(|| ask(world, &run.month, said));
        std::thread::sleep(after);
        world.server.child().signal("KILL");
    });
    world.server.kill();
}

struct Run {
    dealer: usize,
    sales: AtomicU32,
    month: AtomicU32,
}

/// What was acknowledged is there, with the same bytes.
fn nothing_lost(world: &World, said: &Acknowledged) {
    for ((dealer, id), before) in said.deposits.lock().unwrap().iter_mut() {
        let receipt = world.partners[*dealer].receipt(id);
        let now = &receipt.ok().bytes;
        assert!(before.is_empty() || before == now, "a receipt changed");
        before.clone_from(now);
    }
    let principal: &Principal = &world.principal;
    for (id, before) in said.releases.lock().unwrap().iter_mut() {
        let now = principal.documents(id);
        assert!(before.0.is_empty() || *before == now, "a release changed");
        *before = now;
    }
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    let kills = if full() { 200 } else { 12 };
    let mut world = World::over(Server::process());
    world.stock();
    let mut run = Run { dealer: 0, sales: AtomicU32::new(0), month: AtomicU32::new(0) };
    let said = Acknowledged::default();
    let mut dice = Dice(std::process::id().into());
    for n in 0..kills {
        run.dealer = n % 3;
        let after = Duration::from_millis(5 + dice.below(600));
        work_until_killed(&mut world, after, &run, &said);
        world = world.restart();
        nothing_lost(&world, &said);
        // The whole check reads every certificate again: at each kill in the short run, at every
        // tenth in the long one.
        if kills < 50 || n % 10 == 9 {
            sound(&world);
        }
    }
    let (deposits, releases) = (said.deposits.lock().unwrap(), said.releases.lock().unwrap());
    let done = (deposits.len(), releases.len());
    assert!(done.0 >= kills && done.1 >= kills / 2, "the runs did too little: {done:?}");
    assert!(said.unanswered.load(Ordering::SeqCst) as usize >= 2 * kills);
}
