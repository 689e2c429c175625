//! Officers and parties search acts; dossiers hold what they say without the certifier.

use tiers::limits;
use tiers_contact::Kind;
use tiers_protocol::dossier::{NewSearch, PersonSearch, SignedDossier};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::tlog::{Entry, EntryType};
use tiers_protocol::wire::{Act, PersonToken};

use crate::erasure::tokens;
use crate::harness::client::Client;
use crate::harness::roles::canaries;
use crate::harness::world::{MONTH, World};

fn search(client: &Client, change: impl FnOnce(&mut NewSearch)) -> Vec<Act> {
    let mut new = NewSearch { reason: "quarterly audit".to_owned(), ..NewSearch::default() };
    change(&mut new);
    client.post("/v1/searches", &new).json()
}

fn about(id: &impl ToString) -> NewSearch {
    NewSearch {
        reason: "inspection 12".to_owned(),
        about: Some(id.to_string()),
        ..NewSearch::default()
    }
}

fn kinds(acts: &[Act]) -> Vec<&str> {
    acts.iter().map(|act| act.act.as_str()).collect()
}

#[test]
fn log_18_an_officer_finds_acts_by_object_party_type_and_day_and_each_look_is_an_act() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let officer = &world.officer.client;
    let all = search(officer, |_| ());
    // The naive answer: everything, filtered here.
    let of = |kind: &str| all.iter().filter(|act| act.act == kind).count();
    let found = search(officer, |new| new.act = Some("deposit.received".to_owned()));
    assert_eq!((found.len(), of("deposit.received")), (4, 4));
    let found = search(officer, |new| new.about = Some(release.to_string()));
    assert!(found.iter().all(|act| act.object == release.to_string()));
    assert!(kinds(&found).contains(&"release.published"));
    let programme = world.programme.id.to_string();
    let found = search(officer, |new| new.about = Some(programme.clone()));
    for kind in ["programme.registered", "deposit.received", "release.published"] {
        assert_eq!(found.iter().filter(|act| act.act == kind).count(), of(kind), "{kind}");
    }
    let partner = world.partners[0].id.to_string();
    let found = search(officer, |new| new.party = Some(partner.clone()));
    assert_eq!(found.iter().filter(|act| act.act == "deposit.received").count(), 1);
    let today = world.server.today().to_string();
    let yesterday = world.server.today().yesterday().unwrap().to_string();
    assert_eq!(search(officer, |new| new.until = Some(yesterday)).len(), 0);
    let found = search(officer, |new| {
        (new.since, new.until) = (Some(today.clone()), Some(today.clone()));
    });
    assert!(found.len() > all.len());
    let page = search(officer, |new| (new.from, new.limit) = (3, Some(2)));
    assert_eq!(page.iter().map(|act| act.index).collect::<Vec<_>>(), [Some(3), Some(4)]);
    let looks = search(officer, |new| new.act = Some("officer.viewed".to_owned()));
    assert_eq!(looks.len(), 8);
    assert!(looks.iter().all(|act| act.actor == world.officer.actor.to_string()));
    assert_eq!(looks[0].detail.as_ref().unwrap()["search"]["reason"], "quarterly audit");
}

#[test]
fn log_18_a_party_sees_what_concerns_it_and_nothing_of_others() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let all = search(&world.officer.client, |_| ());
    let (one, two) = (&world.partners[0], &world.partners[1]);
    let own = search(&one.client, |_| ());
    let deposits = |acts: &[Act]| acts.iter().filter(|act| act.act == "deposit.received").count();
    assert_eq!(deposits(&own), 1);
    assert!(kinds(&own).contains(&"programme.registered"));
    for hidden in ["release.published", "ledger.debit", "match.run", "programme.partner_added"] {
        assert!(kinds(&all).contains(&hidden) && !kinds(&own).contains(&hidden), "{hidden}");
    }
    // Naming the other, or what is the other's, finds nothing of it.
    let theirs: Vec<Option<u64>> =
        search(&two.client, |_| ()).iter().map(|act| act.index).collect();
    let asked = search(&one.client, |new| new.party = Some(two.id.to_string()));
    let mine: Vec<Option<u64>> = own.iter().map(|act| act.index).collect();
    assert!(asked.iter().all(|act| mine.contains(&act.index) && theirs.contains(&act.index)));
    assert_eq!(deposits(&asked), 0);
    assert_eq!(search(&one.client, |new| new.about = Some(release.to_string())).len(), 0);
    assert_eq!(one.client.post("/v1/dossiers", &about(&release)).outcome().0, 404);
    // The principal sees its own releases, and none of its partners' deposits.
    let principal = search(&world.principal.client, |_| ());
    assert!(kinds(&principal).contains(&"release.published"));
    assert_eq!(deposits(&principal), 1);
}

