//! Mutual TLS with the host: each side makes a certificate for this one process and trusts only the other's.
//!
//! tonic's own TLS can only verify against certificate authorities, and rustls' verifier refuses a CA
//! certificate as a client's, which Terraform's is; so the acceptor is made here. aws-lc-rs, because
//! Terraform's key is P-521 and ring knows no such curve (with ring a server can only let clients in
//! unauthenticated). Only what needs random numbers is made otherwise, as `random.rs` tells.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use rustls::{
    NamedGroup, ServerConfig,
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs},
    pki_types::CertificateDer,
    server::NoServerSessionStorage,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio_rustls::TlsAcceptor;

use super::StartError;
use key_exchange::X25519;
use pinned_client::PinnedClient;
use random::SystemRandom;
use server_key::ServerKey;

mod key_exchange;
mod pinned_client;
mod random;
mod server_key;

/// The server's side of the connection with one host.
pub(crate) struct HostTls {
    pub(super) acceptor: TlsAcceptor,
    /// Our certificate, for the handshake line.
    pub(super) certificate: CertificateDer<'static>,
}

impl HostTls {
    /// Makes a key and a certificate, and admits only who holds the key of `host`.
    ///
    /// # Errors
    /// When the key or the certificate cannot be made.
    pub(super) fn new(host: CertificateDer<'static>) -> Result<Self, StartError> {
        let key = ServerKey::new().map_err(|error| StartError::Tls(error.into()))?;
        let certificate = self_signed(&key).map_err(StartError::Certificate)?;
        let provider = Arc::new(crypto());
        let client = Arc::new(PinnedClient::new(
            host,
            provider.signature_verification_algorithms,
        ));
        let identity = CertifiedKey::new(vec![certificate.clone()], Arc::new(key));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(StartError::Tls)?
            .with_client_cert_verifier(client)
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
        config.alpn_protocols = vec![b"h2".to_vec()];
        // A host connects once. Without resumption no session outlives the check of its certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
        })
    }
}

/// AWS-LC's algorithms, first of all our X25519. The groups behind it are for hosts that do not offer that one.
fn crypto() -> CryptoProvider {
    let others = aws_lc_rs::default_provider();
    let groups = others.kx_groups.iter().copied();
    let groups = groups.filter(|group| group.name() != NamedGroup::X25519);
    CryptoProvider {
        kx_groups: [&X25519 as &dyn SupportedKxGroup]
            .into_iter()
            .chain(groups)
            .collect(),
        secure_random: &SystemRandom,
        ..others
    }
}

/// A certificate as the host demands it: for `localhost`, the name that go-plugin's client asks for. The host
/// trusts it because it is in the handshake line, so it need be no CA.
fn self_signed(key: &ServerKey) -> Result<CertificateDer<'static>, rcgen::Error> {
    let mut params = CertificateParams::new(["localhost".to_string()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params.self_signed(key)?.into())
}
