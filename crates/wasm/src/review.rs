//! The recipient's officer in a page: the proofs of a sample are opened under the officer's key, and the verdict
//! is signed with it. The checks are `tiers_protocol::exchange::reviewing`, as on the command line.

use serde_json::{Value, json};
use tiers_protocol::exchange::opening::own_word;
use tiers_protocol::exchange::reviewing::{Reviewing, is_officer};
use tiers_protocol::ids::BatchId;
use tiers_protocol::party::{PartyPublic, PartySecret};

use crate::exchange::About;
use crate::fault::Fault;
use crate::job::party_secret;

/// A sample, and by which keys it is looked at.
pub struct Sampled<'a> {
    /// The exchange, and whose officer asks.
    pub about: About<'a>,
    /// The company's public keys (`party.pub`), to check its word on the agreement.
    pub company: &'a [u8],
    /// Which batch.
    pub batch: &'a str,
    /// The sample as the certifier sends it.
    pub sample: &'a [u8],
}

impl Sampled<'_> {
    fn reviewing<'o>(&self, officer: &'o PartySecret) -> Result<Reviewing<'o>, Fault> {
        let (view, party) = self.about.read()?;
        let company: PartyPublic =
            serde_json::from_slice(self.company).map_err(|_| Fault::PublicKey)?;
        let batch: BatchId = self.batch.parse().map_err(|_| Fault::Asked)?;
        let agreement = own_word(&view, &party, &company)?;
        is_officer(agreement, &party, officer)?;
        Ok(Reviewing::of((agreement, batch), officer, self.sample)?)
    }

    /// What was drawn and what the sender shows for each, as JSON.
    ///
    /// # Errors
    /// [`Fault::Opening`], [`Fault::PartyKey`], [`Fault::PublicKey`], [`Fault::Asked`].
    pub fn show(&self, key: Vec<u8>) -> Result<Value, Fault> {
        let officer = party_secret(key)?;
        let reviewing = self.reviewing(&officer)?;
        let each = reviewing.shown()?.map(|shown| {
            let (drawn, evidence) = shown?;
            let certified = drawn.record;
            Ok(json!({ "position": drawn.position, "certified": certified, "evidence": evidence }))
        });
        each.collect()
    }

    /// The signed verdict, as the API takes it (JSON): the positions that are unproven, and what the sender
    /// is told.
    ///
    /// # Errors
    /// Those of [`Sampled::show`].
    pub fn verdict(&self, key: Vec<u8>, unproven: Vec<u64>, words: &str) -> Result<String, Fault> {
        let officer = party_secret(key)?;
        let signed = self.reviewing(&officer)?.verdict(unproven, words);
        Ok(serde_json::to_string(&signed).expect("verdicts are plain documents"))
    }
}

#[cfg(test)]
mod tests {
    use tiers_protocol::entropy::System;

    use super::*;

    #[test]
    fn nothing_is_shown_of_what_is_no_sample() {
        let officer = PartySecret::generate(&mut System);
        let company = serde_json::to_vec(&officer.public()).expect("keys");
        let key = || officer.to_file().as_bytes().to_vec();
        let about = || About { view: b"{}", party: "pty_x" };
        let of = |company| Sampled { about: about(), company, batch: "bat_x", sample: b"" };
        assert_eq!(of(&company).show(key()), Err(Fault::Asked));
        assert!(matches!(of(&company).show(Vec::new()), Err(Fault::PartyKey(_))));
        assert_eq!(of(&company).verdict(key(), vec![1], ""), Err(Fault::Asked));
    }
}
