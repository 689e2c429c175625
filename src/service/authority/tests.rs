//! The policies by themselves: that they hold, that wrong ones are refused, that every purpose and every kind of
//! object is one of the schema's, and what stands in them for cases that no address reaches.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::time::Instant;

use super::*;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::{
    ActId, ActorId, BatchId, CollectionId, DepositId, ExchangeId, FormId, ProgrammeId, RecordId,
    RequestId, WebhookId,
};

fn ours() -> Authority {
    Authority::read(&Rules::default()).unwrap()
}

fn refused(policies: &'static str) -> AuthorityError {
    Authority::read(&Rules { policies, ..Rules::default() }).err().unwrap()
}

fn caller(role: Role, party: Option<PartyId>) -> Caller {
    Caller { actor: ActorId::random(&mut System), role, party }
}

fn account(caller: Caller) -> Who {
    Who::Account { caller, change_due: false }
}

#[test]
fn policies_that_do_not_fit_are_refused_with_what_is_wrong() {
    let cases = [
        ("permit (principal, action", "authority.policies"),
        // No such role, no such purpose, no such attribute.
        (
            "permit (principal is Account, action == Action::\"deposit\", resource is Certifier) \
             when { principal.role == Role::\"partnr\" };",
            "authority.unfit",
        ),
        ("permit (principal, action in Action::\"deposits\", resource);", "authority.unfit"),
        (
            "permit (principal is Account, action == Action::\"deposit\", resource is Deposit) \
             when { resource.party == principal.side };",
            "authority.unfit",
        ),
        // It holds for nothing: a purpose is never asked of such an object.
        (
            "permit (principal, action == Action::\"deposit\", resource is Webhook);",
            "authority.unfit",
        ),
        (
            "@refusal(\"deposit.nonsense\") forbid (principal, action, resource is Certifier);",
            "authority.refusal",
        ),
    ];
    for (policies, code) in cases {
        assert_eq!(refused(policies).code(), code, "{policies}: {}", refused(policies));
    }
    let rules = Rules { schema: "entity Account;", ..Rules::default() };
    assert_eq!(Authority::read(&rules).err().unwrap().code(), "authority.unfit");
    let rules = Rules { schema: "entity", ..Rules::default() };
    assert_eq!(Authority::read(&rules).err().unwrap().code(), "authority.schema");
}

#[test]
fn every_operation_stands_under_one_purpose_that_a_policy_names() {
    let authority = ours();
    let groups: BTreeSet<_> = authority.schema.action_groups().map(ToString::to_string).collect();
    let policies = Rules::default().policies;
    for group in &groups {
        assert!(policies.contains(group), "no policy speaks of {group}");
    }
    let mut operations = 0;
    for operation in authority.operations() {
        let uid = authority.actions[operation].uid();
        let under: Vec<_> = authority
            .schema
            .action_entities()
            .unwrap()
            .ancestors(&uid)
            .map_or_else(Vec::new, |found| found.map(ToString::to_string).collect());
        assert!(matches!(&under[..], [one] if groups.contains(one)), "{operation}: {under:?}");
        operations += 1;
    }
    assert!(operations > 150, "{operations}");
}

