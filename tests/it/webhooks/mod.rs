//! Webhooks over real sockets: what is told, how it is signed, and what happens when a receiver is slow, gone, hostile
//! or somebody else's. Signatures are checked by another library than the one that makes them.

mod delivery;
mod hostile;
mod process;
mod receiver;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use tiers::cli::HttpWebhooks;
use tiers::service::webhook::{Reach, Webhooks};
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::webhook::{DeliveryInfo, KINDS, WebhookInfo};

use crate::consent::{BRAND, Market, RIVAL, event, form, party, person};
use crate::harness::client::{Answer, Client};
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::server::Server;
use receiver::{Got, Receiver};

/// How long a call may take here.
const TIME: Duration = Duration::from_secs(2);

fn reach(networks: &[&str]) -> Reach {
    Reach::with(networks.iter().map(|text| text.parse().unwrap()).collect())
}

/// Calls this machine.
fn local() -> Webhooks {
    let own = reach(&["127.0.0.0/8"]);
    Webhooks {
        call: Some(Box::new(HttpWebhooks::with(own.clone(), None, TIME))),
        reach: own,
        public: Some("https://certifier.example".to_owned()),
    }
}

fn market() -> Market {
    Market::over(Server::start_with(local()))
}

fn add(client: &Client, url: &str, kinds: &[&str]) -> Answer {
    client.post("/v1/webhooks", &json!({ "url": url, "kinds": kinds }))
}

fn added(client: &Client, receiver: &Receiver) -> WebhookInfo {
    let made = add(client, &receiver.url(), &[]);
    assert_eq!(made.status, 201);
    made.json()
}

fn listed(client: &Client) -> Vec<WebhookInfo> {
    client.get("/v1/webhooks").json()
}

fn deliveries(client: &Client, of: &WebhookInfo) -> Vec<DeliveryInfo> {
    client.get(&format!("/v1/webhooks/{}/deliveries", of.webhook)).json()
}

fn act(client: &Client, of: &WebhookInfo, what: &str) -> Answer {
    client.post(&format!("/v1/webhooks/{}/{what}", of.webhook), &json!({}))
}

fn notices(client: &Client) -> Vec<NoticeInfo> {
    client.get("/v1/notices").json()
}

/// The brand is told that a person took a choice back.
fn tell_brand(market: &Market, who: &str) {
    let (form, person) = (market.web_form(), person(who));
    market.record(form, vec![event(&person, market.now() - 60, State::Given)]);
    market.record(form, vec![event(&person, market.now(), State::Withdrawn)]);
}

fn deliver(market: &Market) -> usize {
    market.server.certifier().deliver_due().unwrap()
}

/// Whether a message is signed with this key, as another library sees it.
fn is_signed(got: &Got, key: &str) -> bool {
    let key = STANDARD.decode(key.strip_prefix("whpk_").unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, key);
    let (id, at) = (got.header("webhook-id"), got.header("webhook-timestamp"));
    let mut content = format!("{id}.{at}.").into_bytes();
    content.extend_from_slice(&got.body);
    let signatures = got.header("webhook-signature").split(' ');
    signatures
        .filter_map(|text| STANDARD.decode(text.strip_prefix("v1a,")?).ok())
        .any(|signature| key.verify(&content, &signature).is_ok())
}

/// The bodies of all messages that were written.
pub fn written(server: &Server) -> Vec<Value> {
    let database = rusqlite::Connection::open(server.layout().database()).unwrap();
    let query = "SELECT payload FROM webhook_delivery ORDER BY number";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    rows.map(|row| serde_json::from_slice(&row.unwrap()).unwrap()).collect()
}

/// What the ledger says of webhooks.
fn recorded(server: &Server) -> Vec<(EntryType, String)> {
    server.publish();
    let (_, entries) = verified(&HttpLedger(&server.anonymous()), &server.trust());
    let entries = entries.iter().filter(|one| one.entry_type().as_str().starts_with("webhook."));
    entries.map(|one| (one.entry_type(), one.object().as_str().to_owned())).collect()
}

#[test]
fn a_notice_is_told_once_signed_and_points_to_where_it_is_read() {
    let market = market();
    let (brand, receiver) = (&market.brand.client, Receiver::new([]));
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    assert_eq!(deliver(&market), 1);
    assert_eq!(deliver(&market), 0, "it was accepted");
    let got = receiver.got();
    let [got] = got.as_slice() else { panic!("{} messages", got.len()) };
    assert!(is_signed(got, &hook.keys[0].key.to_string()));
    assert_eq!(got.header("webhook-timestamp"), market.now().to_string());
    assert_eq!(got.header("content-type"), "application/json");
    assert!(!got.headers.contains_key("cookie") && !got.headers.contains_key("authorization"));
    let notice = &notices(brand)[0];
    let body: Value = serde_json::from_slice(&got.body).unwrap();
    let expected = json!({
        "type": "consent.ended", "timestamp": notice.created_at,
        "data": {
            "id": got.header("webhook-id"), "webhook": hook.webhook, "party": market.brand.id,
            "notice": notice.notice, "object": notice.document["form"],
            "link": "https://certifier.example/v1/notices",
        },
    });
    assert_eq!(body, expected);
    let sent = &deliveries(brand, &hook)[0];
    assert_eq!((sent.state.as_str(), sent.attempts), ("delivered", 1));
    assert_eq!((sent.last_status, sent.notice), (Some(204), Some(notice.notice)));
}

