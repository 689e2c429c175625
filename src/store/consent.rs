//! Forms, events and facts of persons, by rights tokens at rest. What they mean is the
//! matter of `consent`; what a batch's sealed part holds, that of `service::consent`.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::consent::{ConsentForm, Siren};
use tiers_protocol::ids::{FormId, PartyId};

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::said::{self, Cell};
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

/// A form.
#[derive(Debug, Clone)]
pub struct StoredForm {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: FormId,
    /// Whose it is.
    pub party: PartyId,
    /// The form.
    pub form: ConsentForm,
    /// When it was published.
    pub published_at: Moment,
    /// Index of its ledger entry.
    pub entry: u64,
}

/// A batch of events, without its rows.
#[derive(Debug, Clone)]
pub struct ConsentBatch {
    /// Its number.
    pub number: u64,
    /// Number of its form.
    pub form: u64,
    /// How the ids of its records begin.
    pub prefix: [u8; 12],
    /// Keyed digest of what was sent.
    pub digest: [u8; 16],
    /// How many events.
    pub events: u64,
    /// The sealed part.
    pub evidence: Vec<u8>,
    /// When it came.
    pub recorded_at: Moment,
    /// Index of its ledger entry, if it has one of its own.
    pub entry: Option<u64>,
    /// Its leaf in a tick otherwise.
    pub leaf: Option<u64>,
    /// From which the salts of its leaves follow.
    pub salt: [u8; 32],
}

/// One event under one token.
#[derive(Clone, Copy)]
pub struct EventRow {
    /// Batch and place.
    pub number: u64,
    /// Number of the form.
    pub form: u64,
    /// When.
    pub at: i64,
    /// State and marks.
    pub flags: u8,
}

/// What a company has said of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fact {
    /// When the person was told that the contact is handed on.
    pub informed_at: Option<Moment>,
    /// Whom the company has the contact from.
    pub collected_by: Option<Siren>,
    /// When the person was last heard of.
    pub last_contact: Option<Moment>,
    /// Whether the person asked for restriction.
    pub restricted: bool,
}

/// How many events a batch has at most; numbers are made of it.
pub const PLACES: u64 = 1 << 20;

pub(super) fn moment(seconds: i64, column: &'static str) -> Result<Moment, StoreError> {
    Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column })
}

/// Company, informed and last contact, source, restriction.
type RawFact = (String, [Option<i64>; 2], Option<String>, bool);

const FORM: &str = "number, id, party_id, document, published_at, entry";

type RawForm = (i64, String, String, Vec<u8>, i64, i64);

fn read_form(row: &Row<'_>) -> rusqlite::Result<RawForm> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn form((number, id, party, document, at, entry): RawForm) -> Result<StoredForm, StoreError> {
    Ok(StoredForm {
        number: unsigned(number, "consent_form.number")?,
        id: parse(&id, "consent_form.id")?,
        party: parse(&party, "consent_form.party_id")?,
        form: json(&document, "consent_form.document")?,
        published_at: moment(at, "consent_form.published_at")?,
        entry: unsigned(entry, "consent_form.entry")?,
    })
}

