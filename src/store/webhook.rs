//! Webhooks: the addresses of companies, their keys by number, and how they fare.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::ids::{PartyId, WebhookId};

use super::column::{parse, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose.
    pub party: PartyId,
    /// Where to; may hold a secret of the party, and goes into no log.
    pub url: String,
    /// Kinds of notice; of all, when empty.
    pub kinds: Vec<String>,
    /// Number of the key that signs, from one on.
    pub generation: u64,
    /// Until when the key before signs as well.
    pub previous_until: Option<Moment>,
    /// When it was added.
    pub created_at: Moment,
    /// Since when nothing was accepted.
    pub failing_since: Option<Moment>,
    /// When it was suspended.
    pub disabled_at: Option<Moment>,
}

type Raw = ([String; 4], [i64; 2], [Option<i64>; 3]);

pub(super) const COLUMNS: &str = "webhook.id, webhook.party_id, webhook.url, webhook.kinds, \
    webhook.generation, webhook.created_at, webhook.previous_until, webhook.failing_since, \
    webhook.disabled_at";

/// Columns of [`COLUMNS`].
pub(super) const WIDTH: usize = 9;

pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
    let maybe = [row.get(6)?, row.get(7)?, row.get(8)?];
    Ok((texts, [row.get(4)?, row.get(5)?], maybe))
}

pub(super) fn webhook((texts, [generation, made], maybe): Raw) -> Result<Webhook, StoreError> {
    let [id, party, url, kinds] = texts;
    let moment = |seconds| {
        Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column: "webhook.created_at" })
    };
    let [previous, failing, disabled] = maybe.map(|at| at.map(moment).transpose());
    Ok(Webhook {
        id: parse(&id, "webhook.id")?,
        party: parse(&party, "webhook.party_id")?,
        url,
        kinds: kinds.split_whitespace().map(str::to_owned).collect(),
        generation: unsigned(generation, "webhook.generation")?,
        previous_until: previous?,
        created_at: moment(made)?,
        failing_since: failing?,
        disabled_at: disabled?,
    })
}

impl Tx<'_> {
    /// Adds a webhook.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let statement = "INSERT INTO webhook (id, party_id, url, kinds, generation, created_at) \
                         VALUES (?1, ?2, ?3, ?4, 1, ?5)";
        let values = params![
            webhook.id.to_string(),
            webhook.party.to_string(),
            webhook.url,
            webhook.kinds.join(" "),
            webhook.created_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert webhook"))?;
        Ok(())
    }

    /// The webhooks of a party, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn webhooks_of(&self, party: &PartyId) -> Result<Vec<Webhook>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM webhook WHERE party_id = ?1 ORDER BY created_at, rowid");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read webhooks"))?;
        let rows =
            statement.query_map([party.to_string()], raw).map_err(failed("read webhooks"))?;
        rows.map(|row| webhook(row.map_err(failed("read webhooks"))?)).collect()
    }

    /// One webhook, whoever's it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn webhook(&self, id: &WebhookId) -> Result<Option<Webhook>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM webhook WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], raw).optional();
        found.map_err(failed("read webhook"))?.map(webhook).transpose()
    }

    /// Removes a webhook with every message to it; whether it was there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_webhook(&self, id: &WebhookId) -> Result<bool, StoreError> {
        let statement = "DELETE FROM webhook WHERE id = ?1";
        let gone = self.0.execute(statement, [id.to_string()]).map_err(failed("delete webhook"))?;
        Ok(gone == 1)
    }

    /// Puts the next key of a webhook in force; the one before signs as well until `until`. Whether it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rotate_webhook(&self, id: &WebhookId, until: Moment) -> Result<bool, StoreError> {
        let statement = "UPDATE webhook SET generation = generation + 1, previous_until = ?2 \
                         WHERE id = ?1";
        let values = params![id.to_string(), until.seconds()];
        let changed = self.0.execute(statement, values).map_err(failed("rotate webhook"))?;
        Ok(changed == 1)
    }

    /// A webhook accepted a message: whatever was amiss is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn webhook_accepts(&self, id: &WebhookId) -> Result<(), StoreError> {
        let statement = "UPDATE webhook SET failing_since = NULL, disabled_at = NULL \
                         WHERE id = ?1 AND failing_since IS NOT NULL";
        self.0.execute(statement, [id.to_string()]).map_err(failed("note webhook"))?;
        Ok(())
    }

    /// A webhook did not accept a message.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn webhook_fails(&self, id: &WebhookId, now: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE webhook SET failing_since = coalesce(failing_since, ?2) \
                         WHERE id = ?1";
        let values = params![id.to_string(), now.seconds()];
        self.0.execute(statement, values).map_err(failed("note webhook"))?;
        Ok(())
    }

    /// Suspends a webhook: what waits for it is given up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn disable_webhook(&self, id: &WebhookId, now: Moment) -> Result<(), StoreError> {
        let values = params![id.to_string(), now.seconds()];
        let statement = "UPDATE webhook SET disabled_at = ?2 WHERE id = ?1";
        self.0.execute(statement, values).map_err(failed("disable webhook"))?;
        let statement = "UPDATE webhook_delivery SET state = 'failed', due_at = NULL, \
                         last_at = coalesce(last_at, ?2), \
                         last_fault = coalesce(last_fault, 'disabled') \
                         WHERE webhook_id = ?1 AND due_at IS NOT NULL";
        self.0.execute(statement, values).map_err(failed("disable webhook"))?;
        Ok(())
    }

    /// The webhooks of parties that nobody has a way in for any more: neither a key nor a passkey.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn webhooks_left_behind(&self) -> Result<Vec<Webhook>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM webhook WHERE party_id NOT IN (SELECT party_id FROM credential \
             WHERE revoked_at IS NULL AND party_id IS NOT NULL)"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read webhooks"))?;
        let rows = statement.query_map([], raw).map_err(failed("read webhooks"))?;
        rows.map(|row| webhook(row.map_err(failed("read webhooks"))?)).collect()
    }
}
