//! Which certificate authorities AWS's endpoints are checked against, and which proxies lead to them.
//!
//! `custom_ca_bundle` or `AWS_CA_BUNDLE` (as the AWS CLI and hashicorp/aws read it), else the system's authorities, else
//! Mozilla's, so that the provider also works in an empty container.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aws_sdk_ec2::config::SharedHttpClient;
use aws_sdk_ec2::error::BoxError;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine as _;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::profiles::{variable_set, with_home};
use super::settings::Connection;

/// The HTTP client that all service clients share: one pool of connections. The system's authorities are read when the first
/// call needs them: that takes longer than all else that a provider does before it calls AWS, and each CLI command starts one
/// or more that call nobody.
///
/// # Errors
/// Where the certificate authorities that are named cannot be loaded, or the proxies are none.
pub fn http_client(connection: &Connection) -> Result<SharedHttpClient, Unusable> {
    let named = named_authorities(connection.ca_bundle.as_deref())?;
    let tls: Arc<LazyTls> = Arc::new(LazyLock::new(Box::new(move || tls_context(named))));
    let Proxies { http, https, by_tls } = Proxies::of(connection)?;
    let https = https.unwrap_or_else(|| http.clone());
    let over_http = client(http.config, by_tls.then(|| Arc::clone(&tls)));
    let over_https = client(https.config, Some(tls));
    Ok(by_scheme((over_http, http.matcher), (over_https, https.matcher)))
}

/// What TLS connections are made with, once there is one.
type LazyTls = LazyLock<TlsContext, Box<dyn FnOnce() -> TlsContext + Send>>;

fn client(proxy: ProxyConfig, tls: Option<Arc<LazyTls>>) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default().proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        match &tls {
            Some(tls) => connector
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(LazyLock::force(tls).clone())
                .build(),
            None => connector.build_http(),
        }
    })
}

/// Why the connection cannot be made as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The certificate authorities cannot be loaded; the words say which file, and `of_block` whether the provider block
    /// names it.
    #[error("{words}")]
    Authorities { words: String, of_block: bool },
    /// A proxy of the provider block, by the name of its argument, is none.
    #[error("{why}")]
    Proxy { argument: &'static str, why: String },
}

/// What calls go through: all by `http`, where there is no other for https.
#[derive(Debug)]
struct Proxies {
    http: Way,
    https: Option<Way>,
    /// Whether a proxy is itself spoken to by TLS.
    by_tls: bool,
}

/// A proxy and what is not reached by it, for the SDK, and so that an error can name it: the SDK does not tell which one it took.
#[derive(Debug, Clone)]
struct Way {
    config: ProxyConfig,
    matcher: Arc<Matcher>,
}

impl Way {
    fn new(config: ProxyConfig, matcher: Matcher) -> Self {
        Self {
            config,
            matcher: Arc::new(matcher),
        }
    }
}

impl Proxies {
    /// As hashicorp/aws does: each argument counts more than its variables, and a proxy of the block for http serves for https
    /// where nothing names another.
    fn of(connection: &Connection) -> Result<Self, Unusable> {
        let Connection {
            http_proxy,
            https_proxy,
            no_proxy,
            ..
        } = connection;
        let variable = |name: &str| {
            let upper = variable_set(&name.to_uppercase());
            upper.or_else(|| variable_set(name))
        };
        let by_tls = |url: String| url.starts_with("https:");
        if http_proxy.is_none() && https_proxy.is_none() && no_proxy.is_none() {
            return Ok(Self {
                http: Way::new(ProxyConfig::from_env(), Matcher::from_env()),
                https: None,
                by_tls: ["http_proxy", "https_proxy", "all_proxy"]
                    .into_iter()
                    .filter_map(variable)
                    .any(by_tls),
            });
        }
        let not_through = no_proxy.clone().or_else(|| variable("no_proxy"));
        let proxy = |given: Option<(&'static str, String)>| {
            let Some((argument, url)) = given else {
                return Ok(Way::new(ProxyConfig::disabled(), Matcher::builder().build()));
            };
            let refused = |why: String| Unusable::Proxy { argument, why };
            let whole = if url.contains("://") {
                url
            } else {
                format!("http://{url}")
            };
            let matcher = Matcher::builder().all(whole.clone());
            let config = ProxyConfig::all(whole).map_err(|error| refused(error.to_string()))?;
            Ok(match &not_through {
                Some(hosts) => Way::new(config.no_proxy(hosts), matcher.no(hosts.as_str()).build()),
                None => Way::new(config, matcher.build()),
            })
        };
        let of_block = |argument: &'static str, url: &Option<String>| Some((argument, url.clone()?));
        let of_environment = |name: &'static str| Some((name, variable(name)?));
        let http = of_block("http_proxy", http_proxy);
        let https = of_block("https_proxy", https_proxy).or_else(|| of_environment("https_proxy"));
        let https = https.or_else(|| http.clone());
        let http = http.or_else(|| of_environment("http_proxy"));
        Ok(Self {
            by_tls: http.clone().is_some_and(|(_, url)| by_tls(url)),
            http: proxy(http)?,
            https: Some(proxy(https)?),
        })
    }
}