#[test]
fn log_18_a_dossier_holds_without_the_certifier_and_any_change_is_found() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    for object in [release.to_string(), world.programme.id.to_string()] {
        let bytes = world.officer.client.post("/v1/dossiers", &about(&object)).ok().bytes.clone();
        let trust = world.server.trust();
        let held = SignedDossier::verify(&bytes, &trust).unwrap();
        assert_eq!(held.dossier.about, object);
        let entries = held.dossier.acts.iter().map(|a| Entry::decode(a.entry.as_bytes()).unwrap());
        assert!(entries.into_iter().any(|e| e.entry_type() == EntryType::ReleasePublished));
        assert!(held.dossier.acts.iter().all(|act| act.opened.is_some()));
        // Signed by somebody else after a change, each kind of change is still found by the ledger.
        let step = bytes.len() / 300;
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(SignedDossier::verify(&changed, &trust).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_search_needs_a_reason_words_that_mean_something_and_has_an_end() {
    let world = World::new();
    let officer = &world.officer.client;
    let refused = |new: &NewSearch| officer.post("/v1/searches", new).outcome();
    assert_eq!(refused(&NewSearch::default()), (422, "acts.reason".to_owned()));
    let reason = || NewSearch { reason: "why".to_owned(), ..NewSearch::default() };
    for new in [
        NewSearch { act: Some("nothing.known".to_owned()), ..reason() },
        NewSearch { since: Some("01/03/2026".to_owned()), ..reason() },
        NewSearch { until: Some("2026-02-30".to_owned()), ..reason() },
    ] {
        assert_eq!(refused(&new), (422, "search.malformed".to_owned()));
    }
    assert_eq!(
        officer.post("/v1/dossiers", &reason()).outcome(),
        (422, "search.malformed".to_owned())
    );
    for _ in 0..limits::SEARCHES_A_DAY {
        officer.post("/v1/searches", &NewSearch { limit: Some(1), ..reason() }).ok();
    }
    assert_eq!(refused(&reason()), (429, "search.spent".to_owned()));
    world.server.clock().advance_days(2);
    officer.post("/v1/searches", &reason()).ok();
}

/// A search for a person of the small files.
fn person(world: &World, who: u32) -> NewSearch {
    let tokens = tokens(world, &[who], &[Kind::Email]);
    let programme = world.programme.id;
    NewSearch {
        reason: "request 2026-17".to_owned(),
        person: Some(PersonSearch { programme, tokens }),
        ..NewSearch::default()
    }
}

#[test]
fn log_17_a_search_by_a_persons_tokens_says_when_why_and_to_whom_and_names_no_agent() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let found = |client: &Client, who: u32| -> Vec<Act> {
        client.post("/v1/searches", &person(&world, who)).json()
    };
    // Person 3 is a lead and a buyer of dealer 0; 1,000 buys there and is no lead; 9,999 is nobody.
    let officer = &world.officer.client;
    let received = |acts: &[Act]| acts.iter().filter(|a| a.act == "deposit.received").count();
    let of_lead = found(officer, 3);
    assert_eq!(received(&of_lead), 2);
    assert_eq!(received(&found(officer, 1_000)), 1);
    assert_eq!(found(officer, 9_999).len(), 0);
    // What was counted from the person's rows: what went out, when, about whom, and to whom.
    let published = of_lead.iter().find(|act| act.act == "release.published").unwrap();
    assert_eq!(published.object, release.to_string());
    assert!(published.ts.starts_with(&world.server.today().to_string()[..4]));
    // A party finds its own deposits and nothing else; another one nothing at all.
    assert_eq!(kinds(&found(&world.partners[0].client, 3)), ["deposit.received"]);
    assert_eq!(found(&world.partners[1].client, 3).len(), 0);
    // The dossier holds, and says nobody's name but those of accounts and companies.
    let bytes = officer.post("/v1/dossiers", &person(&world, 3)).ok().bytes.clone();
    let held = SignedDossier::verify(&bytes, &world.server.trust()).unwrap();
    assert_eq!(held.dossier.about, format!("person in {}", world.programme.id));
    assert!(held.dossier.acts.iter().all(|a| a.opened.as_ref().unwrap().actor.starts_with("act_")));
    // The look is an act that enters with the tick; the tokens are nowhere.
    let looks = search(officer, |new| {
        (new.act, new.about_persons) = (Some("officer.viewed".to_owned()), true);
    });
    let detail = looks.iter().filter_map(|look| look.detail.as_ref());
    assert_eq!(detail.filter(|detail| detail["person"]["tokens"] == 1).count(), 6);
    let token = person(&world, 3).person.unwrap().tokens[0].token.to_string();
    let told = serde_json::to_string(&looks).unwrap() + &String::from_utf8(bytes).unwrap();
    assert!(!told.contains(&token));
}

#[test]
fn a_search_for_a_person_takes_the_tokens_of_one_person_and_no_canary() {
    let world = World::stocked();
    let officer = &world.officer.client;
    let refused = |new: &NewSearch| officer.post("/v1/searches", new).outcome();
    let malformed = (422, "search.malformed".to_owned());
    let change = |change: &dyn Fn(&mut PersonSearch)| {
        let mut new = person(&world, 3);
        change(new.person.as_mut().unwrap());
        new
    };
    assert_eq!(refused(&change(&|person| person.tokens.clear())), malformed);
    let many = |person: &mut PersonSearch| {
        let one = person.tokens[0].clone();
        person.tokens = vec![one; limits::SEARCH_TOKENS + 1];
    };
    assert_eq!(refused(&change(&many)), malformed);
    let foreign = |person: &mut PersonSearch| person.programme = ProgrammeId::from_bytes([9; 16]);
    assert_eq!(refused(&change(&foreign)), malformed);
    let canary = |person: &mut PersonSearch| {
        let canary = &canaries(&world.programme, &world.key)[0];
        let token = Bytes::parse(&canary.token.to_string()).unwrap();
        person.tokens = vec![PersonToken { kind: canary.kind, token }];
    };
    assert_eq!(refused(&change(&canary)), malformed);
}

#[test]
fn a_dossier_on_paper_carries_the_dossier_that_can_be_checked() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let ask = |query: &str| {
        let path = format!("/v1/dossiers{query}");
        world.officer.client.post(&path, &about(&release)).ok().bytes.clone()
    };
    let paper = ask("?format=pdf&language=en");
    assert!(paper.starts_with(b"%PDF-"));
    let at = |text: &[u8]| paper.windows(text.len()).position(|window| window == text);
    assert!(at(b"(Dossier of acts)").is_some() && at(release.to_string().as_bytes()).is_some());
    // The attached file is the dossier, byte for byte, and holds.
    let begin = at(b"{\"dossier\":").unwrap();
    let end = begin + paper[begin..].windows(10).position(|w| w == b"\nendstream").unwrap();
    let held = SignedDossier::verify(&paper[begin..end], &world.server.trust()).unwrap();
    assert_eq!(held.dossier.about, release.to_string());
    let unknown = world.officer.client.post("/v1/dossiers?format=odt", &about(&release));
    assert_eq!(unknown.outcome().1, "request.malformed");
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join("dossier.pdf"), &paper).unwrap();
    }
}
