//! Who calls, as types: what a role may do is a method of it.

use tiers_contact::canary_tokens;
use tiers_protocol::dossier::NewSearch;
use tiers_protocol::encoding::{Bytes, decode, encode};
use tiers_protocol::entropy::System;
use tiers_protocol::ids::{ActorId, DepositId, PartyId, ProgrammeId, ReleaseId};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::{
    Act, AddPartner, ApprovePolicy, CanaryToken, Credentials, DepositStatus, NewOfficer, NewParty,
    RegisterProgramme, ReleaseInfo, ReportRequest, Role, WrappedKey,
};

use super::client::{Answer, Client};
use super::deposits::Sealed;
use super::server::Server;

/// Runs the certifier.
pub struct Operator(pub Client);

impl Operator {
    /// The first one, as `tiers init` makes it.
    pub fn first(server: &Server) -> Self {
        let issued = server.operator();
        Self(Client::new(server.url(), Some(issued.api_key.clone())))
    }

    /// Enrols a company of its own group.
    pub fn enrol(&self, server: &Server, role: Role, number: u32) -> Company {
        let secret = PartySecret::generate(&mut System);
        let new = company(role, number, None, &secret);
        self.enrol_as(server, &new, secret)
    }

    /// Enrols a company as it asks for it.
    pub fn enrol_as(&self, server: &Server, new: &NewParty, secret: PartySecret) -> Company {
        let issued: Credentials = self.0.post("/v1/parties", new).json();
        Company::new(server, &issued, secret)
    }

    /// Enrols an officer.
    pub fn officer(&self, server: &Server) -> Officer {
        let issued: Credentials = self.0.post("/v1/officers", &NewOfficer {}).json();
        let actor = issued.actor;
        Officer { client: Client::new(server.url(), Some(issued.api_key.clone())), actor }
    }
}

/// A request for enrolment.
pub fn company(role: Role, number: u32, group: Option<u32>, secret: &PartySecret) -> NewParty {
    NewParty {
        role,
        name: format!("Société {number}"),
        siren: siren(number),
        group_siren: group.map(siren),
        keys: secret.public(),
    }
}

