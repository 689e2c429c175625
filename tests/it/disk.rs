//! A disk that is full, or that refuses: every request is answered with a refusal that says so, nothing
//! is half done, the certifier goes on serving, and takes the same deposit once it can.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tiers_contact::FileKind;
use tiers_protocol::wire::{DepositInfo, DepositState};

use crate::faults::sound;
use crate::harness::client::Answer;
use crate::harness::deposits::Sealed;
use crate::harness::full;
use crate::harness::people::{Lead, Person, Sale};
use crate::harness::roles::Company;
use crate::harness::server::Server;
use crate::harness::world::{CAMPAIGNS, World};

/// What an answer may be while the disk is in trouble.
#[track_caller]
fn said_so(answer: &Answer) {
    let expected = [(507, "certifier.no_room"), (503, "certifier.storage")];
    let (status, code) = answer.outcome();
    assert!(expected.contains(&(status, code.as_str())), "{status} {code}");
    assert_eq!(answer.problem().code, code);
}

/// Sends what is missing of a deposit, as a client does that comes back; the first refusal.
fn deposit(company: &Company, sealed: &Sealed) -> Option<Answer> {
    let opened = company.open(sealed);
    if opened.status >= 400 {
        return Some(opened);
    }
    let status = company.status(&sealed.id());
    if status.state != DepositState::Open {
        return None;
    }
    let offset = usize::try_from(status.offset).unwrap();
    let sent = company.upload(&sealed.id(), offset, &sealed.bytes[offset..], true);
    (sent.status >= 400).then_some(sent)
}

/// A deposit during trouble, and the same one after it.
fn squeezed(world: &World, company: &Company, sealed: &Sealed, disk: &impl Disk) -> bool {
    disk.squeeze();
    let refused = deposit(company, sealed);
    // It serves all the while.
    world.server.anonymous().get("/v1/trust").ok();
    disk.release();
    if let Some(refused) = &refused {
        said_so(refused);
        assert!(deposit(company, sealed).is_none(), "it is taken once it can be");
    }
    assert_eq!(company.status(&sealed.id()).state, DepositState::Accepted);
    company.receipt(&sealed.id()).ok();
    refused.is_some()
}

/// A disk that can be brought into trouble.
trait Disk {
    fn squeeze(&self);
    fn release(&self);
}

/// Sales and leads of a few hundred kilobytes.
fn large(world: &World, leads: bool, n: u32) -> Sealed {
    let people = || (0..1_000).map(move |k| Person(20_000 + 1_000 * n + k));
    if leads {
        let lead = |person| Lead { person, day: "2025-04-10", campaign: CAMPAIGNS[0] };
        world.leads(&people().map(lead).collect::<Vec<_>>())
    } else {
        let sale = |person| Sale { person, day: "2025-06-12", euros: 15_000 };
        world.sales(0, &people().map(sale).collect::<Vec<_>>())
    }
}

fn sender(world: &World, leads: bool) -> &Company {
    if leads { &world.principal } else { &world.partners[0] }
}

/// A file system of its own, with a file that takes what room there is.
struct Small {
    data: PathBuf,
    /// Bytes that stay free in trouble.
    free: u64,
}

impl Small {
    fn ballast(&self) -> PathBuf {
        self.data.join("ballast")
    }
}

impl Disk for Small {
    fn squeeze(&self) {
        let block = vec![0; 4_096];
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        let mut length = 0;
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {
            length += 4_096;
        }
        ballast.set_len(u64::saturating_sub(length, self.free)).unwrap();
    }

    fn release(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let Some(server) = Server::on_small_disk(if full() { "192m" } else { "64m" }) else {
        // Not everybody may mount: the next test squeezes in another way, everywhere.
        return;
    };
    let world = World::over(server);
    world.stock();
    // Less than 256 MiB from the beginning: whoever distributes requests is told, and why.
    let ready = world.server.anonymous().get("/readyz");
    assert_eq!(ready.outcome(), (503, "certifier.not_ready".to_owned()));
    assert!(ready.problem().detail.starts_with("Less than 256 MiB are free"));
    let (step, most) = if full() { (48 << 10, 4 << 20) } else { (320 << 10, 4 << 20) };
    let mut refused = 0;
    for (n, free) in (0..most).step_by(step).enumerate() {
        let small = Small { data: world.server.data(), free };
        let leads = n % 2 == 1;
        let sealed = large(&world, leads, u32::try_from(n % 60).unwrap());
        refused += u32::from(squeezed(&world, sender(&world, leads), &sealed, &small));
    }
    assert!(refused > 3, "the disk was never full");
    nothing_left_over(&world);
}

/// Of what [`sound`] checks, what can be seen of another process's file system: every file of a deposit
/// is of one that was accepted, and every accepted deposit has its files.
fn nothing_left_over(world: &World) {
    let (mut accepted, mut leads) = (BTreeSet::new(), BTreeSet::new());
    for company in world.partners.iter().map(|p| &p.0).chain([&world.principal.0]) {
        let deposits: Vec<DepositInfo> = company.client.get("/v1/deposits").json();
        for deposit in deposits {
            assert_eq!(deposit.state, DepositState::Accepted);
            accepted.insert(deposit.deposit.to_string());
            if deposit.kind == FileKind::Leads {
                leads.insert(format!("{}.rows", deposit.deposit));
            }
        }
    }
    let layout = world.server.layout();
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names(&layout.vault()), accepted);
    assert_eq!(names(&layout.leads()), leads);
    assert_eq!(names(&layout.spool()), BTreeSet::new());
}

