//! What is made of a row, and when it is left out: only agreed fields, only the means of one channel, nothing of
//! a special category.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use tiers_contact::normalise::date::{Order, Purpose, parse};
use tiers_contact::normalise::text::folded;
use tiers_contact::normalise::{email, phone};
use tiers_contact::{CellColumn, Cells, Kind, Tokeniser};
use zeroize::Zeroizing;

use super::super::agreement::Basis;
use super::super::evidence::REFERENCE_CHARS;
use super::super::terms::{fields_of, reaches};
use super::super::{Field, Gives, PlainRecord, RecordEvidence, Side, Tokens, special};
use super::{Column, Lacking, Plan, PostalList, SendingFault};
use crate::consent::{Audience, Channel};
use crate::encoding::Bytes;
use crate::text_set::TextSet;

/// What a row becomes.
pub struct Row {
    /// The record. Secret.
    pub record: PlainRecord,
    /// The tokens of its person.
    pub tokens: Tokens,
    /// What proves it.
    pub evidence: RecordEvidence,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing stands in it.
    Blank,
    /// It is sent.
    Sent,
    /// It stays.
    LeftOut(LeftOut),
}

/// Why a row is left out; never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The same person stands further up.
    Duplicate,
    /// What should prove it cannot be read.
    Evidence,
    /// Nothing proves it.
    NoEvidence,
    /// The address is that of a company, not of somebody in it.
    GenericAddress,
    /// No e-mail address and no telephone number.
    NoContact,
    /// The person stands on the postal list.
    PostalOpposition,
    /// The channel does not reach the person.
    NoMeansOfChannel,
    /// Nothing says when it was collected.
    NoDayOfCollection,
}

impl LeftOut {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Duplicate,
        Self::Evidence,
        Self::NoEvidence,
        Self::GenericAddress,
        Self::NoContact,
        Self::PostalOpposition,
        Self::NoMeansOfChannel,
        Self::NoDayOfCollection,
    ];

    /// The code in `left-out.csv`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Evidence => "evidence",
            Self::NoEvidence => "no_evidence",
            Self::GenericAddress => "generic_address",
            Self::NoContact => "no_contact",
            Self::PostalOpposition => "postal_opposition",
            Self::NoMeansOfChannel => "no_means_of_channel",
            Self::NoDayOfCollection => "no_day_of_collection",
        }
    }
}

/// Takes what becomes of each row in the order of the file, and finds whoever stands in it twice.
#[derive(Default)]
pub struct Sorter {
    seen: TextSet,
    fates: Vec<Fate>,
    records: u64,
}

impl Sorter {
    /// Takes the next row: what becomes of it by itself, and the digest of its person's tokens.
    pub fn take(&mut self, (mut fate, person): (Fate, Bytes<32>)) {
        if fate == Fate::Sent {
            match self.seen.insert(person.as_bytes()) {
                true => self.records += 1,
                false => fate = Fate::LeftOut(LeftOut::Duplicate),
            }
        }
        self.fates.push(fate);
    }

    /// What becomes of each row.
    #[must_use]
    pub fn fates(&self) -> &[Fate] {
        &self.fates
    }

    /// Rows that are sent.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Rows that are left out, 1 for the first row of the file, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (u64, LeftOut)> + '_ {
        (1..).zip(&self.fates).filter_map(|(row, fate)| match fate {
            Fate::LeftOut(why) => Some((row, *why)),
            Fate::Blank | Fate::Sent => None,
        })
    }

    /// The same as CSV.
    #[must_use]
    pub fn left_out_csv(&self) -> String {
        let mut text = "row,code\n".to_owned();
        for (row, why) in self.left_out() {
            // Writing to memory does not fail.
            let _ = writeln!(text, "{row},{}", why.code());
        }
        text
    }
}

/// What is made of a row, and when it is left out.
pub struct Rules {
    columns: Vec<(usize, Column)>,
    fields: BTreeSet<Field>,
    channel: Channel,
    basis: Basis,
    origin: Origin,
    tokeniser: Tokeniser,
    collected: Option<Date>,
    professional: bool,
    suppress: Option<PostalList>,
}

/// What each record says of the company that it comes from.
struct Origin {
    name: String,
    notice_url: String,
    rights_contact: String,
}

