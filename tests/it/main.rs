//! The integration tests: one binary over the whole product, through its public edges. What a module
//! promises about itself is tested beside it; here is what only the whole can show.

#![allow(clippy::unwrap_used)]

mod abuse;
mod accesses;
mod alerts;
mod audit;
mod backups;
mod bad_input;
mod broken;
mod catalogue;
mod consent;
mod coverage;
mod customers;
mod declarations;
mod dictionary;
mod disk;
mod erasure;
mod exact;
mod exchange;
mod faults;
mod governance;
mod harness;
mod held;
mod identifiability;
mod journal;
mod kills;
mod lift;
mod limits_of_parties;
mod months;
mod mutations;
mod officer;
mod portal;
mod portal_follow;
mod proofs;
mod register;
mod restored;
mod retention;
mod rights;
mod roles;
mod rotation;
mod said;
mod search;
mod secrets;
mod sections;
mod security;
mod shape;
mod stamps;
mod story;
mod syscalls;
mod tables;
mod terms;
mod tls;
mod tokens;
mod webhooks;
mod witnesses;
