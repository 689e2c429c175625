//! What an officer finds in the demonstration: who the companies are, so that registers can be made, and a
//! request of a person whose clock runs.

use serde_json::json;

use super::super::error::CliError;
use super::super::files;
use super::actor::{Actor, command};
use super::cast::Cast;
use super::consents::PERSON;
use super::network::{self, BRAND, BRAND_NUMBER, DEALER_NUMBER};

/// A number from which no company's SIREN is made, for the certifier.
const CERTIFIER_NUMBER: u32 = 9;

/// Writes down the companies, and the request.
///
/// # Errors
/// [`CliError`].
pub fn file(cast: &Cast) -> Result<(), CliError> {
    let (dealer, of) = cast.dealers.first().ok_or(CliError::Story("no dealer"))?;
    identify(cast, &cast.operator, (CERTIFIER_NUMBER, "Tiers certificateur de démonstration"))?;
    identify(cast, &cast.brand, (BRAND_NUMBER, BRAND))?;
    identify(cast, dealer, (DEALER_NUMBER, of.name))?;
    files::replace(&dealer.path("person.txt"), PERSON.as_bytes())?;
    dealer.run(command![
        "subject",
        "access",
        "--contact",
        "person.txt",
        "--key",
        "rights.key",
        "--out",
        "answer.json",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    Ok(())
}

fn identify(cast: &Cast, who: &Actor, (number, name): (u32, &str)) -> Result<(), CliError> {
    let identity = json!({
        "record": "identity", "name": name, "siren": network::siren(number),
        "address": "1 rue de la Gare, 15000 Aurillac", "contact": "donnees@exemple.example",
        "dpo": "delegue@exemple.example",
    });
    files::replace(&who.path("identity.json"), files::pretty(&identity).as_bytes())?;
    who.run(command![
        "governance",
        "record",
        "identity.json",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    Ok(())
}
