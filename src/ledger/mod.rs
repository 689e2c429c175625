//! The append-only public log: sequencer, tiles, checkpoints.
