//! Requests of persons: their clock and what became of them. Who asks is not known here.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::consent::Siren;
use tiers_protocol::ids::{PartyId, RequestId};
use tiers_protocol::request::RequestKind;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

/// A request.
#[derive(Debug, Clone)]
pub struct StoredRequest {
    /// Its id.
    pub id: RequestId,
    /// What for.
    pub kind: RequestKind,
    /// Who handed it in.
    pub party: Option<PartyId>,
    /// When the person asked.
    pub received_at: Moment,
    /// When two months more were told, and why.
    pub extended: Option<(Moment, String)>,
    /// What became of it; nothing while it is open.
    pub outcome: Option<String>,
    /// Index of the ledger entry of its last step.
    pub entry: u64,
}

type Raw = ([String; 2], Option<String>, i64, Option<i64>, [Option<String>; 2], i64);

const COLUMNS: &str =
    "id, kind, party_id, received_at, extended_at, extended_because, outcome, entry";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let texts = [row.get(0)?, row.get(1)?];
    let maybe = [row.get(5)?, row.get(6)?];
    Ok((texts, row.get(2)?, row.get(3)?, row.get(4)?, maybe, row.get(7)?))
}

fn request(
    (texts, party, received, extended, maybe, entry): Raw,
) -> Result<StoredRequest, StoreError> {
    let [id, kind] = texts;
    let [because, outcome] = maybe;
    let moment = |seconds: i64| {
        Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column: "request.received_at" })
    };
    let kind = RequestKind::ALL.into_iter().find(|one| one.as_str() == kind);
    Ok(StoredRequest {
        id: parse(&id, "request.id")?,
        kind: kind.ok_or(StoreError::Corrupt { column: "request.kind" })?,
        party: party.map(|id| parse(&id, "request.party_id")).transpose()?,
        received_at: moment(received)?,
        extended: extended.map(moment).transpose()?.map(|at| (at, because.unwrap_or_default())),
        outcome,
        entry: unsigned(entry, "request.entry")?,
    })
}

impl Tx<'_> {
    /// Adds a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_request(&self, request: &StoredRequest) -> Result<(), StoreError> {
        let statement = "INSERT INTO person_request (id, kind, party_id, received_at, outcome, entry) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            request.id.to_string(),
            request.kind.as_str(),
            request.party.map(|party| party.to_string()),
            request.received_at.seconds(),
            request.outcome,
            signed(request.entry, "request.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert request"))?;
        Ok(())
    }

    /// A request by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn request(&self, id: &RequestId) -> Result<Option<StoredRequest>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM person_request WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read).optional();
        found.map_err(failed("read request"))?.map(request).transpose()
    }

    /// The newest requests, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn requests(&self, limit: u32) -> Result<Vec<StoredRequest>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM person_request ORDER BY received_at DESC, id LIMIT ?1");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read requests"))?;
        let rows = statement.query_map([limit], read).map_err(failed("read requests"))?;
        rows.map(|row| request(row.map_err(failed("read requests"))?)).collect()
    }

    /// Notes the next step of a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn step_request(&self, request: &StoredRequest) -> Result<(), StoreError> {
        let statement = "UPDATE person_request SET extended_at = ?2, extended_because = ?3, \
                         outcome = ?4, entry = ?5 WHERE id = ?1";
        let values = params![
            request.id.to_string(),
            request.extended.as_ref().map(|(at, _)| at.seconds()),
            request.extended.as_ref().map(|(_, because)| because),
            request.outcome,
            signed(request.entry, "request.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("step request"))?;
        Ok(())
    }

    /// Removes what decisions read of a token on a form. Oppositions stay, and so does what proves an
    /// agreement, sealed beside.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_events(&self, token: &VaultToken, form: u64) -> Result<(), StoreError> {
        let statement = "DELETE FROM consent_event WHERE token = ?1 AND form = ?2";
        let values = params![token.as_bytes(), signed(form, "consent_event.form")?];
        self.0.execute(statement, values).map_err(failed("forget events"))?;
        Ok(())
    }

    /// Removes what a company said of a token, or what all of them said; that a person is restricted
    /// stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_facts(&self, token: &VaultToken, of: Option<Siren>) -> Result<(), StoreError> {
        let statement = "DELETE FROM rights_fact \
                         WHERE token = ?1 AND coalesce(?2, siren) = siren AND restricted = 0";
        let values = params![token.as_bytes(), of.map(|siren| siren.to_string())];
        self.0.execute(statement, values).map_err(failed("forget facts"))?;
        Ok(())
    }
}
