//! Exchanges through the API: a dealer gives records to a brand, the brand a service in return. Records are
//! sealed here by the code that a party runs; whose they are, the certifier never sees.

mod agreement;
mod closing;
mod commands;
mod dossier;
mod ending;
mod expiry;
mod kills;
mod lists;
mod memory;
mod passage;
mod platform;
mod review;
mod scan;
mod speed;
mod told;

use std::ops::Range;

use serde_json::{Value, json};
use tiers::service::Dependencies;
use tiers::time::{Clock, SystemClock};
use tiers_protocol::canonical;
use tiers_protocol::consent::wire::NewEvent;
use tiers_protocol::consent::{Channel, Evidence, State};
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::statement::BatchFormat;
use tiers_protocol::exchange::transfer::upload_info;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeInfo, ExchangeState};
use tiers_protocol::exchange::{
    Agreement, BatchHead, BatchOpener, BatchSealer, BatchStatement, Carried, EvidenceSealer, Field,
    Item, Leaf, Package, PlainRecord, RecordEvidence, Review, RootOf, Sample, Saying, SignedAct,
    SignedAgreement, SignedReview, SizeClass, Tokens,
};
use tiers_protocol::ids::{BatchId, ExchangeId, FormId};
use tiers_protocol::party::PartySecret;
use tiers_protocol::seal::seal_body;
use tiers_protocol::wire::Role;
use zeroize::Zeroizing;

use crate::consent::{BRAND, DEALER, Market, RIVAL, event, person, ticked};
use crate::harness::client::Answer;
use crate::harness::roles::{Company, Officer, Operator, siren};
use crate::harness::server::Server;

/// A market with people who sign.
pub struct Deal {
    /// Dealer, rival and brand.
    pub market: Market,
    /// Signatories of dealer and brand.
    pub signatories: [PartySecret; 2],
    /// Their data protection officers.
    pub officers: [PartySecret; 2],
    clock: Box<dyn Clock>,
}

/// The e-mail address of a person.
pub fn address(number: usize) -> String {
    format!("personne.{number:05}@exemple-planted.example")
}

impl Deal {
    fn over(server: Server, clock: Box<dyn Clock>) -> Self {
        let operator = Operator::first(&server);
        let officer = operator.officer(&server);
        let dealer = operator.enrol(&server, Role::Partner, DEALER);
        let rival = operator.enrol(&server, Role::Partner, RIVAL);
        let brand = operator.enrol(&server, Role::Principal, BRAND);
        let market = Market { server, officer, dealer, rival, brand };
        let key = || PartySecret::generate(&mut System);
        Self { market, signatories: [key(), key()], officers: [key(), key()], clock }
    }

    /// A certifier of its own, under a clock that the test owns.
    pub fn new() -> Self {
        let server = Server::start();
        let clock = Box::new(server.clock().clone());
        Self::over(server, clock)
    }

    /// The same with pages.
    pub fn with_pages() -> Self {
        let server = Server::start_with_program();
        let clock = Box::new(server.clock().clone());
        Self::over(server, clock)
    }

    /// A certifier that is a process, under the machine's clock.
    pub fn process() -> Self {
        Self::process_of(Server::process())
    }

    /// The same over a process that was started before.
    pub fn process_of(server: Server) -> Self {
        Self::over(server, Box::new(SystemClock))
    }

    /// Everybody calls a certifier that was made of this one's.
    pub fn follow(self, over: impl FnOnce(Server) -> Server) -> Self {
        let Market { server, officer, dealer, rival, brand } = self.market;
        let server = over(server);
        let at = |company: Company| Company { client: company.client.at(server.url()), ..company };
        let market = Market {
            officer: Officer { client: officer.client.at(server.url()), actor: officer.actor },
            dealer: at(dealer),
            rival: at(rival),
            brand: at(brand),
            server,
        };
        Self { market, ..self }
    }

    /// Kills the certifier and opens it again with other dependencies.
    pub fn reopen(self, with: Dependencies) -> Self {
        self.follow(|server| server.reopen(with))
    }

    /// The same after a kill of a certifier that is a process.
    pub fn restart(self) -> Self {
        self.follow(Server::restart)
    }

