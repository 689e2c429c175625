//! The recipient's and the signatories' side of an exchange in a page: a word under one's own key, and a
//! package opened into CSV. The checks are those of the command line (`tiers_protocol::exchange::opening`).

use serde_json::{Value, json};
use tiers_protocol::exchange::opening::{Opening, OpeningError, heading, line};
use tiers_protocol::exchange::view::ExchangeView;
use tiers_protocol::exchange::{Saying, SignedAct};
use tiers_protocol::ids::{BatchId, PartyId};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::job::party_secret;

/// What a page says of the exchange and of who asks: all of it public to the two parties.
pub struct About<'a> {
    /// The exchange as the certifier shows it, as JSON.
    pub view: &'a [u8],
    /// The caller's party.
    pub party: &'a str,
}

impl About<'_> {
    pub(crate) fn read(&self) -> Result<(ExchangeView, PartyId), Fault> {
        let view = serde_json::from_slice(self.view).map_err(|_| Fault::Asked)?;
        Ok((view, self.party.parse().map_err(|_| Fault::Asked)?))
    }
}

/// Says something about the agreement that is shown, under a key that the agreement names for it; the signed
/// word as JSON.
///
/// # Errors
/// [`Fault::PartyKey`], [`Fault::Opening`] for another key, [`Fault::Asked`].
pub fn say(about: &About<'_>, key: Vec<u8>, (says, words): (&str, &str)) -> Result<String, Fault> {
    let secret = party_secret(key)?;
    let (view, party) = about.read()?;
    let agreement = &view.agreement.agreement;
    let saying = Saying::ALL.into_iter().find(|one| one.as_str() == says).ok_or(Fault::Asked)?;
    let (side, _) = agreement.side_of(&party).ok_or(OpeningError::OtherKey)?;
    if *saying.key(side) != secret.public().signing {
        return Err(OpeningError::OtherKey.into());
    }
    let act = SignedAct::sign(agreement, party, (saying, words.to_owned()), &secret.signing());
    Ok(serde_json::to_string(&act).expect("acts are plain documents"))
}

/// A package that was opened: its records as CSV, and how many there are.
pub struct Opened {
    /// The records. Secret.
    pub csv: Zeroizing<Vec<u8>>,
    /// How many were opened, and how many were held back.
    pub counts: Value,
}

/// Checks a package and opens what passed.
///
/// # Errors
/// [`Fault::PartyKey`], [`Fault::Opening`], [`Fault::Asked`].
pub fn open(
    about: &About<'_>,
    (key, batch): (Vec<u8>, &str),
    package: &[u8],
) -> Result<Opened, Fault> {
    let secret = party_secret(key)?;
    let (view, party) = about.read()?;
    let batch: BatchId = batch.parse().map_err(|_| Fault::Asked)?;
    let opening = Opening::of(&view, (&party, &secret), batch)?;
    let fields = opening.fields()?;
    let mut csv = Zeroizing::new(heading(&fields).into_bytes());
    let mut written = 0_u64;
    let held_back = opening.open(package, |place, record, evidence| {
        csv.extend_from_slice(line(record, &fields, place, evidence).as_bytes());
        written += 1;
        Ok::<(), Fault>(())
    })?;
    Ok(Opened { csv, counts: json!({ "written": written, "held_back": held_back }) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiers_protocol::entropy::System;
    use tiers_protocol::party::PartySecret;

    #[test]
    fn nothing_is_said_or_opened_of_what_is_no_exchange() {
        let key = || PartySecret::generate(&mut System).to_file().as_bytes().to_vec();
        let about = About { view: b"{}", party: "pty_x" };
        assert_eq!(say(&about, key(), ("accept", "")), Err(Fault::Asked));
        assert_eq!(open(&about, (key(), "bat_x"), b"").err(), Some(Fault::Asked));
        assert!(matches!(say(&about, Vec::new(), ("accept", "")), Err(Fault::PartyKey(_))));
    }
}
