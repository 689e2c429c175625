//! `tiers lift`: experiments in which chance says who is treated. The certifier is bound first, the leads are frozen,
//! a public beacon decides; what the principal gets is the arm of each row of its own file.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_protocol::ids::{LiftId, ProgrammeId};
use tiers_protocol::lift::{BeaconRound, BeaconSource, FreezeLeads, LiftInfo, LiftState, NewLift};
use tiers_protocol::manifest::SignedManifest;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::deposit_dir::{MANIFEST, ROWS};
use super::error::CliError;
use super::files::{self, Sink};
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;

/// The `lift` commands.
#[derive(Debug, Subcommand)]
pub enum LiftCommand {
    /// Have the certifier bind itself to a seed, before the leads are frozen.
    #[command(after_help = "Example:\n  tiers lift new programme.json --treated 800 \\\n    \
        --to https://certifier.example --credentials brand.json\n\n\
        The steps: new, freeze, draw (an officer of the certifier), arms; then treat the treated and nobody else,\n\
        and once the month is over: tiers report request --template conversion/1 --template lift/1@all ...")]
    New(NewArgs),
    /// Freeze the leads that are deposited now; the certifier names the round of the beacon that decides.
    #[command(after_help = "Example:\n  tiers lift freeze lif_… --to https://certifier.example \
        --credentials brand.json\n\nDeposit all leads first: a lift is told over these and no others.")]
    Freeze(FreezeArgs),
    /// Record the round that decides, and draw, as a compliance officer of the certifier.
    #[command(
        after_help = "Example:\n  curl https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/public/ROUND \\\n    \
        > round.json\n  tiers lift draw lif_… round.json --to https://certifier.example --credentials officer.json\n\n\
        The file is what drand answers: round, randomness, signature. The round is the one that `lift list` shows."
    )]
    Draw(DrawArgs),
    /// List the lifts of a programme.
    #[command(
        after_help = "Example:\n  tiers lift list programme.json --from https://certifier.example \
        --credentials brand.json"
    )]
    List(ListArgs),
    /// Write which row of your file is in which arm.
    #[command(
        after_help = "Example:\n  tiers lift arms lif_… leads-deposit --out arms.csv \\\n    \
        --from https://certifier.example --credentials brand.json\n\n\
        arms.csv has the columns file,row,arm: treated, control, or none for a row without a key."
    )]
    Arms(ArmsArgs),
}

/// Words of `lift new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The programme file.
    file: PathBuf,
    /// How many of a thousand persons are treated, 1 to 999.
    #[arg(long, value_name = "PERMILLE", default_value_t = 500,
        value_parser = clap::value_parser!(u16).range(1..=999))]
    treated: u16,
    #[command(flatten)]
    remote: Remote,
}

/// A beacon by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SourceWord {
    /// The network of three seconds.
    DrandQuicknet,
    /// The network of thirty seconds.
    DrandDefault,
}

impl SourceWord {
    const fn source(self) -> BeaconSource {
        match self {
            Self::DrandQuicknet => BeaconSource::DrandQuicknet,
            Self::DrandDefault => BeaconSource::DrandDefault,
        }
    }
}

