//! Bad requests other than deposits: keys, enrolments, programmes, questions, readings.

use jiff::civil::date;
use serde_json::json;
use tiers::service::Refusal;
use tiers_protocol::encoding::{Bytes, encode};
use tiers_protocol::entropy::System;
use tiers_protocol::ids::DepositId;
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::{
    AddPartner, ApprovePolicy, Declaration, NewErasure, NewParty, RegisterProgramme, Role,
    WrappedKey,
};

use super::{Case, Trace};
use crate::abuse;
use crate::harness::client::Answer;
use crate::harness::people::{Person, Sale};
use crate::harness::roles::{Partner, canaries, company, report_request};
use crate::harness::world::{MONTH, World, programme};

macro_rules! case {
    ($name:literal, $refusal:ident, $status:literal, $trace:ident, $provoke:expr) => {
        Case {
            name: $name,
            refusal: Refusal::$refusal,
            status: $status,
            trace: Trace::$trace,
            provoke: $provoke,
        }
    };
}
pub(super) use case;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = at_the_door();
    cases.extend(enrolments());
    cases.extend(programmes());
    cases.extend(questions());
    cases
}

fn at_the_door() -> Vec<Case> {
    vec![
        case!("no key", Unauthenticated, 401, Nothing, |w| {
            w.server.anonymous().get("/v1/deposits")
        }),
        case!("another role", Forbidden, 403, Nothing, |w| {
            w.partners[0].client.post("/v1/reports", &report_request(&w.programme.id, MONTH))
        }),
        case!("an object that is not there", NotFound, 404, Nothing, |w| {
            let id = DepositId::random(&mut System);
            w.partners[0].client.get(&format!("/v1/deposits/{id}"))
        }),
        case!("an id that is none", NotFound, 404, Nothing, |w| {
            w.partners[0].client.get("/v1/deposits/..%2F..%2Fetc")
        }),
        case!("a tile that is none", NotFound, 404, Nothing, |w| {
            w.server.anonymous().get("/ledger/tile/..%2f..%2ftiers.sqlite")
        }),
        case!("no such address", NoRoute, 404, Nothing, |w| w.partners[0].client.get("/v2")),
        case!("no such method", WrongMethod, 405, Nothing, |w| {
            w.operator.0.send("DELETE", "/v1/parties", &[], b"")
        }),
        case!("an unknown field", Malformed, 400, Nothing, |w| {
            w.operator.0.post("/v1/officers", &json!({ "role": "operator" }))
        }),
        case!("a request beyond the limit", RequestTooLarge, 413, Nothing, |w| {
            w.operator.0.send("POST", "/v1/parties", &[], &vec![b' '; 300 * 1024])
        }),
        case!("a document that does not come", TooSlow, 408, Nothing, |_| {
            abuse::slow_document()
        }),
        case!("an offset that is none", Malformed, 400, Nothing, |w| {
            let id = DepositId::random(&mut System);
            let headers = [("upload-offset", "-1")];
            w.partners[0].client.send("PUT", &format!("/v1/deposits/{id}/body"), &headers, b"x")
        }),
        case!("an erasure of what is not there", NothingToErase, 422, Nothing, |w| {
            let reason = "instruction".to_owned();
            let deposit = DepositId::from_bytes([1; 16]);
            w.operator.0.post("/v1/erasures", &NewErasure::Deposit { deposit, reason })
        }),
        case!("an erasure without a reason", BadErasureReason, 422, Nothing, |w| {
            let deposit = DepositId::from_bytes([1; 16]);
            let erasure = NewErasure::Deposit { deposit, reason: " ".to_owned() };
            w.operator.0.post("/v1/erasures", &erasure)
        }),
        case!("an erasure of nobody", BadErasure, 422, Nothing, |w| {
            let (programme, reason) = (w.programme.id, "instruction".to_owned());
            let erasure = NewErasure::Persons { programme, tokens: Vec::new(), reason };
            w.operator.0.post("/v1/erasures", &erasure)
        }),
        case!("a reading without a reason", BadReason, 422, Nothing, |w| {
            w.officer.client.get("/v1/acts?reason=%20")
        }),
        case!("a reading with a novel", BadReason, 422, Nothing, |w| {
            w.officer.client.get(&format!("/v1/acts?reason={}", "a".repeat(501)))
        }),
    ]
}

