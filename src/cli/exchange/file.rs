//! From a party's file to records: only agreed fields, only the means of one channel, nothing of a special
//! category. A first reading says which rows can be sent, a second one makes the records when they are sealed:
//! memory holds some thousands of rows, and a few bytes for each row of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tiers_contact::normalise::date::{Order, Purpose, parse};
use tiers_contact::normalise::text::folded;
use tiers_contact::normalise::{email, phone};
use tiers_contact::{Cells, Field as Heading, FileKind, Kind, PrepareOptions, Tokeniser};
use tiers_protocol::consent::{Audience, Channel};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::agreement::Basis;
use tiers_protocol::exchange::evidence::REFERENCE_CHARS;
use tiers_protocol::exchange::terms::{fields_of, reaches};
use tiers_protocol::exchange::{
    Agreement, Field, Gives, PlainRecord, RecordEvidence, Side, Tokens, special,
};
use zeroize::Zeroizing;

use super::super::cells::CellFile;
use super::super::reading::ReadingArgs;
use super::super::text_set::TextSet;
use super::suppress::PostalList;
use super::{CliError, ExchangeFault};
use crate::parallel::in_parts;

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
    path: PathBuf,
    file: CellFile,
    rules: Rules<'a>,
    /// What becomes of each row of the file.
    fates: Vec<Fate>,
    /// Rows that are sent.
    pub(super) records: u64,
}

/// What becomes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Blank,
    Sent,
    LeftOut(LeftOut),
}

/// Why a row is left out; never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    Duplicate,
    Evidence,
    NoEvidence,
    GenericAddress,
    NoContact,
    PostalOpposition,
    NoMeansOfChannel,
    NoDayOfCollection,
}

impl LeftOut {
    /// The code in `left-out.csv`.
    pub(super) const fn code(self) -> &'static str {
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

/// What is made of a row, and when it is left out.
pub(super) struct Rules<'a> {
    columns: Vec<(usize, Column)>,
    fields: BTreeSet<Field>,
    channel: Channel,
    basis: Basis,
    origin: Origin<'a>,
    tokeniser: &'a Tokeniser,
    collected: Option<Date>,
    professional: bool,
    suppress: Option<PostalList>,
}

/// What each record says of the company that it comes from.
struct Origin<'a> {
    name: &'a str,
    notice_url: &'a str,
    rights_contact: &'a str,
}

impl<'a> Origin<'a> {
    fn of(side: &'a Side) -> Self {
        let Side { name, notice_url, rights_contact, .. } = side;
        Self { name, notice_url, rights_contact }
    }
}

/// Some rows that are sent.
pub(super) struct Part<'p> {
    rules: &'p Rules<'p>,
    cells: &'p Cells,
    /// Rows of the file before these cells, and the places of the rows in them.
    before: usize,
    rows: &'p [usize],
}

