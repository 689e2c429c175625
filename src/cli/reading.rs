//! How a party's file is to be read: the words that `prepare` and `preview` share, and the mapping file that
//! keeps them for the next export. What a heading or a hash means is `tiers_contact`.
//! Specified in `docs/command-line.md`, "A saved mapping".

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use tiers_contact::{
    Account, DateOrders, Field, FileKind, HashOrigin, PrepareError, PrepareOptions,
    normalise::date::Order,
};

use super::error::CliError;
use super::files;

/// Words about how to read a file.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// Say what a heading means, when it is not recognised; #3=FIELD names the third column.
    #[arg(long, value_name = "HEADING=FIELD", value_parser = mapping)]
    map: Vec<(String, Field)>,
    /// Say that a column is hashed already: HEADING, or HEADING=meta for hashes in Meta's form.
    #[arg(long, value_name = "HEADING[=ORIGIN]", value_parser = declaration)]
    hashed: Vec<(String, HashOrigin)>,
    /// Read as an earlier file was read: the file that --save-mapping wrote.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Keep how this file was read, for the next one of its kind.
    #[arg(long, value_name = "FILE")]
    save_mapping: Option<PathBuf>,
    /// Encoding instead of the detected one, such as windows-1252.
    #[arg(long)]
    encoding: Option<String>,
    /// Separator instead of the detected one.
    #[arg(long)]
    separator: Option<char>,
    /// Sheet of a workbook instead of the one that is best understood.
    #[arg(long)]
    sheet: Option<String>,
}

fn mapping(text: &str) -> Result<(String, Field), &'static str> {
    let (heading, field) = text.rsplit_once('=').ok_or("write HEADING=FIELD")?;
    let field = field.trim().parse().map_err(|_| "no such field; see --help")?;
    Ok((heading.trim().to_owned(), field))
}

fn declaration(text: &str) -> Result<(String, HashOrigin), &'static str> {
    let origin = text.rsplit_once('=').and_then(|(heading, origin)| {
        origin.trim().parse().ok().map(|origin| (heading.trim().to_owned(), origin))
    });
    if origin.is_none() && text.trim().is_empty() {
        return Err("write HEADING, HEADING=customer-match or HEADING=meta");
    }
    Ok(origin.unwrap_or_else(|| (text.trim().to_owned(), HashOrigin::CustomerMatch)))
}

/// The one format of mapping files.
const FORMAT: &str = "tiers-mapping/1";

/// How a file was read, kept for the next one. Headings only, never a value.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    kind: FileKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    separator: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birth_dates: Option<DayOrder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_dates: Option<DayOrder>,
    columns: Vec<SavedColumn>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedColumn {
    heading: String,
    field: Field,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    hashed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DayOrder {
    DayFirst,
    MonthFirst,
}

impl From<Order> for DayOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::DayFirst => Self::DayFirst,
            Order::MonthFirst => Self::MonthFirst,
        }
    }
}

impl From<DayOrder> for Order {
    fn from(order: DayOrder) -> Self {
        match order {
            DayOrder::DayFirst => Self::DayFirst,
            DayOrder::MonthFirst => Self::MonthFirst,
        }
    }
}

impl ReadingArgs {
    /// Refuses, before any work is done, a mapping file that would have to be overwritten, and one for several
    /// files.
    ///
    /// # Errors
    /// [`CliError::Exists`], [`CliError::Usage`].
    pub fn check(&self, files: usize) -> Result<(), CliError> {
        match &self.save_mapping {
            Some(_) if files > 1 => {
                Err(CliError::Usage("--save-mapping keeps how one file is read"))
            }
            Some(path) => files::must_not_exist(path),
            None => Ok(()),
        }
    }

    /// The kind of file of the mapping file, if one is named.
    ///
    /// # Errors
    /// [`CliError::Read`], [`CliError::NotA`].
    pub fn kind(&self) -> Result<Option<FileKind>, CliError> {
        Ok(self.saved()?.map(|saved| saved.kind))
    }

