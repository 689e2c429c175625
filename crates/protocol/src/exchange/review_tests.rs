//! The draw, the sample as it is fetched, and the verdict; and what somebody in between might change.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::evidence::{EVIDENCE, REFERENCE_CHARS, SEALED_EVIDENCE};
use super::review::{DrawnRecord, digest_of_proofs, sample_size};
use super::tests::{Sent, head, officer, send, sender};
use super::*;
use crate::consent::Method;
use crate::encoding::{Bytes, sha256};
use crate::entropy::System;
use crate::ids::{BatchId, FormId, RecordId};
use crate::seal::SealingSecret;
use zeroize::Zeroizing;

fn evidence(reference: &str) -> RecordEvidence {
    RecordEvidence {
        record: Some(RecordId::from_bytes([7; 16])),
        form: Some(FormId::from_bytes([8; 16])),
        on: date(2026, 3, 4),
        method: Some(Method::ALL[0]),
        reference: reference.to_owned(),
    }
}

fn carried() -> Carried {
    Carried { rule: 3, record: Some(RecordId::from_bytes([7; 16])) }
}

fn drawn(position: u64) -> DrawnRecord {
    let Carried { rule, record } = carried();
    DrawnRecord { position, rule, record }
}

fn sample(sent: &Sent, positions: &[u64]) -> Sample {
    let head = &sent.statement.statement.head;
    let mut paths = PathsOf::of(positions.to_vec());
    for (position, (tokens, sealed, proof)) in (0..).zip(&sent.sealed) {
        paths.push(Leaf::of(position, tokens, (sealed, proof)));
    }
    let (paths, root) = paths.finish();
    assert_eq!(root, sent.statement.statement.root);
    let item = |(position, path): (&u64, Vec<Bytes<32>>)| {
        let (tokens, sealed, proof) = &sent.sealed[usize::try_from(*position).expect("small")];
        SampleItem {
            position: *position,
            tokens: *tokens,
            record: sha256(sealed),
            evidence: proof.clone(),
            path,
        }
    };
    let items: Vec<SampleItem> = positions.iter().zip(paths).map(item).collect();
    let drawn = Drawn {
        exchange: head.exchange,
        batch: head.batch,
        at: "2026-03-05T10:00:00Z".to_owned(),
        records: head.records,
        eligible: Bytes::new([0; 32]),
        seed: Bytes::new([1; 32]),
        evidence: digest_of_proofs(items.iter().map(|item| item.evidence.as_slice())),
        sample: positions.iter().map(|position| drawn(*position)).collect(),
    };
    Sample { statement: sent.statement.clone(), drawn, items }
}

#[test]
fn a_sample_is_a_hundredth_and_thirty_at_least() {
    let sizes = [1_000, 3_000, 3_001, 100_000, 1_000_000].map(sample_size);
    assert_eq!(sizes, [30, 30, 31, 1_000, 10_000]);
}

#[test]
fn a_proof_opens_for_the_officer_alone_at_its_position_and_all_are_equally_long() {
    let head = head(3);
    let (sealer, enc) = EvidenceSealer::new(&head, &mut System).expect("begins");
    let shown = evidence("REC-2026-0042");
    let sealed = sealer.seal(1, &shown, &mut System).expect("seals");
    let longest = evidence(&"é".repeat(REFERENCE_CHARS));
    for other in [evidence(""), longest] {
        let other = sealer.seal(0, &other, &mut System).expect("the longest fits");
        assert_eq!((other.len(), sealed.len()), (SEALED_EVIDENCE, SEALED_EVIDENCE));
    }
    let opener = EvidenceOpener::new(&officer(), &head, &enc).expect("the officer's key");
    assert_eq!(opener.open(1, &sealed), Ok(shown));
    assert_eq!(opener.open(0, &sealed), Err(BatchError::Altered));
    let other = SealingSecret::from_seed(&Zeroizing::new([99; 32]));
    assert!(matches!(EvidenceOpener::new(&other, &head, &enc), Err(BatchError::OtherRecipient)));
    let long = evidence(&"x".repeat(EVIDENCE));
    let refused = sealer.seal(0, &long, &mut System).err();
    assert_eq!(refused, Some(BatchError::Record(RecordError::TooLong)));
    assert!(!RecordEvidence { record: None, ..evidence(" ") }.shows_something());
}

