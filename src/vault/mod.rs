//! Sorted token segments on disk: write, merge, read.
