//! The coarse facts of a sale that a programme may ask for: the model's family and the area of the buyer.
//!
//! Both are places in public lists. A text that names none of them, like one that is missing, is *other*:
//! it is no fault of a row. A postcode is made coarse here, on the party's machine, and goes no further.
//! Specified in `docs/formats/reading-files.md`, "Models and areas".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    field::{Attribute, FileKind},
    normalise::{number, text::folded},
};

/// Most models, or areas, of a programme: more would cost precision for nothing a reader could use.
pub const MARGIN_MAX: usize = 32;

/// Characters of a name.
const NAME_MAX: usize = 40;

/// A group of French départements, by a public name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// What it is called.
    pub name: String,
    /// Codes of its départements: `01`, `2A`, `974`.
    pub departments: Vec<String>,
}

/// The public lists of a programme; sales carry a place in each that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Margins {
    /// Families of models.
    pub models: Vec<String>,
    /// Areas.
    pub areas: Vec<Area>,
}

/// Why lists cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarginError {
    /// Too many, two of one name, or one that no body can hold.
    #[error(
        "at most {MARGIN_MAX} names of 1 to {NAME_MAX} characters, without comma or quote, all different"
    )]
    Names,
    /// A département that does not exist, or stands in two areas.
    #[error("an area names départements by their codes (01, 2A, 974), each in one area only")]
    Departments,
}

impl Margins {
    /// Attributes that a body of this kind carries: those that every one does, then these.
    pub fn attributes(&self, kind: FileKind) -> impl Iterator<Item = Attribute> + '_ {
        let sales = kind == FileKind::Sales;
        let model = (sales && !self.models.is_empty()).then_some(Attribute::Model);
        let area = (sales && !self.areas.is_empty()).then_some(Attribute::Area);
        kind.attributes().iter().copied().chain(model).chain(area)
    }

    /// Checks what types alone cannot hold.
    ///
    /// # Errors
    /// [`MarginError`].
    pub fn validate(&self) -> Result<(), MarginError> {
        names(&mut self.models.iter().map(String::as_str))?;
        names(&mut self.areas.iter().map(|area| area.name.as_str()))?;
        let mut codes: Vec<&str> =
            self.areas.iter().flat_map(|a| &a.departments).map(String::as_str).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        let known = codes.len() == all && codes.into_iter().all(is_department);
        let used = self.areas.iter().all(|area| !area.departments.is_empty());
        if known && used { Ok(()) } else { Err(MarginError::Departments) }
    }
}

fn names(names: &mut dyn Iterator<Item = &str>) -> Result<(), MarginError> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        let fits = (1..=NAME_MAX).contains(&name.chars().count())
            && !name.contains([',', '"', '\n', '\r'])
            && name.trim() == name;
        let key = folded(name);
        if !fits || key.is_empty() || seen.contains(&key) || seen.len() == MARGIN_MAX {
            return Err(MarginError::Names);
        }
        seen.push(key);
    }
    Ok(())
}

fn is_department(code: &str) -> bool {
    match code.as_bytes() {
        [b'2', b'A' | b'B'] => true,
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            (1..=95).contains(&((tens - b'0') * 10 + ones - b'0')) && code != "20"
        }
        [b'9', b'7' | b'8', b'0'..=b'9'] => true,
        _ => false,
    }
}

/// Code of the département of a normalised postcode: its beginning, Corsica and overseas apart.
fn department(postcode: &str) -> &str {
    match postcode.as_bytes() {
        [b'2', b'0', b'0' | b'1', ..] => "2A",
        [b'2', b'0', ..] => "2B",
        [b'9', b'7' | b'8', ..] => postcode.get(..3).unwrap_or_default(),
        _ => postcode.get(..2).unwrap_or_default(),
    }
}

/// The lists as cells are looked up in them.
#[derive(Default)]
pub(crate) struct Lookup {
    /// Folded words of each model, and its place; the longest first, then in the order of the list.
    models: Vec<(Vec<String>, usize)>,
    areas: BTreeMap<String, usize>,
}

impl Lookup {
    pub(crate) fn new(margins: &Margins) -> Self {
        let words = |(place, name): (usize, &String)| (words(name), place);
        let mut models: Vec<_> = margins.models.iter().enumerate().map(words).collect();
        models.sort_by_key(|(words, place)| (std::cmp::Reverse(words.concat().len()), *place));
        let codes = |(place, area): (usize, &Area)| {
            area.departments.iter().map(move |code| (code.clone(), place)).collect::<Vec<_>>()
        };
        Self { models, areas: margins.areas.iter().enumerate().flat_map(codes).collect() }
    }

