//! SIGKILL at random moments while deposits are uploaded and reports are asked for: every
//! acknowledged deposit has the same receipt afterwards, every acknowledged byte of an upload is still
//! there, every acknowledged release has the same bytes, debits, accounts and releases agree, no file is
//! left over, and the ledger verifies.
//!
//! This file, alone, waits: the moment of a kill is random in time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tiers_contact::FileKind;
use tiers_protocol::encoding::encode;
use tiers_protocol::ids::{DepositId, ReleaseId};
use tiers_protocol::wire::{DepositState, DepositStatus, ReleaseInfo};

use crate::faults::sound;
use crate::harness::deposits::{Draft, Sealed};
use crate::harness::people::{Person, Sale, sales_csv};
use crate::harness::roles::{Company, Principal, report_request};
use crate::harness::server::Server;
use crate::harness::world::World;
use crate::harness::{Dice, figure, full};

/// A report and its certificate.
type Documents = (Vec<u8>, Vec<u8>);

/// What the certifier has said yes to.
#[derive(Default)]
struct Acknowledged {
    /// Receipts of deposits; empty until one was fetched.
    deposits: Mutex<BTreeMap<(usize, DepositId), Vec<u8>>>,
    /// The large deposit under way, and how much of it the certifier said to have.
    large: Mutex<Option<(Sealed, u64)>>,
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

/// Rows of a large deposit: several blocks, read by several threads.
const LARGE_ROWS: u32 = 4_000;

/// A fourth dealer sends a large deposit in pieces until its connection breaks, and the next when it is
/// through.
fn upload_large(world: &World, number: &AtomicU32, said: &Acknowledged) {
    let company: &Company = &world.partners[LARGE];
    let mut large = said.large.lock().unwrap();
    loop {
        let (sealed, kept) = large.get_or_insert_with(|| {
            (large_deposit(world, number.fetch_add(1, Ordering::SeqCst)), 0)
        });
        let id = sealed.id();
        let open =
            || company.client.try_send("POST", "/v1/deposits", &[], &sealed.manifest.to_vec());
        let Ok(answer) = open() else { break };
        let mut status: DepositStatus = answer.json();
        while status.state == DepositState::Open {
            let from = usize::try_from(status.offset).unwrap();
            let to = sealed.bytes.len().min(from + sealed.bytes.len() / 3);
            let complete = if to == sealed.bytes.len() { "?1" } else { "?0" };
            let offset = from.to_string();
            let headers = [("upload-offset", offset.as_str()), ("upload-complete", complete)];
            let path = format!("/v1/deposits/{id}/body");
            let sent = company.client.try_send("PUT", &path, &headers, &sealed.bytes[from..to]);
            let Ok(answer) = sent else {
                said.unanswered.fetch_add(1, Ordering::SeqCst);
                return;
            };
            status = answer.json();
            *kept = status.offset;
        }
        assert_eq!(status.state, DepositState::Accepted);
        said.deposits.lock().unwrap().insert((LARGE, id), Vec::new());
        *large = None;
    }
    said.unanswered.fetch_add(1, Ordering::SeqCst);
}

/// Random tokens: how they are made is of no matter to the certifier.
fn large_deposit(world: &World, number: u32) -> Sealed {
    let person = Person(200_000 + number);
    let sale = Sale { person, day: "2025-06-15", euros: 9_000 };
    let mut draft = Draft::of(&world.programme, &world.key, FileKind::Sales, &sales_csv(&[sale]));
    let mut dice = Dice(number.into());
    let mut text = String::from_utf8(std::mem::take(&mut draft.plain)).unwrap();
    for _ in 0..LARGE_ROWS {
        let mut row = String::new();
        for kind in world.programme.policy.kinds() {
            let mut token = || {
                let mut bytes = [0; 32];
                let parts = bytes.as_chunks_mut::<8>().0;
                parts.iter_mut().for_each(|part| *part = dice.roll().to_be_bytes());
                encode(&bytes)
            };
            let tokens: Vec<String> = (0..kind.tokens_per_row()).map(|_| token()).collect();
            row.push_str(&tokens.join(" "));
            row.push(',');
        }
        text.push_str(&row);
        text.push_str("2025-06-15,900000\n");
    }
    draft.plain = text.into_bytes();
    draft.manifest.rows += u64::from(LARGE_ROWS);
    let trust = world.programme.certifier.as_ref().unwrap();
    draft.seal(&trust.sealing, &world.partners[LARGE].secret)
}

/// The dealer of the large deposits.
const LARGE: usize = 3;

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
        scope.spawn(|| upload_large(world, &run.large, said));
        std::thread::sleep(after);
        world.server.child().signal("KILL");
    });
    world.server.kill();
}