#[test]
fn kinds_that_are_not_wanted_are_not_told() {
    let market = market();
    let receiver = Receiver::new([]);
    let brand = &market.brand.client;
    add(brand, &receiver.url(), &["person.objected", "batch.blocked"]).ok();
    tell_brand(&market, "ada@example.com");
    assert_eq!((deliver(&market), notices(brand).len()), (0, 1));
}

#[test]
fn a_message_of_any_kind_holds_ids_and_nothing_else() {
    let market = market();
    let everybody = [&market.dealer, &market.rival, &market.brand];
    for company in everybody {
        // Nobody calls this one: what is written is looked at.
        add(&company.client, "https://hooks.example/x", &[]).ok();
    }
    let (dealer, brand) = (&market.dealer.client, &market.brand.client);
    let ada = person("ada.planted@example.com");
    let first = market.web_form();
    let given = market.record(first, vec![event(&ada, market.now() - 60, State::Given)]);
    // Objected along the chain, erased, restricted, lifted, passed on, taken back, left unanswered, and a wider form.
    let new = json!({
        "along": crate::consent::number(BRAND),
        "persons": [{"tokens": ada, "at": market.now()}],
    });
    brand.post("/v1/oppositions", &new).ok();
    for (at, kind) in ["restriction", "lift", "objection", "erasure"].into_iter().enumerate() {
        let person = person(&format!("{kind}.planted@example.com"));
        market.record(first, vec![event(&person, market.now() - 60, State::Given)]);
        let at = market.now() + i64::try_from(at).unwrap();
        market.server.clock().advance_seconds(10);
        let new = json!({
            "kind": kind, "received_at": at, "rights": person, "programmes": [], "told_at": at,
        });
        dealer.post("/v1/requests", &new).ok();
    }
    let eve = person("eve.planted@example.com");
    market.record(first, vec![event(&eve, market.now(), State::Given)]);
    let new =
        json!({"kind": "access", "received_at": market.now(), "rights": eve, "programmes": []});
    let asked: Value = market.officer.client.post("/v1/requests", &new).json();
    let step = json!({"step": "pass_on", "controllers": [market.dealer.id]});
    let path = format!("/v1/requests/{}", asked["request"]["request"].as_str().unwrap());
    market.officer.client.post(&path, &step).ok();
    tell_brand(&market, "bob.planted@example.com");
    let mut wider = form("web_form");
    wider["replaces"] = json!(first);
    wider["recipients"] = json!([party(BRAND, "recipient"), party(RIVAL, "recipient")]);
    wider["notice"]["text"] = json!(
        "Société 1 transmet votre adresse à Société 3 et à Société 2. Vous pouvez retirer votre \
         consentement à tout moment."
    );
    market.publish(&wider);
    market.server.clock().advance_days(4);
    market.server.certifier().upkeep().unwrap();
    let bodies = written(&market.server);
    let mut kinds = BTreeSet::new();
    for body in &bodies {
        kinds.insert(body["type"].as_str().unwrap().to_owned());
        let object = body.as_object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["data", "timestamp", "type"]);
        for (name, value) in body["data"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let fits = match name.as_str() {
                "id" => value.starts_with("dlv_"),
                "webhook" => value.starts_with("whk_"),
                "party" => value.starts_with("pty_"),
                "notice" => value.starts_with("ntc_"),
                "object" => ["frm_", "req_", "whk_", "bat_"].iter().any(|of| value.starts_with(of)),
                "link" => value == "https://certifier.example/v1/notices",
                _ => false,
            };
            assert!(fits, "{name}: {value}");
        }
    }
    // What remains has tests of its own: a batch that is blocked, a webhook that is gone or silent.
    let elsewhere = ["batch.blocked", "webhook.disabled", "webhook.removed"];
    let expected: BTreeSet<String> =
        KINDS.iter().filter(|kind| !elsewhere.contains(kind)).map(ToString::to_string).collect();
    assert_eq!(kinds, expected);
    let text = bodies.iter().map(Value::to_string).collect::<String>();
    let told = notices(brand);
    let record = told.iter().find_map(|one| one.document["records"][0].as_str()).unwrap();
    let token = ada[0].token.to_string();
    for secret in ["planted", "example.com", record, &token, &given.links[0], dealer.key()] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn webhooks_of_others_are_not_there() {
    let market = market();
    let receiver = Receiver::new([]);
    let hook = added(&market.brand.client, &receiver);
    tell_brand(&market, "ada@example.com");
    let sent = &deliveries(&market.brand.client, &hook)[0];
    let rival = &market.rival.client;
    assert!(listed(rival).is_empty());
    for what in ["test", "rotation", "removal", "resend"] {
        let answer = act(rival, &hook, what);
        assert_eq!(answer.outcome(), (404, "object.not_found".to_owned()), "{what}");
    }
    let path = format!("/v1/webhooks/{}/deliveries", hook.webhook);
    assert_eq!(rival.get(&path).outcome().0, 404);
    // Not through a webhook of one's own either.
    let own = added(rival, &receiver);
    let resend = format!("/v1/webhooks/{}/resend", own.webhook);
    let other = rival.post(&resend, &json!({ "delivery": sent.delivery }));
    assert_eq!(other.outcome().0, 404);
    assert_eq!(deliver(&market), 1);
}

