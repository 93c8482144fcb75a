//! The host's side: certificates as Terraform's, connections, and a server to connect with.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, PKCS_ECDSA_P521_SHA512};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::provider::Bare;
use crate::{
    serve::{
        HostRequest, HostTls, Lifetime, Listener, Signals, connection::Io, listener::Address,
        serve_connections,
    },
    wire::tfplugin6::{configure_provider, provider_client::ProviderClient},
};

/// The greatest message that these clients take, in bytes: more than any here.
const MAX_MESSAGE: usize = 64 << 20;

/// A certificate as Terraform makes one for each provider that it starts: P-521, for localhost, and marked as
/// a CA.
pub(super) struct HostCertificate {
    pub der: CertificateDer<'static>,
    pub pem: String,
    pub key: Vec<u8>,
}

impl HostCertificate {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).expect("a key");
        let mut params = CertificateParams::new(["localhost".to_string()]).expect("a name");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "HashiCorp");
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            key: key.serialize_der(),
        }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.clone()).into()
    }
}

/// The TLS configuration of a client that trusts `server` alone, as go-plugin's does, and shows `shown`.
pub(super) fn client_tls(
    server: &CertificateDer<'static>,
    shown: Option<&HostCertificate>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match shown {
        // A resolver is not asked whether key and certificate fit, so that a test can show a stolen one.
        Some(host) => {
            let key = aws_lc_rs::sign::any_supported_type(&host.key()).expect("a key");
            let shown = CertifiedKey::new(vec![host.der.clone()], key);
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)))
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Connects to `address`, encrypted with `tls` if that is given.
pub(super) async fn connect(
    address: Address,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Channel, tonic::transport::Error> {
    let dial = service_fn(move |_| {
        let (address, tls) = (address.clone(), tls.clone());
        async move {
            let plain: Box<dyn Io> = match address.network {
                "unix" => Box::new(UnixStream::connect(&address.place).await?),
                _ => Box::new(TcpStream::connect(&address.place).await?),
            };
            let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
            let io: Box<dyn Io> = match tls {
                Some(tls) => Box::new(TlsConnector::from(tls).connect(name, plain).await?),
                None => plain,
            };
            Ok::<_, std::io::Error>(TokioIo::new(io))
        }
    });
    Endpoint::from_static("http://localhost")
        .connect_with_connector(dial)
        .await
}

pub(super) fn provider_client(channel: Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel)
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE)
}

/// A client whose provider is configured.
pub(super) async fn configured(channel: Channel) -> ProviderClient<Channel> {
    let mut client = provider_client(channel);
    client
        .configure_provider(configure_provider::Request::default())
        .await
        .expect("an answer");
    client
}

/// A server in this process, without TLS unless it was started with a host's certificate.
pub(super) struct Served {
    pub address: Address,
    pub lifetime: Lifetime,
    /// Sends requests to stop, as signals would.
    pub signal: mpsc::Sender<()>,
    pub certificate: Option<CertificateDer<'static>>,
    pub ended: JoinHandle<()>,
}

impl Served {
    pub(super) fn start(provider: &Bare, host: Option<&HostCertificate>) -> Self {
        let listener = Listener::bind(&HostRequest::default()).expect("it listens");
        let tls = host.map(|host| HostTls::new(host.der.clone()).expect("TLS"));
        let service = provider.service();
        let (address, lifetime) = (listener.address(), Lifetime::new(service.calls().clone()));
        let certificate = tls.as_ref().map(|tls| tls.certificate.clone());
        let (signal, received) = mpsc::channel(1);
        let signals = Signals::from_channel(received);
        let ended = tokio::spawn(serve_connections(
            listener,
            tls,
            Arc::new(service),
            lifetime.clone(),
            signals,
        ));
        Self {
            address,
            lifetime,
            signal,
            certificate,
            ended,
        }
    }

    pub(super) async fn channel(&self) -> Channel {
        connect(self.address.clone(), None).await.expect("it connects")
    }
}