struct Run {
    dealer: usize,
    sales: AtomicU32,
    month: AtomicU32,
    large: AtomicU32,
}

/// What was acknowledged is there, with the same bytes; `all` of it, or what is new.
fn nothing_lost(world: &World, said: &Acknowledged, all: bool) {
    if let Some((sealed, kept @ 1..)) = &*said.large.lock().unwrap() {
        let status = world.partners[LARGE].status(&sealed.id());
        assert!(status.offset >= *kept, "acknowledged bytes are lost");
    }
    for ((dealer, id), before) in said.deposits.lock().unwrap().iter_mut() {
        if !all && !before.is_empty() {
            continue;
        }
        let receipt = world.partners[*dealer].receipt(id);
        let now = &receipt.ok().bytes;
        assert!(before.is_empty() || before == now, "a receipt changed");
        before.clone_from(now);
    }
    let principal: &Principal = &world.principal;
    for (id, before) in said.releases.lock().unwrap().iter_mut() {
        if !all && !before.0.is_empty() {
            continue;
        }
        let now = principal.documents(id);
        assert!(before.0.is_empty() || *before == now, "a release changed");
        *before = now;
    }
}

/// Whether so many kills met enough work.
fn enough(said: &Acknowledged, kills: usize) -> bool {
    let deposits = said.deposits.lock().unwrap();
    let large = deposits.keys().filter(|(dealer, _)| *dealer == LARGE).count();
    deposits.len() >= kills && large > 0 && said.releases.lock().unwrap().len() >= kills / 2
}

#[test]
fn a4_a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    let kills = if full() { 500 } else { 12 };
    let mut world = World::over(Server::process());
    world.stock();
    world.add_partner(4);
    let mut run = Run {
        dealer: 0,
        sales: AtomicU32::new(0),
        month: AtomicU32::new(0),
        large: AtomicU32::new(0),
    };
    let said = Acknowledged::default();
    let (mut dice, mut killed) = (Dice(std::process::id().into()), 0);
    for n in 0.. {
        if n >= kills && enough(&said, kills) {
            break;
        }
        // A busy machine does less between two kills.
        assert!(n < 5 * kills, "the runs do too little");
        run.dealer = n % 3;
        let after = Duration::from_millis(5 + dice.below(600));
        work_until_killed(&mut world, after, &run, &said);
        killed += 1;
        world = world.restart();
        // The whole check reads every receipt and certificate again: at each kill in the short run, at
        // every tenth in the long one.
        let all = kills < 50 || n % 10 == 9;
        nothing_lost(&world, &said, all);
        if all {
            sound(&world);
        }
    }
    assert!(said.unanswered.load(Ordering::SeqCst) as usize >= 3 * kills);
    let deposits = said.deposits.lock().unwrap().len();
    let releases = said.releases.lock().unwrap().len();
    figure(
        "A4",
        &format!(
            "{killed} SIGKILLs at random moments of uploads and reports, {deposits} deposits and {releases} \
             releases acknowledged: 0 lost, the ledger verifies"
        ),
    );
}
