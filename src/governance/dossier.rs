//! A dossier on paper: what it is about, each act with what it commits to, and how to check it. The
//! dossier itself, with the proofs, is attached to the file: whoever takes it out can check it without
//! the certifier. Pure; specified by `docs/formats/dossier.md`.

use serde_json::Value;
use tiers_protocol::dossier::{ProvenAct, SignedDossier};
use tiers_protocol::tlog::{Entry, LedgerProof};

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
    check: &'static str,
    how: &'static str,
    acted: &'static str,
    index: &'static str,
    object: &'static str,
    actor: &'static str,
    commitment: &'static str,
    erased: &'static str,
    unreadable: &'static str,
}

const FR: Words = Words {
    title: "Dossier d’actes",
    about: "Objet",
    ledger: "Registre public",
    made: "Établi le",
    made_for: "Pour le compte",
    reason: "Motif",
    acts: "Actes",
    check: "Vérification",
    how: "Le dossier et ses preuves sont joints à ce fichier (dossier.json). « tiers officer check \
          dossier.json » le vérifie sans le tiers : la signature, et pour chaque acte que le registre \
          public le contient et s’engage sur ce qui est montré.",
    acted: "Date",
    index: "Rang dans le registre",
    object: "Sur",
    actor: "Par le compte",
    commitment: "Engagement",
    erased: "détail effacé",
    unreadable: "acte illisible",
};

const EN: Words = Words {
    title: "Dossier of acts",
    about: "About",
    ledger: "Public ledger",
    made: "Made on",
    made_for: "For the account",
    reason: "Reason",
    acts: "Acts",
    check: "How to check it",
    how: "The dossier and its proofs are attached to this file (dossier.json). `tiers officer check \
          dossier.json` checks it without the certifier: the signature, and of each act that the public \
          ledger holds it and commits to what is shown.",
    acted: "Date",
    index: "Place in the ledger",
    object: "On",
    actor: "By the account",
    commitment: "Commitment",
    erased: "detail erased",
    unreadable: "unreadable act",
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
    paper.field(words.acts, &dossier.acts.len().to_string());
    paper.field(words.check, words.how);
    paper.heading(Face::Title, words.acts);
    for act in &dossier.acts {
        put(&mut paper, act, words);
    }
    paper.attach("dossier.json", signed.to_vec());
    paper.finish(words.title)
}

fn put(paper: &mut Paper, act: &ProvenAct, words: &Words) {
    let Ok(entry) = Entry::decode(act.entry.as_bytes()) else {
        paper.heading(Face::Heading, words.unreadable);
        return;
    };
    paper.heading(Face::Heading, entry.entry_type().as_str());
    paper.field(words.acted, &entry.at().to_string());
    if let Ok(proof) = LedgerProof::parse(act.proof.as_bytes()) {
        paper.field(words.index, &proof.index().to_string());
    }
    paper.field(words.object, entry.object().as_str());
    paper.field(words.commitment, &tiers_protocol::encoding::encode(entry.commitment()));
    let Some(opened) = &act.opened else {
        paper.field("", words.erased);
        return;
    };
    paper.field(words.actor, &opened.actor);
    match serde_json::from_str(&opened.detail) {
        Ok(Value::Object(fields)) => {
            for (name, value) in &fields {
                paper.field(name, &said(value));
            }
        }
        _ => paper.field("", &opened.detail),
    }
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
