//! Small worlds in which everything meets everything: every template, both touch rules, bridges, arms, full years.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tiers_contact::Kind;
use tiers_engine::crypto::export_key::ExportKey;
use tiers_engine::matching::naive::Admitted;
use tiers_engine::matching::{Arm, Armed, Arms, Attribution, Effort, MatchRules, Partners};
use tiers_engine::statistics::{CampaignCount, Layout};
use tiers_engine::vault::{Month, Value, VaultRow};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::policy::{
    ClampCents, Margin, SaleMonthsPerYear, SectionId, TemplateId, Touch, WindowDays,
};
use tiers_spark::Counting;

use super::equal::{Failed, clustered, embedded, embedded_armed};
use super::machines::Machines;
use super::rows::{Dice, Tokens, edge_amount, edge_day, sale};

const CAMPAIGNS: u16 = 4;
const PARTNERS: u16 = 3;

/// Every template by every margin that has cells here.
fn sections() -> Vec<SectionId> {
    let margins =
        [Margin::Campaign, Margin::CampaignModel, Margin::CampaignDepartment, Margin::All];
    let all = TemplateId::ALL.into_iter().flat_map(|of| margins.map(|by| SectionId::new(of, by)));
    let mut all: Vec<SectionId> = all.filter(|section| section.exists()).collect();
    // Revenue stands behind the conversions that it goes beside.
    all.sort_by_key(|section| section.template == TemplateId::Revenue);
    all
}

struct World {
    sales: Vec<Vec<VaultRow>>,
    leads: Vec<VaultRow>,
    rules: MatchRules,
    partners: Partners,
    limit: SaleMonthsPerYear,
}

impl World {
    fn new(seed: u64) -> Self {
        let (mut dice, tokens) = (Dice(seed), Tokens::new());
        let values = 1 + dice.below(9);
        let identifiers = |dice: &mut Dice| (tokens.any(dice, values), tokens.near(dice, values));
        let mut sales = Vec::new();
        for _ in 0..4 {
            let rows = (0..dice.below(40)).map(|_| {
                let (known, at) =
                    (identifiers(&mut dice), (edge_day(&mut dice), edge_amount(&mut dice)));
                sale(&mut dice, known, at)
            });
            sales.push(rows.collect::<Vec<_>>());
        }
        // An overlapping export: rows of one deposit once more in another.
        let again: Vec<VaultRow> = sales[0].iter().filter(|_| dice.once_in(3)).cloned().collect();
        sales[3].extend(again);
        let lead = |dice: &mut Dice| {
            let ((tokens, near), date) = (identifiers(dice), edge_day(dice));
            let campaign = u16::try_from(dice.below(CAMPAIGNS.into())).unwrap();
            VaultRow { tokens, near, date, value: Value::Lead { campaign } }
        };
        let leads = (0..dice.below(60)).map(|_| lead(&mut dice)).collect();
        let kinds = Kind::ALL.into_iter().filter(|_| !dice.once_in(4)).collect::<Vec<_>>();
        let window = WindowDays::new(dice.of(&[7, 30, 180, 730])).unwrap();
        let rules = MatchRules::new(kinds, window, dice.of(&[Touch::First, Touch::Last]));
        let pairs = [(0, 1), (2, 0), (1, 2)];
        let pairs = &pairs[..usize::try_from(dice.below(4)).unwrap()];
        let owners = (0..4).map(|place| place % PARTNERS).collect();
        let partners = Partners::new(owners).with_pairs(pairs);
        Self { sales, leads, rules, partners, limit: SaleMonthsPerYear::new(1).unwrap() }
    }

    fn layout(month: Month) -> Layout {
        let clamp = ClampCents::new(4_000_000).unwrap();
        let layout = Layout::new(month, CampaignCount::new(CAMPAIGNS), clamp);
        layout.with_network(vec![1, 0, 1]).with_pairs(3).with_lists(2, 2)
    }

    fn arms(&self) -> Arms {
        let mut arms = Arms::none(u32::try_from(self.leads.len()).unwrap());
        for row in 0..u32::try_from(self.leads.len()).unwrap() {
            match row % 3 {
                0 => arms.put(row, Arm::Treated),
                1 => arms.put(row, Arm::Control),
                _ => {}
            }
        }
        arms
    }
}

