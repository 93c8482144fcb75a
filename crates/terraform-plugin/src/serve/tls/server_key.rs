//! The provider's own key, of P-256, which every TLS stack knows.
//!
//! Its signatures need no random numbers (RFC 6979). AWS-LC's do, from a generator that is slow to start (see
//! `random.rs`).

use p256::ecdsa::{DerSignature, SigningKey, signature::Signer as _};
use rcgen::{PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::{
    Error, SignatureAlgorithm, SignatureScheme,
    crypto::{GetRandomFailed, SecureRandom as _},
    sign::{self, Signer},
};

use super::random::SystemRandom;

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

#[derive(Clone)]
pub(super) struct ServerKey {
    private: SigningKey,
    /// The point of the curve, uncompressed, as a certificate holds it.
    public: Vec<u8>,
}

impl ServerKey {
    pub(super) fn new() -> Result<Self, GetRandomFailed> {
        let mut bytes = [0; 32];
        loop {
            SystemRandom.fill(&mut bytes)?;
            // Of 2³² numbers one is no key of the curve.
            if let Ok(private) = SigningKey::from_slice(&bytes) {
                let public = private.verifying_key().to_sec1_point(false).as_bytes().to_vec();
                return Ok(Self { private, public });
            }
        }
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let signature: DerSignature = self.private.sign(message);
        signature.as_bytes().to_vec()
    }
}

/// Without the private key.
impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerKey").finish_non_exhaustive()
    }
}

/// For the certificate.
impl PublicKeyData for ServerKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for ServerKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.signature(message))
    }
}

/// For the handshake.
impl sign::SigningKey for ServerKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SCHEME)
            .then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for ServerKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.signature(message))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}
