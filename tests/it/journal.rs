//! The journal of a whole certifier: one line for each request, nothing of anybody in it, alerts, terms; and
//! the figures beside it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::Value;
use tiers::api::{self, Listeners};
use tiers::journal;
use tiers::limits::Timing;
use tiers::service::{Certifier, Dependencies};
use tiers_protocol::tlog::{Entry, EntryType};

use crate::harness::client::Client;
use crate::harness::deposits::options;
use crate::harness::people::leads_csv;
use crate::harness::server::Server;
use crate::harness::world::{MONTH, World};
use crate::search::Needles;

/// Every line of a server's journal.
fn lines(server: &Server) -> Vec<Value> {
    let folder = server.layout().journal();
    let mut lines = Vec::new();
    for name in journal::list(&folder).unwrap() {
        let text = fs::read_to_string(folder.join(name.to_string())).unwrap();
        lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    lines
}

fn of<'a>(lines: &'a [Value], operation: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["operation"] == operation).collect()
}

fn requests(lines: &[Value]) -> usize {
    lines.iter().filter(|line| line["request"] != "").count()
}

fn recorded(world: &World, kind: EntryType) -> usize {
    let (_, entries) = world.ledger();
    entries.iter().filter(|entry: &&Entry| entry.entry_type() == kind).count()
}

#[test]
fn log_01_every_request_is_one_line_whoever_asks_and_whatever_the_answer() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    let deposit = sealed.id();
    let nobody = world.server.anonymous();
    let calls: [(&str, &Client, String, &str, u16, &str); 9] = [
        ("GET", &nobody, "/v1/trust".into(), "GET /v1/trust", 200, "200"),
        ("GET", &nobody, "/v1/deposits".into(), "GET /v1/deposits", 401, "auth.unauthenticated"),
        ("GET", &world.partners[0].client, "/v1/deposits".into(), "GET /v1/deposits", 200, "200"),
        (
            "GET",
            &world.partners[0].client,
            format!("/v1/deposits/{deposit}"),
            "GET /v1/deposits/{deposit}",
            200,
            "200",
        ),
        (
            "GET",
            &world.partners[1].client,
            format!("/v1/deposits/{deposit}"),
            "GET /v1/deposits/{deposit}",
            404,
            "object.not_found",
        ),
        (
            "GET",
            &world.partners[0].client,
            "/v1/acts?reason=x".into(),
            "GET /v1/acts",
            403,
            "auth.forbidden",
        ),
        ("GET", &nobody, "/jean.dupont@example.fr".into(), "GET *", 404, "request.no_route"),
        ("DELETE", &nobody, "/v1/trust".into(), "DELETE /v1/trust", 405, "request.wrong_method"),
        (
            "POST",
            &world.officer.client,
            "/v1/deposits".into(),
            "POST /v1/deposits",
            403,
            "auth.forbidden",
        ),
    ];
    for (method, client, path, operation, status, result) in calls {
        let before = lines(&world.server);
        let answer = client.send(method, &path, &[], b"");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.code());
        let after = lines(&world.server);
        assert_eq!(requests(&after) - requests(&before), 1, "{method} {path}");
        let line = after.iter().rfind(|line| line["request"] != "").unwrap();
        assert_eq!(line["operation"], operation);
        assert_eq!(line["result"], result, "{method} {path}");
        let named =
            (status == 200 && path.ends_with(&deposit.to_string())).then(|| deposit.to_string());
        assert_eq!(line["object"], named.unwrap_or_default());
        assert_eq!(line["actor"] == "", std::ptr::eq(client, &nobody), "{method} {path}");
    }
    // Health is asked every few seconds by machines and says nothing of anybody.
    let before = requests(&lines(&world.server));
    nobody.get("/healthz").ok();
    assert_eq!(requests(&lines(&world.server)), before);
}

