//! Sends the messages that wait: at least once each, with the same id at every attempt, and never again once it was
//! recorded that one was accepted. One message at a time for each webhook, few at once for each party, so that who
//! answers slowly holds up nobody else. What is under way is remembered here only: after a kill the message still
//! waits in the database and is sent again.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiers_protocol::entropy::Entropy as _;
use tiers_protocol::ids::{PartyId, WebhookId};
use tiers_protocol::sign::SigningSecret;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::webhook::{ID_HEADER, SIGNATURE_HEADER, TEST, TIMESTAMP_HEADER, sign};

use crate::limits;
use crate::service::{Certifier, ServiceError, act};
use crate::store::Tx;
use crate::store::webhook::Webhook;
use crate::store::webhook_delivery::Delivery;
use crate::time::Moment;

/// What is due is looked for at least this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Seconds from one attempt to the next: three days and four hours in all (Standard Webhooks, "Deliverability").
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Seconds that a receiver may ask to be left alone for.
const RETRY_AFTER_MAX: i64 = 86_400;

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct HookCall<'a> {
    /// Where to.
    pub url: &'a str,
    /// Names and values that the message adds.
    pub headers: &'a [(&'static str, String); 3],
    /// The body, in JSON.
    pub body: &'a [u8],
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookFailure {
    /// The name is not known.
    Name,
    /// The name leads to addresses that may not be called.
    Address,
    /// Nobody accepts connections there, or the connection was lost.
    Connection,
    /// The certificate is not accepted.
    Tls,
    /// It took too long.
    Timeout,
    /// What came is no answer of HTTP.
    Answer,
}

impl HookFailure {
    /// Its stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Answer => "answer",
        }
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAnswer {
    /// An answer.
    Status {
        /// Its status.
        status: u16,
        /// Seconds after which to try again, if it said so.
        retry_after: Option<u32>,
    },
    /// None.
    Failed(HookFailure),
}

/// Calls webhooks. An implementation calls no address that [`super::Reach`] does not permit, follows no redirect, and
/// takes a few seconds at most.
pub trait CallWebhook: Send + Sync {
    /// Posts a message.
    fn call(&self, call: &HookCall<'_>) -> HookAnswer;
}

/// A message that is under way.
struct Job {
    webhook: Webhook,
    delivery: Delivery,
}

/// What the threads share.
#[derive(Default)]
pub(in crate::service) struct Hooks {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Webhooks that are being called, and whose they are.
    under_way: BTreeMap<WebhookId, PartyId>,
    nudges: u64,
    stopped: bool,
}

impl Hooks {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something may be due.
    pub(in crate::service) fn nudge(&self) {
        self.state().nudges += 1;
        self.changed.notify_all();
    }

    /// Until something changed since `nudges`, or a second is over; whether the thread goes on.
    fn rest(&self, nudges: u64) -> bool {
        let same = |state: &mut State| state.nudges == nudges && !state.stopped;
        let waited = self.changed.wait_timeout_while(self.state(), LOOK_EVERY, same);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }
}

/// Ends what is under way, also when its thread panics.
struct UnderWay<'a>(&'a Hooks, WebhookId);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().under_way.remove(&self.1);
        self.0.nudge();
    }
}

/// The thread that sends; it ends when this is dropped.
pub struct Delivering {
    hooks: Arc<Hooks>,
    thread: Option<JoinHandle<()>>,
}

impl Delivering {
    /// Begins nothing more, and waits until what is under way is recorded.
    pub fn stop(mut self) {
        self.hooks.stop();
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
        let busy = |state: &mut State| !state.under_way.is_empty();
        drop(self.hooks.changed.wait_while(self.hooks.state(), busy));
    }
}

impl Drop for Delivering {
    fn drop(&mut self) {
        self.hooks.stop();
    }
}

