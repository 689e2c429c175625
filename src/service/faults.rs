//! Named places where a use case may be stopped, as a kill would stop it. A value that the
//! certifier is given; in production it stops nowhere.

use std::thread;
use std::time::Duration;

use super::ServiceError;

macro_rules! fault_points {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// A place to stop.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FaultPoint { $($(#[$doc])* $name,)+ }

        impl FaultPoint {
            /// Every place, in the order a deposit and a release pass them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

fault_points! {
    /// The sealed body is on disk, nothing of it was opened.
    Spooled = "deposit.spooled",
    /// The segments are on disk, the database does not know them.
    SegmentsWritten = "deposit.segments_written",
    /// The deposit is committed, its spool is still there, the ledger has not published it.
    DepositCommitted = "deposit.committed",
    /// Segments without the rows of persons are written, the database does not know them.
    ErasureWritten = "erasure.written",
    /// The erasure is committed, what was erased still lies on the disk.
    ErasureCommitted = "erasure.committed",
    /// Records are in the archive, and still in the active base.
    Archived = "retention.archived",
    /// A generation is written, the database does not know it.
    GenerationWritten = "rotation.generation_written",
    /// Every deposit has passed the added links, none of it is in force.
    AllPrepared = "rotation.all_prepared",
    /// The added links are in force, the old generations still lie on the disk.
    LinksInForce = "rotation.links_in_force",
    /// The database needs no old master, the keyring still has them.
    MastersForgotten = "rotation.masters_forgotten",
    /// Every record of a batch is decided about, nothing is committed.
    HandOverDecided = "exchange.decided",
    /// The hand-over is committed, the ledger has not published it.
    HandOverCommitted = "exchange.committed",
    /// What a transaction changes about persons is kept beside the database, and not committed.
    SaidKept = "said.kept",
    /// The noise is drawn, nothing is committed.
    ReleaseDrawn = "release.drawn",
    /// The answer is committed with its debit, the ledger has not published it.
    ReleaseCommitted = "release.committed",
}

/// Where to stop, or to linger, if anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults(Option<(FaultPoint, Fault)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Stop,
    Linger(Duration),
}

impl Faults {
    /// Nowhere.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// At one place, every time it is passed.
    #[must_use]
    pub const fn at(point: FaultPoint) -> Self {
        Self(Some((point, Fault::Stop)))
    }

    /// As if what was done before one place had taken so much longer.
    #[must_use]
    pub const fn lingering(point: FaultPoint, more: Duration) -> Self {
        Self(Some((point, Fault::Linger(more))))
    }

    /// Stops or lingers here if this is the place.
    pub(super) fn reach(self, point: FaultPoint) -> Result<(), ServiceError> {
        match self.0 {
            Some((at, Fault::Stop)) if at == point => return Err(ServiceError::Planned),
            Some((at, Fault::Linger(more))) if at == point => thread::sleep(more),
            _ => {}
        }
        Ok(())
    }
}
