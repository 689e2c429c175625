//! Why a cluster did not answer. Nothing here carries what a cluster wrote: its messages quote rows.

use thiserror::Error;
use tiers_engine::{statistics::StatisticsError, vault::VaultError};

/// Errors of a question to a cluster. None of them leaves a figure behind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClusterError {
    /// The address is not of the form `sc://HOST:PORT/;use_ssl=true`; in clear only on this machine.
    #[error(
        "the cluster is written sc://HOST:PORT/;use_ssl=true, without TLS on this machine only"
    )]
    BadAddress,
    /// The place of exports is not of the form `file:///FOLDER`, or no folder that is there.
    #[error("exports go to a folder that is there, written file:///FOLDER")]
    BadStore,
    /// Another cluster, of this process or another one, holds the folder.
    #[error("another certifier exports to this folder")]
    FolderInUse,
    /// An export could not be written or removed.
    #[error("the folder of exports refused to be written")]
    Store,
    /// No Spark Connect server answers, or it refused the session.
    #[error("no Spark Connect server answers at the address, or it refuses the session")]
    Unreachable,
    /// The cluster could not answer; its own name of the reason, if that is a name.
    #[error("the cluster could not answer: {condition}")]
    Failed {
        /// Spark's condition, such as `CANNOT_READ_FILE`; `none` where it has none.
        condition: String,
    },
    /// The answer is not of the columns that were asked for.
    #[error("the cluster's answer is not readable")]
    Unreadable,
    /// The answer ended before its end.
    #[error("the cluster's answer is not whole")]
    Incomplete,
    /// Of a table of the export the cluster read more or fewer rows than there are: a file is absent, or not of it.
    #[error("the cluster did not read the rows that were exported")]
    RowsDiffer,
    /// The segments could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The question has no tables, or the answer is none of them.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
}

impl ClusterError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadAddress => "cluster.bad_address",
            Self::BadStore => "cluster.bad_store",
            Self::FolderInUse => "cluster.folder_in_use",
            Self::Store => "cluster.store",
            Self::Unreachable => "cluster.unreachable",
            Self::Failed { .. } => "cluster.failed",
            Self::Unreadable => "cluster.unreadable",
            Self::Incomplete => "cluster.incomplete",
            Self::RowsDiffer => "cluster.rows_differ",
            Self::Vault(error) => error.code(),
            Self::Statistics(error) => error.code(),
        }
    }

    /// What the client says, without its message.
    pub(crate) fn of(error: &spark_connect::SparkError) -> Self {
        let named = error.get_condition().filter(|name| is_condition(name));
        Self::Failed { condition: named.unwrap_or_else(|| "none".to_owned()) }
    }
}

/// Whether a text is a name of Spark's list (`A_B.C_D`) and no message.
fn is_condition(text: &str) -> bool {
    let letter =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_name_and_a_message_is_none() {
        for name in ["CANNOT_READ_FILE", "ARITHMETIC_OVERFLOW", "FAILED_READ_FILE.NO_HINT"] {
            assert!(is_condition(name));
        }
        for message in ["", "Could not read row (7, dupont)", "aws", &"A".repeat(101)] {
            assert!(!is_condition(message));
        }
    }
}
