//! Who may do what: the policies of `policies/authorization.cedar`, read once and checked against their schema at
//! every start, and the one place where they are asked. Doors ask for an operation before a handler runs, use cases
//! for a purpose once they have an object in hand; what no policy permits is refused. How to read the policies:
//! `policies/README.md`; why they are policies: `docs/decisions/0085-policies-of-authorization.md`.

mod object;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use tiers_protocol::encoding::sha256_of;
use tiers_protocol::ids::PartyId;
use tiers_protocol::wire::Role;

pub use object::{Object, Purpose};

use super::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;

/// The certifier's own people act for no company: they are of this side.
const CERTIFIER: &str = "certifier";

/// The text of policies and of their schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// In Cedar's language.
    pub policies: &'static str,
    /// In Cedar's language of schemas.
    pub schema: &'static str,
}

impl Default for Rules {
    /// Those that were built in: an operator changes them by a new build, which its parties can compare.
    fn default() -> Self {
        Self {
            policies: include_str!("../../../policies/authorization.cedar"),
            schema: include_str!("../../../policies/authorization.cedarschema"),
        }
    }
}

/// Why a certifier does not start with its policies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The schema is none.
    #[error("the schema of the policies of authorization cannot be read: {0}")]
    Schema(String),
    /// The policies are none.
    #[error("the policies of authorization cannot be read: {0}")]
    Policies(String),
    /// The policies say what the schema does not know.
    #[error("the policies of authorization do not fit their schema: {0}")]
    Unfit(String),
    /// A policy names a refusal that there is not.
    #[error("a policy of authorization names an unknown refusal: {0}")]
    Refusal(String),
}

impl AuthorityError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Schema(_) => "authority.schema",
            Self::Policies(_) => "authority.policies",
            Self::Unfit(_) => "authority.unfit",
            Self::Refusal(_) => "authority.refusal",
        }
    }
}

/// Who stands at a door.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Somebody who shows nothing.
    Visitor,
    /// Somebody who showed a key or has a session.
    Account {
        /// Whose.
        caller: Caller,
        /// Whether that key has to be changed first.
        change_due: bool,
    },
}

