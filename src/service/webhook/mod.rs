//! Webhooks: the addresses to which a party has its notices told, and what is written for them. A message is written
//! in the transaction of its notice (`Certifier::write_notice`), so that neither is without the other; it is sent in
//! the background (`deliver`). Nothing secret is kept: the key of each webhook follows from the keyring
//! (`docs/decisions/0065-webhooks.md`).

mod address;
mod deliver;

use serde_json::Value;
use tiers_contact::labels;
use tiers_protocol::canonical;
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{BatchId, DeliveryId, FormId, NoticeId, PartyId, RequestId, WebhookId};
use tiers_protocol::sign::SigningSecret;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::webhook::{
    DeliveryInfo, DeliveryState, HookData, HookKey, HookKeyInfo, HookMessage, KINDS, NewWebhook,
    ResendDeliveries, TEST, WebhookInfo, WebhookState,
};

use super::authority::{Object, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::limits;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::notice::Notice;
use crate::store::webhook::Webhook;
use crate::store::webhook_delivery::Delivery;
use crate::time::Moment;

pub use address::{Network, NetworkError, Reach};
pub(super) use deliver::Hooks;
pub use deliver::{CallWebhook, Delivering, HookAnswer, HookCall, HookFailure};

/// How webhooks are reached.
#[derive(Default)]
pub struct Webhooks {
    /// Calls one; without it messages are written and wait.
    pub call: Option<Box<dyn CallWebhook>>,
    /// Which addresses may be called.
    pub reach: Reach,
    /// The public address of this certifier, for links.
    pub public: Option<String>,
}

impl Certifier {
    /// Writes a notice to a party and, in the same transaction, a message for each of its webhooks that wants it.
    pub(super) fn write_notice(
        &self,
        tx: &Tx<'_>,
        party: PartyId,
        (kind, document): (&str, &Value),
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let notice = Notice {
            id: NoticeId::random(&mut self.random()),
            party,
            kind: kind.to_owned(),
            document: canonical::to_vec(document),
            created_at: now,
            due_at: Moment::from_seconds(now.seconds() + limits::NOTICE_SECONDS).unwrap_or(now),
            acknowledged_at: None,
            escalated_at: None,
        };
        tx.insert_notice(&notice)?;
        for webhook in tx.webhooks_of(&party)? {
            let wanted = webhook.kinds.is_empty() || webhook.kinds.iter().any(|one| one == kind);
            if wanted && webhook.disabled_at.is_none() {
                let about = (Some(notice.id), object_of(document));
                tx.insert_delivery(&self.message(&webhook, kind, about))?;
            }
        }
        Ok(())
    }

    /// A message; it holds ids and nothing else.
    fn message(
        &self,
        webhook: &Webhook,
        kind: &str,
        (notice, object): (Option<NoticeId>, Option<String>),
    ) -> Delivery {
        let (id, now) = (DeliveryId::random(&mut self.random()), self.now());
        let base = self.webhooks.public.as_deref().unwrap_or_default();
        let link = format!("{}/v1/notices", base.trim_end_matches('/'));
        let (of, party) = (webhook.id, webhook.party);
        let message = HookMessage {
            kind: kind.to_owned(),
            timestamp: now.to_string(),
            data: HookData { id, webhook: of, party, notice, object, link },
        };
        Delivery {
            id,
            webhook: webhook.id,
            kind: kind.to_owned(),
            notice,
            payload: canonical::to_vec(&message),
            created_at: now,
            state: DeliveryState::Pending,
            attempts: 0,
            due_at: Some(now),
            last_at: None,
            last_status: None,
            last_fault: None,
        }
    }

    /// The secret half of a key of a webhook.
    fn hook_secret(&self, webhook: &WebhookId, generation: u64) -> SigningSecret {
        let label = format!("{}\0{webhook}\0{generation}", labels::WEBHOOK_KEY);
        SigningSecret::from_seed(&self.keyring.key_for(&label))
    }

    /// The keys that sign for a webhook now, the one in force first, each with the end of its time.
    fn hook_keys(&self, webhook: &Webhook) -> Vec<(SigningSecret, Option<Moment>)> {
        let mut keys = vec![(self.hook_secret(&webhook.id, webhook.generation), None)];
        let until = webhook.previous_until.filter(|until| self.now() < *until);
        if let (Some(until), Some(before @ 1..)) = (until, webhook.generation.checked_sub(1)) {
            keys.push((self.hook_secret(&webhook.id, before), Some(until)));
        }
        keys
    }

    fn hook_info(&self, webhook: &Webhook) -> WebhookInfo {
        let disabled = webhook.disabled_at.is_some();
        let keys = self.hook_keys(webhook).into_iter().map(|(secret, until)| HookKeyInfo {
            key: HookKey::of(&secret),
            until: until.map(|at| at.to_string()),
        });
        WebhookInfo {
            webhook: webhook.id,
            url: webhook.url.clone(),
            kinds: webhook.kinds.clone(),
            state: if disabled { WebhookState::Disabled } else { WebhookState::Active },
            keys: keys.collect(),
            created_at: webhook.created_at.to_string(),
            failing_since: webhook.failing_since.map(|at| at.to_string()),
            disabled_at: webhook.disabled_at.map(|at| at.to_string()),
        }
    }

    /// Adds a webhook of the calling party.
    ///
    /// # Errors
    /// [`Refusal::BadWebhookUrl`], [`Refusal::WebhookAddress`], [`Refusal::BadWebhookKinds`],
    /// [`Refusal::TooManyWebhooks`].
    pub fn add_webhook(
        &self,
        caller: &Caller,
        new: &NewWebhook,
    ) -> Result<WebhookInfo, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.webhooks.reach.check(&new.url)?;
        let mut kinds = new.kinds.clone();
        kinds.sort_unstable();
        kinds.dedup();
        if !kinds.iter().all(|kind| KINDS.contains(&kind.as_str())) {
            return Err(Refusal::BadWebhookKinds.into());
        }
        let added = self.db.write("add webhook", |tx| {
            if tx.webhooks_of(&party)?.len() >= limits::WEBHOOKS {
                return Err(ServiceError::from(Refusal::TooManyWebhooks));
            }
            let webhook = Webhook {
                id: WebhookId::random(&mut self.random()),
                party,
                url: new.url.clone(),
                kinds,
                generation: 1,
                previous_until: None,
                created_at: self.now(),
                failing_since: None,
                disabled_at: None,
            };
            tx.insert_webhook(&webhook)?;
            // Addresses may hold a secret of the party: the ledger commits to a digest.
            let detail = serde_json::json!({
                "kinds": webhook.kinds, "party": party, "url": sha256(webhook.url.as_bytes()),
            });
            act::by(caller.actor, EntryType::WebhookAdded, &webhook.id.to_string())
                .record(tx, self, &detail)?;
            Ok(webhook)
        })?;
        self.publish()?;
        Ok(self.hook_info(&added))
    }

    /// The webhooks of the calling party.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn webhooks(&self, caller: &Caller) -> Result<Vec<WebhookInfo>, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let all = self.db.read("read webhooks", |tx| tx.webhooks_of(&party))?;
        Ok(all.iter().map(|webhook| self.hook_info(webhook)).collect())
    }

    /// Removes a webhook with every message to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn remove_webhook(&self, caller: &Caller, id: &WebhookId) -> Result<(), ServiceError> {
        self.db.write("remove webhook", |tx| {
            let webhook = self.own_webhook(tx, caller, id)?;
            tx.delete_webhook(id)?;
            let detail = serde_json::json!({ "because": "wanted", "party": webhook.party });
            act::by(caller.actor, EntryType::WebhookRemoved, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.publish()
    }

    /// Puts a new key in force; the one before signs beside it for a week.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn rotate_webhook(
        &self,
        caller: &Caller,
        id: &WebhookId,
    ) -> Result<WebhookInfo, ServiceError> {
        let now = self.now();
        let until = Moment::from_seconds(now.seconds() + limits::WEBHOOK_OVERLAP_SECONDS);
        let rotated = self.db.write("rotate webhook", |tx| {
            self.own_webhook(tx, caller, id)?;
            tx.rotate_webhook(id, until.unwrap_or(now))?;
            let webhook = self.own_webhook(tx, caller, id)?;
            let detail = serde_json::json!({ "key": webhook.generation, "party": webhook.party });
            act::by(caller.actor, EntryType::WebhookRotated, &id.to_string())
                .record(tx, self, &detail)?;
            Ok::<_, ServiceError>(webhook)
        })?;
        self.publish()?;
        Ok(self.hook_info(&rotated))
    }

    /// Writes a message that tries a webhook, also one that is suspended; the one that waits, if there is one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn test_webhook(
        &self,
        caller: &Caller,
        id: &WebhookId,
    ) -> Result<DeliveryInfo, ServiceError> {
        let written = self.db.write("test webhook", |tx| {
            let webhook = self.own_webhook(tx, caller, id)?;
            if let Some(waiting) = tx.waiting_delivery(id, TEST)? {
                return Ok::<_, ServiceError>(waiting);
            }
            let message = self.message(&webhook, TEST, (None, None));
            tx.insert_delivery(&message)?;
            Ok(message)
        })?;
        self.hooks.nudge();
        Ok(delivery_info(&written))
    }

    /// What became of the newest messages to a webhook.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn deliveries(
        &self,
        caller: &Caller,
        id: &WebhookId,
    ) -> Result<Vec<DeliveryInfo>, ServiceError> {
        let found = self.db.read("read deliveries", |tx| {
            self.own_webhook(tx, caller, id)?;
            Ok::<_, ServiceError>(tx.deliveries_of(id, limits::WEBHOOK_PAGE)?)
        })?;
        Ok(found.iter().map(delivery_info).collect())
    }

    /// Has messages sent again under the ids that they have: one, or all that were given up.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::WebhookDisabled`].
    pub fn resend(
        &self,
        caller: &Caller,
        id: &WebhookId,
        which: &ResendDeliveries,
    ) -> Result<Vec<DeliveryInfo>, ServiceError> {
        let now = self.now();
        let again = self.db.write("resend deliveries", |tx| {
            if self.own_webhook(tx, caller, id)?.disabled_at.is_some() {
                return Err(ServiceError::from(Refusal::WebhookDisabled));
            }
            let wanted = match which.delivery {
                Some(one) => vec![one],
                None => tx.failed_deliveries(id, limits::WEBHOOK_PAGE)?,
            };
            let mut again = Vec::with_capacity(wanted.len());
            for one in wanted {
                tx.delivery(id, &one)?.ok_or(Refusal::NotFound)?;
                tx.resend_delivery(&one, now)?;
                again.extend(tx.delivery(id, &one)?);
            }
            Ok(again)
        })?;
        self.hooks.nudge();
        Ok(again.iter().map(delivery_info).collect())
    }

    /// Takes webhooks to where the entries that came after a backup leave them: what was removed since is not called
    /// again, and what was rotated since has the key that its receiver was given.
    pub(super) fn catch_up_webhooks(
        &self,
        tx: &Tx<'_>,
        lost: &[(EntryType, String)],
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let until = Moment::from_seconds(now.seconds() + limits::WEBHOOK_OVERLAP_SECONDS);
        for (kind, object) in lost {
            let Ok(id) = object.parse::<WebhookId>() else { continue };
            match kind {
                EntryType::WebhookRemoved => drop(tx.delete_webhook(&id)?),
                EntryType::WebhookRotated => drop(tx.rotate_webhook(&id, until.unwrap_or(now))?),
                _ => {}
            }
        }
        Ok(())
    }

    /// Forgets messages that ended a month ago, and the webhooks of parties that nobody acts for any more.
    pub(super) fn tidy_webhooks(&self) -> Result<(), ServiceError> {
        let before = self.now().seconds() - limits::WEBHOOK_KEPT_DAYS * 86_400;
        let before = Moment::from_seconds(before).unwrap_or_else(|| self.now());
        let (left, old) = self.db.read("look for webhooks", |tx| {
            Ok::<_, ServiceError>((tx.webhooks_left_behind()?, tx.has_old_deliveries(before)?))
        })?;
        if left.is_empty() && !old {
            return Ok(());
        }
        self.db.write("tidy webhooks", |tx| {
            for webhook in &left {
                if tx.delete_webhook(&webhook.id)? {
                    let detail = serde_json::json!({ "because": "left", "party": webhook.party });
                    act::by_certifier(self, EntryType::WebhookRemoved, &webhook.id.to_string())
                        .record(tx, self, &detail)?;
                }
            }
            tx.forget_deliveries(before)?;
            Ok(())
        })
    }
}

