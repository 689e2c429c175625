//! The `tiers` binary: hands the arguments to [`tiers::cli`].

fn main() {}
