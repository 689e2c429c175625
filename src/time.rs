//! The only clock of the certifier.
