//! A whole batch: sealed, signed, opened; and everything that somebody in between might try.

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::batch::TAG;
use super::statement::{BatchFormat, digest_of_tokens};
use super::*;
use crate::consent::Channel;
use crate::encoding::Bytes;
use crate::entropy::System;
use crate::ids::{BatchId, ExchangeId, PartyId};
use crate::seal::SealingSecret;
use crate::sign::SigningSecret;

fn record(n: u64) -> PlainRecord {
    PlainRecord {
        fields: [(Field::Email, format!("person{n}@example.invalid"))].into(),
        source: "Garage du Port".to_owned(),
        collected: jiff::civil::date(2026, 3, 4),
        basis: format!("record {n}"),
        notice_url: "https://example.invalid/notice".to_owned(),
        rights_contact: "dpo@example.invalid".to_owned(),
    }
}

/// A delivered record with the digest of its tokens, or the leaf of one that was held back.
type Item = Result<Sealed, Leaf>;

/// Digest of tokens, sealed record, sealed evidence.
type Sealed = (Bytes<32>, Vec<u8>, Vec<u8>);

pub(super) struct Sent {
    pub(super) statement: BatchStatement,
    pub(super) sealed: Vec<Sealed>,
}

fn recipient() -> SealingSecret {
    SealingSecret::from_seed(&Zeroizing::new([1; 32]))
}

pub(super) fn officer() -> SealingSecret {
    SealingSecret::from_seed(&Zeroizing::new([7; 32]))
}

pub(super) fn sender() -> SigningSecret {
    SigningSecret::from_seed(&Zeroizing::new([2; 32]))
}

pub(super) fn head(records: u64) -> BatchHead {
    BatchHead {
        format: BatchFormat::V1,
        exchange: ExchangeId::from_bytes([3; 16]),
        batch: BatchId::from_bytes([4; 16]),
        sender: PartyId::from_bytes([5; 16]),
        recipient: PartyId::from_bytes([6; 16]),
        sealed_to: recipient().public(),
        evidence_to: officer().public(),
        channel: Channel::Email,
        size_class: SizeClass::B512,
        records,
        scrubbed: None,
    }
}

fn tokens(n: u64) -> Bytes<32> {
    let mut email = [0; 32];
    email[..8].copy_from_slice(&n.to_be_bytes());
    digest_of_tokens(&email, &[0; 32])
}

fn shown(n: u64) -> RecordEvidence {
    RecordEvidence {
        record: None,
        form: None,
        on: jiff::civil::date(2026, 3, 4),
        method: None,
        reference: format!("SCAN-{n}"),
    }
}

pub(super) fn send(head: BatchHead) -> Sent {
    let (sealer, enc) =
        BatchSealer::new(&recipient().public(), &head, &mut System).expect("begins");
    let (prover, evidence_enc) = EvidenceSealer::new(&head, &mut System).expect("begins");
    let mut root = RootOf::new();
    let mut sealed = Vec::new();
    for n in 0..head.records {
        let bytes = sealer.seal(n, &record(n), &mut System).expect("seals");
        let proof = prover.seal(n, &shown(n), &mut System).expect("seals");
        root.push(Leaf::of(n, &tokens(n), (&bytes, &proof)));
        sealed.push((tokens(n), bytes, proof));
    }
    let encs = [enc, evidence_enc];
    Sent { statement: BatchStatement::sign(head, encs, root.root(), &sender()), sealed }
}

/// What the recipient does: the signature, the root over delivered records and held-back leaves, then
/// each record.
fn receive(
    statement: &BatchStatement,
    delivered: &[Item],
) -> Result<Vec<PlainRecord>, &'static str> {
    let body = statement.verify(&sender().public()).map_err(StatementError::code)?;
    let leaves = (0..).zip(delivered).map(|(position, item)| match item {
        Ok((tokens, sealed, proof)) => Leaf::of(position, tokens, (sealed, proof)),
        Err(leaf) => *leaf,
    });
    body.check(leaves).map_err(StatementError::code)?;
    let opener = BatchOpener::new(&recipient(), &body.head, &body.enc).map_err(BatchError::code)?;
    let opened = (0..).zip(delivered).filter_map(|(position, item)| {
        let (_, sealed, _) = item.as_ref().ok()?;
        Some(opener.open(position, sealed).map_err(BatchError::code))
    });
    opened.collect()
}

fn all(sent: &Sent) -> Vec<Item> {
    sent.sealed.iter().cloned().map(Ok).collect()
}

/// Puts leaves in place of the records at these positions.
fn hold_back(items: &mut [Item], positions: &[usize]) {
    for at in positions {
        if let Ok((tokens, sealed, proof)) = &items[*at] {
            items[*at] = Err(Leaf::of(*at as u64, tokens, (sealed, proof)));
        }
    }
}

#[test]
fn exactly_the_records_that_are_not_held_back_open() {
    let sent = send(head(7));
    let mut items = all(&sent);
    hold_back(&mut items, &[0, 3, 6]);
    let opened = receive(&sent.statement, &items).expect("opens");
    let basis: Vec<_> = opened.iter().map(|r| r.basis.as_str()).collect();
    assert_eq!(basis, ["record 1", "record 2", "record 4", "record 5"]);
}

