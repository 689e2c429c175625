//! x
pub mod policy;
pub mod report;
