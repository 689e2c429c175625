//! Fills a certifier over HTTP, as parties do: a programme under the standard policy, one deposit of leads, and the
//! sales of a hundred dealers.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tiers_contact::{FileKind, Kind};
use tiers_protocol::encoding::encode;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::Role;

use crate::harness::deposits::Draft;
use crate::harness::roles::{Company, Operator, Principal};
use crate::harness::server::{Server, TestClock};
use crate::tickets::{CAMPAIGNS, DEALERS, Row, Scale};

/// File of a filled directory: who asks for what, and when.
pub const ACCESS: &str = "access.json";

/// Days after the first of the tests' clock: all sales of the year before are over.
const LATER: i64 = 130;

/// Rows that are written by dealers at a time: a body is held in memory.
const AT_A_TIME: usize = 2;

/// Who asks for what, and when.
#[derive(Serialize, Deserialize)]
pub struct Access {
    pub key: String,
    pub programme: ProgrammeId,
    pub now: i64,
    pub three: bool,
}

/// The standard policy, with the kinds that are measured.
fn policy(three: bool) -> Policy {
    let keys = if three { "[\"card\", \"email\", \"mobile\"]" } else { "[\"card\"]" };
    let standard = include_str!("../../policies/disclosure/standard.toml");
    let (start, rest) = standard.split_once("keys = [").unwrap();
    let (_, end) = rest.split_once("bridges = [").unwrap();
    let (_, end) = end.split_once(']').unwrap();
    Policy::from_toml(&format!("{start}keys = {keys}\nbridges = []{end}")).unwrap()
}

fn campaign(number: u64) -> String {
    format!("C{number:02}")
}

/// A filled certifier under `folder`.
pub fn fill(folder: &Path, scale: Scale, days: u64) {
    let server = Server::start();
    server.clock().advance_days(LATER);
    let operator = Operator::first(&server);
    let officer = operator.officer(&server);
    let principal = Principal(operator.enrol(&server, Role::Principal, 0));
    let key = ProgrammeKey::generate(&mut System);
    let campaigns = (0..CAMPAIGNS).map(|n| Campaign { name: campaign(n), cost_cents: 1_000_000 });
    let programme = Programme::new(
        "Bench".to_owned(),
        "measure how fast reports are made".to_owned(),
        campaigns.collect(),
        policy(scale.three),
        server.today() + jiff::Span::new().days(300),
        &mut System,
    );
    let programme: Programme = principal.register(programme, &key).json();
    officer.approve(&programme).ok();
    let dealers: Vec<Company> = (0..DEALERS)
        .map(|number| {
            let number = u32::try_from(number + 1).unwrap();
            let dealer = operator.enrol(&server, Role::Partner, number);
            principal.add(&programme.id, &key, &dealer);
            dealer
        })
        .collect();
    let to = Filling { server: &server, programme: &programme, key: &key, scale, days };
    to.leads(&principal);
    std::thread::scope(|scope| {
        for first in 0..AT_A_TIME {
            let (to, dealers) = (&to, &dealers);
            scope.spawn(move || {
                for number in (first..dealers.len()).step_by(AT_A_TIME) {
                    to.sales(number as u64, &dealers[number]);
                }
            });
        }
    });
    let access = Access {
        key: principal.client.key().to_owned(),
        programme: programme.id,
        now: now(server.clock()) + 86_400,
        three: scale.three,
    };
    let filled = server.stopped();
    for name in ["data", "data.keyring", "data.journal", "data.said"] {
        let from = filled.path().join(name);
        if from.exists() {
            copy(&from, &folder.join(name));
        }
    }
    fs::write(folder.join(ACCESS), serde_json::to_vec(&access).unwrap()).unwrap();
}

fn now(clock: &TestClock) -> i64 {
    tiers::time::Clock::now(clock).seconds()
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
        return;
    }
    fs::copy(from, to).unwrap();
}

struct Filling<'a> {
    server: &'a Server,
    programme: &'a Programme,
    key: &'a ProgrammeKey,
    scale: Scale,
    days: u64,
}

impl Filling<'_> {
    fn leads(&self, principal: &Company) {
        let csv = format!(
            "email,card,phone,campaign,lead_date\na@example.org,4970101234567890,0612345678,{},2025-01-02\n",
            campaign(0)
        );
        let rows = (0..self.scale.cards).map(|number| {
            let row = self.scale.card(number);
            (format!("{},{}", day(row.day.epoch_days()), campaign(row.campaign.into())), row)
        });
        self.deposit(principal, FileKind::Leads, &csv, rows);
    }

    fn sales(&self, number: u64, dealer: &Company) {
        let csv = "email,card,phone,sale_date,amount\n\
                   a@example.org,4970101234567890,0612345678,2025-01-02,10.00\n";
        let rows = self.scale.tickets_of(number).map(|number| {
            let row = self.scale.ticket(number);
            let since = row.day.epoch_days() - 20_089;
            let sold = 20_089 + since % i32::try_from(self.days).unwrap();
            (format!("{},{}", day(sold), 100 + row.amount_cents), row)
        });
        self.deposit(dealer, FileKind::Sales, csv, rows);
    }

    /// Heading and canaries as a party's machine makes them, and rows whose tokens are drawn.
    fn deposit(
        &self,
        party: &Company,
        kind: FileKind,
        csv: &str,
        rows: impl Iterator<Item = (String, Row)>,
    ) {
        let mut draft = Draft::of(self.programme, self.key, kind, csv.as_bytes());
        let mut written = 0;
        let kinds: &[Kind] =
            if self.scale.three { &[Kind::Card, Kind::Email, Kind::Mobile] } else { &[Kind::Card] };
        for (facts, row) in rows {
            let mut tokens = self.scale.tokens(&row).peekable();
            for kind in kinds {
                if let Some((_, token)) = tokens.next_if(|(of, _)| of == kind) {
                    let whole = [*token.as_bytes(), *token.as_bytes()];
                    draft.plain.extend_from_slice(encode(whole.as_flattened()).as_bytes());
                }
                draft.plain.push(b',');
            }
            writeln!(draft.plain, "{facts}").unwrap();
            written += 1;
        }
        draft.manifest.rows += written;
        let sealed = draft.seal(&self.server.trust().sealing, &party.secret);
        party.deposit(&sealed).ok();
    }
}

fn day(epoch_days: i32) -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(epoch_days)
}
