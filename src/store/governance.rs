//! Records of governance: written once, the newest version counts. What they say is the matter of
//! `governance`; here they are bytes.

use jiff::civil::Date;
use rusqlite::{Row, params};
use tiers_protocol::ids::ProgrammeId;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::governance::Kind;
use crate::time::Moment;

/// What a record is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its programme, if it has one.
    pub programme: Option<&'a ProgrammeId>,
    /// Whom or what it is about; empty for the programme itself.
    pub subject: &'a str,
}

/// One version of a record.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its kind.
    pub kind: Kind,
    /// Whom or what it is about.
    pub subject: String,
    /// Its number, from 1.
    pub version: u64,
    /// Its bytes.
    pub document: Vec<u8>,
    /// Who wrote it.
    pub actor: String,
    /// When.
    pub recorded_at: Moment,
    /// Its last day, once it is replaced.
    pub kept_until: Date,
    /// Index of its ledger entry.
    pub entry: u64,
    /// Salt of the entry's commitment.
    pub salt: [u8; 32],
}

const COLUMNS: &str =
    "kind, subject, version, document, actor_id, recorded_at, kept_until, entry, salt";

type Raw = (String, String, i64, Vec<u8>, String, i64, String, i64, [u8; 32]);

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

fn version(raw: Raw) -> Result<Version, StoreError> {
    let (kind, subject, version, document, actor, recorded_at, kept_until, entry, salt) = raw;
    Ok(Version {
        kind: parse(&kind, "governance.kind")?,
        subject,
        version: unsigned(version, "governance.version")?,
        document,
        actor,
        recorded_at: Moment::from_seconds(recorded_at)
            .ok_or(StoreError::Corrupt { column: "governance.recorded_at" })?,
        kept_until: parse(&kept_until, "governance.kept_until")?,
        entry: unsigned(entry, "governance.entry")?,
        salt,
    })
}

impl Tx<'_> {
    /// The number that the next version of a record has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_version(&self, of: Subject<'_>) -> Result<u64, StoreError> {
        let statement = "SELECT coalesce(max(version), 0) + 1 FROM governance \
                         WHERE kind = ?1 AND programme_id IS ?2 AND subject = ?3";
        let values = params![of.kind.as_str(), of.programme.map(ToString::to_string), of.subject];
        let next = self.0.query_row(statement, values, |row| row.get(0));
        unsigned(next.map_err(failed("next version"))?, "governance.version")
    }

    /// Adds a version.
    ///
    /// # Errors
    /// [`StoreError`]; one of this number exists already.
    pub fn insert_version(
        &self,
        programme: Option<&ProgrammeId>,
        version: &Version,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO governance (kind, programme_id, subject, version, document, \
                         actor_id, recorded_at, kept_until, entry, salt) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![
            version.kind.as_str(),
            programme.map(ToString::to_string),
            version.subject,
            signed(version.version, "governance.version")?,
            version.document,
            version.actor,
            version.recorded_at.seconds(),
            version.kept_until.to_string(),
            signed(version.entry, "governance.entry")?,
            version.salt,
        ];
        self.0.execute(statement, values).map_err(failed("insert version"))?;
        Ok(())
    }

    /// Every version of every record of a programme, or of none, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn versions(&self, programme: Option<&ProgrammeId>) -> Result<Vec<Version>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM governance WHERE programme_id IS ?1 ORDER BY rowid");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read versions"))?;
        let programme = programme.map(ToString::to_string);
        let rows = statement.query_map([programme], read).map_err(failed("read versions"))?;
        rows.map(|row| version(row.map_err(failed("read versions"))?)).collect()
    }

    /// Every programme, with when it was registered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn programmes_since(&self) -> Result<Vec<(ProgrammeId, Moment)>, StoreError> {
        let statement = "SELECT id, registered_at FROM programme ORDER BY registered_at, id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read programmes"))?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .map_err(failed("read programmes"))?;
        let mut programmes = Vec::new();
        for row in rows {
            let (id, at) = row.map_err(failed("read programmes"))?;
            let at = Moment::from_seconds(at)
                .ok_or(StoreError::Corrupt { column: "programme.registered_at" })?;
            programmes.push((parse(&id, "programme.id")?, at));
        }
        Ok(programmes)
    }

    /// Since when there is a certifier.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certifier_since(&self) -> Result<Moment, StoreError> {
        let statement = "SELECT created_at FROM certifier WHERE id = 1";
        let at = self.0.query_row(statement, [], |row| row.get(0));
        Moment::from_seconds(at.map_err(failed("read certifier"))?)
            .ok_or(StoreError::Corrupt { column: "certifier.created_at" })
    }
}