impl Part<'_> {
    /// Number of rows.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// One of them: its row of the file, 1 for the first one, and what it becomes.
    pub(super) fn row(&self, place: usize) -> (u64, Result<Row, LeftOut>) {
        let row = self.rows[place];
        ((self.before + row) as u64 + 1, self.rules.record(self.cells, row))
    }
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
        let mut options = options();
        reading.apply(&mut options)?;
        let file = CellFile::open(path, &options)?;
        for column in file.columns() {
            if special::names_one(&column.heading) {
                return Err(ExchangeFault::Special(column.heading.clone()).into());
            }
        }
        let columns: Vec<(usize, Column)> = file
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
        let rules = Rules {
            columns,
            fields: fields_of(fields, plan.channel).into_iter().collect(),
            channel: plan.channel,
            basis: *basis,
            origin: Origin::of(plan.side),
            tokeniser: plan.tokeniser,
            collected: plan.collected,
            professional: plan.agreement.audience == Audience::Professional,
            suppress: plan.suppress,
        };
        let path = path.to_owned();
        let mut batch = Self { path, file, rules, fates: Vec::new(), records: 0 };
        batch.sort_out()?;
        Ok(batch)
    }

    /// Says what becomes of each row.
    fn sort_out(&mut self) -> Result<(), CliError> {
        let Self { file, rules, fates, records, .. } = self;
        let mut seen = TextSet::default();
        file.each(|cells, _| {
            let judged = |row| rules.judged(cells, row);
            let parts = in_parts(cells.len(), |rows| rows.map(judged).collect::<Vec<_>>());
            for (mut fate, persons) in parts.into_iter().flatten() {
                if fate == Fate::Sent {
                    match seen.insert(persons.as_bytes()) {
                        true => *records += 1,
                        false => fate = Fate::LeftOut(LeftOut::Duplicate),
                    }
                }
                fates.push(fate);
            }
            Ok(())
        })
    }

    /// Hands out the rows that are sent, at most `some` at a time.
    ///
    /// # Errors
    /// Those of reading, those of `take`, and [`CliError::Changed`] where the file is not what it was.
    pub(super) fn each(
        &mut self,
        some: usize,
        mut take: impl FnMut(&Part<'_>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Self { path, file, rules, fates, records } = self;
        let (mut found, mut sent) = (0, 0);
        file.each(|cells, before| {
            let is_sent = |row: &usize| fates.get(before + row) == Some(&Fate::Sent);
            let rows: Vec<usize> = (0..cells.len()).filter(is_sent).collect();
            (found, sent) = (before + cells.len(), sent + rows.len() as u64);
            rows.chunks(some).try_for_each(|rows| take(&Part { rules, cells, before, rows }))
        })?;
        if (found, sent) == (fates.len(), *records) {
            return Ok(());
        }
        Err(CliError::Changed(path.clone()))
    }

    /// Rows that are left out, 1 for the first row of the file, and why.
    pub(super) fn left_out(&self) -> impl Iterator<Item = (u64, LeftOut)> + '_ {
        (1..).zip(&self.fates).filter_map(|(row, fate)| match fate {
            Fate::LeftOut(why) => Some((row, *why)),
            Fate::Blank | Fate::Sent => None,
        })
    }

    /// The fields that can leave, in the order of the format page.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        Field::ALL.into_iter().filter(|field| self.rules.fields.contains(field))
    }
}

impl Rules<'_> {
    /// What becomes of a row by itself, and the digest of its person's tokens.
    fn judged(&self, cells: &Cells, row: usize) -> (Fate, Bytes<32>) {
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
    fn record(&self, cells: &Cells, row: usize) -> Result<Row, LeftOut> {
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
            source: self.origin.name.to_owned(),
            collected,
            basis: basis.to_owned(),
            notice_url: self.origin.notice_url.to_owned(),
            rights_contact: self.origin.rights_contact.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(tokeniser: &Tokeniser) -> Rules<'_> {
        Rules {
            columns: vec![(0, Column::Email), (1, Column::Reference)],
            fields: [Field::Email].into(),
            channel: Channel::Email,
            basis: Basis::Consent,
            origin: Origin { name: "A", notice_url: "https://a.example", rights_contact: "r@a.fr" },
            tokeniser,
            collected: Some(jiff::civil::date(2026, 3, 1)),
            professional: false,
            suppress: None,
        }
    }

    /// The rows that are sent, by their places in the file.
    fn sent(batch: &mut Batch<'_>) -> Result<Vec<u64>, CliError> {
        let mut rows = Vec::new();
        batch.each(2, |part| {
            for place in 0..part.len() {
                let (row, of) = part.row(place);
                assert!(of.is_ok(), "row {row}");
                rows.push(row);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn both_readings_find_the_same_rows_or_nothing_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("customers.csv");
        let good = "email;preuve\na@x.fr;1\n\nb@x.fr;2\nnobody;3\nA@x.fr;4\nc@x.fr;\nd@x.fr;5\n";
        std::fs::write(&path, good).expect("room");
        let tokeniser = Tokeniser::new(&[1; 32], "test");
        let file = CellFile::open(&path, &options()).expect("a table");
        let rules = rules(&tokeniser);
        let mut batch = Batch { path: path.clone(), file, rules, fates: Vec::new(), records: 0 };
        batch.sort_out().expect("it is read");
        assert_eq!(batch.records, 3);
        // Blank lines of a text are no rows.
        let left_out: Vec<_> = batch.left_out().collect();
        let why = [LeftOut::NoContact, LeftOut::Duplicate, LeftOut::NoEvidence];
        assert_eq!(left_out, [3, 4, 5].into_iter().zip(why).collect::<Vec<_>>());
        assert_eq!(sent(&mut batch).expect("nothing changed"), [1, 2, 6]);
        for changed in [format!("{good}e@x.fr;6\n"), good.replace("d@x.fr;5\n", "")] {
            std::fs::write(&path, changed).expect("room");
            assert!(matches!(sent(&mut batch), Err(CliError::Changed(of)) if of == path));
        }
    }
}