/// Types of entities, parsed once.
struct Types(HashMap<&'static str, EntityTypeName>);

/// Every type that entities are made of.
const TYPES: [&str; 18] = [
    "Role",
    "Party",
    "Visitor",
    "Account",
    "Certifier",
    "Programme",
    "Deletion",
    "Deposit",
    "Webhook",
    "Collection",
    "Request",
    "Form",
    "Record",
    "Exchange",
    "Batch",
    "Person",
    "Access",
    "Alert",
];

/// The policies in force.
pub struct Authority {
    schema: Schema,
    policies: PolicySet,
    /// Every operation and purpose, with what it stands under.
    actions: HashMap<String, Entity>,
    /// What whoever a policy forbids something is told.
    refusals: HashMap<PolicyId, Refusal>,
    types: Types,
    authorizer: Authorizer,
    digest: String,
}

/// The rules of this build, read and checked once in a process.
static BUILT_IN: LazyLock<Result<Arc<Authority>, AuthorityError>> =
    LazyLock::new(|| Authority::read(&Rules::default()).map(Arc::new));

impl Authority {
    /// The policies of these rules, read and checked.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn of(rules: &Rules) -> Result<Arc<Self>, AuthorityError> {
        if *rules == Rules::default() { BUILT_IN.clone() } else { Self::read(rules).map(Arc::new) }
    }

    /// Reads policies and checks them, strictly, against their schema.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn read(rules: &Rules) -> Result<Self, AuthorityError> {
        let (schema, warnings) = Schema::from_cedarschema_str(rules.schema)
            .map_err(|error| AuthorityError::Schema(error.to_string()))?;
        if let Some(warning) = { warnings }.next() {
            return Err(AuthorityError::Schema(warning.to_string()));
        }
        let policies: PolicySet =
            rules.policies.parse().map_err(|error: cedar_policy::ParseErrors| {
                AuthorityError::Policies(error.to_string())
            })?;
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        let error = checked.validation_errors().next().map(ToString::to_string);
        let warning = checked.validation_warnings().next().map(ToString::to_string);
        if let Some(said) = error.or(warning) {
            return Err(AuthorityError::Unfit(said));
        }
        let known =
            schema.action_entities().map_err(|error| AuthorityError::Schema(error.to_string()))?;
        let actions = known.iter().map(|one| (one.uid().id().unescaped().to_owned(), one.clone()));
        let types = TYPES.into_iter().map(|name| {
            let parsed = name.parse::<EntityTypeName>();
            Ok((name, parsed.map_err(|error| AuthorityError::Schema(error.to_string()))?))
        });
        Ok(Self {
            actions: actions.collect(),
            refusals: refusals(&policies)?,
            types: Types(types.collect::<Result<_, AuthorityError>>()?),
            schema,
            policies,
            authorizer: Authorizer::new(),
            digest: digest(rules),
        })
    }

    /// SHA-256 in hexadecimal over policies and schema, one after the other, by which two builds are compared.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How many policies there are.
    #[must_use]
    pub fn policies(&self) -> usize {
        self.policies.policies().count()
    }

    /// Operations that the schema knows: a method and an address each.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        let names = self.actions.keys().map(String::as_str);
        names.filter(|name| name.split_once(' ').is_some_and(|(_, path)| path.starts_with('/')))
    }

    /// Whether somebody may do an operation at all, whatever object it is about.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for a visitor; else [`Refusal::Forbidden`], or what the policy that forbids it
    /// says.
    pub fn door(&self, who: &Who, operation: &str) -> Result<(), Refusal> {
        let principal = match who {
            Who::Visitor => self.entity("Visitor", "anybody", []),
            Who::Account { caller, change_due } => self.account(caller, *change_due),
        };
        match (self.decide(principal, operation, self.entity("Certifier", "here", [])), who) {
            (Ok(()), _) => Ok(()),
            (Err(_), Who::Visitor) => Err(Refusal::Unauthenticated),
            (Err(refusal), Who::Account { .. }) => Err(refusal),
        }
    }

    /// Whether a caller may do to an object what serves a purpose.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], or what the policy that forbids it says.
    pub fn ask(
        &self,
        caller: &Caller,
        purpose: Purpose,
        object: &Object<'_>,
    ) -> Result<(), Refusal> {
        // A key that has to be changed was stopped at the door.
        self.decide(self.account(caller, false), purpose.as_str(), object.entity(self))
    }

    /// Whether a caller may.
    #[must_use]
    pub fn may(&self, caller: &Caller, purpose: Purpose, object: &Object<'_>) -> bool {
        self.ask(caller, purpose, object).is_ok()
    }

    fn decide(
        &self,
        principal: Option<Entity>,
        action: &str,
        resource: Option<Entity>,
    ) -> Result<(), Refusal> {
        let (Some(principal), Some(resource)) = (principal, resource) else {
            return Err(Refusal::Forbidden);
        };
        // An operation that has no name here has no policy either.
        let action = self.actions.get(action).ok_or(Refusal::Forbidden)?;
        let (who, what, of) = (principal.uid(), action.uid(), resource.uid());
        let request = Request::new(who, what, of, Context::empty(), Some(&self.schema))
            .map_err(|_| Refusal::Forbidden)?;
        let known = Entities::from_entities([principal, action.clone(), resource], None)
            .map_err(|_| Refusal::Forbidden)?;
        let answer = self.authorizer.is_authorized(&request, &self.policies, &known);
        // A policy that could not be evaluated might have been one that forbids.
        let broken = answer.diagnostics().errors().next().is_some();
        if answer.decision() == Decision::Allow && !broken {
            return Ok(());
        }
        let mut reasons = answer.diagnostics().reason();
        let said = reasons.find_map(|policy| self.refusals.get(policy).copied());
        Err(said.unwrap_or(Refusal::Forbidden))
    }

    fn account(&self, caller: &Caller, change_due: bool) -> Option<Entity> {
        let due = RestrictedExpression::new_bool(change_due);
        let of = [
            ("role", self.role(caller.role)?),
            ("side", self.side(caller.party)?),
            ("change_due", due),
        ];
        self.entity("Account", &caller.actor.to_string(), of)
    }

    fn uid(&self, of: &str, id: &str) -> Option<EntityUid> {
        let name = self.types.0.get(of)?.clone();
        Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
    }

    fn role(&self, role: Role) -> Option<RestrictedExpression> {
        self.uid("Role", role.as_str()).map(RestrictedExpression::new_entity_uid)
    }

    fn side(&self, party: Option<PartyId>) -> Option<RestrictedExpression> {
        let named = party.map(|party| party.to_string());
        let uid = self.uid("Party", named.as_deref().unwrap_or(CERTIFIER))?;
        Some(RestrictedExpression::new_entity_uid(uid))
    }

    fn sides(&self, parties: &[PartyId]) -> Option<RestrictedExpression> {
        let sides: Option<Vec<_>> = parties.iter().map(|one| self.side(Some(*one))).collect();
        sides.map(RestrictedExpression::new_set)
    }

    fn entity<const N: usize>(
        &self,
        of: &str,
        id: &str,
        attributes: [(&str, RestrictedExpression); N],
    ) -> Option<Entity> {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value));
        Entity::new_with_tags(self.uid(of, id)?, attributes, [], []).ok()
    }
}

fn digest(rules: &Rules) -> String {
    let digest = sha256_of(&[rules.policies.as_bytes(), rules.schema.as_bytes()]);
    digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The refusals that policies name.
fn refusals(policies: &PolicySet) -> Result<HashMap<PolicyId, Refusal>, AuthorityError> {
    let mut found = HashMap::new();
    for policy in policies.policies() {
        let Some(code) = policy.annotation("refusal") else { continue };
        let named = Refusal::ALL.iter().find(|refusal| refusal.code() == code);
        let named = named.ok_or_else(|| AuthorityError::Refusal(code.to_owned()))?;
        found.insert(policy.id().clone(), *named);
    }
    Ok(found)
}

impl Certifier {
    /// The policies in force.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Asks for an object that belongs to somebody: to others it is not there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub(super) fn require(
        &self,
        caller: &Caller,
        purpose: Purpose,
        object: &Object<'_>,
    ) -> Result<(), ServiceError> {
        if self.authority.may(caller, purpose, object) {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}
