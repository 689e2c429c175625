//! Agreements on the machine of a party: a template to fill in, the proposal, and what people say of it
//! under their own keys. Nobody signs what the certifier shows before it was compared with what was
//! agreed: the fingerprint of the other party comes by another channel.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::sending::draft;
use tiers_protocol::exchange::view::{ExchangeInfo, ExchangeView};
use tiers_protocol::exchange::{Agreement, Saying, SignedAct, SignedAgreement, opening, special};
use tiers_protocol::ids::{ExchangeId, PartyId};
use tiers_protocol::party::{Fingerprint, PartySecret};

use super::super::error::Compared;
use super::super::files::Reserved;
use super::{CliError, Client, ExchangeFault, Outcome, Remote, files};

/// Words of `exchange template`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange template --own keys/party.pub --other brand.pub \
    --out agreement.json\n\n\
    Texts between < and > are for you to fill in. Signatory and officer make keys of their own with\n\
    `tiers party key new` on their machines and give you the line `signing` of their party.pub."
)]
pub struct TemplateArgs {
    /// Your own party.pub.
    #[arg(long, value_name = "FILE")]
    own: PathBuf,
    /// The other party's party.pub.
    #[arg(long, value_name = "FILE")]
    other: PathBuf,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `exchange propose`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange propose agreement.json --party-key keys \
    --to https://certifier.example --credentials dealer.json")]
pub struct ProposeArgs {
    /// The agreement.
    agreement: PathBuf,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange accept`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange show EXCHANGE --out agreement.json ...   (read it)\n  \
    tiers exchange accept EXCHANGE --party-key keys --fingerprint 1a2b-... \
    --to https://certifier.example --credentials brand.json\n\n\
    Ask the proposer for the fingerprint of its keys by telephone: whoever could swap keys could\n\
    read what you exchange."
)]
pub struct AcceptArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// The proposer's fingerprint, as the proposer told it.
    #[arg(long)]
    fingerprint: Fingerprint,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange approve`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange approve EXCHANGE --key signatory \
    --to https://certifier.example --credentials brand.json\n\n\
    The signatory is named in the agreement and is not the one who asked for the exchange.")]
pub struct SayArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Directory with the signatory's own key.
    #[arg(long, value_name = "DIR")]
    key: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange advise`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange advise EXCHANGE --key dpo --words \"favourable\" \
    --to https://certifier.example --credentials brand.json"
)]
pub struct WordsArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Directory with the officer's own key.
    #[arg(long, value_name = "DIR")]
    key: PathBuf,
    /// The advice, 1 to 500 characters.
    #[arg(long)]
    words: String,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange end`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange end EXCHANGE --party-key keys --reason \"no need any more\" \
    --to https://certifier.example --credentials dealer.json"
)]
pub struct EndArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// Why, 1 to 500 characters.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn template(args: &TemplateArgs) -> Result<Outcome, CliError> {
    let own = files::read_party_public(&args.own)?;
    let other = files::read_party_public(&args.other)?;
    let exchange = ExchangeId::random(&mut System);
    let written = files::pretty(&draft(&exchange, [&own, &other]));
    Reserved::make(&args.out)?.fill(&written)?;
    let text =
        format!("Written        {}: fill in what stands between < and >", args.out.display());
    Ok(Outcome::new(text, json!({ "written": args.out, "exchange": exchange })))
}

pub(super) fn propose(args: &ProposeArgs) -> Result<Outcome, CliError> {
    let agreement = read(&args.agreement)?;
    agreement.check().map_err(ExchangeFault::from)?;
    let secret = files::read_party_key(&args.party_key)?;
    if secret.public() != agreement.proposer.keys {
        return Err(ExchangeFault::OtherKey.into());
    }
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let signed = SignedAgreement::sign(agreement, &secret.signing());
    let info: ExchangeInfo = client.post("/v1/exchanges", &signed)?;
    Ok(said(&info, "Proposed"))
}

