//! Dated checkpoints: a time stamp authority of `openssl ts` on this machine dates what is published, the history
//! is checked against the ledger, and what does not hold is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::world::{MONTH, World};

/// Makes an authority in a folder: a root, a certificate for so many days, and its configuration.
const MAKE: &str = r#"
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 -subj "/CN=Root" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=Authority" 2>/dev/null
printf 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n' > ext
openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days "$1" -extfile ext -out tsa.pem 2>/dev/null
cat > tsa.cnf <<C
[tsa]
default_tsa = one
[one]
serial = $PWD/serial
signer_cert = $PWD/tsa.pem
certs = $PWD/ca.pem
signer_key = $PWD/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
C
echo 01 > serial
"#;

struct Authority(tempfile::TempDir);

impl Authority {
    fn new(days: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("sh")
            .args(["-c", MAKE, "sh", days])
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(made.success());
        Self(folder)
    }

    fn root(&self) -> String {
        self.0.path().join("ca.pem").display().to_string()
    }

    /// The command that answers a question.
    fn command(&self) -> String {
        let folder = self.0.path().display();
        format!(
            "cd {folder} && openssl ts -reply -config tsa.cnf -queryfile /dev/stdin -out r.tsr 2>/dev/null && cat r.tsr"
        )
    }
}

fn tiers(words: &[&str]) -> (i32, Value) {
    let done =
        Command::new(env!("CARGO_BIN_EXE_tiers")).arg("--json").args(words).output().unwrap();
    let bytes = if done.stdout.is_empty() { done.stderr } else { done.stdout };
    (done.status.code().unwrap(), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

struct Place {
    _folder: tempfile::TempDir,
    ledger: String,
    trust: String,
    history: PathBuf,
}

impl Place {
    fn of(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trust = folder.path().join("trust.json");
        fs::write(&trust, serde_json::to_vec(&world.server.trust()).unwrap()).unwrap();
        let history = folder.path().join("stamps");
        let ledger = world.server.layout().ledger().display().to_string();
        Self { ledger, trust: trust.display().to_string(), history, _folder: folder }
    }

    fn stamp(&self, by: &Authority, command: &str) -> (i32, Value) {
        let history = self.history.to_str().unwrap();
        tiers(&[
            "ledger",
            "stamp",
            &self.ledger,
            "--trust",
            &self.trust,
            "--history",
            history,
            "--tsa-ca",
            &by.root(),
            "--tsa-command",
            command,
        ])
    }

    fn verify(&self, by: &Authority) -> (i32, Value) {
        let history = self.history.to_str().unwrap();
        tiers(&[
            "ledger",
            "verify",
            &self.ledger,
            "--trust",
            &self.trust,
            "--history",
            history,
            "--tsa-ca",
            &by.root(),
        ])
    }

    fn kept(&self, end: &str) -> Vec<PathBuf> {
        let listed = fs::read_dir(&self.history).unwrap().map(|entry| entry.unwrap().path());
        let mut kept: Vec<PathBuf> = listed.collect();
        kept.retain(|path| path.extension().is_some_and(|found| found == end));
        kept.sort();
        kept
    }
}

fn swap(one: &Path, two: &Path) {
    let (first, second) = (fs::read(one).unwrap(), fs::read(two).unwrap());
    fs::write(one, second).unwrap();
    fs::write(two, first).unwrap();
}

#[test]
fn log_15_dated_checkpoints_are_kept_and_the_ledger_has_to_continue_each_of_them() {
    let world = World::stocked();
    let (authority, place) = (Authority::new("3650"), Place::of(&world));
    let (code, first) = place.stamp(&authority, &authority.command());
    assert_eq!((code, &first["new"], &first["policy"]), (0, &true.into(), &"1.2.3.4.1".into()));
    // The same checkpoint is dated once.
    assert_eq!(place.stamp(&authority, &authority.command()).1["new"], false);
    world.principal.release(&world.programme.id, MONTH);
    world.server.publish();
    let (_, second) = place.stamp(&authority, &authority.command());
    assert!(second["size"].as_u64() > first["size"].as_u64());
    let (code, said) = place.verify(&authority);
    assert_eq!((code, said["stamps"].as_array().unwrap().len()), (0, 2));
    assert_eq!(said["stamps"][0]["at"], first["at"]);
    // Offline: nothing but files was needed. A history of another ledger is refused.
    let other = World::stocked();
    let elsewhere = Place { ledger: Place::of(&other).ledger, ..place };
    assert_eq!(elsewhere.verify(&authority).0, 1);
}

#[test]
fn a9_a_stamp_of_another_authority_or_message_or_that_was_altered_or_late_is_refused() {
    let world = World::stocked();
    let (authority, stranger) = (Authority::new("3650"), Authority::new("3650"));
    let place = Place::of(&world);
    // Another authority, one whose certificate is over, an answer to another question, none at all.
    assert_eq!(place.stamp(&authority, &stranger.command()).0, 1);
    let over = Authority::new("0");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(place.stamp(&over, &over.command()).0, 1);
    assert_eq!(place.stamp(&authority, "cat > /dev/null; false").0, 1);
    assert_eq!(place.stamp(&authority, "cat > /dev/null; echo no").0, 1);
    assert_eq!((place.kept("tsr").len(), place.kept("checkpoint").len()), (0, 0));
    assert_eq!(place.stamp(&authority, &authority.command()).0, 0);
    let replayed = format!("cat > /dev/null; cat {}", place.kept("tsr")[0].display());
    world.principal.release(&world.programme.id, MONTH);
    world.server.publish();
    assert_eq!(place.stamp(&authority, &replayed).0, 1);
    assert_eq!(place.stamp(&authority, &authority.command()).0, 0);
    assert_eq!(place.verify(&authority).0, 0);
    assert_eq!(place.verify(&stranger).0, 1);
    let answers = place.kept("tsr");
    // The answers of two checkpoints for each other.
    swap(&answers[0], &answers[1]);
    assert_eq!(place.verify(&authority).0, 1);
    swap(&answers[0], &answers[1]);
    // Bytes of the signature, and of what is signed.
    let whole = fs::read(&answers[0]).unwrap();
    // (certificates beside it are not signed by it, and may be any that hold)
    for at in [whole.len() - 5, whole.len() - 40, 60] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&answers[0], changed).unwrap();
        assert_eq!(place.verify(&authority).0, 1, "byte {at}");
    }
    fs::write(&answers[0], whole).unwrap();
    assert_eq!(place.verify(&authority).0, 0);
    fs::remove_file(&answers[0]).unwrap();
    assert_eq!(place.verify(&authority).0, 1);
    let said = "stamps of another authority, expired, of another checkpoint, replayed, altered or gone: \
                0 of 11 accepted";
    crate::harness::figure("A9", said);
}
