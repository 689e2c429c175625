//! `tiers link`: one party compares two of its own deposits on its own machine, by what `prepare` left
//! there. Which rows make a pair is `matching::link`'s decision.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tiers_contact::{Kind, Token};
use tiers_protocol::manifest::{Manifest, SignedManifest};
use tiers_protocol::programme::Programme;

use super::context::Context;
use super::deposit_dir::{MANIFEST, PREVIEW, ROWS};
use super::error::{CliError, Compared};
use super::files;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;
use crate::matching::link::{self, Against, Half, Pair, Tokens};

/// Pairs that are kept in memory at most; a comparison that finds more is no use to anybody.
const PAIRS_MAX: usize = 100_000_000;

/// Words of `link`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    tiers link deposit-leads deposit-sales --programme programme.json --out pairs.csv\n\n\
    Both directories must come from `tiers prepare`, for this programme, with its key, from one file each.\n\
    pairs.csv has the columns row_a,row_b,kind: rows of the two files (1 for the first data row) that are\n\
    the same person, and the first kind of identifier that says so. Nothing is sent.")]
pub struct LinkArgs {
    /// Deposit directory of the first file.
    #[arg(value_name = "DIR_A")]
    a: PathBuf,
    /// Deposit directory of the second file.
    #[arg(value_name = "DIR_B")]
    b: PathBuf,
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace an earlier file.
    #[arg(long)]
    force: bool,
}

/// Compares two deposits.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &LinkArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    if !args.force {
        files::must_not_exist(&args.out)?;
    }
    let (a, b) = (Side::open(&args.a, &programme)?, Side::open(&args.b, &programme)?);
    if !a.fits(&b) {
        return Err(CliError::Differs(Compared::Deposits));
    }
    let kinds: Vec<Kind> = programme.policy.kinds().collect();
    let bar = context.steps_bar(kinds.len() as u64 * 2);
    let (mut pairs, mut crowded) = (Vec::new(), 0);
    for kind in &kinds {
        bar.set_message(kind.as_str());
        let ours = a.tokens(*kind)?;
        bar.inc(1);
        let theirs = b.tokens(*kind)?;
        bar.inc(1);
        crowded += link::agreeing(*kind, ours, theirs, &mut pairs);
        if pairs.len() > PAIRS_MAX {
            return Err(CliError::TooManyPairs);
        }
    }
    bar.finish_and_clear();
    let near = kinds.iter().any(|kind| kind.is_near());
    let found = Found::of(pairs, crowded, [&a, &b], near)?;
    files::replace(&args.out, found.csv(&a, &b).as_bytes())?;
    Ok(found.outcome(args, context, &a, &b))
}

/// A deposit as its party keeps it: one of the two.
pub(super) struct Side {
    preview: PathBuf,
    manifest: Manifest,
    /// Row of the party's file for each line of the preview, canaries' lines `None`.
    rows: Vec<Option<u64>>,
}

impl Side {
    pub(super) fn open(dir: &Path, programme: &Programme) -> Result<Self, CliError> {
        let path = dir.join(MANIFEST);
        let manifest = SignedManifest::from_slice(&files::read_document(&path)?)?.manifest;
        let expected = (&programme.id, programme.epoch, programme.key_id.as_ref());
        let key = programme.key_id.as_ref().map(|_| &manifest.key_id);
        if (&manifest.programme, manifest.epoch, key) != expected {
            return Err(CliError::Differs(Compared::Deposits));
        }
        let lines = usize::try_from(manifest.rows).unwrap_or(usize::MAX);
        let rows = read_rows(&dir.join(ROWS), lines)?;
        Ok(Self { preview: dir.join(PREVIEW), manifest, rows })
    }

    fn fits(&self, other: &Self) -> bool {
        let made = |side: &Self| (side.manifest.key_id, side.manifest.normalisation.clone());
        made(self) == made(other)
    }

