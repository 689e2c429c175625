//! An agreement of an exchange in a page: the draft to start from, what is wrong with it, and its signature. What
//! it must say is `tiers_protocol::exchange::terms`, as on the command line.

use serde_json::{Value, json};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::exchange::opening::OpeningError;
use tiers_protocol::exchange::sending::draft;
use tiers_protocol::exchange::{Agreement, AgreementFault, SignedAgreement, special};
use tiers_protocol::ids::ExchangeId;
use tiers_protocol::party::PartyPublic;

use crate::fault::Fault;
use crate::job::party_secret;

fn public(text: &[u8]) -> Result<PartyPublic, Fault> {
    serde_json::from_slice(text).map_err(|_| Fault::PublicKey)
}

/// The agreement of `tiers exchange template` between two parties (`party.pub` of each), as JSON; its exchange
/// is drawn here.
///
/// # Errors
/// [`Fault::PublicKey`].
pub fn begin(own: &[u8], other: &[u8], entropy: &mut impl Entropy) -> Result<Value, Fault> {
    let keys = [public(own)?, public(other)?];
    Ok(draft(&ExchangeId::random(entropy), [&keys[0], &keys[1]]))
}

/// The fingerprint of public keys (`party.pub`), for two people to compare.
///
/// # Errors
/// [`Fault::PublicKey`].
pub fn fingerprint(keys: &[u8]) -> Result<String, Fault> {
    public(keys).map(|keys| keys.fingerprint().to_string())
}

/// Reads an agreement that can be proposed. A field of a special category is named as what it is.
fn read(document: &[u8]) -> Result<Agreement, Fault> {
    let value: Value = serde_json::from_slice(document).map_err(|_| Fault::Agreement)?;
    for side in ["proposer", "other"] {
        let fields = value[side]["gives"]["fields"].as_array();
        let mut names = fields.into_iter().flatten().filter_map(Value::as_str);
        if names.any(special::names_one) {
            return Err(AgreementFault::Special.into());
        }
    }
    let agreement: Agreement = serde_json::from_value(value).map_err(|_| Fault::Agreement)?;
    agreement.check()?;
    Ok(agreement)
}

/// Checks an agreement (JSON): its digest and the fingerprints of both, as JSON.
///
/// # Errors
/// [`Fault::Agreement`], [`Fault::Terms`].
pub fn check(document: &[u8]) -> Result<Value, Fault> {
    let agreement = read(document)?;
    let [own, other] = agreement.sides().map(|side| side.keys.fingerprint().to_string());
    Ok(json!({ "digest": agreement.digest(), "own": own, "other": other }))
}

/// Signs an agreement (JSON) as its proposer; what the API takes, as JSON.
///
/// # Errors
/// Those of [`check`], [`Fault::PartyKey`], [`Fault::Opening`] for another key than the agreement pins.
pub fn sign(document: &[u8], key: Vec<u8>) -> Result<String, Fault> {
    let secret = party_secret(key)?;
    let agreement = read(document)?;
    if secret.public() != agreement.proposer.keys {
        return Err(OpeningError::OtherKey.into());
    }
    let signed = SignedAgreement::sign(agreement, &secret.signing());
    Ok(serde_json::to_string(&signed).expect("agreements are plain documents"))
}

#[cfg(test)]
mod tests {
    use tiers_protocol::entropy::System;
    use tiers_protocol::party::PartySecret;

    use super::*;

    #[test]
    fn a_draft_is_no_agreement_before_it_is_filled_in_and_special_categories_are_named() {
        let keys = || PartySecret::generate(&mut System).public();
        let text = |keys: &PartyPublic| serde_json::to_vec(keys).expect("keys");
        let (own, other) = (text(&keys()), text(&keys()));
        let mut made = begin(&own, &other, &mut System).expect("a draft");
        assert_eq!(check(made.to_string().as_bytes()), Err(Fault::Agreement));
        made["other"]["gives"] =
            json!({ "gives": "records", "fields": ["religion"], "lot_cents": 1 });
        let fault = check(made.to_string().as_bytes());
        assert_eq!(fault, Err(Fault::Terms(AgreementFault::Special)));
        assert_eq!(begin(&own, b"{}", &mut System), Err(Fault::PublicKey));
        assert_eq!(fingerprint(&own), Ok(public(&own).expect("keys").fingerprint().to_string()));
        assert!(matches!(sign(b"{}", Vec::new()), Err(Fault::PartyKey(_))));
    }
}
