//! What is kept comes back under its secret and no other; what a browser stored once opens for ever.

use super::*;
use crate::entropy::System;

const PRF: [u8; 32] = [7; 32];

fn prf() -> StoreSecret {
    StoreSecret::Prf(Zeroizing::new(PRF))
}

fn words(text: &str) -> StoreSecret {
    StoreSecret::Passphrase(Zeroizing::new(text.to_owned()))
}

fn full() -> Keystore {
    let mut keys = Keystore::default();
    keys.make_party(&mut System);
    keys.add(&RightsKey::generate(&mut System).to_file()).expect("a rights key");
    for _ in 0..3 {
        keys.add(&ProgrammeKey::generate(&mut System).to_file()).expect("a programme key");
    }
    keys
}

fn same(one: &Keystore, other: &Keystore) -> bool {
    let print = |keys: &Keystore| keys.party().map(|party| party.public().fingerprint());
    let rights = |keys: &Keystore| keys.rights().map(RightsKey::id);
    print(one) == print(other)
        && rights(one) == rights(other)
        && one.programmes() == other.programmes()
}

#[test]
fn what_is_kept_comes_back_under_its_secret_and_under_no_other() {
    let keys = full();
    for (right, wrong) in [
        (prf(), StoreSecret::Prf(Zeroizing::new([8; 32]))),
        (words("Sept mots, 14 signes"), words("Sept mots, 14 signet")),
    ] {
        let sealed = keys.seal(&right, System.array()).expect("a strong secret");
        let back = Keystore::open(&sealed, &right).unwrap_or_else(|no| panic!("{no}"));
        assert!(same(&keys, &back));
        assert_eq!(Keystore::open(&sealed, &wrong).err(), Some(KeystoreError::Secret));
    }
    // One kind of secret in place of the other.
    let sealed = keys.seal(&prf(), System.array()).expect("seals");
    let other = words("Sept mots, 14 signes");
    assert_eq!(Keystore::open(&sealed, &other).err(), Some(KeystoreError::Secret));
    let weak = keys.seal(&words("azerty"), System.array());
    assert_eq!(weak.err(), Some(KeystoreError::Weak));
}

#[test]
fn nothing_of_the_keys_stands_in_what_is_stored_and_a_changed_byte_opens_nothing() {
    let keys = full();
    let sealed = keys.seal(&prf(), [3; SALT]).expect("seals");
    let text = serde_json::to_string(&sealed).expect("JSON");
    let secret = keys.party().expect("keys").to_file();
    let secret = secret.split_whitespace().nth(1).expect("a seed");
    assert!(!text.contains(secret) && !text.contains("TIERS-"));
    let read = |text: &str| serde_json::from_str::<SealedKeystore>(text);
    let opens = |text: &str| read(text).is_ok_and(|one| Keystore::open(&one, &prf()).is_ok());
    assert!(opens(&text));
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(!opens(&String::from_utf8(changed).expect("ASCII")), "changed at {at}");
    }
}

#[test]
fn a_file_says_itself_which_key_it_is() {
    let mut keys = Keystore::default();
    let file = ProgrammeKey::generate(&mut System).to_file();
    keys.add(&format!("\u{feff} {}\r\n", file.trim())).expect("an editor's mark");
    keys.add(&file).expect("the same key again");
    assert_eq!(keys.programmes().len(), 1);
    assert_eq!(keys.add("name;email\n"), Err(KeystoreError::NoKey));
    assert_eq!(keys.add(""), Err(KeystoreError::NoKey));
    let cut = KeystoreError::Programme(ProgrammeKeyError::Damaged);
    assert_eq!(keys.add(&file[..file.len() - 5]), Err(cut));
    assert!(keys.party().is_none() && keys.rights().is_none());
    for _ in 1..PROGRAMMES_MAX {
        keys.add(&ProgrammeKey::generate(&mut System).to_file()).expect("room");
    }
    let more = ProgrammeKey::generate(&mut System).to_file();
    assert_eq!(keys.add(&more), Err(KeystoreError::Full));
}

/// The frozen files of version 1; `TIERS_WRITE=1` writes them anew, for a new version.
const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/formats/keystore-v1");

fn frozen() -> [(&'static str, StoreSecret); 2] {
    let phrase = words("one apple seven chairs under the blue bridge");
    [("prf.json", prf()), ("passphrase.json", phrase)]
}

/// What a browser stored once opens for ever.
#[test]
fn the_frozen_keystores_open() {
    if std::env::var_os("TIERS_WRITE").is_some() {
        freeze();
    }
    let read = |name: &str| std::fs::read_to_string(format!("{FROZEN}/{name}")).expect("a file");
    for (name, secret) in frozen() {
        let sealed: SealedKeystore = serde_json::from_str(&read(name)).expect("a keystore");
        let keys = Keystore::open(&sealed, &secret).unwrap_or_else(|no| panic!("{no}"));
        let print = keys.party().expect("a party key").public().fingerprint();
        assert_eq!(print.to_string(), read("fingerprint.txt").trim());
        assert_eq!((keys.rights().is_some(), keys.programmes().len()), (true, 1));
    }
}

fn freeze() {
    let mut keys = Keystore::default();
    keys.make_party(&mut System);
    keys.add(&RightsKey::generate(&mut System).to_file()).expect("a rights key");
    keys.add(&ProgrammeKey::generate(&mut System).to_file()).expect("a programme key");
    let write = |name: &str, text: String| {
        std::fs::write(format!("{FROZEN}/{name}"), text + "\n").expect("writes");
    };
    for (name, secret) in frozen() {
        let sealed = keys.seal(&secret, System.array()).expect("seals");
        write(name, serde_json::to_string(&sealed).expect("JSON"));
    }
    write("fingerprint.txt", keys.party().expect("keys").public().fingerprint().to_string());
}
