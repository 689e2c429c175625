//! Bad deposits: what the manifest says, how the body travels, what is in it.

use jiff::civil::date;
use serde_json::Value;
use tiers::service::Refusal;
use tiers_contact::FileKind;
use tiers_protocol::canonical;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::manifest::{Column, ColumnType, Manifest, SignedManifest};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::Role;

use super::requests::case;
use super::{Case, Trace};
use crate::abuse;
use crate::harness::client::Answer;
use crate::harness::deposits::{Draft, Sealed};
use crate::harness::people::{leads_csv, sales_csv};
use crate::harness::world::World;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = strangers();
    cases.extend(manifests());
    cases.extend(transfers());
    cases.extend(bodies());
    cases
}

/// The first dealer deposits its small file with something wrong in it.
fn spoilt(world: &World, spoil: impl FnOnce(&mut Draft)) -> Answer {
    let mut draft = world.draft_sales();
    spoil(&mut draft);
    let sealed = draft.seal(&world.server.trust().sealing, &world.partners[0].secret);
    world.partners[0].deposit(&sealed)
}

/// The same, with only the manifest wrong.
fn manifest(world: &World, spoil: impl FnOnce(&mut Manifest)) -> Answer {
    spoilt(world, |draft| spoil(&mut draft.manifest))
}

/// The same, with the text of the body rewritten.
fn body(world: &World, rewrite: impl FnOnce(&str) -> String) -> Answer {
    spoilt(world, |draft| {
        let text = String::from_utf8(std::mem::take(&mut draft.plain)).unwrap();
        draft.plain = rewrite(&text).into_bytes();
    })
}

/// The first data line of a body.
fn first_line(text: &str) -> &str {
    text.lines().nth(1).unwrap()
}

