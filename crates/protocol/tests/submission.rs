//! The frozen submission of `docs/formats/submission-v1.md`: its page has the digest that it had, its bytes open
//! to what was typed, and the same randomness seals it to the same bytes.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_protocol::consent::wire::CollectionInfo;
use tiers_protocol::consent::{SEALED_BYTES, Submission, SubmissionFault};
use tiers_protocol::encoding::{Bytes, decode, encode};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::ids::{CollectionId, SubmissionId};
use tiers_protocol::seal::SealingSecret;
use zeroize::Zeroizing;

/// No randomness at all.
struct Fixed;

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0x2a);
    }
}

#[derive(Serialize, Deserialize)]
struct Vector {
    about: String,
    secret: Bytes<32>,
    received_at: i64,
    typed: serde_json::Value,
    submission: SubmissionId,
    sealed: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/submission-v1")
}

fn page() -> CollectionInfo {
    let bytes = fs::read(folder().join("page.json")).expect("the page of the vector");
    serde_json::from_slice(&bytes).expect("a page as the certifier shows it")
}

fn secret() -> SealingSecret {
    SealingSecret::from_seed(&Zeroizing::new([7; 32]))
}

#[test]
#[ignore = "writes the vector anew; another one is another version of the format"]
fn the_vector_is_written() {
    let page = page();
    let typed = json!({
        "format": "tiers-submission/1", "at": 1_772_353_800, "email": " Ada@Example.com",
        "name": "Ada Lovelace", "choices": [page.document.choices[0].form],
    });
    let submission: Submission = serde_json::from_value(typed.clone()).unwrap();
    let (id, sealed) = submission.seal((&page.collection, &page.document), &mut Fixed).unwrap();
    let vector = Vector {
        about: "A submission sealed with bytes 0x2a for randomness to the secret of bytes 0x07"
            .into(),
        secret: Bytes::new([7; 32]),
        received_at: 1_772_353_860,
        typed,
        submission: id,
        sealed: encode(&sealed),
    };
    let text = serde_json::to_string_pretty(&vector).unwrap() + "\n";
    fs::write(folder().join("submission.json"), text).unwrap();
}

#[test]
fn the_frozen_submission_opens_and_is_sealed_to_the_same_bytes() {
    let page = page();
    assert_eq!(page.document.digest(), page.digest);
    let vector: Vector =
        serde_json::from_slice(&fs::read(folder().join("submission.json")).unwrap()).unwrap();
    let about = (&page.collection, &page.document);
    let sealed = decode(&vector.sealed).unwrap();
    assert_eq!(sealed.len(), SEALED_BYTES);
    let opened =
        Submission::open(&secret(), about, (&vector.submission, &sealed), vector.received_at);
    let opened = opened.unwrap();
    assert_eq!(serde_json::to_value(&opened).unwrap(), vector.typed);
    assert_eq!(opened.contacts(&page.document.choices[0]), (" Ada@Example.com", ""));
    let again = opened.seal(about, &mut Fixed).unwrap();
    assert_eq!(again, (vector.submission, sealed.clone()));
    // A clock that is behind counts as it says, one that is before does not count beyond the arrival.
    assert_eq!(opened.chosen_at(vector.received_at), 1_772_353_800);
    assert_eq!(opened.chosen_at(1_772_353_000), 1_772_353_000);
    // Bound to its page, its words and its id; whole; near the instant of its arrival.
    let open = |about, id: &SubmissionId, sealed: &[u8], at| {
        Submission::open(&secret(), about, (id, sealed), at).err()
    };
    let other = SubmissionId::from_bytes([1; 16]);
    let at = vector.received_at;
    assert_eq!(open(about, &other, &sealed, at), Some(SubmissionFault::Sealed));
    let elsewhere = (&CollectionId::from_bytes([1; 16]), &page.document);
    assert_eq!(open(elsewhere, &vector.submission, &sealed, at), Some(SubmissionFault::Sealed));
    let mut words = page.document.clone();
    words.choices[0].notice.text.push('.');
    let reworded = (&page.collection, &words);
    assert_eq!(open(reworded, &vector.submission, &sealed, at), Some(SubmissionFault::Sealed));
    for place in [0, 31, 32, 1_000, SEALED_BYTES - 1] {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        let fault = open(about, &vector.submission, &changed, at);
        assert_eq!(fault, Some(SubmissionFault::Sealed), "byte {place}");
    }
    let cut = open(about, &vector.submission, &sealed[1..], at);
    assert_eq!(cut, Some(SubmissionFault::Sealed));
    let late = open(about, &vector.submission, &sealed, at + 90_000);
    assert_eq!(late, Some(SubmissionFault::Instant));
}
