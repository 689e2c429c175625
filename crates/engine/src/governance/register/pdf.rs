//! The register on paper.

use super::words::Words;
use super::{ControllerEntry, Issued, Language, ProcessorEntry};
use crate::governance::activity::Transfer;
use crate::governance::record::Identity;
use crate::paper::{Face, Paper};

/// The register as a PDF.
#[must_use]
pub fn pdf(issued: &Issued, language: Language) -> Vec<u8> {
    let (words, register) = (language.words(), &issued.register);
    let foot = format!("{}, {} {}", register.entity.name, words.version, issued.version);
    let mut paper = Paper::new(foot);
    paper.heading(Face::Title, words.title);
    identity(&mut paper, words.name, &register.entity, words);
    paper.field(words.version, &issued.version.to_string());
    paper.field(words.issued, &issued.issued_at);
    paper.field(words.digest, &issued.sha256);
    paper.field(words.retention, &register.retention);
    paper.heading(Face::Title, words.as_controller);
    for entry in &register.as_controller {
        controller(&mut paper, entry, words);
    }
    paper.heading(Face::Title, words.as_processor);
    for entry in &register.as_processor {
        processor(&mut paper, entry, words);
    }
    paper.finish(words.title)
}

fn identity(paper: &mut Paper, label: &str, identity: &Identity, words: &Words) {
    paper.field(label, &format!("{}, SIREN {}", identity.name, identity.siren));
    paper.field(words.address, &identity.address);
    paper.field(words.contact, &identity.contact);
    paper.field(words.dpo, identity.dpo.as_deref().unwrap_or(words.none));
    if let Some(representative) = &identity.representative {
        paper.field(words.representative, representative);
    }
}

fn controller(paper: &mut Paper, entry: &ControllerEntry, words: &Words) {
    paper.heading(Face::Heading, &entry.name);
    paper.field(words.reference, &entry.reference);
    paper.field(words.created, &entry.created);
    paper.field(words.updated, &entry.updated);
    for (place, purpose) in entry.purposes.iter().enumerate() {
        let label = if place == 0 { words.main_purpose } else { words.sub_purpose };
        paper.field(label, &format!("{} ({})", purpose.title, purpose.basis));
    }
    for joint in &entry.joint {
        identity(paper, words.joint, joint, words);
    }
    paper.fields(words.persons, &entry.persons, words.none);
    for (place, category) in entry.data.iter().enumerate() {
        let label = if place == 0 { words.data } else { "" };
        paper.field(label, &category.title);
        if let Some(deleted) = &category.deleted {
            paper.field("", &format!("{} : {deleted}", words.deleted));
        }
    }
    paper.fields(words.recipients, &entry.recipients, words.none);
    transfers(paper, &entry.transfers, words);
    paper.fields(words.security, &entry.security, words.none);
    identified(paper, entry.certifier_identifies, words);
}

fn processor(paper: &mut Paper, entry: &ProcessorEntry, words: &Words) {
    paper.heading(Face::Heading, &format!("{}, {}", entry.controller.name, entry.name));
    paper.field(words.reference, &entry.reference);
    identity(paper, words.controller, &entry.controller, words);
    paper.fields(words.categories, &entry.categories, words.none);
    paper.fields(words.subprocessors, &entry.subprocessors, words.none);
    transfers(paper, &entry.transfers, words);
    paper.fields(words.security, &entry.security, words.none);
    identified(paper, entry.certifier_identifies, words);
}

fn identified(paper: &mut Paper, certifier_identifies: bool, words: &Words) {
    if certifier_identifies {
        paper.field(words.identification, words.identifies);
    }
}

fn transfers(paper: &mut Paper, transfers: &[Transfer], words: &Words) {
    let said = |t: &Transfer| format!("{}, {}, {}", t.recipient, t.country, t.safeguards);
    let said: Vec<String> = transfers.iter().map(said).collect();
    paper.fields(words.transfers, &said, words.none);
}
