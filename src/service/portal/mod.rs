//! People in browsers: invitations, passkeys, sessions. What a person may do follows from the
//! credential that the invitation made, and is decided where every other caller's is. Specified in
//! `docs/portals.md`.
//!
//! Invitations come from a person's own side: a company invites its people, the certifier's officers
//! theirs. So an operator alone lets nobody into a company, nor takes anybody's place in it.

mod invite;
mod pages;
mod served;
mod sign_in;

pub use pages::{OwnDeposit, OwnProgramme};
pub use sign_in::{SessionSecret, SignedIn};

use ring::digest;
use tiers_protocol::encoding::encode;
use zeroize::Zeroizing;

use super::Certifier;
use crate::store::person::SecretHash;

/// The labelled digest under which a secret of 256 random bits is stored.
fn hash(label: &str, secret: &str) -> SecretHash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(label.as_bytes());
    context.update(&[0]);
    context.update(secret.as_bytes());
    SecretHash(context.finish().as_ref().try_into().expect("SHA-256 yields 32 bytes"))
}

impl Certifier {
    /// A new secret for a link or a cookie.
    fn secret(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(Zeroizing::new(self.bytes::<32>()).as_ref()))
    }
}
