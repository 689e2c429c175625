//! The steps that a page drives, natively: however a file is cut into steps, the deposit is that of one
//! go; what is sealed opens; steps out of their turn are refused and change nothing.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tiers_contact::{FileKind, read_and_normalise};
use tiers_protocol::deposit;
use tiers_protocol::entropy::{Entropy, System};
use tiers_protocol::manifest::SignedManifest;
use tiers_protocol::party::PartySecret;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::open_body;
use tiers_protocol::trust::Trust;
use tiers_wasm::{Asked, Fault, Job};

const POLICY: &str = include_str!("../../../policies/disclosure/standard.toml");

/// A programme at a certifier whose keys the test holds.
struct Shop {
    programme: Programme,
    key: ProgrammeKey,
    party: PartySecret,
    certifier: PartySecret,
}

impl Shop {
    fn new() -> Self {
        let campaigns = vec![Campaign { name: "C1".to_owned(), cost_cents: 1 }];
        let policy = Policy::from_toml(POLICY).unwrap();
        let ends = jiff::civil::date(2030, 12, 31);
        let words = ("Name".to_owned(), "Purpose".to_owned());
        let mut programme = Programme::new(words.0, words.1, campaigns, policy, ends, &mut System);
        let key = ProgrammeKey::generate(&mut System);
        let certifier = PartySecret::generate(&mut System);
        let public = certifier.public();
        programme.key_id = Some(key.id());
        let name = "test".to_owned();
        let trust = Trust::new(name.clone(), name, public.signing, public.sealing);
        programme.certifier = Some(trust);
        Self { programme, key, party: PartySecret::generate(&mut System), certifier }
    }

    fn open(&self, file: &str) -> Result<Job, Fault> {
        let programme = self.programme.to_json();
        let key = self.key.to_file().as_bytes().to_vec();
        Job::open(file.as_bytes().to_vec(), programme.as_bytes(), Some(key), asked())
    }
}

fn asked() -> Asked {
    let asked = r#"{"kind":"sales","today":"2030-06-01","source":"a.csv"}"#;
    serde_json::from_str(asked).unwrap()
}

/// A file of which one row in `every` says nothing of anybody.
fn file(rows: usize, every: usize) -> String {
    let mut file = "E-mail;Téléphone;Date de vente;Montant\n".to_owned();
    for row in 0..rows {
        let email =
            if row % every == every - 1 { String::new() } else { format!("c{row}@free.fr") };
        file += &format!("{email};;{:02}/05/2030;{row},50\n", 1 + row % 28);
    }
    file
}

fn drive(job: &mut Job, steps: &[usize]) -> Result<(), Fault> {
    let mut steps = steps.iter().cycle();
    while !job.step(*steps.next().unwrap())? {
        let progress = job.progress();
        assert!(progress.done < progress.total);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_steps_make_the_deposit_of_one_go(
        rows in 1_usize..60,
        // More rejects than the policy allows, or fewer.
        every in prop_oneof![Just(3), Just(30)],
        steps in prop::collection::vec(0_usize..20, 1..6),
    ) {
        let shop = Shop::new();
        let text = file(rows, every);
        let options = deposit::options(&shop.programme, FileKind::Sales);
        let whole = read_and_normalise("a.csv", text.as_bytes(), &options);
        let mut job = shop.open(&text).unwrap();
        match (drive(&mut job, &steps), whole) {
            (Ok(()), Ok(prepared)) => {
                let body = prepared.body(&shop.key.tokeniser(&shop.programme.id));
                job.tokenise(None).unwrap();
                drive(&mut job, &steps).unwrap();
                prop_assert_eq!(job.file(deposit::PREVIEW).unwrap(), body.csv.clone());
                let rows = deposit::rows_csv("a.csv", &body);
                prop_assert_eq!(job.file(deposit::ROWS).unwrap(), rows.into_bytes());
                let first = job.preview(2).unwrap();
                prop_assert_eq!(first.lines().count(), 3);
                prop_assert!(body.csv.starts_with(first.as_bytes()));
            }
            (Err(fault), Err(error)) => prop_assert_eq!(fault, Fault::Prepare(error)),
            (found, _) => prop_assert!(false, "{:?}", found),
        }
    }
}

/// The certifier opens what the page sealed, and nobody signs for another.
#[test]
fn what_is_sealed_opens_and_is_signed() {
    let shop = Shop::new();
    let mut job = shop.open(&file(8, 9)).unwrap();
    drive(&mut job, &[3]).unwrap();
    job.tokenise(None).unwrap();
    drive(&mut job, &[3]).unwrap();
    assert!(job.file(deposit::SEALED).is_none());
    job.seal(shop.party.to_file().as_bytes().to_vec(), &mut System).unwrap();
    let manifest = SignedManifest::from_slice(&job.file(deposit::MANIFEST).unwrap()).unwrap();
    assert!(manifest.is_signed_by(&shop.party.public()));
    assert!(!manifest.is_signed_by(&shop.certifier.public()));
    let sealed = job.file(deposit::SEALED).unwrap();
    let info = manifest.manifest.seal_info();
    let plain = open_body(&shop.certifier.sealing(), &info, &sealed).unwrap();
    assert_eq!(*plain, job.file(deposit::PREVIEW).unwrap());
    assert_eq!(job.files().len(), 6);
}

/// Draws nothing: two seals with it would be alike, which shows where randomness comes from.
struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(self.0);
    }
}

#[test]
fn a_seal_draws_from_the_generator_that_it_is_given() {
    let shop = Shop::new();
    let mut job = shop.open(&file(8, 9)).unwrap();
    drive(&mut job, &[100]).unwrap();
    job.tokenise(None).unwrap();
    drive(&mut job, &[100]).unwrap();
    let mut sealed = |byte| {
        job.seal(shop.party.to_file().as_bytes().to_vec(), &mut Fixed(byte)).unwrap();
        job.file(deposit::SEALED).unwrap()
    };
    assert_eq!(sealed(1), sealed(1));
    assert_ne!(sealed(1), sealed(2));
}

#[test]
fn wrong_keys_and_turns_are_refused_before_anything_is_computed() {
    let shop = Shop::new();
    let other = Shop::new();
    let programme = shop.programme.to_json();
    let open = |key: &str, asked: Asked| {
        let job = Job::open(Vec::new(), programme.as_bytes(), Some(key.as_bytes().to_vec()), asked);
        job.err().map(|fault| fault.code())
    };
    // The file is empty: what is refused here was refused before it was looked at.
    assert_eq!(open(&other.key.to_file(), asked()), Some("programme_key.other"));
    let file_text = shop.key.to_file();
    assert_eq!(open(&file_text[..file_text.len() - 6], asked()), Some("programme_key.damaged"));
    let late = Asked { today: jiff::civil::date(2031, 1, 1), ..asked() };
    assert_eq!(open(&file_text, late), Some("programme.epoch_over"));
    assert_eq!(open(&file_text, asked()), Some("file.empty"));

    let mut job = shop.open(&file(20, 30)).unwrap();
    assert_eq!(job.tokenise(None).err(), Some(Fault::Turn));
    assert!(job.understood().is_none() && job.files().is_empty());
    drive(&mut job, &[7]).unwrap();
    assert_eq!(
        job.tokenise(Some(other.key.to_file().as_bytes().to_vec())).err().map(|f| f.code()),
        Some("programme_key.other")
    );
    job.tokenise(None).unwrap();
    drive(&mut job, &[7]).unwrap();
    assert_eq!(job.step(1).err(), Some(Fault::Turn));
}
