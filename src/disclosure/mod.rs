//! The release gate: bounds, accounts, noise, intervals, display. Pure.
