//! The cluster beside the embedded engine, on a real one: a standalone master with two workers and a Spark Connect
//! server on loopback, with the secrets of `docs/scale.md`. Exact tables are equal cell by cell, before noise.
//! `tests/spark` installs Spark and runs this; nothing here stands for a part of it.
#![allow(clippy::unwrap_used)]

mod equal;
mod kills;
mod machines;
mod million;
mod rows;
mod sample;
mod worlds;
