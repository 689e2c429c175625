//! The documents that travel, keys and sealed bodies.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tiers_fuzz::calm(), |data: &[u8]| tiers_fuzz::documents::documents(data));
