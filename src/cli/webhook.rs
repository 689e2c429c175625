//! `tiers webhook`: addresses to which a company has its notices told, what became of each message, and the check
//! that a receiver makes.

use std::io::Read as _;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::ids::{DeliveryId, WebhookId};
use tiers_protocol::webhook::{
    DeliveryInfo, DeliveryState, HookHeaders, HookKey, HookMessage, KINDS, NewWebhook,
    ResendDeliveries, WebhookInfo, WebhookState, verify,
};
use ureq::http::Method;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;
use crate::time::{Clock as _, SystemClock};

/// How long `test` waits for an answer: a call takes fifteen seconds at most.
const PATIENCE: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A message has a few hundred bytes.
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// The `webhook` commands.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Have notices told to an https address.
    #[command(
        after_help = "Example:\n  tiers webhook add https://crm.dealer.example/tiers --kinds consent.ended,person.objected \\\n    \
        --to https://certifier.example --credentials dealer.json\n\n\
        A message points to a notice and holds no contact, token or key. It is signed with a key of this\n\
        webhook alone, whose public half is printed here: give it to whoever runs the receiver. Nothing\n\
        has to be kept secret. docs/formats/webhook-v1.md says how to check a message in a few lines."
    )]
    Add(AddArgs),
    /// List the webhooks of the company, with their public keys; exit code 1 while one is suspended.
    #[command(after_help = "Example:\n  tiers webhook list --from https://certifier.example \
        --credentials dealer.json")]
    List(Remote),
    /// Send a message that tries a webhook, and wait for the answer; it takes a suspended one up again.
    #[command(after_help = "Example:\n  tiers webhook test whk_… --to https://certifier.example \
        --credentials dealer.json\n\nExit code 1 if it was not accepted.")]
    Test(TestArgs),
    /// Put a new key in force; messages are signed with both for a week.
    #[command(
        after_help = "Example:\n  tiers webhook rotate whk_… --to https://certifier.example \
        --credentials dealer.json"
    )]
    Rotate(OneArgs),
    /// Remove a webhook, with every message to it.
    #[command(
        after_help = "Example:\n  tiers webhook remove whk_… --to https://certifier.example \
        --credentials dealer.json"
    )]
    Remove(OneArgs),
    /// What became of the newest messages to a webhook.
    #[command(
        after_help = "Example:\n  tiers webhook deliveries whk_… --from https://certifier.example \
        --credentials dealer.json"
    )]
    Deliveries(OneArgs),
    /// Send a message again, or all that were given up, under the ids that they have.
    #[command(
        after_help = "Examples:\n  tiers webhook resend whk_… dlv_… --to URL --credentials FILE\n  \
        tiers webhook resend whk_… --failed --to URL --credentials FILE"
    )]
    Resend(ResendArgs),
    /// Check a message as its receiver: the signature, the moment, the form. Needs no network.
    #[command(
        after_help = "Example:\n  tiers webhook verify body.json --key whpk_… --id \"$WEBHOOK_ID\" \\\n    \
        --timestamp \"$WEBHOOK_TIMESTAMP\" --signature \"$WEBHOOK_SIGNATURE\"\n\n\
        BODY is the body byte for byte as it came; - reads standard input."
    )]
    Verify(VerifyArgs),
}

/// Words of `webhook add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Where to; https, without user or fragment.
    url: String,
    /// Kinds of notice, with commas between; all of them if not given.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = KINDS)]
    kinds: Vec<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of the commands about one webhook.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// The webhook, as `webhook list` shows it.
    webhook: WebhookId,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `webhook test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Do not wait for the answer.
    #[arg(long)]
    no_wait: bool,
}

/// Words of `webhook resend`.
#[derive(Debug, Args)]
pub struct ResendArgs {
    #[command(flatten)]
    one: OneArgs,
    /// The message, as `webhook deliveries` shows it.
    #[arg(required_unless_present = "failed")]
    delivery: Option<DeliveryId>,
    /// All that were given up, the oldest first, 500 at a time.
    #[arg(long, conflicts_with = "delivery")]
    failed: bool,
}

/// Words of `webhook verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// File with the body; - for standard input.
    body: PathBuf,
    /// Public key of the webhook; several while a key is being changed.
    #[arg(long, value_name = "KEY", required = true)]
    key: Vec<HookKey>,
    /// The header webhook-id.
    #[arg(long)]
    id: String,
    /// The header webhook-timestamp.
    #[arg(long, value_name = "SECONDS")]
    timestamp: String,
    /// The header webhook-signature.
    #[arg(long, value_name = "TEXT")]
    signature: String,
}