fn strangers() -> Vec<Case> {
    vec![
        case!("a manifest of another party", ForeignManifest, 403, Deposit, |w| {
            w.partners[1].deposit(&w.sales(0, &World::small_sales(0)))
        }),
        case!("an unsigned manifest", ForeignManifest, 403, Deposit, |w| {
            let sealed = w.sales(0, &World::small_sales(0));
            let unsigned =
                SignedManifest { manifest: sealed.manifest.manifest.clone(), signed: None };
            w.partners[0].open(&Sealed { manifest: unsigned, ..sealed })
        }),
        case!("a manifest changed after its signature", ForeignManifest, 403, Deposit, |w| {
            let mut sealed = w.sales(0, &World::small_sales(0));
            sealed.manifest.manifest.rows += 1;
            w.partners[0].deposit(&sealed)
        }),
        case!("keys that are not enrolled", ForeignManifest, 403, Deposit, |w| {
            let secret = PartySecret::generate(&mut System);
            let sealed = w.draft_sales().seal(&w.server.trust().sealing, &secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("a partner of no programme", NotAMember, 403, Deposit, |w| {
            let outsider = w.operator.enrol(&w.server, Role::Partner, 70);
            let sealed = w.draft_sales().seal(&w.server.trust().sealing, &outsider.secret);
            outsider.deposit(&sealed)
        }),
        case!("a programme that is not there", NotAMember, 403, Deposit, |w| {
            manifest(w, |m| m.programme = ProgrammeId::random(&mut System))
        }),
        case!("leads from a partner", WrongKind, 403, Deposit, |w| {
            let csv = leads_csv(&World::small_leads());
            let draft = Draft::of(&w.programme, &w.key, FileKind::Leads, &csv);
            let sealed = draft.seal(&w.server.trust().sealing, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("sales from the principal", WrongKind, 403, Deposit, |w| {
            let sealed = w.draft_sales().seal(&w.server.trust().sealing, &w.principal.secret);
            w.principal.deposit(&sealed)
        }),
    ]
}

/// Column names enough to go over the limit, all of a known type.
fn two_hundred_columns(m: &mut Manifest) {
    let column = |n| Column { name: format!("token_{n}"), kind: ColumnType::Token };
    m.columns.extend((m.columns.len()..200).map(column));
}

fn manifests() -> Vec<Case> {
    vec![
        case!("not a manifest", BadManifest, 400, Deposit, |w| {
            w.partners[0].client.send("POST", "/v1/deposits", &[], b"{}")
        }),
        case!("a manifest with a blank", BadManifest, 400, Deposit, |w| {
            let mut bytes = w.sales(0, &World::small_sales(0)).manifest.to_vec();
            bytes.push(b'\n');
            w.partners[0].client.send("POST", "/v1/deposits", &[], &bytes)
        }),
        case!("a manifest with an unknown field", BadManifest, 400, Deposit, |w| {
            let bytes = w.sales(0, &World::small_sales(0)).manifest.to_vec();
            let mut document: Value = serde_json::from_slice(&bytes).unwrap();
            document["manifest"]["extra"] = Value::from(1);
            let bytes = canonical::to_vec(&document);
            w.partners[0].client.send("POST", "/v1/deposits", &[], &bytes)
        }),
        case!("sizes that do not add up", BadManifest, 400, Deposit, |w| {
            let mut sealed = w.draft_sales().seal(&w.server.trust().sealing, &w.partners[0].secret);
            let mut m = sealed.manifest.manifest.clone();
            m.body.plain_bytes += 1;
            sealed.manifest = m.sign(&w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("another programme key", WrongKey, 422, Deposit, |w| {
            let key = ProgrammeKey::generate(&mut System);
            let csv = sales_csv(&World::small_sales(0));
            let draft = Draft::of(&w.programme, &key, FileKind::Sales, &csv);
            let sealed = draft.seal(&w.server.trust().sealing, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("another epoch", WrongKey, 422, Deposit, |w| manifest(w, |m| m.epoch += 1)),
        case!("another normalisation", WrongNormalisation, 422, Deposit, |w| {
            manifest(w, |m| m.normalisation = "2".to_owned())
        }),
        case!("another purpose", WrongPurpose, 422, Deposit, |w| {
            manifest(w, |m| m.purpose = "sell the addresses".to_owned())
        }),
        case!("an expired deposit", Expired, 422, Deposit, |w| {
            manifest(w, |m| m.retain_until = date(2025, 8, 31))
        }),
        case!("a deposit for ever", RetainedTooLong, 422, Deposit, |w| {
            manifest(w, |m| m.retain_until = date(2026, 9, 2))
        }),
        case!("a column more", UnknownColumn, 422, Deposit, |w| {
            manifest(w, |m| {
                m.columns.push(Column { name: "postcode".to_owned(), kind: ColumnType::Token });
            })
        }),
        case!("a column of another type", UnknownColumn, 422, Deposit, |w| {
            manifest(w, |m| m.columns[0].kind = ColumnType::Cents)
        }),
        case!("a column less", UnknownColumn, 422, Deposit, |w| {
            manifest(w, |m| drop(m.columns.remove(0)))
        }),
        case!("two hundred columns", TooManyColumns, 413, Deposit, |w| {
            manifest(w, two_hundred_columns)
        }),
        case!("a file of rejects only", NoRows, 422, Deposit, |w| manifest(w, |m| m.rows = 4)),
        case!("half of the file left out", TooManyRejects, 422, Deposit, |w| {
            manifest(w, |m| m.rejects = m.rows)
        }),
        case!("an empty file", NoRows, 422, Deposit, |w| manifest(w, |m| m.rows = 0)),
        case!("more rows than any dealer has", BodyTooLarge, 413, Deposit, |w| {
            manifest(w, |m| m.rows = tiers::limits::DEPOSIT_ROWS + 1)
        }),
        case!("a deposit more than may be open", TooManyOpen, 409, Standing, |w| {
            let mut draft = w.draft_sales();
            let bytes = draft.sealed_bytes(&w.server.trust().sealing, &w.partners[0].secret);
            let mut another = || {
                draft.manifest.nonce = tiers_protocol::encoding::Bytes::new(System.array());
                let secret = &w.partners[0].secret;
                draft.clone().sign(&w.server.trust().sealing, bytes.clone(), secret)
            };
            let first = another();
            w.partners[0].open(&first).ok();
            for _ in 1..256 {
                w.partners[0].open(&another()).ok();
            }
            // What is open already is no deposit more, and another dealer has room of its own.
            w.partners[0].open(&first).ok();
            w.partners[1].open(&w.sales(1, &World::small_sales(1))).ok();
            w.partners[0].open(&another())
        }),
        case!("a body that is not sealed", Unsealed, 422, Deposit, |w| {
            let signed = w.draft_sales().manifest.sign(&w.partners[0].secret);
            w.partners[0].open(&Sealed { manifest: signed, bytes: Vec::new() })
        }),
        case!("a body sealed to another key", WrongRecipient, 422, Deposit, |w| {
            let other = PartySecret::generate(&mut System).public().sealing;
            let sealed = w.draft_sales().seal(&other, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
    ]
}

/// An open deposit of the first dealer.
fn opened(world: &World) -> Sealed {
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].open(&sealed).ok();
    sealed
}

fn transfers() -> Vec<Case> {
    vec![
        case!("a byte too far", WrongOffset, 409, Standing, |w| {
            let sealed = opened(w);
            w.partners[0].upload(&sealed.id(), 7, &sealed.bytes[7..], true)
        }),
        case!("two uploads at once", UploadBusy, 409, Standing, |w| {
            let sealed = opened(w);
            let caller = w.partners[0].client.caller(&w.server);
            let _held = w.server.certifier().receive(&caller, &sealed.id(), 0).unwrap();
            w.partners[0].upload(&sealed.id(), 0, &sealed.bytes, true)
        }),
        case!("a fifth upload of one party", TooManyUploads, 503, Standing, |w| {
            let caller = w.partners[0].client.caller(&w.server);
            let hold = |_| w.server.certifier().receive(&caller, &opened(w).id(), 0).unwrap();
            let _held: Vec<_> = (0..4).map(hold).collect();
            let fifth = opened(w);
            w.partners[0].upload(&fifth.id(), 0, &fifth.bytes, true)
        }),
        case!("a slow upload", TooSlow, 408, Nothing, |_| abuse::slow_upload()),
        case!("an upload when the certifier stops", Stopping, 503, Nothing, |_| {
            abuse::upload_at_the_end()
        }),
        case!("a second body", NotOpen, 409, Standing, |w| {
            let sealed = opened(w);
            w.partners[0].upload(&sealed.id(), 0, &sealed.bytes, true).ok();
            w.partners[0].upload(&sealed.id(), 0, &sealed.bytes, true)
        }),
        case!("a truncated upload", Truncated, 422, Deposit, |w| {
            let sealed = opened(w);
            w.partners[0].upload(&sealed.id(), 0, &sealed.bytes[..sealed.bytes.len() - 1], true)
        }),
        case!("an upload of nothing", Truncated, 422, Deposit, |w| {
            let sealed = opened(w);
            w.partners[0].upload(&sealed.id(), 0, &[], true)
        }),
        case!("a byte too many", TooLong, 422, Deposit, |w| {
            let sealed = opened(w);
            let mut bytes = sealed.bytes.clone();
            bytes.push(0);
            w.partners[0].upload(&sealed.id(), 0, &bytes, true)
        }),
        case!("an altered body", BodyAltered, 422, Deposit, |w| {
            let sealed = opened(w);
            let mut bytes = sealed.bytes.clone();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            w.partners[0].upload(&sealed.id(), 0, &bytes, true)
        }),
    ]
}

fn bodies() -> Vec<Case> {
    vec![
        case!("sealed to another key, whatever it says", BodyUnreadable, 422, Deposit, |w| {
            let other = PartySecret::generate(&mut System).public().sealing;
            let mut draft = w.draft_sales();
            let bytes = draft.sealed_bytes(&other, &w.partners[0].secret);
            let sealed = draft.sign(&w.server.trust().sealing, bytes, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("altered before the manifest was signed", BodyUnreadable, 422, Deposit, |w| {
            let mut draft = w.draft_sales();
            let trust = w.server.trust();
            let mut bytes = draft.sealed_bytes(&trust.sealing, &w.partners[0].secret);
            *bytes.last_mut().unwrap() ^= 1;
            let sealed = draft.sign(&w.server.trust().sealing, bytes, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("the body of another manifest", BodyUnreadable, 422, Deposit, |w| {
            let (one, mut other) = (w.draft_sales(), w.draft_sales());
            let bytes = other.sealed_bytes(&w.server.trust().sealing, &w.partners[0].secret);
            let sealed = one.sign(&w.server.trust().sealing, bytes, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("another party's body under one's own manifest", BodyUnreadable, 422, Deposit, |w| {
            let mut copied = w.draft_sales();
            let bytes = copied.sealed_bytes(&w.server.trust().sealing, &w.partners[1].secret);
            copied.manifest.party = None;
            let sealed = copied.sign(&w.server.trust().sealing, bytes, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("an unknown column in the body", UnknownColumn, 422, Deposit, |w| {
            body(w, |text| text.replacen("token_email", "email", 1))
        }),
        case!("bare hashes in place of tokens", BareHash, 422, Deposit, |w| {
            body(w, |text| {
                let (head, rows) = text.split_once('\n').unwrap();
                let hashed = |row: &str| format!("{},{}\n", "0a".repeat(32), &row[44..]);
                let row =
                    |row: &str| if row.starts_with(',') { format!("{row}\n") } else { hashed(row) };
                format!("{head}\n{}", rows.lines().map(row).collect::<String>())
            })
        }),
        case!("another key under the right name", Canary, 422, Deposit, |w| {
            let key = ProgrammeKey::generate(&mut System);
            let csv = sales_csv(&World::small_sales(0));
            let mut draft = Draft::of(&w.programme, &key, FileKind::Sales, &csv);
            draft.manifest.key_id = w.key.id();
            let sealed = draft.seal(&w.server.trust().sealing, &w.partners[0].secret);
            w.partners[0].deposit(&sealed)
        }),
        case!("a canary left out", Canary, 422, Deposit, |w| {
            spoilt(w, |draft| {
                let text = String::from_utf8(std::mem::take(&mut draft.plain)).unwrap();
                let canary = |line: &&str| line.ends_with(",2000-01-01,0");
                let first = text.lines().find(canary).unwrap();
                draft.plain = text.replacen(&format!("{first}\n"), "", 1).into_bytes();
                draft.manifest.rows -= 1;
            })
        }),
        case!("a canary with one token of another", Canary, 422, Deposit, |w| {
            body(w, |text| {
                let canary = text.lines().find(|l| l.ends_with(",2000-01-01,0")).unwrap();
                let other = text.lines().find(|l| l.ends_with("-06-12,1500000")).unwrap();
                let mixed = format!("{}{}", &other[..43], &canary[43..]);
                text.replacen(canary, &mixed, 1)
            })
        }),
        case!("a row more than announced", RowCount, 422, Deposit, |w| {
            body(w, |text| format!("{text}{}\n", first_line(text)))
        }),
        case!("a row less than announced", RowCount, 422, Deposit, |w| {
            manifest(w, |m| m.rows += 1)
        }),
        case!("no line end at the end", BadLine, 422, Deposit, |w| {
            body(w, |text| text.trim_end().to_owned())
        }),
        case!("a field more", BadLine, 422, Deposit, |w| {
            body(w, |text| text.replacen(first_line(text), &format!("{},1", first_line(text)), 1))
        }),
        case!("a day that is none", BadLine, 422, Deposit, |w| {
            body(w, |text| text.replacen("2025-06-12", "2025-06-31", 1))
        }),
        case!("an amount below zero", BadLine, 422, Deposit, |w| {
            body(w, |text| text.replacen(",2025-06-12,", ",2025-06-12,-", 1))
        }),
        case!("a token cut short", BadLine, 422, Deposit, |w| {
            body(w, |text| text.replacen(first_line(text), &first_line(text)[1..], 1))
        }),
        case!("a line without end", BadLine, 422, Deposit, |w| {
            body(w, |text| format!("{text}{}\n", "a".repeat(5_000)))
        }),
        case!("only canaries", NoRows, 422, Deposit, |w| {
            spoilt(w, |draft| {
                let text = String::from_utf8(std::mem::take(&mut draft.plain)).unwrap();
                let keep = |(n, line): &(usize, &str)| *n == 0 || line.ends_with(",2000-01-01,0");
                let kept = text.lines().enumerate().filter(keep);
                draft.plain =
                    kept.map(|(_, line)| format!("{line}\n")).collect::<String>().into_bytes();
                draft.manifest.rows = 4;
            })
        }),
    ]
}
