//! The decisions of archived exchanges: a file for each batch beside the archive, so that what was decided can be
//! proven for as long as the exchange is kept. They are copied before the exchange leaves the active base, and
//! go with it.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use tiers_protocol::ids::BatchId;

use super::decisions_name;
use crate::durable::{self, Access, Writer};
use crate::governance::retention::Object;
use crate::service::certifier::durable_error;
use crate::service::error::file_error;
use crate::service::{Certifier, ServiceError};
use crate::store::archive::{Archived, Asked};

/// How the names of these files end.
const SUFFIX: &str = ".decisions";

impl Certifier {
    /// Copies the decisions of exchanges that go to the archive.
    pub(in crate::service) fn archive_decisions(
        &self,
        things: &[Archived],
    ) -> Result<(), ServiceError> {
        for (exchange, batch) in things.iter().flat_map(batches) {
            let mut from = match File::open(self.batch_decisions(&batch)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(file_error("the decisions of a batch"))?,
            };
            let path = self.archived_decisions(exchange, &batch);
            let mut to = Writer::create(&path, Access::Private).map_err(durable_error)?;
            io::copy(&mut from, &mut to).map_err(file_error("the decisions of a batch"))?;
            to.commit().map_err(durable_error)?;
        }
        Ok(())
    }

    /// Removes the decisions of exchanges that have left the active base, and of those that have left the
    /// archive.
    pub(in crate::service) fn drop_decisions(
        &self,
        archived: &[Archived],
        gone: &[Archived],
    ) -> Result<(), ServiceError> {
        for (_, batch) in archived.iter().flat_map(batches) {
            durable::remove(&self.batch_decisions(&batch)).map_err(durable_error)?;
        }
        for (exchange, batch) in gone.iter().flat_map(batches) {
            durable::remove(&self.archived_decisions(exchange, &batch)).map_err(durable_error)?;
        }
        Ok(())
    }

    /// Removes decisions of which the archive knows nothing, and copies that were not finished.
    pub(in crate::service) fn sweep_decisions(&self) -> Result<(), ServiceError> {
        let mut known = self.archive.things(&Asked { headings: true, ..Asked::default() })?;
        known.retain(|thing| thing.object == Object::Agreements.as_str());
        let folder = self.layout.archive();
        for entry in fs::read_dir(folder).map_err(file_error("the archive"))? {
            let path = entry.map_err(file_error("the archive"))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_known = known.iter().any(|thing| {
                name.strip_prefix(&thing.id).is_some_and(|rest| rest.starts_with('.'))
            });
            let is_whole = name.ends_with(SUFFIX);
            if name.contains(SUFFIX) && !(is_whole && is_known) {
                durable::remove(&path).map_err(durable_error)?;
            }
        }
        Ok(())
    }

    fn archived_decisions(&self, exchange: &str, batch: &BatchId) -> PathBuf {
        self.layout.archive().join(format!("{exchange}.{}", decisions_name(batch)))
    }
}

/// The batches of an archived exchange, with its id; none of anything else.
fn batches(thing: &Archived) -> Vec<(&str, BatchId)> {
    if thing.object != Object::Agreements.as_str() {
        return Vec::new();
    }
    let document = serde_json::from_str(&thing.document).unwrap_or(serde_json::Value::Null);
    let all = document["batches"].as_array().cloned().unwrap_or_default();
    let ids = all.iter().filter_map(|batch| batch["batch"].as_str()?.parse().ok());
    ids.map(|batch| (thing.id.as_str(), batch)).collect()
}
