//! From a party's file to records: only agreed fields, only the means of one channel, nothing of a special
//! category. A first pass says which rows can be sent; each record is made when it is sealed, so that
//! memory holds the file and no copy of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use jiff::civil::Date;
use tiers_contact::normalise::date::{Order, Purpose, parse};
use tiers_contact::normalise::text::folded;
use tiers_contact::normalise::{email, phone};
use tiers_contact::{Cells, Field as Heading, FileKind, Kind, PrepareOptions, Tokeniser};
use tiers_protocol::consent::{Audience, Channel};
use tiers_protocol::exchange::agreement::Basis;
use tiers_protocol::exchange::evidence::REFERENCE_CHARS;
use tiers_protocol::exchange::terms::{fields_of, reaches};
use tiers_protocol::exchange::{
    Agreement, Field, Gives, PlainRecord, RecordEvidence, Side, Tokens, special,
};
use zeroize::Zeroizing;

use super::super::reading::ReadingArgs;
use super::suppress::PostalList;
use super::{CliError, ExchangeFault, files};

/// What a column is for an exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// A field as it is written.
    Plain(Field),
    Email,
    Phone,
    BirthDate,
    Collected,
    ConsentRecord,
    Form,
    Method,
    ConsentedOn,
    Reference,
}

impl Column {
    /// Whether it points to a proof.
    const fn proves(self) -> bool {
        matches!(self, Self::ConsentRecord | Self::Reference)
    }
}

/// What a row becomes.
pub(super) struct Row {
    pub(super) record: PlainRecord,
    pub(super) tokens: Tokens,
    pub(super) evidence: RecordEvidence,
}

/// A file that is about to be sent.
pub(super) struct Batch<'a> {
    cells: Cells,
    columns: Vec<(usize, Column)>,
    fields: BTreeSet<Field>,
    channel: Channel,
    basis: Basis,
    side: &'a Side,
    tokeniser: &'a Tokeniser,
    collected: Option<Date>,
    professional: bool,
    suppress: Option<PostalList>,
    /// Rows that can be sent.
    pub(super) rows: Vec<usize>,
    /// Rows that are left out, and why; never a value.
    pub(super) left_out: Vec<(usize, &'static str)>,
}

/// How a file is read and for what.
pub(super) struct Plan<'a> {
    pub(super) agreement: &'a Agreement,
    pub(super) side: &'a Side,
    pub(super) channel: Channel,
    pub(super) tokeniser: &'a Tokeniser,
    pub(super) collected: Option<Date>,
    pub(super) suppress: Option<PostalList>,
}

impl<'a> Batch<'a> {
    /// Reads a file, and says which of its rows can be sent.
    pub(super) fn read(
        path: &Path,
        reading: &ReadingArgs,
        plan: Plan<'a>,
    ) -> Result<Self, CliError> {
        let Gives::Records { fields, .. } = &plan.side.gives else {
            return Err(ExchangeFault::GivesNone.into());
        };
        let basis = plan.agreement.channels.get(&plan.channel).ok_or(ExchangeFault::Channel)?;
        let bytes = Zeroizing::new(files::read(path)?);
        let mut options = options();
        reading.apply(&mut options)?;
        let cells = Cells::read(&bytes, &options)
            .map_err(|cause| CliError::Prepare { path: path.to_owned(), cause })?;
        for column in cells.columns() {
            if special::names_one(&column.heading) {
                return Err(ExchangeFault::Special(column.heading.clone()).into());
            }
        }
        let columns: Vec<(usize, Column)> = cells
            .columns()
            .iter()
            .enumerate()
            .filter_map(|(place, column)| Some((place, meaning(&column.heading, column.field)?)))
            .collect();
        let has = |wanted| columns.iter().any(|(_, column)| *column == wanted);
        if !has(Column::Email) && !has(Column::Phone) {
            return Err(ExchangeFault::Column("an e-mail address or a telephone").into());
        }
        if plan.collected.is_none() && !has(Column::Collected) {
            return Err(ExchangeFault::Column("the day of collection").into());
        }
        if !columns.iter().any(|(_, column)| column.proves()) {
            return Err(ExchangeFault::Column("what proves each record").into());
        }
        let mut batch = Self {
            cells,
            columns,
            fields: fields_of(fields, plan.channel).into_iter().collect(),
            channel: plan.channel,
            basis: *basis,
            side: plan.side,
            tokeniser: plan.tokeniser,
            collected: plan.collected,
            professional: plan.agreement.audience == Audience::Professional,
            suppress: plan.suppress,
            rows: Vec::new(),
            left_out: Vec::new(),
        };
        batch.sort_out();
        Ok(batch)
    }

    fn sort_out(&mut self) {
        let mut seen = HashSet::new();
        for row in 0..self.cells.len() {
            if (0..self.cells.columns().len()).all(|column| self.cells.text(row, column).is_empty())
            {
                continue;
            }
            match self.record(row) {
                Ok(of) if seen.insert(*of.tokens.digest().as_bytes()) => self.rows.push(row),
                Ok(_) => self.left_out.push((row, "duplicate")),
                Err(code) => self.left_out.push((row, code)),
            }
        }
    }

