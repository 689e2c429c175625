//! One order: an account, the proof of each name, a key of its own, and the chain that comes (RFC 8555, section 7).
//! When one is made, and what becomes of it, is `acme`'s.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::AcmeError;
use super::{AcmeSettings, Transport};
use crate::api::tls::Proofs;
use crate::durable::{self, Access};

/// How long an authority may take for the proofs, and again for the certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.6)
    .timeout(Duration::from_secs(90));

/// What an authority says where an account is none of its own.
const NO_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// The account as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    contacts: Vec<String>,
    credentials: AccountCredentials,
}

/// Key and chain for the names, as one PEM.
pub(super) async fn order(
    settings: &AcmeSettings,
    transport: &(impl Fn() -> Transport + Sync),
    proofs: &Proofs,
) -> Result<Zeroizing<String>, AcmeError> {
    let names: Vec<_> = settings.domains.iter().cloned().map(Identifier::Dns).collect();
    let account = account(settings, transport).await?;
    let mut order = match account.new_order(&NewOrder::new(&names)).await {
        Err(error) if forgotten(&error) => {
            durable::remove(&settings.account_file())?;
            let account = self::account(settings, transport).await?;
            account.new_order(&NewOrder::new(&names)).await?
        }
        order => order?,
    };
    let proven = prove(&mut order, proofs).await;
    proofs.forget();
    proven?;
    let key = KeyPair::generate().map_err(|_| AcmeError::Key)?;
    let mut wanted =
        CertificateParams::new(settings.domains.clone()).map_err(|_| AcmeError::Key)?;
    wanted.distinguished_name = DistinguishedName::new();
    let request = wanted.serialize_request(&key).map_err(|_| AcmeError::Key)?;
    order.finalize_csr(request.der()).await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    let mut pem = Zeroizing::new(key.serialize_pem());
    pem.reserve_exact(chain.len());
    pem.push_str(&chain);
    Ok(pem)
}

/// Whether it has forgotten us, or another one answers under its address.
fn forgotten(error: &Error) -> bool {
    matches!(error, Error::Api(problem) if problem.r#type.as_deref() == Some(NO_ACCOUNT))
}

/// The account of the last time, or a new one.
async fn account(
    settings: &AcmeSettings,
    transport: &(impl Fn() -> Transport + Sync),
) -> Result<Account, AcmeError> {
    let file = settings.account_file();
    let contacts: Vec<&str> = settings.contacts.iter().map(String::as_str).collect();
    let builder = || Account::builder_with_http(Box::new(transport()));
    if let Some(kept) = kept(&file)? {
        let (known, id) = (kept.contacts == settings.contacts, kept.credentials);
        let copy = Zeroizing::new(serde_json::to_vec(&id).map_err(|_| AcmeError::Account)?);
        let account = builder().from_credentials(id).await?;
        if known {
            return Ok(account);
        }
        match account.update_contacts(&contacts).await {
            Ok(()) => {
                let credentials = serde_json::from_slice(&copy).map_err(|_| AcmeError::Account)?;
                keep(&file, Kept { contacts: settings.contacts.clone(), credentials })?;
                return Ok(account);
            }
            Err(error) if forgotten(&error) => durable::remove(&file)?,
            Err(error) => return Err(error.into()),
        }
    }
    // The operator has said in the configuration that the terms are agreed to.
    let wanted = NewAccount {
        contact: &contacts,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let made = builder().create(&wanted, settings.directory.clone(), None).await?;
    let (account, credentials) = made;
    keep(&file, Kept { contacts: settings.contacts.clone(), credentials })?;
    Ok(account)
}

fn kept(file: &Path) -> Result<Option<Kept>, AcmeError> {
    match fs::read(file).map(Zeroizing::new) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| AcmeError::Account),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(_) => Err(AcmeError::Account),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "its key is to be gone when it is written")]
fn keep(file: &Path, kept: Kept) -> Result<(), AcmeError> {
    let bytes = Zeroizing::new(serde_json::to_vec(&kept).map_err(|_| AcmeError::Account)?);
    Ok(durable::write(file, &bytes, Access::Private)?)
}

/// Proves each name that is not proven yet.
async fn prove(order: &mut Order, proofs: &Proofs) -> Result<(), AcmeError> {
    let mut open = order.authorizations();
    while let Some(authorization) = open.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let mut challenge = challenge.ok_or(AcmeError::NoChallenge)?;
        let Identifier::Dns(name) = challenge.identifier().identifier else {
            return Err(AcmeError::answer(&"an authorization of something that is no name"));
        };
        let digest = challenge.key_authorization().digest();
        let digest = digest
            .as_ref()
            .try_into()
            .map_err(|_| AcmeError::answer(&"a proof of another length"))?;
        proofs.show(name, digest).ok_or(AcmeError::Key)?;
        challenge.set_ready().await?;
    }
    match order.poll_ready(&PATIENCE).await? {
        OrderStatus::Ready | OrderStatus::Valid | OrderStatus::Processing => Ok(()),
        _ => Err(why_not(order).await),
    }
}

/// The authority's reason, which stands with the challenge that failed.
async fn why_not(order: &mut Order) -> AcmeError {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { break };
        if let Some(problem) = state.challenges.iter().find_map(|one| one.error.as_ref()) {
            return AcmeError::refused(problem);
        }
    }
    AcmeError::Refused("the order is invalid".to_owned())
}
