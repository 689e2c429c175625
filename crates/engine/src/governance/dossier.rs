//! A dossier on paper: what it is about, each act with what it commits to, and how to check it. The
//! dossier itself, with the proofs, is attached to the file: whoever takes it out can check it without
//! the certifier. Pure; specified by `docs/formats/dossier.md`.

use serde_json::Value;
use tiers_protocol::canonical;
use tiers_protocol::dossier::{CarriedDocument, DocumentKind, ProvenAct, SignedDossier, TickedAct};
use tiers_protocol::exchange::{Agreement, Saying, Side, SignedAct, SignedAgreement};
use tiers_protocol::tlog::{Entry, LedgerProof};

use super::acts;
use super::register::Language;
use crate::paper::{Face, Paper};

struct Words {
    title: &'static str,
    about: &'static str,
    ledger: &'static str,
    made: &'static str,
    made_for: &'static str,
    reason: &'static str,
    acts: &'static str,
    persons: &'static str,
    tick: &'static str,
    check: &'static str,
    how: &'static str,
    acted: &'static str,
    index: &'static str,
    object: &'static str,
    actor: &'static str,
    commitment: &'static str,
    says: &'static str,
    erased: &'static str,
    unreadable: &'static str,
    agreement: &'static str,
    proposer: &'static str,
    other: &'static str,
    purpose: &'static str,
    channels: &'static str,
    days: &'static str,
    kept: &'static str,
    months: &'static str,
    signed: &'static str,
    accepted: &'static str,
    approved: &'static str,
    advised: &'static str,
    ended: &'static str,
}

const FR: Words = Words {
    title: "Dossier d’actes",
    about: "Objet",
    ledger: "Registre public",
    made: "Établi le",
    made_for: "Pour le compte",
    reason: "Motif",
    acts: "Actes",
    persons: "Actes qui touchent une personne",
    tick: "Entré avec le relevé, rang",
    check: "Vérification",
    how: "Le dossier et ses preuves sont joints à ce fichier (dossier.json). « tiers officer check \
          dossier.json » le vérifie sans le tiers : la signature, et pour chaque acte que le registre \
          public le contient et s’engage sur ce qui est montré.",
    acted: "Date",
    index: "Rang dans le registre",
    object: "Sur",
    actor: "Par le compte",
    commitment: "Engagement",
    says: "Détail (noms du format)",
    erased: "détail effacé",
    unreadable: "acte illisible",
    agreement: "Accord et paroles signées",
    proposer: "Proposé par",
    other: "À",
    purpose: "Finalité",
    channels: "Canaux et bases",
    days: "Du, au",
    kept: "Conservation",
    months: "mois",
    signed: "Paroles signées",
    accepted: "accepte",
    approved: "approuve",
    advised: "conseille",
    ended: "met fin",
};

const EN: Words = Words {
    title: "Dossier of acts",
    about: "About",
    ledger: "Public ledger",
    made: "Made on",
    made_for: "For the account",
    reason: "Reason",
    acts: "Acts",
    persons: "Acts that concern a person",
    tick: "Entered with the tick, place",
    check: "How to check it",
    how: "The dossier and its proofs are attached to this file (dossier.json). `tiers officer check \
          dossier.json` checks it without the certifier: the signature, and of each act that the public \
          ledger holds it and commits to what is shown.",
    acted: "Date",
    index: "Place in the ledger",
    object: "On",
    actor: "By the account",
    commitment: "Commitment",
    says: "Detail (names of the format)",
    erased: "detail erased",
    unreadable: "unreadable act",
    agreement: "Agreement and signed words",
    proposer: "Proposed by",
    other: "To",
    purpose: "Purpose",
    channels: "Channels and bases",
    days: "From, to",
    kept: "Kept for",
    months: "months",
    signed: "Signed words",
    accepted: "accepts",
    approved: "approves",
    advised: "advises",
    ended: "ends it",
};

/// The dossier as pages, with the dossier itself attached.
#[must_use]
pub fn pdf(signed: &SignedDossier, language: Language) -> Vec<u8> {
    let words = match language {
        Language::Fr => &FR,
        Language::En => &EN,
    };
    let dossier = &signed.dossier;
    let mut paper = Paper::new(format!("{}: {}", words.title, dossier.about));
    paper.heading(Face::Title, words.title);
    paper.field(words.about, &dossier.about);
    paper.field(words.ledger, &dossier.origin);
    paper.field(words.made, &dossier.made_at);
    paper.field(words.made_for, &dossier.made_for.to_string());
    paper.field(words.reason, &dossier.reason);
    let acts = dossier.acts.len() + dossier.about_persons.len();
    paper.field(words.acts, &acts.to_string());
    paper.field(words.check, words.how);
    documents(&mut paper, &dossier.documents, words);
    paper.heading(Face::Title, words.acts);
    for act in &dossier.acts {
        put(&mut paper, act, (words, language));
    }
    if !dossier.about_persons.is_empty() {
        paper.heading(Face::Title, words.persons);
    }
    for act in &dossier.about_persons {
        put_ticked(&mut paper, act, (words, language));
    }
    paper.attach("dossier.json", signed.to_vec());
    paper.finish(words.title)
}

