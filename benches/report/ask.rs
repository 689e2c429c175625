//! Asks a filled certifier, as `tiers serve` does for who asks it, and takes what a report is made of one by one.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use tiers::crypto::chain::VaultToken;
use tiers::crypto::keyring::Keyring;
use tiers::limits::Reports;
use tiers::matching::{
    Admission, Attribution, Effort, MatchError, MatchRules, Partners, attribute,
};
use tiers::service::{Certifier, Dependencies, Layout};
use tiers::time::{Clock, Moment};
use tiers::vault::{Month, StoredDeposit};
use tiers_contact::Kind;
use tiers_protocol::policy::{Touch, WindowDays};
use tiers_protocol::wire::{PlanRequest, ReleaseInfo, ReportRequest};

use crate::fill::{ACCESS, Access};

/// One moment of one day.
struct Then(i64);

impl Clock for Then {
    fn now(&self) -> Moment {
        Moment::from_seconds(self.0).unwrap()
    }
}

fn access(folder: &Path) -> Access {
    serde_json::from_slice(&fs::read(folder.join(ACCESS)).unwrap()).unwrap()
}

fn keyring(folder: &Path) -> Keyring {
    Keyring::open(&folder.join("data.keyring")).unwrap()
}

/// The two months of a run: leads are of the half year before, and of the first half of the year.
fn months(run: u64) -> [String; 2] {
    [format!("2025-{:02}", 2 * run + 1), format!("2025-{:02}", 2 * run + 2)]
}

/// Seconds of what is asked, by name.
pub fn ask(folder: &Path, run: u64, beat_ms: u32) -> Value {
    let access = access(folder);
    let mut told = json!({});
    let with = Dependencies {
        clock: Box::new(Then(access.now)),
        reports: Reports { beat_ms },
        ..Dependencies::default()
    };
    let begun = Instant::now();
    let certifier = Certifier::open(&folder.join("data"), keyring(folder), with).unwrap();
    told["start"] = json!(begun.elapsed().as_secs_f64());
    let caller = certifier.authenticate(&access.key).unwrap().0;
    let [month, other] = months(run);
    let ask = |period: &str| -> (f64, ReleaseInfo) {
        let request = ReportRequest {
            programme: access.programme,
            period: period.to_owned(),
            templates: None,
            snapshot: None,
            exact: false,
        };
        let begun = Instant::now();
        let info = certifier.request_report(&caller, &request).unwrap();
        let bytes = certifier.report(&caller, &info.release).unwrap();
        assert!(!bytes.is_empty());
        (begun.elapsed().as_secs_f64(), info)
    };
    if run > 0 {
        // Nothing was prepared: the first question after a start.
        let (seconds, info) = ask(&months(run - 1)[0]);
        assert!(info.from_store);
        told["stored, first after a start"] = json!(seconds);
    }
    let begun = Instant::now();
    certifier.upkeep().unwrap();
    told["upkeep after the start"] = json!(begun.elapsed().as_secs_f64());
    let plan = PlanRequest {
        programme: access.programme,
        period: month.clone(),
        templates: None,
        guesses: std::collections::BTreeMap::new(),
        from_releases: false,
    };
    let begun = Instant::now();
    certifier.plan_report(&caller, &plan).unwrap();
    told["plan"] = json!(begun.elapsed().as_secs_f64());
    let news: Vec<f64> = [&month, &other]
        .map(|period| {
            let (seconds, info) = ask(period);
            assert!(!info.from_store);
            seconds
        })
        .to_vec();
    told["new"] = json!(news);
    let stored: Vec<f64> = [&month, &other, &month]
        .map(|period| {
            let (seconds, info) = ask(period);
            assert!(info.from_store);
            seconds
        })
        .to_vec();
    told["stored"] = json!(stored);
    told
}

/// Everybody counts, and is counted.
struct Everybody(u64);

impl Admission for Everybody {
    type Error = MatchError;

    fn admit(&mut self, _: Kind, _: VaultToken) -> Result<bool, MatchError> {
        self.0 += 1;
        Ok(true)
    }
}

/// Seconds of what a report is made of, by name, without the certifier.
pub fn parts(folder: &Path, run: u64) -> Value {
    let (access, keyring) = (access(folder), keyring(folder));
    let layout = Layout::new(&folder.join("data"));
    let (vault, database) = (layout.vault(), layout.database());
    let database = rusqlite::Connection::open(database).unwrap();
    let query =
        "SELECT id, disk_key, kind = 'leads' FROM deposit WHERE state = 'accepted' ORDER BY id";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, bool>(2)?))
    });
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let begun = Instant::now();
    let named = |wanted: bool| {
        let of = rows.iter().filter(|(_, _, leads)| *leads == wanted);
        let of = of.map(|(id, disk_key, _)| {
            let key = keyring.segment_key_under(*disk_key, id).unwrap();
            (vault.as_path(), id.clone(), key)
        });
        StoredDeposit::open_all(of.collect(), 2).unwrap()
    };
    let (sales, leads) = (named(false), named(true));
    let opened = begun.elapsed().as_secs_f64();
    let kinds =
        if access.three { &[Kind::Card, Kind::Email, Kind::Mobile][..] } else { &[Kind::Card] };
    let rules = MatchRules::new(kinds.iter().copied(), WindowDays::new(180).unwrap(), Touch::Last);
    let month: Month = months(run)[0].parse().unwrap();
    let partners = Partners::new((0..u16::try_from(sales.len()).unwrap()).collect());
    let how = Attribution { rules: &rules, month, partners: &partners, effort: Effort::threads(2) };
    let (mut everybody, mut converted) = (Everybody(0), 0_u64);
    let begun = Instant::now();
    attribute(&sales, &leads, &how, &mut everybody, |unit| {
        converted += u64::from(unit.conversion().is_some());
        Ok(())
    })
    .unwrap();
    json!({
        "part: deposits opened": opened,
        "part: matching": begun.elapsed().as_secs_f64(),
        "units of the month": everybody.0,
        "of them converted": converted,
    })
}
