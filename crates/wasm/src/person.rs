//! A person by tokens under the rights key: what a page asks about instead of an address or a number. The
//! tokens are those of `tiers consent show`; the contact ends here.

use tiers_protocol::rights_key::{RightsKey, RightsKeyError, person_tokens};
use zeroize::Zeroizing;

use crate::fault::Fault;

/// The tokens, as JSON; a contact that holds neither an address nor a number is refused.
///
/// # Errors
/// [`Fault::RightsKey`], [`Fault::Contact`].
pub fn tokens(rights_key: Vec<u8>, contact: Vec<u8>) -> Result<String, Fault> {
    let (key, contact) = (Zeroizing::new(rights_key), Zeroizing::new(contact));
    let key = std::str::from_utf8(&key).map_err(|_| RightsKeyError::Damaged)?;
    let tokeniser = RightsKey::from_file(key)?.tokeniser();
    let contact = std::str::from_utf8(&contact).map_err(|_| Fault::Contact)?;
    let (addresses, numbers): (Vec<_>, Vec<_>) =
        contact.lines().map(str::trim).partition(|line| line.contains('@'));
    let numbers = Zeroizing::new(numbers.join(" ; "));
    let address = addresses.first().copied().unwrap_or_default();
    let tokens = person_tokens(&tokeniser, address, &numbers);
    if tokens.is_empty() {
        return Err(Fault::Contact);
    }
    Ok(serde_json::to_string(&tokens).expect("tokens are plain documents"))
}

#[cfg(test)]
mod tests {
    use tiers_protocol::entropy::System;
    use tiers_protocol::wire::PersonToken;

    use super::*;

    #[test]
    fn a_contact_becomes_the_tokens_of_the_command_line_and_nothing_of_it_is_left() {
        let key = RightsKey::generate(&mut System);
        let file = key.to_file().as_bytes().to_vec();
        let contact = b" Ada@Example.com \n06 12 34 56 78\n".to_vec();
        let text = tokens(file.clone(), contact).expect("a contact");
        let read: Vec<PersonToken> = serde_json::from_str(&text).expect("tokens");
        let expected = person_tokens(&key.tokeniser(), "ada@example.com", "+33612345678");
        let plain = |all: &[PersonToken]| serde_json::to_string(all).expect("JSON");
        assert_eq!(plain(&read), plain(&expected));
        assert!(!text.contains("ada") && !text.contains("612"), "{text}");
        assert_eq!(tokens(file.clone(), b"Ada Lovelace".to_vec()), Err(Fault::Contact));
        assert_eq!(tokens(file, vec![0xff]), Err(Fault::Contact));
        let damaged = tokens(b"TIERS-RIGHTS-KEY-1 x y".to_vec(), b"ada@example.com".to_vec());
        assert_eq!(damaged, Err(Fault::RightsKey(RightsKeyError::Damaged)));
    }
}