    /// Sets what was said; words on the command line come before those of the mapping file.
    ///
    /// # Errors
    /// [`CliError::Read`], [`CliError::NotA`], [`CliError::Usage`].
    pub fn apply(&self, options: &mut PrepareOptions) -> Result<(), CliError> {
        if let Some(saved) = self.saved()? {
            if saved.kind != options.kind {
                return Err(CliError::Usage("the mapping file is one of another kind of file"));
            }
            for column in saved.columns {
                if column.hashed {
                    options.hashed.push((column.heading.clone(), HashOrigin::CustomerMatch));
                }
                options.map.push((column.heading, column.field));
            }
            (options.encoding, options.separator, options.sheet) =
                (saved.encoding, saved.separator, saved.sheet);
            options.orders = DateOrders {
                birth: saved.birth_dates.map(Order::from),
                event: saved.event_dates.map(Order::from),
            };
        }
        options.map.extend(self.map.iter().cloned());
        options.hashed.extend(self.hashed.iter().cloned());
        options.encoding = self.encoding.clone().or_else(|| options.encoding.take());
        options.separator = self.separator.or(options.separator);
        options.sheet = self.sheet.clone().or_else(|| options.sheet.take());
        Ok(())
    }

    fn saved(&self) -> Result<Option<Saved>, CliError> {
        let Some(path) = &self.mapping else { return Ok(None) };
        let what = "mapping file (tiers-mapping/1)";
        let saved: Saved = files::read_json(path, what)?;
        if saved.format == FORMAT { Ok(Some(saved)) } else { Err(CliError::not_a(path, what)) }
    }

    /// Keeps how the file was read, if that is wanted; tells where.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn save(&self, account: &Account) -> Result<Option<&Path>, CliError> {
        let Some(path) = &self.save_mapping else { return Ok(None) };
        files::replace(path, files::pretty(&Saved::of(account)).as_bytes())?;
        Ok(Some(path))
    }
}

impl Saved {
    fn of(account: &Account) -> Self {
        let heading = |place: usize| {
            let heading = &account.columns[place].heading;
            let alike = account.columns.iter().filter(|other| other.heading == *heading).count();
            let is_number = heading.trim().starts_with('#') || heading.trim().is_empty();
            if alike > 1 || is_number { format!("#{}", place + 1) } else { heading.clone() }
        };
        let columns = account.columns.iter().enumerate();
        let columns = columns.filter_map(|(place, column)| {
            let field = column.field?;
            Some(SavedColumn { heading: heading(place), field, hashed: column.hashed })
        });
        Self {
            format: FORMAT.to_owned(),
            kind: account.kind,
            // A workbook has no encoding of its own, and the only sheet needs no name.
            encoding: account.separator.map(|_| account.encoding.to_owned()),
            separator: account.separator,
            sheet: account.sheet.clone().filter(|_| !account.other_sheets.is_empty()),
            birth_dates: account.orders.birth.map(DayOrder::from),
            event_dates: account.orders.event.map(DayOrder::from),
            columns: columns.collect(),
        }
    }
}

/// A refusal of a file, with the headings that a party named and the file does not have: they are the party's
/// own words, so that they may be told.
pub fn told(error: CliError, options: &PrepareOptions) -> CliError {
    let CliError::Prepare { path, cause } = error else { return error };
    let gone: Vec<String> = match &cause {
        PrepareError::MappingUnknown { places } => places
            .iter()
            .filter_map(|place| options.map.get(place - 1))
            .map(|m| m.0.clone())
            .collect(),
        PrepareError::DeclarationUnknown { place } => {
            options.hashed.get(place - 1).map(|named| named.0.clone()).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if gone.is_empty() {
        return CliError::Prepare { path, cause };
    }
    CliError::HeadingsGone { path, headings: gone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_may_hold_an_equals_sign() {
        assert_eq!(mapping("a=b=email"), Ok(("a=b".to_owned(), Field::Email)));
        assert_eq!(mapping(" TEL =phone"), Ok(("TEL".to_owned(), Field::Phone)));
        assert!(mapping("TEL").is_err());
        assert!(mapping("TEL=telephone").is_err());
    }

    #[test]
    fn an_origin_of_hashes_is_optional() {
        let named = |text: &str| declaration(text).expect("a declaration");
        assert_eq!(named("Phone"), ("Phone".to_owned(), HashOrigin::CustomerMatch));
        assert_eq!(named("Phone=meta"), ("Phone".to_owned(), HashOrigin::Meta));
        assert_eq!(named("a=b"), ("a=b".to_owned(), HashOrigin::CustomerMatch));
        assert!(declaration(" ").is_err());
    }
}
