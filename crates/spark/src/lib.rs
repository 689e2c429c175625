//! Matching and counting on a cluster of Apache Spark, for a programme that outgrows its machine.
//!
//! The certifier stays what it was: it decides which units a month counts
//! ([`tiers_engine::matching::left_out`]), exports the rows of one question
//! ([`tiers_engine::vault::Export`]: re-keyed once more, encrypted under a key of that export), asks one query
//! ([`tiers_engine::statistics::Query`]), checks the answer and hands exact tables to its own gate. Nothing
//! here adds noise, debits an account or shows a figure.
//! Specified in `docs/scale.md`; why so: `docs/decisions/0093-spark.md`.

mod address;
mod cluster;
mod error;
mod folder;
mod session;
mod store;

pub use cluster::{Cluster, Counting};
pub use error::ClusterError;
