//! Rules for single values.
