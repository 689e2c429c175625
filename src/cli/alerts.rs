//! `tiers officer alerts` and `close-alert`: what the certifier found unusual in how it is used, and what somebody
//! says that it was.

use clap::Args;
use serde_json::json;
use tiers_protocol::ids::ActId;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;
use crate::governance::view::{AlertInfo, CloseAlert};

/// Words of `officer alerts`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers officer alerts --from https://certifier.example \
    --credentials officer.json\n\nExit code 1 while an alert is open.")]
pub struct AlertsArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Words of `officer close-alert`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers officer close-alert evt_… --finding \"export for control 7, agreed\" \\\n    \
    --to https://certifier.example --credentials officer.json\n\n\
    Whoever an alert is about does not close it. If it was an intrusion, open the file of a breach\n\
    first: `tiers breach open`."
)]
pub struct CloseArgs {
    /// The alert.
    alert: ActId,
    /// What it was and what was done, in 1 to 500 characters.
    #[arg(long, value_name = "TEXT")]
    finding: String,
    #[command(flatten)]
    remote: Remote,
}

/// Lists alerts.
pub(super) fn list(args: &AlertsArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let alerts: Vec<AlertInfo> = client.json("/v1/alerts")?;
    let mut table = Table::new(&[
        ("found (UTC)", Align::Left),
        ("what", Align::Left),
        ("times", Align::Right),
        ("account", Align::Left),
        ("alert", Align::Left),
        ("finding", Align::Left),
    ]);
    for alert in &alerts {
        let found = alert.found_at.trim_end_matches('Z').replace('T', " ");
        table.row(vec![
            found,
            alert.sign.clone(),
            alert.times.to_string(),
            alert.account.clone().unwrap_or_else(|| "nobody's".to_owned()),
            alert.alert.clone(),
            alert.finding.clone().unwrap_or_else(|| "open".to_owned()),
        ]);
    }
    let open = alerts.iter().filter(|alert| alert.finding.is_none()).count();
    let mut lines = if alerts.is_empty() { Vec::new() } else { table.lines(context.style) };
    lines.push(words::count(open as u64, "alert is open", "alerts are open"));
    let outcome = Outcome::new(lines.join("\n"), json!({ "alerts": alerts, "open": open }));
    Ok(Outcome { amiss: open > 0, ..outcome })
}

/// Closes one.
pub(super) fn close(args: &CloseArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = format!("/v1/alerts/{}", args.alert);
    let closed: AlertInfo = client.post(&path, &CloseAlert { finding: args.finding.clone() })?;
    let text = format!(
        "Closed         {alert}, {sign}: {finding}",
        alert = closed.alert,
        sign = closed.sign,
        finding = closed.finding.as_deref().unwrap_or_default(),
    );
    Ok(Outcome::new(text, json!({ "alert": closed })))
}