    /// Rows of the party's file.
    fn count(&self) -> u64 {
        self.rows.iter().flatten().count() as u64
    }

    /// The place of a kind's column.
    fn column(&self, kind: Kind) -> Option<usize> {
        let name = format!("token_{kind}");
        self.manifest.columns.iter().position(|column| column.name == name)
    }

    fn lines(&self) -> Result<Lines<BufReader<File>>, CliError> {
        let file =
            File::open(&self.preview).map_err(|cause| CliError::read(&self.preview, &cause))?;
        let mut lines = BufReader::with_capacity(1 << 20, file).lines();
        let heading = lines.next().and_then(Result::ok).unwrap_or_default();
        let names: Vec<&str> = self.manifest.columns.iter().map(|c| c.name.as_str()).collect();
        if heading == names.join(",") { Ok(lines) } else { Err(self.not_a_preview()) }
    }

    fn not_a_preview(&self) -> CliError {
        CliError::not_a(&self.preview, "preview of this deposit")
    }

    /// The fields of one column, with the place of their line; canaries are left out.
    pub(super) fn fields(
        &self,
        kind: Kind,
        mut take: impl FnMut(u32, &str) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Some(column) = self.column(kind) else { return Ok(()) };
        let mut seen = 0;
        for line in self.lines()? {
            let line = line.map_err(|cause| CliError::read(&self.preview, &cause))?;
            let row = self.rows.get(seen).ok_or_else(|| self.not_a_preview())?;
            let place = u32::try_from(seen).map_err(|_| self.not_a_preview())?;
            seen += 1;
            let field = line.split(',').nth(column).ok_or_else(|| self.not_a_preview())?;
            if row.is_some() && !field.is_empty() {
                take(place, field)?;
            }
        }
        if seen == self.rows.len() { Ok(()) } else { Err(self.not_a_preview()) }
    }

    fn tokens(&self, kind: Kind) -> Result<Tokens, CliError> {
        let mut tokens = Vec::new();
        self.fields(kind, |place, field| {
            for text in field.split(' ') {
                let token = Token::from_base64url(text).ok_or_else(|| self.not_a_preview())?;
                let half: Half = *token.as_bytes().first_chunk().expect("a token has 32 bytes");
                tokens.push((half, place));
            }
            Ok(())
        })?;
        Ok(tokens)
    }

    /// Which lines know name and birth date.
    fn born(&self) -> Result<Vec<bool>, CliError> {
        let mut born = vec![false; self.rows.len()];
        self.fields(Kind::NameBirth, |place, _| {
            born[place as usize] = true;
            Ok(())
        })?;
        Ok(born)
    }
}

/// Reads `line,file,row`.
fn read_rows(path: &Path, lines: usize) -> Result<Vec<Option<u64>>, CliError> {
    let wrong =
        |line: usize| CliError::Line { path: path.to_owned(), line, expected: "line,file,row" };
    let mut reader = csv::Reader::from_path(path).map_err(|cause| match cause.into_kind() {
        csv::ErrorKind::Io(cause) => CliError::read(path, &cause),
        _ => wrong(1),
    })?;
    let mut rows = vec![None; lines];
    let mut source: Option<String> = None;
    for (place, record) in reader.records().enumerate() {
        let record = record.map_err(|_| wrong(place + 2))?;
        let [line, file, row] = [0, 1, 2].map(|field| record.get(field).unwrap_or_default());
        let line = line.parse::<usize>().ok().and_then(|line| line.checked_sub(1));
        let slot = line.and_then(|line| rows.get_mut(line)).ok_or_else(|| wrong(place + 2))?;
        let row = row.parse().map_err(|_| wrong(place + 2))?;
        if slot.replace(row).is_some() {
            return Err(wrong(place + 2));
        }
        if source.get_or_insert_with(|| file.to_owned()) != file {
            let dir = path.parent().unwrap_or(path);
            return Err(CliError::SeveralFiles(dir.to_owned()));
        }
    }
    // A line that no row owns is a canary's: a list that lost rows would lose their pairs silently.
    let owned = rows.iter().flatten().count();
    let complete = owned + tiers_contact::canaries().len() == lines;
    if complete { Ok(rows) } else { Err(CliError::not_a(path, "list of this deposit's rows")) }
}

