//! A file on its way to become a batch of an exchange, in steps that a page can drive and count. What the steps
//! do is `tiers_protocol::exchange::sending`, as on the command line; the sealed bytes leave piece by piece, so
//! that memory holds the file and little more.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use tiers_contact::{Cells, Field as Heading};
use tiers_protocol::canonical;
use tiers_protocol::consent::Channel;
use tiers_protocol::entropy::Entropy;
use tiers_protocol::exchange::opening::{OpeningError, own_word};
use tiers_protocol::exchange::sending::{
    Body, Column, Fate, LOT, Plan, PostalList, Rules, Seals, Sorter, head, heading, options,
};
use tiers_protocol::exchange::statement::Scrubbed;
use tiers_protocol::exchange::{Agreement, BatchStatement, Field};
use tiers_protocol::ids::PartyId;
use tiers_protocol::party::PartySecret;
use tiers_protocol::rights_key::{RightsKey, RightsKeyError};
use tiers_protocol::trust::Trust;
use zeroize::Zeroizing;

use crate::exchange::About;
use crate::fault::Fault;
use crate::job::party_secret;

/// What the page asks for, beside the files themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// By which means the recipient may reach the persons.
    channel: Channel,
    /// Day of collection of rows that do not say it.
    #[serde(default)]
    collected: Option<Date>,
    /// The comparison with a list of objections.
    #[serde(default)]
    scrubbed: Option<Scrubbed>,
    /// Headings that the party maps by hand: `[heading, field]`.
    #[serde(default)]
    map: Vec<(String, Heading)>,
    /// Encoding instead of the detected one.
    #[serde(default)]
    encoding: Option<String>,
    /// Separator instead of the detected one.
    #[serde(default)]
    separator: Option<char>,
    /// Sheet of a workbook instead of the first one with data.
    #[serde(default)]
    sheet: Option<String>,
}

/// The files of a batch.
pub struct Files {
    /// The party's file.
    pub file: Vec<u8>,
    /// A postal list of objections.
    pub suppress: Option<Vec<u8>>,
    /// The rights key.
    pub rights_key: Vec<u8>,
    /// The party's keys.
    pub party_key: Vec<u8>,
}

/// What is being sealed.
struct Sealing {
    body: Body,
    seals: Seals,
    /// Places of the rows that are sent.
    rows: Vec<usize>,
    next: usize,
}

/// A file on its way.
pub struct Batch {
    agreement: Agreement,
    party: PartyId,
    secret: PartySecret,
    wanted: Wanted,
    cells: Cells,
    rules: Rules,
    sorted: Sorter,
    sealing: Option<Sealing>,
    statement: Option<BatchStatement>,
    preview: Zeroizing<Vec<u8>>,
}

impl Batch {
    /// Checks the keys and this party's word on the agreement, then opens the file.
    ///
    /// # Errors
    /// [`Fault`]; keys and agreement come before the file is looked at.
    pub fn open(about: &About<'_>, files: Files, wanted: Wanted) -> Result<Self, Fault> {
        let (file, suppress) = (Zeroizing::new(files.file), files.suppress.map(Zeroizing::new));
        let rights = Zeroizing::new(files.rights_key);
        let secret = party_secret(files.party_key)?;
        let (view, party) = about.read()?;
        let rights = std::str::from_utf8(&rights).map_err(|_| RightsKeyError::Damaged)?;
        let tokeniser = RightsKey::from_file(rights)?.tokeniser();
        let agreement = own_word(&view, &party, &secret.public())?.clone();
        let (side, _) = agreement.side_of(&party).ok_or(OpeningError::OtherKey)?;
        let suppress = suppress.as_ref().map(|list| postal(list)).transpose()?;
        let mut how = options();
        how.map.clone_from(&wanted.map);
        how.encoding.clone_from(&wanted.encoding);
        how.separator = wanted.separator;
        how.sheet.clone_from(&wanted.sheet);
        let cells = Cells::read(&file, &how)?;
        let (channel, collected) = (wanted.channel, wanted.collected);
        let plan = Plan { agreement: &agreement, side, channel, tokeniser, collected, suppress };
        let rules = Rules::of(cells.columns(), plan)?;
        let sorted = Sorter::default();
        let preview = Zeroizing::default();
        Ok(Self {
            agreement,
            party,
            secret,
            wanted,
            cells,
            rules,
            sorted,
            sealing: None,
            statement: None,
            preview,
        })
    }

    /// Says what becomes of at most `rows` more rows; true when all are sorted.
    pub fn sort(&mut self, rows: usize) -> bool {
        let done = self.sorted.fates().len();
        let end = done.saturating_add(rows.max(1)).min(self.cells.len());
        (done..end).for_each(|row| self.sorted.take(self.rules.judged(&self.cells, row)));
        end == self.cells.len()
    }

