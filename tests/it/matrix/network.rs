//! Two networks with an object of every kind, whose they are, and others who have nothing to do with them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use tiers::journal::unusual;
use tiers_protocol::attested::Attested;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::PartyId;
use tiers_protocol::lift::{LiftInfo, NewLift};
use tiers_protocol::own_count::OwnCount;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::{Invitation, NewInvitation, Role};

use crate::consent::evidence::record_of;
use crate::consent::{collections, event, person};
use crate::exchange::Deal;
use crate::harness::client::Client;
use crate::harness::roles::{Operator, Partner, Principal};
use crate::harness::server::Server;
use crate::harness::world::{MONTH, World, programme};

const ALL: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];

/// The server of a network stands as long as it.
enum Network {
    Programmes(Box<World>),
    Choices(Box<Deal>),
}

/// A network.
pub struct Stage {
    network: Network,
    operator: Operator,
    people: BTreeMap<&'static str, Client>,
    outsiders: BTreeMap<&'static str, Client>,
    parties: BTreeMap<&'static str, PartyId>,
    /// What kind, whose in which roles, which.
    objects: Vec<(&'static str, &'static [Role], String)>,
    fresh: Cell<u32>,
}

/// An id that nothing has.
pub fn missing(name: &str) -> String {
    let prefix = match name {
        "programme" => "prg",
        "party" | "own_party" | "seller" => "pty",
        "deposit" => "dep",
        "release" => "rel",
        "lift" => "lif",
        "own_count" => "own",
        "person" | "account" => "act",
        "breach" | "alert" => "evt",
        "form" => "frm",
        "collection" => "col",
        "submission" => "sbm",
        "record" => "rec",
        "notice" => "ntc",
        "exchange" => "exc",
        "batch" => "bat",
        "request" => "req",
        "webhook" => "whk",
        "word" | "secret" => return "A".repeat(43),
        other => {
            panic!("nothing is known of {{{other}}}: add an object of one's own and of another's")
        }
    };
    format!("{prefix}_AAAAAAAAAAAAAAAAAAAAAA")
}

fn invited(client: &Client) -> String {
    let new = NewInvitation { name: "Anne".to_owned(), again: None };
    client.post("/v1/invitations", &new).json::<Invitation>().actor.to_string()
}

impl Stage {
    /// A programme with its dealers, deposits, a release, a lift, an own count; people, keys, files.
    pub fn programmes() -> Self {
        Self::programmes_on(Server::start())
    }

    /// The same over a server.
    pub fn programmes_on(server: Server) -> Self {
        let world = World::over(server);
        let leads = world.leads(&World::small_leads());
        world.principal.deposit(&leads).ok();
        let sales = world.sales(0, &World::small_sales(0));
        world.partners[0].deposit(&sales).ok();
        world.stock_sales(1);
        let id = world.programme.id;
        let release = world.principal.release(&id, MONTH).release;
        let (principal, partner) = (&world.principal.client, &world.partners[0].client);
        let lift = NewLift { treated_permille: 500 };
        let lift: LiftInfo = principal.post(&format!("/v1/programmes/{id}/lifts"), &lift).json();
        let asked = json!({ "programme": id, "month": "2025-04" });
        let told = partner.post("/v1/own-counts", &asked).ok().bytes.clone();
        let trust = world.server.trust();
        let told = Attested::<OwnCount>::verify(&told, &trust).unwrap().document.own_count;
        let operator = Operator::first(&world.server);
        let now = tiers::time::Clock::now(world.server.clock()).to_string();
        let file =
            json!({ "aware": now, "controllers": [world.partners[0].id], "nature": "copie" });
        let breach: Value = operator.0.post("/v1/breaches", &file).json();
        for _ in 0..unusual::READINGS {
            let search = json!({ "reason": "control", "limit": 1 });
            world.officer.client.post("/v1/searches", &search).ok();
        }
        let alerts: Vec<Value> = operator.0.get("/v1/alerts").json();
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let keepers: &[Role] = &[Role::Officer, Role::Operator];
        let objects = vec![
            ("programme", ALL, id.to_string()),
            ("party", ALL, world.partners[0].id.to_string()),
            ("deposit", &[Role::Partner, Role::Operator], sales.id().to_string()),
            ("deposit", &[Role::Principal], leads.id().to_string()),
            ("release", &[Role::Principal], release.to_string()),
            ("lift", &[Role::Principal, Role::Officer], lift.lift.to_string()),
            ("own_count", &[Role::Partner], told.to_string()),
            ("person", &[Role::Partner], invited(partner)),
            ("account", &[Role::Partner], world.partners[0].actor.to_string()),
            ("breach", keepers, text(&breach["breach"])),
            ("alert", keepers, text(&alerts[0]["alert"])),
        ];
        // A network beside it, which is nobody else's.
        let stranger = Principal(operator.enrol(&world.server, Role::Principal, 90));
        let outsider = Partner(operator.enrol(&world.server, Role::Partner, 91));
        let key = ProgrammeKey::generate(&mut System);
        let other: tiers_protocol::programme::Programme =
            stranger.register(programme("Autre", "at_once"), &key).json();
        stranger.add(&other.id, &key, &outsider);
        let people = [partner, principal, &world.officer.client, &operator.0];
        let people = ALL.iter().map(|role| role.as_str()).zip(people.map(Client::clone)).collect();
        let outsiders =
            [("partner", outsider.client.clone()), ("principal", stranger.client.clone())];
        let parties = [("partner", world.partners[0].id), ("principal", world.principal.id)];
        Self {
            people,
            outsiders: outsiders.into(),
            parties: parties.into(),
            objects,
            operator,
            network: Network::Programmes(Box::new(world)),
            fresh: Cell::new(200),
        }
    }

