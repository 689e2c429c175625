//! The part of the table of routes that is about exchanges; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::exchange::filing::{FlowInfo, StateFiling, Unfiled};
use tiers_protocol::exchange::view::{
    BatchInfo, BatchReview, ExchangeInfo, ExchangeView, InvoiceInfo, StateValue, Uninvoiced,
};
use tiers_protocol::exchange::{
    BatchStatement, DecisionProof, SignedAct, SignedAgreement, SignedReview,
};
use tiers_protocol::ids::{BatchId, ExchangeId, PartyId};
use tiers_protocol::wire::Role;

use super::document::{AnySchema, Schemas, many, one, text, whole_number};
use super::routes::Body::{Bytes, Empty, Json, Text};
use super::routes::{OFFSET, Parameter, Place, Route};
use crate::service::Refusal as R;

const COMPANY: &[Role] = &[Role::Partner, Role::Principal];
const PROVER: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];
const ANYONE: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];
const KEEPER: &[Role] = &[Role::Officer, Role::Operator];

const fn path(
    name: &'static str,
    description: &'static str,
    schema: super::document::SchemaOf,
) -> Parameter {
    Parameter { name, place: Place::Path, required: true, description, schema }
}

const EXCHANGE: Parameter = path("exchange", "The exchange.", one::<ExchangeId>);
const BATCH: Parameter = path("batch", "The batch.", one::<BatchId>);
const SELLER: Parameter = path("seller", "Who sells.", one::<PartyId>);
const SYNTAX: Parameter = path("syntax", "`ubl` or `cii`.", syntax);
const POSITION: Parameter = path("position", "The position in the batch, from 0.", number);

fn syntax(_: &mut Schemas) -> AnySchema {
    text(Some("^(ubl|cii)$"))
}

fn number(_: &mut Schemas) -> AnySchema {
    whole_number()
}