/// One object of every kind, with the purposes that are asked of it.
fn objects(owner: PartyId, other: PartyId, check: impl Fn(&Object<'_>, &[Purpose])) {
    use Purpose as P;
    let random = &mut System;
    let (programme, act) = (ProgrammeId::random(random), ActId::random(random));
    let actor = ActorId::random(random);
    let partners = [other];
    let whole = Object::Programme { id: &programme, principal: owner, partners: &partners };
    let of_programmes = [
        P::DirectProgramme,
        P::FollowLifts,
        P::TakePart,
        P::ReadProgramme,
        P::ReadGovernance,
        P::RecordGovernance,
        P::RecordAsPrincipal,
        P::RecordAsCompany,
        P::RecordAsCertifier,
    ];
    check(&whole, &of_programmes);
    for of in [None, Some(other)] {
        let deletion = Object::Deletion { programme: &programme, principal: owner, of };
        check(&deletion, &[P::CertifyDeletion]);
    }
    check(&Object::Deposit(&DepositId::random(random), owner), &[P::Deposit]);
    check(&Object::Webhook(&WebhookId::random(random), owner), &[P::BeCalled]);
    check(&Object::Collection(&CollectionId::random(random), owner), &[P::CollectChoices]);
    check(&Object::Request(&RequestId::random(random), None), &[P::AnswerPersons]);
    let named = [owner];
    let form = Object::Form { id: &FormId::random(random), publisher: owner, named: &named };
    check(&form, &[P::CollectChoices, P::FollowChoices]);
    let record = Object::Record { id: &RecordId::random(random), publisher: owner, named: &named };
    check(&record, &[P::FollowChoices]);
    let exchange = Object::Exchange(&ExchangeId::random(random), [owner, other]);
    check(&exchange, &[P::Exchange, P::SearchActs]);
    let batch = Object::Batch(&BatchId::random(random), [owner, other]);
    check(&batch, &[P::Exchange, P::SendBatch, P::ReceiveBatch, P::ProveDecision]);
    check(&Object::Person(&actor, Role::Partner, Some(owner)), &[P::OwnPeople]);
    check(&Object::Access(&actor, Role::Operator, None), &[P::OwnKeys]);
    check(&Object::Alert(&act, Some(actor)), &[P::KeepFiles]);
    check(&Object::Alert(&act, None), &[P::KeepFiles]);
}

#[test]
fn every_object_and_every_purpose_is_one_of_the_schemas() {
    let authority = ours();
    let asked = std::cell::RefCell::new(Vec::new());
    let random = &mut System;
    objects(PartyId::random(random), PartyId::random(random), |object, purposes| {
        let entity = object.entity(&authority).unwrap();
        Entities::from_entities([entity.clone()], Some(&authority.schema)).unwrap();
        for purpose in purposes {
            let action = authority.actions[purpose.as_str()].uid();
            let who = authority.account(&caller(Role::Partner, None), false).unwrap();
            Entities::from_entities([who.clone()], Some(&authority.schema)).unwrap();
            let (who, of) = (who.uid(), entity.uid());
            let schema = Some(&authority.schema);
            let valid = Request::new(who, action, of, Context::empty(), schema);
            assert!(valid.is_ok(), "{purpose:?} of {object:?}");
            asked.borrow_mut().push(*purpose);
        }
    });
    for purpose in Purpose::ALL {
        assert!(asked.borrow().contains(purpose), "{purpose:?} is never asked");
    }
}

#[test]
fn what_is_somebody_elses_serves_no_purpose_of_a_company() {
    let authority = ours();
    let random = &mut System;
    let parties = [(); 3].map(|()| PartyId::random(random));
    let [owner, other, stranger] = parties;
    objects(owner, other, |object, purposes| {
        let partner = caller(Role::Partner, Some(stranger));
        let principal = caller(Role::Principal, Some(stranger));
        for purpose in purposes {
            for outsider in [partner, principal] {
                assert!(!authority.may(&outsider, *purpose, object), "{purpose:?} of {object:?}");
            }
            // The operator has no purpose with what companies bring, collect and exchange.
            let operator = caller(Role::Operator, None);
            let of_companies = matches!(
                object,
                Object::Deposit(..)
                    | Object::Webhook(..)
                    | Object::Collection(..)
                    | Object::Form { .. }
                    | Object::Record { .. }
                    | Object::Exchange(..)
                    | Object::Batch(..)
                    | Object::Request(..)
            );
            let may = authority.may(&operator, *purpose, object);
            // A request that was made to the certifier belongs to its side.
            let own = matches!(object, Object::Request(_, None));
            assert!(!(of_companies && may) || own, "{purpose:?} of {object:?}");
        }
    });
    let id = ProgrammeId::random(random);
    let own = Object::Programme { id: &id, principal: owner, partners: &[] };
    let principal = caller(Role::Principal, Some(owner));
    assert!(authority.may(&principal, Purpose::DirectProgramme, &own));
    assert!(!authority.may(&principal, Purpose::TakePart, &own));
    assert!(!authority.may(&caller(Role::Partner, Some(other)), Purpose::ReadProgramme, &own));
    let joined = Object::Programme { id: &id, principal: owner, partners: &[other] };
    assert!(authority.may(&caller(Role::Partner, Some(other)), Purpose::ReadProgramme, &joined));
}

#[test]
fn a_policy_that_forbids_says_what_is_told() {
    let authority = ours();
    let officer = caller(Role::Officer, None);
    let id = ActId::random(&mut System);
    let close = |about| authority.ask(&officer, Purpose::KeepFiles, &Object::Alert(&id, about));
    assert_eq!(close(None), Ok(()));
    assert_eq!(close(Some(ActorId::random(&mut System))), Ok(()));
    assert_eq!(close(Some(officer.actor)), Err(Refusal::AlertOwn));
    let due = Who::Account { caller: officer, change_due: true };
    assert_eq!(authority.door(&due, "GET /v1/acts"), Err(Refusal::ChangeDue));
    assert_eq!(authority.door(&due, "POST /v1/parties"), Err(Refusal::ChangeDue));
    let replace = "POST /v1/accesses/{account}/replacement";
    assert_eq!(authority.door(&due, replace), Ok(()));
}

#[test]
fn what_has_no_name_in_the_schema_is_refused_to_everybody() {
    let authority = ours();
    for role in Role::ALL {
        let who = account(caller(role, None));
        for operation in ["GET /v1/nothing", "DELETE /v1/deposits", "", "deposits"] {
            assert_eq!(authority.door(&who, operation), Err(Refusal::Forbidden), "{operation}");
        }
    }
    let nobody = authority.door(&Who::Visitor, "GET /v1/nothing");
    assert_eq!(nobody, Err(Refusal::Unauthenticated));
}

/// What a decision costs, printed (`--nocapture`); the bound is far from what any machine takes.
#[test]
fn a_decision_is_quick() {
    let authority = ours();
    let (owner, id) = (PartyId::random(&mut System), DepositId::random(&mut System));
    let partner = caller(Role::Partner, Some(owner));
    let deposit = Object::Deposit(&id, owner);
    let time = |what: &dyn Fn()| {
        let begun = Instant::now();
        (0..2_000).for_each(|_| what());
        begun.elapsed() / 2_000
    };
    let door = time(&|| authority.door(&account(partner), "GET /v1/deposits/{deposit}").unwrap());
    let object = time(&|| assert!(authority.may(&partner, Purpose::Deposit, &deposit)));
    let begun = Instant::now();
    drop(ours());
    println!("door {door:?}, object {object:?}, read and checked {:?}", begun.elapsed());
    assert!(door.as_millis() < 5 && object.as_millis() < 5, "{door:?} {object:?}");
}
