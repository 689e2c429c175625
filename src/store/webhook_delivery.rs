//! Messages to webhooks: written with their notices, taken when they are due, ended once. What they say is their
//! writer's matter.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::ids::{DeliveryId, NoticeId, WebhookId};
use tiers_protocol::webhook::DeliveryState;

use super::column::{parse, unsigned};
use super::db::failed;
use super::webhook::{self, Webhook};
use super::{StoreError, Tx};
use crate::time::Moment;

/// A message.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// Of which kind.
    pub kind: String,
    /// Of which notice; none in a test.
    pub notice: Option<NoticeId>,
    /// Its body.
    pub payload: Vec<u8>,
    /// When it was written.
    pub created_at: Moment,
    /// How it is.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is sent next, while it waits.
    pub due_at: Option<Moment>,
    /// When it was sent last.
    pub last_at: Option<Moment>,
    /// What was answered then.
    pub last_status: Option<u16>,
    /// Why it was not accepted.
    pub last_fault: Option<String>,
}

/// How the messages stand as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HookCounts {
    /// Messages that wait.
    pub pending: u64,
    /// Messages that were given up and are still kept.
    pub failed: u64,
    /// When the oldest that waits was written.
    pub oldest: Option<Moment>,
    /// Webhooks that are suspended.
    pub disabled: u64,
}

type Raw = ([String; 3], Option<String>, Vec<u8>, i64, (String, u32), [Option<i64>; 2], Answered);

/// Status and fault of the last attempt.
type Answered = (Option<u16>, Option<String>);

const COLUMNS: &str = "d.id, d.webhook_id, d.kind, d.notice_id, d.payload, d.created_at, d.state, \
                       d.attempts, d.due_at, d.last_at, d.last_status, d.last_fault";

fn raw(row: &Row<'_>, at: usize) -> rusqlite::Result<Raw> {
    Ok((
        [row.get(at)?, row.get(at + 1)?, row.get(at + 2)?],
        row.get(at + 3)?,
        row.get(at + 4)?,
        row.get(at + 5)?,
        (row.get(at + 6)?, row.get(at + 7)?),
        [row.get(at + 8)?, row.get(at + 9)?],
        (row.get(at + 10)?, row.get(at + 11)?),
    ))
}

fn delivery(raw: Raw) -> Result<Delivery, StoreError> {
    let ([id, webhook, kind], notice, payload, made, (state, attempts), times, answered) = raw;
    let moment = |seconds| {
        let wrong = StoreError::Corrupt { column: "webhook_delivery.created_at" };
        Moment::from_seconds(seconds).ok_or(wrong)
    };
    let [due_at, last_at] = times.map(|at| at.map(moment).transpose());
    Ok(Delivery {
        id: parse(&id, "webhook_delivery.id")?,
        webhook: parse(&webhook, "webhook_delivery.webhook_id")?,
        kind,
        notice: notice.map(|id| parse(&id, "webhook_delivery.notice_id")).transpose()?,
        payload,
        created_at: moment(made)?,
        state: parse(&state, "webhook_delivery.state")?,
        attempts,
        due_at: due_at?,
        last_at: last_at?,
        last_status: answered.0,
        last_fault: answered.1,
    })
}

