//! Figures about the certifier itself for whoever runs it: counts and ages, never about what a deposit or a
//! report says.

use tiers_protocol::tlog::{CHECKPOINT_PATH, WITNESSED_PATH};

use super::{Certifier, ServiceError};
use crate::store::figures::Counts;
use crate::store::webhook_delivery::HookCounts;
use crate::time::Moment;

/// Seconds before the end of a term when it is worth a look: a week.
const DUE_SOON: i64 = 7 * 86_400;

/// How the certifier stands.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    counts: Counts,
    written: u64,
    lost: u64,
    unpublished: u64,
    unwitnessed: u64,
    disputed: bool,
    uploads: u64,
    free_bytes: u64,
    hooks: HookCounts,
    oldest_hook: u64,
}

impl Figures {
    /// Each figure under its name; the names are stable.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 18] {
        [
            ("deposits_open", self.counts.deposits_open),
            ("deposits_accepted", self.counts.deposits_accepted),
            ("deposits_past_term", self.counts.deposits_past_term),
            ("deposits_due_soon", self.counts.deposits_due_soon),
            ("uploads", self.uploads),
            ("disk_free_bytes", self.free_bytes),
            ("erasures_waiting", self.counts.erasures_waiting),
            ("ledger_entries", self.counts.entries),
            ("ledger_unpublished", self.unpublished),
            ("ledger_unwitnessed", self.unwitnessed),
            ("ledger_disputed", self.disputed as u64),
            ("journal_lines_written", self.written),
            ("journal_lines_lost", self.lost),
            ("journal_alterations", self.counts.journal_alterations),
            ("webhook_pending", self.hooks.pending),
            ("webhook_oldest_seconds", self.oldest_hook),
            ("webhook_failed", self.hooks.failed),
            ("webhooks_disabled", self.hooks.disabled),
        ]
    }

    /// Entries that the published checkpoint does not cover.
    pub(super) const fn unpublished(&self) -> u64 {
        self.unpublished
    }

    /// Alerts of unusual use that nobody has closed.
    #[must_use]
    pub const fn alerts_open(&self) -> u64 {
        self.counts.alerts_open
    }

    /// How many accounts have how much left.
    #[must_use]
    pub fn accounts_by_band(&self) -> [(&'static str, u64); 4] {
        let [none, tenth, half, more] = self.counts.accounts;
        [("nothing", none), ("under_10_percent", tenth), ("under_50_percent", half), ("more", more)]
    }
}

impl Certifier {
    /// How this certifier stands.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn figures(&self) -> Result<Figures, ServiceError> {
        let now = self.now();
        let soon = Moment::from_seconds(now.seconds().saturating_add(DUE_SOON)).unwrap_or(now);
        let days = [now, soon].map(|at| at.date().to_string());
        let (counts, hooks) = self.db.read("figures", |tx| {
            let [today, soon] = &days;
            Ok::<_, ServiceError>((tx.counts(today, soon)?, tx.hook_counts()?))
        })?;
        let age = |written: Moment| u64::try_from(now.seconds() - written.seconds()).unwrap_or(0);
        let published = self.size_in(CHECKPOINT_PATH);
        let asked = self.witness_policy().asks_for_any();
        let witnessed = if asked { self.size_in(WITNESSED_PATH) } else { published };
        let health = self.journal_health();
        Ok(Figures {
            counts,
            written: health.written,
            lost: health.lost,
            unpublished: counts.entries.saturating_sub(published),
            unwitnessed: published.saturating_sub(witnessed),
            disputed: self.is_disputed(),
            uploads: u64::try_from(self.uploads().under_way()).unwrap_or(u64::MAX),
            free_bytes: self.room().unwrap_or(0),
            hooks,
            oldest_hook: hooks.oldest.map_or(0, age),
        })
    }

    /// Entries that a checkpoint of the public folder covers, as everybody reads it.
    fn size_in(&self, path: &str) -> u64 {
        let checkpoint = std::fs::read_to_string(self.ledger_folder().join(path));
        let size = checkpoint.ok().and_then(|text| text.lines().nth(1)?.parse().ok());
        size.unwrap_or(0)
    }
}
