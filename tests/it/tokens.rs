//! Tokens are personal data wherever they lie, and stay so until they are gone: found for the person, and
//! beyond their term only aggregates stay.

use serde_json::json;
use tiers::governance::view::Purged;
use tiers_contact::Kind;
use tiers_protocol::request::RequestAnswer;
use tiers_protocol::wire::NewErasure;

use crate::harness::vault::{content, database};
use crate::harness::world::{MONTH, World};

fn purge(world: &World) -> Purged {
    world.operator.0.post("/v1/retention/purge", &json!({})).json()
}

/// How many rows each table with a column of tokens has.
fn rows_with_tokens(world: &World) -> Vec<(String, i64)> {
    let database = database(world);
    let tables = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                  WHERE m.type = 'table' AND c.name LIKE '%token%' ORDER BY 1";
    let mut statement = database.prepare(tables).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let count = |name: String| {
        let query = format!("SELECT count(*) FROM {name}");
        let rows = database.query_row(&query, [], |row| row.get(0)).unwrap();
        (name, rows)
    };
    names.map(Result::unwrap).map(count).collect()
}

#[test]
fn sta_13_beyond_their_term_only_aggregates_stay() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let held = |world: &World| -> i64 { rows_with_tokens(world).iter().map(|(_, n)| n).sum() };
    assert!(!content(&world).is_empty() && held(&world) > 0, "the looks find what is there");
    let (before, files) = (world.principal.documents(&release), world.server.deposit_files());
    assert!(!files.is_empty());
    world.server.clock().advance_days(400);
    assert_eq!(purge(&world).erased, 4);
    assert!(content(&world).is_empty());
    assert!(world.server.deposit_files().is_empty(), "no segment is on the disk");
    // With the end of the service the certifier forgets which months have counted whom.
    let (programme, reason) = (world.programme.id, "end of the service".to_owned());
    world.operator.0.post("/v1/erasures", &NewErasure::Programme { programme, reason }).ok();
    let left = rows_with_tokens(&world);
    assert!(left.iter().all(|(_, rows)| *rows == 0), "{left:?}");
    // The figures stay, as they were told: noisy aggregates and nothing of a person.
    assert!(world.principal.documents(&release) == before);
}

#[test]
fn pse_01_every_place_with_tokens_is_known_and_a_person_is_found_in_it() {
    // Each table with tokens, and how a request of a person reaches it: as tokens of a deposit, of a choice,
    // of an opposition, or together with the deposits that it is about.
    let world = World::stocked();
    let tables: Vec<String> = rows_with_tokens(&world).into_iter().map(|(name, _)| name).collect();
    let text = include_str!("../../docs/governance.md");
    let classified: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | personal |"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(classified, tables, "docs/governance.md, Tokens");
    let mail = World::small_sales(0)[0].person.email();
    let rights = crate::consent::person(&mail);
    use tiers::time::Clock as _;
    let now = world.server.clock().now().seconds();
    let object = json!({"persons": [{"tokens": rights, "at": now}]});
    world.partners[0].client.post("/v1/oppositions", &object).ok();
    let token = world.key.tokeniser(&world.programme.id).token(Kind::Email, &mail);
    let token = tiers_protocol::encoding::Bytes::<32>::new(*token.as_bytes());
    let new = json!({
        "kind": "access", "received_at": now, "rights": rights,
        "programmes": [{
            "programme": world.programme.id, "tokens": [{"kind": "email", "token": token}],
        }],
    });
    let answer: RequestAnswer = world.officer.client.post("/v1/requests", &new).json();
    assert!(!answer.deposits.is_empty() && answer.consents.oppositions.len() == 1);
    // A controller's register has them among the data of persons, and no register without a category is whole.
    crate::governance::identified(&world);
    crate::governance::governed(&world);
    let issued: serde_json::Value = world.principal.client.get("/v1/register").json();
    let data = &issued["register"]["as_controller"][0]["data"];
    assert_eq!(data[0]["title"], "empreintes", "{data}");
}