#[test]
fn what_cannot_be_a_webhook_is_refused() {
    let market = market();
    let brand = &market.brand.client;
    let refused = |url: &str, kinds: &[&str]| add(brand, url, kinds).outcome();
    for url in ["", "http://hooks.example", "https://user@hooks.example", "https://a:22/"] {
        assert_eq!(refused(url, &[]), (422, "webhook.url".to_owned()), "{url}");
    }
    for url in ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/"] {
        assert_eq!(refused(url, &[]), (422, "webhook.address".to_owned()), "{url}");
    }
    let kinds = refused("https://hooks.example", &["consent.ended", "gossip"]);
    assert_eq!(kinds, (422, "webhook.kinds".to_owned()));
    for number in 0..5 {
        add(brand, &format!("https://hooks.example/{number}"), &[]).ok();
    }
    let sixth = refused("https://hooks.example/6", &[]);
    assert_eq!(sixth, (409, "webhook.too_many".to_owned()));
    add(&market.dealer.client, "https://hooks.example/6", &[]).ok();
    act(brand, &listed(brand)[2], "removal").ok();
    add(brand, "https://hooks.example/6", &[]).ok();
    assert_eq!(act(brand, &listed(brand)[0], "resend").json::<Vec<Value>>(), [] as [Value; 0]);
}

#[test]
fn a_rotated_key_signs_beside_the_one_before_for_a_week() {
    let market = market();
    let (brand, receiver) = (&market.brand.client, Receiver::new([]));
    let hook = added(brand, &receiver);
    let other = added(brand, &receiver);
    let old = hook.keys[0].key.to_string();
    assert_ne!(old, other.keys[0].key.to_string(), "each has a key of its own");
    let now: WebhookInfo = act(brand, &hook, "rotation").json();
    let new = now.keys[0].key.to_string();
    assert_eq!((now.keys.len(), now.keys[1].key.to_string()), (2, old.clone()));
    assert!(new != old && now.keys[1].until.is_some());
    let signed = || {
        act(brand, &hook, "test").ok();
        deliver(&market);
        let got = receiver.got().last().unwrap().clone();
        assert!(!is_signed(&got, &other.keys[0].key.to_string()));
        (is_signed(&got, &new), is_signed(&got, &old))
    };
    assert_eq!(signed(), (true, true));
    market.server.clock().advance_seconds(7 * 86_400 - 1);
    assert_eq!(signed(), (true, true));
    market.server.clock().advance_seconds(1);
    assert_eq!(signed(), (true, false));
    let keys = &listed(brand)[0].keys;
    assert_eq!((keys.len(), keys[0].key.to_string()), (1, new));
    let id = hook.webhook.to_string();
    let said = recorded(&market.server);
    let said: Vec<_> = said.iter().filter(|(_, of)| *of == id).map(|(kind, _)| *kind).collect();
    assert_eq!(said, [EntryType::WebhookAdded, EntryType::WebhookRotated]);
}

#[test]
fn what_is_over_is_forgotten_and_who_has_left_is_told_nothing() {
    let market = market();
    let (brand, receiver) = (&market.brand.client, Receiver::new([]));
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    assert_eq!(deliver(&market), 1);
    let told = format!("/v1/notices/{}", notices(brand)[0].notice);
    brand.send("POST", &told, &[], b"").ok();
    let certifier = market.server.certifier();
    market.server.clock().advance_days(30);
    certifier.upkeep().unwrap();
    assert_eq!(deliveries(brand, &hook).len(), 1);
    market.server.clock().advance_days(1);
    certifier.upkeep().unwrap();
    assert!(deliveries(brand, &hook).is_empty());
    // The only key of the brand ends: nobody could remove the webhook any more.
    let account = brand.caller(&market.server).actor;
    let path = format!("/v1/accesses/{account}/revocation");
    brand.post(&path, &json!({ "because": "wanted" })).ok();
    certifier.upkeep().unwrap();
    tell_brand(&market, "eve@example.com");
    assert_eq!((deliver(&market), receiver.got().len()), (0, 1));
    let last = recorded(&market.server).pop().unwrap();
    assert_eq!(last, (EntryType::WebhookRemoved, hook.webhook.to_string()));
}