/// Files that may not grow beyond a length, as a quota or a limit of the system has it.
struct Short {
    process: u32,
    bytes: u64,
}

impl Short {
    fn limit(&self, limit: &str) {
        let process = self.process.to_string();
        let mut set = Command::new("prlimit");
        set.args(["--pid", &process, &format!("--fsize={limit}")]);
        assert!(set.status().unwrap().success(), "prlimit is a part of util-linux");
    }
}

impl Disk for Short {
    fn squeeze(&self) {
        self.limit(&format!("{}:", self.bytes));
    }

    fn release(&self) {
        self.limit("unlimited:");
    }
}

#[test]
fn files_that_may_not_grow_are_told_and_harm_nothing() {
    let mut world = World::over(Server::process());
    world.stock();
    let mut refused = 0;
    for n in 0..8 {
        let short = Short { process: world.server.child().id(), bytes: 40_000 << n };
        let leads = n % 2 == 1;
        let sealed = large(&world, leads, n);
        refused += u32::from(squeezed(&world, sender(&world, leads), &sealed, &short));
    }
    assert!(refused > 2, "no file was too long");
    sound(&world);
    world = world.restart();
    sound(&world);
}

/// A folder that is none: nobody can write in it, not even a superuser.
struct Gone(PathBuf);

impl Gone {
    fn aside(&self) -> PathBuf {
        self.0.with_extension("aside")
    }
}

impl Disk for Gone {
    fn squeeze(&self) {
        fs::rename(&self.0, self.aside()).unwrap();
        fs::write(&self.0, b"").unwrap();
    }

    fn release(&self) {
        fs::remove_file(&self.0).unwrap();
        fs::rename(self.aside(), &self.0).unwrap();
    }
}

/// A folder whose permissions forbid writing.
struct ReadOnly(PathBuf);

impl ReadOnly {
    fn mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(&self.0, fs::Permissions::from_mode(mode)).unwrap();
    }
}

impl Disk for ReadOnly {
    fn squeeze(&self) {
        self.mode(0o500);
    }

    fn release(&self) {
        self.mode(0o700);
    }
}

/// A superuser is not stopped by permissions.
fn permissions_count(folder: &Path) -> bool {
    let read_only = ReadOnly(folder.join("probe"));
    fs::create_dir(&read_only.0).unwrap();
    read_only.squeeze();
    let written = fs::write(read_only.0.join("file"), b"").is_ok();
    read_only.release();
    fs::remove_dir_all(&read_only.0).unwrap();
    !written
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_harms_nothing() {
    let world = World::stocked();
    let layout = world.server.layout();
    let counts = permissions_count(world.server.folder());
    let folders = [layout.spool(), layout.vault(), layout.leads()];
    for (n, folder) in (0..).zip(&folders) {
        // The set of leads concerns leads alone.
        let leads = *folder == layout.leads();
        let sealed = large(&world, leads, 2 * n);
        assert!(squeezed(&world, sender(&world, leads), &sealed, &Gone(folder.clone())));
        let sealed = large(&world, leads, 2 * n + 1);
        let read_only = ReadOnly(folder.clone());
        assert_eq!(squeezed(&world, sender(&world, leads), &sealed, &read_only), counts);
        sound(&world);
    }
    sound(&world.reopen(tiers::service::Dependencies::default()));
}

/// A disk that takes long for what has to be on it for good: who deposits waits for it, and nobody else does.
#[test]
fn a_slow_disk_is_waited_for_by_nobody_but_who_writes() {
    let flush = Duration::from_millis(200);
    let world = World::over(Server::on_slow_disk(u32::try_from(flush.as_millis()).unwrap()));
    let sealed = large(&world, false, 0);
    let over = AtomicBool::new(false);
    let (took, (longest, answered)) = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let (reader, mut longest, mut answered) = (world.server.anonymous(), Duration::ZERO, 0);
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                reader.get("/v1/trust").ok();
                longest = longest.max(begun.elapsed());
                answered += 1;
            }
            (longest, answered)
        });
        let begun = Instant::now();
        let refused = deposit(&world.partners[0], &sealed);
        let took = begun.elapsed();
        over.store(true, Ordering::SeqCst);
        assert!(refused.is_none(), "a slow disk is no reason to refuse");
        (took, reading.join().unwrap())
    });
    world.partners[0].receipt(&sealed.id()).ok();
    // The segment, its folder and the transaction at least: the disk was slow.
    assert!(took > 3 * flush, "{took:?}");
    let told = format!("somebody who reads waited {longest:?}, who writes {took:?}");
    // Whoever waited for the writer would wait for one flush at least, and mostly for several.
    assert!(4 * longest < 3 * took, "{told}");
    assert!(answered > 3, "{answered} answers meanwhile, {told}");
    // Killed on it, it loses nothing that was acknowledged.
    let world = world.restart();
    assert_eq!(world.partners[0].status(&sealed.id()).state, DepositState::Accepted);
    nothing_left_over(&world);
    world.ledger();
}
