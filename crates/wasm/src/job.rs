//! One file on its way to a deposit, in steps that a page can drive, count and stop.
//!
//! Reading, then tokens, then the directory: a step out of its turn is refused. What the steps do is
//! `tiers_contact`'s and `tiers_protocol`'s; how they look from JavaScript is `edge`.

use jiff::civil::Date;
use serde::Deserialize;
use tiers_contact::{
    Body, Field, FileKind, Lines, Opened, Part, PrepareError, PrepareOptions, Prepared, Tokeniser,
};
use tiers_protocol::deposit;
use tiers_protocol::entropy::{Entropy, System};
use tiers_protocol::manifest::SignedManifest;
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;
use zeroize::Zeroizing;

use crate::account;
use crate::fault::Fault;

/// What the page asks for, beside the files themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What the file holds.
    pub kind: FileKind,
    /// The day it is where the party sits: there is no clock here.
    pub today: Date,
    /// Name of the file, for `rows.csv`.
    pub source: String,
    /// Headings that the party maps by hand: `[heading, field]`.
    #[serde(default)]
    pub map: Vec<(String, Field)>,
    /// Encoding instead of the detected one.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Separator instead of the detected one.
    #[serde(default)]
    pub separator: Option<char>,
    /// Sheet of a workbook instead of the first one with data.
    #[serde(default)]
    pub sheet: Option<String>,
}

/// How far the present stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub done: usize,
    /// Rows to do.
    pub total: usize,
}

/// A deposit that is made.
struct Made {
    prepared: Prepared,
    body: Body,
    manifest: SignedManifest,
    sealed: Option<Vec<u8>>,
}

enum Stage {
    Reading {
        opened: Opened<'static>,
        parts: Vec<Part>,
        next: usize,
    },
    Read {
        prepared: Prepared,
    },
    Tokenising {
        prepared: Prepared,
        tokeniser: Box<Tokeniser>,
        parts: Vec<Lines>,
        next: usize,
    },
    Made(Box<Made>),
    /// Refused, or between two stages: nothing can be done with it any more.
    Over,
}

/// One file on its way.
pub struct Job {
    programme: Programme,
    key: Option<ProgrammeKey>,
    today: Date,
    source: String,
    stage: Stage,
}

/// The name that manifests carry.
pub(crate) const TOOL: &str = concat!("tiers ", env!("CARGO_PKG_VERSION"), " (browser)");

impl Job {
    /// Reads the programme, checks the key if it is given, and opens the file.
    ///
    /// # Errors
    /// [`Fault`]; a wrong key is found before the file is looked at.
    pub fn open(
        file: Vec<u8>,
        programme: &[u8],
        key: Option<Vec<u8>>,
        asked: Asked,
    ) -> Result<Self, Fault> {
        // What is wiped when this ends, however it ends.
        let file = Zeroizing::new(file);
        let key = key.map(Zeroizing::new);
        let programme = Programme::from_json(programme)?;
        let key = key.map(|text| programme_key(&text, &programme)).transpose()?;
        if asked.today > programme.epoch_ends {
            return Err(Fault::EpochOver(programme.epoch_ends));
        }
        let mut options = deposit::options(&programme, asked.kind);
        options.map = asked.map;
        options.encoding = asked.encoding;
        options.separator = asked.separator;
        options.sheet = asked.sheet;
        // An opened file borrows its options, and JavaScript knows no lifetimes. They are public (names
        // of campaigns and headings), some hundred bytes a file, and end with the worker.
        let options: &'static PrepareOptions = Box::leak(Box::new(options));
        let opened = Opened::new(&file, options)?;
        let stage = Stage::Reading { opened, parts: Vec::new(), next: 0 };
        Ok(Self { programme, key, today: asked.today, source: asked.source, stage })
    }

