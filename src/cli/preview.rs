//! `tiers preview`: how a file would be read, without a programme, a key or anything that is written or sent.
//! It makes no token. Reading is `tiers_contact`; what is said of a file is shared with `prepare`.
//! Specified in `docs/command-line.md`, "A first look".

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use tiers_contact::{
    Account, FileKind, Kind, Margins, Opened, PrepareError, PrepareOptions, Prepared,
    read_and_normalise,
};
use tiers_protocol::policy::Policy;

use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::prepare::{understood, understood_json};
use super::reading::{self, ReadingArgs};
use super::table::{Align, Table};
use super::words;

/// Words of `preview`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tiers preview export.csv\n  \
    tiers preview clients.xlsx --kind customers --sheet Juin\n  \
    tiers preview export.csv --map \"DT VTE=sale_date\" --save-mapping export.json\n\n\
    Nothing is written (but for --save-mapping) and nothing is sent. Without a programme file the\n\
    standard policy is taken, and any campaign. No value of the file is shown.")]
pub struct PreviewArgs {
    /// A file as your software writes it: CSV, TSV, TXT, XLSX, XLS, ODS.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file holds, instead of what its headings say.
    #[arg(long, value_parser = kind_parser())]
    kind: Option<FileKind>,
    /// The programme file, if you have it: its kinds of identifier and campaigns are taken.
    #[arg(long, value_name = "FILE")]
    programme: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
}

fn kind_parser() -> impl TypedValueParser<Value = FileKind> {
    PossibleValuesParser::new(FileKind::ALL.map(FileKind::as_str))
        .map(|name| name.parse().expect("one of the names above"))
}

/// Rows that are shown one by one.
const FIRST_ROWS: usize = 8;

/// A file that was looked at.
struct Seen {
    prepared: Prepared,
    account: Account,
    /// Why the file is of no kind that comes before the one that was taken.
    not: Vec<(FileKind, PrepareError)>,
    /// The policy's share of rows that may be left out, in thousandths.
    limit_permille: u16,
}

/// Looks at one file.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &PreviewArgs, context: &Context) -> Result<Outcome, CliError> {
    args.reading.check(1)?;
    let mut options = options(args)?;
    let limit_permille = std::mem::replace(&mut options.max_reject_permille, 1000);
    let bytes = zeroize::Zeroizing::new(files::read(&args.file)?);
    let refused = |cause| CliError::Prepare { path: args.file.clone(), cause };
    let named = args.kind.map_or_else(|| args.reading.kind(), |kind| Ok(Some(kind)))?;
    let kinds = named.map_or_else(|| LIKELY.to_vec(), |kind| vec![kind]);
    let mut not = Vec::new();
    for kind in kinds {
        options.kind = kind;
        let mut options = options.clone();
        args.reading.apply(&mut options)?;
        match look(&bytes, &mut options) {
            Ok(prepared) => {
                let account = prepared.account();
                args.reading.save(&account)?;
                let seen = Seen { prepared, account, not, limit_permille };
                return Ok(Outcome::new(seen.text(args, context), seen.json(args)));
            }
            Err(cause @ PrepareError::HeadingsMissing { .. }) => not.push((kind, cause)),
            Err(cause) => return Err(reading::told(refused(cause), &options)),
        }
    }
    // Only a kind that was named can be left: customers need no columns of an event.
    let (_, cause) = not.pop().expect("a kind was tried");
    Err(refused(cause))
}

/// Kinds of file in the order in which they are tried: that which asks for most first.
const LIKELY: [FileKind; 3] = [FileKind::Sales, FileKind::Leads, FileKind::Customers];

/// Stands for the campaigns of a programme that is not known.
const ANY_CAMPAIGN: &str = "?";

fn options(args: &PreviewArgs) -> Result<PrepareOptions, CliError> {
    let programme = args.programme.as_deref().map(files::read_programme).transpose()?;
    let standard;
    let (policy, campaigns) = match &programme {
        Some(programme) => {
            let names = programme.campaigns.iter().map(|campaign| campaign.name.clone());
            (&programme.policy, names.collect())
        }
        None => {
            standard = Policy::from_toml(super::programme::STANDARD_POLICY)?;
            (&standard, vec![ANY_CAMPAIGN.to_owned()])
        }
    };
    Ok(PrepareOptions {
        campaigns,
        margins: programme
            .as_ref()
            .map_or_else(Margins::default, tiers_protocol::programme::Programme::margins),
        clamp_cents: policy.clamp_cents().value(),
        max_reject_permille: u16::try_from(policy.max_reject_permille().value())
            .expect("a share in thousandths is at most 1000"),
        ..PrepareOptions::new(FileKind::Customers, policy.kinds().collect())
    })
}

fn look(bytes: &[u8], options: &mut PrepareOptions) -> Result<Prepared, PrepareError> {
    if options.kind == FileKind::Leads && options.campaigns == [ANY_CAMPAIGN] {
        let names = Opened::new(bytes, options)?.campaign_names();
        options.campaigns.extend(names);
    }
    read_and_normalise("", bytes, options)
}

