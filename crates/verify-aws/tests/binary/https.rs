//! AWS is spoken to over TLS, by the certificates that the system trusts.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::told;

const IDENTITY: &str =
    "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>";
const ENDPOINT: &str = "<R><vpcEndpointSet><item><serviceName>com.amazonaws.us-east-1.s3</serviceName></item></vpcEndpointSet></R>";

/// Serves as long as the test runs; gives its URL and what a client has to trust.
fn serve() -> (String, String) {
    let identity = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that does not trust the certificate goes away, and another one comes.
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let _ = answer(BufReader::new(StreamOwned::new(connection, client)));
        }
    });
    (url, identity.cert.pem())
}

fn answer(mut client: BufReader<impl std::io::Read + std::io::Write>) -> std::io::Result<()> {
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while client.read_line(&mut line)? > 2 {
            if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
                length = value.trim().parse().unwrap_or_default();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        client.read_exact(&mut body)?;
        let asks_who = String::from_utf8_lossy(&body).contains("GetCallerIdentity");
        let text = if asks_who { IDENTITY } else { ENDPOINT };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        client.get_mut().write_all(format!("{head}{text}").as_bytes())?;
    }
}

#[test]
fn aws_is_asked_over_tls_and_trusted_as_the_system_trusts() {
    let (url, certificate) = serve();
    let folder = tempfile::tempdir().unwrap();
    let (trusted, other) = (folder.path().join("trusted.pem"), folder.path().join("other.pem"));
    std::fs::write(&trusted, certificate).unwrap();
    let stranger = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();
    for (file, part) in [
        (trusted, "is an endpoint for com.amazonaws.us-east-1.s3"),
        (other, "sts:GetCallerIdentity got no answer: "),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_verify-aws"))
            .args([
                "--vpc-endpoint-id",
                "vpce-0",
                "--region",
                "us-east-1",
                "--yes",
                "--endpoint-url",
                &url,
            ])
            .env_clear()
            .envs([("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")])
            .env("SSL_CERT_FILE", file)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let (code, told) = told(output);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(part), "{part}\n{told}");
    }
}