    fn side(&self, which: usize) -> Value {
        let (company, number) = [(&self.market.dealer, DEALER), (&self.market.brand, BRAND)][which];
        let gives = [
            json!({"gives": "records", "fields": ["email", "first_name"], "lot_cents": 100_000}),
            json!({"gives": "service", "what": "Insertion publicitaire, une semaine",
                   "price_cents": 120_000}),
        ];
        let size = ["small", "large"][which];
        json!({
            "party": company.id, "role": "sole", "name": format!("Société {number}"),
            "siren": siren(number),
            "address": {"street": "1 rue de la Paix", "postcode": "75002", "town": "Paris",
                        "country": "FR"},
            "dpo": {"name": format!("DPO {number}"),
                    "key": self.officers[which].public().signing,
                    "sealing": self.officers[which].public().sealing},
            "rights_contact": "droits@company.example",
            "notice_url": "https://company.example/donnees",
            "keys": company.secret.public(),
            "requester": format!("Mme Demande {number}"),
            "signatory": {"name": format!("M. Signe {number}"),
                          "key": self.signatories[which].public().signing},
            "gives": gives[which],
            "invoicing": {
                "mandate": "MDT-2025-1", "series": "EXC", "vat_id": format!("FR40{}", siren(number)),
                "penalties": "Trois fois le taux d'intérêt légal.", "discount": "Pas d'escompte.",
                "payment_days": 30, "tax_on_debits": false, "valuation": "market_sales",
                "size": size,
            },
        })
    }

    /// The agreement, as a document that a test may spoil.
    pub fn draft(&self) -> Value {
        let today = self.market.server.today();
        json!({
            "format": "tiers-exchange-agreement/1",
            "exchange": ExchangeId::random(&mut System),
            "proposer": self.side(0), "other": self.side(1),
            "purpose": "Envoyer des offres d'entretien", "sector": "general",
            "audience": "consumer", "offer_of_profession": false,
            "channels": {"email": "consent"}, "offer": "Entretien à prix réduit",
            "message": "Votre adresse nous vient de {source}. {advertiser}. Stop : {opt_out}",
            "begins": today, "ends": today + jiff::Span::new().days(200), "retention_months": 36,
            "security": "Chiffrement de bout en bout", "size_class": 512,
        })
    }

    /// Signs a draft as the dealer.
    pub fn signed(&self, draft: &Value) -> SignedAgreement {
        let agreement: Agreement = serde_json::from_value(draft.clone()).unwrap();
        SignedAgreement::sign(agreement, &self.market.dealer.secret.signing())
    }

    /// The dealer proposes.
    pub fn propose(&self, draft: &Value) -> Answer {
        self.market.dealer.client.post("/v1/exchanges", &self.signed(draft))
    }

    /// Somebody says something with some key.
    pub fn say(
        &self,
        agreement: &Agreement,
        (company, key): (&Company, &PartySecret),
        (says, words): (Saying, &str),
    ) -> Answer {
        let said = (says, words.to_owned());
        let act = SignedAct::sign(agreement, company.id, said, &key.signing());
        company.client.post(&format!("/v1/exchanges/{}/acts", agreement.exchange), &act)
    }

    /// An exchange that everybody has agreed to.
    pub fn approved(&self) -> Agreement {
        self.approved_as(&self.draft())
    }

    /// The same under a draft of the test's own.
    pub fn approved_as(&self, draft: &Value) -> Agreement {
        self.propose(draft).ok();
        let agreement = self.signed(draft).agreement;
        let (dealer, brand) = (&self.market.dealer, &self.market.brand);
        self.say(&agreement, (brand, &brand.secret), (Saying::Accept, "")).ok();
        self.say(&agreement, (dealer, &self.signatories[0]), (Saying::Approve, "")).ok();
        let last = self.say(&agreement, (brand, &self.signatories[1]), (Saying::Approve, ""));
        let info: ExchangeInfo = last.json();
        assert_eq!(info.state, ExchangeState::Approved);
        agreement
    }

    /// So many persons agree on the plain form that the dealer passes their address to the brand.
    pub fn consented(&self, persons: Range<usize>) {
        self.consented_on(self.market.web_form(), persons, &ticked());
    }

