//! The cast: who takes part, and the acts that bring them together, from the certifier's first
//! start to the officer's approval. The data come later, in [`super::scenes`].

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use super::super::error::CliError;
use super::super::files;
use super::actor::{Actor, Server, Stage, command};
use super::network::{self, BRAND, CAMPAIGNS, DEALERS, Dealer, LEADS};

/// Everybody, with the running certifier.
pub struct Cast {
    /// Runs the certifier.
    pub operator: Actor,
    /// Asks.
    pub brand: Actor,
    /// Deposit sales.
    pub dealers: Vec<(Actor, &'static Dealer)>,
    /// Approves and reads.
    pub officer: Actor,
    /// The certifier; it stops when this is dropped.
    pub server: Server,
}

/// A text in an answer.
///
/// # Errors
/// [`CliError::Story`] when it is not there.
pub fn text(answer: &Value, name: &str) -> Result<String, CliError> {
    answer[name].as_str().map(str::to_owned).ok_or(CliError::Story("an answer lacks a field"))
}

/// Does something for each dealer, a few at a time; the answers are in the order of the dealers.
///
/// # Errors
/// The first error.
pub fn for_each<T: Send>(
    dealers: &[(Actor, &'static Dealer)],
    act: impl Fn(&Actor, &'static Dealer) -> Result<T, CliError> + Sync,
) -> Result<Vec<T>, CliError> {
    let next = Mutex::new(0..dealers.len());
    let done = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(2, NonZero::get).min(4);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().ok().and_then(|mut range| range.next());
                    let Some(at) = taken else { break };
                    let (actor, dealer) = &dealers[at];
                    let result = act(actor, dealer);
                    if let Ok(mut done) = done.lock() {
                        done.push((at, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| CliError::Story("a helper stopped"))?;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

impl Cast {
    /// The operator makes a certifier and runs it.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn open(stage: &Stage) -> Result<Self, CliError> {
        let operator = stage.actor("operator", "operator")?;
        operator.run(command![
            "init",
            "certifier",
            "--origin",
            "demo.tiers.example",
            "--operator-credentials",
            "credentials.json",
            "--unsealed",
        ])?;
        let (listen_at, contacts) = (["--listen", "127.0.0.1:0"], ["--contacts", "127.0.0.1:0"]);
        let listen = ["serve", "--dir", "certifier", "--sign-in-links"].into_iter();
        let listen: Vec<_> = listen.chain(listen_at).chain(contacts).map(Into::into).collect();
        let server = operator.serve(&listen)?;
        let brand = stage.actor("brand", BRAND)?;
        let officer = stage.actor("officer", "compliance officer")?;
        let dealers = DEALERS
            .iter()
            .map(|dealer| Ok((stage.actor(dealer.id, dealer.name)?, dealer)))
            .collect::<Result<Vec<_>, CliError>>()?;
        Ok(Self { operator, brand, dealers, officer, server })
    }

    /// Address of the certifier.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Companies make keys, the operator enrols them by fingerprint; an officer is enrolled too.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn enrol(&self) -> Result<(), CliError> {
        self.enrol_one(&self.brand, "principal", BRAND, network::BRAND_NUMBER)?;
        for_each(&self.dealers, |actor, dealer| {
            let place = DEALERS.iter().position(|other| other.id == dealer.id).unwrap_or(0);
            let number = network::DEALER_NUMBER + u32::try_from(place).unwrap_or(0);
            self.enrol_one(actor, "partner", dealer.name, number)
        })?;
        let out = self.officer.path("credentials.json");
        self.operator.run(command![
            "officer",
            "add",
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
            "--out",
            out,
        ])?;
        Ok(())
    }

    fn enrol_one(&self, who: &Actor, role: &str, name: &str, number: u32) -> Result<(), CliError> {
        let keys = who.run(command!["party", "key", "new", "--out", "keys"])?;
        let fingerprint = text(&keys, "fingerprint")?;
        self.operator.run(command![
            "party",
            "add",
            "--role",
            role,
            "--name",
            name,
            "--siren",
            network::siren(number),
            "--keys",
            who.path("keys/party.pub"),
            "--fingerprint",
            fingerprint,
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
            "--out",
            who.path("credentials.json"),
        ])?;
        Ok(())
    }

    /// The brand writes and registers the programme, adds the dealers and wraps the key to each.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn found_programme(&self) -> Result<String, CliError> {
        let brand = &self.brand;
        files::replace(&brand.path("campaigns.csv"), CAMPAIGNS)?;
        files::replace(&brand.path("brand_leads.csv"), LEADS)?;
        let made = brand.run(command![
            "programme",
            "new",
            "--name",
            "Showroom",
            "--purpose",
            "Measure which campaigns led to sales at the dealers",
            "--campaigns",
            "campaigns.csv",
            "--tick",
            "at-once",
            "--out",
            "programme.json",
        ])?;
        brand.run(command!["programme", "key", "new", "--out", "programme.key"])?;
        brand.run(command![
            "programme",
            "register",
            "programme.json",
            "--key",
            "programme.key",
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
        ])?;
        let lines = for_each(&self.dealers, |actor, dealer| self.add_partner(actor, dealer))?;
        let table = format!("party,fingerprint\n{}", lines.concat());
        files::replace(&brand.path("confirmed.csv"), table.as_bytes())?;
        brand.run(command![
            "programme",
            "key",
            "wrap",
            "programme.json",
            "--key",
            "programme.key",
            "--fingerprints",
            "confirmed.csv",
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
        ])?;
        text(&made, "programme")
    }

    /// Adds a dealer to the programme; the answer is its line in the table of fingerprints, which
    /// it reads to the brand by telephone.
    fn add_partner(&self, actor: &Actor, dealer: &Dealer) -> Result<String, CliError> {
        let credentials = files::read_credentials(&actor.path("credentials.json"))?;
        let party = credentials.party.ok_or(CliError::NoParty)?.to_string();
        self.brand.run(command![
            "programme",
            "partner",
            "add",
            "programme.json",
            "--party",
            party,
            "--declared-size",
            dealer.declared_size.to_string(),
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
        ])?;
        let shown = actor.run(command!["party", "show", "keys"])?;
        Ok(format!("{party},{}\n", text(&shown, "fingerprint")?))
    }

    /// The officer reads the programme and approves releases under its policy.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn approve(&self, programme: &str) -> Result<(), CliError> {
        self.officer.run(command![
            "programme",
            "fetch",
            programme,
            "--from",
            self.url(),
            "--credentials",
            "credentials.json",
            "--out",
            "programme.json",
        ])?;
        self.officer.run(command![
            "programme",
            "approve",
            "programme.json",
            "--yes",
            "--to",
            self.url(),
            "--credentials",
            "credentials.json",
        ])?;
        Ok(())
    }
}

/// Prepares a file of an actor and deposits it; the answers are those of the two commands.
///
/// # Errors
/// [`CliError`].
pub fn prepare_and_deposit(
    who: &Actor,
    url: &str,
    file: &str,
    kind: &str,
    out: &PathBuf,
) -> Result<(Value, Value), CliError> {
    let prepared = who.run(command![
        "prepare",
        file,
        "--programme",
        "programme.json",
        "--key",
        "programme.key",
        "--kind",
        kind,
        "--party-key",
        "keys",
        "--out",
        out,
    ])?;
    let deposited =
        who.run(command!["deposit", out, "--to", url, "--credentials", "credentials.json"])?;
    Ok((prepared, deposited))
}
