//! The register as a workbook: a list, one sheet for each processing, a page on how to read it, in the layout
//! of CNIL's simplified template. What a cell looks like and how a workbook is packed stands in `sheet.rs`.

use super::sheet::{Sheet, pack};
use super::words::Words;
use super::{ControllerEntry, Issued, Language, ProcessorEntry};
use crate::governance::activity::{DataFamily, Transfer};
use crate::governance::record::Identity;

/// Lines that the template has for each numbered thing, filled or not.
const PURPOSES: usize = 5;
const PERSONS: usize = 2;
const RECIPIENTS: usize = 4;
const MEASURES: usize = 3;
const TRANSFERS: usize = 4;

/// The workbook.
#[must_use]
pub fn ods(issued: &Issued, language: Language) -> Vec<u8> {
    let words = language.words();
    let mut sheets = vec![list(issued, words)];
    let register = &issued.register;
    for (number, entry) in (1..).zip(&register.as_controller) {
        sheets.push(controller_sheet(&format!("{} {number}", words.sheet), entry, issued, words));
    }
    let after = register.as_controller.len() + 1;
    for (number, entry) in (after..).zip(&register.as_processor) {
        sheets.push(processor_sheet(&format!("{} {number}", words.sheet), entry, issued, words));
    }
    sheets.push(guide(issued, words));
    pack(&sheets)
}

fn list(issued: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(words.list);
    let register = &issued.register;
    let entity = &register.entity;
    let second = [words.its_postcode, "", words.its_town, "", words.its_phone, ""];
    let names = [words.its_name, entity.name.as_str(), words.first_name, "", words.its_address];
    sheet.labelled(words.who, &[&names[..], &[&entity.address, words.its_mail, &entity.contact]]);
    sheet.labelled("", &[&second, &["SIREN", &entity.siren]]);
    let by = entity.representative.as_deref().unwrap_or(words.none);
    let names = [words.its_name, by, words.first_name, "", words.its_address, ""];
    sheet.labelled(words.who_represents, &[&names, &[words.its_mail, ""]]);
    sheet.labelled("", &[&second]);
    let names = [words.its_name, "", words.first_name, "", words.its_company, ""];
    sheet.labelled(words.who_advises, &[&names, &[words.its_address, ""]]);
    let dpo = entity.dpo.as_deref().unwrap_or(words.none);
    sheet.labelled("", &[&second, &[words.its_mail, dpo]]);
    sheet.section(&[words.identified, "", "", "", words.purpose_of, words.is_sensitive]);
    sheet.heading(&[
        words.processing,
        words.reference,
        words.sheet_created,
        words.sheet_updated,
        "",
        words.yes_no,
    ]);
    for entry in &register.as_controller {
        let titles: Vec<&str> = entry.purposes.iter().map(|p| p.title.as_str()).collect();
        sheet.row(&[
            &entry.name,
            &entry.reference,
            &entry.created,
            &entry.updated,
            &titles.join(", "),
            words.no,
        ]);
    }
    if !register.as_processor.is_empty() {
        sheet.section(&[words.as_processor]);
        sheet.heading(&[words.processing, words.reference, words.controller, words.categories]);
        for entry in &register.as_processor {
            let categories = entry.categories.join(", ");
            sheet.row(&[&entry.name, &entry.reference, &entry.controller.name, &categories]);
        }
    }
    sheet
}

fn guide(issued: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(words.guide);
    let version = issued.version.to_string();
    sheet.section(&[words.title]);
    sheet.row(&[words.version, &version]);
    sheet.row(&[words.issued, &issued.issued_at]);
    sheet.row(&[words.digest, &issued.sha256]);
    sheet.row(&[words.retention, &issued.register.retention]);
    sheet.text(words.guide_text);
    sheet.text(words.labels_from);
    sheet
}

fn described(sheet: &mut Sheet, [name, reference, created, updated]: [&str; 4], words: &Words) {
    sheet.section(&[words.described]);
    sheet.row(&[words.processing, name]);
    sheet.row(&[words.reference, reference]);
    sheet.row(&[words.created, created]);
    sheet.row(&[words.updated, updated]);
}

fn actors(sheet: &mut Sheet, words: &Words) {
    sheet.section(&[
        words.actors,
        words.name,
        words.address,
        words.postcode,
        words.town,
        words.country,
        words.phone,
        words.mail,
    ]);
}

fn actor(sheet: &mut Sheet, label: &str, of: &Identity) {
    let name = format!("{} (SIREN {})", of.name, of.siren);
    sheet.row(&[label, &name, &of.address, "", "", "", "", &of.contact]);
}

fn identified(sheet: &mut Sheet, certifier_identifies: bool, words: &Words) {
    if certifier_identifies {
        sheet.row(&[words.identification, words.identifies]);
    }
}