#[test]
fn a_sample_that_was_cut_changed_or_lengthened_is_none() {
    let sent = send(head(9));
    let whole = sample(&sent, &[0, 4, 8]);
    let bytes = whole.to_vec();
    assert_eq!(Sample::read(bytes.as_slice()).expect("reads"), whole);
    for cut in 0..bytes.len() {
        assert!(Sample::read(&bytes[..cut]).is_err(), "{cut}");
    }
    assert!(Sample::read([bytes.as_slice(), &[0]].concat().as_slice()).is_err());
    // Somebody else's proof, a proof at another position, one that is left out, one that was not drawn.
    let refused = |change: &dyn Fn(&mut Sample)| {
        let mut changed = whole.clone();
        change(&mut changed);
        let proofs = changed.items.iter().map(|item| item.evidence.as_slice());
        changed.drawn.evidence = digest_of_proofs(proofs);
        Sample::read(changed.to_vec().as_slice()).is_err()
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|s| s.items[1].evidence[5] ^= 1));
    assert!(refused(&|s| s.items[1].record = Bytes::new([0; 32])));
    assert!(refused(&|s| s.items[1].tokens = Bytes::new([0; 32])));
    assert!(refused(&|s| drop(s.items.pop())));
    assert!(refused(&|s| s.items.swap(0, 1)));
    assert!(refused(&|s| s.drawn.sample[1].position = 5));
    assert!(refused(&|s| s.drawn.records = 10));
    assert!(refused(&|s| s.drawn.batch = BatchId::from_bytes([0; 16])));
    assert!(refused(&|s| s.items[2].path.truncate(0)));
}

#[test]
fn a_verdict_has_one_answer_for_each_position_and_is_the_officer_s_own() {
    let whole = sample(&send(head(9)), &[0, 4, 8]);
    let good = Review {
        exchange: whole.drawn.exchange,
        batch: whole.drawn.batch,
        sample: whole.drawn.digest(),
        proven: 2,
        unproven: vec![4],
        words: "No recording under this reference.".to_owned(),
    };
    assert!(good.is_of(&whole.drawn));
    let wrong = [
        Review { proven: 3, ..good.clone() },
        Review { proven: u64::MAX, ..good.clone() },
        Review { unproven: vec![5], ..good.clone() },
        Review { proven: 1, unproven: vec![4, 4], ..good.clone() },
        Review { sample: Bytes::new([0; 32]), ..good.clone() },
        Review { batch: BatchId::from_bytes([0; 16]), ..good.clone() },
    ];
    assert!(wrong.iter().all(|review| !review.is_of(&whole.drawn)));
    let signed = SignedReview::sign(good, &sender());
    assert!(signed.is_signed(&sender().public()));
    let mut changed = signed;
    changed.review.unproven.clear();
    assert!(!changed.is_signed(&sender().public()));
}

proptest! {
    #[test]
    fn what_is_drawn_is_as_many_as_asked_for_and_in_no_order_of_the_offer(
        seed: [u8; 32],
        offered in proptest::collection::btree_set(0_u64..5_000, 0..200),
        size in 1_usize..60,
    ) {
        let draw = |positions: &mut dyn Iterator<Item = &u64>| {
            let mut draw = Draw::new(seed, size);
            positions.for_each(|position| draw.offer(*position, carried()));
            draw.drawn().into_iter().map(|one| one.position).collect::<Vec<u64>>()
        };
        let drawn = draw(&mut offered.iter());
        prop_assert_eq!(drawn.len(), size.min(offered.len()));
        prop_assert!(drawn.iter().all(|position| offered.contains(position)));
        prop_assert_eq!(&draw(&mut offered.iter().rev()), &drawn);
        // Whoever is not drawn changes nothing for the others by staying away.
        let chosen: BTreeSet<u64> = drawn.iter().copied().collect();
        prop_assert_eq!(draw(&mut chosen.iter()), drawn);
    }
}
