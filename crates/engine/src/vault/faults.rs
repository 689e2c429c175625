//! Named points at which a test may stop the writing of a deposit. A value that is passed in; there
//! is no global hook.

use super::VaultError;

/// Where the writing of a deposit can be stopped. What is on disk then is as after a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultPoint {
    /// Nothing but an empty working directory exists.
    BeforeSegments,
    /// Rows wait in the scratch file, for want of memory; nothing else is there.
    AfterSpill,
    /// The segments are written, the seal is not.
    BeforeSeal,
    /// Everything is durable under its working name.
    BeforeRename,
    /// The deposit is in place; the caller has not been told.
    AfterRename,
}

impl FaultPoint {
    /// Every point, in the order in which writing passes them.
    pub const ALL: [Self; 5] = [
        Self::BeforeSegments,
        Self::AfterSpill,
        Self::BeforeSeal,
        Self::BeforeRename,
        Self::AfterRename,
    ];
}

/// The fault point at which this run stops, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults(Option<FaultPoint>);

impl Faults {
    /// Production: never stops.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Stops at `point`.
    #[must_use]
    pub const fn at(point: FaultPoint) -> Self {
        Self(Some(point))
    }

    /// Passes `point`.
    pub(super) fn pass(self, point: FaultPoint) -> Result<(), VaultError> {
        if self.0 == Some(point) { Err(VaultError::Injected) } else { Ok(()) }
    }
}
