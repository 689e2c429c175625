//! What people say about an agreement, each under a signature of its own: the other party accepts it as
//! it is, a signatory of each party approves it, an officer advises, either party ends it.
//! Specified in `docs/formats/exchange-agreement.md`.

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::agreement::{Agreement, Side};
use crate::encoding::Bytes;
use crate::ids::{ExchangeId, PartyId};
use crate::sign::{Signature, SigningPublic, SigningSecret};

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Saying {
    /// The other party accepts; signed with its party key.
    Accept,
    /// A signatory approves for its party; signed with the signatory's key.
    Approve,
    /// A data protection officer advises; signed with the officer's key. It approves nothing.
    Advise,
    /// A party ends the agreement; signed with its party key.
    End,
}

impl Saying {
    /// Every saying.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Approve, Self::Advise, Self::End];

    /// Its spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Approve => "approve",
            Self::Advise => "advise",
            Self::End => "end",
        }
    }

    /// The key that signs it.
    #[must_use]
    pub const fn key(self, side: &Side) -> &SigningPublic {
        match self {
            Self::Accept | Self::End => &side.keys.signing,
            Self::Approve => &side.signatory.key,
            Self::Advise => &side.dpo.key,
        }
    }
}

/// One act about one agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangeAct {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Digest of the agreement that was read.
    pub agreement: Bytes<32>,
    /// For which party.
    pub party: PartyId,
    /// What is said.
    pub says: Saying,
    /// The advice, or why it ends; empty otherwise.
    pub words: String,
}

/// An act and the signature on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedAct {
    /// What is said.
    pub act: ExchangeAct,
    /// Whose word it is.
    pub signature: Signature,
}

impl SignedAct {
    /// Says something about an agreement.
    #[must_use]
    pub fn sign(
        agreement: &Agreement,
        party: PartyId,
        (says, words): (Saying, String),
        secret: &SigningSecret,
    ) -> Self {
        let digest = agreement.digest();
        let act =
            ExchangeAct { exchange: agreement.exchange, agreement: digest, party, says, words };
        let signature = secret.sign(labels::SIGN_EXCHANGE_ACT, &act);
        Self { act, signature }
    }

    /// Whether it is about this agreement and signed by whoever may say it.
    #[must_use]
    pub fn holds(&self, agreement: &Agreement) -> bool {
        let Some((side, _)) = agreement.side_of(&self.act.party) else { return false };
        self.act.exchange == agreement.exchange
            && self.act.agreement == agreement.digest()
            && self.act.says.key(side).verifies(
                labels::SIGN_EXCHANGE_ACT,
                &self.act,
                &self.signature,
            )
    }
}
