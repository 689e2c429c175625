//! Reading formats.