/// The agreement of an exchange, and what its parties said of it.
fn documents(paper: &mut Paper, documents: &[CarriedDocument], words: &Words) {
    let mut agreement: Option<Agreement> = None;
    for document in documents {
        let bytes = document.text.as_bytes();
        match document.kind {
            DocumentKind::Agreement => {
                let Ok(read) = canonical::from_slice::<SignedAgreement>(bytes) else { continue };
                paper.heading(Face::Title, words.agreement);
                terms(paper, &read.agreement, words);
                agreement = Some(read.agreement);
            }
            DocumentKind::Said => {
                let Ok(said) = canonical::from_slice::<SignedAct>(bytes) else { continue };
                let side = agreement.as_ref().and_then(|of| of.side_of(&said.act.party));
                let name = side.map_or_else(|| said.act.party.to_string(), |(of, _)| company(of));
                let verb = match said.act.says {
                    Saying::Accept => words.accepted,
                    Saying::Approve => words.approved,
                    Saying::Advise => words.advised,
                    Saying::End => words.ended,
                };
                paper.field(words.signed, format!("{name} {verb}. {}", said.act.words).trim());
            }
        }
    }
}

fn company(side: &Side) -> String {
    format!("{} (SIREN {})", side.name, side.siren)
}

fn terms(paper: &mut Paper, agreement: &Agreement, words: &Words) {
    paper.field(words.proposer, &company(&agreement.proposer));
    paper.field(words.other, &company(&agreement.other));
    paper.field(words.purpose, &agreement.purpose);
    let word = |value: Value| said(&value);
    let channels = agreement.channels.iter().map(|(channel, basis)| {
        format!("{} : {}", word(serde_json::json!(channel)), word(serde_json::json!(basis)))
    });
    paper.fields(words.channels, &channels.collect::<Vec<_>>(), "");
    paper.field(words.days, &format!("{}, {}", agreement.begins, agreement.ends));
    paper.field(words.kept, &format!("{} {}", agreement.retention_months, words.months));
}

fn put(paper: &mut Paper, act: &ProvenAct, (words, language): (&Words, Language)) {
    let Ok(entry) = Entry::decode(act.entry.as_bytes()) else {
        paper.heading(Face::Heading, words.unreadable);
        return;
    };
    let kind = entry.entry_type();
    paper.heading(Face::Heading, &format!("{} ({kind})", acts::title(kind, language)));
    paper.field(words.acted, &entry.at().to_string());
    if let Ok(proof) = LedgerProof::parse(act.proof.as_bytes()) {
        paper.field(words.index, &proof.index().to_string());
    }
    paper.field(words.object, entry.object().as_str());
    if let Some(opened) = &act.opened {
        paper.field(words.actor, &opened.actor);
    }
    paper.field(words.commitment, &tiers_protocol::encoding::encode(entry.commitment()));
    let Some(opened) = &act.opened else {
        paper.field(words.says, words.erased);
        return;
    };
    paper.fields(words.says, &detail_lines(&opened.detail), "");
}

/// An act that entered with a tick, proven in two steps.
fn put_ticked(paper: &mut Paper, act: &TickedAct, (words, language): (&Words, Language)) {
    let Ok(entry) = Entry::decode(act.entry.as_bytes()) else {
        paper.heading(Face::Heading, words.unreadable);
        return;
    };
    let kind = entry.entry_type();
    paper.heading(Face::Heading, &format!("{} ({kind})", acts::title(kind, language)));
    paper.field(words.acted, &entry.at().to_string());
    if let Ok(proof) = LedgerProof::parse(act.ledger.proof.as_bytes()) {
        let place = format!("{}, {}", proof.index(), act.through.step.place);
        paper.field(words.tick, &place);
    }
    paper.field(words.object, entry.object().as_str());
    paper.field(words.actor, &act.actor);
    paper.field(words.commitment, &tiers_protocol::encoding::encode(entry.commitment()));
    paper.fields(words.says, &detail_lines(&act.detail), "");
}

/// A detail as lines.
fn detail_lines(detail: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match serde_json::from_str(detail) {
        Ok(value @ Value::Object(_)) => flat("", &value, &mut lines),
        _ => lines.push(detail.to_owned()),
    }
    lines
}

/// A value as lines of names and values: `search.reason : …`.
fn flat(name: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (inner, value) in fields {
                let name = if name.is_empty() { inner.clone() } else { format!("{name}.{inner}") };
                flat(&name, value, lines);
            }
        }
        Value::Array(values)
            if values.iter().any(|value| value.is_object() || value.is_array()) =>
        {
            for (place, value) in values.iter().enumerate() {
                flat(&format!("{name}.{}", place + 1), value, lines);
            }
        }
        Value::Array(values) => {
            let all: Vec<String> = values.iter().map(said).collect();
            lines.push(format!("{name} : {}", all.join(", ")));
        }
        _ => lines.push(format!("{name} : {}", said(value))),
    }
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