#[test]
fn log_01_what_is_made_is_named_and_acts_of_the_background_have_lines() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let lines = lines(&world.server);
    let objects = |operation: &str| -> Vec<String> {
        of(&lines, operation).iter().map(|l| l["object"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(objects("POST /v1/reports"), [release.to_string()]);
    assert_eq!(objects("POST /v1/programmes"), [world.programme.id.to_string()]);
    assert_eq!(objects("POST /v1/deposits").len(), 4);
    assert!(objects("POST /v1/deposits").iter().all(|id| id.starts_with("dep_")));
    for operation in ["journal.opened", "certifier.started", "ledger.published"] {
        assert!(!of(&lines, operation).is_empty(), "{operation}");
    }
    let ids: std::collections::HashSet<_> =
        lines.iter().filter_map(|l| l["request"].as_str()).filter(|id| !id.is_empty()).collect();
    assert_eq!(ids.len(), requests(&lines), "correlation ids are told apart");
}

#[test]
fn log_05_no_contact_token_or_key_is_in_the_journal_after_the_whole_story() {
    let world = World::stocked();
    let token = "Zm9yYmlkZGVuIHRva2VuIG9mIGEgcGVyc29uIDEyMzQ";
    let mail = "martine.secret@example.fr";
    world.principal.release(&world.programme.id, MONTH);
    // Clients that put what they should not where they may put anything.
    let nobody = world.server.anonymous();
    let headers = [("X-Request-Id", mail), ("traceparent", token), ("User-Agent", mail)];
    nobody.send("GET", &format!("/v1/deposits/{token}?e={mail}"), &headers, mail.as_bytes());
    nobody.send("GET", &format!("/{mail}"), &headers, b"");
    let officer = &world.officer.client;
    officer.send("GET", &format!("/v1/acts?reason={mail}&{token}=1"), &headers, b"");
    let mut needles = Needles::new();
    needles.text("token", token);
    needles.text("mail", mail);
    needles.text("api key", world.principal.client.key());
    let leads = World::small_leads();
    let csv = leads_csv(&leads);
    for lead in &leads {
        needles.text("mail of a lead", &lead.person.email());
        needles.text("mobile of a lead", &lead.person.mobile());
    }
    let options = options(&world.programme, tiers_contact::FileKind::Leads);
    let read = tiers_contact::read_and_normalise("leads.csv", &csv, &options).unwrap();
    let tokeniser = world.key.tokeniser(&world.programme.id);
    for row in &read.rows {
        for kind in world.programme.policy.kinds().filter(|kind| kind.is_key()) {
            if let Some(digest) = row.digest(kind) {
                needles.bytes(
                    "token of a lead",
                    tokeniser.token_of_digest(kind, digest.as_bytes()).as_bytes(),
                );
            }
        }
    }
    let folder = world.server.layout().journal();
    let mut searched = 0;
    for name in journal::list(&folder).unwrap() {
        let bytes = fs::read(folder.join(name.to_string())).unwrap();
        searched += bytes.len();
        let mut found = Vec::new();
        needles.find(&bytes, &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
    assert!(searched > 10_000);
}

#[test]
fn the_answer_tells_the_id_under_which_it_was_noted() {
    let world = World::new();
    let mut stream = TcpStream::connect(world.server.url().trim_start_matches("http://")).unwrap();
    let request =
        "GET /v1/trust HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let told = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    let lines = lines(&world.server);
    assert_eq!(lines.last().unwrap()["request"], told);
    assert!(told.starts_with("req_") && told.len() == 26);
}

#[test]
fn log_06_the_journal_lies_apart_and_no_address_shows_it() {
    let world = World::new();
    let (data, journal) = (world.server.data(), world.server.layout().journal());
    assert!(!journal.starts_with(&data) && !data.starts_with(&journal));
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.keys().all(|path| !path.contains("journal") && !path.contains("metrics")));
    assert_eq!(world.server.anonymous().get("/metrics").status, 404);
}

#[test]
fn log_08_an_altered_journal_is_told_within_the_minute_and_in_the_ledger_once() {
    let world = World::new();
    let certifier = world.server.certifier();
    certifier.keep_journal().unwrap();
    assert_eq!(recorded(&world, EntryType::JournalAltered), 0);
    let folder = world.server.layout().journal();
    let path = folder.join(journal::list(&folder).unwrap()[0].to_string());
    // The owner of the files takes a line out of the middle.
    let text = fs::read_to_string(&path).unwrap();
    let kept: String =
        text.lines().enumerate().filter(|(n, _)| *n != 3).map(|(_, l)| format!("{l}\n")).collect();
    fs::write(&path, kept).unwrap();
    certifier.keep_journal().unwrap();
    assert_eq!(recorded(&world, EntryType::JournalAltered), 1);
    certifier.keep_journal().unwrap();
    assert_eq!(recorded(&world, EntryType::JournalAltered), 1, "told once");
    assert_eq!(of(&lines(&world.server), "journal.alert")[0]["result"], "journal.length");
    let figures = certifier.figures().unwrap().named();
    assert!(figures.contains(&("journal_alterations", 1)), "{figures:?}");
    // And what the minute's look cannot tell, the reading of the chain can.
    let found = certifier.check_journal().unwrap();
    let codes: Vec<_> = found.iter().map(|found| found.code()).collect();
    assert!(codes.contains(&"journal.changed") && codes.contains(&"journal.chain"), "{codes:?}");
}

#[test]
fn log_08_what_was_altered_while_the_certifier_was_down_is_told_at_its_start() {
    let world = World::new();
    world.server.certifier().keep_journal().unwrap();
    let folder = world.server.layout().journal();
    let path = folder.join(journal::list(&folder).unwrap()[0].to_string());
    let world = world.reopen(Dependencies::default());
    assert_eq!(recorded(&world, EntryType::JournalAltered), 0, "a restart alters nothing");
    world.server.certifier().keep_journal().unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{}\n").unwrap();
    let world = world.reopen(Dependencies::default());
    assert_eq!(recorded(&world, EntryType::JournalAltered), 1);
    fs::remove_file(&path).unwrap();
    let world = world.reopen(Dependencies::default());
    assert_eq!(recorded(&world, EntryType::JournalAltered), 2);
}

#[test]
fn log_03_files_go_the_day_after_their_term_and_the_ledger_says_so() {
    let world = World::new();
    let certifier: Arc<Certifier> = Arc::clone(world.server.certifier());
    let folder = world.server.layout().journal();
    let first = journal::list(&folder).unwrap()[0];
    let there = || journal::list(&folder).unwrap().contains(&first);
    certifier.keep_journal().unwrap();
    assert_eq!(recorded(&world, EntryType::JournalSealed), 0, "the day is not over");
    world.server.clock().advance_days(1);
    certifier.note_own("test", "ok");
    certifier.keep_journal().unwrap();
    certifier.keep_journal().unwrap();
    assert_eq!(recorded(&world, EntryType::JournalSealed), 1);
    // 2025-09-01 and six months, twelve months, a day more.
    for (days, kept) in [(180, true), (184, true), (1, false)] {
        world.server.clock().advance_days(days);
        certifier.note_own("test", "ok");
        certifier.keep_journal().unwrap();
        assert_eq!(there(), kept, "{}", certifier.now());
    }
    assert_eq!(recorded(&world, EntryType::JournalDeleted), 1);
    assert_eq!(certifier.check_journal().unwrap(), []);
    let trust = world.server.trust();
    let found = journal::verify(&folder, &trust.signing, |_| {}).unwrap();
    assert!(found.altered.is_empty() && found.files > 1, "{found:?}");
}

#[test]
fn figures_are_on_an_address_of_their_own_and_name_nobody() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let certifier = Arc::clone(world.server.certifier());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (api, figures, serving) = runtime.block_on(async move {
        let bind = || tokio::net::TcpListener::bind(("127.0.0.1", 0));
        let (api, metrics) = (bind().await.unwrap(), bind().await.unwrap());
        let urls = [&api, &metrics].map(|l| format!("http://{}", l.local_addr().unwrap()));
        let listeners = Listeners { metrics: Some(metrics), ..Listeners::from(api) };
        let stop = async move { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(api::serve(certifier, listeners, stop, Timing::default()));
        let [api, figures] = urls;
        (api, figures, serving)
    });
    let asked = world.partners[0].client.at(&api);
    for _ in 0..3 {
        asked.get("/v1/deposits").ok();
    }
    assert_eq!(Client::new(&figures, None).get("/v1/deposits").status, 404);
    let text =
        String::from_utf8(Client::new(&figures, None).get("/metrics").ok().bytes.clone()).unwrap();
    let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    has("tiers_requests_total{operation=\"GET /v1/deposits\",status=\"200\"} 3");
    has("tiers_state{of=\"deposits_accepted\"} 4");
    has("tiers_state{of=\"journal_alterations\"} 0");
    has("tiers_state{of=\"journal_lines_lost\"} 0");
    has("tiers_state{of=\"alerts_open\"} 0");
    has("tiers_accounts{left=\"more\"} 1");
    for secret in ["dep_", "prg_", "pty_", "acc_", "act_"] {
        assert!(!text.contains(secret), "{secret}");
    }
    stop.send(()).unwrap();
    let ended = runtime.block_on(async {
        tokio::time::timeout(std::time::Duration::from_secs(20), serving).await
    });
    ended.expect("the metrics do not keep a certifier from stopping").unwrap();
}

#[test]
fn log_07_journal_verify_checks_a_copy_and_names_what_was_altered() {
    let world = World::stocked();
    let trust = serde_json::to_vec(&world.server.trust()).unwrap();
    let journal = world.server.layout().journal();
    world.server.certifier().keep_journal().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let file = copy.path().join("trust.json");
    fs::write(&file, trust).unwrap();
    let folder = copy.path().join("journal");
    fs::create_dir(&folder).unwrap();
    let names = journal::list(&journal).unwrap();
    for name in &names {
        fs::copy(journal.join(name.to_string()), folder.join(name.to_string())).unwrap();
    }
    let verify = || {
        let words = ["--json", "journal", "verify", folder.to_str().unwrap()];
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(words)
            .args(["--trust", file.to_str().unwrap()])
            .output()
            .unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    let (code, said) = verify();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["verified"], &said["pinned"]), (0, &true.into(), &true.into()));
    let held: usize = names
        .iter()
        .map(|name| fs::read_to_string(folder.join(name.to_string())).unwrap().lines().count())
        .sum();
    assert_eq!(said["lines"], held);
    // A word of one line, a line less, a file less.
    let first = folder.join(names[0].to_string());
    let text = fs::read_to_string(&first).unwrap();
    let altered = text.replacen("/v1/", "/v2/", 1);
    assert!(altered != text && text.lines().count() > 3);
    fs::write(&first, altered).unwrap();
    assert_eq!(verify().0, 1);
    let second = text.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| line);
    fs::write(&first, second.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    assert_eq!(verify().0, 1);
    fs::write(&first, text).unwrap();
    assert_eq!(verify().0, 0);
}