    /// What was understood, as JSON: columns, rows, what goes, to whom, and what is left out and why.
    #[must_use]
    pub fn understood(&self) -> String {
        let columns = self.cells.columns().iter().map(|column| {
            json!({ "heading": column.heading, "means": Column::of(column).map(Column::name) })
        });
        let mut left_out = BTreeMap::new();
        for (_, why) in self.sorted.left_out() {
            *left_out.entry(why.code()).or_insert(0_u64) += 1;
        }
        let blank = self.sorted.fates().iter().filter(|fate| **fate == Fate::Blank).count();
        let other = self.agreement.side_of(&self.party).map(|(_, other)| other.name.as_str());
        let fields: Vec<_> = self.rules.fields().map(Field::name).collect();
        json!({
            "columns": columns.collect::<Vec<_>>(),
            "rows": self.sorted.fates().len() - blank,
            "records": self.sorted.records(),
            "enough": self.sorted.records() >= LOT,
            "left_out": left_out,
            "fields": fields,
            "to": other,
        })
        .to_string()
    }

    /// Begins to seal to the certifier of a trust file; gives the first bytes of the body.
    ///
    /// # Errors
    /// [`Fault::Sending`], [`Fault::Trust`], [`Fault::Turn`] before all rows are sorted.
    pub fn begin(&mut self, trust: &[u8], entropy: &mut impl Entropy) -> Result<Vec<u8>, Fault> {
        if self.sorted.fates().len() < self.cells.len() || self.sealing.is_some() {
            return Err(Fault::Turn);
        }
        let trust: Trust = serde_json::from_slice(trust).map_err(|_| Fault::Trust)?;
        let (side, other) = self.agreement.side_of(&self.party).ok_or(OpeningError::OtherKey)?;
        let what = (self.wanted.channel, self.sorted.records(), self.wanted.scrubbed.clone());
        let head = head(&self.agreement, [side, other], what, entropy)?;
        let fields: Vec<_> = self.rules.fields().collect();
        self.preview = Zeroizing::new(heading(&fields).into_bytes());
        let mut out = Vec::new();
        let (body, seals) = Body::begin(head, (fields, &trust.sealing), entropy, &mut out)?;
        let fates = self.sorted.fates().iter().enumerate();
        let rows = fates.filter(|(_, fate)| **fate == Fate::Sent).map(|(row, _)| row).collect();
        self.sealing = Some(Sealing { body, seals, rows, next: 0 });
        Ok(out)
    }

    /// Seals at most `rows` more rows and gives what they fill; behind the last, nothing is left to seal.
    ///
    /// # Errors
    /// [`Fault::Sending`], [`Fault::Turn`].
    pub fn seal(&mut self, rows: usize) -> Result<Vec<u8>, Fault> {
        let mut sealing = self.sealing.take().ok_or(Fault::Turn)?;
        let end = sealing.next.saturating_add(rows.max(1)).min(sealing.rows.len());
        let places = &sealing.rows[sealing.next..end];
        let places = (sealing.body.count()..).zip(places);
        let places = places.map(|(position, row)| (position, *row, *row as u64 + 1));
        let sealed = sealing.seals.seal((&self.rules, &self.cells), places)?;
        self.preview.extend_from_slice(sealed.preview.as_bytes());
        let mut out = Vec::new();
        sealing.body.take(sealed, &mut out)?;
        sealing.next = end;
        if end < sealing.rows.len() {
            self.sealing = Some(sealing);
        } else {
            self.statement = Some(sealing.body.finish(&self.secret.signing(), &mut out)?);
        }
        Ok(out)
    }

    /// Rows of the present stage that are done, and how many there are.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        match &self.sealing {
            Some(sealing) => (sealing.next, sealing.rows.len()),
            None => (self.sorted.fates().len(), self.cells.len()),
        }
    }

    /// The signed statement in its one spelling, once everything is sealed.
    #[must_use]
    pub fn statement(&self) -> Option<Vec<u8>> {
        self.statement.as_ref().map(canonical::to_vec)
    }

    /// What the recipient could open, as CSV. Secret; the page's copy is the page's to wipe.
    #[must_use]
    pub fn preview(&self) -> Vec<u8> {
        self.preview.to_vec()
    }

    /// The rows that are left out and why, as CSV.
    #[must_use]
    pub fn left_out(&self) -> String {
        self.sorted.left_out_csv()
    }
}

fn postal(list: &[u8]) -> Result<PostalList, Fault> {
    let cells = Cells::read(list, &options())?;
    let mut list = PostalList::of(cells.columns())?;
    list.add(&cells);
    Ok(list)
}