/// Reads an agreement; a field of a special category is named as what it is.
fn read(path: &Path) -> Result<Agreement, CliError> {
    const WHAT: &str = "agreement of `tiers exchange template`";
    let value: Value = files::read_json(path, WHAT)?;
    for side in ["proposer", "other"] {
        let fields = value[side]["gives"]["fields"].as_array();
        let mut names = fields.into_iter().flatten().filter_map(Value::as_str);
        if let Some(name) = names.find(|name| special::names_one(name)) {
            return Err(ExchangeFault::Special(name.to_owned()).into());
        }
    }
    serde_json::from_value(value).map_err(|_| CliError::not_a(path, WHAT))
}

pub(super) fn accept(args: &AcceptArgs) -> Result<Outcome, CliError> {
    let (client, party, view) = fetch(&args.remote, &args.exchange)?;
    let secret = files::read_party_key(&args.party_key)?;
    let agreement = &view.agreement.agreement;
    agreement.check().map_err(ExchangeFault::from)?;
    if agreement.proposer.keys.fingerprint() != args.fingerprint || !view.agreement.is_signed() {
        return Err(CliError::Differs(Compared::Fingerprint));
    }
    say(&client, (agreement, party, &secret), (Saying::Accept, ""), "Accepted")
}

pub(super) fn approve(args: &SayArgs) -> Result<Outcome, CliError> {
    let (client, party, view) = fetch(&args.remote, &args.exchange)?;
    let secret = files::read_party_key(&args.key)?;
    let agreement = &view.agreement.agreement;
    say(&client, (agreement, party, &secret), (Saying::Approve, ""), "Approved")
}

pub(super) fn advise(args: &WordsArgs) -> Result<Outcome, CliError> {
    let (client, party, view) = fetch(&args.remote, &args.exchange)?;
    let secret = files::read_party_key(&args.key)?;
    let agreement = &view.agreement.agreement;
    say(&client, (agreement, party, &secret), (Saying::Advise, &args.words), "Advised")
}

pub(super) fn end(args: &EndArgs) -> Result<Outcome, CliError> {
    let (client, party, view) = fetch(&args.remote, &args.exchange)?;
    let secret = files::read_party_key(&args.party_key)?;
    let agreement = &view.agreement.agreement;
    say(&client, (agreement, party, &secret), (Saying::End, &args.reason), "Ended")
}

fn fetch(
    remote: &Remote,
    exchange: &ExchangeId,
) -> Result<(Client, PartyId, ExchangeView), CliError> {
    let (client, credentials) = Client::with_credentials(&remote.to, &remote.credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let view = client.json(&format!("/v1/exchanges/{exchange}"))?;
    Ok((client, party, view))
}

fn say(
    client: &Client,
    (agreement, party, secret): (&Agreement, PartyId, &PartySecret),
    (saying, words): (Saying, &str),
    done: &str,
) -> Result<Outcome, CliError> {
    let (side, _) = agreement.side_of(&party).ok_or(CliError::NoParty)?;
    let signing = secret.signing();
    if *saying.key(side) != signing.public() {
        return Err(ExchangeFault::OtherKey.into());
    }
    let act = SignedAct::sign(agreement, party, (saying, words.to_owned()), &signing);
    let info: ExchangeInfo =
        client.post(&format!("/v1/exchanges/{}/acts", agreement.exchange), &act)?;
    Ok(said(&info, done))
}

fn said(info: &ExchangeInfo, done: &str) -> Outcome {
    let text = format!(
        "{done:<15}{}\nState          {}\nAgreement      {}",
        info.exchange,
        info.state.as_str(),
        info.agreement_sha256,
    );
    Outcome::new(text, json!({ "exchange": info }))
}

/// The agreement, if this party signed it with the key in hand: what the certifier shows is not believed.
pub(super) fn own_word<'a>(
    view: &'a ExchangeView,
    party: PartyId,
    secret: &PartySecret,
) -> Result<&'a Agreement, CliError> {
    Ok(opening::own_word(view, &party, &secret.public()).map_err(ExchangeFault::from)?)
}
