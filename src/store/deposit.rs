//! Deposits, from the manifest to the receipt. The rows themselves lie in the vault.

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Row, params};
use tiers_contact::FileKind;
use tiers_protocol::ids::{DepositId, PartyId, ProgrammeId};
use tiers_protocol::manifest::SignedManifest;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::wire::DepositState;

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A deposit.
pub struct Deposit {
    /// Its id.
    pub id: DepositId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Whose it is.
    pub party: PartyId,
    /// What it holds.
    pub kind: FileKind,
    /// Where it stands.
    pub state: DepositState,
    /// The signed manifest.
    pub manifest: SignedManifest,
    /// When the manifest was accepted.
    pub opened_at: Moment,
    /// Its last day here, from the retention policy; never after what the manifest says.
    pub kept_until: Date,
    /// Code of the refusal.
    pub refusal: Option<String>,
}

/// What acceptance adds.
pub struct Acceptance<'a> {
    /// The receipt's content.
    pub receipt: &'a Receipt,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
}

/// What the receipt of an accepted deposit is made of.
pub struct ReceiptParts {
    /// Its content.
    pub receipt: Receipt,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
    /// The finished receipt, once made.
    pub bytes: Option<Vec<u8>>,
}

type Raw = (String, String, String, String, String, Vec<u8>, i64, Option<String>, String);

const COLUMNS: &str =
    "id, programme_id, party_id, kind, state, manifest, opened_at, refusal, retain_until";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
        row.get(8)?,
    ))
}

fn deposit(raw: Raw) -> Result<Deposit, StoreError> {
    let (id, programme, party, kind, state, manifest, opened_at, refusal, kept_until) = raw;
    Ok(Deposit {
        id: parse(&id, "deposit.id")?,
        programme: parse(&programme, "deposit.programme_id")?,
        party: parse(&party, "deposit.party_id")?,
        kind: parse(&kind, "deposit.kind")?,
        state: self::state(&state)?,
        manifest: json(&manifest, "deposit.manifest")?,
        opened_at: Moment::from_seconds(opened_at)
            .ok_or(StoreError::Corrupt { column: "deposit.opened_at" })?,
        kept_until: parse(&kept_until, "deposit.retain_until")?,
        refusal,
    })
}

fn state(text: &str) -> Result<DepositState, StoreError> {
    match text {
        "open" => Ok(DepositState::Open),
        "accepted" => Ok(DepositState::Accepted),
        "refused" => Ok(DepositState::Refused),
        "erased" => Ok(DepositState::Erased),
        _ => Err(StoreError::Corrupt { column: "deposit.state" }),
    }
}

