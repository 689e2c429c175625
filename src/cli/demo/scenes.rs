//! The scenes with data: deposits, reports, the question asked twice, the refusals, the checks.
//! Each scene acts through processes of the actors and returns what the narrator may tell.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tiers_protocol::report::Report;

use super::super::error::CliError;
use super::super::files;
use super::super::report::read_report;
use super::actor::{Refused, command};
use super::cast::{Cast, for_each, prepare_and_deposit, text};
use super::network::Dealer;
use super::place::Place;

/// Months of sales that the brand asks about.
pub const PERIODS: &str = "2024-03..2025-04";

/// What a dealer saw when it prepared its file.
pub struct Deposited {
    /// The dealer.
    pub dealer: &'static Dealer,
    /// What the file was read as.
    pub shape: String,
    /// Rows that went in.
    pub rows: u64,
    /// Rows that were left out.
    pub rejects: u64,
}

/// Every dealer fetches programme and key, prepares its file, reads it, sends it.
///
/// # Errors
/// [`CliError`].
pub fn dealers_deposit(
    cast: &Cast,
    programme: &str,
    place: &Place,
    tell: impl Fn(&Deposited) + Sync,
) -> Result<(), CliError> {
    for_each(&cast.dealers, |actor, dealer| {
        actor.run(command![
            "programme",
            "fetch",
            programme,
            "--from",
            cast.url(),
            "--credentials",
            "credentials.json",
            "--out",
            "programme.json",
        ])?;
        actor.run(command![
            "programme",
            "key",
            "unwrap",
            "programme.json",
            "--party-key",
            "keys",
            "--from",
            cast.url(),
            "--credentials",
            "credentials.json",
            "--out",
            "programme.key",
        ])?;
        files::replace(&actor.path(dealer.file), dealer.bytes)?;
        let out = place.path("deposits").join(dealer.id);
        let (prepared, _) = prepare_and_deposit(actor, cast.url(), dealer.file, "sales", &out)?;
        tell(&deposited(dealer, &prepared["deposits"][0]));
        Ok(())
    })
    .map(drop)
}

fn deposited(dealer: &'static Dealer, answer: &Value) -> Deposited {
    let mut shape = answer["encoding"].as_str().unwrap_or_default().to_owned();
    match answer["separator"].as_str() {
        Some("\t") => shape.push_str(", tabs"),
        Some(separator) => {
            shape.push_str(", ");
            shape.push_str(separator);
        }
        None => {}
    }
    let number = |name: &str| answer[name].as_u64().unwrap_or(0);
    Deposited { dealer, shape, rows: number("rows"), rejects: number("rejects") }
}

/// The brand prepares and sends its leads.
///
/// # Errors
/// [`CliError`].
pub fn brand_deposits(cast: &Cast, place: &Place) -> Result<u64, CliError> {
    let out = place.path("deposits").join("brand");
    let (prepared, _) =
        prepare_and_deposit(&cast.brand, cast.url(), "brand_leads.csv", "leads", &out)?;
    Ok(prepared["deposits"][0]["rows"].as_u64().unwrap_or(0))
}

/// The brand asks for one report a month.
///
/// # Errors
/// [`CliError`].
pub fn ask(cast: &Cast, place: &Place) -> Result<Vec<Report>, CliError> {
    let answer = request(cast, PERIODS, &place.path("reports"))?;
    let releases = answer["releases"].as_array().ok_or(CliError::Story("no releases"))?;
    releases
        .iter()
        .map(|one| read_report(&PathBuf::from(text(one, "dir")?).join("report.json")))
        .collect()
}

fn request(cast: &Cast, period: &str, out: &PathBuf) -> Result<Value, CliError> {
    cast.brand.run(command![
        "report",
        "request",
        "--programme",
        "programme.json",
        "--period",
        period,
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
        "--out",
        out,
    ])
}

/// Asks for a month again.
///
/// # Errors
/// [`CliError::Story`] unless the answer is the stored one, byte for byte.
pub fn ask_again(cast: &Cast, place: &Place, period: &str) -> Result<(), CliError> {
    let out = cast.brand.path("again");
    let answer = request(cast, period, &out)?;
    let first = files::read(&place.path("reports").join(period).join("report.json"))?;
    let second = files::read(&out.join("report.json"))?;
    if answer["releases"][0]["release"]["from_store"] == true && first == second {
        Ok(())
    } else {
        Err(CliError::Story("the same question was not answered from the store"))
    }
}

