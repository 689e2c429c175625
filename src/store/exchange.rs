//! Exchanges: agreements, what was said about them, batches, values, invoices. Documents are bytes here;
//! what they say is the matter of `service::exchange`.

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::canonical;
use tiers_protocol::exchange::view::{BatchState, ExchangeState};
use tiers_protocol::exchange::{BatchStatement, HandOver, SignedAct, SignedAgreement};
use tiers_protocol::ids::{BatchId, ExchangeId, PartyId};

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// An exchange.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was proposed.
    pub document: SignedAgreement,
    /// Where it stands.
    pub state: ExchangeState,
    /// When it was proposed.
    pub proposed_at: Moment,
    /// When records first passed.
    pub handed_at: Option<Moment>,
    /// Index of its ledger entry.
    pub entry: u64,
}

/// What was said.
#[derive(Debug, Clone)]
pub struct Said {
    /// The signed act.
    pub document: SignedAct,
    /// When it came.
    pub at: Moment,
}

/// A batch.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What the sender signed.
    pub statement: BatchStatement,
    /// Where it stands.
    pub state: BatchState,
    /// Its hand-over.
    pub handed: Option<Handed>,
    /// Last day of the recipient's duty to inform.
    pub inform_by: Option<Date>,
    /// When the recipient said that it was done.
    pub informed_at: Option<Moment>,
}

/// A hand-over that is committed.
#[derive(Debug, Clone)]
pub struct Handed {
    /// The document.
    pub document: HandOver,
    /// When.
    pub at: Moment,
    /// Index of its ledger entry.
    pub entry: u64,
    /// Salt of the entry's commitment.
    pub salt: [u8; 32],
    /// Where the salts of decisions come from.
    pub secret: [u8; 32],
}

fn moment(seconds: i64, column: &'static str) -> Result<Moment, StoreError> {
    Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column })
}

const EXCHANGE: &str = "document, state, proposed_at, handed_at, entry";

type RawExchange = (Vec<u8>, String, i64, Option<i64>, i64);

fn read_exchange(row: &Row<'_>) -> rusqlite::Result<RawExchange> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn exchange(
    (document, state, proposed, handed, entry): RawExchange,
) -> Result<Exchange, StoreError> {
    let state = ExchangeState::ALL.iter().find(|one| one.as_str() == state);
    Ok(Exchange {
        document: json(&document, "exchange.document")?,
        state: *state.ok_or(StoreError::Corrupt { column: "exchange.state" })?,
        proposed_at: moment(proposed, "exchange.proposed_at")?,
        handed_at: handed.map(|at| moment(at, "exchange.handed_at")).transpose()?,
        entry: unsigned(entry, "exchange.entry")?,
    })
}

const BATCH: &str =
    "statement, state, hand_over, handed_at, entry, salt, secret, inform_by, informed_at";

type RawBatch = (Vec<u8>, String, Option<RawHanded>, Option<String>, Option<i64>);
type RawHanded = (Vec<u8>, i64, i64, [u8; 32], [u8; 32]);

fn read_batch(row: &Row<'_>) -> rusqlite::Result<RawBatch> {
    let document: Option<Vec<u8>> = row.get(2)?;
    let handed = match document {
        Some(document) => Some((document, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?)),
        None => None,
    };
    Ok((row.get(0)?, row.get(1)?, handed, row.get(7)?, row.get(8)?))
}

fn batch(
    (statement, state, handed, inform_by, informed_at): RawBatch,
) -> Result<Batch, StoreError> {
    let state = BatchState::ALL.iter().find(|one| one.as_str() == state);
    let handed = handed.map(|(document, at, entry, salt, secret)| {
        Ok::<_, StoreError>(Handed {
            document: json(&document, "exchange_batch.hand_over")?,
            at: moment(at, "exchange_batch.handed_at")?,
            entry: unsigned(entry, "exchange_batch.entry")?,
            salt,
            secret,
        })
    });
    Ok(Batch {
        statement: json(&statement, "exchange_batch.statement")?,
        state: *state.ok_or(StoreError::Corrupt { column: "exchange_batch.state" })?,
        handed: handed.transpose()?,
        inform_by: inform_by.map(|day| parse(&day, "exchange_batch.inform_by")).transpose()?,
        informed_at: informed_at.map(|at| moment(at, "exchange_batch.informed_at")).transpose()?,
    })
}

