//! Attacks on answers: what can be learnt of one person from any number of them.

mod budget;
mod cells;
mod exchange;
mod forged;
mod frequency;
mod lift;
mod mutants;
mod noise;
mod own_count;
mod padding;
mod reconstruction;
mod sums;
mod year;