const PROPOSAL: &[R] = &[
    R::AgreementText,
    R::AgreementParties,
    R::AgreementSignatory,
    R::AgreementFields,
    R::AgreementChannels,
    R::AgreementBasis,
    R::AgreementNotTransferable,
    R::AgreementDuration,
    R::AgreementPrice,
    R::AgreementMessage,
    R::AgreementNoRecords,
    R::AgreementSpecial,
    R::ExchangeExists,
    R::ExchangeKeys,
    R::ExchangeSignature,
    R::ExchangeTerm,
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/exchanges",
        roles: COMPANY,
        summary: "Propose an exchange: the agreement, signed by its proposer; both parties' keys \
                  are pinned in it",
        parameters: &[],
        takes: Json(one::<SignedAgreement>),
        answers: &[(201, Json(one::<ExchangeInfo>))],
        refusals: PROPOSAL,
    },
    Route {
        method: Method::GET,
        path: "/v1/exchanges",
        roles: COMPANY,
        summary: "The caller's exchanges, the newest first",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<ExchangeInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/exchanges/{exchange}",
        roles: COMPANY,
        summary: "One exchange with its signed documents",
        parameters: &[EXCHANGE],
        takes: Empty,
        answers: &[(200, Json(one::<ExchangeView>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/exchanges/{exchange}/acts",
        roles: COMPANY,
        summary: "Accept (the other party), approve (a signatory of each party), advise (an officer, \
                  who approves nothing) or end an exchange",
        parameters: &[EXCHANGE],
        takes: Json(one::<SignedAct>),
        answers: &[(201, Json(one::<ExchangeInfo>))],
        refusals: &[
            R::NotFound,
            R::ExchangeSignature,
            R::ExchangeState,
            R::ExchangeSaid,
            R::ExchangeTerm,
            R::AgreementText,
        ],
    },
    Route {
        method: Method::POST,
        path: "/v1/exchanges/{exchange}/value",
        roles: COMPANY,
        summary: "State the value of what the caller gave; with the second statement the exchange \
                  closes and both invoices are drawn up",
        parameters: &[EXCHANGE],
        takes: Json(one::<StateValue>),
        answers: &[(201, Json(one::<ExchangeInfo>))],
        refusals: &[
            R::NotFound,
            R::ExchangeNoValue,
            R::ExchangeValueDiffers,
            R::ExchangeNothingPassed,
            R::ExchangeState,
            R::ExchangeSaid,
            R::ExchangeInvoice,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/exchanges/{exchange}/invoices",
        roles: COMPANY,
        summary: "The invoices of an exchange; both sides see both",
        parameters: &[EXCHANGE],
        takes: Empty,
        answers: &[(200, Json(many::<InvoiceInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/exchanges/{exchange}/invoices/{seller}/{syntax}",
        roles: COMPANY,
        summary: "One invoice in one syntax of EN 16931, to be handed to an approved platform; this \
                  program sends none",
        parameters: &[EXCHANGE, SELLER, SYNTAX],
        takes: Empty,
        answers: &[(200, Text("application/xml"))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/exchanges/{exchange}/invoices/{seller}/{syntax}/flow",
        roles: COMPANY,
        summary: "What the approved platform is told of that file (flowInfo of AFNOR XP Z12-013)",
        parameters: &[EXCHANGE, SELLER, SYNTAX],
        takes: Empty,
        answers: &[(200, Json(one::<FlowInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/exchanges/{exchange}/invoices/{seller}/filed",
        roles: COMPANY,
        summary: "As the seller: say that your platform has the invoice, or the report of its payment",
        parameters: &[EXCHANGE, SELLER],
        takes: Json(one::<StateFiling>),
        answers: &[(201, Json(one::<InvoiceInfo>))],
        refusals: &[R::NotFound, R::ExchangeState, R::ExchangeSaid, R::ExchangeFiling],
    },
    Route {
        method: Method::GET,
        path: "/v1/unfiled",
        roles: ANYONE,
        summary: "Invoices of the electronic form, and reports of their payment, that no platform has \
                  yet, with days and fines: a company's own, everybody's for the certifier's people",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<Unfiled>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches",
        roles: COMPANY,
        summary: "Open a batch: its statement, signed by the sender",
        parameters: &[],
        takes: Json(one::<BatchStatement>),
        answers: &[(201, Json(one::<BatchInfo>)), (200, Json(one::<BatchInfo>))],
        refusals: &[
            R::NotFound,
            R::ExchangeState,
            R::ExchangeTerm,
            R::ExchangeWithheld,
            R::BatchHead,
            R::BatchSignature,
            R::BatchTooFew,
            R::BatchTooMany,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/batches/{batch}",
        roles: COMPANY,
        summary: "Where a batch stands; what passed is told in lots of a thousand",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::PUT,
        path: "/v1/batches/{batch}/body",
        roles: COMPANY,
        summary: "Upload the sealed body of a batch, at once or in pieces",
        parameters: &[BATCH, OFFSET],
        takes: Bytes("application/octet-stream"),
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[
            R::NotFound,
            R::Malformed,
            R::BatchState,
            R::BatchAltered,
            R::WrongOffset,
            R::UploadBusy,
            R::TooManyUploads,
            R::TooSlow,
            R::Stopping,
            R::Waiting,
        ],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches/{batch}/sample",
        roles: COMPANY,
        summary: "As the recipient: draw the sample of a batch that was received; it is drawn once",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[R::NotFound, R::BatchState, R::BatchAltered, R::ExchangeState],
    },
    Route {
        method: Method::GET,
        path: "/v1/batches/{batch}/sample",
        roles: COMPANY,
        summary: "As the recipient: the proofs of the sample, sealed to its data protection officer",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Bytes("application/octet-stream"))],
        refusals: &[R::NotFound, R::BatchState, R::BatchAltered],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches/{batch}/review",
        roles: COMPANY,
        summary: "As the recipient: the verdict on the sample, signed by its data protection officer; \
                  one proof that is missing blocks the batch",
        parameters: &[BATCH],
        takes: Json(one::<SignedReview>),
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[R::NotFound, R::BatchState, R::ExchangeSignature, R::BatchReview],
    },
    Route {
        method: Method::GET,
        path: "/v1/batches/{batch}/review",
        roles: COMPANY,
        summary: "As the recipient: a batch with what was drawn from it and the signed verdict",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchReview>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches/{batch}/hand-over",
        roles: COMPANY,
        summary: "As the sender: hand a batch over; every record is decided about now",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[
            R::NotFound,
            R::BatchState,
            R::BatchUnreviewed,
            R::BatchBlocked,
            R::BatchAltered,
            R::ExchangeState,
            R::ExchangeTerm,
            R::ExchangeWithheld,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/batches/{batch}/records",
        roles: COMPANY,
        summary: "As the recipient: the records that pass, the leaves of those that stay",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Bytes("application/octet-stream"))],
        refusals: &[R::NotFound, R::BatchState, R::BatchAltered],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches/{batch}/fetched",
        roles: COMPANY,
        summary: "As the recipient: the batch is here; the certifier forgets its records",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[R::NotFound, R::BatchState],
    },
    Route {
        method: Method::POST,
        path: "/v1/batches/{batch}/informed",
        roles: COMPANY,
        summary: "As the recipient: the persons of the batch were informed (GDPR art. 14)",
        parameters: &[BATCH],
        takes: Empty,
        answers: &[(200, Json(one::<BatchInfo>))],
        refusals: &[R::NotFound, R::BatchState],
    },
    Route {
        method: Method::GET,
        path: "/v1/batches/{batch}/decisions/{position}",
        roles: PROVER,
        summary: "The proof of one decision: for the recipient about what passed, for an officer \
                  about everything",
        parameters: &[BATCH, POSITION],
        takes: Empty,
        answers: &[(200, Json(one::<DecisionProof>))],
        refusals: &[R::NotFound, R::BatchState, R::Unwitnessed],
    },
    Route {
        method: Method::GET,
        path: "/v1/uninvoiced",
        roles: KEEPER,
        summary: "Exchanges that were carried out and have no invoices, with what that may cost",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<Uninvoiced>))],
        refusals: &[],
    },
];