impl Tx<'_> {
    /// Writes a message, due at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let statement = "INSERT INTO webhook_delivery \
                         (id, webhook_id, kind, notice_id, payload, created_at, state, due_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?6)";
        let values = params![
            delivery.id.to_string(),
            delivery.webhook.to_string(),
            delivery.kind,
            delivery.notice.map(|id| id.to_string()),
            delivery.payload,
            delivery.created_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert delivery"))?;
        Ok(())
    }

    /// The first message that is due for each webhook, with it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn due_deliveries(&self, now: Moment) -> Result<Vec<(Webhook, Delivery)>, StoreError> {
        let statement = format!(
            "SELECT {}, {COLUMNS} FROM webhook_delivery AS d JOIN webhook ON webhook.id = d.webhook_id \
             WHERE d.number IN (SELECT min(number) FROM webhook_delivery WHERE due_at <= ?1 \
             GROUP BY webhook_id) ORDER BY d.due_at, d.number",
            webhook::COLUMNS
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("due deliveries"))?;
        let rows = statement
            .query_map([now.seconds()], |row| Ok((webhook::raw(row)?, raw(row, webhook::WIDTH)?)))
            .map_err(failed("due deliveries"))?;
        rows.map(|row| {
            let (of, one) = row.map_err(failed("due deliveries"))?;
            Ok((webhook::webhook(of)?, delivery(one)?))
        })
        .collect()
    }

    /// The newest messages to a webhook, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deliveries_of(&self, id: &WebhookId, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM webhook_delivery AS d WHERE webhook_id = ?1 \
             ORDER BY number DESC LIMIT ?2"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read deliveries"))?;
        let values = params![id.to_string(), limit];
        let rows =
            statement.query_map(values, |row| raw(row, 0)).map_err(failed("read deliveries"))?;
        rows.map(|row| delivery(row.map_err(failed("read deliveries"))?)).collect()
    }

    /// One message to a webhook.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delivery(
        &self,
        webhook: &WebhookId,
        id: &DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM webhook_delivery AS d WHERE webhook_id = ?1 AND id = ?2"
        );
        let values = [webhook.to_string(), id.to_string()];
        let found = self.0.query_row(&statement, values, |row| raw(row, 0)).optional();
        found.map_err(failed("read delivery"))?.map(delivery).transpose()
    }

    /// A message of this kind that waits, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_delivery(
        &self,
        webhook: &WebhookId,
        kind: &str,
    ) -> Result<Option<Delivery>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM webhook_delivery AS d WHERE webhook_id = ?1 AND kind = ?2 \
             AND due_at IS NOT NULL LIMIT 1"
        );
        let values = [webhook.to_string(), kind.to_owned()];
        let found = self.0.query_row(&statement, values, |row| raw(row, 0)).optional();
        found.map_err(failed("read delivery"))?.map(delivery).transpose()
    }

    /// Ends a message as accepted. Nothing where it is gone with its webhook.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delivered(&self, id: &DeliveryId, now: Moment, status: u16) -> Result<(), StoreError> {
        let statement = "UPDATE webhook_delivery SET state = 'delivered', due_at = NULL, \
                         attempts = attempts + 1, last_at = ?2, last_status = ?3, last_fault = NULL \
                         WHERE id = ?1";
        let values = params![id.to_string(), now.seconds(), status];
        self.0.execute(statement, values).map_err(failed("end delivery"))?;
        Ok(())
    }

    /// Notes an attempt that was not accepted: the next one is at `next`; without one the message is given up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn not_delivered(
        &self,
        id: &DeliveryId,
        (now, next): (Moment, Option<Moment>),
        (status, fault): (Option<u16>, &str),
    ) -> Result<(), StoreError> {
        let statement = "UPDATE webhook_delivery SET due_at = ?3, \
                         state = CASE WHEN ?3 IS NULL THEN 'failed' ELSE 'pending' END, \
                         attempts = attempts + 1, last_at = ?2, last_status = ?4, last_fault = ?5 \
                         WHERE id = ?1";
        let next = next.map(Moment::seconds);
        let values = params![id.to_string(), now.seconds(), next, status, fault];
        self.0.execute(statement, values).map_err(failed("note delivery"))?;
        Ok(())
    }

    /// Has a message sent again from the first attempt on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn resend_delivery(&self, id: &DeliveryId, now: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE webhook_delivery SET state = 'pending', due_at = ?2, attempts = 0 \
                         WHERE id = ?1";
        let values = params![id.to_string(), now.seconds()];
        self.0.execute(statement, values).map_err(failed("resend delivery"))?;
        Ok(())
    }

    /// Messages to a webhook that were given up, the oldest first; tests are not repeated.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn failed_deliveries(
        &self,
        id: &WebhookId,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let statement = "SELECT id FROM webhook_delivery WHERE webhook_id = ?1 \
                         AND state = 'failed' AND notice_id IS NOT NULL ORDER BY number LIMIT ?2";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read deliveries"))?;
        let rows = statement
            .query_map(params![id.to_string(), limit], |row| row.get::<_, String>(0))
            .map_err(failed("read deliveries"))?;
        rows.map(|row| parse(&row.map_err(failed("read deliveries"))?, "webhook_delivery.id"))
            .collect()
    }

    /// Whether a message ended before a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_old_deliveries(&self, before: Moment) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM webhook_delivery \
                         WHERE due_at IS NULL AND last_at < ?1)";
        let found = self.0.query_row(statement, [before.seconds()], |row| row.get(0));
        found.map_err(failed("look for deliveries"))
    }

    /// Deletes messages that ended before a moment; how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_deliveries(&self, before: Moment) -> Result<usize, StoreError> {
        let statement = "DELETE FROM webhook_delivery WHERE due_at IS NULL AND last_at < ?1";
        self.0.execute(statement, [before.seconds()]).map_err(failed("forget deliveries"))
    }

    /// How the messages stand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn hook_counts(&self) -> Result<HookCounts, StoreError> {
        let statement = "SELECT (SELECT count(*) FROM webhook_delivery WHERE due_at IS NOT NULL), \
            (SELECT count(*) FROM webhook_delivery WHERE due_at IS NULL AND state = 'failed'), \
            (SELECT min(created_at) FROM webhook_delivery WHERE due_at IS NOT NULL), \
            (SELECT count(*) FROM webhook WHERE disabled_at IS NOT NULL)";
        let (pending, given_up, oldest, disabled) = self
            .0
            .query_row(statement, [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?, row.get(3)?))
            })
            .map_err(failed("count deliveries"))?;
        Ok(HookCounts {
            pending: unsigned(pending, "count")?,
            failed: unsigned(given_up, "count")?,
            oldest: oldest.and_then(Moment::from_seconds),
            disabled: unsigned(disabled, "count")?,
        })
    }
}
