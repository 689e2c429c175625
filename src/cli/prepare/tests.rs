//! The pipeline against the whole file in memory, and what it leaves behind when it fails.

use std::fs;
use std::path::{Path, PathBuf};

use tiers_contact::{FileKind, Kind, PrepareOptions, Tokeniser, heading, read_and_normalise};
use tiers_protocol::encoding::sha256;
use tiers_protocol::entropy::System;
use tiers_protocol::manifest::{Draft, Manifest, SealedDescription};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::{SealingSecret, open_body};
use tiers_protocol::trust::Trust;
use zeroize::Zeroizing;

use super::super::deposit_dir::{PREVIEW, REJECTS, ROWS, SEALED};
use super::super::files::Staged;
use super::super::sealing::Sealing;
use super::super::source::Source;
use super::body_files::{self, Written};
use super::pipeline::{Pipeline, Scale};
use super::progress::Reading;
use super::{CliError, places};

pub fn options(kind: FileKind) -> PrepareOptions {
    PrepareOptions {
        campaigns: ["C24-PRINTEMPS", "C24-ETE", "C24-AUTOMNE"].map(str::to_owned).to_vec(),
        clamp_cents: 4_000_000,
        ..PrepareOptions::new(
            kind,
            vec![Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost],
        )
    }
}

fn tokeniser() -> Tokeniser {
    Tokeniser::new(&[9; 32], "pipeline")
}

/// Who seals and who opens, and the manifest that binds both.
struct Parties {
    party: PartySecret,
    secret: SealingSecret,
    trust: Trust,
    manifest: Manifest,
}

impl Parties {
    fn new() -> Self {
        let party = PartySecret::generate(&mut System);
        let secret = SealingSecret::from_seed(&Zeroizing::new([3; 32]));
        let trust = Trust::new("o".into(), "k".into(), party.public().signing, secret.public());
        let policy = include_str!("../../../policies/disclosure/standard.toml");
        let programme = Programme::new(
            "Test".into(),
            "Test".into(),
            vec![Campaign { name: "A".into(), cost_cents: 1 }],
            tiers_protocol::policy::Policy::from_toml(policy).expect("standard"),
            jiff::civil::date(2030, 1, 1),
            &mut System,
        );
        let draft = Draft {
            nonce: tiers_protocol::encoding::Bytes::new([1; 16]),
            kind: FileKind::Sales,
            columns: Vec::new(),
            rows: 0,
            rejects: 0,
            retain_until: jiff::civil::date(2027, 1, 1),
            tool: "test".into(),
            plain_bytes: 0,
        };
        let key = ProgrammeKey::generate(&mut System);
        let manifest = Manifest::new(&programme, key.id(), draft);
        Self { party, secret, trust, manifest }
    }
}

/// Prepares a file into `dir`, sealed.
fn prepare(
    file: &Path,
    dir: &Path,
    options: &PrepareOptions,
    scale: Scale,
    parties: &mut Parties,
) -> Result<(tiers_contact::Account, Written), CliError> {
    let staged = Staged::begin(dir)?;
    let mut source = Source::open(file)?;
    let pipeline = Pipeline {
        options,
        tokeniser: &tokeniser(),
        staged: &staged,
        target: dir,
        scale,
        progress: &Reading::new(),
    };
    let (account, runs) = pipeline.run(&mut source)?;
    let sink = staged.create(SEALED)?;
    let sealing = Sealing::begin(&mut parties.manifest, &parties.trust, &parties.party, sink)?;
    let heading = heading(options.kind, &options.kinds, &options.margins);
    let written = body_files::write(&heading, runs, "a,b.csv", &staged, Some(sealing))?;
    staged.commit()?;
    Ok((account, written))
}

const SCALES: [Scale; 3] = [
    Scale { workers: 1, block_bytes: 1 << 20, budget_bytes: usize::MAX },
    Scale { workers: 3, block_bytes: 1, budget_bytes: 5_000 },
    Scale { workers: 2, block_bytes: 10_000, budget_bytes: 60_000 },
];

/// Holds a directory against the same file read whole.
fn compare(file: &Path, options: &PrepareOptions, scale: Scale) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("deposit");
    let mut parties = Parties::new();
    let made = prepare(file, &dir, options, scale, &mut parties);
    let (account, written) = made.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let whole = read_and_normalise("a", &fs::read(file).expect("the file"), options);
    let whole = whole.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let body = whole.body(&tokeniser());
    let read = |name: &str| fs::read(dir.join(name)).expect("a file of the deposit");
    assert!(read(PREVIEW) == body.csv, "{}, {scale:?}", file.display());
    let rows = body.line_to_row.iter().zip(1..);
    let rows = rows.filter_map(|(row, line)| row.map(|row| format!("{line},\"a,b.csv\",{row}\n")));
    assert!(read(ROWS) == ["line,file,row\n".to_owned(), rows.collect()].concat().into_bytes());
    let rejects = whole.rejects.iter().map(|reject| {
        let field = reject.field.map_or("", tiers_contact::Field::as_str);
        format!("{},{field},{}\n", reject.row, reject.code)
    });
    let expected = ["row,column,code\n".to_owned(), rejects.collect()].concat();
    assert_eq!(String::from_utf8(read(REJECTS)).expect("ASCII"), expected);
    let counted = tiers_contact::Account { duplicates: written.duplicates, ..account };
    assert_eq!(counted, whole.account());
    assert_eq!((written.lines, written.plain_bytes), (rows_of(&body), body.csv.len() as u64));
    let sealed = read(SEALED);
    let description = SealedDescription {
        bytes: sealed.len() as u64,
        sha256: sha256(&sealed),
        recipient: parties.trust.sealing.id(),
    };
    assert_eq!(written.sealed, Some(description));
    let opened = open_body(&parties.secret, &parties.manifest.seal_info(), &sealed);
    assert!(*opened.expect("it opens") == body.csv);
}