/// Asks for something that no policy holds.
///
/// # Errors
/// [`CliError`].
pub fn ask_the_unknown(cast: &Cast, period: &str) -> Result<Refused, CliError> {
    cast.brand.run_refused(command![
        "report",
        "request",
        "--programme",
        "programme.json",
        "--period",
        period,
        "--template",
        "buyers/1",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
        "--out",
        "unknown",
    ])
}

/// Asks about one month each time another file arrives, until the month's budget is spent.
///
/// # Errors
/// [`CliError::Story`] if it never is.
pub fn ask_too_often(cast: &Cast, period: &str) -> Result<(u32, Refused), CliError> {
    let (actor, dealer) = cast.dealers.last().ok_or(CliError::Story("nobody to deposit"))?;
    for again in 1..=8_u32 {
        let out = actor.path(&format!("again-{again}"));
        prepare_and_deposit(actor, cast.url(), dealer.file, "sales", &out)?;
        let asked = cast.brand.attempt(command![
            "report",
            "request",
            "--programme",
            "programme.json",
            "--period",
            period,
            "--to",
            cast.url(),
            "--credentials",
            "credentials.json",
            "--out",
            format!("again-{again}"),
        ])?;
        if let Err(refused) = asked {
            return Ok((again, refused));
        }
    }
    Err(CliError::Story("no budget was ever spent"))
}

/// The accounts as the brand's `report list` shows them.
///
/// # Errors
/// [`CliError`].
pub fn accounts(cast: &Cast) -> Result<Value, CliError> {
    let mut answer = cast.brand.run(command![
        "report",
        "list",
        "--programme",
        "programme.json",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    Ok(answer["accounts"].take())
}

/// What the checks found.
pub struct Checked {
    /// Entries of the ledger.
    pub entries: u64,
    /// Acts that the officer read.
    pub acts: u64,
    /// Refusal of a report of which one digit was changed.
    pub forged: Refused,
}

/// Puts one month's files on top, makes a page of its certificate, checks certificate and ledger
/// offline under the keys that the brand pinned, and lets the officer read the acts.
///
/// # Errors
/// [`CliError`].
pub fn check(cast: &Cast, place: &Place, period: &str) -> Result<Checked, CliError> {
    let month = place.path("reports").join(period);
    for name in ["report.json", "certificate.json", "trust.json"] {
        place.copy(&month.join(name), name)?;
    }
    let pinned = cast.brand.path("reports-trust.json");
    files::replace(&pinned, &files::read(&month.join("trust.json"))?)?;
    let certificate = place.path("certificate.json");
    cast.brand.run(command!["certificate", "verify", certificate, "--trust", pinned])?;
    cast.brand.run(command![
        "certificate",
        "page",
        certificate,
        "--lang",
        "fr",
        "--trust",
        pinned,
        "--out",
        place.path("certificate.html"),
    ])?;
    let acts = cast.officer.run(command![
        "acts",
        "--reason",
        "demonstration: review after the first reports",
        "--limit",
        "500",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    let acts = acts["acts"].as_array().map_or(0, Vec::len) as u64;
    let ledger = place.path("ledger");
    mirror(cast, &ledger, &pinned, acts)?;
    let verified = cast.brand.run(command!["ledger", "verify", ledger, "--trust", pinned])?;
    Ok(Checked {
        entries: verified["size"].as_u64().unwrap_or(0),
        acts,
        forged: forge(cast, place)?,
    })
}

/// Copies the ledger once its checkpoint holds every act that the officer read: a checkpoint
/// follows an entry within a second.
fn mirror(cast: &Cast, ledger: &Path, pinned: &Path, acts: u64) -> Result<(), CliError> {
    for _ in 0..TRIES {
        let mirror = command!["ledger", "mirror", cast.url(), "--out", ledger, "--trust", pinned];
        if cast.brand.run(mirror)?["size"].as_u64() >= Some(acts) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Err(CliError::Story("the ledger's checkpoint does not follow its entries"))
}

const TRIES: u32 = 25;

/// Changes one digit in a copy of the report, and has the copy checked.
fn forge(cast: &Cast, place: &Place) -> Result<Refused, CliError> {
    let copy = cast.brand.path("forged");
    files::make_dir(&copy)?;
    for name in ["certificate.json", "trust.json"] {
        files::replace(&copy.join(name), &files::read(&place.path(name))?)?;
    }
    let mut report = files::read(&place.path("report.json"))?;
    let digit = report.iter().rposition(u8::is_ascii_digit);
    let digit = digit.ok_or(CliError::Story("a report without a digit"))?;
    report[digit] = if report[digit] == b'9' { b'8' } else { report[digit] + 1 };
    files::replace(&copy.join("report.json"), &report)?;
    cast.brand.run_refused(command!["certificate", "verify", "forged/certificate.json"])
}