impl Certifier {
    /// A webhook of the calling party: those of others are not there.
    fn own_webhook(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &WebhookId,
    ) -> Result<Webhook, ServiceError> {
        let found = tx.webhook(id)?.ok_or(Refusal::NotFound)?;
        self.require(caller, Purpose::BeCalled, &Object::Webhook(id, found.party))?;
        Ok(found)
    }
}

/// What a notice is about, if that is something with an id that names nobody: whatever else a notice says is read at
/// the certifier.
fn object_of(document: &Value) -> Option<String> {
    let text = |name: &str| document[name].as_str();
    let batch = text("batch").and_then(|id| id.parse::<BatchId>().ok()).map(|id| id.to_string());
    let request = || text("request")?.parse::<RequestId>().ok().map(|id| id.to_string());
    let form = || text("form")?.parse::<FormId>().ok().map(|id| id.to_string());
    let webhook = || text("webhook")?.parse::<WebhookId>().ok().map(|id| id.to_string());
    batch.or_else(request).or_else(form).or_else(webhook)
}

fn delivery_info(delivery: &Delivery) -> DeliveryInfo {
    DeliveryInfo {
        delivery: delivery.id,
        kind: delivery.kind.clone(),
        notice: delivery.notice,
        state: delivery.state,
        attempts: delivery.attempts,
        created_at: delivery.created_at.to_string(),
        next_at: delivery.due_at.map(|at| at.to_string()),
        last_at: delivery.last_at.map(|at| at.to_string()),
        last_status: delivery.last_status,
        last_fault: delivery.last_fault.clone(),
    }
}