/// Runs a `webhook` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &WebhookCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        WebhookCommand::Add(args) => add(args),
        WebhookCommand::List(remote) => list(remote, context),
        WebhookCommand::Test(args) => test(args),
        WebhookCommand::Rotate(args) => rotate(args),
        WebhookCommand::Remove(args) => remove(args),
        WebhookCommand::Deliveries(args) => deliveries(args, context),
        WebhookCommand::Resend(args) => resend(args),
        WebhookCommand::Verify(args) => check(args),
    }
}

impl OneArgs {
    fn client(&self) -> Result<Client, CliError> {
        client(&self.remote)
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/webhooks/{}/{what}", self.webhook)
    }
}

fn client(remote: &Remote) -> Result<Client, CliError> {
    Ok(Client::with_credentials(&remote.to, &remote.credentials)?.0)
}

fn add(args: &AddArgs) -> Result<Outcome, CliError> {
    let new = NewWebhook { url: args.url.clone(), kinds: args.kinds.clone() };
    let made: WebhookInfo = client(&args.remote)?.post("/v1/webhooks", &new)?;
    let text = format!(
        "Added          {id}\n\
         {keys}\n\
         Next           `tiers webhook test {id}` sends a message to try it",
        id = made.webhook,
        keys = key_lines(&made),
    );
    Ok(Outcome::new(text, json!({ "webhook": made })))
}

fn key_lines(webhook: &WebhookInfo) -> String {
    let line = |key: &tiers_protocol::webhook::HookKeyInfo| match &key.until {
        None => format!("Public key     {}", key.key),
        Some(until) => format!("Key before     {} (signs beside it until {until})", key.key),
    };
    webhook.keys.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn list(remote: &Remote, context: &Context) -> Result<Outcome, CliError> {
    let all: Vec<WebhookInfo> = client(remote)?.json("/v1/webhooks")?;
    let mut text = words::count(all.len() as u64, "webhook", "webhooks");
    for one in &all {
        let state = match (&one.disabled_at, &one.failing_since) {
            (Some(at), _) => format!("suspended {at}: it took nothing for three days"),
            (None, Some(at)) => format!("fails since {at}"),
            (None, None) => "in use".to_owned(),
        };
        let kinds =
            if one.kinds.is_empty() { "all kinds".to_owned() } else { one.kinds.join(", ") };
        text.push_str(&format!(
            "\n\n{}\nAddress        {}\nKinds          {kinds}\nState          {state}\n{}",
            context.style.bold(&one.webhook.to_string()),
            one.url,
            key_lines(one),
        ));
    }
    let amiss = all.iter().any(|one| one.state == WebhookState::Disabled);
    let mut outcome = Outcome::new(text, json!({ "webhooks": all }));
    outcome.amiss = amiss;
    Ok(outcome)
}

fn test(args: &TestArgs) -> Result<Outcome, CliError> {
    let client = args.one.client()?;
    let mut sent: DeliveryInfo = client.post(&args.one.path("test"), &json!({}))?;
    let looks = if args.no_wait { 0 } else { PATIENCE };
    for _ in 0..looks {
        if sent.state != DeliveryState::Pending {
            break;
        }
        thread::sleep(LOOK_EVERY);
        let all: Vec<DeliveryInfo> = client.json(&args.one.path("deliveries"))?;
        sent = all.into_iter().find(|one| one.delivery == sent.delivery).unwrap_or(sent);
    }
    let text = format!("{:<15}{}: {}", capital(sent.state), sent.delivery, came(&sent));
    let mut outcome = Outcome::new(text, json!({ "delivery": sent }));
    outcome.amiss = sent.state == DeliveryState::Failed;
    Ok(outcome)
}

const fn capital(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "Waits",
        DeliveryState::Delivered => "Delivered",
        DeliveryState::Failed => "Failed",
    }
}