/// A SIREN: eight digits and their Luhn digit.
pub fn siren(number: u32) -> String {
    let digits = format!("{:08}", 40_000_000 + number);
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip(0..)
        .map(|(digit, place)| {
            let doubled = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A compliance officer.
pub struct Officer {
    /// Its calls.
    pub client: Client,
    /// Its pseudonym.
    pub actor: ActorId,
}

impl Officer {
    /// Approves releases under the policy of a programme.
    pub fn approve(&self, programme: &Programme) -> Answer {
        let request = ApprovePolicy { policy_sha256: programme.policy_digest() };
        self.client.post(&format!("/v1/programmes/{}/approval", programme.id), &request)
    }

    /// Finds the acts about persons, which enter the ledger with ticks.
    pub fn acts_about_persons(&self) -> Vec<Act> {
        let new =
            NewSearch { reason: "control".to_owned(), about_persons: true, ..NewSearch::default() };
        self.client.post("/v1/searches", &new).json()
    }

    /// Reads all acts.
    pub fn acts(&self) -> Vec<Act> {
        let mut acts: Vec<Act> = Vec::new();
        loop {
            let from = acts.len();
            let page: Vec<Act> =
                self.client.get(&format!("/v1/acts?reason=control&from={from}")).json();
            let last = page.len() < 500;
            acts.extend(page);
            if last {
                return acts;
            }
        }
    }
}

/// A partner or a principal: calls and keys.
pub struct Company {
    /// Its calls.
    pub client: Client,
    /// Its keys.
    pub secret: PartySecret,
    /// Its id.
    pub id: PartyId,
    /// Its pseudonym.
    pub actor: ActorId,
}

impl Company {
    fn new(server: &Server, issued: &Credentials, secret: PartySecret) -> Self {
        let client = Client::new(server.url(), Some(issued.api_key.clone()));
        Self { client, secret, id: issued.party.unwrap(), actor: issued.actor }
    }

    /// Sends a manifest.
    pub fn open(&self, sealed: &Sealed) -> Answer {
        self.client.send("POST", "/v1/deposits", &[], &sealed.manifest.to_vec())
    }

    /// Sends the body from a byte on.
    pub fn upload(&self, id: &DepositId, offset: usize, bytes: &[u8], complete: bool) -> Answer {
        let offset = offset.to_string();
        let headers = [
            ("upload-offset", offset.as_str()),
            ("upload-complete", if complete { "?1" } else { "?0" }),
        ];
        self.client.send("PUT", &format!("/v1/deposits/{id}/body"), &headers, bytes)
    }

    /// Sends manifest and body; the answer is the first refusal or the last success.
    pub fn deposit(&self, sealed: &Sealed) -> Answer {
        let opened = self.open(sealed);
        if opened.status >= 400 {
            return opened;
        }
        self.upload(&sealed.id(), 0, &sealed.bytes, true)
    }

    /// Where a deposit stands.
    pub fn status(&self, id: &DepositId) -> DepositStatus {
        self.client.get(&format!("/v1/deposits/{id}")).json()
    }

    /// The bytes of a receipt.
    pub fn receipt(&self, id: &DepositId) -> Answer {
        self.client.get_in_turn(&format!("/v1/deposits/{id}/receipt"))
    }
}

/// A brand.
pub struct Principal(pub Company);

/// A dealer.
pub struct Partner(pub Company);

macro_rules! is_a_company {
    ($($role:ident)+) => {$(
        impl std::ops::Deref for $role {
            type Target = Company;

            fn deref(&self) -> &Company {
                &self.0
            }
        }
    )+};
}

is_a_company!(Principal Partner);

/// Canary tokens of a programme under a key.
pub fn canaries(programme: &Programme, key: &ProgrammeKey) -> Vec<CanaryToken> {
    let kinds: Vec<_> = programme.policy.kinds().collect();
    let tokens = canary_tokens(&key.tokeniser(&programme.id), &kinds);
    let canary = |(place, kind, token): (usize, _, tiers_contact::Token)| CanaryToken {
        canary: u32::try_from(place).unwrap(),
        kind,
        token: Bytes::new(*token.as_bytes()),
    };
    tokens.into_iter().map(canary).collect()
}

impl Principal {
    /// Registers a programme under a key.
    pub fn register(&self, mut programme: Programme, key: &ProgrammeKey) -> Answer {
        programme.key_id = Some(key.id());
        let canaries = canaries(&programme, key);
        self.client.post("/v1/programmes", &RegisterProgramme { programme, canaries })
    }

    /// Adds a partner and wraps the programme key to it.
    pub fn add(&self, programme: &ProgrammeId, key: &ProgrammeKey, partner: &Company) {
        let add = AddPartner { party: partner.id, declared_size: 300 };
        self.client.post(&format!("/v1/programmes/{programme}/partners"), &add).ok();
        let to = partner.secret.public().sealing;
        let wrapped = key.wrap(&to, programme, &partner.id, &mut System).unwrap();
        let wrapped = WrappedKey { wrapped: encode(&wrapped) };
        self.client.put(&format!("/v1/programmes/{programme}/keys/{}", partner.id), &wrapped).ok();
    }

    /// Asks for the report of a month.
    pub fn request(&self, programme: &ProgrammeId, period: &str) -> Answer {
        self.client.post("/v1/reports", &report_request(programme, period))
    }

    /// Asks, and expects an answer.
    pub fn release(&self, programme: &ProgrammeId, period: &str) -> ReleaseInfo {
        self.request(programme, period).json()
    }

    /// The bytes of report and certificate.
    pub fn documents(&self, release: &ReleaseId) -> (Vec<u8>, Vec<u8>) {
        let fetch = |what: &str| {
            let answer = self.client.get_in_turn(&format!("/v1/releases/{release}/{what}"));
            answer.ok();
            answer.bytes
        };
        (fetch("report"), fetch("certificate"))
    }
}

/// A question over all templates and the current snapshot.
pub fn report_request(programme: &ProgrammeId, period: &str) -> ReportRequest {
    ReportRequest {
        programme: *programme,
        period: period.to_owned(),
        templates: None,
        snapshot: None,
        exact: false,
    }
}

impl Partner {
    /// Fetches the wrapped programme key and opens it.
    pub fn unwrap_key(&self, programme: &ProgrammeId) -> ProgrammeKey {
        let path = format!("/v1/programmes/{programme}/key");
        let wrapped: WrappedKey = self.client.get(&path).json();
        let wrapped = decode(&wrapped.wrapped).unwrap();
        ProgrammeKey::unwrap(&wrapped, &self.secret.sealing(), programme, &self.id).unwrap()
    }
}
