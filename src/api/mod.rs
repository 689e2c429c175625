//! The HTTP edge: routes, roles, problem documents. It knows no SQL and takes no decision: each
//! handler reads a request, calls one use case and writes the answer.

mod auth;
mod body;
mod edge;
mod governance;
mod ledger;
mod metrics;
mod officer;
mod openapi;
mod operator;
mod partner;
mod principal;
mod problem;
mod public;
mod retention;
mod router;
mod serve;
mod stall;
mod trace;
mod upload;
mod witness;

pub use problem::ApiError;
pub use router::router;
pub use serve::{Listeners, serve, serve_witness};
pub use witness::Witnessing;