/// What came of the last attempt, in words.
fn came(one: &DeliveryInfo) -> String {
    let why = match (one.last_fault.as_deref(), one.last_status) {
        (None, Some(status)) => format!("answered {status}"),
        (None, None) => "not sent yet".to_owned(),
        (Some("redirect"), Some(status)) => {
            format!("answered {status}; redirects are not followed")
        }
        (Some("name"), _) => "its name is not known".to_owned(),
        (Some("address"), _) => "its name leads to an address that may not be called".to_owned(),
        (Some("connection"), _) => "it does not accept connections".to_owned(),
        (Some("tls"), _) => "its TLS certificate is not accepted".to_owned(),
        (Some("timeout"), _) => "it did not answer in time".to_owned(),
        (Some("answer"), _) => "what it answered is not HTTP".to_owned(),
        (Some("disabled"), None) => "not sent: the webhook was suspended".to_owned(),
        (Some(_), Some(status)) => format!("answered {status}"),
        (Some(word), None) => word.to_owned(),
    };
    match &one.next_at {
        Some(at) if one.attempts > 0 => format!("{why}; sent again at {at}"),
        _ => why,
    }
}

fn rotate(args: &OneArgs) -> Result<Outcome, CliError> {
    let now: WebhookInfo = args.client()?.post(&args.path("rotation"), &json!({}))?;
    let text = format!("Rotated        {}\n{}", now.webhook, key_lines(&now));
    Ok(Outcome::new(text, json!({ "webhook": now })))
}

fn remove(args: &OneArgs) -> Result<Outcome, CliError> {
    args.client()?.tell(Method::POST, &args.path("removal"), &json!({}))?;
    let text = format!("Removed        {}", args.webhook);
    Ok(Outcome::new(text, json!({ "removed": args.webhook })))
}

fn deliveries(args: &OneArgs, context: &Context) -> Result<Outcome, CliError> {
    let all: Vec<DeliveryInfo> = args.client()?.json(&args.path("deliveries"))?;
    let mut table = Table::new(&[
        ("message", Align::Left),
        ("kind", Align::Left),
        ("written", Align::Left),
        ("state", Align::Left),
        ("attempts", Align::Right),
        ("what came of it", Align::Left),
    ]);
    for one in &all {
        table.row(vec![
            one.delivery.to_string(),
            one.kind.clone(),
            one.created_at.clone(),
            one.state.to_string(),
            one.attempts.to_string(),
            came(one),
        ]);
    }
    let text = table.lines(context.style).join("\n");
    Ok(Outcome::new(text, json!({ "deliveries": all })))
}

fn resend(args: &ResendArgs) -> Result<Outcome, CliError> {
    let which = ResendDeliveries { delivery: args.delivery };
    let again: Vec<DeliveryInfo> = args.one.client()?.post(&args.one.path("resend"), &which)?;
    let text = format!(
        "{} sent again from now on, under the same ids",
        words::count(again.len() as u64, "message is", "messages are")
    );
    Ok(Outcome::new(text, json!({ "resent": again })))
}

fn check(args: &VerifyArgs) -> Result<Outcome, CliError> {
    let body = if args.body.as_os_str() == "-" {
        let mut body = Vec::new();
        let read = std::io::stdin().lock().take(BODY_BYTES_MAX).read_to_end(&mut body);
        read.map_err(|cause| CliError::read(&args.body, &cause))?;
        body
    } else {
        files::read_document(&args.body)?
    };
    let headers =
        HookHeaders { id: &args.id, timestamp: &args.timestamp, signature: &args.signature };
    let now = SystemClock.now().seconds();
    let mut checked: Option<Result<HookMessage, _>> = None;
    for key in &args.key {
        if !matches!(checked, Some(Ok(_))) {
            checked = Some(verify(key, &headers, &body, now));
        }
    }
    let message = checked.ok_or(CliError::Usage("give a key with --key"))??;
    let text = format!(
        "Verified       {}: {} of {}\nRead on        {}",
        message.data.id, message.kind, message.timestamp, message.data.link
    );
    Ok(Outcome::new(text, json!({ "verified": true, "message": message })))
}
