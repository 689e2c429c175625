//! Consent and opposition through the API: who may record, who may read, what a decision says at each
//! instant. What the rules say is tested beside them; here is what the certifier makes of them.

mod chain;
pub mod collections;
mod commands;
mod ends;
pub mod evidence;
mod fetching;
mod forms;
mod history;
mod oppositions;
mod passed_on;
mod proofs;
mod rates;
mod requests;
mod schema;
mod ticks;
mod withdrawal;

use serde_json::{Value, json};
use tiers_contact::{Kind, Tokeniser};
use tiers_protocol::consent::wire::{
    DecisionInfo, FormInfo, NewConsents, NewEvent, RecordedConsents,
};
use tiers_protocol::consent::{Evidence, Siren, State};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::FormId;
use tiers_protocol::wire::{PersonToken, Role};

use crate::harness::client::Answer;
use crate::harness::roles::{Company, Officer, Operator, siren};
use crate::harness::server::Server;

/// Two dealers and a brand, an officer, a certifier.
pub struct Market {
    /// The certifier.
    pub server: Server,
    /// The certifier's officer.
    pub officer: Officer,
    /// A dealer, who collects.
    pub dealer: Company,
    /// Another.
    pub rival: Company,
    /// The brand, who receives.
    pub brand: Company,
}

pub const DEALER: u32 = 1;
pub const RIVAL: u32 = 2;
pub const BRAND: u32 = 3;

/// The number of a company of the market.
pub fn number(of: u32) -> Siren {
    siren(of).parse().unwrap()
}

/// A person, under a rights key that the certifier never sees.
pub fn person(email: &str) -> Vec<PersonToken> {
    let tokeniser = Tokeniser::new(&[7; 32], "rights/test");
    let token = tokeniser.token(Kind::Email, email);
    vec![PersonToken { kind: Kind::Email, token: Bytes::new(*token.as_bytes()) }]
}

pub fn party(of: u32, role: &str) -> Value {
    json!({
        "id": siren(of), "name": format!("Société {of}"), "address": "1 rue de la Paix, Paris",
        "contact": "dpo@company.example", "type": "organisation", "role": role,
    })
}

/// A form of the dealer, by which e-mail addresses pass to the brand.
pub fn form(method: &str) -> Value {
    let digest = Bytes::new([9; 32]).to_string();
    json!({
        "format": "tiers-consent-form/1", "replaces": null,
        "notice": {
            "url": "https://dealer.example/notice", "version": 1,
            "text": "Société 1 transmet votre adresse à Société 3, qui vous écrira. \
                     Vous pouvez retirer votre consentement à tout moment.",
        },
        "language": "fr", "purpose": "transmission", "channel": "email", "pii": ["email"],
        "controllers": [party(DEALER, "controller")],
        "storage": ["FR"], "retention_months": 36, "validity_months": 36, "jurisdiction": "FR",
        "recipients": [party(BRAND, "recipient")],
        "withdrawal": "https://dealer.example/stop",
        "gdpr": {
            "lawful_basis": "gdpr-6-1-a", "method": method, "collector": siren(DEALER),
            "third_countries": {"transfer": "none"},
            "rights": ["access", "rectification", "erasure", "restriction", "portability",
                       "withdrawal", "complaint"],
            "authority": "CNIL", "conditional": false,
        },
        "review": {
            "reviewer": "M. Martin", "captured_at": 1_756_000_000, "screenshot": digest,
            "code": digest, "nothing_ticked": true, "refusal_as_visible": true,
            "block_of_its_own": true, "plain_words": true, "nothing_hangs_on_it": true,
            "audits": [],
        },
    })
}

/// Evidence of a form on the web.
pub fn ticked() -> Evidence {
    let digest = Bytes::new([9; 32]);
    Evidence::Form {
        version: "1".to_owned(),
        screenshot: Some(digest),
        terminal: Some(digest),
        ticked: true,
        confirmed_at: None,
        submission: None,
    }
}

/// An event of a person.
pub fn event(of: &[PersonToken], at: i64, state: State) -> NewEvent {
    let evidence = state.permits().then(ticked);
    let (tokens, entity) = (of.to_vec(), None);
    NewEvent { tokens, at, state, entity, evidence, all_recipients: false }
}

impl Market {
    /// Everybody enrolled.
    pub fn open() -> Self {
        Self::over(Server::start())
    }

    /// The same behind a certifier that runs already.
    pub fn over(server: Server) -> Self {
        let operator = Operator::first(&server);
        let officer = operator.officer(&server);
        let dealer = operator.enrol(&server, Role::Partner, DEALER);
        let rival = operator.enrol(&server, Role::Partner, RIVAL);
        let brand = operator.enrol(&server, Role::Principal, BRAND);
        Self { server, officer, dealer, rival, brand }
    }

    /// Now, in seconds.
    pub fn now(&self) -> i64 {
        use tiers::time::Clock as _;
        self.server.clock().now().seconds()
    }

    /// The dealer publishes a form.
    pub fn publish(&self, form: &Value) -> FormInfo {
        self.dealer.client.post("/v1/forms", form).json()
    }

    /// The dealer publishes the plain form for the web.
    pub fn web_form(&self) -> FormId {
        self.publish(&form("web_form")).form
    }

    /// The dealer records events.
    pub fn record(&self, form: FormId, events: Vec<NewEvent>) -> RecordedConsents {
        self.dealer.client.post("/v1/consents", &NewConsents { form, events }).json()
    }

    /// Asks whether the dealer may hand a person on to a recipient.
    pub fn ask(&self, of: &[PersonToken], recipient: u32, at: Option<i64>) -> DecisionInfo {
        self.asked(&self.dealer, of, (DEALER, recipient), at).json()
    }

    /// Asks as somebody.
    pub fn asked(
        &self,
        who: &Company,
        of: &[PersonToken],
        (sender, recipient): (u32, u32),
        at: Option<i64>,
    ) -> Answer {
        let query = json!({
            "tokens": of, "sender": siren(sender), "recipient": siren(recipient),
            "purpose": "transmission", "channel": "email", "sector": "general",
            "audience": "consumer", "at": at,
        });
        who.client.post("/v1/consents/decision", &query)
    }
}

/// Why a decision said no; empty when it said yes.
pub fn why(decision: &DecisionInfo) -> &str {
    assert_eq!(decision.allowed, decision.why.is_none());
    decision.why.as_deref().unwrap_or_default()
}