fn rows_of(body: &tiers_contact::Body) -> u64 {
    body.line_to_row.len() as u64
}

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/network");
    let files = fs::read_dir(folder).expect("the samples").map(|entry| entry.expect("one").path());
    let dealer = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("dealer_"))
    };
    files.filter(dealer).collect()
}

#[test]
fn a_stream_makes_the_deposit_of_the_whole() {
    let samples = samples();
    assert_eq!(samples.len(), 14);
    for (file, place) in samples.iter().zip(0..) {
        for (scale, other) in SCALES.into_iter().zip(0..) {
            // Every file once in tiny pieces, the others in turn: in the long form all of them.
            if other == 1 || place % 3 == other || std::env::var_os("TIERS_FULL").is_some() {
                compare(file, &options(FileKind::Sales), scale);
            }
        }
    }
}

/// Rows without a date at all but the last place: months first is known at the end only.
#[test]
fn a_file_that_is_read_twice_is_written_once() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("us.csv");
    let mut text = String::from("E-mail;Date de vente;Montant\n");
    for row in 0..400_000 {
        let day = row % 12 + 1;
        text += &format!(
            "a{}@b.fr;{day:02}/{day:02}/2024;{}\n",
            row % 1000,
            if row % 7 == 0 { "x" } else { "1" }
        );
    }
    text += "z@b.fr;01/31/2024;1\n";
    assert!(text.len() > tiers_contact::HEAD_BYTES);
    fs::write(&file, text).expect("writes");
    let scale = Scale { workers: 2, block_bytes: 1 << 20, budget_bytes: 4 << 20 };
    compare(&file, &options(FileKind::Sales), scale);
}

#[test]
fn a_refusal_leaves_nothing_behind() {
    let home = tempfile::tempdir().expect("a directory");
    let at = |name: &str| home.path().join(name);
    let rows = "a@b.fr;08/06/2024;10\n".repeat(5_000);
    let head = "E-mail;Date de vente;Montant\n";
    let bad = "a@b.fr;never;10\n".repeat(1_000);
    for (name, text, code) in [
        ("quote", format!("{head}{rows}\"{rows}"), "file.quote_unclosed"),
        ("zeros", format!("{head}{rows}\0{rows}"), "file.not_a_table"),
        ("wide", format!("{head}{rows}{}\n", ";x".repeat(200)), "file.too_many_columns"),
        ("rejects", format!("{head}{rows}{bad}"), "file.too_many_rejects"),
        ("none", head.to_owned(), "file.no_rows"),
        ("empty", String::new(), "file.empty"),
    ] {
        let file = at(name);
        fs::write(&file, text).expect("writes");
        let options = PrepareOptions { max_reject_permille: 50, ..options(FileKind::Sales) };
        for scale in SCALES {
            let made = prepare(&file, &at("out"), &options, scale, &mut Parties::new());
            assert_eq!(made.err().map(|error| error.code().to_owned()).as_deref(), Some(code));
        }
        fs::remove_file(&file).expect("removes");
        let left = fs::read_dir(home.path()).expect("list").count();
        assert_eq!(left, 0, "{name}: something is left");
    }
}

/// A disk that is full, in effect: the place of a file is taken.
#[test]
fn a_failure_while_writing_leaves_nothing_behind() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("sales.csv");
    let text = "E-mail;Date de vente;Montant\na@b.fr;08/06/2024;10\n";
    fs::write(&file, text).expect("writes");
    let dir = home.path().join("out");
    let staged = Staged::begin(&dir).expect("begins");
    staged.file(PREVIEW, b"taken").expect("writes");
    let options = options(FileKind::Sales);
    let tokeniser = tokeniser();
    let pipeline = Pipeline {
        options: &options,
        tokeniser: &tokeniser,
        staged: &staged,
        target: &dir,
        scale: SCALES[1],
        progress: &Reading::new(),
    };
    let (_, runs) = pipeline.run(&mut Source::open(&file).expect("opens")).expect("reads");
    let written = body_files::write(b"x\n", runs, "a", &staged, None);
    assert!(matches!(written, Err(CliError::Write { .. })));
    drop(staged);
    assert_eq!(fs::read_dir(home.path()).expect("list").count(), 1, "only the file itself");
}

/// What can be read once only is held in memory.
#[test]
fn a_pipe_is_a_file_like_another() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("sales.csv");
    let text = "E-mail;Date de vente;Montant\na@b.fr;08/06/2024;10\n".as_bytes();
    fs::write(&file, text).expect("writes");
    let pipe = home.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, text)
    });
    let mut source = Source::open(&pipe).expect("opens");
    writer.join().expect("no panic").expect("writes");
    assert!(source.is_whole() && source.bytes() == text.len() as u64);
    for _ in 0..2 {
        let mut found = Vec::new();
        let read = source.each(|piece| {
            found.extend_from_slice(piece);
            true
        });
        read.expect("reads");
        assert_eq!(found, text);
    }
}

#[test]
fn two_files_never_share_a_directory() {
    let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let out = Path::new("out");
    let one = paths(&["a/sales.csv"]);
    assert_eq!(places(&one, out).expect("one")[0].1, out);
    let two = paths(&["a/sales.csv", "a/more.xlsx"]);
    let dirs: Vec<_> = places(&two, out).expect("two").into_iter().map(|p| p.1).collect();
    assert_eq!(dirs, paths(&["out/sales", "out/more"]));
    let clash = paths(&["a/sales.csv", "b/sales.xlsx"]);
    assert!(matches!(places(&clash, out), Err(CliError::SameStem(_))));
}