/// Asks for the enrolment of a company that is spoilt somewhere.
fn enrol(world: &World, spoil: impl FnOnce(&mut NewParty)) -> Answer {
    let secret = PartySecret::generate(&mut System);
    let mut new = company(Role::Partner, 77, None, &secret);
    spoil(&mut new);
    world.operator.0.post("/v1/parties", &new)
}

fn enrolments() -> Vec<Case> {
    vec![
        case!("a wrong check digit", BadSiren, 422, Nothing, |w| {
            enrol(w, |new| new.siren = "732829321".to_owned())
        }),
        case!("a group that is none", BadSiren, 422, Nothing, |w| {
            enrol(w, |new| new.group_siren = Some("1".to_owned()))
        }),
        case!("an empty name", BadName, 422, Nothing, |w| {
            enrol(w, |new| new.name = "  ".to_owned())
        }),
        case!("a long name", BadName, 422, Nothing, |w| {
            enrol(w, |new| new.name = "é".repeat(201))
        }),
        case!("an officer as a company", BadRole, 422, Nothing, |w| {
            enrol(w, |new| new.role = Role::Officer)
        }),
        case!("a weak key", BadKeys, 422, Nothing, |w| {
            enrol(w, |new| {
                let mut keys = serde_json::to_value(&new.keys).unwrap();
                keys["signing"] = json!(encode(&[0; 32]));
                new.keys = serde_json::from_value(keys).unwrap();
            })
        }),
        case!("keys that another has", KeysEnrolled, 409, Nothing, |w| {
            enrol(w, |new| new.keys = w.partners[0].secret.public())
        }),
    ]
}

/// Asks for the registration of a programme that is spoilt somewhere.
fn register(world: &World, spoil: impl FnOnce(&mut RegisterProgramme)) -> Answer {
    let key = ProgrammeKey::generate(&mut System);
    let mut new = programme("Mauvais", "at_once");
    new.key_id = Some(key.id());
    let mut request = RegisterProgramme { canaries: canaries(&new, &key), programme: new };
    spoil(&mut request);
    world.principal.client.post("/v1/programmes", &request)
}

fn programmes() -> Vec<Case> {
    vec![
        case!("an epoch that has ended", BadProgramme, 422, Nothing, |w| {
            register(w, |r| r.programme.epoch_ends = date(2025, 8, 31))
        }),
        case!("an epoch over a year", BadProgramme, 422, Nothing, |w| {
            register(w, |r| r.programme.epoch_ends = date(2026, 9, 2))
        }),
        case!("no campaign", BadProgramme, 422, Nothing, |w| {
            register(w, |r| r.programme.campaigns.clear())
        }),
        case!("no key", NoKey, 422, Nothing, |w| register(w, |r| r.programme.key_id = None)),
        case!("a canary short", BadCanaries, 422, Nothing, |w| {
            register(w, |r| r.canaries.truncate(r.canaries.len() - 1))
        }),
        case!("a canary twice", BadCanaries, 422, Nothing, |w| {
            register(w, |r| r.canaries[1] = r.canaries[0].clone())
        }),
        case!("the same programme", ProgrammeExists, 409, Nothing, |w| {
            w.principal.register(w.programme.clone(), &w.key)
        }),
        case!("a principal as a partner", NotAPartner, 422, Nothing, |w| {
            let add = AddPartner { party: w.principal.id, declared_size: 1 };
            w.principal.client.post(&format!("/v1/programmes/{}/partners", w.programme.id), &add)
        }),
        case!("a region of no area", BadDeclaration, 422, Nothing, |w| {
            let region = "Atlantide".to_owned();
            let declared = Declaration { region, ..Declaration::silent(1) };
            let path = format!("/v1/programmes/{}/declaration", w.programme.id);
            w.partners[0].client.put(&path, &declared)
        }),
        case!("a wrapped key that is none", BadWrappedKey, 422, Nothing, |w| {
            let wrapped = WrappedKey { wrapped: encode(&[1; 79]) };
            let path = format!("/v1/programmes/{}/keys/{}", w.programme.id, w.partners[0].id);
            w.principal.client.put(&path, &wrapped)
        }),
        case!("a key for a stranger", NotAPartner, 422, Nothing, |w| {
            let wrapped = WrappedKey { wrapped: encode(&[1; 80]) };
            let path = format!("/v1/programmes/{}/keys/{}", w.programme.id, w.principal.id);
            w.principal.client.put(&path, &wrapped)
        }),
        case!("no key wrapped yet", NoWrappedKey, 404, Nothing, |w| {
            let partner = Partner(w.operator.enrol(&w.server, Role::Partner, 60));
            partner.client.get(&format!("/v1/programmes/{}/key", w.programme.id))
        }),
        case!("another policy approved", OtherPolicy, 409, Nothing, |w| {
            let request = ApprovePolicy { policy_sha256: Bytes::new([7; 32]) };
            let path = format!("/v1/programmes/{}/approval", w.programme.id);
            w.officer.client.post(&path, &request)
        }),
    ]
}

