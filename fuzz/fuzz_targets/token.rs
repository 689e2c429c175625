//! The text of a token.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: tiers_fuzz::calm(), |data: &[u8]| tiers_fuzz::contact::token(data));
