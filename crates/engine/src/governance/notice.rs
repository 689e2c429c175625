//! What persons are told (GDPR art. 13 and 14): the record of a party's notice, and the linter that
//! goes through a notice item by item. It finds what is missing, not what is badly said.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_protocol::encoding::Bytes;
use utoipa::ToSchema;

use super::Gap;
use super::record::text;

/// The record of a party's notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Where persons read it.
    pub url: String,
    /// SHA-256 of its text.
    pub sha256: Bytes<32>,
    /// Since when it is in force.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Whether it names the certifier, or its category, as a recipient.
    pub names_certifier: bool,
    /// Whether it names matching as a purpose.
    pub names_matching: bool,
}

impl Notice {
    pub(super) fn check(&self, today: Date) -> Result<(), Gap> {
        text(&self.url)?;
        let address = self.url.starts_with("https://") && !self.url.contains(char::is_whitespace);
        if !address {
            return Err(Gap::Text);
        }
        if self.date > today { Err(Gap::Date) } else { Ok(()) }
    }

    /// Whether uploads may rest on it.
    ///
    /// # Errors
    /// [`Gap::NoticeRecipient`], [`Gap::NoticeMatching`].
    pub const fn covers_matching(&self) -> Result<(), Gap> {
        if !self.names_certifier {
            return Err(Gap::NoticeRecipient);
        }
        if self.names_matching { Ok(()) } else { Err(Gap::NoticeMatching) }
    }
}

/// Where the data come from, which decides the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collected {
    /// From the person: art. 13.
    FromPerson,
    /// From elsewhere: art. 14.
    Elsewhere,
}

/// The items of art. 13(1) and (2).
pub const ARTICLE_13: [(&str, &str); 12] = [
    ("13(1)(a)", "identity and contact of the controller and its representative"),
    ("13(1)(b)", "contact of the data protection officer"),
    ("13(1)(c)", "purposes and legal basis"),
    ("13(1)(d)", "the legitimate interests pursued"),
    ("13(1)(e)", "recipients or their categories"),
    ("13(1)(f)", "transfers outside the Union and their safeguards"),
    ("13(2)(a)", "how long the data are kept"),
    ("13(2)(b)", "access, rectification, erasure, restriction, objection, portability"),
    ("13(2)(c)", "the right to withdraw consent"),
    ("13(2)(d)", "the right to complain to an authority"),
    ("13(2)(e)", "whether the data must be given, and what follows if not"),
    ("13(2)(f)", "automated decisions, or that there are none"),
];

/// The items of art. 14(1) and (2).
pub const ARTICLE_14: [(&str, &str); 13] = [
    ("14(1)(a)", "identity and contact of the controller and its representative"),
    ("14(1)(b)", "contact of the data protection officer"),
    ("14(1)(c)", "purposes and legal basis"),
    ("14(1)(d)", "categories of data"),
    ("14(1)(e)", "recipients or their categories"),
    ("14(1)(f)", "transfers outside the Union and their safeguards"),
    ("14(2)(a)", "how long the data are kept"),
    ("14(2)(b)", "the legitimate interests pursued"),
    ("14(2)(c)", "access, rectification, erasure, restriction, objection, portability"),
    ("14(2)(d)", "the right to withdraw consent"),
    ("14(2)(e)", "the right to complain to an authority"),
    ("14(2)(f)", "the source of the data"),
    ("14(2)(g)", "automated decisions, or that there are none"),
];

impl Collected {
    /// The items that a notice needs.
    #[must_use]
    pub const fn items(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::FromPerson => &ARTICLE_13,
            Self::Elsewhere => &ARTICLE_14,
        }
    }
}

/// A notice under its items' letters, as the linter reads it. Where an item does not apply the text
/// says so: silence is what the linter finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Which article.
    pub collected: Collected,
    /// The text of each item.
    pub items: BTreeMap<String, String>,
}

impl NoticeText {
    /// The items that are missing or empty, in the order of the law.
    #[must_use]
    pub fn missing(&self) -> Vec<(&'static str, &'static str)> {
        let says = |item: &str| self.items.get(item).is_some_and(|said| text(said).is_ok());
        self.collected.items().iter().copied().filter(|(item, _)| !says(item)).collect()
    }

    /// Names of items that the article does not have: misspelt, or of the other article.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        let known = |name: &str| self.collected.items().iter().any(|(item, _)| *item == name);
        self.items.keys().map(String::as_str).filter(|name| !known(name)).collect()
    }
}