/// Asks for a report with templates of one's own.
fn templates(world: &World, names: &[&str]) -> Answer {
    let mut request = report_request(&world.programme.id, MONTH);
    request.templates = Some(names.iter().map(ToString::to_string).collect());
    world.principal.client.post("/v1/reports", &request)
}

fn questions() -> Vec<Case> {
    vec![
        case!("an unknown template", UnknownTemplate, 422, Release, |w| {
            templates(w, &["conversion/1", "network/9"])
        }),
        case!("revenue alone", IncompleteTemplates, 422, Release, |w| {
            templates(w, &["revenue/1", "revenue/1"])
        }),
        case!("no template at all", IncompleteTemplates, 422, Release, |w| templates(w, &[])),
        case!("models that no list has", NoCells, 422, Release, |w| {
            templates(w, &["conversion/1", "conversion/1@campaign_model"])
        }),
        case!("a guess of a campaign that is none", BadGuess, 422, Nothing, |w| {
            let guess = json!({
                "programme": w.programme.id, "period": MONTH, "guesses": { "nobody": 1 },
            });
            w.principal.client.post("/v1/reports/plan", &guess)
        }),
        case!("a month that is none", BadPeriod, 422, Release, |w| {
            w.principal.request(&w.programme.id, "2025-13")
        }),
        case!("a month to come", BadPeriod, 422, Release, |w| {
            w.principal.request(&w.programme.id, "2025-10")
        }),
        case!("no approval", NotApproved, 403, Release, |w| {
            let key = ProgrammeKey::generate(&mut System);
            let other: tiers_protocol::programme::Programme =
                w.principal.register(programme("Sans accord", "at_once"), &key).json();
            w.principal.request(&other.id, MONTH)
        }),
        case!("too few leads", TooFewLeads, 422, Release, |w| {
            w.principal.request(&w.programme.id, MONTH)
        }),
        case!("somebody else's programme", NotFound, 404, Release, |w| {
            let other = w.operator.enrol(&w.server, Role::Principal, 61);
            other.client.post("/v1/reports", &report_request(&w.programme.id, MONTH))
        }),
        case!("a snapshot of the past", SnapshotPast, 404, Release, |w| {
            let mut request = report_request(&w.programme.id, MONTH);
            request.snapshot = Some(4_000);
            w.principal.client.post("/v1/reports", &request)
        }),
        case!("too few partners", TooFewPartners, 422, ReleaseAfterWork, too_few_partners),
        case!("a spent budget", Spent, 429, ReleaseAfterWork, spent),
    ]
}

/// A programme of two partners, with leads enough.
fn too_few_partners(world: &World) -> Answer {
    let key = ProgrammeKey::generate(&mut System);
    let other: tiers_protocol::programme::Programme =
        world.principal.register(programme("Trop peu", "at_once"), &key).json();
    world.officer.approve(&other).ok();
    for partner in &world.partners[..2] {
        world.principal.add(&other.id, &key, partner);
    }
    let csv = crate::harness::people::leads_csv(&World::small_leads());
    let draft =
        crate::harness::deposits::Draft::of(&other, &key, tiers_contact::FileKind::Leads, &csv);
    let sealed = draft.seal(&world.server.trust().sealing, &world.principal.secret);
    world.principal.deposit(&sealed).ok();
    world.principal.request(&other.id, MONTH)
}

/// Three reports, then a fourth.
fn spent(world: &World) -> Answer {
    world.stock();
    let mut answer = world.principal.request(&world.programme.id, MONTH);
    for n in 0..3 {
        answer.ok();
        let sale = Sale { person: Person(6_000 + n), day: "2025-06-03", euros: 20_000 };
        world.partners[0].deposit(&world.sales(0, &[sale])).ok();
        answer = world.principal.request(&world.programme.id, MONTH);
    }
    answer
}
