//! Values of exchanges and the invoices drawn up for them. Numbers of a series follow one another: a
//! trigger of the schema refuses a gap, a change and a deletion.

use rusqlite::{OptionalExtension as _, params};
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

impl Tx<'_> {
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
        let statement = "SELECT coalesce(max(number), 0) + 1 FROM invoice \
                         WHERE party_id = ?1 AND series = ?2";
        let next =
            self.0.query_row(statement, params![seller.to_string(), series], |row| row.get(0));
        unsigned(next.map_err(failed("next invoice"))?, "invoice.number")
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
