//! Which certificate authorities AWS's endpoints are checked against.
//!
//! `AWS_CA_BUNDLE` (as the AWS CLI and hashicorp/aws read it), else the system's authorities, else Mozilla's,
//! so that the provider also works in an empty container.

use aws_sdk_ec2::config::SharedHttpClient;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder, proxy::ProxyConfig};
use base64::Engine as _;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The HTTP client that all service clients share: one pool of connections, proxies by the usual variables.
///
/// # Errors
/// In words, when `AWS_CA_BUNDLE` names a file that cannot be read or holds no certificate.
pub fn http_client() -> Result<SharedHttpClient, String> {
    let tls = TlsContext::builder()
        .with_trust_store(trust_store(std::env::var("AWS_CA_BUNDLE").ok())?)
        .build()
        .map_err(|error| format!("The TLS settings are unusable: {error}"))?;
    Ok(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = ConnectorBuilder::default()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(tls.clone())
                .proxy_config(ProxyConfig::from_env());
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector.build()
        }),
    )
}

fn trust_store(bundle: Option<String>) -> Result<TrustStore, String> {
    if let Some(path) = bundle.filter(|path| !path.is_empty()) {
        let pem = std::fs::read(&path)
            .map_err(|error| format!("AWS_CA_BUNDLE names {path}, which cannot be read: {error}"))?;
        check(&pem).map_err(|why| format!("AWS_CA_BUNDLE names {path}, which {why}"))?;
        return Ok(TrustStore::empty().with_pem_certificate(pem));
    }
    if !rustls_native_certs::load_native_certs().certs.is_empty() {
        return Ok(TrustStore::default());
    }
    let mut store = TrustStore::empty();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        let body = base64::engine::general_purpose::STANDARD.encode(certificate);
        store.add_pem_certificate(format!(
            "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
        ));
    }
    Ok(store)
}

/// Why a bundle cannot be used, as a clause without its subject. The SDK panics at a certificate that it cannot take.
fn check(pem: &[u8]) -> Result<(), String> {
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        count += 1;
        let certificate =
            certificate.map_err(|error| format!("is no PEM at its certificate number {count}: {error}"))?;
        RootCertStore::empty()
            .add(certificate)
            .map_err(|error| format!("holds a broken certificate, number {count} of it: {error}"))?;
    }
    if count == 0 {
        return Err("holds no certificate in PEM form".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_empty_bundle_is_named() {
        let missing = trust_store(Some("/nowhere/ca.pem".into())).unwrap_err();
        assert!(
            missing.contains("AWS_CA_BUNDLE names /nowhere/ca.pem"),
            "{missing}"
        );
        let empty = tempfile::NamedTempFile::new().unwrap();
        let words = trust_store(Some(empty.path().display().to_string())).unwrap_err();
        assert!(words.contains("no certificate"), "{words}");
    }

    #[test]
    fn every_certificate_of_a_bundle_is_parsed() {
        let good = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let good = good.cert.pem();
        let table = [
            (good.replace("MII", "MIJ"), "a broken certificate, number 1"),
            (
                format!("{good}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                "number 2",
            ),
            (
                format!("{good}-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n"),
                "number 2",
            ),
            (format!("{good}-----BEGIN CERTIFICATE-----\nAAAA\n"), "number 2"),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(),
                "no certificate",
            ),
        ];
        for (pem, words) in table {
            let why = check(pem.as_bytes()).unwrap_err();
            assert!(why.contains(words), "{why}\n{pem}");
        }
        assert_eq!(check(format!("{good}{good}").as_bytes()), Ok(()));
    }
}