/// Words of `lift freeze`.
#[derive(Debug, Args)]
pub struct FreezeArgs {
    /// The lift, as `lift list` shows it.
    lift: LiftId,
    /// The beacon that decides.
    #[arg(long, default_value = "drand-quicknet")]
    source: SourceWord,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `lift draw`.
#[derive(Debug, Args)]
pub struct DrawArgs {
    /// The lift, as `lift list` shows it.
    lift: LiftId,
    /// What the beacon answers for the round.
    round: PathBuf,
    /// The beacon that was named.
    #[arg(long, default_value = "drand-quicknet")]
    source: SourceWord,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `lift list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The programme file.
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `lift arms`.
#[derive(Debug, Args)]
pub struct ArmsArgs {
    /// The lift, as `lift list` shows it.
    lift: LiftId,
    /// The directory that `prepare` made and that was deposited.
    dir: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `lift` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &LiftCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        LiftCommand::New(args) => {
            let programme = files::read_programme(&args.file)?;
            let new = NewLift { treated_permille: args.treated };
            tell(&args.remote, &format!("/v1/programmes/{}/lifts", programme.id), &new)
        }
        LiftCommand::Freeze(args) => {
            let request = FreezeLeads { source: args.source.source() };
            tell(&args.remote, &format!("/v1/lifts/{}/freezing", args.lift), &request)
        }
        LiftCommand::Draw(args) => {
            let round: Answered = files::read_json(&args.round, "round of a beacon")?;
            let Answered { round, randomness, signature } = round;
            let beacon = BeaconRound { source: args.source.source(), round, randomness, signature };
            tell(&args.remote, &format!("/v1/lifts/{}/beacon", args.lift), &beacon)
        }
        LiftCommand::List(args) => list(args, context),
        LiftCommand::Arms(args) => arms(args),
    }
}

/// What drand answers; a chained network tells its previous signature, too.
#[derive(Deserialize)]
struct Answered {
    round: u64,
    randomness: String,
    signature: String,
}

fn tell<B: Serialize>(remote: &Remote, path: &str, body: &B) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&remote.to, &remote.credentials)?;
    let lift: LiftInfo = client.post(path, body)?;
    Ok(Outcome::new(text(&lift), json!({ "lift": lift })))
}

const fn state(state: LiftState) -> &'static str {
    match state {
        LiftState::Committed => "bound to its seed",
        LiftState::Frozen => "leads frozen",
        LiftState::Drawn => "drawn",
    }
}

fn text(lift: &LiftInfo) -> String {
    let mut lines = vec![
        format!("Lift        {} (number {} of the programme)", lift.lift, lift.number),
        format!("State       {}", state(lift.state)),
        format!("Treated     {} in 1,000", lift.treated_permille),
        format!("Commitment  {}", lift.seed_commitment),
    ];
    match (&lift.frozen, &lift.drawn) {
        (None, _) => {
            lines.push("Next        tiers lift freeze, once all leads are deposited".into());
        }
        (Some(frozen), None) => {
            lines.push(format!("Leads       {} rows", words::grouped(frozen.rows)));
            let source = frozen.source.as_str();
            lines
                .push(format!("Beacon      {source}, round {}, {}", frozen.round, frozen.round_at));
            lines.push("Next        an officer of the certifier: tiers lift draw".into());
        }
        (Some(frozen), Some(drawn)) => {
            lines.push(format!("Leads       {} rows", words::grouped(frozen.rows)));
            let source = frozen.source.as_str();
            lines.push(format!("Beacon      {source}, round {}", frozen.round));
            let (treated, control) = (words::grouped(drawn.treated), words::grouped(drawn.control));
            lines.push(format!("Persons     {treated} treated, {control} of the control group"));
            lines.push(format!("Seed        {}", drawn.seed));
            lines.push("Next        tiers lift arms".into());
        }
    }
    lines.join("\n")
}

fn list(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme: ProgrammeId = files::read_programme(&args.file)?.id;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let lifts: Vec<LiftInfo> = client.json(&format!("/v1/programmes/{programme}/lifts"))?;
    let columns = [
        ("no.", Align::Right),
        ("lift", Align::Left),
        ("state", Align::Left),
        ("treated, ‰", Align::Right),
        ("beacon", Align::Left),
        ("round", Align::Right),
        ("comes at", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for lift in &lifts {
        let frozen = lift.frozen.as_ref();
        table.row(vec![
            lift.number.to_string(),
            lift.lift.to_string(),
            state(lift.state).to_owned(),
            lift.treated_permille.to_string(),
            frozen.map_or_else(String::new, |frozen| frozen.source.as_str().to_owned()),
            frozen.map_or_else(String::new, |frozen| frozen.round.to_string()),
            frozen.map_or_else(String::new, |frozen| frozen.round_at.clone()),
        ]);
    }
    let text = if lifts.is_empty() {
        "The programme has no lift.".to_owned()
    } else {
        table.lines(context.style).join("\n")
    };
    Ok(Outcome::new(text, json!({ "lifts": lifts })))
}

/// Puts the arms of a body's lines beside the rows that they were made from.
fn arms(args: &ArmsArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let path = args.dir.join(MANIFEST);
    let manifest: SignedManifest = files::read_json(&path, "manifest")?;
    let deposit = manifest.deposit_id();
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let mut body = Vec::new();
    client.stream(&format!("/v1/lifts/{}/arms/{deposit}", args.lift), &mut |piece| {
        body.extend_from_slice(piece);
        Ok(())
    })?;
    let arms: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
    let written = join(&args.dir.join(ROWS), &arms, &args.out)?;
    let [treated, control, none] = written.map(words::grouped);
    let text = format!(
        "{}: {treated} rows treated, {control} of the control group, {none} of nobody",
        args.out.display()
    );
    let [treated, control, none] = written;
    let rows = json!({ "treated": treated, "control": control, "none": none });
    Ok(Outcome::new(text, json!({ "lift": args.lift, "deposit": deposit, "rows": rows })))
}

/// Bytes that are written at once.
const PIECE_BYTES: usize = 1 << 20;

/// Writes `file,row,arm` for each row of `rows.csv`; how many rows are in each arm, and in none.
fn join(rows: &Path, arms: &[&[u8]], out: &Path) -> Result<[u64; 3], CliError> {
    let wrong = || CliError::not_a(rows, "list of the rows of this deposit");
    let read = |cause: std::io::Error| CliError::read(rows, &cause);
    let mut lines = BufReader::new(std::fs::File::open(rows).map_err(read)?).lines();
    let heading = lines.next().transpose().map_err(read)?;
    if heading.as_deref() != Some("line,file,row") {
        return Err(wrong());
    }
    let mut sink = Sink::create(out, out)?;
    let (mut text, mut counted) = (b"file,row,arm\n".to_vec(), [0_u64; 3]);
    for line in lines {
        let line = line.map_err(read)?;
        let (number, source) = line.split_once(',').ok_or_else(wrong)?;
        let place: usize = number.parse().map_err(|_| wrong())?;
        let arm = place.checked_sub(1).and_then(|place| arms.get(place)).ok_or_else(wrong)?;
        let which = match *arm {
            b"treated" => 0,
            b"control" => 1,
            b"none" => 2,
            _ => return Err(wrong()),
        };
        counted[which] += 1;
        for part in [source.as_bytes(), b",", arm, b"\n"] {
            text.extend_from_slice(part);
        }
        if text.len() >= PIECE_BYTES {
            sink.put(&text)?;
            text.clear();
        }
    }
    sink.put(&text)?;
    sink.finish()?;
    Ok(counted)
}
