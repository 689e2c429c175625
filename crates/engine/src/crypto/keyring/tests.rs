//! The keyring against loss, exposure and old copies.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tiers_contact::Token;

use super::file::FILE;
use super::{KeyUse, Keyring, KeyringError, SealedBy, Unlock};
use crate::crypto::random::OsRandom;

const WORDS: &str = "correct cheval battery agrafe lundi orange tulipe";

struct Place {
    root: TempDir,
    data: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let (data, folder) = (root.path().join("data"), root.path().join("data.keyring"));
        fs::create_dir(&data).expect("a folder");
        Self { root, data, folder }
    }

    fn create(&self) -> Keyring {
        Keyring::create(&self.folder, &self.data, "certifier.example", &mut random())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn sealed(&self, unlock: &Unlock) -> Result<Keyring, KeyringError> {
        let origin = "certifier.example";
        Keyring::create_sealed(&self.folder, &self.data, origin, unlock, &mut random())
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.folder.join(FILE)).expect("reads")
    }

    fn put(&self, bytes: &[u8]) {
        fs::write(self.folder.join(FILE), bytes).expect("writes");
    }
}

fn random() -> OsRandom {
    OsRandom::default()
}

fn ok(keyring: Result<Keyring, KeyringError>) -> Keyring {
    keyring.unwrap_or_else(|error| panic!("{error}"))
}

fn key() -> Unlock {
    Unlock::key(&Unlock::fresh_key(&mut random())).unwrap_or_else(|error| panic!("{error}"))
}

/// The same keys, seen through what they make.
fn alike(a: &Keyring, b: &Keyring) -> bool {
    let token = Token::from_bytes([7; 32]);
    a.trust() == b.trust()
        && a.id() == b.id()
        && a.checks() == b.checks()
        && a.leads_row(b"row") == b.leads_row(b"row")
        && a.vault().rekey(&token) == b.vault().rekey(&token)
        && a.rights.chain().rekey(&token) == b.rights.chain().rekey(&token)
}

#[test]
fn pse_04_the_keyring_lies_beside_the_data_and_reads_back() {
    let place = Place::new();
    let create = |folder: &Path| {
        Keyring::create(folder, &place.data, "certifier.example", &mut random()).err()
    };
    assert_eq!(create(&place.data.join("keys")), Some(KeyringError::Inside));
    let round_about = place.root.path().join("other/../data/keys");
    assert_eq!(create(&round_about), Some(KeyringError::Inside));

    let made = place.create();
    assert_eq!(create(&place.folder), Some(KeyringError::Exists));
    let opened = ok(Keyring::open(&place.folder));
    assert!(alike(&opened, &made));
    assert_ne!(opened.leads_row(b"row"), made.leads_row(b"roe"));
    assert_eq!(Keyring::sealed_by(&place.folder), Ok(SealedBy::Nothing));

    let file = place.folder.join(FILE);
    fs::set_permissions(file, fs::Permissions::from_mode(0o640)).expect("mode");
    assert_eq!(Keyring::open(&place.folder).err(), Some(KeyringError::Permissions));
}

#[test]
fn pse_04_a_sealed_keyring_opens_with_its_secret_only() {
    for (unlock, by, wrong) in [
        (
            Unlock::passphrase(WORDS),
            SealedBy::Passphrase,
            Unlock::passphrase("quite another passphrase made from seven different words"),
        ),
        (key(), SealedBy::Key, key()),
    ] {
        let place = Place::new();
        let made = ok(place.sealed(&unlock));
        assert_eq!(made.is_sealed_by(), by);
        assert_eq!(Keyring::sealed_by(&place.folder), Ok(by));
        assert!(alike(&ok(Keyring::unlock(&place.folder, &unlock)), &made));
        assert_eq!(Keyring::open(&place.folder).err(), Some(KeyringError::Locked));
        for wrong in [wrong, key(), Unlock::passphrase("")] {
            let refused = Keyring::unlock(&place.folder, &wrong).err();
            assert_eq!(refused, Some(KeyringError::WrongKey));
        }
        // Nothing of the keys, not even of the name, stands in the file.
        let text = String::from_utf8(place.bytes()).expect("JSON");
        assert!(!text.contains("certifier.example") && !text.contains("signing"));
    }
}

#[test]
fn the_end_of_a_line_is_not_part_of_a_passphrase() {
    let place = Place::new();
    let made = ok(place.sealed(&Unlock::passphrase(&format!("{WORDS}\r\n"))));
    assert!(alike(&ok(Keyring::unlock(&place.folder, &Unlock::passphrase(WORDS))), &made));
    let inner = Unlock::passphrase(&WORDS.replace(' ', ""));
    assert_eq!(Keyring::unlock(&place.folder, &inner).err(), Some(KeyringError::WrongKey));
}

