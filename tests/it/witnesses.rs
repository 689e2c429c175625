//! The ledger under witnesses: what waits for them, what does not, and that a second history gets no
//! cosignature, whoever holds the keys.

use std::path::Path;
use std::process::Command;

use tiers::crypto::keyring::Keyring;
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

/// Copies a folder, as a backup would.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
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
    assert_eq!(by.len(), 3);
    assert!(proof.index() < checkpoint.size());

    // The same proof without its cosignatures, or with one of them, proves nothing.
    let own = verifier.signed_by_log(proof.checkpoint_bytes()).unwrap();
    let text = String::from_utf8(proof.checkpoint_bytes().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let one = format!("{}\n", lines[..lines.len() - 2].join("\n"));
    for checkpoint in [own, one.into_bytes()] {
        let fewer = read.evidence.proof.replace(&text, std::str::from_utf8(&checkpoint).unwrap());
        let fewer = LedgerProof::parse(fewer.as_bytes()).unwrap();
        let refused = fewer.verify(read.evidence.entry.as_bytes(), &verifier).unwrap_err();
        assert_eq!(refused.code(), "ledger.checkpoint.quorum");
    }
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
    let verified = verify();
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