impl Seen {
    fn rejected(&self) -> u64 {
        let faults = self.account.rejects.iter().filter(|(code, _)| *code != "row.total");
        faults.map(|(_, number)| number).sum()
    }

    /// Whether `prepare` would refuse the file for its rejects.
    fn would_be_refused(&self) -> bool {
        let totals = self.account.rejects.iter().filter(|(code, _)| *code == "row.total");
        let totals: u64 = totals.map(|(_, number)| number).sum();
        let seen = self.account.rows + self.rejected() + totals;
        self.rejected() * 1000 > seen * u64::from(self.limit_permille)
    }

    fn text(&self, args: &PreviewArgs, context: &Context) -> String {
        let source = args.file.file_name().unwrap_or_default().to_string_lossy();
        let kind = self.account.kind;
        let mut text = format!("{}\n", context.style.bold(&source));
        text.push_str(&format!("{:<14} {kind}\n", "Looks like"));
        for (other, cause) in self.not.iter().filter(|_| kind == FileKind::Customers) {
            text.push_str(&format!("{:<14} not {other}: {cause}\n", ""));
        }
        understood(&self.account, context, &mut text);
        text.push_str("\nThe first rows, without their values\n");
        for line in self.first_rows(context) {
            text.push_str(&line);
            text.push('\n');
        }
        if self.would_be_refused() {
            let limit = f64::from(self.limit_permille) / 10.0;
            let refused = format!(
                "More than {limit} % of the rows are left out: `prepare` would refuse this file."
            );
            text.push_str(&format!("\n{}\n", context.style.warn(&refused)));
        }
        text.push_str(&format!(
            "\nNothing was written and nothing was sent. With the programme file and key of your principal:\n  \
             tiers prepare {} --kind {kind} --programme programme.json --key programme.key --out deposit",
            args.file.display(),
        ));
        text
    }

    /// The first rows in the order of the file: for each whether it has each kind, or why it is left out.
    fn rows(&self) -> Vec<(u64, Result<Vec<Kind>, &'static str>)> {
        let has = |row: &tiers_contact::NormalisedRow| {
            let kinds = self.prepared.kinds.iter().copied();
            kinds
                .filter(|kind| row.digest(*kind).is_some() || row.near(*kind).count() > 0)
                .collect()
        };
        let good = self.prepared.rows.iter().take(FIRST_ROWS);
        let bad = self.prepared.rejects.iter().take(FIRST_ROWS);
        let mut rows: Vec<_> = good
            .map(|row| (row.source_row, Ok(has(row))))
            .chain(bad.map(|reject| (reject.row, Err(reject.code))))
            .collect();
        rows.sort_by_key(|(row, _)| *row);
        rows.truncate(FIRST_ROWS);
        rows
    }

    fn first_rows(&self, context: &Context) -> Vec<String> {
        let (near, kinds): (Vec<Kind>, Vec<Kind>) =
            self.prepared.kinds.iter().partition(|kind| kind.is_near());
        let heads = kinds.iter().map(|kind| (kind.as_str(), Align::Left));
        // The near kinds together: a table of all would be wider than most screens.
        let last = [(if near.is_empty() { "" } else { "near kinds" }, Align::Left)];
        let heads: Vec<_> = [("row", Align::Right)].into_iter().chain(heads).chain(last).collect();
        let mut table = Table::new(&heads);
        for (row, found) in self.rows() {
            let mut cells = vec![words::grouped(row)];
            match found {
                Ok(has) => {
                    let known = |kind: &Kind| has.contains(kind);
                    let word = |kind| if known(kind) { "yes" } else { "-" }.to_owned();
                    cells.extend(kinds.iter().map(word));
                    if !near.is_empty() {
                        let count = near.iter().filter(|kind| known(kind)).count();
                        cells.push(format!("{count} of {}", near.len()));
                    }
                }
                Err(code) => {
                    cells.extend(kinds.iter().map(|_| String::new()));
                    cells.push(format!("left out: {code}"));
                }
            }
            table.row(cells);
        }
        table.lines(context.style)
    }

    fn json(&self, args: &PreviewArgs) -> Value {
        let mut value = understood_json(&self.account);
        let rows: Vec<Value> = self
            .rows()
            .into_iter()
            .map(|(row, found)| match found {
                Ok(kinds) => json!({ "row": row, "identifiers": kinds }),
                Err(code) => json!({ "row": row, "code": code }),
            })
            .collect();
        value
            .insert("source".to_owned(), json!(args.file.file_name().map(|n| n.to_string_lossy())));
        value.insert("kind".to_owned(), json!(self.account.kind));
        value.insert("first_rows".to_owned(), rows.into());
        value.insert("would_be_refused".to_owned(), json!(self.would_be_refused()));
        value.into()
    }
}
