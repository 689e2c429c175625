//! The JSON schemas of a consent record, as they are published: for whoever checks records with a program of
//! their own. They say what a schema can; check digits and the order of events are
//! [`ConsentRecord::check`](super::ConsentRecord::check)'s. Specified by `docs/formats/consent.md`, "Schemas".

/// The record with every mandatory field of ISO/IEC TS 27560:2023.
pub const ISO_27560: &str = include_str!("../../../../docs/formats/consent-record.schema.json");

/// The same with what the GDPR asks for beside; it refers to [`ISO_27560`].
pub const EU_GDPR: &str =
    include_str!("../../../../docs/formats/consent-record-eu-gdpr.schema.json");