    /// The same on a form, shown by some evidence.
    pub fn consented_on(&self, form: FormId, persons: Range<usize>, shown: &Evidence) {
        let at = self.now() - 3_600;
        let persons: Vec<usize> = persons.collect();
        for part in persons.chunks(200) {
            let given = |n: &usize| {
                let evidence = Some(shown.clone());
                NewEvent { evidence, ..event(&person(&address(*n)), at, State::Given) }
            };
            let said = self.market.record(form, part.iter().map(given).collect());
            assert!(said.quarantined.is_empty());
        }
    }

    /// The time of the certifier.
    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// Seals the records of persons to the brand.
    pub fn sealed(&self, agreement: &Agreement, persons: Range<usize>) -> Parcel {
        let head = BatchHead {
            format: BatchFormat::V1,
            exchange: agreement.exchange,
            batch: BatchId::random(&mut System),
            sender: agreement.proposer.party,
            recipient: agreement.other.party,
            sealed_to: agreement.other.keys.sealing,
            evidence_to: agreement.other.dpo.sealing,
            channel: Channel::Email,
            size_class: SizeClass::B512,
            records: persons.len() as u64,
            scrubbed: None,
        };
        self.sealed_as(head, persons)
    }

    /// The same under a head of the test's choice.
    pub fn sealed_as(&self, head: BatchHead, persons: Range<usize>) -> Parcel {
        let (sealer, enc) = BatchSealer::new(&head.sealed_to, &head, &mut System).unwrap();
        let (prover, evidence_enc) = EvidenceSealer::new(&head, &mut System).unwrap();
        let (mut root, mut plain) = (RootOf::new(), Vec::new());
        for number in persons {
            let sealed = sealer.seal(root.count(), &record(number), &mut System).unwrap();
            let proof = prover.seal(root.count(), &shown(number), &mut System).unwrap();
            let tokens = tokens(number);
            root.push(Leaf::of(root.count(), &tokens.digest(), (&sealed, &proof)));
            tokens.write(&mut plain);
            plain.extend_from_slice(&sealed);
            plain.extend_from_slice(&proof);
        }
        let trust = self.market.server.trust();
        let body = seal_body(&trust.sealing, &upload_info(&head), &plain, &mut System).unwrap();
        let signing = self.market.dealer.secret.signing();
        let encs = [enc, evidence_enc];
        Parcel { statement: BatchStatement::sign(head, encs, root.root(), &signing), body }
    }

    /// Opens a batch and uploads its body.
    pub fn send(&self, parcel: &Parcel) -> BatchInfo {
        self.market.dealer.client.post("/v1/batches", &parcel.statement).ok();
        self.upload(parcel, 0).json()
    }

    /// Uploads the body from a byte on.
    pub fn upload(&self, parcel: &Parcel, from: usize) -> Answer {
        let offset = from.to_string();
        let path = format!("/v1/batches/{}/body", parcel.id());
        let headers = [("upload-offset", offset.as_str())];
        self.market.dealer.client.send("PUT", &path, &headers, &parcel.body[from..])
    }

    /// The brand draws a sample of a batch and fetches it.
    pub fn sample(&self, batch: &BatchId) -> Sample {
        let (brand, path) = (&self.market.brand.client, format!("/v1/batches/{batch}/sample"));
        let info: BatchInfo = brand.post(&path, &json!({})).json();
        assert_eq!(info.state, BatchState::Sampled);
        Sample::read(brand.get(&path).ok().bytes.as_slice()).unwrap()
    }

    /// The brand's officer gives a verdict; these positions are unproven.
    pub fn verdict(&self, sample: &Sample, unproven: &[u64]) -> Answer {
        let drawn = &sample.drawn;
        let review = Review {
            exchange: drawn.exchange,
            batch: drawn.batch,
            sample: drawn.digest(),
            proven: (drawn.sample.len() - unproven.len()) as u64,
            unproven: unproven.to_vec(),
            words: if unproven.is_empty() { "" } else { "Un enregistrement manque." }.to_owned(),
        };
        let signed = SignedReview::sign(review, &self.officers[1].signing());
        self.market.brand.client.post(&format!("/v1/batches/{}/review", drawn.batch), &signed)
    }

    /// The brand's officer finds every proof of a sample.
    pub fn reviewed(&self, batch: &BatchId) -> BatchInfo {
        self.verdict(&self.sample(batch), &[]).json()
    }

