//! Who could identify the persons behind tokens: assessed before a programme goes live, and told wherever persons
//! and officers look when it is the certifier.

use serde_json::{Value, json};

use crate::governance::{code, governed, identifiability, identified, produce, view, write};
use crate::harness::client::Client;
use crate::harness::server::Server;
use crate::harness::world::World;

#[test]
fn pse_06_no_programme_goes_live_before_it_is_assessed_who_could_identify() {
    let world = World::new();
    governed(&world);
    let principal = &world.principal.client;
    let mut lacking = identifiability(false);
    lacking["findings"].as_array_mut().unwrap().pop();
    assert_eq!(code(&write(&world, principal, &lacking)), "governance.identifiability");
    // One that is due for review is no ground to go live on.
    let mut old = identifiability(false);
    old["review"] = json!("2020-02-01");
    write(&world, principal, &old).ok();
    assert_eq!(code(&produce(&world)), "governance.identifiability_review");
    // Nobody but the principal says it; everybody in the programme reads it.
    let partner = &world.partners[0].client;
    assert_eq!(code(&write(&world, partner, &identifiability(false))), "auth.forbidden");
    write(&world, principal, &identifiability(false)).ok();
    let records = view(&world, partner)["records"].clone();
    let mut kinds = records.as_array().unwrap().iter().map(|record| &record["kind"]);
    assert!(kinds.any(|kind| kind == "identifiability"), "{records}");
    produce(&world).ok();
}

#[test]
fn pse_05_a_certifier_with_the_key_says_so_on_its_page_and_in_its_register() {
    let world = World::over(Server::start_with_pages());
    governed(&world);
    identified(&world);
    let page = || {
        let bytes = world.server.anonymous().get(&format!("/rights/{}", world.programme.id)).bytes;
        String::from_utf8(bytes).unwrap()
    };
    // The certifier's register has it in the entry of each controller served, theirs in their own.
    let identifies = |client: &Client, role: &str| -> Vec<bool> {
        let issued: Value = client.get("/v1/register").json();
        let entries = issued["register"][role].as_array().unwrap();
        let of = entries.iter().filter(|of| of["reference"] == world.programme.id.to_string());
        of.map(|entry| entry["certifier_identifies"] == true).collect()
    };
    let (operator, principal) = (&world.operator.0, &world.principal.client);
    let served = world.partners.len() + 1;
    assert!(page().contains("ne sait pas qui vous êtes"));
    assert_eq!(identifies(operator, "as_processor"), vec![false; served]);
    // It cannot hold the key and know nobody.
    let mut denied = identifiability(true);
    denied["findings"][1]["can_identify"] = json!(false);
    assert_eq!(code(&write(&world, principal, &denied)), "governance.key_holder");
    write(&world, principal, &identifiability(true)).ok();
    let shown = page();
    assert!(!shown.contains("ne sait pas qui vous êtes"));
    assert!(
        shown.contains("il peut retrouver une personne")
            && shown.contains("Écrivez-lui directement")
    );
    assert_eq!(identifies(operator, "as_processor"), vec![true; served]);
    assert_eq!(identifies(principal, "as_controller"), [true]);
    let paper = operator.get("/v1/register?format=pdf").ok().bytes.clone();
    assert!(paper.windows(14).any(|window| window == b"Identification"), "on paper too");
}
