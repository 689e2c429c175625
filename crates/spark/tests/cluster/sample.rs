//! The sample network: its files are read, normalised and tokenised as their owners would, and both count them.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use tiers_contact::{FileKind, Kind, Prepared, Token, read_and_normalise};
use tiers_engine::crypto::chain::VaultChain;
use tiers_engine::matching::naive::Admitted;
use tiers_engine::matching::{Attribution, Effort, MatchRules, Partners};
use tiers_engine::statistics::{CampaignCount, Layout};
use tiers_engine::vault::{Day, Month, Traits, Value, VaultRow};
use tiers_protocol::deposit::options;
use tiers_protocol::entropy::System;
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_spark::Counting;

use super::equal::{clustered, embedded};
use super::machines::Machines;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn programme() -> Programme {
    let policy = std::fs::read_to_string(root().join("policies/disclosure/standard.toml")).unwrap();
    let listed = std::fs::read_to_string(root().join("samples/network/campaigns.csv")).unwrap();
    let campaign = |line: &str| {
        let (name, euros) = line.split_once(',').unwrap();
        Campaign { name: name.to_owned(), cost_cents: 100 * euros.parse::<u64>().unwrap() }
    };
    Programme::new(
        "Réseau".to_owned(),
        "measure which campaigns led to sales".to_owned(),
        listed.lines().skip(1).map(campaign).collect(),
        Policy::from_toml(&policy).unwrap(),
        date(2026, 1, 1),
        &mut System,
    )
}

/// The rows of a file as a certifier keeps them, canaries left out.
fn rows(file: &str, kind: FileKind, of: (&Programme, &ProgrammeKey, &VaultChain)) -> Vec<VaultRow> {
    let (programme, key, chain) = of;
    let bytes = std::fs::read(root().join("samples/network").join(file)).unwrap();
    let read = read_and_normalise(file, &bytes, &options(programme, kind)).unwrap();
    let body = read.body(&key.tokeniser(&programme.id));
    let text = String::from_utf8(body.csv).unwrap();
    let lines = text.lines().skip(1).zip(&body.line_to_row);
    let own = lines.filter(|(_, source)| source.is_some());
    own.map(|(line, _)| row(line, &read, chain)).collect()
}

fn row(line: &str, read: &Prepared, chain: &VaultChain) -> VaultRow {
    let fields: Vec<&str> = line.split(',').collect();
    let (tokens_of, rest) = fields.split_at(read.kinds.len());
    let (mut tokens, mut near) = ([None; Kind::SINGLE.len()], Vec::new());
    let token = |text: &str| Token::from_base64url(text).map(|token| chain.rekey(&token));
    for (kind, field) in read.kinds.iter().zip(tokens_of) {
        match tokens.get_mut(kind.index()) {
            Some(single) => *single = token(field),
            None => near.extend(field.split(' ').map(|text| (*kind, token(text).unwrap()))),
        }
    }
    let [day, value] = rest else { panic!("two attributes") };
    let value = match read.kind {
        FileKind::Leads => {
            let index = read.campaigns.iter().position(|name| name == value).unwrap();
            Value::Lead { campaign: u16::try_from(index).unwrap() }
        }
        _ => Value::Sale { amount_cents: value.parse().unwrap(), traits: Traits::OTHER },
    };
    let day: Date = day.parse().unwrap();
    VaultRow {
        tokens,
        near,
        date: Day::from_epoch_days((day - date(1970, 1, 1)).get_days()),
        value,
    }
}

#[test]
fn the_sample_network_is_the_same_cell_by_cell() {
    let (programme, key) = (programme(), ProgrammeKey::generate(&mut System));
    let chain = VaultChain::new([&[7; 32]]).unwrap();
    let of = (&programme, &key, &chain);
    let mut files: Vec<String> = std::fs::read_dir(root().join("samples/network"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("dealer_"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 14);
    let sales: Vec<_> = files.iter().map(|file| rows(file, FileKind::Sales, of)).collect();
    let leads = [rows("brand_leads.csv", FileKind::Leads, of)];
    let rules = MatchRules::of(&programme.policy);
    let partners = Partners::new((0..14).collect()).with_pairs(&[(0, 1), (2, 3), (4, 5)]);
    let sections = [
        SectionId::CONVERSIONS,
        SectionId::new(TemplateId::Revenue, Margin::Campaign),
        SectionId::new(TemplateId::Delay, Margin::Campaign),
        SectionId::new(TemplateId::Delay, Margin::All),
        SectionId::new(TemplateId::Network, Margin::All),
        SectionId::new(TemplateId::Overlap, Margin::All),
        SectionId::new(TemplateId::Segments, Margin::Campaign),
        SectionId::new(TemplateId::Segments, Margin::All),
        SectionId::new(TemplateId::Partners, Margin::All),
    ];
    let machines = Machines::start();
    let cluster = machines.cluster();
    let limit = programme.policy.sale_months_per_year();
    let (mut here, mut there) = (Admitted::new(limit), Admitted::new(limit));
    let mut months: Vec<Month> = sales.iter().flatten().map(|row| row.date.month()).collect();
    months.sort_unstable();
    months.dedup();
    let mut converted = 0;
    for month in months {
        let how =
            Attribution { rules: &rules, month, partners: &partners, effort: Effort::threads(2) };
        let campaigns = CampaignCount::new(u16::try_from(programme.campaigns.len()).unwrap());
        let layout = Layout::new(month, campaigns, programme.policy.clamp_cents());
        let layout = layout.with_network((0..14).map(|place| place / 2).collect()).with_pairs(3);
        let of = Counting {
            sales: &sales,
            leads: &leads,
            how: &how,
            layout: &layout,
            sections: &sections,
        };
        let expected = embedded(&of, &mut here);
        assert_eq!(clustered(&cluster, &of, &mut there).unwrap().0, expected, "{month}");
        converted += expected[0].1.iter().sum::<i64>();
    }
    assert!(converted > 500, "the network sells");
}
