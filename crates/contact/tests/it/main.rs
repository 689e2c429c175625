//! Tests of the crate through its public doors only: one binary, one module a subject.
#![allow(clippy::unwrap_used)]

mod accounts;
mod body;
mod fuzz_corpus;
mod hashes;
mod hostile;
mod leakage;
mod mapping;
mod margins;
mod properties;
mod pse;
mod reading;
mod recipe;
mod refusals;
mod samples;
mod speed;
mod streams;
mod support;
mod vectors;
mod workbooks;
