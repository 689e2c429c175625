//! A small network that is ready to work: operator, officer, brand, three dealers, one programme.

use tiers::service::Dependencies;
use tiers_contact::FileKind;
use tiers_protocol::entropy::System;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::tlog::{Entry, LedgerSummary};
use tiers_protocol::wire::{AccountInfo, Role};

use super::deposits::{Draft, Sealed};
use super::ledger::{HttpLedger, verified};
use super::people::{Lead, Person, Sale, leads_csv, sales_csv};
use super::roles::{Company, Officer, Operator, Partner, Principal};
use super::server::Server;

/// The month that the small files speak of.
pub const MONTH: &str = "2025-06";

/// Campaigns of the small programme.
pub const CAMPAIGNS: [&str; 2] = ["P25-PRINTEMPS", "P25-ETE"];

/// Leads of the small file; the policy's minimum is 100.
pub const LEADS: u32 = 160;

/// The standard policy, at once and for a small file.
pub fn policy(tick: &str) -> Policy {
    let text = include_str!("../../../policies/disclosure/standard.toml")
        .replace("tick = \"daily\"", &format!("tick = \"{tick}\""))
        .replace("min_leads = 500", "min_leads = 100");
    Policy::from_toml(&text).unwrap()
}

/// A programme that nobody has registered yet, at the time where the test clock begins.
pub fn programme(name: &str, tick: &str) -> Programme {
    programme_of(name, tick, jiff::civil::date(2026, 6, 28))
}

fn programme_of(name: &str, tick: &str, epoch_ends: jiff::civil::Date) -> Programme {
    let campaign = |name: &str| Campaign { name: name.to_owned(), cost_cents: 1_000_000 };
    Programme::new(
        name.to_owned(),
        "measure which campaigns led to sales".to_owned(),
        CAMPAIGNS.iter().map(|name| campaign(name)).collect(),
        policy(tick),
        epoch_ends,
        &mut System,
    )
}

/// The network.
pub struct World {
    /// The certifier.
    pub server: Server,
    /// Who enrolled them all.
    pub operator: Operator,
    /// Who approves.
    pub officer: Officer,
    /// The brand.
    pub principal: Principal,
    /// The dealers.
    pub partners: Vec<Partner>,
    /// The programme as registered.
    pub programme: Programme,
    /// Its key.
    pub key: ProgrammeKey,
}

impl World {
    /// Everybody enrolled, the programme registered and approved, nothing deposited.
    pub fn new() -> Self {
        Self::with_tick("at_once")
    }

    /// The same under another tick.
    pub fn with_tick(tick: &str) -> Self {
        Self::unapproved(tick).approved()
    }

    /// The same behind a certifier that runs already.
    pub fn over(server: Server) -> Self {
        Self::registered(server, "at_once").approved()
    }

    fn approved(mut self) -> Self {
        let world = &mut self;
        world.officer.approve(&world.programme).ok();
        for number in 1..=3 {
            world.add_partner(number);
        }
        self
    }

    /// A programme without approval or partners.
    pub fn unapproved(tick: &str) -> Self {
        Self::registered(Server::start(), tick)
    }

    fn registered(server: Server, tick: &str) -> Self {
        let operator = Operator::first(&server);
        let officer = operator.officer(&server);
        let principal = Principal(operator.enrol(&server, Role::Principal, 0));
        let key = ProgrammeKey::generate(&mut System);
        let epoch_ends = server.today() + jiff::Span::new().days(300);
        let unregistered = programme_of("Essai", tick, epoch_ends);
        let programme = principal.register(unregistered, &key).json();
        let partners = Vec::new();
        Self { server, operator, officer, principal, partners, programme, key }
    }

    /// Enrols a dealer and adds it to the programme.
    pub fn add_partner(&mut self, number: u32) {
        let partner = self.operator.enrol(&self.server, Role::Partner, number);
        self.principal.add(&self.programme.id, &self.key, &partner);
        self.partners.push(Partner(partner));
    }

    /// The small leads file: everybody in the first campaign in April, every second person again in
    /// the second campaign in May.
    pub fn small_leads() -> Vec<Lead> {
        let first = |n| Lead { person: Person(n), day: "2025-04-10", campaign: CAMPAIGNS[0] };
        let second = |n| Lead { person: Person(n), day: "2025-05-10", campaign: CAMPAIGNS[1] };
        (0..LEADS).map(first).chain((0..LEADS / 2).map(|n| second(2 * n))).collect()
    }

