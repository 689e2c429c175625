//! Everything that a principal, a partner and a reader of the public ledger see, in worlds that differ in
//! the partners' rows as far as can be: nobody bought, or everybody. What they see is the same, figures
//! apart.

use serde_json::json;
use tiers_contact::FileKind;
use tiers_protocol::wire::{ErasureInfo, NewErasure};

use crate::bench::catalogue::attack;
use crate::bench::engine::Engine;
use crate::bench::exact::Exact;
use crate::bench::oracle::Oracle as _;
use crate::bench::scene::padded;
use crate::bench::{Dice, count, standard};
use crate::harness::client::Answer;
use crate::harness::people::{Person, Sale, sales_csv};
use crate::harness::roles::report_request;
use crate::harness::world::{LEADS, MONTH, World};

/// Each dealer's file in one world: as many rows as in the other, of leads or of strangers.
fn sales(dealer: u32, share: u64, dice: &mut Dice) -> Vec<Sale> {
    let mut person = |n: u32| {
        let known = dealer + 3 * n;
        let lead = known < LEADS && dice.below(100) < share;
        Person(if lead { known } else { 2_000 + 100 * dealer + n })
    };
    (0..50).map(|n| Sale { person: person(n), day: "2025-06-12", euros: 15_000 + n }).collect()
}

/// A text with everything masked that is random: identifiers, digests, signatures, salts.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=') {
            word.push(c);
            continue;
        }
        let mixed = word.chars().any(char::is_uppercase) && word.chars().any(char::is_lowercase);
        let random = word.len() >= 16 && (mixed || word.chars().any(|c| c.is_ascii_digit()));
        out.push_str(if random { "*" } else { &word });
        word.clear();
        out.push(c);
    }
    out
}

/// What stands between the items of a list.
const BRACKETS: [char; 6] = ['{', '}', '[', ']', ',', '\n'];

/// What was seen, in order: one line for each message.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn hear(&mut self, what: &str, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.bytes);
        // Lists are in the order of random names.
        let masked_text = masked(&text);
        let mut items: Vec<&str> =
            masked_text.split('{').map(|item| item.trim_matches(BRACKETS)).collect();
        items.sort();
        let (what, items) = (masked(what), items.join("{"));
        self.0.push(format!("{what} {} {} {items}", answer.status, text.len()));
    }

    /// An answer that holds figures, or the size of the caller's own file: these are not compared.
    fn hear_of(&mut self, what: &str, answer: &Answer) {
        self.0.push(format!("{what} {} {}", answer.status, answer.media));
    }
}

/// The same acts in one world, and everything that anybody but the certifier sees of them.
fn transcript(share: u64, seed: u64) -> Seen {
    let mut dice = Dice(seed);
    let mut seen = Seen::default();
    let world = World::new();
    let principal = &world.principal.client;
    let id = world.programme.id;
    let plan = |seen: &mut Seen, what: &str| {
        let request = report_request(&id, MONTH);
        seen.hear(what, &principal.post("/v1/reports/plan", &request));
    };
    plan(&mut seen, "plan of nothing");
    seen.hear("too early", &world.principal.request(&id, MONTH));
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let mut first = None;
    for (dealer, partner) in (0..).zip(&world.partners) {
        let csv = sales_csv(&sales(dealer, share, &mut dice));
        let sealed = world.sealed(FileKind::Sales, &csv, partner);
        seen.hear_of("opened", &partner.open(&sealed));
        seen.hear_of("deposited", &partner.upload(&sealed.id(), 0, &sealed.bytes, true));
        seen.hear("received", &partner.receipt(&sealed.id()));
        seen.hear("again", &partner.deposit(&sealed));
        plan(&mut seen, "plan");
        if dealer < 2 {
            seen.hear("too few partners", &world.principal.request(&id, MONTH));
        }
        first = first.or_else(|| Some(sealed.id()));
    }
    let first = first.unwrap();
    for round in 0..4 {
        let asked = world.principal.request(&id, MONTH);
        seen.hear("asked", &asked);
        if asked.status < 400 {
            let release: tiers_protocol::wire::ReleaseInfo = asked.json();
            let path = format!("/v1/releases/{}/report", release.release);
            seen.hear_of("report", &principal.get(&path));
        }
        plan(&mut seen, "plan after it");
        let extra = Sale { person: Person(8_000 + round), day: "2025-06-20", euros: 9_000 };
        world.partners[1].deposit(&world.sales(1, &[extra])).ok();
    }
    for path in [
        "/v1/deposits".to_owned(),
        format!("/v1/deposits/{first}"),
        format!("/v1/deposits/{first}/receipt"),
        format!("/v1/releases?programme={id}"),
        format!("/v1/accounts?programme={id}"),
        format!("/v1/programmes/{id}"),
        format!("/v1/programmes/{id}/partners"),
    ] {
        seen.hear(&path.replace(&first.to_string(), "*"), &principal.get(&path));
    }
    for wrong in ["2025-13", "2099-01", "2025-05", ""] {
        seen.hear("another month", &world.principal.request(&id, wrong));
    }
    let unknown = json!({"programme": id, "period": MONTH, "templates": ["customers/1"]});
    seen.hear("unknown template", &principal.post("/v1/reports", &unknown));
    let order = NewErasure::Deposit { deposit: first, reason: "instruction".to_owned() };
    let done: ErasureInfo = world.operator.0.post("/v1/erasures", &order).json();
    assert!(done.done);
    seen.hear("after an erasure", &world.principal.request(&id, MONTH));
    let (_, entries) = world.ledger();
    for entry in &entries {
        let text = String::from_utf8(entry.encode()).unwrap();
        seen.0.push(format!("entry {} {}", text.len(), masked(&text)));
    }
    seen
}

/// Lines that differ between two worlds.
fn differences(a: &Seen, b: &Seen) -> usize {
    let different = a.0.iter().zip(&b.0).filter(|(x, y)| x != y);
    let shown = different.inspect(|(x, y)| println!("{x}\n{y}"));
    shown.count() + a.0.len().abs_diff(b.0.len())
}

#[test]
fn t17_refusals_receipts_plans_and_the_ledger_are_the_same_for_nobody_and_everybody() {
    let pairs = count(100, 2) as u64;
    // The control says which cells it hides, by true counts: not the same for nobody and everybody.
    let mut exact = Exact(Engine::of(&standard(), 2));
    let mut pattern = |known: u64| {
        let answer = exact.ask(&padded(7, known, 160, &mut Dice(17))).unwrap();
        answer.0.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    let control = f64::from(u8::from(pattern(0) != pattern(100)));
    attack("T17").judge(control, 1, |attempt| {
        let mut found = 0;
        for seed in 0..pairs {
            let seed = 1_000 * attempt + seed;
            let (nobody, everybody) = (transcript(0, seed), transcript(100, seed));
            assert!(nobody.0.len() > 60, "enough was seen");
            found += differences(&nobody, &everybody);
        }
        found as f64
    });
}