#[test]
fn every_template_is_the_same_cell_by_cell_in_worlds_where_everything_meets() {
    let machines = Machines::start();
    let cluster = machines.cluster();
    let cases = if std::env::var_os("TIERS_FULL").is_some() { 60 } else { 12 };
    let (mut units, mut kept_out) = (0, 0);
    for seed in 0..cases {
        let world = World::new(seed);
        let (mut here, mut there) = (Admitted::new(world.limit), Admitted::new(world.limit));
        // A month, and the next one of the same year, which finds units whose year is full.
        for month in [5, 6].map(|month| Month::new(2024, month).unwrap()) {
            let effort = Effort::threads(2);
            let how = Attribution { rules: &world.rules, month, partners: &world.partners, effort };
            let all = sections();
            let armed = seed % 2 == 0;
            let layout =
                if armed { World::layout(month).with_arms() } else { World::layout(month) };
            let sections: Vec<SectionId> =
                all.into_iter().filter(|section| layout.cells(*section).is_ok()).collect();
            let (sales, layout, sections) = (&world.sales[..], &layout, &sections[..]);
            let (expected, found) = if armed {
                let leads = [Armed::new(world.leads.clone(), world.arms())];
                let of = Counting { sales, leads: &leads, how: &how, layout, sections };
                (embedded_armed(&of, &mut here), clustered(&cluster, &of, &mut there))
            } else {
                let leads = [world.leads.clone()];
                let of = Counting { sales, leads: &leads, how: &how, layout, sections };
                (embedded(&of, &mut here), clustered(&cluster, &of, &mut there))
            };
            let (found, out) = found.unwrap();
            assert_eq!(found, expected, "seed {seed}, {month}");
            units += expected.iter().map(|(_, counts, _)| counts.iter().sum::<i64>()).sum::<i64>();
            kept_out += out;
        }
    }
    assert!(units > 100 && kept_out > 0, "something was counted");
    assert_eq!(machines.exports_left(), 0, "exports are gone");
}

/// Randomness that a test knows.
struct Constant(u8);

impl Entropy for Constant {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(self.0);
    }
}

#[test]
fn keys_stand_nowhere_and_what_fails_says_so_and_leaves_nothing() {
    let machines = Machines::start();
    let world = World::new(2);
    let month = Month::new(2024, 5).unwrap();
    let how = Attribution {
        rules: &world.rules,
        month,
        partners: &world.partners,
        effort: Effort::threads(1),
    };
    let (layout, leads) = (World::layout(month), [world.leads.clone()]);
    let sections = [SectionId::CONVERSIONS];
    let of = Counting {
        sales: &world.sales[..],
        leads: &leads,
        how: &how,
        layout: &layout,
        sections: &sections,
    };
    let cluster = machines.cluster();
    // The key is known here, and looked for wherever Spark tells of itself.
    let key = STANDARD.encode(*ExportKey::random(&mut Constant(0x5a)).body());
    assert!(cluster.count(&of, &[], &mut Constant(0x5a)).is_ok());
    let (told, logs) = (machines.told(), machines.logs());
    assert!(told.contains("tiers.export.secret"), "the page of the query names its settings");
    assert!(told.contains("redacted") && logs.contains("SparkConnectServer"));
    assert!(!told.contains(&key) && !logs.contains(&key), "and hides this one");
    assert!(!logs.contains("tiers.export.secret"), "no log names it");
    // A folder is held by one cluster at a time.
    drop(cluster);
    let stranger = clustered(&machines.cluster_with("guess"), &of, &mut Admitted::new(world.limit));
    assert_eq!(stranger.err(), Some(Failed("cluster.unreachable")), "who shows another token");
    // A server that is not there, and leads that were given as sales.
    let store = format!("file://{}", machines.exports().display());
    let nobody = tiers_spark::Cluster::new("sc://127.0.0.1:1", &store).unwrap();
    let refused = clustered(&nobody, &of, &mut Admitted::new(world.limit));
    assert_eq!(refused.err(), Some(Failed("cluster.unreachable")));
    drop(nobody);
    let cluster = machines.cluster();
    let wrong = Counting { sales: &leads, ..of };
    let refused = clustered(&cluster, &wrong, &mut Admitted::new(world.limit));
    assert_eq!(refused.err(), Some(Failed("match.not_sales")));
    assert_eq!(machines.exports_left(), 0, "exports are gone");
}
