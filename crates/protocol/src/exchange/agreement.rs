//! The agreement of an exchange: who passes what to whom, for what, on which basis, at which price.
//!
//! One document, proposed by one party and accepted as it is by the other; both pin the keys of both.
//! Whether it can be one is [`super::terms`]; who said yes to it is [`super::act`]. Specified in
//! `docs/formats/exchange-agreement.md`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::{Field, SizeClass};
use crate::canonical;
use crate::consent::{Audience, Channel, Sector, Siren};
use crate::encoding::{Bytes, sha256};
use crate::ids::{ExchangeId, PartyId};
use crate::party::PartyPublic;
use crate::seal::SealingPublic;
use crate::sign::{Signature, SigningPublic, SigningSecret};

/// The only value that the field `format` may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgreementFormat {
    /// This version.
    #[default]
    #[serde(rename = "tiers-exchange-agreement/1")]
    V1,
}

/// What a party is in the meaning of the GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Controller {
    /// Decides alone (art. 4(7)).
    Sole,
    /// Decides with the other (art. 26).
    Joint,
}

/// On what a channel rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Basis {
    /// Consent that names the recipient.
    Consent,
    /// Legitimate interest: informed beforehand, no objection.
    LegitimateInterest,
    /// The seller's own customers, similar products: never carries a transfer.
    ExistingCustomer,
    /// A contract in progress: never carries a transfer.
    ContractInProgress,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostalAddress {
    /// Number and street.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub town: String,
    /// Two letters of ISO 3166-1.
    pub country: String,
}

/// The data protection officer of a party, who advises, and looks at the proofs of what the party receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Officer {
    /// Who, and how it is reached.
    pub name: String,
    /// The key that checks the signature.
    pub key: SigningPublic,
    /// The key to which the proofs of records are sealed.
    pub sealing: SealingPublic,
}

/// A person of a party who signs with a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signatory {
    /// Who.
    pub name: String,
    /// The key that checks the signature.
    pub key: SigningPublic,
}

/// How the value of what a party gives was found (a barter is booked at the value of the more reliable lot).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Valuation {
    /// Normal sales in money of the same thing.
    MarketSales,
    /// An offer of a third party.
    ThirdPartyOffer,
    /// The book value, where nothing else is reliable.
    BookValue,
}

/// How large a company is, for the calendar of electronic invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CompanySize {
    /// Large or of middle size.
    Large,
    /// Small, middle or micro.
    Small,
}

/// What the invoices of a party need, and its mandate to draw them up in its name (CGI art. 289 I-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invoicing {
    /// Reference of the written mandate.
    pub mandate: String,
    /// Prefix of the party's series for exchanges: capital letters, digits and dashes.
    pub series: String,
    /// Number for value-added tax.
    pub vat_id: String,
    /// Rate of penalties for late payment, in words.
    pub penalties: String,
    /// Discount for early payment, or that there is none, in words.
    pub discount: String,
    /// Days until what is left in money is due.
    pub payment_days: u16,
    /// Whether tax is paid on debits.
    pub tax_on_debits: bool,
    /// How the value was found.
    pub valuation: Valuation,
    /// How large the company is.
    pub size: CompanySize,
}

/// What a party gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gives", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Gives {
    /// Records of persons, in lots of a thousand.
    Records {
        /// The fields that may leave; nothing else does.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        fields: Vec<Field>,
        /// Price of one lot without tax, in cents.
        lot_cents: u64,
    },
    /// Something else.
    Service {
        /// What, precisely; never a person.
        what: String,
        /// Its price without tax, in cents.
        price_cents: u64,
    },
}

/// One of the two parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Side {
    /// Its id at the certifier.
    pub party: PartyId,
    /// What it is in the meaning of the GDPR.
    pub role: Controller,
    /// Its legal name.
    pub name: String,
    /// Its SIREN.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub siren: Siren,
    /// Where it has its seat.
    pub address: PostalAddress,
    /// Its data protection officer, who advises and reviews.
    pub dpo: Officer,
    /// Where persons exercise their rights.
    pub rights_contact: String,
    /// Where the notice stands that persons are given; begins with `https://`.
    pub notice_url: String,
    /// Its pinned keys.
    pub keys: PartyPublic,
    /// Who asks for the exchange.
    pub requester: String,
    /// Who approves it: somebody else.
    pub signatory: Signatory,
    /// What it gives.
    pub gives: Gives,
    /// Its invoices.
    pub invoicing: Invoicing,
}

/// The agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agreement {
    /// The version.
    pub format: AgreementFormat,
    /// Its exchange; a random id of the proposer's making.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Who proposes.
    pub proposer: Side,
    /// Who is asked.
    pub other: Side,
    /// What the recipient does with the records.
    pub purpose: String,
    /// What is offered, as far as the law knows the sector.
    pub sector: Sector,
    /// As whom the persons are addressed.
    pub audience: Audience,
    /// Whether the offer is one of the persons' profession.
    pub offer_of_profession: bool,
    /// The basis of each channel.
    pub channels: BTreeMap<Channel, Basis>,
    /// The commercial offer, which the owner of the file approves with the agreement.
    pub offer: String,
    /// The first message: names `{source}`, `{advertiser}` and `{opt_out}`.
    pub message: String,
    /// First day on which records may be handed over.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub begins: Date,
    /// Last day.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub ends: Date,
    /// For how many months the recipient keeps a record that brings nothing.
    pub retention_months: u16,
    /// How both protect the records.
    pub security: String,
    /// Bytes of a padded record.
    #[cfg_attr(feature = "openapi", schema(value_type = u16))]
    pub size_class: SizeClass,
}

impl Agreement {
    /// Digest of the canonical document: what everybody signs.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        sha256(&canonical::to_vec(self))
    }

    /// Both sides, the proposer first.
    #[must_use]
    pub const fn sides(&self) -> [&Side; 2] {
        [&self.proposer, &self.other]
    }

    /// The side of a party, and that of the other.
    #[must_use]
    pub fn side_of(&self, party: &PartyId) -> Option<(&Side, &Side)> {
        match self.sides() {
            [own, other] if own.party == *party => Some((own, other)),
            [other, own] if own.party == *party => Some((own, other)),
            _ => None,
        }
    }
}

/// The agreement as its proposer signed it, which is also the proposer's own acceptance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedAgreement {
    /// What is proposed.
    pub agreement: Agreement,
    /// The proposer's signature on it.
    pub signature: Signature,
}

impl SignedAgreement {
    /// Signs as the proposer.
    #[must_use]
    pub fn sign(agreement: Agreement, secret: &SigningSecret) -> Self {
        let signature = secret.sign(labels::SIGN_EXCHANGE_AGREEMENT, &agreement);
        Self { agreement, signature }
    }

    /// Whether the proposer signed it with the key that it pins.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let key = &self.agreement.proposer.keys.signing;
        key.verifies(labels::SIGN_EXCHANGE_AGREEMENT, &self.agreement, &self.signature)
    }
}
