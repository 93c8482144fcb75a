//! Mutual TLS with the host: each side makes a certificate for this one process and trusts only the other's.
//!
//! tonic's own TLS can only verify against certificate authorities, and rustls' verifier refuses a CA
//! certificate as a client's, which Terraform's is; so the acceptor is made here. aws-lc-rs, because
//! Terraform's key is P-521 and ring knows no such curve (with ring a server can only let clients in
//! unauthenticated).

use std::sync::Arc;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::NoServerSessionStorage,
};
use tokio_rustls::TlsAcceptor;

use super::StartError;
use pinned_client::PinnedClient;

mod pinned_client;

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
        let (certificate, key) = self_signed().map_err(StartError::Certificate)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let client = Arc::new(PinnedClient::new(
            host,
            provider.signature_verification_algorithms,
        ));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(StartError::Tls)?
            .with_client_cert_verifier(client)
            .with_single_cert(vec![certificate.clone()], key)
            .map_err(StartError::Tls)?;
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

/// A certificate as the host demands it: for `localhost`, the name that go-plugin's client asks for. The host
/// trusts it because it is in the handshake line, so it need be no CA. P-256: its key is made in
/// microseconds.
fn self_signed() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(["localhost".to_string()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok((
        certificate.into(),
        PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    ))
}
