//! Many at once on the real binary: companies deposit, people browse, a brand asks for reports. Nobody meets an error,
//! memory and open files stay within a bound, and what was opened is closed again. The long form (`TIERS_FULL=1`) has
//! the stated counts (1,000 deposits of 20,000 rows by 64 clients, 50 readers, 10 reports), then half an hour of steady use.

use std::fs;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tiers_protocol::wire::{DepositState, DepositStatus};

use crate::harness::full;
use crate::harness::people::{Person, Sale};
use crate::harness::server::Server;
use crate::harness::world::World;
use crate::portal::Visitor;

/// What the certifier may hold, whatever is asked of it at once (decision 98).
const MEMORY_KIB: u64 = 512 * 1024;
/// What a process may open where nobody raised it, with room for its own files.
const FILES: usize = 900;
/// How often a deposit is sent again before that is a fault: a minute.
const TRIES: usize = 200;
/// Between two pages of one reader.
const PAUSE: Duration = Duration::from_millis(100);

/// How much at once.
struct Load {
    deposits: usize,
    rows: u32,
    clients: usize,
    readers: usize,
    reports: usize,
}

const SHORT: Load = Load { deposits: 40, rows: 2_000, clients: 8, readers: 8, reports: 3 };
const STATED: Load = Load { deposits: 1_000, rows: 20_000, clients: 64, readers: 50, reports: 10 };

/// How long each kind of request took.
#[derive(Default)]
struct Taken([Mutex<Vec<Duration>>; 4]);

#[derive(Clone, Copy)]
enum Kind {
    Page,
    Api,
    Deposit,
    Report,
}

impl Taken {
    fn time<T>(&self, kind: Kind, ask: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let answer = ask();
        self.0[kind as usize].lock().unwrap().push(begun.elapsed());
        answer
    }

    /// How many there were, the median, and the least time within which 99 of 100 were done.
    fn say(&self, kind: Kind) -> String {
        let mut all = self.0[kind as usize].lock().unwrap();
        all.sort_unstable();
        let at = |of_hundred: usize| {
            let place = (all.len() * of_hundred).div_ceil(100).max(1);
            all.get(place - 1).copied().unwrap_or_default().as_millis()
        };
        format!("{} (median {} ms, p99 {} ms)", all.len(), at(50), at(99))
    }
}

/// Resident memory, its high-water mark, and open files of a process.
#[derive(Clone, Copy, Debug)]
struct Held {
    kib: u64,
    peak_kib: u64,
    files: usize,
}

fn held(process: u32) -> Held {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    Held { kib: of("VmRSS:"), peak_kib: of("VmHWM:"), files }
}

fn world(clients: usize) -> World {
    let mut world = World::over(Server::process_with(&["--sign-in-links"]));
    // Started as people do, without the word in the environment: it has seen to it itself.
    let environment = fs::read(format!("/proc/{}/environ", world.server.child().id())).unwrap();
    let few = |variable: &[u8]| variable == b"MALLOC_ARENA_MAX=2";
    assert!(environment.split(|byte| *byte == 0).any(few), "few heaps");
    for number in 4..=u32::try_from(clients).unwrap() {
        world.add_partner(number);
    }
    world.stock();
    world
}

/// A file of a dealer that nobody has sent yet, made and sent as the dealer does; how often it was told to come again.
fn deposit(world: &World, partner: usize, number: usize, rows: u32, taken: &Taken) -> usize {
    let first = u32::try_from(number).unwrap().wrapping_mul(rows);
    let people = (0..rows).map(|n| Person(10_000 + first.wrapping_add(n) % 2_000_000));
    let sale = |person| Sale { person, day: "2025-06-12", euros: 15_000 };
    let sealed = world.sales(partner, &people.map(sale).collect::<Vec<_>>());
    let company = &world.partners[partner];
    taken.time(Kind::Deposit, || {
        company.open(&sealed).ok();
        for again in 0..TRIES {
            let answer = company.upload(&sealed.id(), 0, &sealed.bytes, true);
            if answer.status != 503 {
                let status: DepositStatus = answer.json();
                assert_eq!(status.state, DepositState::Accepted);
                company.receipt(&sealed.id()).ok();
                return again;
            }
            assert_eq!(answer.code(), "deposit.waiting", "{}", answer.problem().detail);
            std::thread::sleep(Duration::from_millis(300));
        }
        panic!("told to come again {TRIES} times");
    })
}

/// Somebody at a screen, and beside it a program of the same company, until it is over.
fn browse(world: &World, number: usize, taken: &Taken, over: &AtomicBool) {
    let company = &world.partners[number % 3];
    // A process has its pages under this name (passkeys ask for one).
    let origin = world.server.url().replace("127.0.0.1", "localhost");
    let visitor = Visitor::entered_at(&origin, &company.client, &format!("Personne {number}"));
    let programme = format!("/portal/programmes/{}", world.programme.id);
    let pages = ["/portal", programme.as_str(), "/portal/people"];
    let calls = ["/v1/deposits", "/v1/trust", "/readyz", "/ledger/checkpoint"];
    for turn in number.. {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let page = pages[turn % pages.len()];
        let shown = taken.time(Kind::Page, || visitor.get(page));
        assert_eq!(shown.status, 200, "{page}");
        let call = calls[turn % calls.len()];
        taken.time(Kind::Api, || company.client.get(call)).ok();
        std::thread::sleep(PAUSE);
    }
}