impl Certifier {
    /// Sends messages when they are due from now on, as long as what is returned lives.
    pub fn begin_delivering(self: &Arc<Self>) -> Delivering {
        let hooks = Arc::clone(&self.hooks);
        let (certifier, shared) = (Arc::downgrade(self), Arc::clone(&hooks));
        let thread = self
            .webhooks
            .call
            .is_some()
            .then(|| thread::spawn(move || attend(&certifier, &shared)));
        Delivering { hooks, thread }
    }

    /// Sends whatever is due now, and returns when nothing more is; how many calls that took.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn deliver_due(&self) -> Result<usize, ServiceError> {
        let mut calls = 0;
        loop {
            let jobs = self.take_due()?;
            if jobs.is_empty() {
                return Ok(calls);
            }
            calls += jobs.len();
            thread::scope(|scope| {
                for job in &jobs {
                    scope.spawn(|| self.send(job));
                }
            });
        }
    }

    /// What is due and can be sent now; each is under way from here on.
    fn take_due(&self) -> Result<Vec<Job>, ServiceError> {
        if self.webhooks.call.is_none() {
            return Ok(Vec::new());
        }
        // Read under the lock: what is no longer under way has been recorded before, so that nothing is taken whose
        // end the database does not know.
        let mut state = self.hooks.state();
        let now = self.now();
        let due = self.db.read("due deliveries", |tx| tx.due_deliveries(now))?;
        let mut jobs = Vec::new();
        for (webhook, delivery) in due {
            if state.under_way.len() >= limits::WEBHOOK_CALLS {
                break;
            }
            let of_party = state.under_way.values().filter(|party| **party == webhook.party);
            let is_free = of_party.count() < limits::WEBHOOK_CALLS_OF_PARTY;
            if is_free && !state.under_way.contains_key(&webhook.id) {
                state.under_way.insert(webhook.id, webhook.party);
                jobs.push(Job { webhook, delivery });
            }
        }
        Ok(jobs)
    }

    /// Sends one message and records what came of it.
    fn send(&self, job: &Job) {
        let _under_way = UnderWay(&self.hooks, job.webhook.id);
        let Some(caller) = &self.webhooks.call else { return };
        let (id, at) = (job.delivery.id.to_string(), self.now().seconds());
        let keys: Vec<SigningSecret> =
            self.hook_keys(&job.webhook).into_iter().map(|(secret, _)| secret).collect();
        let signature = sign(&keys, &id, at, &job.delivery.payload);
        let headers =
            [(ID_HEADER, id), (TIMESTAMP_HEADER, at.to_string()), (SIGNATURE_HEADER, signature)];
        let (url, body) = (&job.webhook.url, &job.delivery.payload);
        let answer = caller.call(&HookCall { url, headers: &headers, body });
        if let Err(error) = self.record(job, answer) {
            tracing::error!(code = error.code(), error = %error, "a delivery was not recorded");
        }
    }

    fn record(&self, job: &Job, answer: HookAnswer) -> Result<(), ServiceError> {
        let now = self.now();
        let (status, fault, asked) = match answer {
            HookAnswer::Status { status: status @ 200..=299, .. } => {
                return self.accepted(job, status, now);
            }
            HookAnswer::Status { status: 410, .. } => return self.gone(job),
            HookAnswer::Status { status: status @ 300..=399, .. } => {
                (Some(status), "redirect", None)
            }
            HookAnswer::Status { status, retry_after } => (Some(status), "status", retry_after),
            HookAnswer::Failed(failure) => (None, failure.as_str(), None),
        };
        let test = job.delivery.kind == TEST;
        let next = if test { None } else { self.next_attempt(job.delivery.attempts, asked, now) };
        self.db.write("record delivery", |tx| {
            tx.not_delivered(&job.delivery.id, (now, next), (status, fault))?;
            tx.webhook_fails(&job.webhook.id, now)?;
            if next.is_none() && !test { self.given_up(tx, &job.webhook.id, now) } else { Ok(()) }
        })
    }

    /// When a message is sent next, after `before` attempts and this one; never again after the last.
    fn next_attempt(&self, before: u32, asked: Option<u32>, now: Moment) -> Option<Moment> {
        let wait = *WAITS.get(usize::try_from(before).ok()?)?;
        // Up to a fifth more, so that those who failed together do not come back together.
        let [dice] = self.random().array::<1>();
        let wait = wait + wait * i64::from(dice) / (5 * 256);
        let asked = asked.map_or(0, i64::from).min(RETRY_AFTER_MAX);
        Moment::from_seconds(now.seconds() + wait.max(asked))
    }

    fn accepted(&self, job: &Job, status: u16, now: Moment) -> Result<(), ServiceError> {
        self.db.write("record delivery", |tx| {
            tx.delivered(&job.delivery.id, now, status)?;
            let was = tx.webhook(&job.webhook.id)?;
            tx.webhook_accepts(&job.webhook.id)?;
            if was.is_none_or(|webhook| webhook.disabled_at.is_none()) {
                return Ok(());
            }
            let detail = serde_json::json!({ "party": job.webhook.party, "state": "active" });
            self.changed(tx, EntryType::WebhookChanged, &job.webhook.id, &detail)
        })
    }

    /// Its receiver says that it is gone for good (410): it is removed, and the party is told.
    fn gone(&self, job: &Job) -> Result<(), ServiceError> {
        let (id, party) = (job.webhook.id, job.webhook.party);
        self.db.write("remove webhook", |tx| {
            if !tx.delete_webhook(&id)? {
                return Ok(());
            }
            let detail = serde_json::json!({ "because": "gone", "party": party });
            self.changed(tx, EntryType::WebhookRemoved, &id, &detail)?;
            let document = serde_json::json!({ "webhook": id });
            self.write_notice(tx, party, ("webhook.removed", &document))
        })
    }

    /// A message was given up. Where nothing else was accepted for three days either, the webhook is suspended and
    /// the party is told.
    fn given_up(&self, tx: &Tx<'_>, id: &WebhookId, now: Moment) -> Result<(), ServiceError> {
        let Some(webhook) = tx.webhook(id)? else { return Ok(()) };
        let silent = webhook.failing_since.map_or(0, |since| now.seconds() - since.seconds());
        if webhook.disabled_at.is_some() || silent < limits::WEBHOOK_SILENT_SECONDS {
            return Ok(());
        }
        tx.disable_webhook(id, now)?;
        let detail = serde_json::json!({ "party": webhook.party, "state": "disabled" });
        self.changed(tx, EntryType::WebhookChanged, id, &detail)?;
        let document = serde_json::json!({ "webhook": id });
        self.write_notice(tx, webhook.party, ("webhook.disabled", &document))?;
        tracing::warn!(webhook = %id, "a webhook took nothing for three days and is suspended");
        Ok(())
    }

    fn changed(
        &self,
        tx: &Tx<'_>,
        kind: EntryType,
        id: &WebhookId,
        detail: &serde_json::Value,
    ) -> Result<(), ServiceError> {
        act::by_certifier(self, kind, &id.to_string()).record(tx, self, detail).map(drop)
    }
}

/// The life of the thread that looks for what is due; each message has a thread of its own.
fn attend(certifier: &Weak<Certifier>, hooks: &Hooks) {
    loop {
        let nudges = hooks.state().nudges;
        let Some(certifier) = certifier.upgrade() else { return };
        match certifier.take_due() {
            Ok(jobs) => {
                for job in jobs {
                    let certifier = Arc::clone(&certifier);
                    thread::spawn(move || certifier.send(&job));
                }
            }
            Err(error) => {
                tracing::error!(code = error.code(), error = %error, "what is due was not read");
            }
        }
        drop(certifier);
        if !hooks.rest(nudges) {
            return;
        }
    }
}
