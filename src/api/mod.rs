//! The HTTP edge: routes, roles, problem documents. It knows no SQL and takes no decision: each
//! handler reads a request, calls one use case and writes the answer.

mod access;
mod acme;
mod alert;
mod auth;
mod body;
mod collection;
mod consent;
mod edge;
mod exchange;
mod exchange_upload;
mod governance;
mod ledger;
mod lift;
mod metrics;
mod officer;
mod openapi;
mod operator;
mod own_count;
mod partner;
mod people;
mod principal;
mod problem;
mod public;
mod rate;
mod retention;
mod router;
mod serve;
mod stall;
mod table;
mod tls;
mod trace;
mod unread;
mod upload;
mod webhook;
mod witness;

pub use acme::{Acme, AcmeError, AcmeSettings, AskAuthority, Failure, renewed_at};
pub use auth::{CSRF_HEADER, SESSION_COOKIES, Shared, note_caller, open_door, run, session_cookie};
pub use body::read as read_body;
pub use problem::ApiError;
pub use router::{operations, router};
pub use serve::{Listeners, serve, serve_witness};
pub use table::{Door, Handlers, Methods, Operation, Table, get, operation, post, put};
pub use tls::{Tls, TlsError, TlsFiles, Validity, validity};
pub use trace::Code;
pub use witness::Witnessing;
