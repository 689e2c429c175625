//! Plans rest on public facts and say what a release will do.

use tiers_protocol::policy::CapNrho;

use crate::disclosure::{
    Account, Change, PlanRefusal, PublicAxes, PublicCampaign, PublicFacts, plan,
    tests::{axes, campaigns, standard, terms},
};

fn account() -> Account {
    Account::open(CapNrho::new(300_000_000).unwrap())
}

/// The numbers of the standard policy, as `docs/statistics.md` prints them.
#[test]
fn the_numbers_of_the_standard_policy() {
    let terms = terms(6);
    assert!((terms.conversions().counts().sigma() - 4.714_045_207_91).abs() < 1e-10);
    assert!((terms.conversions().sums().unwrap().sigma() - 10_327_955.589_886).abs() < 1e-5);
    let (one, all) = (terms.conversions().row_law(), terms.conversions().total_law());
    let printed = terms.conversions().noise();
    let [conversion, revenue] = &printed[..] else { panic!("two templates") };
    assert_eq!((conversion.sigma_milli, conversion.half_width), (4_715, 9));
    assert_eq!((one.threshold(), all.threshold()), (15, 35));
    assert_eq!((conversion.level_ppm, conversion.total_half_width), (956_517, 23));
    assert_eq!(conversion.total_level_ppm, 958_229);
    assert_eq!((revenue.sigma_milli, revenue.half_width), (10_327_955_590, 27_408_368));
    assert_eq!((revenue.level_ppm, revenue.total_half_width), (950_000, 67_136_515));
}

/// The tables of `docs/statistics.md` hold the numbers of the test above.
#[test]
fn the_document_prints_the_numbers_of_the_standard_policy() {
    let page = include_str!("../../../../../docs/statistics.md");
    for said in [
        "2 units^2 | 45,000,000 | 4.715 units | 9 units | 0.956517 |",
        "2 c^2 cents^2 | 37,500,000 | 103,279.56 EUR | 274,083.68 EUR (of `S + c N`) | 0.950000 |",
        "For six campaigns: 23 units at level 0.958229, and 671,365.15 EUR.",
        "15 for a campaign of the standard policy, 35 for the total of six",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn a_plan_tells_cost_precision_and_what_is_left() {
    let facts = PublicFacts {
        axes: &axes(6),
        partners: 14,
        account: account(),
        sections: None,
        guesses: None,
    };
    let planned = plan(&standard(), &facts).unwrap();
    assert_eq!(
        (planned.cost_nrho, planned.left_nrho, planned.reports_left),
        (82_500_000, 217_500_000, 2)
    );
    assert_eq!((planned.least_count_shown, planned.least_total_shown), (15, 35));
    let terms = terms(6);
    assert_eq!(planned.campaigns[2].conversions, terms.conversions().row_law().units().width());
    assert_eq!(planned.campaigns[0].rate_per_myriad, Some(150), "9 of 600 leads");
    assert_eq!(
        planned.total.revenue_cents,
        terms.conversions().total_law().revenue().map(crate::disclosure::HalfWidth::width)
    );
}

#[test]
fn public_minima_and_the_account_refuse() {
    let refused = |campaigns: &[PublicCampaign], partners, account| {
        let axes = PublicAxes::of_campaigns(campaigns.to_vec());
        plan(
            &standard(),
            &PublicFacts { axes: &axes, partners, account, sections: None, guesses: None },
        )
        .unwrap_err()
        .code()
    };
    let mut few = campaigns(1);
    few[0].leads = 499;
    assert_eq!(refused(&few, 14, account()), "plan.few_leads");
    few[0].leads = 500;
    assert_eq!(refused(&few, 2, account()), "plan.few_partners");
    assert!(
        plan(
            &standard(),
            &PublicFacts {
                axes: &PublicAxes::of_campaigns(few.clone()),
                partners: 3,
                account: account(),
                sections: None,
                guesses: None
            }
        )
        .is_ok()
    );
    let spent = account().debit(217_500_001).unwrap();
    assert_eq!(refused(&few, 3, spent), "account.spent");
    assert_eq!(refused(&[], 3, account()), "plan.few_leads");
    assert_eq!(refused(&campaigns(65), 3, account()), "gate.campaigns");
    few[0].leads = u64::MAX;
    few.push(few[0].clone());
    assert_eq!(refused(&few, 3, account()), "gate.overflow");
    let refusal = PlanRefusal::FewLeads { leads: 3, min_leads: 500 };
    assert!(refusal.to_string().contains("at least 500"));
}

#[test]
fn a_row_without_denominators_has_no_quotients() {
    let mut bare = campaigns(2);
    bare[1].leads = 0;
    bare[1].cost_cents = 0;
    let facts = PublicFacts {
        axes: &PublicAxes::of_campaigns(bare),
        partners: 3,
        account: account(),
        sections: None,
        guesses: None,
    };
    let row = &plan(&standard(), &facts).unwrap().campaigns[1];
    assert_eq!((row.rate_per_myriad, row.revenue_per_lead_cents), (None, None));
    assert_eq!(row.revenue_per_euro_milli, None);
}

#[test]
fn a_guess_tells_what_will_probably_be_hidden() {
    let planned = |guesses: &[u64]| {
        let axes = axes(3);
        let facts = PublicFacts {
            axes: &axes,
            partners: 3,
            account: account(),
            sections: None,
            guesses: Some(guesses),
        };
        plan(&standard(), &facts).unwrap()
    };
    let one = |guess: u64| planned(&[guess, 100, 100]).sections[0].hidden_permille.clone();
    // A campaign of 15 is hidden about every second time, one of 30 hardly ever.
    assert_eq!(one(15), Some(vec![458, 0, 0]));
    assert_eq!(one(30), Some(vec![1, 0, 0]));
    assert_eq!(one(0), Some(vec![999, 0, 0]));
    // Of 600 leads 595 convert: what is left over is hidden.
    assert_eq!(one(595).unwrap()[0], 878);
    let axes = axes(3);
    let facts =
        PublicFacts { axes: &axes, partners: 3, account: account(), sections: None, guesses: None };
    assert_eq!(plan(&standard(), &facts).unwrap().sections[0].hidden_permille, None);
}

#[test]
fn alternatives_trade_dimensions_for_precision() {
    let (policy, axes) = super::sections::everything();
    let account = Account::open(CapNrho::new(1_000_000_000).unwrap());
    let guesses = [40, 40, 40];
    let facts =
        PublicFacts { axes: &axes, partners: 3, account, sections: None, guesses: Some(&guesses) };
    let plan = plan(&policy, &facts).unwrap();
    assert_eq!(plan.sections.iter().map(|section| section.cost_nrho).sum::<u64>(), plan.cost_nrho);
    let of = |change: &Change| {
        plan.alternatives.iter().find(|one| one.change == *change).expect("offered")
    };
    // Without the models the report is cheaper, and campaigns are known less well.
    let without = of(&Change::Without { section: "conversion/1@campaign_model".to_owned() });
    assert_eq!(without.cost_nrho, plan.cost_nrho - 52_500_000, "their revenue goes with them");
    assert!(without.campaign_half_width >= plan.campaigns[0].conversions);
    // Fewer pools are larger.
    assert!(of(&Change::PooledNetwork).hidden_permille < of(&Change::Same).hidden_permille);
    assert_eq!(of(&Change::Same).campaign_half_width, plan.campaigns[0].conversions);
}