    /// Forms, pages, choices, notices, requests, webhooks; an exchange that was carried out and closed.
    pub fn choices() -> Self {
        Self::choices_of(Deal::new())
    }

    /// The same of parties that are there.
    pub fn choices_of(deal: Deal) -> Self {
        let market = &deal.market;
        let (agreement, batch) = deal.handed(1_200);
        let exchange = agreement.exchange;
        let (dealer, brand) = (&market.dealer, &market.brand);
        for (company, cents) in [(dealer, 100_000), (brand, 120_000)] {
            let value = json!({ "value_cents": cents });
            company.client.post(&format!("/v1/exchanges/{exchange}/value"), &value).ok();
        }
        let form = market.web_form();
        let page = collections::open(market, &[form], 10);
        let sent = collections::sealed(market, &page);
        collections::send(market, &page.collection, &sent).ok();
        let (ada, bob) = (person("ada@example.com"), person("bob@example.com"));
        let given = [&ada, &bob].map(|of| event(of, market.now(), State::Given)).to_vec();
        let links = market.record(form, given).links;
        market.server.clock().advance_seconds(5);
        market.server.anonymous().send("POST", &format!("/w/{}", links[1]), &[], b"").ok();
        let told = |client: &Client| {
            let notices: Vec<NoticeInfo> = client.get("/v1/notices").json();
            notices.first().expect("a withdrawal is told to whoever it concerns").notice.to_string()
        };
        let asked = |client: &Client| {
            let new = json!({ "kind": "access", "received_at": market.now(), "rights": [], "programmes": [] });
            let answer: Value = client.post("/v1/requests", &new).json();
            answer["request"]["request"].as_str().unwrap().to_owned()
        };
        let called = |client: &Client| {
            let new = json!({ "url": "https://hooks.example.com/tiers", "kinds": [] });
            let info: Value = client.post("/v1/webhooks", &new).json();
            info["webhook"].as_str().unwrap().to_owned()
        };
        let operator = Operator::first(&market.server);
        let readers: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];
        let published: Value = brand.client.post("/v1/forms", &brands_form()).json();
        let brands = published["form"].as_str().unwrap().to_owned();
        let new = json!({ "forms": [brands], "quota": 10 });
        let brands_page: Value = brand.client.post("/v1/collections", &new).json();
        let brands_page = brands_page["collection"].as_str().unwrap().to_owned();
        let objects = vec![
            ("form", &[Role::Partner, Role::Officer] as &[Role], form.to_string()),
            ("form", &[Role::Principal], brands),
            (
                "collection",
                &[Role::Partner, Role::Officer, Role::Operator],
                page.collection.to_string(),
            ),
            ("collection", &[Role::Principal], brands_page),
            ("submission", ALL, sent.0.to_string()),
            ("record", readers, record_of(&links[0]).to_string()),
            ("word", ALL, links[0].clone()),
            ("notice", &[Role::Partner], told(&dealer.client)),
            ("notice", &[Role::Principal], told(&brand.client)),
            ("request", &[Role::Partner], asked(&dealer.client)),
            ("request", &[Role::Principal], asked(&brand.client)),
            ("request", &[Role::Officer], asked(&market.officer.client)),
            ("webhook", &[Role::Partner], called(&dealer.client)),
            ("webhook", &[Role::Principal], called(&brand.client)),
            ("exchange", readers, exchange.to_string()),
            ("batch", readers, batch.to_string()),
            ("seller", &[Role::Partner], dealer.id.to_string()),
            ("seller", &[Role::Principal], brand.id.to_string()),
        ];
        let stranger = operator.enrol(&market.server, Role::Principal, 90);
        let people = [&dealer.client, &brand.client, &market.officer.client, &operator.0];
        let people = ALL.iter().map(|role| role.as_str()).zip(people.map(Client::clone)).collect();
        let outsiders = [("partner", market.rival.client.clone()), ("principal", stranger.client)];
        let parties = [("partner", dealer.id), ("principal", brand.id)];
        Self {
            people,
            outsiders: outsiders.into(),
            parties: parties.into(),
            objects,
            operator,
            network: Network::Choices(Box::new(deal)),
            fresh: Cell::new(200),
        }
    }

    /// Its server.
    pub fn server(&self) -> &Server {
        match &self.network {
            Network::Programmes(world) => &world.server,
            Network::Choices(deal) => &deal.market.server,
        }
    }

    /// Somebody without a key.
    pub fn nobody(&self) -> Client {
        self.server().anonymous()
    }

    /// Whoever has objects here.
    pub fn client(&self, role: Role) -> &Client {
        &self.people[role.as_str()]
    }

    /// Whoever has none.
    pub fn outsider(&self, role: Role) -> Option<&Client> {
        self.outsiders.get(role.as_str())
    }

    /// Whether an object of each kind is here.
    pub fn knows(&self, objects: &[String]) -> bool {
        let here = |name: &String| self.objects.iter().any(|(known, ..)| known == name);
        objects.iter().all(|name| name == "own_party" || here(name))
    }

    fn known(&self, role: Role, name: &str) -> Option<String> {
        if name == "own_party" {
            return self.parties.get(role.as_str()).map(ToString::to_string);
        }
        let own =
            |(known, roles, _): &&(&str, &[Role], String)| *known == name && roles.contains(&role);
        self.objects.iter().find(own).map(|(.., id)| id.clone())
    }

    /// An object of a kind, whoever has it.
    pub fn anyones(&self, name: &str) -> String {
        let found = ALL.iter().find_map(|role| self.known(*role, name));
        found.unwrap_or_else(|| panic!("nobody has a {name}"))
    }

    /// Another party's objects, and who asks for them; officers look at all, but for people and keys.
    pub fn others(
        &self,
        role: Role,
        objects: &[String],
    ) -> Option<(Client, BTreeMap<String, String>)> {
        let of_sides = match role {
            Role::Officer => ["person", "account"].as_slice(),
            _ => &["person"],
        };
        let client = match self.outsider(role) {
            Some(outsider) => outsider.clone(),
            None if objects.iter().any(|name| of_sides.contains(&&**name)) => {
                self.client(role).clone()
            }
            None => return None,
        };
        let whose = |name: &String| {
            let id = self.known(role, name).unwrap_or_else(|| self.anyones(name));
            (name.clone(), id)
        };
        Some((client, objects.iter().map(whose).collect()))
    }

    /// One's own objects, and who asks for them. What ends with the asking is made for it.
    pub fn own(
        &self,
        role: Role,
        objects: &[String],
    ) -> Result<(Client, BTreeMap<String, String>), String> {
        let mut client = self.client(role).clone();
        let mut ids = BTreeMap::new();
        for name in objects {
            let id = match (&**name, role) {
                ("person", _) => invited(&client),
                ("account", Role::Officer | Role::Operator) => {
                    self.operator.officer(self.server()).actor.to_string()
                }
                ("account", _) => {
                    self.fresh.set(self.fresh.get() + 1);
                    let company = self.operator.enrol(self.server(), role, self.fresh.get());
                    client = company.client.clone();
                    company.actor.to_string()
                }
                _ => self.known(role, name).ok_or_else(|| name.clone())?,
            };
            ids.insert(name.clone(), id);
        }
        Ok((client, ids))
    }
}

/// A form of the brand's own, which names nobody else.
fn brands_form() -> Value {
    use crate::consent::{BRAND, DEALER, form, party};
    let mut form = form("web_form");
    form["controllers"] = json!([party(BRAND, "controller")]);
    form["recipients"] = json!([party(DEALER, "recipient")]);
    form["gdpr"]["collector"] = json!(crate::harness::roles::siren(BRAND));
    form["notice"]["text"] = json!(
        "Société 3 transmet votre adresse à Société 1, qui vous écrira. Vous pouvez retirer votre \
         consentement à tout moment."
    );
    form
}