    pub(crate) const fn has_models(&self) -> bool {
        !self.models.is_empty()
    }

    pub(crate) fn has_areas(&self) -> bool {
        !self.areas.is_empty()
    }

    /// The family whose name stands in a cell as whole words; of several the longest name.
    pub(crate) fn model(&self, cell: &str) -> Option<usize> {
        let cell = words(cell);
        let within = |name: &[String]| cell.windows(name.len()).any(|part| part == name);
        self.models.iter().find(|(name, _)| within(name)).map(|(_, place)| *place)
    }

    /// The area of a postcode as a party's file writes it.
    pub(crate) fn area(&self, cell: &str) -> Option<usize> {
        let postcode = number::postcode(cell).value()?;
        self.areas.get(department(&postcode)).copied()
    }
}

fn words(text: &str) -> Vec<String> {
    folded(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(name: &str, codes: &[&str]) -> Area {
        Area { name: name.to_owned(), departments: codes.iter().map(|c| (*c).to_owned()).collect() }
    }

    fn margins() -> Margins {
        Margins {
            models: ["Clio", "Mégane", "Mégane E-Tech", "5008"].map(str::to_owned).to_vec(),
            areas: vec![
                area("Nord", &["59", "62"]),
                area("Corse", &["2A", "2B"]),
                area("La Réunion", &["974"]),
            ],
        }
    }

    #[test]
    fn a_model_is_found_in_what_dealers_write() {
        let lookup = Lookup::new(&margins());
        let table = [
            ("CLIO", Some(0)),
            ("Renault Clio V Techno TCe 90", Some(0)),
            ("MEGANE", Some(1)),
            ("megane e-tech ev60", Some(2)),
            ("Mégane IV estate", Some(1)),
            ("PEUGEOT 5008 GT", Some(3)),
            ("15008", None),
            ("Clios", None),
            ("", None),
            ("nc", None),
        ];
        for (cell, expected) in table {
            assert_eq!(lookup.model(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_postcode_becomes_an_area_and_nothing_finer() {
        let lookup = Lookup::new(&margins());
        let table = [
            ("59000", Some(0)),
            ("F-62 100", Some(0)),
            ("20090", Some(1)),
            ("20200", Some(1)),
            ("97400", Some(2)),
            ("97100", None),
            ("75001", None),
            ("1000", None),
            ("", None),
            ("inconnu", None),
        ];
        for (cell, expected) in table {
            assert_eq!(lookup.area(cell), expected, "{cell}");
        }
        assert_eq!(["20000", "20190", "20200", "20620"].map(department), ["2A", "2A", "2B", "2B"]);
        assert_eq!(department("01000"), "01");
    }

    #[test]
    fn lists_that_cannot_be_told_apart_are_refused() {
        assert_eq!(margins().validate(), Ok(()));
        assert_eq!(Margins::default().validate(), Ok(()));
        let with = |change: &dyn Fn(&mut Margins)| {
            let mut changed = margins();
            change(&mut changed);
            changed.validate()
        };
        let names = [
            "",
            " Clio",
            "clio",
            "CLIO!",
            "a,b",
            "a\"b",
            "a\nb",
            "!",
            "a name that is longer than any that people give",
        ];
        for name in names {
            assert_eq!(
                with(&|m| m.models.push(name.to_owned())),
                Err(MarginError::Names),
                "{name}"
            );
        }
        let many: Vec<String> = (0..33).map(|n| format!("m{n}")).collect();
        assert_eq!(with(&|m| m.models = many[..32].to_vec()), Ok(()));
        assert_eq!(with(&|m| m.models.clone_from(&many)), Err(MarginError::Names));
        for codes in [&["59"][..], &["01", "01"], &["96"], &["1"], &["20"], &["00"], &["2a"], &[]] {
            let found = with(&|m| m.areas.push(area("Autre", codes)));
            assert_eq!(found, Err(MarginError::Departments), "{codes:?}");
        }
    }

    #[test]
    fn only_sales_carry_what_the_lists_name() {
        let all: Vec<_> = margins().attributes(FileKind::Sales).collect();
        assert_eq!(all[2..], [Attribute::Model, Attribute::Area]);
        for kind in FileKind::ALL {
            assert!(Margins::default().attributes(kind).eq(kind.attributes().iter().copied()));
            if kind != FileKind::Sales {
                assert!(margins().attributes(kind).eq(kind.attributes().iter().copied()));
            }
        }
    }
}
