//! The frozen files of version 1 under `tests/formats/segment-v1`: every build reads them, and finds
//! the rows of the JSON beside them.

use serde_json::{Value as Json, json};
use tiers_protocol::encoding::decode;

use super::*;

const DEPOSITS: [(&str, Side); 2] = [("frozen-sales", Side::Sales), ("frozen-leads", Side::Leads)];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/segment-v1")
}

/// The key that the frozen keyring has for a deposit.
fn frozen_key(name: &str) -> SegmentKey {
    let text = fs::read_to_string(folder().join("keyring/keyring.json")).unwrap();
    let keyring: Json = serde_json::from_str(&text).unwrap();
    let master = decode(keyring["vault"]["disk"][0]["key"].as_str().unwrap()).unwrap();
    SegmentKey::derive(&master.try_into().unwrap(), name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn as_json(name: &str, side: Side, rows: u32, segments: &[Vec<Plain>]) -> Json {
    let value = match side {
        Side::Sales => "sale",
        Side::Leads => "campaign",
        Side::Customers => "known",
    };
    let row = |row: &Plain| json!({ "token": hex(&row.0), "row": row.1, "first": row.2, "date": row.3, value: row.4 });
    let kinds = Kind::ALL.into_iter().zip(segments).filter(|(_, rows)| !rows.is_empty());
    let kinds: serde_json::Map<String, Json> =
        kinds.map(|(kind, rows)| (kind.to_string(), rows.iter().map(row).collect())).collect();
    json!({ "deposit": name, "rows": rows, "segments": kinds })
}

#[test]
fn the_frozen_files_are_read() {
    let mut kinds = std::collections::BTreeSet::new();
    for (name, side) in DEPOSITS {
        let stored = StoredDeposit::open(&folder().join("vault"), name, frozen_key(name)).unwrap();
        let read = as_json(name, side, stored.row_count(), &read_all(&stored).unwrap());
        let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        assert_eq!(read, serde_json::from_str::<Json>(&text).unwrap(), "{name}");
        assert_eq!(stored.side(), Some(side));
        kinds.extend(stored.shapes().map(|shape| shape.kind));
    }
    assert!(kinds.into_iter().eq(Kind::ALL));
}

/// Rows of which every kind has some, the extreme values among them (days: those that other engines
/// take, the years 1 to 9999).
fn frozen_rows(side: Side) -> Vec<VaultRow> {
    let row = |n: u32| {
        let has = |kind: Kind| !(n + u32::try_from(kind.index()).unwrap()).is_multiple_of(3);
        let seed = |kind: Kind| n * 13 % 29 + u32::try_from(kind.index()).unwrap() * 100;
        let tokens = Kind::SINGLE.map(|kind| has(kind).then(|| token(seed(kind))));
        let near = Kind::NEAR.into_iter().filter(|_| n % 4 != 3).flat_map(|kind| {
            (0..u32::try_from(kind.tokens_per_row()).unwrap())
                .map(move |place| (kind, token(seed(kind) * 10 + place)))
        });
        let value = match side {
            Side::Sales => Value::Sale {
                amount_cents: [0, 1_999, MAX_AMOUNT_CENTS][n as usize % 3],
                traits: Traits::new(
                    [None, Some(0), Some(254)][n as usize % 3],
                    [Some(3), None][n as usize % 2],
                ),
            },
            Side::Leads => Value::Lead { campaign: [0, 7, u16::MAX][n as usize % 3] },
            Side::Customers => Value::Known,
        };
        let date = Day::from_epoch_days([-719_162, -1, 0, 20_000, 2_932_896][n as usize % 5]);
        VaultRow { tokens, near: near.collect(), date, value }
    };
    (0..25).map(row).collect()
}

#[test]
#[ignore = "writes the frozen files of a new version; those of an old one never change"]
fn freeze() {
    for (name, side) in DEPOSITS {
        let rows = frozen_rows(side);
        let count = u32::try_from(rows.len()).unwrap();
        let json = as_json(name, side, count, &expected(&rows));
        let text = serde_json::to_string(&json).unwrap();
        let vault = folder().join("vault");
        write_deposit(&vault, name, rows, &frozen_key(name), Faults::none()).unwrap();
        fs::write(folder().join(format!("{name}.json")), text + "\n").unwrap();
    }
}