    /// A dealer's small sales file: its own share of the people, half of whom buy, and some that
    /// nobody knows.
    pub fn small_sales(dealer: u32) -> Vec<Sale> {
        let known = (0..LEADS).filter(|n| n % 3 == dealer && n % 8 < 4);
        let strangers = 1_000 + 100 * dealer..1_020 + 100 * dealer;
        let sale = |n| Sale { person: Person(n), day: "2025-06-12", euros: 15_000 + n };
        known.chain(strangers).map(sale).collect()
    }

    /// Leads, ready to be sent by the principal.
    pub fn leads(&self, leads: &[Lead]) -> Sealed {
        self.sealed(FileKind::Leads, &leads_csv(leads), &self.principal)
    }

    /// Sales, ready to be sent by a dealer.
    pub fn sales(&self, partner: usize, sales: &[Sale]) -> Sealed {
        self.sealed(FileKind::Sales, &sales_csv(sales), &self.partners[partner])
    }

    /// A file, ready to be sent by a company.
    pub fn sealed(&self, kind: FileKind, csv: &[u8], company: &Company) -> Sealed {
        let draft = Draft::of(&self.programme, &self.key, kind, csv);
        draft.seal(&self.programme.registered().unwrap().1.sealing, &company.secret)
    }

    /// A dealer's small file before it is sealed.
    pub fn draft_sales(&self) -> Draft {
        let csv = sales_csv(&Self::small_sales(0));
        Draft::of(&self.programme, &self.key, FileKind::Sales, &csv)
    }

    /// Leads and every dealer's sales, deposited.
    pub fn stocked() -> Self {
        let world = Self::new();
        world.stock();
        world
    }

    /// Deposits the small files.
    pub fn stock(&self) {
        self.principal.deposit(&self.leads(&Self::small_leads())).ok();
        self.stock_sales(0);
    }

    /// Deposits the small files of the dealers from one on: a report rests on three of them.
    pub fn stock_sales(&self, from: usize) {
        for (dealer, partner) in (0..).zip(&self.partners).skip(from) {
            let sealed = self.sales(dealer as usize, &Self::small_sales(dealer));
            partner.deposit(&sealed).ok();
        }
    }

    /// Kills the certifier and opens it again with other dependencies; everybody calls the new one.
    pub fn reopen(self, with: Dependencies) -> Self {
        let Self { server, .. } = self;
        Self { server: server.reopen(with), ..self }.follow()
    }

    /// The same, with something done to the folder while nobody has it open.
    pub fn reopen_after(
        self,
        meanwhile: impl FnOnce(&std::path::Path, &super::server::TestClock),
        with: Dependencies,
    ) -> Self {
        let Self { server, .. } = self;
        Self { server: server.reopen_after(meanwhile, with), ..self }.follow()
    }

    /// The same after a kill of a certifier that is a process.
    pub fn restart(self) -> Self {
        let Self { server, .. } = self;
        Self { server: server.restart(), ..self }.follow()
    }

    /// Everybody calls the server where it is now.
    fn follow(self) -> Self {
        let server = self.server;
        let at = |company: Company| Company { client: company.client.at(server.url()), ..company };
        let moved = |partner: Partner| Partner(at(partner.0));
        Self {
            operator: Operator(self.operator.0.at(server.url())),
            officer: Officer {
                client: self.officer.client.at(server.url()),
                actor: self.officer.actor,
            },
            principal: Principal(at(self.principal.0)),
            partners: self.partners.into_iter().map(moved).collect(),
            server,
            programme: self.programme,
            key: self.key,
        }
    }

    /// Publishes what waits, then verifies the ledger over HTTP. (A process publishes by itself.)
    #[track_caller]
    pub fn ledger(&self) -> (LedgerSummary, Vec<Entry>) {
        self.server.publish();
        verified(&HttpLedger(&self.server.anonymous()), &self.server.trust())
    }

    /// The principal's accounts.
    pub fn accounts(&self) -> Vec<AccountInfo> {
        let path = format!("/v1/accounts?programme={}", self.programme.id);
        self.principal.client.get(&path).json()
    }
}