    /// The proof of a row, or why there is none.
    fn evidence(&self, row: usize, collected: Date) -> Result<RecordEvidence, &'static str> {
        let mut shown = RecordEvidence {
            record: None,
            form: None,
            on: collected,
            method: None,
            reference: String::new(),
        };
        for (place, column) in &self.columns {
            let text = self.cells.text(row, *place);
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            match column {
                Column::ConsentRecord => shown.record = Some(text.parse().map_err(|_| "evidence")?),
                Column::Form => shown.form = Some(text.parse().map_err(|_| "evidence")?),
                Column::Method => shown.method = Some(text.parse().map_err(|_| "evidence")?),
                Column::ConsentedOn => {
                    let day = parse(text, Order::DayFirst, Purpose::Event);
                    shown.on = day.ok_or("evidence")?;
                }
                Column::Reference => text.clone_into(&mut shown.reference),
                _ => {}
            }
        }
        if shown.reference.chars().count() > REFERENCE_CHARS {
            return Err("evidence");
        }
        if shown.shows_something() { Ok(shown) } else { Err("no_evidence") }
    }

    /// The record of a row, the tokens of its person and its proof, or why it cannot be sent.
    pub(super) fn record(&self, row: usize) -> Result<Row, &'static str> {
        let mut fields = BTreeMap::new();
        let (mut address, mut mobile, mut landline, mut collected) = (None, None, None, None);
        for (place, column) in &self.columns {
            let text = self.cells.text(row, *place);
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
                return Err("generic_address");
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
            return Err("no_contact");
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
            return Err("postal_opposition");
        }
        fields.retain(|field, _| self.fields.contains(field));
        if !reaches(self.channel, |field| fields.contains_key(&field)) {
            return Err("no_means_of_channel");
        }
        let collected = collected.or(self.collected).ok_or("no_day_of_collection")?;
        let evidence = self.evidence(row, collected)?;
        Ok(Row { record: self.plain(fields, collected), tokens, evidence })
    }

    fn plain(&self, fields: BTreeMap<Field, String>, collected: Date) -> PlainRecord {
        let basis = match self.basis {
            Basis::Consent => "consent",
            _ => "legitimate_interest",
        };
        PlainRecord {
            fields,
            source: self.side.name.clone(),
            collected,
            basis: basis.to_owned(),
            notice_url: self.side.notice_url.clone(),
            rights_contact: self.side.rights_contact.clone(),
        }
    }

    /// The fields that can leave, in the order of the format page.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        Field::ALL.into_iter().filter(|field| self.fields.contains(field))
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

pub(super) fn options() -> PrepareOptions {
    PrepareOptions::new(FileKind::Customers, vec![Kind::Email, Kind::Mobile])
}

/// What a column is: by its meaning for deposits, or by its name here.
fn meaning(heading: &str, known: Option<Heading>) -> Option<Column> {
    let mut key = folded(&heading.replace('_', " "));
    key.retain(|letter| letter != ' ');
    let by_name = match key.as_str() {
        "collected" | "datedecollecte" | "datecollecte" | "collecte" | "collectele"
        | "collectedat" => Some(Column::Collected),
        "consentid" | "consentrecord" | "idconsentement" | "consentement" => {
            Some(Column::ConsentRecord)
        }
        "consentform" | "formid" | "formulaire" | "idformulaire" => Some(Column::Form),
        "consentmethod" | "method" | "methode" | "modederecueil" => Some(Column::Method),
        "consentedon" | "consentdate" | "dateconsentement" | "datedeconsentement"
        | "dateduconsentement" => Some(Column::ConsentedOn),
        "evidence" | "preuve" | "proof" | "referencedepreuve" | "enregistrement" => {
            Some(Column::Reference)
        }
        "company" | "societe" | "raisonsociale" | "entreprise" => {
            Some(Column::Plain(Field::Company))
        }
        "function" | "fonction" | "poste" | "jobtitle" => Some(Column::Plain(Field::Function)),
        "language" | "langue" => Some(Column::Plain(Field::Language)),
        "product" | "produit" | "model" | "modele" | "vehicule" => {
            Some(Column::Plain(Field::Product))
        }
        "purchasemonth" | "moisdachat" => Some(Column::Plain(Field::PurchaseMonth)),
        "birthyear" | "anneedenaissance" => Some(Column::Plain(Field::BirthYear)),
        _ => None,
    };
    by_name.or_else(|| known.and_then(of_deposits))
}

const fn of_deposits(field: Heading) -> Option<Column> {
    Some(match field {
        Heading::Email => Column::Email,
        Heading::Phone => Column::Phone,
        Heading::BirthDate => Column::BirthDate,
        Heading::Civility => Column::Plain(Field::Title),
        Heading::FirstName => Column::Plain(Field::FirstName),
        Heading::LastName => Column::Plain(Field::LastName),
        Heading::Address => Column::Plain(Field::Street),
        Heading::AddressExtra => Column::Plain(Field::AddressComplement),
        Heading::Postcode => Column::Plain(Field::Postcode),
        Heading::City => Column::Plain(Field::Town),
        Heading::Country => Column::Plain(Field::Country),
        Heading::Siret => Column::Plain(Field::Siret),
        Heading::Model => Column::Plain(Field::Product),
        _ => return None,
    })
}
