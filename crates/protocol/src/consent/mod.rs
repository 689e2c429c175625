//! The words of consent as both sides of the wire write them: companies, channels, purposes, states
//! and methods, and the evidence that each method asks for. What follows from them is the certifier's matter (`src/consent`).
//!
//! The lists are closed: what stands in none of them, such as a box ticked beforehand or silence,
//! cannot be written down as consent at all. Specified by `docs/formats/consent.md`.

mod evidence;
mod siren;
mod words;

pub use evidence::{Evidence, FileDigest, Lack, Recording};
pub use siren::{Siren, SirenError};
pub use words::{Audience, Channel, Method, Purpose, Sector, State, UnknownWord};
