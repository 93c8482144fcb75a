//! Admits one client certificate, byte for byte.

use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

/// The security decision of this crate: the host is who holds the private key of the certificate that came
/// with the environment of this process.
///
/// The certificate itself is compared, so its issuer, names, dates and CA flag do not matter; that the client
/// holds its key is proven by the handshake's signature, which rustls checks with the provider's algorithms.
#[derive(Debug)]
pub(super) struct PinnedClient {
    host: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PinnedClient {
    pub(super) fn new(host: CertificateDer<'static>, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { host, algorithms }
    }
}

impl ClientCertVerifier for PinnedClient {
    /// No hints: the host has one certificate and needs none to choose it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.host {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::General(
                "the client's certificate is not the host's".into(),
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
