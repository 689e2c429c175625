//! The public ledger as anybody sees it: over HTTP, with the public key only.

use tiers_protocol::tlog::{Entry, LedgerSummary, SourceError, TileSource, visit_ledger};
use tiers_protocol::trust::Trust;

use super::client::Client;

/// A ledger behind an address.
pub struct HttpLedger<'a>(pub &'a Client);

impl TileSource for HttpLedger<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let answer = self.0.get(&format!("/ledger/{path}"));
        match answer.status {
            200 => Ok(answer.bytes),
            404 => Err(SourceError::NotFound),
            _ => Err(SourceError::Unavailable),
        }
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        Ok(None)
    }
}

/// Verifies a ledger whole; its entries in order.
#[track_caller]
pub fn verified(source: &dyn TileSource, trust: &Trust) -> (LedgerSummary, Vec<Entry>) {
    let verifier = trust.ledger_verifier().unwrap();
    let mut entries = Vec::new();
    let summary = visit_ledger(source, &verifier, &mut |_, entry| entries.push(entry.clone()));
    (summary.expect("the ledger verifies"), entries)
}
