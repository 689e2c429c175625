//! Figures about the certifier itself for whoever runs it: counts and ages, never about what a deposit or a
//! report says.

use tiers_protocol::tlog::CHECKPOINT_PATH;

use super::{Certifier, ServiceError};
use crate::store::figures::Counts;

/// How the certifier stands.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    counts: Counts,
    written: u64,
    lost: u64,
    unpublished: u64,
}

impl Figures {
    /// Each figure under its name; the names are stable.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 9] {
        [
            ("deposits_open", self.counts.deposits_open),
            ("deposits_accepted", self.counts.deposits_accepted),
            ("deposits_past_term", self.counts.deposits_past_term),
            ("erasures_waiting", self.counts.erasures_waiting),
            ("ledger_entries", self.counts.entries),
            ("ledger_unpublished", self.unpublished),
            ("journal_lines_written", self.written),
            ("journal_lines_lost", self.lost),
            ("journal_alterations", self.counts.journal_alterations),
        ]
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
        let today = self.now().date();
        let counts =
            self.db.read("figures", |tx| Ok::<_, ServiceError>(tx.counts(&today.to_string())?))?;
        let published = self.published_size();
        let health = self.journal_health();
        Ok(Figures {
            counts,
            written: health.written,
            lost: health.lost,
            unpublished: counts.entries.saturating_sub(published),
        })
    }

    /// Entries that the published checkpoint covers, as everybody reads it.
    fn published_size(&self) -> u64 {
        let checkpoint = std::fs::read_to_string(self.ledger_folder().join(CHECKPOINT_PATH));
        let size = checkpoint.ok().and_then(|text| text.lines().nth(1)?.parse().ok());
        size.unwrap_or(0)
    }
}
