//! What a party or an officer looks at: one exchange, a list, what lacks its invoices.

use serde_json::json;
use tiers_protocol::exchange::Gives;
use tiers_protocol::exchange::view::{
    BatchInfo, ExchangeInfo, ExchangeView, InformState, Uninvoiced,
};

use super::super::files::Reserved;
use super::super::words;
use super::{Align, CliError, Client, Context, ListArgs, OneArgs, Outcome, Table, files};
use crate::service::exchange::{LEFT_OUT, LOT};

pub(super) fn show(args: &OneArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let view: ExchangeView = client.json(&format!("/v1/exchanges/{}", args.exchange))?;
    if let Some(out) = &args.out {
        Reserved::make(out)?.fill(&files::pretty(&view.agreement.agreement))?;
    }
    let agreement = &view.agreement.agreement;
    let mut lines = vec![format!(
        "Exchange       {}\nState          {}\nTerm           {} to {}",
        agreement.exchange,
        view.info.state.as_str(),
        agreement.begins,
        agreement.ends,
    )];
    for side in agreement.sides() {
        let gives = match &side.gives {
            Gives::Records { fields, lot_cents } => {
                let names: Vec<_> = fields.iter().map(|field| field.name()).collect();
                format!("{}; {} for a thousand", names.join(", "), euros(*lot_cents))
            }
            Gives::Service { what, price_cents } => format!("{what}; {}", euros(*price_cents)),
        };
        lines.push(format!(
            "{}\n  keys   {}\n  gives  {gives}",
            side.name,
            side.keys.fingerprint()
        ));
    }
    for act in &view.info.acts {
        lines.push(format!("{}  {}  {} {}", act.at, act.party, act.says.as_str(), act.words));
    }
    if !view.info.batches.is_empty() {
        lines.extend(batches(&view.info.batches).lines(context.style));
    }
    for batch in &view.info.batches {
        let late = batch
            .inform
            .as_ref()
            .filter(|duty| matches!(duty.state, InformState::Soon | InformState::Late));
        if let Some(duty) = late {
            let words = format!("{}: inform the persons by {}", batch.batch, duty.by);
            lines.push(context.style.warn(&words));
        }
    }
    Ok(Outcome::new(lines.join("\n"), json!({ "exchange": view })))
}

fn batches(batches: &[BatchInfo]) -> Table {
    let mut table = Table::new(&[
        ("batch", Align::Left),
        ("channel", Align::Left),
        ("sealed", Align::Right),
        ("state", Align::Left),
        ("passed", Align::Left),
        ("inform by", Align::Left),
    ]);
    for batch in batches {
        table.row(vec![
            batch.batch.to_string(),
            batch.channel.to_string(),
            batch.records.to_string(),
            batch.state.as_str().to_owned(),
            batch.lots.map_or_else(String::new, band),
            batch
                .inform
                .as_ref()
                .map_or_else(String::new, |duty| format!("{} ({})", duty.by, duty.state.as_str())),
        ]);
    }
    table
}

/// How many passed, in the band that the lots leave open: up to 199 records are left out of them.
pub(super) fn band(lots: u64) -> String {
    match lots {
        0 => "none: less than a lot".to_owned(),
        lots => {
            let from = lots * LOT;
            format!("{} to {}", words::grouped(from), words::grouped(from + LOT + LEFT_OUT - 2))
        }
    }
}

pub(super) fn euros(cents: u64) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}

pub(super) fn list(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let found: Vec<ExchangeInfo> = client.json("/v1/exchanges")?;
    let mut table = Table::new(&[
        ("exchange", Align::Left),
        ("state", Align::Left),
        ("proposed (UTC)", Align::Left),
        ("batches", Align::Right),
    ]);
    for one in &found {
        table.row(vec![
            one.exchange.to_string(),
            one.state.as_str().to_owned(),
            one.proposed_at.trim_end_matches('Z').replace('T', " "),
            one.batches.len().to_string(),
        ]);
    }
    Ok(Outcome::new(table.lines(context.style).join("\n"), json!({ "exchanges": found })))
}

pub(super) fn uninvoiced(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let found: Vec<Uninvoiced> = client.json("/v1/uninvoiced")?;
    let mut table = Table::new(&[
        ("exchange", Align::Left),
        ("carried out (UTC)", Align::Left),
        ("natural person", Align::Right),
        ("company", Align::Right),
    ]);
    for one in &found {
        table.row(vec![
            one.exchange.to_string(),
            one.carried_out_at.trim_end_matches('Z').replace('T', " "),
            format!("up to {} EUR", one.natural_person_eur),
            format!("up to {} EUR", one.company_eur),
        ]);
    }
    let mut lines = table.lines(context.style);
    lines.push(
        "Both amounts are doubled on repetition within two years (C. com. L. 441-9 II).".to_owned(),
    );
    Ok(Outcome::new(lines.join("\n"), json!({ "uninvoiced": found })))
}
