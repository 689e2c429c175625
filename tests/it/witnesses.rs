//! The ledger under witnesses: what waits for them, what does not, and that a second history gets no
//! cosignature, whoever holds the keys.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tiers::crypto::keyring::Keyring;
use tiers::service::doctor::{Health, Patient, examine};
use tiers::service::{Certifier, Refusal};
use tiers_protocol::attested::Attested;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::LedgerProof;

use crate::faults::sound;
use crate::harness::process::Process;
use crate::harness::server::ORIGIN;
use crate::harness::witnesses::Fleet;
use crate::harness::world::{MONTH, World};
use crate::restored::spent;

/// A stocked network whose ledger three witnesses watch; two have to cosign.
pub fn watched(world: World) -> (World, Fleet, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let fleet = Fleet::new(folder.path(), &world.server.trust().ledger);
    let world = world.reopen(fleet.dependencies());
    (world, fleet, folder)
}

/// Copies a folder as a backup would that knows nothing of it: what is gone when its turn comes is not in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            match std::fs::copy(item.path(), target) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            }
        }
    }
}

#[test]
fn log_12_every_proof_carries_enough_cosignatures() {
    let (world, fleet, _folder) = watched(World::stocked());
    let trust = world.server.trust();
    assert_eq!(trust.witnesses.as_deref(), Some(fleet.policy().text()));
    let released = world.principal.release(&world.programme.id, MONTH);
    let (report, certificate) = world.principal.documents(&released.release);
    let read = tiers_protocol::certificate::verify(&certificate, &report, &trust).unwrap();
    let proof = LedgerProof::parse(read.evidence.proof.as_bytes()).unwrap();
    let verifier = trust.ledger_verifier().unwrap();
    let (checkpoint, by) = verifier.verify_witnessed(proof.checkpoint_bytes()).unwrap();
    assert!(by.len() >= 2, "a quorum");
    assert!(proof.index() < checkpoint.size());

    // The same proof without its cosignatures, or with one of them, proves nothing.
    let extra = by.len() - 1;
    let own = verifier.signed_by_log(proof.checkpoint_bytes()).unwrap();
    let text = String::from_utf8(proof.checkpoint_bytes().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let one = format!("{}\n", lines[..lines.len() - extra].join("\n"));
    for checkpoint in [own, one.into_bytes()] {
        let fewer = read.evidence.proof.replace(&text, std::str::from_utf8(&checkpoint).unwrap());
        let fewer = LedgerProof::parse(fewer.as_bytes()).unwrap();
        let refused = fewer.verify(read.evidence.entry.as_bytes(), &verifier).unwrap_err();
        assert_eq!(refused.code(), "ledger.checkpoint.quorum");
    }
    // The third is not waited for, and comes.
    fleet.settled(&world.server);
    let (summary, _) = world.ledger();
    let witnessed = summary.witnessed.unwrap();
    assert_eq!((witnessed.size, witnessed.by.len()), (summary.checkpoint.size(), 3));
    sound(&world);
}

#[test]
fn acts_go_on_without_witnesses_and_releases_and_proofs_wait() {
    let (world, fleet, _folder) = watched(World::new());
    world.stock();
    fleet.reach(0, false);
    let first = world.principal.release(&world.programme.id, MONTH);
    // Its certificate is there once two witnesses have seen it, which a busy machine takes a moment for.
    let certificate = format!("/v1/releases/{}/certificate", first.release);
    let began = Instant::now();
    while world.principal.client.get(&certificate).status == 503 {
        assert!(began.elapsed() < Duration::from_secs(20), "two witnesses can be reached");
        std::thread::sleep(Duration::from_millis(20));
    }
    fleet.reach(1, false);
    world.server.clock().advance_seconds(60);

    let sealed = world.sales(0, &World::small_sales(1));
    world.partners[0].deposit(&sealed).ok();
    let waits = (503, Refusal::Unwitnessed.code().to_owned());
    assert_eq!(world.partners[0].receipt(&sealed.id()).outcome(), waits);
    let before = spent(&world.accounts());
    assert_eq!(world.principal.request(&world.programme.id, MONTH).outcome(), waits);
    assert_eq!(spent(&world.accounts()), before, "nothing was drawn or debited");
    // What was certified stays available.
    world.principal.documents(&first.release);

    fleet.reach(1, true);
    let still = world.partners[0].receipt(&sealed.id());
    assert_eq!(still.outcome(), waits, "it is not asked again at once");
    world.server.clock().advance_seconds(60);
    world.server.publish();
    let receipt = world.partners[0].receipt(&sealed.id()).ok().bytes.clone();
    Attested::<Receipt>::verify(&receipt, &world.server.trust()).unwrap();
    let second = world.principal.release(&world.programme.id, MONTH);
    assert_ne!(second.release, first.release);
    sound(&world);
}

#[test]
fn a_start_that_too_few_witnesses_confirm_is_refused() {
    let (world, fleet, _folder) = watched(World::stocked());
    let with = fleet.dependencies();
    let world = world.reopen_after(
        |folder, _| {
            let open = |fleet: &Fleet| {
                let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
                Certifier::open(&folder.join("data"), keyring, fleet.dependencies())
            };
            fleet.reach(0, false);
            fleet.reach(2, false);
            assert_eq!(open(&fleet).err().map(|e| e.code()), Some("ledger.unconfirmed"));
            fleet.reach(2, true);
            assert!(open(&fleet).is_ok());
        },
        with,
    );
    sound(&world);
}

/// Test A3 with the real writer: two certifiers with the same keys, from one backup on.
#[test]
fn log_12_a_second_history_by_the_same_keys_gets_no_cosignature() {
    let (world, fleet, _folder) = watched(World::stocked());
    let twin = tempfile::tempdir().unwrap();
    for part in ["data", "data.keyring"] {
        copy(&world.server.folder().join(part), &twin.path().join(part));
    }
    world.principal.release(&world.programme.id, MONTH);
    fleet.settled(&world.server);
    let (seen, given) = (fleet.seen(), fleet.cosignatures());
    let open = || {
        let keyring = Keyring::open(&twin.path().join("data.keyring")).unwrap();
        Certifier::open(&twin.path().join("data"), keyring, fleet.dependencies())
    };
    assert_eq!(open().err().map(|e| e.code()), Some("ledger.rolled_back"));

    // Nobody is asked at its start; it writes a history of its own, longer than the first.
    let alone = || {
        let keyring = Keyring::open(&twin.path().join("data.keyring")).unwrap();
        let none = tiers_protocol::tlog::WitnessPolicy::parse("quorum none\n").unwrap();
        let ask = Box::new(fleet.clone());
        let witnesses = tiers::service::Witnesses { policy: Some(none), ask };
        let with = tiers::service::Dependencies { witnesses, ..Default::default() };
        Certifier::open(&twin.path().join("data"), keyring, with).unwrap()
    };
    (0..8).for_each(|_| drop(alone()));
    assert_eq!(open().err().map(|e| e.code()), Some("ledger.forked"));
    assert_eq!((fleet.seen(), fleet.cosignatures()), (seen, given));
    sound(&world);
}

/// What was asked for, once it is as it should be, after ten seconds at most.
fn eventually<T>(ask: impl Fn() -> T, is_so: impl Fn(&T) -> bool) -> T {
    for _ in 0..200 {
        let said = ask();
        if is_so(&said) {
            return said;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    ask()
}

#[test]
fn log_12_a_slow_witness_holds_up_no_request_and_no_other_witness() {
    let (world, fleet, _folder) = watched(World::stocked());
    fleet.settled(&world.server);
    // It takes the question and does not answer, for as long as this test runs.
    fleet.hold(2, true);
    let seen = fleet.seen();
    for number in 0..5 {
        let sealed = world.sales(0, &World::small_sales(number + 1));
        let begun = Instant::now();
        world.partners[0].deposit(&sealed).ok();
        let receipt = world.partners[0].receipt(&sealed.id()).ok().bytes.clone();
        // Far less than a question to a witness may take.
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        let read = Attested::<Receipt>::verify(&receipt, &world.server.trust()).unwrap();
        let proof = LedgerProof::parse(read.evidence.proof.as_bytes()).unwrap();
        let verifier = world.server.trust().ledger_verifier().unwrap();
        let (_, by) = verifier.verify_witnessed(proof.checkpoint_bytes()).unwrap();
        assert_eq!(by.len(), 2, "the others were enough");
        world.server.clock().advance_seconds(1);
    }
    assert_eq!(fleet.seen()[2], seen[2]);
    fleet.hold(2, false);
    fleet.settled(&world.server);
    let now = fleet.seen();
    assert!(now[2] > seen[2] && now[2] == now[0], "it catches up: {now:?}");
    sound(&world);
}

#[test]
fn the_age_of_each_cosignature_is_told_and_a_quiet_ledger_is_cosigned_again() {
    let (world, fleet, _folder) = watched(World::stocked());
    fleet.settled(&world.server);
    let ages = || -> Vec<u64> {
        let ages = world.server.certifier().witness_ages().unwrap();
        assert!(ages.iter().zip(0..).all(|(age, n)| age.name == format!("w{n}.example")));
        ages.into_iter().map(|age| age.seconds).collect()
    };
    assert_eq!(ages(), [0, 0, 0]);
    fleet.reach(1, false);
    let given = fleet.cosignatures();
    world.server.clock().advance_seconds(3_000);
    assert_eq!(ages(), [3_000; 3], "nothing is new, and nobody is asked before the hour is over");
    world.server.clock().advance_seconds(3_000);
    world.server.certifier().publish().unwrap();
    let told = eventually(ages, |ages| ages[0] == 0 && ages[2] == 0);
    assert_eq!(told, [0, 6_000, 0]);
    assert_eq!(fleet.cosignatures(), given + 2);

    // Four hours later the doctor says who is silent, by what the database noted.
    world.server.clock().advance_seconds(4 * 3_600);
    world.server.certifier().publish().unwrap();
    eventually(ages, |ages| ages[0] == 0 && ages[2] == 0);
    let certifier = world.server.certifier();
    let keyring = Keyring::open(&world.server.folder().join("data.keyring")).unwrap();
    let layout = world.server.layout();
    let found = || {
        let patient = Patient {
            layout: &layout,
            keyring_folder: &world.server.folder().join("data.keyring"),
            keyring: Some(&keyring),
            now: certifier.now(),
        };
        let found = examine(&patient).into_iter().find(|one| one.about == "witnesses");
        found.map(|one| (one.health, one.says)).unwrap()
    };
    let silent = "no cosignature of w1.example for 5 hours".to_owned();
    assert_eq!(eventually(found, |found| found.1 == silent), (Health::Warning, silent));
    let figures = certifier.figures().unwrap().named();
    assert!(figures.contains(&("ledger_disputed", 0)), "{figures:?}");
}

/// The whole of it as people run it: three `tiers witness`, one `tiers serve`, over HTTP.
#[test]
fn witnesses_as_processes_cosign_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let tiers = |words: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_tiers")).args(words).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()
    };
    Process::init(Path::new(&at("data")), ORIGIN);
    let certifier = Process::serve(Path::new(&at("data")));
    let trust = crate::harness::client::Client::new(certifier.url(), None).get("/v1/trust").bytes;
    std::fs::write(at("trust.json"), trust).unwrap();
    drop(certifier);
    let mut policy = String::new();
    let mut running = Vec::new();
    for name in ["a", "b", "c"] {
        let named = format!("{name}.example");
        let made = tiers(&["witness", "init", &at(name), "--name", &named, "--json"]);
        let trust = at("trust.json");
        tiers(&["witness", "add", "--dir", &at(name), "--trust", &trust, "--json"]);
        let process = Process::witness(Path::new(&at(name)));
        let key = made["key"].as_str().unwrap();
        policy.push_str(&format!("witness {name} {key} {}\n", process.url()));
        running.push(process);
    }
    policy.push_str("group two-of-three 2 a b c\nquorum two-of-three\n");
    std::fs::write(at("policy.txt"), policy).unwrap();
    let words = ["--witnesses", &at("policy.txt")];
    let certifier = Process::serve_with(Path::new(&at("data")), &words);
    let verify = || tiers(&["ledger", "verify", certifier.url(), "--json"]);
    let all = |said: &serde_json::Value| {
        said["witnesses"].as_array().unwrap().len() == 3 && said["witnessed_size"] == said["size"]
    };
    let verified = eventually(verify, all);
    assert_eq!(verified["witnesses"].as_array().unwrap().len(), 3);
    assert_eq!(verified["witnessed_size"], verified["size"]);
    tiers(&["ledger", "mirror", certifier.url(), "--out", &at("mirror"), "--json"]);
    let served = crate::harness::client::Client::new(certifier.url(), None);
    std::fs::write(at("mirror/trust.json"), served.get("/v1/trust").bytes).unwrap();
    let copied = tiers(&["ledger", "verify", &at("mirror"), "--json"]);
    assert_eq!(copied["witnesses"].as_array().unwrap().len(), 3);
    drop(running);
    let shown = tiers(&["witness", "show", "--dir", &at("a"), "--json"]);
    assert_eq!(shown["logs"][0]["size"], verified["size"]);
}
