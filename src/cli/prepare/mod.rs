//! `tiers prepare`: a party's file becomes a deposit directory, on the party's machine. Reading,
//! normalising and tokenising is `tiers_contact`; this module joins it with the programme, the key
//! and the manifest. What is said of it at the end is `summary`.

mod account;
mod body_files;
mod pipeline;
mod progress;
mod runs;
mod summary;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;
use tiers_contact::{Account, FileKind, PrepareOptions, columns, heading};
use tiers_protocol::deposit;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::manifest::{Draft, Manifest, SignedManifest};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;

use super::context::Context;
use super::deposit_dir;
use super::error::CliError;
use super::files::{self, Staged};
use super::output::Outcome;
use super::reading::{self, ReadingArgs};
use super::sealing::Sealing;
use super::source::Source;
use pipeline::{Pipeline, Scale};
use progress::Reading;
pub(super) use summary::{understood, understood_json};

/// Words of `prepare`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tiers prepare sales.xlsx --programme programme.json --key programme.key \\\n    \
    --kind sales --party-key keys --out deposit\n  \
    tiers prepare export.csv --programme programme.json --key programme.key \\\n    \
    --kind sales --map \"DT VTE=sale_date\" --out deposit\n\n\
    One file makes one deposit directory; several files make one each in --out.\n\
    preview.csv in it is exactly what will be sent: read it. rows.csv and rejects.csv stay here.\n\
    Fields for --map: civility first_name last_name full_name birth_date email phone address\n\
    street_number address_extra postcode city country card siret lead_date sale_date model\n\
    amount campaign")]
pub struct PrepareArgs {
    /// Files as your software writes them: CSV, TSV, TXT, XLSX, XLS, ODS.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// The programme key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What the files hold.
    #[arg(long, value_parser = kind_parser())]
    kind: FileKind,
    /// Directory to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Directory with your party.key; without it the manifest is signed later, by `deposit`.
    #[arg(long, value_name = "DIR")]
    party_key: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Replace an earlier deposit directory.
    #[arg(long)]
    force: bool,
}

fn kind_parser() -> impl TypedValueParser<Value = FileKind> {
    PossibleValuesParser::new(FileKind::ALL.map(FileKind::as_str))
        .map(|name| name.parse().expect("one of the names above"))
}

/// What all files of one call share.
struct Job<'a> {
    programme: &'a Programme,
    key: &'a ProgrammeKey,
    party: Option<&'a PartySecret>,
    options: PrepareOptions,
    today: Date,
}

/// One prepared file.
struct Made {
    source: String,
    dir: PathBuf,
    account: Account,
    manifest: SignedManifest,
}

/// Prepares one deposit for each file.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &PrepareArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let mut key = files::read_programme_key(&args.key)?;
    if let Some(id) = &programme.key_id {
        key = key.expect_id(id)?;
    }
    if context.today > programme.epoch_ends {
        return Err(CliError::EpochOver(programme.epoch_ends));
    }
    let party = args.party_key.as_deref().map(files::read_party_key).transpose()?;
    args.reading.check(args.files.len())?;
    let places = places(&args.files, &args.out)?;
    for (_, dir) in &places {
        deposit_dir::check_place(dir, args.force)?;
    }
    let job = Job {
        programme: &programme,
        key: &key,
        party: party.as_ref(),
        options: options(args, &programme)?,
        today: context.today,
    };
    let mut text = String::new();
    let mut deposits = Vec::new();
    for (file, dir) in places {
        let made = job.prepare(file, dir).map_err(|error| reading::told(error, &job.options))?;
        args.reading.save(&made.account)?;
        text.push_str(&made.text(context));
        deposits.push(made.json());
    }
    text.push_str("Next           read preview.csv, then `tiers deposit`");
    Ok(Outcome::new(text, json!({ "deposits": deposits })))
}

/// Which file goes where: one file to `out` itself, several to a directory each.
fn places<'a>(sources: &'a [PathBuf], out: &Path) -> Result<Vec<(&'a Path, PathBuf)>, CliError> {
    if let [only] = sources {
        return Ok(vec![(only, out.to_owned())]);
    }
    let mut places: Vec<(&Path, PathBuf)> = Vec::new();
    for file in sources {
        let stem = file.file_stem().ok_or(CliError::Usage("a file has no name"))?;
        let dir = out.join(stem);
        if places.iter().any(|(_, other)| *other == dir) {
            return Err(CliError::SameStem(dir));
        }
        places.push((file, dir));
    }
    Ok(places)
}

fn options(args: &PrepareArgs, programme: &Programme) -> Result<PrepareOptions, CliError> {
    let mut options = deposit::options(programme, args.kind);
    args.reading.apply(&mut options)?;
    Ok(options)
}

impl Job<'_> {
    fn prepare(&self, file: &Path, dir: PathBuf) -> Result<Made, CliError> {
        let mut source = Source::open(file)?;
        let name = source.name();
        let staged = Staged::begin(&dir)?;
        let progress = Reading::new();
        let pipeline = Pipeline {
            options: &self.options,
            tokeniser: &self.key.tokeniser(&self.programme.id),
            staged: &staged,
            target: &dir,
            scale: Scale::of(self.options.kinds.iter().map(|kind| kind.tokens_per_row()).sum()),
            progress: &progress,
        };
        let read = pipeline.run(&mut source);
        progress.end();
        let (mut account, runs) = read?;
        let mut manifest = self.manifest(&account);
        let trust = self.programme.registered().ok().map(|(_, trust)| trust);
        let sealing = trust
            .zip(self.party)
            .map(|(trust, party)| {
                let sink = staged.create(deposit_dir::SEALED)?;
                Sealing::begin(&mut manifest, trust, party, sink)
            })
            .transpose()?;
        let heading = heading(self.options.kind, &self.options.kinds, &self.options.margins);
        let written = body_files::write(&heading, runs, &name, &staged, sealing)?;
        account.duplicates = written.duplicates;
        (manifest.rows, manifest.body.plain_bytes) = (written.lines, written.plain_bytes);
        manifest.body.sealed = written.sealed;
        let manifest = deposit_dir::sign(manifest, self.party);
        if let Some(trust) = trust {
            staged.file(deposit_dir::TRUST, files::trust_text(trust).as_bytes())?;
        }
        staged.file(deposit_dir::MANIFEST, &manifest.to_vec())?;
        staged.commit()?;
        Ok(Made { source: name, dir, account, manifest })
    }

    /// The manifest but for what is known when the body is written.
    fn manifest(&self, account: &Account) -> Manifest {
        let days = i64::try_from(self.programme.policy.retention_days().value())
            .expect("retention is at most a year");
        let faults = account.rejects.iter().filter(|(code, _)| *code != "row.total");
        let draft = Draft {
            nonce: Bytes::new(System.array()),
            kind: account.kind,
            columns: columns(account.kind, &self.options.kinds, &self.options.margins),
            rows: 0,
            rejects: faults.map(|(_, number)| number).sum(),
            retain_until: self.today.saturating_add(days.days()),
            tool: concat!("tiers ", env!("CARGO_PKG_VERSION")).to_owned(),
            plain_bytes: 0,
        };
        Manifest::new(self.programme, self.key.id(), draft)
    }
}
