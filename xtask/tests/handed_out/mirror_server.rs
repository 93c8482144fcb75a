//! A web server with a folder behind it, as network mirrors are: HTTPS, and nothing of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Serves as long as the test runs.
pub struct MirrorServer {
    port: u16,
    certificate: String,
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    /// Answers that had what was asked for.
    served: AtomicUsize,
    /// Archives are said to have other checksums than they have.
    tampered: AtomicBool,
}

impl MirrorServer {
    pub fn start(folder: &Path) -> Self {
        let identity = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![identity.cert.der().clone()], key)
            .expect("the key is the certificate's");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            served: AtomicUsize::new(0),
            tampered: AtomicBool::new(false),
        });
        let server = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, server) = (Arc::clone(&config), Arc::clone(&server));
                // A client that goes away ends its own thread only.
                thread::spawn(move || server.answer(client, config));
            }
        });
        Self {
            port,
            certificate: identity.cert.pem(),
            shared,
        }
    }

    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/", self.port)
    }

    /// What a client has to trust, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub fn served(&self) -> usize {
        self.shared.served.load(Ordering::SeqCst)
    }

    pub fn tamper(&self) {
        self.shared.tampered.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    /// One request, then the connection is closed.
    fn answer(&self, client: TcpStream, config: Arc<ServerConfig>) -> Option<()> {
        let connection = ServerConnection::new(config).ok()?;
        let mut stream = BufReader::new(StreamOwned::new(connection, client));
        let mut request = String::new();
        stream.read_line(&mut request).ok()?;
        let mut header = String::from("…");
        while !header.trim().is_empty() {
            header.clear();
            stream.read_line(&mut header).ok()?;
        }
        let path = request.split(' ').nth(1)?.trim_start_matches('/');
        let file = self.folder.join(path);
        let mut stream = stream.into_inner();
        match fs::read(&file) {
            Ok(mut body) => {
                let archive = path.ends_with(".zip");
                if !archive && self.tampered.load(Ordering::SeqCst) {
                    let text = String::from_utf8_lossy(&body)
                        .replace("\"h1:", "\"h1:A")
                        .replace("\"zh:", "\"zh:0");
                    body = text.into_bytes();
                }
                let kind = if archive {
                    "application/zip"
                } else {
                    "application/json"
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).ok()?;
                stream.write_all(&body).ok()?;
                self.served.fetch_add(1, Ordering::SeqCst);
            }
            Err(_) => {
                let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).ok()?;
            }
        }
        stream.conn.send_close_notify();
        stream.flush().ok()
    }
}
