//! Pages for people: the certificate of a release as one page that can be read, printed and kept, and the
//! portals in which people work (`portal`).
//!
//! A page shows documents that exist already; it decides nothing, checks nothing, hides nothing and
//! knows no figure of its own. What proves something is `certificate.json` with its `report.json`.
//! The words follow `docs/formats/certificate.md`; no word of them stands outside `text`.

mod chart;
mod figure;
mod number;
mod page;
mod plot;
mod portal;
mod protection;
mod section;
mod text;

#[cfg(test)]
mod tests;

pub use page::certificate_page;
pub use portal::{Portal, PortalError, pages, served_with};
pub use section::{report_sections, trend_page, trend_sections};

/// The language of a page's reader; French is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// French, with the typography of France.
    #[default]
    French,
    /// English, with that of Ireland and the United Kingdom.
    English,
}