/// A client, and which proxies it goes through.
type Through = (SharedHttpClient, Arc<Matcher>);

/// A client that takes another one for https.
fn by_scheme(http: Through, https: Through) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(ByScheme {
            http: http.clone(),
            https: https.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    })
}

/// Makes a connector of that client alone which the request is for. The clients keep what they have made.
#[derive(Debug)]
struct ByScheme {
    http: Through,
    https: Through,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, matcher) = if request.uri().starts_with("https:") {
            &self.https
        } else {
            &self.http
        };
        let uri = request.uri().parse().ok();
        let proxy = uri.and_then(|uri| matcher.intercept(&uri)).map(|proxy| {
            let uri = proxy.uri();
            let host = uri.authority().map_or("", |authority| {
                let authority = authority.as_str();
                authority.rsplit('@').next().unwrap_or(authority)
            });
            format!("{}://{host}", uri.scheme_str().unwrap_or("http"))
        });
        let answer = client
            .http_connector(&self.settings, &self.components)
            .call(request);
        match proxy {
            Some(proxy) => {
                HttpConnectorFuture::new(async move { answer.await.map_err(|error| through(proxy, error)) })
            }
            None => answer,
        }
    }
}

/// What failed on the way through a proxy, which need not be the endpoint.
#[derive(Debug, thiserror::Error)]
#[error("through the proxy {proxy}")]
struct ThroughProxy {
    /// Without user and password.
    proxy: String,
    source: BoxError,
}

/// The same error with the proxy's name.
fn through(proxy: String, error: ConnectorError) -> ConnectorError {
    let (is_io, is_timeout, is_user) = (error.is_io(), error.is_timeout(), error.is_user());
    let kind = error.as_other();
    let source = error.into_source();
    let named = ThroughProxy { proxy, source }.into();
    if is_io {
        ConnectorError::io(named)
    } else if is_timeout {
        ConnectorError::timeout(named)
    } else if is_user {
        ConnectorError::user(named)
    } else {
        ConnectorError::other(named, kind)
    }
}

/// The authorities that the provider block or the environment names, in PEM form.
fn named_authorities(bundle: Option<&Path>) -> Result<Option<Vec<u8>>, Unusable> {
    let named = match bundle {
        Some(path) => Some((path.to_owned(), "custom_ca_bundle")),
        None => variable_set("AWS_CA_BUNDLE").map(|path| (PathBuf::from(path), "AWS_CA_BUNDLE")),
    };
    let Some((path, by)) = named else {
        return Ok(None);
    };
    let path = with_home(&path);
    let pem = std::fs::read(&path).map_err(|error| format!("cannot be read: {error}"));
    let pem = pem.and_then(|pem| check(&pem).map(|()| pem));
    let pem = pem.map_err(|why| Unusable::Authorities {
        words: format!("{by} names {}, which {why}", path.display()),
        of_block: bundle.is_some(),
    })?;
    Ok(Some(pem))
}

/// The authorities that are named, else the system's, else Mozilla's.
fn tls_context(named: Option<Vec<u8>>) -> TlsContext {
    let system = || {
        let mut found = rustls_native_certs::load_native_certs().certs;
        // The SDK panics at a certificate that it cannot take.
        found.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
        found
    };
    let pem = named.unwrap_or_else(|| match system() {
        none if none.is_empty() => pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS),
        found => pem(&found),
    });
    let context = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(pem));
    context.build().expect("the SDK's builder takes any authorities")
}

fn pem(certificates: &[CertificateDer<'_>]) -> Vec<u8> {
    let pem = |certificate: &CertificateDer<'_>| {
        let body = base64::engine::general_purpose::STANDARD.encode(certificate);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    certificates.iter().map(pem).collect::<String>().into_bytes()
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
        let words = |path: &Path| named_authorities(Some(path)).unwrap_err().to_string();
        let missing = words(Path::new("/nowhere/ca.pem"));
        assert!(
            missing.contains("custom_ca_bundle names /nowhere/ca.pem, which cannot be read"),
            "{missing}"
        );
        let empty = tempfile::NamedTempFile::new().unwrap();
        let words = words(empty.path());
        assert!(words.contains("no certificate"), "{words}");
    }

    #[test]
    fn a_proxy_that_is_none_is_named_by_its_argument() {
        let refused = Proxies::of(&Connection {
            https_proxy: Some("http://not a host".to_owned()),
            ..Connection::default()
        });
        let Err(Unusable::Proxy { argument, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(argument, "https_proxy");
    }

    #[test]
    fn authorities_survive_the_way_through_pem() {
        let mozillas = pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS);
        assert_eq!(check(&mozillas), Ok(()));
        let read = CertificateDer::pem_slice_iter(&mozillas).map(Result::unwrap);
        assert!(read.eq(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned()));
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
