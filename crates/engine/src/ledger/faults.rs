//! The places where a test may stop the writing of the ledger, as a power cut would.
//!
//! A value that the sequencer is given, never a global switch; in production it is [`NoFaults`].

macro_rules! fault_points {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// A step after which the writing of the ledger may stop.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultPoint { $($(#[$doc])* $name,)+ }

        impl FaultPoint {
            /// Every point, in the order in which they are reached.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

fault_points! {
    /// The new checkpoint is signed, and nobody has seen it.
    Signed = "ledger.signed",
    /// The new checkpoint is the head, and no file of it is written.
    HeadSwapped = "ledger.head_swapped",
    /// A tile is written beside its place.
    TileStaged = "ledger.tile_staged",
    /// A tile is in its place.
    TileWritten = "ledger.tile_written",
    /// Every tile is in its place, and the old checkpoint is still published.
    TilesComplete = "ledger.tiles_complete",
    /// The new checkpoint is written beside its place.
    CheckpointStaged = "ledger.checkpoint_staged",
    /// The new checkpoint is published, and nobody has been told.
    Published = "ledger.published",
}

/// Decides whether the writing goes on after a step.
pub trait Faults: Send + Sync {
    /// Called after each step.
    ///
    /// # Errors
    /// [`Stopped`] to stop there.
    fn reach(&self, point: FaultPoint) -> Result<(), Stopped>;
}

/// Goes on always.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn reach(&self, _: FaultPoint) -> Result<(), Stopped> {
        Ok(())
    }
}

impl Faults for Box<dyn Faults> {
    fn reach(&self, point: FaultPoint) -> Result<(), Stopped> {
        (**self).reach(point)
    }
}

/// The writing was stopped on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped on purpose at {}", .0.as_str())]
pub struct Stopped(pub FaultPoint);
