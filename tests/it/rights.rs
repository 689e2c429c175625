//! The public pages on which persons learn where their rights are exercised and which they have.

use serde_json::{Value, json};

use crate::governance::{activity, document, identified, write};
use crate::harness::client::Client;
use crate::harness::server::Server;
use crate::harness::world::World;

fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    String::from_utf8(answer.ok().bytes.clone()).unwrap()
}

/// The rights that a page offers, basis by basis.
fn offered(page: &str) -> Vec<Vec<&str>> {
    let lists = page.split("<ul class=\"rights\">").skip(1);
    let lists = lists.map(|list| list.split("</ul>").next().unwrap());
    lists
        .map(|list| {
            let items = list.split("data-right=\"").skip(1);
            items.map(|item| item.split('"').next().unwrap()).collect()
        })
        .collect()
}

/// An activity whose matching and statistics have a basis each.
fn based_on(world: &World, bases: [&str; 2]) -> Value {
    let mut activity = activity(world);
    for (purpose, basis) in bases.into_iter().enumerate() {
        activity["purposes"][purpose]["bases"] = json!([basis]);
    }
    activity
}

const CONSENT: [&str; 6] =
    ["access", "rectification", "erasure", "restriction", "portability", "withdrawal"];
const INTEREST: [&str; 5] = ["access", "rectification", "erasure", "restriction", "objection"];

#[test]
fn dsr_17_the_page_of_a_programme_offers_exactly_the_rights_of_its_bases() {
    let world = World::over(Server::start_with_pages());
    let path = format!("/rights/{}", world.programme.id);
    let anybody = world.server.anonymous();
    for (bases, expected) in [
        (["consent", "consent"], vec![CONSENT.to_vec()]),
        (["legitimate_interests", "legitimate_interests"], vec![INTEREST.to_vec()]),
        (["legitimate_interests", "consent"], vec![CONSENT.to_vec(), INTEREST.to_vec()]),
        (["legal_obligation"; 2], vec![vec!["access", "rectification", "restriction"]]),
    ] {
        write(&world, &world.principal.client, &based_on(&world, bases)).ok();
        assert_eq!(offered(&page(&anybody, &path)), expected, "{bases:?}");
    }
    // Where no programme is named, both bases of this product.
    assert_eq!(offered(&page(&anybody, "/rights")), [CONSENT.to_vec(), INTEREST.to_vec()]);
    // The commands offer a request for each of them that is one.
    let kinds: Vec<_> =
        tiers_protocol::request::RequestKind::ALL.iter().map(|kind| kind.as_str()).collect();
    for right in CONSENT.iter().chain(&INTEREST).filter(|right| **right != "withdrawal") {
        assert!(kinds.contains(right), "{right}");
    }
}

#[test]
fn dsr_17_what_rests_on_a_legitimate_interest_is_not_taken_along() {
    let world = World::new();
    world.partners[0].deposit(&world.sales(0, &World::small_sales(0))).ok();
    let mail = World::small_sales(0)[0].person.email();
    let token = world.key.tokeniser(&world.programme.id).token(tiers_contact::Kind::Email, &mail);
    let token = tiers_protocol::encoding::Bytes::<32>::new(*token.as_bytes());
    let ask = |kind: &str| -> tiers_protocol::request::RequestAnswer {
        use tiers::time::Clock as _;
        let new = json!({
            "kind": kind, "received_at": world.server.clock().now().seconds(), "rights": [],
            "programmes": [{
                "programme": world.programme.id, "tokens": [{"kind": "email", "token": token}],
            }],
        });
        world.partners[0].client.post("/v1/requests", &new).json()
    };
    let held = ask("access").deposits;
    assert_eq!((held.len(), held[0].legal_basis.as_str()), (1, "legitimate_interests"));
    assert!(ask("portability").deposits.is_empty());
}

#[test]
fn dsr_18_anybody_finds_whom_to_write_to_at_the_certifier_and_at_each_partner() {
    let world = World::over(Server::start_with_pages());
    let anybody = world.server.anonymous();
    let path = format!("/rights/{}", world.programme.id);
    assert_eq!(anybody.get(&path).outcome().0, 404, "nothing is recorded yet");
    write(&world, &world.principal.client, &activity(&world)).ok();
    // Before anybody has said who it is, the companies stand there by name.
    let bare = page(&anybody, &path);
    assert_eq!(bare.matches("<li><strong>").count(), world.partners.len() + 1);
    identified(&world);
    let full = page(&anybody, &path);
    let everybody = world.partners.len() + 2;
    assert_eq!(full.matches("<li><strong>").count(), everybody);
    for address in ["contact@example.org", "dpo@example.org"] {
        assert_eq!(full.matches(address).count(), everybody, "{address}");
    }
    assert_eq!(page(&anybody, "/rights").matches("contact@example.org").count(), 1);
    // The contact point of an arrangement goes before what a company says of itself.
    let companies = world.partners.iter().map(|p| p.id).chain([world.principal.id]);
    let points: Vec<Value> = companies
        .map(|party| json!({"party": party, "name": "x", "contact": "droits@commun.example"}))
        .collect();
    let arrangement = json!({
        "record": "arrangement", "document": document(), "essence": "Chacun répond.",
        "controllers": points,
    });
    write(&world, &world.principal.client, &arrangement).ok();
    let joint = page(&anybody, &path);
    assert_eq!(joint.matches("droits@commun.example").count(), world.partners.len() + 1);
    assert!(joint.contains(&format!("/arrangements/{}", world.programme.id)));
    // In English as well, and without a session in both.
    let english = page(&anybody, &format!("{path}?lang=en"));
    assert!(english.contains("The certifier") && full.contains("Le tiers certificateur"));
}