    /// The dealer hands a batch over, once the brand's officer has looked at the proofs of one that waits.
    pub fn hand_over(&self, batch: &BatchId) -> Answer {
        let path = format!("/v1/batches/{batch}");
        let info: BatchInfo = self.market.dealer.client.get(&path).json();
        if info.state == BatchState::Received {
            assert_eq!(self.reviewed(batch).state, BatchState::Reviewed);
        }
        self.hand_over_now(batch)
    }

    /// The dealer hands a batch over as it stands.
    pub fn hand_over_now(&self, batch: &BatchId) -> Answer {
        self.market.dealer.client.post(&format!("/v1/batches/{batch}/hand-over"), &json!({}))
    }

    /// The brand fetches a package and opens it as its client does.
    pub fn open(&self, agreement: &Agreement, batch: &BatchId) -> Vec<(u64, Carried, String)> {
        let answer = self.market.brand.client.get(&format!("/v1/batches/{batch}/records"));
        opened(agreement, &self.market.brand.secret, &answer.ok().bytes)
    }

    /// An exchange with a batch that was handed over: so many persons agreed, all of them were sent.
    pub fn handed(&self, persons: usize) -> (Agreement, BatchId) {
        self.consented(0..persons);
        let agreement = self.approved();
        let parcel = self.sealed(&agreement, 0..persons);
        assert_eq!(self.send(&parcel).state, BatchState::Received);
        let info: BatchInfo = self.hand_over(&parcel.id()).json();
        assert_eq!(info.state, BatchState::HandedOver);
        (agreement, parcel.id())
    }
}

/// A sealed batch.
pub struct Parcel {
    /// What the sender signed.
    pub statement: BatchStatement,
    /// What is uploaded.
    pub body: Vec<u8>,
}

impl Parcel {
    /// Its id.
    pub const fn id(&self) -> BatchId {
        self.statement.statement.head.batch
    }
}

/// The first name of everybody: it stands inside sealed records only.
pub const FIRST_NAME: &str = "Ada-Planted-Lovelace";

/// What of a person is sent.
pub fn record(number: usize) -> PlainRecord {
    PlainRecord {
        fields: [(Field::Email, address(number)), (Field::FirstName, FIRST_NAME.to_owned())].into(),
        source: "Société 1".to_owned(),
        collected: jiff::civil::date(2025, 8, 1),
        basis: "consent".to_owned(),
        notice_url: "https://company.example/donnees".to_owned(),
        rights_contact: "droits@company.example".to_owned(),
    }
}

/// What proves a record.
pub fn shown(number: usize) -> RecordEvidence {
    RecordEvidence {
        record: None,
        form: None,
        on: jiff::civil::date(2025, 8, 1),
        method: None,
        reference: format!("SCAN-PLANTED-{number:05}"),
    }
}

/// The rights tokens of a person.
pub fn tokens(number: usize) -> Tokens {
    let token = *person(&address(number))[0].token.as_bytes();
    Tokens { email: Some(Zeroizing::new(token)), phone: None }
}

/// Checks and opens a package: positions, grounds and addresses of what passed.
pub fn opened(
    agreement: &Agreement,
    brand: &PartySecret,
    package: &[u8],
) -> Vec<(u64, Carried, String)> {
    let mut items = Package::begin(package).unwrap();
    let statement = items.statement().clone();
    let body = statement.verify(&agreement.proposer.keys.signing).unwrap();
    let opener = BatchOpener::new(&brand.sealing(), &body.head, &body.enc).unwrap();
    let (mut root, mut found) = (RootOf::new(), Vec::new());
    while let Some(item) = items.next_item().unwrap() {
        let position = root.count();
        root.push(item.leaf(position));
        if let Item::Delivered { carried, sealed, .. } = item {
            let record = opener.open(position, &sealed).unwrap();
            found.push((position, carried, record.fields[&Field::Email].clone()));
        }
    }
    body.check_root(&root).unwrap();
    found
}

/// One document has one digest, however it is sent.
#[test]
fn the_agreement_reads_back_as_it_was_signed() {
    let deal = Deal::new();
    let signed = deal.signed(&deal.draft());
    let bytes = canonical::to_vec(&signed);
    assert_eq!(canonical::from_slice::<SignedAgreement>(&bytes).unwrap(), signed);
    assert!(signed.is_signed());
    assert_eq!(signed.agreement.check(), Ok(()));
}
