//! A programme that a brand founds in a page: its file, its key, what the certifier is sent of both, and whether what
//! comes back is the same. The rules are the protocol's, as on the command line; the key is made here.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{
    Campaign, Programme, ProgrammeError, cents, epoch_end, read_campaigns,
};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::RegisterProgramme;
use zeroize::Zeroizing;

use crate::fault::Fault;

/// What the page asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    purpose: String,
    campaigns: Vec<Row>,
    models: Vec<String>,
    policy: Policy,
    today: Date,
}

/// A campaign as it is typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    cost: String,
}

/// A programme and its key, before and while it is registered.
pub struct Founding {
    key: ProgrammeKey,
    request: RegisterProgramme,
}

impl Founding {
    /// Makes the programme that is asked for (JSON) and its key.
    ///
    /// # Errors
    /// [`Fault::Asked`]; [`Fault::Cost`] for a cost that is no amount; [`Fault::Programme`].
    pub fn draft(asked: &[u8], entropy: &mut impl Entropy) -> Result<Self, Fault> {
        let programme = document(asked, entropy)?;
        let key = ProgrammeKey::generate(entropy);
        let request = RegisterProgramme::with_key(programme, &key);
        Ok(Self { key, request })
    }

    /// The same programme under the same key, as it is asked for now (JSON); after a refusal it is as it was.
    ///
    /// # Errors
    /// Those of [`Self::draft`].
    pub fn change(&mut self, asked: &[u8], entropy: &mut impl Entropy) -> Result<(), Fault> {
        let mut programme = document(asked, entropy)?;
        programme.id = self.request.programme.id;
        self.request = RegisterProgramme::with_key(programme, &self.key);
        Ok(())
    }

    /// What is going to be registered, as JSON.
    #[must_use]
    pub fn programme(&self) -> String {
        self.request.programme.to_json()
    }

    /// What the API takes, as JSON.
    #[must_use]
    pub fn request(&self) -> String {
        serde_json::to_string(&self.request).expect("a plain document")
    }

    /// The text of the key's file. Secret.
    #[must_use]
    pub fn key(&self) -> Zeroizing<String> {
        self.key.to_file()
    }

    /// The programme that the certifier answered with, as a file, and the fingerprints of the keys in it.
    ///
    /// # Errors
    /// [`Fault::Programme`], for another programme than was sent among others.
    pub fn registered(&self, answer: &[u8]) -> Result<Value, Fault> {
        let answer: Programme =
            serde_json::from_slice(answer).map_err(|_| ProgrammeError::Shape)?;
        let trust = self.request.pinned(&answer)?;
        let (id, prints) = (answer.id, trust.fingerprints());
        Ok(json!({ "id": id, "file": answer.to_json(), "fingerprints": prints }))
    }
}

/// The document that is asked for, without a key.
fn document(asked: &[u8], entropy: &mut impl Entropy) -> Result<Programme, Fault> {
    let asked: Asked = serde_json::from_slice(asked).map_err(|_| Fault::Asked)?;
    let campaigns = (1..).zip(asked.campaigns).map(|(place, row)| {
        let cost_cents = cents(&row.cost).ok_or(Fault::Cost(place))?;
        Ok(Campaign { name: row.name.trim().to_owned(), cost_cents })
    });
    let campaigns = campaigns.collect::<Result<Vec<_>, Fault>>()?;
    let (name, purpose) = (asked.name.trim().to_owned(), asked.purpose.trim().to_owned());
    let ends = epoch_end(asked.today);
    let mut programme = Programme::new(name, purpose, campaigns, asked.policy, ends, entropy);
    programme.models = asked.models;
    programme.validate()?;
    Ok(programme)
}

/// Campaigns of a list, as JSON rows that [`Founding::draft`] takes.
///
/// # Errors
/// [`Fault::Campaigns`].
pub fn campaigns(list: &[u8]) -> Result<Value, Fault> {
    let row = |one: Campaign| {
        let (euros, rest) = (one.cost_cents / 100, one.cost_cents % 100);
        json!({ "name": one.name, "cost": format!("{euros}.{rest:02}") })
    };
    let found = read_campaigns(list).map_err(Fault::Campaigns)?;
    Ok(found.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use tiers_protocol::entropy::System;

    use super::*;

    fn asked(cost: &str) -> Vec<u8> {
        let policy = include_str!("../../../policies/disclosure/strict.toml");
        let policy = Policy::from_toml(policy).expect("strict");
        json!({
            "name": " Été ", "purpose": "Mesurer", "models": ["Clio"], "policy": policy,
            "campaigns": [{ "name": "SMS", "cost": cost }], "today": "2026-03-01",
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn what_is_registered_is_what_was_asked_under_a_key_that_stays() {
        let made =
            Founding::draft(&asked("1 234,5"), &mut System).unwrap_or_else(|no| panic!("{no}"));
        let programme: Programme = serde_json::from_str(&made.programme()).expect("a programme");
        assert_eq!((programme.name.as_str(), programme.campaigns[0].cost_cents), ("Été", 123_450));
        assert_eq!(programme.epoch_ends.to_string(), "2027-02-28");
        assert_eq!(programme.policy.name(), "strict");
        let key = ProgrammeKey::from_file(&made.key()).expect("a key file");
        assert_eq!(programme.key_id, Some(key.id()));
        let secret = made.key().split(' ').nth(1).expect("the key").to_owned();
        assert!(!made.request().contains(&secret));
        let mut changed = Founding { key, request: made.request.clone() };
        assert_eq!(changed.change(&asked("viel"), &mut System), Err(Fault::Cost(1)));
        assert_eq!(changed.programme(), made.programme());
        changed.change(&asked("2"), &mut System).expect("another cost");
        let now: Programme = serde_json::from_str(&changed.programme()).expect("a programme");
        assert_eq!((now.id, now.key_id), (programme.id, programme.key_id));
        assert_eq!(now.campaigns[0].cost_cents, 200);
        let unregistered = made.registered(made.programme().as_bytes());
        assert_eq!(unregistered.err(), Some(ProgrammeError::Unregistered.into()));
        let other = Founding::draft(&asked("1"), &mut System).unwrap_or_else(|no| panic!("{no}"));
        let fault = made.registered(other.programme().as_bytes()).err();
        assert_eq!(fault, Some(ProgrammeError::Other.into()));
        assert_eq!(made.registered(b"{").err(), Some(ProgrammeError::Shape.into()));
    }

    #[test]
    fn what_cannot_be_a_programme_is_refused_with_its_place() {
        assert_eq!(Founding::draft(b"{}", &mut System).err(), Some(Fault::Asked));
        assert_eq!(Founding::draft(&asked("viel"), &mut System).err(), Some(Fault::Cost(1)));
        let rows = campaigns(b"Salon;10,5\nSMS;0").expect("a list");
        assert_eq!(
            rows,
            json!([{ "name": "Salon", "cost": "10.50" }, { "name": "SMS", "cost": "0.00" }])
        );
        assert_eq!(campaigns(b"Salon;10\nSMS").err(), Some(Fault::Campaigns(2)));
    }
}
