//! What an authority is shown that asks whether a name is ours: for each name that is being proven, a
//! certificate that says so in the words of RFC 8737 (tls-alpn-01). Only who asks for that protocol sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::ClientHello;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// The protocol of RFC 8737, section 6.2.
const PROTOCOL: &[u8] = b"acme-tls/1";

/// The names that are being proven.
#[derive(Default)]
pub(in crate::api) struct Proofs(Mutex<HashMap<String, Arc<ServerConfig>>>);

impl Proofs {
    /// Shows this digest to whoever asks for the proof of this name, until [`Proofs::forget`]. `None` if no
    /// certificate can be made for it.
    pub(in crate::api) fn show(&self, name: &str, digest: &[u8; 32]) -> Option<()> {
        let key = KeyPair::generate().ok()?;
        let mut wanted = CertificateParams::new(vec![name.to_owned()]).ok()?;
        wanted.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let certificate = wanted.self_signed(&key).ok()?;
        let provider = Arc::new(ring::default_provider());
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let key = provider.key_provider.load_private_key(key.into()).ok()?;
        // Its critical extension is one that verifiers of certificates refuse, so nobody looks whether it fits its key.
        let proof = CertifiedKey::new(vec![certificate.der().clone()], key);
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .ok()?;
        let proof = Arc::new(SingleCertAndKey::from(proof));
        let mut config = builder.with_no_client_auth().with_cert_resolver(proof);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        self.lock().insert(name.to_owned(), Arc::new(config));
        Some(())
    }

    /// Nothing is proven any more.
    pub(in crate::api) fn forget(&self) {
        self.lock().clear();
    }

    /// What a caller is shown who speaks the protocol of authorities and no other.
    pub(super) fn asked_for(&self, hello: &ClientHello<'_>) -> Option<Arc<ServerConfig>> {
        let mut protocols = hello.alpn()?;
        if protocols.next() != Some(PROTOCOL) || protocols.next().is_some() {
            return None;
        }
        self.lock().get(&hello.server_name()?.to_ascii_lowercase()).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<ServerConfig>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_proven_until_it_is_forgotten() {
        let proofs = Proofs::default();
        proofs.show("certifier.example", &[7; 32]).expect("a proof");
        let shown = proofs.lock().get("certifier.example").cloned().expect("kept");
        assert_eq!(shown.alpn_protocols, [PROTOCOL]);
        proofs.forget();
        assert!(proofs.lock().is_empty());
    }
}
