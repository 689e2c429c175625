//! How a log asks a witness: the interface only. The command line has the HTTP for it, tests have
//! witnesses in memory.

/// What a witness answered to `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// Signature lines, not verified yet.
    Cosigned(Vec<u8>),
    /// It has seen this many entries, which is not what the request said.
    Held(u64),
    /// It refuses, with this status.
    Refused(u16),
    /// No answer in time, or none that could be understood.
    Unreachable,
}

/// Asks witnesses.
pub trait AskWitness: Send + Sync {
    /// Sends the body of `add-checkpoint` to the witness at `url`, and waits a few seconds at most.
    fn add_checkpoint(&self, url: &str, body: &[u8]) -> WitnessAnswer;
}

/// Reaches nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWitnesses;

impl AskWitness for NoWitnesses {
    fn add_checkpoint(&self, _: &str, _: &[u8]) -> WitnessAnswer {
        WitnessAnswer::Unreachable
    }
}