/// The brand, one month after the other.
fn ask(world: &World, reports: usize, taken: &Taken) {
    for month in 0..reports {
        let period = format!("2025-{:02}", 1 + month);
        taken.time(Kind::Report, || world.principal.request(&world.programme.id, &period)).ok();
    }
}

/// All of it at once; what the certifier held at most.
fn crowd(world: &World, load: &Load, taken: &Taken) -> (Held, usize) {
    let process = world.server.child().id();
    let (over, next, again) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let most = Mutex::new(0);
    std::thread::scope(|scope| {
        for number in 0..load.readers {
            let over = &over;
            scope.spawn(move || browse(world, number, taken, over));
        }
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                let mut most = most.lock().unwrap();
                *most = held(process).files.max(*most);
                drop(most);
                std::thread::sleep(PAUSE);
            }
        });
        let sending: Vec<_> = (0..load.clients)
            .map(|client| {
                let (next, again) = (&next, &again);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= load.deposits {
                            return;
                        }
                        let told = deposit(world, client, number, load.rows, taken);
                        again.fetch_add(told, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let asking = scope.spawn(|| ask(world, load.reports, taken));
        let all = sending.into_iter().chain([asking]);
        let ended: Vec<_> = all.map(std::thread::ScopedJoinHandle::join).collect();
        // The readers end whatever became of the others.
        over.store(true, Ordering::SeqCst);
        assert!(ended.iter().all(Result::is_ok), "somebody met an error");
    });
    let files = most.into_inner().unwrap();
    (Held { files, ..held(process) }, again.into_inner())
}

/// Waits until no more is open than before, connections that are kept apart.
fn closes(process: u32, before: usize) {
    let begun = Instant::now();
    while held(process).files > before + 8 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}, before {before}", held(process));
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "\n{line}").expect("standard output");
}

#[test]
fn many_at_once_meet_no_error_and_leave_nothing_open() {
    let load = if full() { STATED } else { SHORT };
    let world = world(load.clients.max(3));
    let process = world.server.child().id();
    let before = held(process);
    let (taken, begun) = (Taken::default(), Instant::now());
    let (most, again) = crowd(&world, &load, &taken);
    print(&format!(
        "load: {:.0} s; pages {}; calls {}; deposits of {} rows {}, told {again} times to come again; reports {}; \
         peak memory {} MiB, open files {} at most",
        begun.elapsed().as_secs_f64(),
        taken.say(Kind::Page),
        taken.say(Kind::Api),
        load.rows,
        taken.say(Kind::Deposit),
        taken.say(Kind::Report),
        most.peak_kib >> 10,
        most.files,
    ));
    assert!(most.peak_kib < MEMORY_KIB, "{most:?}");
    assert!(most.files < FILES, "{most:?}");
    closes(process, before.files);
    let accepted = load.deposits + 3;
    let size = world.ledger().0.checkpoint.size();
    assert!(size >= accepted as u64, "{size} entries");
}

/// Half an hour of steady use: neither memory nor open files grow with time.
#[test]
fn a_long_day_leaves_memory_and_files_as_they_were() {
    if !full() {
        return;
    }
    let world = world(3);
    let process = world.server.child().id();
    let (taken, over, begun) = (Taken::default(), AtomicBool::new(false), Instant::now());
    let mut seen = Vec::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (taken, over, world) = (&taken, &over, &world);
            scope.spawn(move || browse(world, number, taken, over));
        }
        let steady = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 0.. {
                if begun.elapsed() > Duration::from_secs(1_800) {
                    break;
                }
                deposit(&world, number % 3, number, 500, &taken);
                seen.push(held(process));
                std::thread::sleep(Duration::from_secs(1));
            }
        }));
        over.store(true, Ordering::SeqCst);
        assert!(steady.is_ok(), "a deposit met an error");
    });
    // The first sixth fills caches; what follows is as large at its end as at its beginning.
    let steady = &seen[seen.len() / 6..];
    let third = steady.len() / 3;
    let middle = |part: &[Held], of: fn(&Held) -> u64| {
        let mut all: Vec<u64> = part.iter().map(of).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    let (first, last) = (&steady[..third], &steady[steady.len() - third..]);
    let memory = [first, last].map(|part| middle(part, |one| one.kib));
    let files = [first, last].map(|part| middle(part, |one| one.files as u64));
    print(&format!(
        "soak: {} deposits in {} s; pages {}; calls {}; memory {} MiB, then {} MiB; open files {}, then {}",
        seen.len(),
        begun.elapsed().as_secs(),
        taken.say(Kind::Page),
        taken.say(Kind::Api),
        memory[0] >> 10,
        memory[1] >> 10,
        files[0],
        files[1],
    ));
    assert!(memory[1] < memory[0] + memory[0] / 10 + 16 * 1024, "{memory:?}");
    assert!(files[1] <= files[0] + 4, "{files:?}");
}
