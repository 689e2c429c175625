//! What an agreement must say to be one, and which fields reach a person by which channel. Whether a
//! record may pass is decided at hand-over, for each person; here is what no decision could mend.
//! Specified in `docs/formats/exchange-agreement.md`.

use jiff::civil::Date;
use thiserror::Error;
use tiers_contact::normalise::text::folded;

use super::agreement::{Agreement, Basis, Gives, Side};
use super::{Field, special};
use crate::consent::{Audience, Channel};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal;)*) => {
        /// What an agreement cannot be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
        #[non_exhaustive]
        pub enum AgreementFault { $($(#[$doc])* #[error($title)] $name,)* }

        impl AgreementFault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

faults! {
    /// A text is empty or too long.
    Text = "agreement.text", "a text of the agreement is empty or too long";
    /// Not two parties.
    Parties = "agreement.parties", "the two parties of the agreement are not two";
    /// Nobody but the requester approves.
    Signatory = "agreement.signatory", "the signatory is the requester, the officer or nobody";
    /// No field, or one twice.
    Fields = "agreement.fields", "records need fields, each once, one of which reaches the person";
    /// No channel.
    Channels = "agreement.channels", "the agreement names no channel that a record can serve";
    /// A basis that does not fit the channel.
    Basis = "agreement.basis", "this channel needs consent";
    /// A basis that holds for the company's own use only.
    NotTransferable = "agreement.not_transferable", "this basis never carries a transfer";
    /// Days that cannot be.
    Duration = "agreement.duration", "the agreement ends before it begins, or lasts more than a year";
    /// No price.
    Price = "agreement.price", "each side needs a value";
    /// A message that hides something.
    Message = "agreement.message", "the first message hides its source, its advertiser or how to object";
    /// Nobody gives records.
    NoRecords = "agreement.no_records", "neither side gives records";
    /// A name of a special category of data.
    Special = "agreement.special_category", "special categories of data are never exchanged";
}

/// The longest text.
const TEXT_CHARS: usize = 2_000;
/// The highest price, in cents: ten million euros.
const PRICE_MAX: u64 = 1_000_000_000;

/// The fields by which a channel reaches somebody; they leave in batches of that channel only.
#[must_use]
pub const fn contact_fields(channel: Channel) -> &'static [Field] {
    match channel {
        Channel::Email => &[Field::Email],
        Channel::Sms => &[Field::Mobile],
        Channel::Phone | Channel::AutomatedCall => &[Field::Mobile, Field::Landline],
        Channel::Post => {
            &[Field::Street, Field::AddressComplement, Field::Postcode, Field::Town, Field::Country]
        }
        Channel::Fax => &[],
    }
}

/// The field without which a channel reaches nobody.
#[must_use]
pub fn reaches(channel: Channel, has: impl Fn(Field) -> bool) -> bool {
    match channel {
        Channel::Post => has(Field::Street) && has(Field::Postcode) && has(Field::Town),
        _ => contact_fields(channel).iter().any(|field| has(*field)),
    }
}

/// The fields of an agreement that may leave in a batch of one channel: all but the means of the others.
#[must_use]
pub fn fields_of(agreed: &[Field], channel: Channel) -> Vec<Field> {
    let own = contact_fields(channel);
    let means = |field: &Field| Channel::ALL.iter().any(|c| contact_fields(*c).contains(field));
    agreed.iter().copied().filter(|field| own.contains(field) || !means(field)).collect()
}

impl Agreement {
    /// Checks what the shape alone does not hold.
    ///
    /// # Errors
    /// The first [`AgreementFault`].
    pub fn check(&self) -> Result<(), AgreementFault> {
        let (proposer, other) = (&self.proposer, &self.other);
        let keys = [proposer, other].map(|side| side.keys.fingerprint());
        if proposer.party == other.party || proposer.siren == other.siren || keys[0] == keys[1] {
            return Err(AgreementFault::Parties);
        }
        for side in self.sides() {
            check_side(side)?;
        }
        let texts = [&self.purpose, &self.offer, &self.message, &self.security];
        if !texts.into_iter().all(|text| is_text(text)) || self.retention_months == 0 {
            return Err(AgreementFault::Text);
        }
        if [&self.purpose, &self.offer].iter().any(|text| special::names_one(text)) {
            return Err(AgreementFault::Special);
        }
        let marks = ["{source}", "{advertiser}", "{opt_out}"];
        if !marks.iter().all(|mark| self.message.contains(mark)) {
            return Err(AgreementFault::Message);
        }
        self.check_days()?;
        self.check_channels()
    }

    fn check_days(&self) -> Result<(), AgreementFault> {
        let latest = self.begins.checked_add(jiff::Span::new().years(1)).unwrap_or(Date::MAX);
        let fits = self.begins <= self.ends && self.ends <= latest;
        if fits { Ok(()) } else { Err(AgreementFault::Duration) }
    }

    fn check_channels(&self) -> Result<(), AgreementFault> {
        if self.channels.is_empty() {
            return Err(AgreementFault::Channels);
        }
        let given = self.sides().map(|side| match &side.gives {
            Gives::Records { fields, .. } => Some(fields),
            Gives::Service { .. } => None,
        });
        if given.iter().all(Option::is_none) {
            return Err(AgreementFault::NoRecords);
        }
        for (channel, basis) in &self.channels {
            check_basis(*channel, *basis, self.audience)?;
            for fields in given.into_iter().flatten() {
                if !reaches(*channel, |field| fields.contains(&field)) {
                    return Err(AgreementFault::Channels);
                }
            }
        }
        Ok(())
    }
}

fn check_basis(channel: Channel, basis: Basis, audience: Audience) -> Result<(), AgreementFault> {
    let electronic =
        matches!(channel, Channel::Email | Channel::Sms | Channel::Fax | Channel::AutomatedCall);
    match basis {
        Basis::ExistingCustomer | Basis::ContractInProgress => Err(AgreementFault::NotTransferable),
        Basis::LegitimateInterest if electronic && audience == Audience::Consumer => {
            Err(AgreementFault::Basis)
        }
        Basis::LegitimateInterest | Basis::Consent => Ok(()),
    }
}

fn is_text(text: &str) -> bool {
    (1..=TEXT_CHARS).contains(&text.trim().chars().count())
}

/// Names as people compare them.
fn same(one: &str, two: &str) -> bool {
    folded(one) == folded(two)
}

fn check_side(side: &Side) -> Result<(), AgreementFault> {
    let (address, invoicing) = (&side.address, &side.invoicing);
    let texts = [
        &side.name,
        &address.street,
        &address.postcode,
        &address.town,
        &side.dpo.name,
        &side.rights_contact,
        &side.requester,
        &side.signatory.name,
        &invoicing.mandate,
        &invoicing.vat_id,
        &invoicing.penalties,
        &invoicing.discount,
    ];
    let country = address.country.len() == 2
        && address.country.bytes().all(|letter| letter.is_ascii_uppercase());
    let series = (1..=20).contains(&invoicing.series.len())
        && invoicing
            .series
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    let address_of_notice = side.notice_url.len() > 8 && side.notice_url.starts_with("https://");
    if !texts.into_iter().all(|text| is_text(text)) || !country || !series || !address_of_notice {
        return Err(AgreementFault::Text);
    }
    check_people(side)?;
    let price = match &side.gives {
        Gives::Records { fields, lot_cents } => {
            let twice = (1..fields.len()).any(|at| fields[..at].contains(&fields[at]));
            if fields.is_empty() || twice {
                return Err(AgreementFault::Fields);
            }
            *lot_cents
        }
        Gives::Service { what, price_cents } => {
            if !is_text(what) {
                return Err(AgreementFault::Text);
            }
            *price_cents
        }
    };
    if (1..=PRICE_MAX).contains(&price) { Ok(()) } else { Err(AgreementFault::Price) }
}

/// The signatory is neither who asks nor who advises, and signs with a key of its own.
fn check_people(side: &Side) -> Result<(), AgreementFault> {
    let (signatory, dpo) = (&side.signatory, &side.dpo);
    let keys = [&signatory.key, &dpo.key, &side.keys.signing];
    let apart = keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2];
    let others = !same(&signatory.name, &side.requester) && !same(&signatory.name, &dpo.name);
    let sealing = dpo.sealing != side.keys.sealing;
    let usable =
        sealing && signatory.key.is_valid() && dpo.key.is_valid() && side.keys.signing.is_valid();
    if apart && others && usable { Ok(()) } else { Err(AgreementFault::Signatory) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exc_19_a_batch_of_one_channel_holds_no_means_of_another() {
        for channel in Channel::ALL {
            let fields = fields_of(&Field::ALL, *channel);
            let own = contact_fields(*channel);
            assert!(own.iter().all(|field| fields.contains(field)));
            for other in Channel::ALL {
                let theirs = contact_fields(*other).iter().filter(|field| !own.contains(field));
                assert!(theirs.into_iter().all(|field| !fields.contains(field)), "{other}");
            }
            assert!(fields.contains(&Field::LastName));
            let agreed = fields_of(&[Field::LastName], *channel);
            assert_eq!(agreed, [Field::LastName], "nothing is added");
            assert_eq!(reaches(*channel, |_| true), *channel != Channel::Fax);
            assert!(!reaches(*channel, |field| !own.contains(&field)));
        }
    }
}