/// What the comparison came to.
struct Found {
    /// Places and the kind that makes the pair.
    pairs: Vec<(Pair, Kind)>,
    by_kind: BTreeMap<Kind, u64>,
    /// Pairs that share something and are two people.
    apart: u64,
    crowded: u64,
}

impl Found {
    /// `near`: whether the near kinds were compared; without them, nothing speaks against a pair.
    fn of(
        pairs: Vec<Pair>,
        crowded: u64,
        [a, b]: [&Side; 2],
        near: bool,
    ) -> Result<Self, CliError> {
        let (ours, theirs) = (a.born()?, b.born()?);
        let (mut found, mut by_kind, mut apart) = (Vec::new(), BTreeMap::new(), 0);
        let pairs = link::joined(pairs);
        let sure = link::sure(&pairs, [ours.len(), theirs.len()]);
        for pair in pairs {
            let taken = sure[0][pair.a as usize] || sure[1][pair.b as usize];
            let both_born = near && ours[pair.a as usize] && theirs[pair.b as usize];
            match link::decide(pair.kinds, Against { both_born, taken }) {
                Some(kind) => {
                    *by_kind.entry(kind).or_insert(0) += 1;
                    found.push((pair, kind));
                }
                None => apart += 1,
            }
        }
        Ok(Self { pairs: found, by_kind, apart, crowded })
    }

    /// Sorted by the rows of the first file, then of the second.
    fn csv(&self, a: &Side, b: &Side) -> String {
        let row = |side: &Side, place: u32| side.rows[place as usize].unwrap_or_default();
        let mut rows: Vec<(u64, u64, Kind)> =
            self.pairs.iter().map(|(pair, kind)| (row(a, pair.a), row(b, pair.b), *kind)).collect();
        rows.sort_unstable();
        let mut text = String::from("row_a,row_b,kind\n");
        for (row_a, row_b, kind) in rows {
            let _ = writeln!(text, "{row_a},{row_b},{kind}");
        }
        text
    }

    fn outcome(&self, args: &LinkArgs, context: &Context, a: &Side, b: &Side) -> Outcome {
        let pairs = self.pairs.len() as u64;
        let mut text = format!(
            "{} in {} ({} and {} rows compared)\n",
            context.style.bold(&words::count(pairs, "pair", "pairs")),
            args.out.display(),
            words::grouped(a.count()),
            words::grouped(b.count()),
        );
        let mut table =
            Table::new(&[("first kind that agrees", Align::Left), ("pairs", Align::Right)]);
        for (kind, pairs) in &self.by_kind {
            table.row(vec![kind.as_str().to_owned(), words::grouped(*pairs)]);
        }
        for line in table.lines(context.style) {
            let _ = writeln!(text, "{line}");
        }
        if self.apart > 0 {
            let apart = words::count(self.apart, "pair shares", "pairs share");
            let _ = writeln!(
                text,
                "{apart} an address, a telephone or a name and town only: two people."
            );
        }
        if self.crowded > 0 {
            let values = words::count(self.crowded, "value is", "values are");
            let crowd =
                format!("{values} shared by so many rows that it names nobody: passed over.");
            let _ = writeln!(text, "{}", context.style.warn(&crowd));
        }
        let by_kind: BTreeMap<&str, u64> =
            self.by_kind.iter().map(|(kind, pairs)| (kind.as_str(), *pairs)).collect();
        let json = json!({
            "out": args.out, "rows_a": a.count(), "rows_b": b.count(), "pairs": pairs,
            "by_kind": by_kind, "apart": self.apart, "crowded": self.crowded,
        });
        Outcome::new(text, json)
    }
}