fn controller_sheet(name: &str, entry: &ControllerEntry, of: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(name);
    let entity = &of.register.entity;
    let head = [&entry.name, &entry.reference, &entry.created, &entry.updated];
    described(&mut sheet, head.map(String::as_str), words);
    actors(&mut sheet, words);
    actor(&mut sheet, words.controller, entity);
    let dpo = entity.dpo.as_deref().unwrap_or(words.none);
    sheet.row(&[words.dpo, "", "", "", "", "", "", dpo]);
    sheet.row(&[words.dpo_company]);
    sheet.row(&[words.representative, entity.representative.as_deref().unwrap_or(words.none)]);
    if entry.joint.is_empty() {
        sheet.row(&[words.joint, words.none]);
    }
    for joint in &entry.joint {
        actor(&mut sheet, words.joint, joint);
    }
    sheet.section(&[words.purposes, "", words.basis]);
    for place in 0..entry.purposes.len().max(PURPOSES + 1) {
        let label = match place {
            0 => words.main_purpose.to_owned(),
            place => format!("{} {place}", words.sub_purpose),
        };
        let stated = entry.purposes.get(place);
        let [title, basis] = stated.map_or(["", ""], |of| [&of.title, &of.basis]);
        sheet.row(&[&label, title, basis]);
    }
    families(&mut sheet, entry, words);
    sheet.section(&[words.persons, words.description, words.details]);
    numbered(&mut sheet, (words.person, words.other_persons), &entry.persons, PERSONS);
    sheet.section(&[words.recipients, words.recipient_type, words.details]);
    numbered(&mut sheet, (words.recipient, words.other_recipient), &entry.recipients, RECIPIENTS);
    sheet.section(&[words.security, words.measure_type, words.details]);
    numbered(&mut sheet, (words.measure, words.other_measure), &entry.security, MEASURES);
    identified(&mut sheet, entry.certifier_identifies, words);
    transfers(&mut sheet, &entry.transfers, words);
    sheet
}

/// Each family of data with what is held of it; of the sensitive ones nothing is.
fn families(sheet: &mut Sheet, entry: &ControllerEntry, words: &Words) {
    sheet.section(&[words.data, words.description, words.deleted]);
    for family in DataFamily::ALL {
        let of: Vec<_> = entry.data.iter().filter(|held| held.family == family).collect();
        if of.is_empty() {
            sheet.row(&[words.family(family), words.none]);
        }
        for (place, held) in of.into_iter().enumerate() {
            let label = if place == 0 { words.family(family) } else { "" };
            sheet.row(&[label, &held.title, held.deleted.as_deref().unwrap_or("")]);
        }
    }
    sheet.section(&[words.sensitive, words.description, words.deleted]);
    for label in words.special {
        sheet.row(&[label, words.none]);
    }
}

/// A line for each text, its number in its label, and as many as the template has.
fn numbered(sheet: &mut Sheet, (label, kind): (&str, &str), texts: &[String], least: usize) {
    for place in 0..texts.len().max(least) {
        let label = format!("{label} {}", place + 1);
        match texts.get(place) {
            Some(text) => sheet.row(&[&label, kind, text]),
            None => sheet.row(&[&label]),
        }
    }
}

fn transfers(sheet: &mut Sheet, transfers: &[Transfer], words: &Words) {
    // Column by column as the template has them.
    let head = [words.transfers, words.recipient, words.country, words.guarantees, words.links];
    sheet.section(&head);
    for place in 0..transfers.len().max(TRANSFERS) {
        let label = format!("{} {}", words.organisation, place + 1);
        match transfers.get(place) {
            Some(of) => sheet.row(&[&label, &of.recipient, &of.country, &of.safeguards]),
            None if place == 0 => sheet.row(&[&label, words.none]),
            None => sheet.row(&[&label]),
        }
    }
}

fn processor_sheet(name: &str, entry: &ProcessorEntry, of: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(name);
    let entity = &of.register.entity;
    sheet.section(&[words.as_processor]);
    sheet.row(&[words.processing, &entry.name]);
    sheet.row(&[words.reference, &entry.reference]);
    actors(&mut sheet, words);
    actor(&mut sheet, words.as_processor, entity);
    let dpo = |of: &Identity| of.dpo.clone().unwrap_or_else(|| words.none.to_owned());
    sheet.row(&[words.dpo, "", "", "", "", "", "", &dpo(entity)]);
    actor(&mut sheet, words.controller, &entry.controller);
    sheet.row(&[words.dpo, "", "", "", "", "", "", &dpo(&entry.controller)]);
    for (label, texts) in
        [(words.categories, &entry.categories), (words.subprocessors, &entry.subprocessors)]
    {
        sheet.section(&[label]);
        if texts.is_empty() {
            sheet.row(&["", words.none]);
        }
        for text in texts {
            sheet.row(&["", text]);
        }
    }
    transfers(&mut sheet, &entry.transfers, words);
    sheet.section(&[words.security, words.measure_type, words.details]);
    numbered(&mut sheet, (words.measure, words.other_measure), &entry.security, 1);
    identified(&mut sheet, entry.certifier_identifies, words);
    sheet
}
