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
    /// The leaf of its last step.
    pub leaf: u64,
    /// When that step was.
    pub stepped_at: Moment,
    /// Index of the ledger entry of the tick with which that leaf entered; nothing before.
    pub entry: Option<u64>,
    /// From which request at the certifier it was passed on, and when.
    pub passed: Option<(RequestId, Moment)>,
    /// Why there is doubt about who asks.
    pub doubt: Option<String>,
}

type Raw = ([String; 2], [Option<String>; 5], [i64; 3], [Option<i64>; 3]);

const COLUMNS: &str = "id, kind, party_id, received_at, extended_at, extended_because, outcome, \
                       coalesce(leaf, 0), coalesce(stepped_at, received_at), \
                       (SELECT entry FROM tick_leaf WHERE number = leaf), \
                       passed_from, passed_at, doubt";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let texts = [row.get(0)?, row.get(1)?];
    let maybe = [row.get(2)?, row.get(5)?, row.get(6)?, row.get(10)?, row.get(12)?];
    let numbers = [row.get(3)?, row.get(7)?, row.get(8)?];
    Ok((texts, maybe, numbers, [row.get(4)?, row.get(9)?, row.get(11)?]))
}

fn request((texts, maybe, numbers, places): Raw) -> Result<StoredRequest, StoreError> {
    let [id, kind] = texts;
    let ([received, leaf, stepped], [extended, entry, passed]) = (numbers, places);
    let [party, because, outcome, from, doubt] = maybe;
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
        leaf: unsigned(leaf, "request.leaf")?,
        stepped_at: moment(stepped)?,
        entry: entry.map(|entry| unsigned(entry, "tick_leaf.entry")).transpose()?,
        passed: match (from, passed) {
            (Some(from), Some(at)) => Some((parse(&from, "request.passed_from")?, moment(at)?)),
            _ => None,
        },
        doubt,
    })
}

impl Tx<'_> {
    /// Adds a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_request(&self, request: &StoredRequest) -> Result<(), StoreError> {
        let statement = "INSERT INTO person_request (id, kind, party_id, received_at, outcome, leaf, \
                         stepped_at, passed_from, passed_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let values = params![
            request.id.to_string(),
            request.kind.as_str(),
            request.party.map(|party| party.to_string()),
            request.received_at.seconds(),
            request.outcome,
            signed(request.leaf, "request.leaf")?,
            request.stepped_at.seconds(),
            request.passed.map(|(from, _)| from.to_string()),
            request.passed.map(|(_, at)| at.seconds()),
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
                         outcome = ?4, leaf = ?5, stepped_at = ?6, doubt = ?7 WHERE id = ?1";
        let values = params![
            request.id.to_string(),
            request.extended.as_ref().map(|(at, _)| at.seconds()),
            request.extended.as_ref().map(|(_, because)| because),
            request.outcome,
            signed(request.leaf, "request.leaf")?,
            request.stepped_at.seconds(),
            request.doubt,
        ];
        self.0.execute(statement, values).map_err(failed("step request"))?;
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
