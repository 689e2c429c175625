//! Tests of the crate through its public doors only: one binary, one module a subject.
#![allow(clippy::unwrap_used)]

mod body;
mod fuzz_corpus;
mod hostile;
mod properties;
mod reading;
mod recipe;
mod refusals;
mod samples;
mod support;
mod vectors;
