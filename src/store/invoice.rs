//! Values of exchanges and the invoices drawn up for them. Numbers of a series follow one another: a
//! trigger of the schema refuses a gap, a change, and a deletion that is not that of `terms`.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::exchange::filing::FilingKind;
use tiers_protocol::exchange::view::InvoiceInfo;
use tiers_protocol::ids::{ExchangeId, PartyId};

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// An invoice about to be stored.
pub struct NewInvoice<'a> {
    /// Series of the seller.
    pub series: &'a str,
    /// Its number in it.
    pub number: u64,
    /// What it says, in short.
    pub facts: &'a InvoiceInfo,
    /// As UBL.
    pub ubl: &'a str,
    /// As CII.
    pub cii: &'a str,
}

/// In which syntax an invoice is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// UBL 2.1.
    Ubl,
    /// UN/CEFACT CII.
    Cii,
}

/// What a seller said that its platform has.
#[derive(Debug, Clone)]
pub struct Filing {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The seller.
    pub party: PartyId,
    /// What.
    pub what: FilingKind,
    /// Which platform.
    pub platform: String,
    /// Its reference there.
    pub reference: String,
    /// On which day.
    pub filed_on: String,
    /// Index of the ledger entry.
    pub entry: u64,
}

impl Tx<'_> {
    /// Keeps what a seller said about its platform.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_filing(&self, filing: &Filing) -> Result<(), StoreError> {
        let statement = "INSERT INTO invoice_filing (exchange_id, party_id, what, platform, \
                         reference, filed_on, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            filing.exchange.to_string(),
            filing.party.to_string(),
            filing.what.as_str(),
            filing.platform,
            filing.reference,
            filing.filed_on,
            signed(filing.entry, "invoice_filing.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert filing"))?;
        Ok(())
    }

    /// What sellers of an exchange said about their platforms.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn filings(&self, exchange: &ExchangeId) -> Result<Vec<Filing>, StoreError> {
        let statement = "SELECT party_id, what, platform, reference, filed_on, entry \
                         FROM invoice_filing WHERE exchange_id = ?1 ORDER BY party_id, what";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read filings"))?;
        let texts = |row: &rusqlite::Row<'_>| -> rusqlite::Result<([String; 5], i64)> {
            let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            Ok((texts, row.get(5)?))
        };
        let rows = statement.query_map([exchange.to_string()], texts);
        rows.map_err(failed("read filings"))?
            .map(|row| {
                let (texts, entry) = row.map_err(failed("read filings"))?;
                let [party, what, platform, reference, filed_on] = texts;
                let what = FilingKind::ALL.into_iter().find(|one| one.as_str() == what);
                Ok(Filing {
                    exchange: *exchange,
                    party: parse(&party, "invoice_filing.party_id")?,
                    what: what.ok_or(StoreError::Corrupt { column: "invoice_filing.what" })?,
                    platform,
                    reference,
                    filed_on,
                    entry: unsigned(entry, "invoice_filing.entry")?,
                })
            })
            .collect()
    }

    /// Keeps the value that a party states; whether it had stated none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_value(
        &self,
        exchange: &ExchangeId,
        (party, cents): (&PartyId, u64),
        at: Moment,
    ) -> Result<bool, StoreError> {
        let statement = "INSERT INTO exchange_value (exchange_id, party_id, cents, at) \
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let cents = signed(cents, "exchange_value.cents")?;
        let values = params![exchange.to_string(), party.to_string(), cents, at.seconds()];
        let rows = self.0.execute(statement, values).map_err(failed("insert value"))?;
        Ok(rows == 1)
    }

    /// The values that were stated.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn values(&self, exchange: &ExchangeId) -> Result<Vec<(PartyId, u64)>, StoreError> {
        let statement =
            "SELECT party_id, cents FROM exchange_value WHERE exchange_id = ?1 ORDER BY at";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read values"))?;
        let rows = statement
            .query_map([exchange.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .map_err(failed("read values"))?;
        rows.map(|row| {
            let (party, cents) = row.map_err(failed("read values"))?;
            let cents = unsigned(cents, "exchange_value.cents")?;
            Ok((parse(&party, "exchange_value.party_id")?, cents))
        })
        .collect()
    }

    /// The number that the next invoice of a series has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_invoice(&self, seller: &PartyId, series: &str) -> Result<u64, StoreError> {
        let statement = "SELECT coalesce(max(last), 0) + 1 FROM invoice_series \
                         WHERE party_id = ?1 AND series = ?2";
        let next =
            self.0.query_row(statement, params![seller.to_string(), series], |row| row.get(0));
        unsigned(next.map_err(failed("next invoice"))?, "invoice.number")
    }

    /// Passes over the next number of a series, which an invoice has that is lost here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn skip_invoice(&self, seller: &PartyId, series: &str) -> Result<(), StoreError> {
        let statement = "INSERT INTO invoice_series (party_id, series, last) VALUES (?1, ?2, 1) \
                         ON CONFLICT (party_id, series) DO UPDATE SET last = last + 1";
        let values = params![seller.to_string(), series];
        self.0.execute(statement, values).map_err(failed("skip invoice"))?;
        Ok(())
    }

    /// Adds an invoice.
    ///
    /// # Errors
    /// [`StoreError`]; for one that leaves a gap, too.
    pub fn insert_invoice(&self, invoice: &NewInvoice<'_>) -> Result<(), StoreError> {
        let facts = invoice.facts;
        let statement = "INSERT INTO invoice (party_id, series, number, name, exchange_id, facts, \
                         ubl, cii) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            facts.seller.to_string(),
            invoice.series,
            signed(invoice.number, "invoice.number")?,
            facts.number,
            facts.exchange.to_string(),
            serde_json::to_vec(facts).expect("a plain document"),
            invoice.ubl.as_bytes(),
            invoice.cii.as_bytes(),
        ];
        self.0.execute(statement, values).map_err(failed("insert invoice"))?;
        Ok(())
    }

    /// The invoices of an exchange.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn invoices(&self, exchange: &ExchangeId) -> Result<Vec<InvoiceInfo>, StoreError> {
        let statement = "SELECT facts FROM invoice WHERE exchange_id = ?1 ORDER BY name, party_id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read invoices"))?;
        let rows = statement
            .query_map([exchange.to_string()], |row| row.get::<_, Vec<u8>>(0))
            .map_err(failed("read invoices"))?;
        rows.map(|row| json(&row.map_err(failed("read invoices"))?, "invoice.facts")).collect()
    }

    /// One invoice of an exchange as it was written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn invoice(
        &self,
        exchange: &ExchangeId,
        seller: &PartyId,
        syntax: Syntax,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = match syntax {
            Syntax::Ubl => "SELECT ubl FROM invoice WHERE exchange_id = ?1 AND party_id = ?2",
            Syntax::Cii => "SELECT cii FROM invoice WHERE exchange_id = ?1 AND party_id = ?2",
        };
        let found = self
            .0
            .query_row(statement, params![exchange.to_string(), seller.to_string()], |row| {
                row.get(0)
            })
            .optional();
        found.map_err(failed("read invoice"))
    }
}
