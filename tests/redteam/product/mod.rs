//! Attacks on the whole certifier through its edges: stores, accounts, refusals, arrivals, the ledger.

mod dictionary;
mod neighbours;
mod onlookers;
mod race;
mod repeat;
mod restored;
mod seen;
mod spend;
mod timing;

use tiers_contact::FileKind;
use tiers_protocol::entropy::System;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;

use crate::harness::deposits::Draft;
use crate::harness::people::{leads_csv, sales_csv};
use crate::harness::roles::Principal;
use crate::harness::world::{World, programme};

/// What an attacker counts as one more person's worth of budget: the debits of a month.
fn spent_nrho(world: &World, month: &str) -> u64 {
    let accounts = world.accounts();
    accounts.iter().find(|account| account.month == month).map_or(0, |account| account.spent_nrho)
}

/// One more programme of a principal, approved, with the same partners and the same files.
fn another(world: &World, principal: &Principal, name: &str) -> Programme {
    let key = ProgrammeKey::generate(&mut System);
    let own: Programme = principal.register(programme(name, "at_once"), &key).json();
    world.officer.approve(&own).ok();
    let certifier = world.server.trust().sealing;
    let leads = Draft::of(&own, &key, FileKind::Leads, &leads_csv(&World::small_leads()));
    principal.deposit(&leads.seal(&certifier, &principal.secret)).ok();
    for (dealer, partner) in (0..).zip(&world.partners) {
        principal.add(&own.id, &key, partner);
        let sales = Draft::of(&own, &key, FileKind::Sales, &sales_csv(&World::small_sales(dealer)));
        partner.deposit(&sales.seal(&certifier, &partner.secret)).ok();
    }
    own
}