#[test]
fn sec_01_sec_02_a_passphrase_has_80_bits_whoever_limits_tries() {
    // As CNIL counts them: 12 characters of four classes, 14 of three, seven words. No other number is asked of
    // anybody: people sign in with passkeys, machines with keys of 256 bits.
    for (passphrase, strong) in [
        ("aB3$efghijkl", true),
        ("aB3$efghijk", false),
        ("aB3defghijklmn", true),
        ("aB3defghijklm", false),
        ("ab3defghijklmnopqrst", false),
        ("AB3DEFGHIJKLMNOPQRST", false),
        ("correct cheval battery agrafe lundi orange tulipe", true),
        ("correct cheval battery agrafe lundi orange", false),
        ("mot mot mot mot mot mot mot", false),
        ("a b c d e f g h i j k", false),
        ("", false),
    ] {
        let place = Place::new();
        let made = place.sealed(&Unlock::passphrase(passphrase));
        let refused = made.err() == Some(KeyringError::WeakPassphrase);
        assert_eq!(refused, !strong, "{passphrase}");
        assert_eq!(place.folder.exists(), strong);
    }
}

#[test]
fn sec_04_what_a_passphrase_opens_is_under_argon2id_with_a_salt_of_its_own() {
    let sealed = || -> serde_json::Value {
        let place = Place::new();
        ok(place.sealed(&Unlock::passphrase(WORDS)));
        serde_json::from_slice(&place.bytes()).unwrap()
    };
    let (one, two) = (sealed()["head"]["unlock"].clone(), sealed()["head"]["unlock"].clone());
    assert_eq!(one["by"], "passphrase");
    // RFC 9106, section 4, second recommended option.
    assert_eq!(
        (&one["memory_kib"], &one["passes"], &one["lanes"]),
        (&65_536.into(), &3.into(), &4.into())
    );
    assert_ne!(one["salt"], two["salt"]);
    // What opens it is what Argon2id makes of it, and what another variant makes opens nothing: each
    // parameter is part of what is authenticated.
    let place = Place::new();
    ok(place.sealed(&Unlock::passphrase(WORDS)));
    let mut file: serde_json::Value = serde_json::from_slice(&place.bytes()).unwrap();
    file["head"]["unlock"]["passes"] = 2.into();
    place.put(&serde_json::to_vec(&file).unwrap());
    assert!(Keyring::unlock(&place.folder, &Unlock::passphrase(WORDS)).is_err());
}

#[test]
fn short_passphrases_and_malformed_keys_are_refused_before_anything_is_written() {
    let place = Place::new();
    let refused = place.sealed(&Unlock::passphrase("onze lettre")).err();
    assert_eq!(refused, Some(KeyringError::WeakPassphrase));
    assert!(!place.folder.exists());
    let fresh = Unlock::fresh_key(&mut random());
    for text in ["", "AAAA", &fresh[1..], &format!("{}=", *fresh), &format!("{}A", *fresh)] {
        assert_eq!(Unlock::key(text).err(), Some(KeyringError::NotAKey), "{} bytes", text.len());
    }
    assert!(Unlock::key(&format!(" {}\n", *fresh)).is_ok());
}

/// Every byte of the file, changed: what is opened is the keyring that was sealed, or nothing. White
/// space and the like that JSON forgives would be the only exceptions, and this program writes none.
#[test]
fn no_changed_byte_of_a_sealed_keyring_goes_unseen() {
    let place = Place::new();
    let unlock = key();
    ok(place.sealed(&unlock));
    let whole = place.bytes();
    for at in 0..whole.len() {
        for flip in [0x01, 0x20] {
            let mut altered = whole.clone();
            altered[at] ^= flip;
            place.put(&altered);
            let refused = Keyring::unlock(&place.folder, &unlock).err();
            let seen = matches!(refused, Some(KeyringError::Damaged | KeyringError::WrongKey));
            assert!(seen, "byte {at}: {refused:?}");
        }
    }
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        place.put(&whole[..length]);
        assert!(Keyring::unlock(&place.folder, &unlock).is_err());
    }
}

/// A file that asks for a terabyte of memory, or for less work than was written, opens nothing.
#[test]
fn hostile_parameters_of_the_passphrase_are_refused() {
    let place = Place::new();
    ok(place.sealed(&Unlock::passphrase(WORDS)));
    let text = String::from_utf8(place.bytes()).expect("JSON");
    for (from, to) in [
        ("\"memory_kib\":65536", "\"memory_kib\":4294967295"),
        ("\"memory_kib\":65536", "\"memory_kib\":64"),
        ("\"passes\":3", "\"passes\":1"),
        ("\"passes\":3", "\"passes\":0"),
        ("\"lanes\":4", "\"lanes\":16777215"),
    ] {
        assert!(text.contains(from));
        place.put(text.replace(from, to).as_bytes());
        let refused = Keyring::unlock(&place.folder, &Unlock::passphrase(WORDS)).err();
        let seen = matches!(refused, Some(KeyringError::Damaged | KeyringError::WrongKey));
        assert!(seen, "{to}: {refused:?}");
    }
}

