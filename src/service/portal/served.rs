//! Commits the ledger to what is served to browsers.

use tiers_protocol::pages::Served;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, ServiceError, act};

impl Certifier {
    /// Records what is served to browsers from now on; its id stands in the entry for everybody to read.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn note_served(&self, served: &Served) -> Result<(), ServiceError> {
        self.db.write("note pages", |tx| {
            act::by_certifier(self, EntryType::PagesServed, &served.pages.to_string())
                .record(tx, self, &serde_json::json!({ "files": served.files }))
                .map(drop)
        })?;
        self.publish()
    }
}
