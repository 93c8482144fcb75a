//! Who is served: the host, and nobody else.

use std::{path::Path, sync::Arc};

use rustls::version::{TLS12, TLS13};
use tokio::net::UnixStream;

use super::{
    client::{HostCertificate, Served, client_tls, connect, provider_client},
    happens,
    provider::Bare,
};
use crate::{serve::accept::MAX_HANDSHAKES, wire::tfplugin6::get_provider_schema};

/// Whether a client that shows `shown` gets an answer from a server whose host is `host`.
async fn is_served(host: &HostCertificate, shown: Option<&HostCertificate>) -> bool {
    let served = Served::start(&Bare::default(), Some(host));
    let certificate = served.certificate.as_ref().expect("TLS");
    let mut answers = Vec::new();
    for version in [&TLS12, &TLS13] {
        let tls = client_tls(certificate, shown, &[version]);
        answers.push(match connect(served.address.clone(), Some(Arc::new(tls))).await {
            // With TLS 1.3 a client learns that it was refused only after its own part of the handshake.
            Ok(channel) => {
                happens(provider_client(channel).get_provider_schema(get_provider_schema::Request {}))
                    .await
                    .is_ok()
            }
            Err(_) => false,
        });
    }
    assert_eq!(answers[0], answers[1], "TLS 1.2 and 1.3 differ");
    answers[0]
}

#[tokio::test]
async fn the_host_with_its_p521_ca_certificate_is_served() {
    let host = HostCertificate::new();
    assert!(is_served(&host, Some(&host)).await);
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    assert!(!is_served(&HostCertificate::new(), None).await);
}

#[tokio::test]
async fn a_client_with_another_certificate_of_the_same_names_is_refused() {
    assert!(!is_served(&HostCertificate::new(), Some(&HostCertificate::new())).await);
}

#[tokio::test]
async fn a_client_with_the_hosts_certificate_but_another_key_is_refused() {
    let host = HostCertificate::new();
    let thief = HostCertificate {
        der: host.der.clone(),
        ..HostCertificate::new()
    };
    assert!(!is_served(&host, Some(&thief)).await);
}

#[tokio::test]
async fn a_client_without_tls_is_refused() {
    let served = Served::start(&Bare::default(), Some(&HostCertificate::new()));
    let answer = match connect(served.address.clone(), None).await {
        Ok(channel) => happens(provider_client(channel).get_provider_schema(get_provider_schema::Request {}))
            .await
            .is_ok(),
        Err(_) => false,
    };
    assert!(!answer);
}

#[tokio::test]
async fn silent_clients_do_not_hold_up_the_host() {
    let host = HostCertificate::new();
    let served = Served::start(&Bare::default(), Some(&host));
    let mut silent = Vec::new();
    for _ in 1..MAX_HANDSHAKES {
        silent.push(
            UnixStream::connect(Path::new(&served.address.place))
                .await
                .expect("it connects"),
        );
    }
    let certificate = served.certificate.as_ref().expect("TLS");
    let tls = client_tls(certificate, Some(&host), &[&TLS13]);
    let channel = happens(connect(served.address.clone(), Some(Arc::new(tls))))
        .await
        .expect("it gets through");
    provider_client(channel)
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
}