impl Origin {
    fn of(side: &Side) -> Self {
        Self {
            name: side.name.clone(),
            notice_url: side.notice_url.clone(),
            rights_contact: side.rights_contact.clone(),
        }
    }
}

impl Rules {
    /// Understands the columns of a file, for a plan.
    ///
    /// # Errors
    /// [`SendingFault::GivesNone`], [`SendingFault::Channel`], [`SendingFault::Special`],
    /// [`SendingFault::Column`].
    pub fn of(found: &[CellColumn], plan: Plan<'_>) -> Result<Self, SendingFault> {
        let Gives::Records { fields, .. } = &plan.side.gives else {
            return Err(SendingFault::GivesNone);
        };
        let basis = plan.agreement.channels.get(&plan.channel).ok_or(SendingFault::Channel)?;
        if let Some(column) = found.iter().find(|column| special::names_one(&column.heading)) {
            return Err(SendingFault::Special(column.heading.clone()));
        }
        let columns = found.iter().enumerate();
        let columns: Vec<(usize, Column)> =
            columns.filter_map(|(place, column)| Some((place, Column::of(column)?))).collect();
        let has = |wanted| columns.iter().any(|(_, column)| *column == wanted);
        if !has(Column::Email) && !has(Column::Phone) {
            return Err(SendingFault::Column(Lacking::Contact));
        }
        if plan.collected.is_none() && !has(Column::Collected) {
            return Err(SendingFault::Column(Lacking::Collected));
        }
        if !columns.iter().any(|(_, column)| column.proves()) {
            return Err(SendingFault::Column(Lacking::Proof));
        }
        Ok(Self {
            columns,
            fields: fields_of(fields, plan.channel).into_iter().collect(),
            channel: plan.channel,
            basis: *basis,
            origin: Origin::of(plan.side),
            tokeniser: plan.tokeniser,
            collected: plan.collected,
            professional: plan.agreement.audience == Audience::Professional,
            suppress: plan.suppress,
        })
    }

