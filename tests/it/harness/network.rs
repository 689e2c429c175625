//! The sample network as rows of the vault, each with its place in its file, and what is true of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tempfile::TempDir;
use tiers::crypto::keyring::Keyring;
use tiers::crypto::random::OsRandom;
use tiers::vault::{Day, Traits, Value, VaultRow};
use tiers_contact::{FileKind, Kind, Prepared, Token, read_and_normalise};
use tiers_protocol::entropy::System;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;

use super::deposits::options;

/// Days of a lead and a campaign, as the brand's file says.
pub type RawLead = (Date, u16);

/// A row of a file, 1 for the first data row.
pub type Place = (String, u64);

/// Brand and dealers.
pub struct Network {
    /// Its programme, under the standard policy.
    pub programme: Programme,
    /// The keyring that re-keyed the rows.
    pub keyring: Keyring,
    /// Leads.
    pub leads: Vec<VaultRow>,
    /// Each dealer's file, and its rows.
    pub sales: Vec<(String, Vec<VaultRow>)>,
    /// Keeps the keyring's folder.
    pub folder: TempDir,
}

fn samples() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/network")
}

fn campaigns() -> Vec<Campaign> {
    let text = std::fs::read_to_string(samples().join("campaigns.csv")).unwrap();
    let campaign = |line: &str| {
        let (name, euros) = line.split_once(',').unwrap();
        Campaign { name: name.to_owned(), cost_cents: 100 * euros.parse::<u64>().unwrap() }
    };
    text.lines().skip(1).map(campaign).collect()
}

impl Network {
    /// Reads all files as their owners would.
    pub fn read() -> Self {
        let policy = include_str!("../../../policies/disclosure/standard.toml");
        let programme = Programme::new(
            "Réseau".to_owned(),
            "measure which campaigns led to sales".to_owned(),
            campaigns(),
            Policy::from_toml(policy).unwrap(),
            jiff::civil::date(2026, 1, 1),
            &mut System,
        );
        let folder = tempfile::tempdir().unwrap();
        let (keys, data) = (folder.path().join("keys"), folder.path().join("data"));
        std::fs::create_dir(&data).unwrap();
        let keyring =
            Keyring::create(&keys, &data, "certifier.example", &mut OsRandom::default()).unwrap();
        let key = ProgrammeKey::generate(&mut System);
        let rows = |file: &str, kind| {
            let bytes = std::fs::read(samples().join(file)).unwrap();
            let read = read_and_normalise(file, &bytes, &options(&programme, kind)).unwrap();
            vault_rows(&read, &programme, &key, &keyring)
        };
        let leads = rows("brand_leads.csv", FileKind::Leads);
        let mut files: Vec<String> = std::fs::read_dir(samples())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("dealer_"))
            .collect();
        files.sort();
        assert_eq!(files.len(), 14);
        let sales = files.into_iter().map(|file| {
            let found = rows(&file, FileKind::Sales);
            (file, found)
        });
        let sales = sales.collect();
        Self { keyring, leads, sales, folder, programme }
    }

    /// All sales of all dealers.
    pub fn all_sales(&self) -> Vec<VaultRow> {
        self.sales.iter().flat_map(|(_, rows)| rows.iter().cloned()).collect()
    }
}

/// The rows of a body as the certifier keeps them, canaries left out.
fn vault_rows(
    read: &Prepared,
    programme: &Programme,
    key: &ProgrammeKey,
    keyring: &Keyring,
) -> Vec<VaultRow> {
    let body = read.body(&key.tokeniser(&programme.id));
    let text = String::from_utf8(body.csv).unwrap();
    let lines = text.lines().skip(1).zip(&body.line_to_row);
    let own = lines.filter(|(_, source)| source.is_some());
    own.map(|(line, _)| vault_row(line, read, keyring)).collect()
}

fn vault_row(line: &str, read: &Prepared, keyring: &Keyring) -> VaultRow {
    let fields: Vec<&str> = line.split(',').collect();
    let (tokens_of, rest) = fields.split_at(read.kinds.len());
    let (mut tokens, mut near) = ([None; Kind::SINGLE.len()], Vec::new());
    let token = |text: &str| Token::from_base64url(text).map(|token| keyring.vault().rekey(&token));
    for (kind, field) in read.kinds.iter().zip(tokens_of) {
        match tokens.get_mut(kind.index()) {
            Some(single) => *single = token(field),
            None => near.extend(field.split(' ').map(|text| (*kind, token(text).unwrap()))),
        }
    }
    let [date, value] = rest else { panic!("two attributes") };
    let value = match read.kind {
        FileKind::Leads => {
            let index = read.campaigns.iter().position(|name| name == value).unwrap();
            Value::Lead { campaign: u16::try_from(index).unwrap() }
        }
        _ => Value::Sale { amount_cents: value.parse().unwrap(), traits: Traits::OTHER },
    };
    VaultRow { tokens, near, date: day(date.parse().unwrap()), value }
}

/// A day of the calendar as the vault counts it.
pub fn day(date: Date) -> Day {
    Day::from_epoch_days((date - jiff::civil::date(1970, 1, 1)).get_days())
}

/// Who really bought: for each sale that a lead's person made, those leads.
pub struct Truth {
    /// Sale row to its leads: lead id and days after it.
    pub pairs: BTreeMap<Place, Vec<(String, i64)>>,
    /// Lead id to its day and campaign.
    pub leads: BTreeMap<String, RawLead>,
}

impl Truth {
    /// Reads `truth.csv` and the brand's file.
    pub fn read(programme: &Programme) -> Self {
        let text = std::fs::read_to_string(samples().join("truth.csv")).unwrap();
        let mut pairs: BTreeMap<Place, Vec<(String, i64)>> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [file, row, lead, days] = fields[..] else { panic!("four columns") };
            let place = (file.to_owned(), row.parse().unwrap());
            pairs.entry(place).or_default().push((lead.to_owned(), days.parse().unwrap()));
        }
        let text = std::fs::read_to_string(samples().join("brand_leads.csv")).unwrap();
        let lead = |line: &str| {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), 14, "no quoted comma");
            let index = programme.campaigns.iter().position(|c| c.name == fields[10]).unwrap();
            (fields[0].to_owned(), (fields[11].parse().unwrap(), u16::try_from(index).unwrap()))
        };
        Self { pairs, leads: text.lines().skip(1).map(lead).collect() }
    }
}
