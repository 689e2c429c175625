//! How fast records of an exchange are sealed with their proofs and opened on all processors. Run it with
//! `cargo bench --bench exchange`; `TIERS_FULL=1` takes a million records.

use std::num::NonZero;
use std::thread;
use std::time::Instant;

use tiers_protocol::consent::{Channel, Method};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::{Pool, System};
use tiers_protocol::exchange::statement::BatchFormat;
use tiers_protocol::exchange::{
    BatchHead, BatchOpener, BatchSealer, EvidenceSealer, Field, Leaf, PlainRecord, RecordEvidence,
    RootOf, SizeClass,
};
use tiers_protocol::ids::{BatchId, ExchangeId, FormId, PartyId, RecordId};
use tiers_protocol::seal::SealingSecret;
use zeroize::Zeroizing;

/// A record whose text has about 300 bytes.
fn record(number: u64) -> PlainRecord {
    PlainRecord {
        fields: [
            (Field::Email, format!("personne.{number:09}@exemple-de-messagerie.example")),
            (Field::FirstName, "Marie-Hélène".to_owned()),
            (Field::LastName, "de la Tour".to_owned()),
            (Field::Town, "Clermont-Ferrand".to_owned()),
        ]
        .into(),
        source: "Garage du Port".to_owned(),
        collected: jiff::civil::date(2026, 3, 4),
        basis: "consent".to_owned(),
        notice_url: "https://garage.example/donnees".to_owned(),
        rights_contact: "dpo@garage.example".to_owned(),
    }
}

/// The proof of a record.
fn evidence(number: u64) -> RecordEvidence {
    RecordEvidence {
        record: Some(RecordId::from_bytes([7; 16])),
        form: Some(FormId::from_bytes([8; 16])),
        on: jiff::civil::date(2026, 3, 4),
        method: Some(Method::ALL[0]),
        reference: format!("REC-2026-{number:09}"),
    }
}

/// Runs `work` over equal parts of `0..count`, in order.
fn side_by_side<T: Send>(count: u64, work: impl Fn(std::ops::Range<u64>) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let part = count.div_ceil(threads).max(1);
    let work = &work;
    thread::scope(|scope| {
        let begun: Vec<_> = (0..threads)
            .map(|n| scope.spawn(move || work((n * part).min(count)..((n + 1) * part).min(count))))
            .collect();
        begun.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

#[allow(clippy::print_stdout, reason = "a measurement is read by people")]
fn say(what: &str, count: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{what:<8} {count} records in {seconds:.2} s: {:.0} records/s",
        count as f64 / seconds
    );
}

fn main() {
    let full = std::env::var("TIERS_FULL").is_ok_and(|value| value == "1");
    let count: u64 = if full { 1_000_000 } else { 100_000 };
    let recipient = SealingSecret::from_seed(&Zeroizing::new([1; 32]));
    let officer = SealingSecret::from_seed(&Zeroizing::new([2; 32]));
    let head = BatchHead {
        format: BatchFormat::V1,
        exchange: ExchangeId::from_bytes([1; 16]),
        batch: BatchId::from_bytes([2; 16]),
        sender: PartyId::from_bytes([3; 16]),
        recipient: PartyId::from_bytes([4; 16]),
        sealed_to: recipient.public(),
        evidence_to: officer.public(),
        channel: Channel::Email,
        size_class: SizeClass::B512,
        records: count,
        scrubbed: None,
    };
    let (sealer, enc) =
        BatchSealer::new(&recipient.public(), &head, &mut System).expect("a usable key");
    let (prover, _) = EvidenceSealer::new(&head, &mut System).expect("a usable key");
    let begun = Instant::now();
    let sealed = side_by_side(count, |part| {
        let mut pool = Pool::new();
        let seal = |n| {
            let bytes = sealer.seal(n, &record(n), &mut pool).expect("it fits");
            let proof = prover.seal(n, &evidence(n), &mut pool).expect("it fits");
            (Leaf::of(n, &Bytes::new([0; 32]), (&bytes, &proof)), bytes)
        };
        part.map(seal).collect::<Vec<_>>()
    });
    let mut root = RootOf::new();
    sealed.iter().flatten().for_each(|(leaf, _)| root.push(*leaf));
    say("sealed", count, begun);
    let sealed: Vec<Vec<u8>> = sealed.into_iter().flatten().map(|(_, bytes)| bytes).collect();
    let opener = BatchOpener::new(&recipient, &head, &enc).expect("the recipient's key");
    let begun = Instant::now();
    let opened = side_by_side(count, |part| {
        let open = |n: u64| {
            let bytes = &sealed[usize::try_from(n).expect("it fits")];
            opener.open(n, bytes).expect("it opens").fields.len()
        };
        part.map(open).sum::<usize>()
    });
    say("opened", count, begun);
    assert_eq!(opened.into_iter().sum::<usize>() as u64, count * 4);
}