    /// The fields that can leave, in the order of the format page.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        Field::ALL.into_iter().filter(|field| self.fields.contains(field))
    }

    /// What becomes of a row by itself, and the digest of its person's tokens.
    #[must_use]
    pub fn judged(&self, cells: &Cells, row: usize) -> (Fate, Bytes<32>) {
        let nobody = Bytes::new([0; 32]);
        if (0..cells.columns().len()).all(|column| cells.text(row, column).is_empty()) {
            return (Fate::Blank, nobody);
        }
        match self.record(cells, row) {
            Ok(of) => (Fate::Sent, of.tokens.digest()),
            Err(why) => (Fate::LeftOut(why), nobody),
        }
    }

    /// The proof of a row, or why there is none.
    fn evidence(
        &self,
        cells: &Cells,
        row: usize,
        collected: Date,
    ) -> Result<RecordEvidence, LeftOut> {
        let mut shown = RecordEvidence {
            record: None,
            form: None,
            on: collected,
            method: None,
            reference: String::new(),
        };
        for (place, column) in &self.columns {
            let text = cells.text(row, *place);
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            match column {
                Column::ConsentRecord => {
                    shown.record = Some(text.parse().map_err(|_| LeftOut::Evidence)?);
                }
                Column::Form => shown.form = Some(text.parse().map_err(|_| LeftOut::Evidence)?),
                Column::Method => shown.method = Some(text.parse().map_err(|_| LeftOut::Evidence)?),
                Column::ConsentedOn => {
                    let day = parse(text, Order::DayFirst, Purpose::Event);
                    shown.on = day.ok_or(LeftOut::Evidence)?;
                }
                Column::Reference => text.clone_into(&mut shown.reference),
                _ => {}
            }
        }
        if shown.reference.chars().count() > REFERENCE_CHARS {
            return Err(LeftOut::Evidence);
        }
        if shown.shows_something() { Ok(shown) } else { Err(LeftOut::NoEvidence) }
    }

    /// The record of a row, the tokens of its person and its proof, or why it cannot be sent.
    ///
    /// # Errors
    /// The [`LeftOut`].
    pub fn record(&self, cells: &Cells, row: usize) -> Result<Row, LeftOut> {
        let mut fields = BTreeMap::new();
        let (mut address, mut mobile, mut landline, mut collected) = (None, None, None, None);
        for (place, column) in &self.columns {
            let text = cells.text(row, *place);
            if text.is_empty() {
                continue;
            }
            match column {
                Column::Plain(field) => {
                    fields.entry(*field).or_insert_with(|| text.to_string());
                }
                Column::Email => address = address.or_else(|| email::normalise(&text).value()),
                Column::Phone => {
                    let found = phone::normalise(&text);
                    (mobile, landline) = (mobile.or(found.mobile), landline.or(found.landline));
                }
                Column::BirthDate => {
                    if let Some(day) = parse(&text, Order::DayFirst, Purpose::Birth) {
                        fields.entry(Field::BirthYear).or_insert_with(|| day.year().to_string());
                    }
                }
                Column::Collected => {
                    collected = collected.or_else(|| parse(&text, Order::DayFirst, Purpose::Event));
                }
                Column::ConsentRecord
                | Column::Form
                | Column::Method
                | Column::ConsentedOn
                | Column::Reference => {}
            }
        }
        if self.professional && address.as_deref().is_some_and(is_generic) {
            // It is nobody's in particular: no person is addressed by it, and none recorded.
            if self.channel == Channel::Email {
                return Err(LeftOut::GenericAddress);
            }
            address = None;
        }
        if self.channel == Channel::Sms {
            landline = None;
        }
        let number = mobile.clone().or_else(|| landline.clone());
        let kind = if mobile.is_some() { Kind::Mobile } else { Kind::Landline };
        let token =
            |kind, text: &String| Zeroizing::new(*self.tokeniser.token(kind, text).as_bytes());
        let tokens = Tokens {
            email: address.as_ref().map(|text| token(Kind::Email, text)),
            phone: number.as_ref().map(|text| token(kind, text)),
        };
        if tokens.is_empty() {
            return Err(LeftOut::NoContact);
        }
        // One number leaves: the one that is decided about.
        let means = [
            (Field::Email, address),
            match mobile {
                Some(number) => (Field::Mobile, Some(number)),
                None => (Field::Landline, landline),
            },
        ];
        for (field, value) in means {
            fields.remove(&field);
            if let Some(value) = value {
                fields.insert(field, value);
            }
        }
        let value = |field: Field| fields.get(&field).map(String::as_str);
        if self.suppress.as_ref().is_some_and(|list| list.has(value)) {
            return Err(LeftOut::PostalOpposition);
        }
        fields.retain(|field, _| self.fields.contains(field));
        if !reaches(self.channel, |field| fields.contains_key(&field)) {
            return Err(LeftOut::NoMeansOfChannel);
        }
        let collected = collected.or(self.collected).ok_or(LeftOut::NoDayOfCollection)?;
        let evidence = self.evidence(cells, row, collected)?;
        Ok(Row { record: self.plain(fields, collected), tokens, evidence })
    }

    fn plain(&self, fields: BTreeMap<Field, String>, collected: Date) -> PlainRecord {
        let basis = match self.basis {
            Basis::Consent => "consent",
            _ => "legitimate_interest",
        };
        PlainRecord {
            fields,
            source: self.origin.name.clone(),
            collected,
            basis: basis.to_owned(),
            notice_url: self.origin.notice_url.clone(),
            rights_contact: self.origin.rights_contact.clone(),
        }
    }
}

/// Whether an address is that of a company, not of somebody in it.
fn is_generic(address: &str) -> bool {
    let name = address.split('@').next().unwrap_or_default();
    let name: String = name.chars().filter(|letter| letter.is_alphabetic()).collect();
    GENERIC.contains(&folded(&name).as_str())
}

/// Names before the @ that are nobody's, without dots and dashes.
const GENERIC: [&str; 23] = [
    "accueil",
    "achats",
    "admin",
    "administration",
    "bonjour",
    "commercial",
    "compta",
    "comptabilite",
    "contact",
    "direction",
    "hello",
    "info",
    "infos",
    "mail",
    "office",
    "postmaster",
    "recrutement",
    "rh",
    "sales",
    "sav",
    "secretariat",
    "serviceclient",
    "webmaster",
];