impl Tx<'_> {
    /// Adds a form.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_form(&self, form: &StoredForm, salt: &[u8; 32]) -> Result<(), StoreError> {
        let statement = "INSERT INTO consent_form (id, party_id, document, published_at, entry, \
                         salt) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let document = tiers_protocol::canonical::to_vec(&form.form);
        let values = params![
            form.id.to_string(),
            form.party.to_string(),
            document,
            form.published_at.seconds(),
            signed(form.entry, "consent_form.entry")?,
            salt,
        ];
        self.0.execute(statement, values).map_err(failed("insert form"))?;
        Ok(())
    }

    /// A form by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn form(&self, id: &FormId) -> Result<Option<StoredForm>, StoreError> {
        let statement = format!("SELECT {FORM} FROM consent_form WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read_form).optional();
        found.map_err(failed("read form"))?.map(form).transpose()
    }

    /// Every form, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forms(&self) -> Result<Vec<StoredForm>, StoreError> {
        let statement = format!("SELECT {FORM} FROM consent_form ORDER BY number");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read forms"))?;
        let rows = statement.query_map([], read_form).map_err(failed("read forms"))?;
        rows.map(|row| form(row.map_err(failed("read forms"))?)).collect()
    }

    /// The number that the next batch of events has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_consent_batch(&self) -> Result<u64, StoreError> {
        let statement = "SELECT last + 1 FROM batch_number WHERE name = 'consent'";
        let next = self.0.query_row(statement, [], |row| row.get(0));
        unsigned(next.map_err(failed("next batch"))?, "consent_batch.number")
    }

    /// Adds a batch of events.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_consent_batch(&self, batch: &ConsentBatch) -> Result<(), StoreError> {
        let statement = "INSERT INTO consent_batch (number, form, prefix, digest, events, evidence, \
                         recorded_at, entry, leaf, salt) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![
            signed(batch.number, "consent_batch.number")?,
            signed(batch.form, "consent_batch.form")?,
            batch.prefix,
            batch.digest,
            signed(batch.events, "consent_batch.events")?,
            batch.evidence,
            batch.recorded_at.seconds(),
            batch.entry.map(|entry| signed(entry, "consent_batch.entry")).transpose()?,
            batch.leaf.map(|leaf| signed(leaf, "consent_batch.leaf")).transpose()?,
            batch.salt,
        ];
        self.0.execute(statement, values).map_err(failed("insert batch"))?;
        Ok(())
    }

    /// Adds events; in the order of tokens it is fastest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_events<'a>(
        &self,
        rows: impl Iterator<Item = &'a (VaultToken, EventRow)>,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO consent_event (token, number, form, at, flags) \
                         VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("insert events"))?;
        let mut told = Vec::with_capacity(rows.size_hint().0);
        for (token, row) in rows {
            let number = signed(row.number, "consent_event.number")?;
            let form = signed(row.form, "consent_event.form")?;
            let values = params![token.as_bytes(), number, form, row.at, row.flags];
            statement.execute(values).map_err(failed("insert events"))?;
            let token = Cell::Bytes { b: token.as_bytes().to_vec() };
            let rest = [number, form, row.at, i64::from(row.flags)].map(Cell::Number);
            told.push([token].into_iter().chain(rest).collect());
        }
        self.tell(said::came(told));
        Ok(())
    }

    /// Appends the events of a token: those whose proofs are here, and those of choices whose proofs have gone to
    /// the archive.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn events_of(&self, token: &VaultToken, out: &mut Vec<EventRow>) -> Result<(), StoreError> {
        let statement = "SELECT number, form, at, flags FROM consent_event WHERE token = ?1 \
                         UNION ALL \
                         SELECT number, form, at, flags FROM consent_end WHERE token = ?1";
        self.rows_of(statement, token, out)
    }

    pub(super) fn rows_of(
        &self,
        statement: &str,
        token: &VaultToken,
        out: &mut Vec<EventRow>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read events"))?;
        let mut rows = statement.query([token.as_bytes()]).map_err(failed("read events"))?;
        while let Some(row) = rows.next().map_err(failed("read events"))? {
            let read = || -> rusqlite::Result<(i64, i64, i64, u8)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (number, form, at, flags) = read().map_err(failed("read events"))?;
            out.push(EventRow {
                number: unsigned(number, "consent_event.number")?,
                form: unsigned(form, "consent_event.form")?,
                at,
                flags,
            });
        }
        Ok(())
    }

    fn consent_batch_where<P: rusqlite::Params>(
        &self,
        condition: &str,
        values: P,
    ) -> Result<Option<ConsentBatch>, StoreError> {
        let statement = format!(
            "SELECT number, form, prefix, digest, events, evidence, recorded_at, entry, \
             leaf, salt FROM consent_batch WHERE {condition}"
        );
        let found = self.0.query_row(&statement, values, |row| {
            let numbers: [i64; 4] = [row.get(0)?, row.get(1)?, row.get(4)?, row.get(6)?];
            let places: [Option<i64>; 2] = [row.get(7)?, row.get(8)?];
            Ok(((numbers, places), row.get(2)?, row.get(3)?, row.get(5)?, row.get(9)?))
        });
        let Some(((numbers, places), prefix, digest, evidence, salt)) =
            found.optional().map_err(failed("read batch"))?
        else {
            return Ok(None);
        };
        let [number, form, events, at] = numbers;
        let [entry, leaf] = places;
        Ok(Some(ConsentBatch {
            number: unsigned(number, "consent_batch.number")?,
            form: unsigned(form, "consent_batch.form")?,
            prefix,
            digest,
            events: unsigned(events, "consent_batch.events")?,
            evidence,
            recorded_at: moment(at, "consent_batch.recorded_at")?,
            entry: entry.map(|entry| unsigned(entry, "consent_batch.entry")).transpose()?,
            leaf: leaf.map(|leaf| unsigned(leaf, "consent_batch.leaf")).transpose()?,
            salt,
        }))
    }

    /// The batch of a record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn consent_batch_of(&self, prefix: &[u8; 12]) -> Result<Option<ConsentBatch>, StoreError> {
        self.consent_batch_where("prefix = ?1", [prefix])
    }

    /// The batch that holds what has this digest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn consent_batch_by_digest(
        &self,
        digest: &[u8; 16],
    ) -> Result<Option<ConsentBatch>, StoreError> {
        self.consent_batch_where("digest = ?1", [digest])
    }

    /// A batch by its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn consent_batch(&self, number: u64) -> Result<Option<ConsentBatch>, StoreError> {
        self.consent_batch_where("number = ?1", [signed(number, "consent_batch.number")?])
    }

    /// What companies have said of a token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn facts_of(
        &self,
        token: &VaultToken,
        out: &mut Vec<(Siren, Fact)>,
    ) -> Result<(), StoreError> {
        let statement = "SELECT siren, informed_at, collected_by, last_contact, restricted \
                         FROM rights_fact WHERE token = ?1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read facts"))?;
        let mut rows = statement.query([token.as_bytes()]).map_err(failed("read facts"))?;
        while let Some(row) = rows.next().map_err(failed("read facts"))? {
            let read = || -> rusqlite::Result<RawFact> {
                Ok((row.get(0)?, [row.get(1)?, row.get(3)?], row.get(2)?, row.get(4)?))
            };
            let (siren, [informed, last], collected, restricted) =
                read().map_err(failed("read facts"))?;
            let at = |seconds: Option<i64>, column| {
                seconds.map(|seconds| moment(seconds, column)).transpose()
            };
            let collected = collected.map(|text| parse(&text, "rights_fact.collected_by"));
            let fact = Fact {
                informed_at: at(informed, "rights_fact.informed_at")?,
                collected_by: collected.transpose()?,
                last_contact: at(last, "rights_fact.last_contact")?,
                restricted,
            };
            out.push((parse(&siren, "rights_fact.siren")?, fact));
        }
        Ok(())
    }

    /// Puts what a company says of a token; what it leaves unsaid stays as it was, and restriction is
    /// put by [`Tx::restrict`] alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_fact(
        &self,
        token: &VaultToken,
        siren: Siren,
        fact: &Fact,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO rights_fact (token, siren, informed_at, collected_by, \
                         last_contact) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET \
                         informed_at = coalesce(informed_at, excluded.informed_at), \
                         collected_by = coalesce(excluded.collected_by, collected_by), \
                         last_contact = max(coalesce(excluded.last_contact, last_contact), \
                                            coalesce(last_contact, excluded.last_contact))";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("put fact"))?;
        let values = params![
            token.as_bytes(),
            siren.to_string(),
            fact.informed_at.map(Moment::seconds),
            fact.collected_by.map(|siren| siren.to_string()),
            fact.last_contact.map(Moment::seconds),
        ];
        statement.execute(values).map_err(failed("put fact"))?;
        Ok(())
    }

    /// Restricts what a company does with a token, or lifts the restriction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restrict(
        &self,
        token: &VaultToken,
        siren: Siren,
        (restricted, at): (bool, Moment),
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO rights_fact (token, siren, restricted, restricted_at) \
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET \
                         restricted = excluded.restricted, restricted_at = excluded.restricted_at";
        let values = params![token.as_bytes(), siren.to_string(), restricted, at.seconds()];
        self.0.execute(statement, values).map_err(failed("restrict"))?;
        Ok(())
    }

    /// The collectors that are suspended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn suspended(&self) -> Result<Vec<Siren>, StoreError> {
        let statement = "SELECT siren FROM supplier_suspension ORDER BY siren";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read suspended"))?;
        let rows = statement
            .query_map([], |row| row.get::<_, String>(0))
            .map_err(failed("read suspended"))?;
        rows.map(|row| parse(&row.map_err(failed("read suspended"))?, "supplier_suspension.siren"))
            .collect()
    }

    /// Suspends a collector, or takes it up again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn suspend(&self, siren: Siren, since: Option<Moment>) -> Result<(), StoreError> {
        let siren = siren.to_string();
        match since {
            Some(at) => self.0.execute(
                "INSERT INTO supplier_suspension VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![siren, at.seconds()],
            ),
            None => self.0.execute("DELETE FROM supplier_suspension WHERE siren = ?1", [siren]),
        }
        .map_err(failed("suspend"))?;
        Ok(())
    }
}