#[test]
fn another_sealing_replaces_the_old_one_in_one_step() {
    let place = Place::new();
    let mut keyring = place.create();
    let (first, second) = (key(), key());
    keyring.seal(Some(&first), &mut random()).expect("seals");
    let sealed_once = place.bytes();
    assert!(alike(&ok(Keyring::unlock(&place.folder, &first)), &keyring));
    keyring.seal(Some(&second), &mut random()).expect("seals");
    assert_eq!(Keyring::unlock(&place.folder, &first).err(), Some(KeyringError::WrongKey));
    assert!(alike(&ok(Keyring::unlock(&place.folder, &second)), &keyring));
    let weak = keyring.seal(Some(&Unlock::passphrase("court")), &mut random());
    assert_eq!(weak, Err(KeyringError::WeakPassphrase));
    assert!(alike(&ok(Keyring::unlock(&place.folder, &second)), &keyring));
    // One that was opened before the change does not write over it.
    place.put(&sealed_once);
    assert_eq!(keyring.add_link(&mut random()), Err(KeyringError::WrongKey));
    assert_eq!(place.bytes(), sealed_once);
    let mode = fs::metadata(place.folder.join(FILE)).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut keyring = ok(Keyring::unlock(&place.folder, &first));
    keyring.seal(None, &mut random()).expect("opens up");
    assert!(alike(&ok(Keyring::open(&place.folder)), &keyring));
}

#[test]
fn rotation_adds_keys_and_takes_only_old_masters_away() {
    let place = Place::new();
    let unlock = key();
    let first = ok(place.sealed(&unlock));
    assert_eq!(first.add_link(&mut random()), Ok(2));
    // Another process that opened it before adds to what is there now.
    assert_eq!(first.add_disk_key(&mut random()), Ok(2));
    assert_eq!(first.add_disk_key(&mut random()), Ok(3));
    let second = ok(Keyring::unlock(&place.folder, &unlock));
    assert_eq!((first.links(), second.links(), second.newest_disk_key()), (1, 2, 3));
    assert!(first.checks().iter().all(|check| second.checks().contains(check)));

    let token = Token::from_bytes([9; 32]);
    let at = |links| second.chain(links).map(|chain| chain.rekey(&token));
    assert!(at(1) == Some(first.vault().rekey(&token)));
    assert!(at(2) == Some(second.vault().rekey(&token)) && at(1) != at(2));
    assert!([0, 3, usize::MAX].into_iter().all(|unknown| at(unknown).is_none()));

    let under =
        |keyring: &Keyring, number| keyring.segment_key_under(number, "dep").map(|key| *key.body());
    assert_eq!(under(&second, 1), under(&first, 1));
    assert_ne!(under(&second, 1), under(&second, 3));
    assert_eq!(under(&second, 3), Some(*second.segment_key("dep").body()));
    second.drop_disk_keys_before(3, &mut random()).expect("drops");
    let third = ok(Keyring::unlock(&place.folder, &unlock));
    assert_eq!((under(&third, 1), under(&third, 2)), (None, None));
    assert_eq!(under(&third, 3), under(&second, 3));
    let disk = third.checks().into_iter().filter(|check| check.used_for == KeyUse::Disk);
    assert_eq!(disk.map(|check| check.number).collect::<Vec<_>>(), [3]);
    // Numbers are never used again.
    assert_eq!(third.add_disk_key(&mut random()), Ok(4));
}

#[test]
fn one_process_at_a_time_changes_a_keyring() {
    let place = Place::new();
    let keyring = place.create();
    let held = super::file::lock(&place.folder).expect("locks");
    assert_eq!(keyring.add_link(&mut random()), Err(KeyringError::Busy));
    drop(held);
    assert_eq!(keyring.add_link(&mut random()), Ok(2));
}

#[test]
fn rights_tokens_are_never_under_the_keys_of_programmes() {
    let keyring = Place::new().create();
    let token = Token::from_bytes([3; 32]);
    assert!(keyring.vault().rekey(&token) != keyring.rights.chain().rekey(&token));
    assert_ne!(*keyring.segment_key("x").body(), *keyring.rights.segment_key("x").body());
    assert_ne!(*keyring.segment_key("x").seal(), *keyring.rights.segment_key("x").seal());
}

#[test]
fn codes_are_distinct_and_of_this_module() {
    let mut codes = KeyringError::ALL.map(KeyringError::code).to_vec();
    assert!(codes.iter().all(|code| code.starts_with("keyring.")));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), KeyringError::ALL.len());
}