    /// Reads or tokenises at most `rows` more rows; true when the present stage is done.
    ///
    /// # Errors
    /// [`Fault::Prepare`] when the file as a whole is refused, [`Fault::Turn`].
    pub fn step(&mut self, rows: usize) -> Result<bool, Fault> {
        let rows = rows.max(1);
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Reading { opened, mut parts, next } => {
                let end = next.saturating_add(rows).min(opened.len());
                parts.push(opened.read(next..end));
                if end < opened.len() {
                    Stage::Reading { opened, parts, next: end }
                } else {
                    Stage::Read { prepared: opened.finish(parts)? }
                }
            }
            Stage::Tokenising { prepared, tokeniser, mut parts, next } => {
                let end = next.saturating_add(rows).min(prepared.rows.len());
                parts.push(prepared.lines(next..end, &tokeniser));
                if end < prepared.rows.len() {
                    Stage::Tokenising { prepared, tokeniser, parts, next: end }
                } else {
                    let body = prepared.join(&parts, &tokeniser);
                    self.made(prepared, body)?
                }
            }
            _ => return Err(Fault::Turn),
        };
        Ok(matches!(self.stage, Stage::Read { .. } | Stage::Made(_)))
    }

    fn made(&self, prepared: Prepared, body: Body) -> Result<Stage, Fault> {
        let key = self.key.as_ref().ok_or(Fault::Turn)?;
        let made = (self.today, TOOL);
        let from = (&self.programme, key.id());
        let manifest = deposit::describe(from, (&prepared, &body), made, &mut System);
        let manifest = SignedManifest { manifest, signed: None };
        Ok(Stage::Made(Box::new(Made { prepared, body, manifest, sealed: None })))
    }

    /// Begins the second stage: the rows that were read become tokens. A key given here takes the
    /// place of the one given at the start.
    ///
    /// # Errors
    /// [`Fault::Turn`] before all rows are read or without a key, [`Fault::ProgrammeKey`].
    pub fn tokenise(&mut self, key: Option<Vec<u8>>) -> Result<(), Fault> {
        if let Some(text) = key.map(Zeroizing::new) {
            self.key = Some(programme_key(&text, &self.programme)?);
        }
        let Some(key) = &self.key else { return Err(Fault::Turn) };
        let tokeniser = Box::new(key.tokeniser(&self.programme.id));
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Read { prepared } => {
                self.stage = Stage::Tokenising { prepared, tokeniser, parts: Vec::new(), next: 0 };
                Ok(())
            }
            other => {
                self.stage = other;
                Err(Fault::Turn)
            }
        }
    }

    /// Seals the body to the certifier that the programme file pins, and signs the manifest.
    ///
    /// # Errors
    /// [`Fault::PartyKey`], [`Fault::Programme`] while the programme is not registered,
    /// [`Fault::Seal`], [`Fault::Turn`].
    pub fn seal(&mut self, party: Vec<u8>, entropy: &mut impl Entropy) -> Result<(), Fault> {
        let party = party_secret(party)?;
        let Stage::Made(made) = &mut self.stage else { return Err(Fault::Turn) };
        let (_, trust) = self.programme.registered()?;
        let mut manifest = made.manifest.manifest.clone();
        let sealed = deposit::seal(&mut manifest, &made.body.csv, (trust, &party), entropy)?;
        made.sealed = Some(sealed);
        made.manifest = deposit::sign(manifest, Some(&party));
        Ok(())
    }

    /// How far the present stage is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let (done, total) = match &self.stage {
            Stage::Reading { opened, next, .. } => (*next, opened.len()),
            Stage::Read { prepared } => (prepared.rows.len(), prepared.rows.len()),
            Stage::Tokenising { prepared, next, .. } => (*next, prepared.rows.len()),
            Stage::Made(made) => (made.prepared.rows.len(), made.prepared.rows.len()),
            Stage::Over => (0, 0),
        };
        Progress { done, total }
    }

    /// What was understood, as JSON: the fields of `prepare --json`. `None` before all rows are read.
    #[must_use]
    pub fn understood(&self) -> Option<String> {
        let account = match &self.stage {
            Stage::Read { prepared } | Stage::Tokenising { prepared, .. } => {
                account::of(&self.source, prepared)
            }
            Stage::Made(made) => {
                account::with_body(&self.source, &made.prepared, &made.body, &made.manifest)
            }
            Stage::Reading { .. } | Stage::Over => return None,
        };
        Some(account.to_string())
    }

    /// The heading and the first `lines` lines of the body: what would leave the machine.
    #[must_use]
    pub fn preview(&self, lines: usize) -> Option<&str> {
        let Stage::Made(made) = &self.stage else { return None };
        let csv = std::str::from_utf8(&made.body.csv).ok()?;
        let mut ends = csv.match_indices('\n').map(|(at, _)| at + 1);
        Some(ends.nth(lines).map_or(csv, |end| &csv[..end]))
    }

    /// Names of the files of the deposit directory, as far as they are made.
    #[must_use]
    pub fn files(&self) -> Vec<&'static str> {
        let all = [
            deposit::MANIFEST,
            deposit::SEALED,
            deposit::PREVIEW,
            deposit::ROWS,
            deposit::REJECTS,
            deposit::TRUST,
        ];
        all.into_iter().filter(|name| self.has(name)).collect()
    }

    fn has(&self, name: &str) -> bool {
        let Stage::Made(made) = &self.stage else { return false };
        match name {
            deposit::SEALED => made.sealed.is_some(),
            deposit::TRUST => self.programme.certifier.is_some(),
            _ => true,
        }
    }

    /// One file of the deposit directory.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        let Stage::Made(made) = &self.stage else { return None };
        match name {
            deposit::MANIFEST => Some(made.manifest.to_vec()),
            deposit::SEALED => made.sealed.clone(),
            deposit::PREVIEW => Some(made.body.csv.clone()),
            deposit::ROWS => Some(deposit::rows_csv(&self.source, &made.body).into_bytes()),
            deposit::REJECTS => Some(deposit::rejects_csv(&made.prepared).into_bytes()),
            deposit::TRUST => {
                let trust = self.programme.certifier.as_ref()?;
                let mut text = serde_json::to_vec_pretty(trust).ok()?;
                text.push(b'\n');
                Some(text)
            }
            _ => None,
        }
    }
}

/// Reads a programme key and refuses another programme's or epoch's.
fn programme_key(text: &[u8], programme: &Programme) -> Result<ProgrammeKey, Fault> {
    use tiers_protocol::programme_key::ProgrammeKeyError;
    let text = std::str::from_utf8(text).map_err(|_| ProgrammeKeyError::Damaged)?;
    let key = ProgrammeKey::from_file(text)?;
    match &programme.key_id {
        Some(id) => Ok(key.expect_id(id)?),
        None => Ok(key),
    }
}

/// Reads a party's keys.
pub(crate) fn party_secret(text: Vec<u8>) -> Result<PartySecret, Fault> {
    use tiers_protocol::party::PartyKeyError;
    let text = Zeroizing::new(text);
    let text = std::str::from_utf8(&text).map_err(|_| PartyKeyError::Damaged)?;
    Ok(PartySecret::from_file(text)?)
}

/// The refusal of a file whose reading ended the instance: damaged workbooks make the library panic,
/// which a browser's build cannot catch inside.
pub(crate) const DAMAGED: PrepareError = PrepareError::Workbook;