impl Tx<'_> {
    /// Opens a deposit, or opens a refused one again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_deposit(&self, deposit: &Deposit) -> Result<(), StoreError> {
        let statement = "INSERT INTO deposit (id, programme_id, party_id, kind, state, manifest, \
                         retain_until, opened_at) VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7) \
                         ON CONFLICT (id) DO UPDATE SET state = 'open', refusal = NULL \
                         WHERE state = 'refused'";
        let values = params![
            deposit.id.to_string(),
            deposit.programme.to_string(),
            deposit.party.to_string(),
            deposit.kind.as_str(),
            deposit.manifest.to_vec(),
            deposit.kept_until.to_string(),
            deposit.opened_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("open deposit"))?;
        Ok(())
    }

    /// A deposit by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deposit(&self, id: &DepositId) -> Result<Option<Deposit>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM deposit WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read).optional();
        found.map_err(failed("read deposit"))?.map(deposit).transpose()
    }

    /// A party's own deposits, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deposits_of(&self, party: &PartyId) -> Result<Vec<Deposit>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM deposit WHERE party_id = ?1 ORDER BY opened_at DESC, id"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read deposits"))?;
        let rows =
            statement.query_map([party.to_string()], read).map_err(failed("read deposits"))?;
        rows.map(|row| deposit(row.map_err(failed("read deposits"))?)).collect()
    }

    /// How many deposits of a party wait for their bodies.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_deposits_of(&self, party: &PartyId) -> Result<u64, StoreError> {
        let statement = "SELECT COUNT(*) FROM deposit WHERE party_id = ?1 AND state = 'open'";
        let count = self.0.query_row(statement, [party.to_string()], |row| row.get::<_, i64>(0));
        unsigned(count.map_err(failed("count deposits"))?, "deposit.state")
    }

    /// Ids of the deposits in a state, for recovery.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deposits_in(&self, state: DepositState) -> Result<Vec<DepositId>, StoreError> {
        let text = match state {
            DepositState::Open => "open",
            DepositState::Accepted => "accepted",
            DepositState::Refused => "refused",
            DepositState::Erased => "erased",
        };
        self.ids("SELECT id FROM deposit WHERE state = ?1 ORDER BY id", [text])
    }

    /// The accepted deposits of one kind that a snapshot contains and a day may still use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deposits_in_snapshot(
        &self,
        programme: &ProgrammeId,
        kind: FileKind,
        snapshot: u64,
        day: Date,
    ) -> Result<Vec<DepositId>, StoreError> {
        let snapshot = signed(snapshot, "deposit.snapshot")?;
        let statement = "SELECT id FROM deposit WHERE programme_id = ?1 AND kind = ?2 \
                         AND state = 'accepted' AND snapshot <= ?3 AND retain_until >= ?4 \
                         AND (gone_from IS NULL OR gone_from > ?3) ORDER BY entry";
        let values = params![programme.to_string(), kind.as_str(), snapshot, day.to_string()];
        self.ids(statement, values)
    }

    /// The deposits of sales of a snapshot, as [`Self::deposits_in_snapshot`] gives them, each with who
    /// deposited it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn depositors(
        &self,
        programme: &ProgrammeId,
        snapshot: u64,
        day: Date,
    ) -> Result<Vec<(DepositId, PartyId)>, StoreError> {
        let statement = "SELECT id, party_id FROM deposit WHERE programme_id = ?1 \
                         AND kind = 'sales' AND state = 'accepted' AND snapshot <= ?2 \
                         AND retain_until >= ?3 AND (gone_from IS NULL OR gone_from > ?2) \
                         ORDER BY entry";
        let snapshot = signed(snapshot, "deposit.snapshot")?;
        let values = params![programme.to_string(), snapshot, day.to_string()];
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read depositors"))?;
        let rows = statement
            .query_map(values, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .map_err(failed("read depositors"))?;
        rows.map(|row| {
            let (deposit, party) = row.map_err(failed("read depositors"))?;
            Ok((parse(&deposit, "deposit.id")?, parse(&party, "deposit.party_id")?))
        })
        .collect()
    }

    /// How many groups of partners have an accepted deposit of sales in a snapshot, without one
    /// group: outlets of one owner count once, and the principal's own do not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn depositing_groups(
        &self,
        programme: &ProgrammeId,
        snapshot: u64,
        day: Date,
        without: &str,
    ) -> Result<u64, StoreError> {
        let statement = "SELECT count(DISTINCT group_id) FROM deposit \
                         JOIN party ON party.id = deposit.party_id \
                         WHERE programme_id = ?1 AND kind = 'sales' AND state = 'accepted' \
                         AND snapshot <= ?2 AND retain_until >= ?3 AND group_id <> ?4 \
                         AND (gone_from IS NULL OR gone_from > ?2)";
        let snapshot = signed(snapshot, "deposit.snapshot")?;
        let values = params![programme.to_string(), snapshot, day.to_string(), without];
        let count: i64 = self
            .0
            .query_row(statement, values, |row| row.get(0))
            .map_err(failed("count groups"))?;
        unsigned(count, "deposit")
    }

    pub(super) fn ids<P: rusqlite::Params>(
        &self,
        statement: &str,
        values: P,
    ) -> Result<Vec<DepositId>, StoreError> {
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read deposits"))?;
        let rows = statement
            .query_map(values, |row| row.get::<_, String>(0))
            .map_err(failed("read deposits"))?;
        rows.map(|row| parse(&row.map_err(failed("read deposits"))?, "deposit.id")).collect()
    }

    /// Marks a deposit accepted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accept_deposit(&self, acceptance: &Acceptance<'_>) -> Result<(), StoreError> {
        let receipt = acceptance.receipt;
        // Its segments were written under the newest master.
        let statement = "UPDATE deposit SET state = 'accepted', snapshot = ?2, document = ?3, \
                         entry = ?4, salt = ?5, generation = 0, disk_key = \
                         (SELECT coalesce(max(number), 1) FROM vault_key WHERE used_for = 'disk') \
                         WHERE id = ?1";
        let values = params![
            receipt.deposit.to_string(),
            signed(receipt.snapshot, "deposit.snapshot")?,
            serde_json::to_vec(receipt).expect("a plain document"),
            signed(acceptance.entry, "deposit.entry")?,
            acceptance.salt,
        ];
        self.0.execute(statement, values).map_err(failed("accept deposit"))?;
        Ok(())
    }

    /// Marks a deposit refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn refuse_deposit(&self, id: &DepositId, code: &str) -> Result<(), StoreError> {
        let statement =
            "UPDATE deposit SET state = 'refused', refusal = ?2 WHERE id = ?1 AND state = 'open'";
        self.0
            .execute(statement, params![id.to_string(), code])
            .map_err(failed("refuse deposit"))?;
        Ok(())
    }

    /// What the receipt of an accepted deposit is made of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn receipt_parts(&self, id: &DepositId) -> Result<Option<ReceiptParts>, StoreError> {
        let statement = "SELECT document, entry, salt, receipt FROM deposit \
                         WHERE id = ?1 AND state IN ('accepted', 'erased')";
        let found = self
            .0
            .query_row(statement, [id.to_string()], |row| {
                Ok((
                    row.get::<_, Vec<u8>>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, [u8; 32]>(2)?,
                    row.get::<_, Option<Vec<u8>>>(3)?,
                ))
            })
            .optional()
            .map_err(failed("read receipt"))?;
        let Some((document, entry, salt, bytes)) = found else { return Ok(None) };
        let receipt = json(&document, "deposit.document")?;
        let entry = unsigned(entry, "deposit.entry")?;
        Ok(Some(ReceiptParts { receipt, entry, salt, bytes }))
    }

    /// Keeps the finished receipt, so that it is the same bytes for ever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_receipt(&self, id: &DepositId, bytes: &[u8]) -> Result<(), StoreError> {
        let statement = "UPDATE deposit SET receipt = ?2 WHERE id = ?1 AND receipt IS NULL";
        self.0.execute(statement, params![id.to_string(), bytes]).map_err(failed("put receipt"))?;
        Ok(())
    }
}
