//! Rows of cells, from file to body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tiers_fuzz::calm(), |data: &[u8]| tiers_fuzz::contact::prepare(data));
