//! x

pub mod tlog;
