//! Why a file as a whole is refused.
//!
//! Never a value of the file: fields, column numbers, counts and stable codes only. Reasons that concern one row
//! are codes in [`crate::Reject`]. Specified in `docs/formats/reading-files.md`, "Refusals".

use crate::field::Field;

/// Why a file cannot be prepared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// No byte, or nothing but blank lines.
    #[error("the file is empty")]
    Empty,
    /// A heading row and nothing under it.
    #[error("the file has a heading row and no data row")]
    NoRows,
    /// No row among the first ones looks like headings.
    #[error("no heading row was found; name the columns in the first row, or map them")]
    NoHeadings,
    /// Columns that this kind of file needs are not there.
    #[error(
        "columns are missing: {missing:?}; recognised: {found:?}; not recognised: columns {unknown:?}"
    )]
    HeadingsMissing {
        /// Fields that were recognised.
        found: Vec<Field>,
        /// Fields that are needed.
        missing: Vec<Field>,
        /// Numbers (1 for the first) of the columns that were not recognised.
        unknown: Vec<usize>,
    },
}

impl PrepareError {
    /// Stable code for scripts and support.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file.empty",
            Self::NoRows => "file.no_rows",
            Self::NoHeadings => "file.no_headings",
            Self::HeadingsMissing { .. } => "file.headings_missing",
        }
    }
}
