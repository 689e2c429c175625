//! How a programme looks in a terminal: its facts, its policy in words, its certifier's keys.

use std::fmt::Write as _;

use tiers_protocol::policy::{Policy, Tick, Touch};
use tiers_protocol::programme::Programme;
use tiers_protocol::trust::Trust;

use super::context::Context;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;

/// The programme for people and for scripts.
#[must_use]
pub fn show(programme: &Programme, context: &Context) -> Outcome {
    let style = context.style;
    let mut text = format!("{}\n", style.bold(&programme.name));
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<14} {value}");
    };
    fact("Programme", &programme.id.to_string());
    fact("Purpose", &programme.purpose);
    let basis = serde_json::to_value(programme.legal_basis).expect("a word");
    fact("Legal basis", &basis.as_str().unwrap_or_default().replace('_', " "));
    fact("Key epoch", &format!("{}, until {}", programme.epoch, programme.epoch_ends));
    for (name, value) in policy_facts(&programme.policy) {
        fact(name, &value);
    }
    if !programme.models.is_empty() {
        fact("Models", &programme.models.join(", "));
    }
    fact("Policy digest", &programme.policy_digest().to_string());
    match &programme.certifier {
        None => fact("Certifier", "none yet: the programme is not registered"),
        Some(trust) => {
            fact("Certifier", &trust.origin);
            text.push_str(&fingerprint_lines(trust));
        }
    }
    let mut table = Table::new(&[("campaign", Align::Left), ("cost EUR", Align::Right)]);
    for campaign in &programme.campaigns {
        table.row(vec![campaign.name.clone(), words::grouped(campaign.cost_cents / 100)]);
    }
    text.push_str(&table.lines(style).join("\n"));
    Outcome::new(text, serde_json::to_value(programme).expect("a plain document"))
}

/// The policy in words.
fn policy_facts(policy: &Policy) -> Vec<(&'static str, String)> {
    let kinds: Vec<&str> = policy.kinds().map(tiers_contact::Kind::as_str).collect();
    let touch = match policy.touch() {
        Touch::First => "first",
        Touch::Last => "last",
    };
    let tick = match policy.tick() {
        Tick::Daily => "once a day",
        Tick::AtOnce => "at once (for demonstrations only)",
    };
    let mut facts = vec![
        ("Policy", format!("{}, version {}", policy.name(), policy.version().value())),
        ("Identifiers", kinds.join(", ")),
        (
            "Attribution",
            format!("{touch} lead of the {} days before the sale", policy.window_days().value()),
        ),
        (
            "One person",
            format!(
                "counts in at most {} sale months a year, with at most {} EUR each",
                policy.sale_months_per_year().value(),
                words::grouped(policy.clamp_cents().value() / 100),
            ),
        ),
        (
            "Budget",
            format!(
                "{} nano-rho a sale month; one report costs {}",
                words::mega(policy.cap_nrho().value()),
                words::mega(policy.report_cost_nrho()),
            ),
        ),
        ("Shown", format!("noisy counts of {} and more", policy.cohort_min().value())),
        ("Takes effect", tick.to_owned()),
        ("Kept", format!("{} days", policy.retention_days().value())),
    ];
    if let Some(cap) = policy.own_count_cap_nrho() {
        let cap = words::mega(cap.value());
        let told = format!(
            "how many of a month's leads bought from it, once; {cap} nano-rho a month of leads"
        );
        facts.push(("Each partner", told));
    }
    if policy.exact_totals() {
        let told = "UNPROTECTED, once a month, if every partner agrees to them";
        facts.push(("Exact totals", told.to_owned()));
    }
    facts
}

/// One line for each of a certifier's public keys.
#[must_use]
pub fn fingerprint_lines(trust: &Trust) -> String {
    let mut lines = String::new();
    for (name, print) in trust.fingerprints() {
        let _ = writeln!(lines, "{:<14} {print}", format!("  {name}"));
    }
    lines
}