#[test]
fn whoever_stands_in_between_can_neither_replace_add_drop_nor_reorder() {
    let sent = send(head(5));
    let other = send(head(5));
    let refused = |change: &dyn Fn(&mut Vec<Item>)| {
        let mut items = all(&sent);
        change(&mut items);
        receive(&sent.statement, &items).err()
    };
    assert_eq!(refused(&|items| items.swap(1, 2)), Some("batch.root"));
    assert_eq!(refused(&|items| drop(items.pop())), Some("batch.count"));
    assert_eq!(refused(&|items| items.push(items[0].clone())), Some("batch.count"));
    assert_eq!(refused(&|items| items[2] = Ok(other.sealed[2].clone())), Some("batch.root"));
    let tokens_of_another = |items: &mut Vec<Item>| {
        items[2] = Ok((tokens(99), sent.sealed[2].1.clone(), sent.sealed[2].2.clone()));
    };
    assert_eq!(refused(&tokens_of_another), Some("batch.root"));
    let proof_of_another = |items: &mut Vec<Item>| {
        items[2] = Ok((tokens(2), sent.sealed[2].1.clone(), sent.sealed[3].2.clone()));
    };
    assert_eq!(refused(&proof_of_another), Some("batch.root"));
    // A whole batch of somebody else's making, under a key that the agreement does not pin.
    let forger = SigningSecret::from_seed(&Zeroizing::new([9; 32]));
    let body = other.statement.statement.clone();
    let forged = BatchStatement::sign(body.head, [body.enc, body.evidence_enc], body.root, &forger);
    assert_eq!(receive(&forged, &all(&other)).err(), Some("batch.signature"));
    // The records of one batch under the statement of another.
    assert_eq!(receive(&sent.statement, &all(&other)).err(), Some("batch.root"));
}

#[test]
fn a_swapped_recipient_key_is_refused_on_both_sides() {
    let thief = SealingSecret::from_seed(&Zeroizing::new([8; 32]));
    let refused = BatchSealer::new(&thief.public(), &head(1), &mut System).err();
    assert_eq!(refused, Some(BatchError::OtherRecipient));
    let sent = send(head(1));
    let body = &sent.statement.statement;
    let opened = BatchOpener::new(&thief, &body.head, &body.enc).err();
    assert_eq!(opened, Some(BatchError::OtherRecipient));
    let renamed = BatchHead { sealed_to: thief.public(), ..body.head.clone() };
    let opener = BatchOpener::new(&thief, &renamed, &body.enc).expect("a context of its own");
    assert_eq!(opener.open(0, &sent.sealed[0].1).err(), Some(BatchError::Altered));
}

#[test]
fn a_record_opens_at_its_position_and_under_its_head_only() {
    let sent = send(head(3));
    let body = &sent.statement.statement;
    let opener = BatchOpener::new(&recipient(), &body.head, &body.enc).expect("begins");
    assert!(opener.open(1, &sent.sealed[1].1).is_ok());
    assert_eq!(opener.open(2, &sent.sealed[1].1).err(), Some(BatchError::Altered));
    assert_eq!(opener.open(3, &sent.sealed[1].1).err(), Some(BatchError::Position));
    let changes: [&dyn Fn(&mut BatchHead); 5] = [
        &|h| h.channel = Channel::Post,
        &|h| h.exchange = ExchangeId::from_bytes([0; 16]),
        &|h| h.batch = BatchId::from_bytes([0; 16]),
        &|h| h.sender = PartyId::from_bytes([0; 16]),
        &|h| h.records = 2,
    ];
    for change in changes {
        let mut head = body.head.clone();
        change(&mut head);
        let opener = BatchOpener::new(&recipient(), &head, &body.enc).expect("begins");
        assert_eq!(opener.open(1, &sent.sealed[1].1).err(), Some(BatchError::Altered));
    }
}

#[test]
fn every_changed_byte_of_a_sealed_record_is_found() {
    let sent = send(head(1));
    let body = &sent.statement.statement;
    let opener = BatchOpener::new(&recipient(), &body.head, &body.enc).expect("begins");
    let sealed = &sent.sealed[0].1;
    assert_eq!(sealed.len(), SizeClass::B512.bytes() + TAG);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(opener.open(0, &changed).err(), Some(BatchError::Altered), "{at}");
        assert_eq!(opener.open(0, &sealed[..at]).err(), Some(BatchError::Altered), "{at}");
    }
}

#[test]
fn a_guessed_record_does_not_give_the_leaf_of_one_held_back() {
    // The recipient has the key of the batch, a right guess of the record and its tokens.
    let head = head(1);
    let (sealer, _) = BatchSealer::new(&recipient().public(), &head, &mut System).expect("begins");
    let truth = sealer.seal(0, &record(0), &mut System).expect("seals");
    let guess = sealer.seal(0, &record(0), &mut System).expect("seals");
    let leaf = |sealed: &[u8]| Leaf::of(0, &tokens(0), (sealed, b"shown"));
    assert_ne!(leaf(&truth), leaf(&guess));
}

#[test]
fn all_sealed_records_are_equally_long() {
    let (sealer, _) =
        BatchSealer::new(&recipient().public(), &head(2), &mut System).expect("begins");
    let mut long = record(1);
    long.fields.insert(Field::Street, "12 rue du Port".repeat(8));
    let short = sealer.seal(0, &record(0), &mut System).expect("seals");
    assert_eq!(short.len(), sealer.seal(1, &long, &mut System).expect("seals").len());
    long.fields.insert(Field::Town, "x".repeat(500));
    let refused = sealer.seal(1, &long, &mut System).err();
    assert_eq!(refused, Some(BatchError::Record(RecordError::TooLong)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_part_of_any_batch_arrives_whole(
        count in 1_u64..40,
        held in proptest::collection::btree_set(0_usize..40, 0..40),
    ) {
        let sent = send(head(count));
        let mut items = all(&sent);
        let held: Vec<usize> = held.into_iter().filter(|at| (*at as u64) < count).collect();
        hold_back(&mut items, &held);
        let opened = receive(&sent.statement, &items).expect("opens");
        let expected: Vec<PlainRecord> =
            (0..count).filter(|n| !held.iter().any(|at| *at as u64 == *n)).map(record).collect();
        prop_assert!(opened == expected);
    }
}
