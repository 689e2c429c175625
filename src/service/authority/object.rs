//! What policies are asked about: purposes, and objects with whose they are.

use cedar_policy::{Entity, RestrictedExpression};
use tiers_protocol::ids::{
    ActId, ActorId, BatchId, CollectionId, DepositId, ExchangeId, FormId, PartyId, ProgrammeId,
    RecordId, RequestId, WebhookId,
};
use tiers_protocol::wire::Role;

use super::Authority;

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a use case asks for, of an object that it has loaded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Purpose {$(
            $(#[$doc])*
            $name,
        )*}

        impl Purpose {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As policies name it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$name => $text),*}
            }
        }
    };
}

purposes! {
    /// Asks a programme's questions.
    DirectProgramme = "direct a programme",
    /// Looks at its lifts.
    FollowLifts = "follow lifts",
    /// Takes part as a partner.
    TakePart = "take part in a programme",
    /// Looks at a programme.
    ReadProgramme = "read a programme",
    /// Looks at its records of governance.
    ReadGovernance = "read governance",
    /// Writes some of them.
    RecordGovernance = "record governance",
    /// What is done and why.
    RecordAsPrincipal = "record as the principal",
    /// Instructions and notices of one company.
    RecordAsCompany = "record as a company",
    /// Contracts and sub-processors.
    RecordAsCertifier = "record as the certifier",
    /// Has a deletion certified.
    CertifyDeletion = "certify a deletion",
    /// Sends, follows and deletes deposits.
    Deposit = "deposit",
    /// Uses a form or a public page of its own.
    CollectChoices = "collect choices",
    /// Reads a form or a record.
    FollowChoices = "follow choices",
    /// Answers a person's request.
    AnswerPersons = "answer persons",
    /// Looks at an exchange or a batch, or speaks in it.
    Exchange = "exchange",
    /// Sends its body.
    SendBatch = "send a batch",
    /// Reviews and fetches it.
    ReceiveBatch = "receive a batch",
    /// Has a decision about a record proven.
    ProveDecision = "prove a decision",
    /// Looks after a webhook.
    BeCalled = "be called",
    /// Has documents carried by a dossier.
    SearchActs = "search acts",
    /// Looks after a person of one's own side.
    OwnPeople = "look after people",
    /// Looks after a key of one's own side.
    OwnKeys = "look after keys",
    /// Closes an alert.
    KeepFiles = "keep files",
}

/// An object with whose it is.
#[derive(Debug, Clone, Copy)]
pub enum Object<'a> {
    /// A programme, and all that belongs to it.
    Programme {
        /// Which.
        id: &'a ProgrammeId,
        /// Whose.
        principal: PartyId,
        /// Its partners, or the one that asks, if it is one.
        partners: &'a [PartyId],
    },
    /// What was deleted of a programme, or of one party in it.
    Deletion {
        /// Of which programme.
        programme: &'a ProgrammeId,
        /// Whose that is.
        principal: PartyId,
        /// Whose part, if not all.
        of: Option<PartyId>,
    },
    /// A deposit of a party.
    Deposit(&'a DepositId, PartyId),
    /// A webhook of a party.
    Webhook(&'a WebhookId, PartyId),
    /// A public page of a party.
    Collection(&'a CollectionId, PartyId),
    /// A request to a party, or to the certifier.
    Request(&'a RequestId, Option<PartyId>),
    /// A form.
    Form {
        /// Which.
        id: &'a FormId,
        /// Who published it.
        publisher: PartyId,
        /// Whom it names, or the one that asks, if it is named.
        named: &'a [PartyId],
    },
    /// A record of a choice, with its form's publisher and those it names.
    Record {
        /// Which.
        id: &'a RecordId,
        /// Who published its form.
        publisher: PartyId,
        /// Whom that names, or the one that asks, if it is named.
        named: &'a [PartyId],
    },
    /// An exchange of two sides.
    Exchange(&'a ExchangeId, [PartyId; 2]),
    /// A batch with its sender and its recipient.
    Batch(&'a BatchId, [PartyId; 2]),
    /// A person in a role, for a party or the certifier.
    Person(&'a ActorId, Role, Option<PartyId>),
    /// A key in a role, for a party or the certifier.
    Access(&'a ActorId, Role, Option<PartyId>),
    /// An alert about an account, if that is known.
    Alert(&'a ActId, Option<ActorId>),
}

impl Object<'_> {
    /// As policies read it; `None` only where the types of the schema are not those of this program.
    pub(super) fn entity(&self, of: &Authority) -> Option<Entity> {
        match self {
            Self::Programme { id, principal, partners } => {
                let who =
                    [("principal", of.side(Some(*principal))?), ("partners", of.sides(partners)?)];
                of.entity("Programme", &id.to_string(), who)
            }
            Self::Deletion { programme, principal, of: part } => {
                let (id, whole) =
                    (programme.to_string(), ("principal", of.side(Some(*principal))?));
                match part {
                    None => of.entity("Deletion", &id, [whole]),
                    Some(part) => {
                        of.entity("Deletion", &id, [whole, ("of", of.side(Some(*part))?)])
                    }
                }
            }
            Self::Deposit(id, owner) => owned(of, "Deposit", &id.to_string(), Some(*owner)),
            Self::Webhook(id, owner) => owned(of, "Webhook", &id.to_string(), Some(*owner)),
            Self::Collection(id, owner) => owned(of, "Collection", &id.to_string(), Some(*owner)),
            Self::Request(id, owner) => owned(of, "Request", &id.to_string(), *owner),
            Self::Form { id, publisher, named } => {
                of.entity("Form", &id.to_string(), choice(of, *publisher, named)?)
            }
            Self::Record { id, publisher, named } => {
                of.entity("Record", &id.to_string(), choice(of, *publisher, named)?)
            }
            Self::Exchange(id, sides) => {
                of.entity("Exchange", &id.to_string(), [("sides", of.sides(sides)?)])
            }
            Self::Batch(id, [sender, recipient]) => {
                let sender = ("sender", of.side(Some(*sender))?);
                let recipient = ("recipient", of.side(Some(*recipient))?);
                of.entity("Batch", &id.to_string(), [sender, recipient])
            }
            Self::Person(id, role, party) => of.entity(
                "Person",
                &id.to_string(),
                [("role", of.role(*role)?), ("side", of.side(*party)?)],
            ),
            Self::Access(id, role, party) => of.entity(
                "Access",
                &id.to_string(),
                [("role", of.role(*role)?), ("side", of.side(*party)?)],
            ),
            Self::Alert(id, None) => of.entity("Alert", &id.to_string(), []),
            Self::Alert(id, Some(about)) => {
                let about = of.uid("Account", &about.to_string())?;
                let about = [("about", RestrictedExpression::new_entity_uid(about))];
                of.entity("Alert", &id.to_string(), about)
            }
        }
    }
}

fn owned(of: &Authority, name: &str, id: &str, owner: Option<PartyId>) -> Option<Entity> {
    of.entity(name, id, [("owner", of.side(owner)?)])
}

fn choice(
    of: &Authority,
    publisher: PartyId,
    named: &[PartyId],
) -> Option<[(&'static str, RestrictedExpression); 2]> {
    Some([("publisher", of.side(Some(publisher))?), ("named", of.sides(named)?)])
}