impl Tx<'_> {
    /// Adds an exchange.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_exchange(&self, exchange: &Exchange) -> Result<(), StoreError> {
        let agreement = &exchange.document.agreement;
        let statement = "INSERT INTO exchange (id, proposer_id, other_id, state, document, \
                         proposed_at, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            agreement.exchange.to_string(),
            agreement.proposer.party.to_string(),
            agreement.other.party.to_string(),
            exchange.state.as_str(),
            canonical::to_vec(&exchange.document),
            exchange.proposed_at.seconds(),
            signed(exchange.entry, "exchange.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert exchange"))?;
        Ok(())
    }

    /// An exchange.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchange(&self, id: &ExchangeId) -> Result<Option<Exchange>, StoreError> {
        let statement = format!("SELECT {EXCHANGE} FROM exchange WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read_exchange).optional();
        found.map_err(failed("read exchange"))?.map(exchange).transpose()
    }

    /// The exchanges of a party, or all, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchanges(&self, of: Option<&PartyId>) -> Result<Vec<Exchange>, StoreError> {
        let statement = format!(
            "SELECT {EXCHANGE} FROM exchange WHERE ?1 IS NULL OR proposer_id = ?1 OR other_id = ?1 \
             ORDER BY proposed_at DESC, id"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read exchanges"))?;
        let of = of.map(ToString::to_string);
        let rows = statement.query_map([of], read_exchange).map_err(failed("read exchanges"))?;
        rows.map(|row| exchange(row.map_err(failed("read exchanges"))?)).collect()
    }

    /// Says where an exchange stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_exchange_state(
        &self,
        id: &ExchangeId,
        state: ExchangeState,
    ) -> Result<(), StoreError> {
        let statement = "UPDATE exchange SET state = ?2 WHERE id = ?1";
        self.0
            .execute(statement, params![id.to_string(), state.as_str()])
            .map_err(failed("update exchange"))?;
        Ok(())
    }

    /// Adds what was said; whether it was not said before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_exchange_act(&self, said: &Said, entry: u64) -> Result<bool, StoreError> {
        let act = &said.document.act;
        let statement = "INSERT INTO exchange_act (exchange_id, party_id, says, document, at, entry) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let values = params![
            act.exchange.to_string(),
            act.party.to_string(),
            act.says.as_str(),
            canonical::to_vec(&said.document),
            said.at.seconds(),
            signed(entry, "exchange_act.entry")?,
        ];
        let rows = self.0.execute(statement, values).map_err(failed("insert act"))?;
        Ok(rows == 1)
    }

    /// What was said about an exchange, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exchange_acts(&self, id: &ExchangeId) -> Result<Vec<Said>, StoreError> {
        let statement =
            "SELECT document, at FROM exchange_act WHERE exchange_id = ?1 ORDER BY entry";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read acts"))?;
        let rows = statement
            .query_map([id.to_string()], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))
            .map_err(failed("read acts"))?;
        rows.map(|row| {
            let (document, at) = row.map_err(failed("read acts"))?;
            let at = moment(at, "exchange_act.at")?;
            Ok(Said { document: json(&document, "exchange_act.document")?, at })
        })
        .collect()
    }

    /// Adds a batch that waits for its body; whether it was not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_batch(&self, batch: &BatchStatement, at: Moment) -> Result<bool, StoreError> {
        let head = &batch.statement.head;
        let statement = "INSERT INTO exchange_batch (id, exchange_id, sender_id, recipient_id, \
                         state, statement, opened_at) VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6) \
                         ON CONFLICT DO NOTHING";
        let values = params![
            head.batch.to_string(),
            head.exchange.to_string(),
            head.sender.to_string(),
            head.recipient.to_string(),
            canonical::to_vec(batch),
            at.seconds(),
        ];
        let rows = self.0.execute(statement, values).map_err(failed("insert batch"))?;
        Ok(rows == 1)
    }

    /// A batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn batch(&self, id: &BatchId) -> Result<Option<Batch>, StoreError> {
        let statement = format!("SELECT {BATCH} FROM exchange_batch WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read_batch).optional();
        found.map_err(failed("read batch"))?.map(batch).transpose()
    }

    /// The batches of an exchange, or all, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn batches(&self, of: Option<&ExchangeId>) -> Result<Vec<Batch>, StoreError> {
        let statement = format!(
            "SELECT {BATCH} FROM exchange_batch WHERE ?1 IS NULL OR exchange_id = ?1 \
             ORDER BY opened_at, id"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read batches"))?;
        let of = of.map(ToString::to_string);
        let rows = statement.query_map([of], read_batch).map_err(failed("read batches"))?;
        rows.map(|row| batch(row.map_err(failed("read batches"))?)).collect()
    }

    /// Moves a batch from one state to the next; whether it stood there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn move_batch(
        &self,
        id: &BatchId,
        (from, to): (BatchState, BatchState),
    ) -> Result<bool, StoreError> {
        let statement = "UPDATE exchange_batch SET state = ?3 WHERE id = ?1 AND state = ?2";
        let rows = self
            .0
            .execute(statement, params![id.to_string(), from.as_str(), to.as_str()])
            .map_err(failed("update batch"))?;
        Ok(rows == 1)
    }

    /// Keeps the hand-over of a batch whose sample was found proven; whether it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn hand_over_batch(
        &self,
        handed: &Handed,
        inform_by: Option<Date>,
    ) -> Result<bool, StoreError> {
        let (batch, exchange) = (handed.document.batch, handed.document.exchange);
        let state = match handed.document.lots {
            0 => BatchState::Withheld,
            _ => BatchState::HandedOver,
        };
        let statement = "UPDATE exchange_batch SET state = ?2, hand_over = ?3, handed_at = ?4, \
                         lots = ?5, entry = ?6, salt = ?7, secret = ?8, inform_by = ?9 \
                         WHERE id = ?1 AND state = 'reviewed'";
        let values = params![
            batch.to_string(),
            state.as_str(),
            canonical::to_vec(&handed.document),
            handed.at.seconds(),
            signed(handed.document.lots, "exchange_batch.lots")?,
            signed(handed.entry, "exchange_batch.entry")?,
            handed.salt,
            handed.secret,
            inform_by.map(|day| day.to_string()),
        ];
        let rows = self.0.execute(statement, values).map_err(failed("hand over"))?;
        if state == BatchState::HandedOver {
            let statement = "UPDATE exchange SET handed_at = coalesce(handed_at, ?2) WHERE id = ?1";
            self.0
                .execute(statement, params![exchange.to_string(), handed.at.seconds()])
                .map_err(failed("hand over"))?;
        }
        Ok(rows == 1)
    }

    /// Keeps that the recipient informed the persons; whether that was new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_informed(&self, id: &BatchId, at: Moment) -> Result<bool, StoreError> {
        let statement = "UPDATE exchange_batch SET informed_at = ?2 \
                         WHERE id = ?1 AND informed_at IS NULL";
        let rows = self
            .0
            .execute(statement, params![id.to_string(), at.seconds()])
            .map_err(failed("update batch"))?;
        Ok(rows == 1)
    }
}
