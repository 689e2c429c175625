//! Releases: the answer, its debit and its certificate in one row.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::certificate::Certificate;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{AccountId, ProgrammeId, ReleaseId};

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A release without its bytes.
#[derive(Debug, Clone)]
pub struct ReleaseRow {
    /// Its id.
    pub id: ReleaseId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Month of the sales.
    pub period: String,
    /// The snapshot it answers from.
    pub snapshot: u64,
    /// What it cost, in nano-rho.
    pub cost_nrho: u64,
    /// When it was made.
    pub released_at: Moment,
}

/// A new release, whole.
pub struct NewRelease<'a> {
    /// The row.
    pub row: ReleaseRow,
    /// The account it was paid from.
    pub account: AccountId,
    /// Digest of the question.
    pub question: Bytes<32>,
    /// The bytes of `report.json`.
    pub report: &'a [u8],
    /// The vectors after the noise, hidden cells included; they never leave the certifier.
    pub noisy: &'a [u8],
    /// The content of the certificate.
    pub certificate: &'a Certificate,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
}

/// What the certificate of a release is made of.
pub struct CertificateParts {
    /// Its content.
    pub certificate: Certificate,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
    /// The finished certificate, once made.
    pub bytes: Option<Vec<u8>>,
}

type Raw = (String, String, String, i64, i64, i64);

const COLUMNS: &str = "id, programme_id, period, snapshot, cost_nrho, released_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn release((id, programme, period, snapshot, cost, at): Raw) -> Result<ReleaseRow, StoreError> {
    Ok(ReleaseRow {
        id: parse(&id, "release.id")?,
        programme: parse(&programme, "release.programme_id")?,
        period,
        snapshot: unsigned(snapshot, "release.snapshot")?,
        cost_nrho: unsigned(cost, "release.cost_nrho")?,
        released_at: Moment::from_seconds(at)
            .ok_or(StoreError::Corrupt { column: "release.released_at" })?,
    })
}

impl Tx<'_> {
    /// Adds a release.
    ///
    /// # Errors
    /// [`StoreError`]; a second answer to the same question is refused by the schema.
    pub fn insert_release(&self, new: &NewRelease<'_>) -> Result<(), StoreError> {
        let statement = "INSERT INTO release (id, programme_id, question_sha256, account_id, \
                         period, snapshot, cost_nrho, report, noisy, document, entry, salt, \
                         released_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let values = params![
            new.row.id.to_string(),
            new.row.programme.to_string(),
            new.question.to_string(),
            new.account.to_string(),
            new.row.period,
            signed(new.row.snapshot, "release.snapshot")?,
            signed(new.row.cost_nrho, "release.cost_nrho")?,
            new.report,
            new.noisy,
            serde_json::to_vec(new.certificate).expect("a plain document"),
            signed(new.entry, "release.entry")?,
            new.salt,
            new.row.released_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert release"))?;
        Ok(())
    }

    /// The stored answer to a question.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn answer(
        &self,
        programme: &ProgrammeId,
        question: &Bytes<32>,
    ) -> Result<Option<ReleaseRow>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM release WHERE programme_id = ?1 AND question_sha256 = ?2"
        );
        let values = [programme.to_string(), question.to_string()];
        let found = self.0.query_row(&statement, values, read).optional();
        found.map_err(failed("read answer"))?.map(release).transpose()
    }

    /// The stored answers for a period and snapshot, whatever else the questions held, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn answers_at(
        &self,
        programme: &ProgrammeId,
        period: &str,
        snapshot: u64,
    ) -> Result<Vec<ReleaseRow>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM release WHERE programme_id = ?1 AND period = ?2 \
             AND snapshot = ?3 ORDER BY entry DESC"
        );
        let values = params![programme.to_string(), period, signed(snapshot, "release.snapshot")?];
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read answers"))?;
        let rows = statement.query_map(values, read).map_err(failed("read answers"))?;
        rows.map(|row| release(row.map_err(failed("read answers"))?)).collect()
    }

    /// The releases of a programme, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn releases(&self, programme: &ProgrammeId) -> Result<Vec<ReleaseRow>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM release WHERE programme_id = ?1 ORDER BY entry");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read releases"))?;
        let rows =
            statement.query_map([programme.to_string()], read).map_err(failed("read releases"))?;
        rows.map(|row| release(row.map_err(failed("read releases"))?)).collect()
    }

    /// The programme of a release and the bytes of its report.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn report(&self, id: &ReleaseId) -> Result<Option<(ProgrammeId, Vec<u8>)>, StoreError> {
        let statement = "SELECT programme_id, report FROM release WHERE id = ?1";
        let found = self
            .0
            .query_row(statement, [id.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()
            .map_err(failed("read report"))?;
        let Some((programme, report)) = found else { return Ok(None) };
        Ok(Some((parse(&programme, "release.programme_id")?, report)))
    }

    /// What the certificate of a release is made of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certificate_parts(
        &self,
        id: &ReleaseId,
    ) -> Result<Option<CertificateParts>, StoreError> {
        let statement = "SELECT document, entry, salt, certificate FROM release WHERE id = ?1";
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
            .map_err(failed("read certificate"))?;
        let Some((document, entry, salt, bytes)) = found else { return Ok(None) };
        let certificate = json(&document, "release.document")?;
        let entry = unsigned(entry, "release.entry")?;
        Ok(Some(CertificateParts { certificate, entry, salt, bytes }))
    }

    /// Keeps the finished certificate, so that it is the same bytes for ever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_certificate(&self, id: &ReleaseId, bytes: &[u8]) -> Result<(), StoreError> {
        let statement = "UPDATE release SET certificate = ?2 WHERE id = ?1 AND certificate IS NULL";
        self.0
            .execute(statement, params![id.to_string(), bytes])
            .map_err(failed("put certificate"))?;
        Ok(())
    }
}
