//! Requirements on pseudonyms that hold in this crate: what leaves is a MAC under a key of 256 bits, never a bare hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tiers_contact::{FileKind, Kind, PrepareOptions, Tokeniser, read_and_normalise};

use crate::support::{lenient, options};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a value came in clear or hashed already, its bare hash is not in what leaves, in no usual writing.
#[test]
fn pse_02_a_body_never_holds_an_unkeyed_hash() {
    let values =
        ["zoe@free.fr", "+33745840475", "lefevre|zoe|1938-04-21", "lefevre|zoe|12 rue hugo|31000"];
    let hash = |text: &str| hex(&Sha256::digest(text.as_bytes()));
    let head = "Email,Phone,Nom,Prénom,Date de naissance,Adresse,CP,sale_date,amount";
    let names = "Lefèvre,Zoé,21/04/1938,12 rue Hugo,31000,2024-06-08,1";
    let clear = format!("{head}\nzoe@free.fr,0745840475,{names}\n");
    let hashed = format!("{head}\n{},{},{names}\n", hash(values[0]), hash(values[1]));
    for text in [clear, hashed] {
        let prepared = lenient(&text);
        let found = Kind::ALL.iter().filter_map(|kind| prepared.rows[0].digest(*kind));
        let digests: Vec<[u8; 32]> = found.map(|digest| *digest.as_bytes()).collect();
        assert_eq!(digests.len(), values.len());
        let body = prepared.body(&Tokeniser::new(&[7; 32], "pse"));
        let body = String::from_utf8(body.csv).expect("ASCII");
        for digest in digests {
            let writings = [
                hex(&digest),
                hex(&digest).to_uppercase(),
                URL_SAFE_NO_PAD.encode(digest),
                base64::engine::general_purpose::STANDARD_NO_PAD.encode(digest),
            ];
            assert!(writings.iter().all(|text| !body.contains(text)));
        }
    }
}

/// Tokens recomputed from the primitives alone, and a key that differs in one bit shares none.
#[test]
fn pse_03_tokens_are_macs_under_a_key_of_256_bits() {
    let key: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).expect("small"));
    let text = "lefevre|zoe|1938-04-21";
    let by_hand = |key: &[u8; 32], domain: &str, kind: Kind| {
        let mut derived = [0; 32];
        let info = format!("tiers/v1/{domain}/{kind}");
        Hkdf::<Sha256>::new(None, key).expand(info.as_bytes(), &mut derived).expect("32 bytes");
        let mut mac = Hmac::<Sha256>::new_from_slice(&derived).expect("any length");
        mac.update(&Sha256::digest(text.as_bytes()));
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    };
    for kind in Kind::ALL {
        let token = Tokeniser::new(&key, "pse").token(kind, text).to_base64url();
        assert_eq!(token, by_hand(&key, "pse", kind));
        for bit in [0, 7, 100, 255] {
            let mut other = key;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(token, by_hand(&other, "pse", kind));
            let found = Tokeniser::new(&other, "pse").token(kind, text).to_base64url();
            assert_ne!(token, found, "bit {bit}");
        }
    }
}

/// Columns that say what the programme does not need are read past: their values reach nothing that leaves.
#[test]
fn pse_09_columns_that_are_not_needed_leave_nothing() {
    let text = |colour: &str| {
        format!(
            "E-mail;Civilité;Ville;Couleur;Téléphone;Date de vente;Montant\na@b.fr;M.;{colour};{colour};0745840475;08/06/2024;1\n"
        )
    };
    let body = |text: &str| {
        let only = PrepareOptions { kinds: vec![Kind::Email], ..options(FileKind::Sales) };
        let prepared = read_and_normalise("a", text.as_bytes(), &only);
        let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
        prepared.body(&Tokeniser::new(&[7; 32], "pse")).csv
    };
    let one = body(&text("zebulon"));
    assert_eq!(one, body(&text("amandine").replace("0745840475", "0612987654")));
}
