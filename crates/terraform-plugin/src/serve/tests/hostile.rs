//! What a host sends that means harm or is broken: the provider refuses it, keeps its memory, and serves on.

use std::{fs, sync::Arc};

use rustls::version::TLS13;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Channel};
use tonic_prost::ProstCodec;

use super::{
    client::{HostCertificate, client_tls, provider_client},
    happens,
    process::{Started, started_by},
    provider::apply,
};
use crate::{
    serve::server::MAX_MESSAGE,
    wire::{
        plugin::{Empty, grpc_controller_client::GrpcControllerClient},
        tfplugin6::{
            DynamicValue, RawState, get_provider_schema, upgrade_resource_state, validate_resource_config,
        },
    },
};

/// The start of an HTTP/2 connection (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// An empty SETTINGS frame.
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// A provider process, the host that it trusts, and what is left to be shown at the end.
struct Attacked {
    started: Started,
    host: HostCertificate,
}

impl Attacked {
    async fn start() -> Self {
        let host = HostCertificate::new();
        let started = started_by(&host, &[]).await;
        Self { started, host }
    }

    /// A connection on which the host is known, but speaks what it likes.
    async fn raw(&self) -> TlsStream<UnixStream> {
        let tls = client_tls(&self.started.certificate, Some(&self.host), &[&TLS13]);
        let stream = UnixStream::connect(&self.started.socket)
            .await
            .expect("it connects");
        let name = "localhost".try_into().expect("a name");
        TlsConnector::from(Arc::new(tls))
            .connect(name, stream)
            .await
            .expect("the host is known")
    }

    /// The most memory that the provider has had, in MiB.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.started.id()));
        let status = status.expect("the provider is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("a number") / 1024
    }

    /// The right host is served, the provider ends when it is told to, and has not panicked.
    async fn serves_on(mut self) {
        let mut client = provider_client(self.started.channel.clone());
        happens(client.get_provider_schema(get_provider_schema::Request {}))
            .await
            .expect("the host is served");
        let mut controller = GrpcControllerClient::new(self.started.channel.clone());
        // The connection may be gone before the answer is there.
        happens(controller.shutdown(Empty {})).await.ok();
        let (status, said) = self.started.end();
        assert!(status.success(), "{status}: {said}");
        assert!(!said.contains("panic"), "{said}");
    }
}

/// One HTTP/2 frame, whose length may be a lie.
fn frame(length: usize, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).expect("24 bits").to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [head.as_slice(), payload].concat()
}

#[tokio::test]
async fn garbage_on_the_hosts_own_connection_ends_that_connection_alone() {
    let attacked = Attacked::start().await;
    let after_the_preface = |frames: &[u8]| [PREFACE, SETTINGS, frames].concat();
    let noise: Vec<u8> = (0_u32..1 << 20)
        .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    // Headers that are continued without end, each time by all that a frame can hold.
    let continued: Vec<u8> = (0..512)
        .flat_map(|i| frame(16_384, if i == 0 { 1 } else { 9 }, 0, 1, &[0x41; 16_384]))
        .collect();
    // Streams that are opened and given up.
    let given_up: Vec<u8> = (0..20_000_u32)
        .flat_map(|i| {
            let stream = 2 * i + 1;
            [
                frame(1, 1, 4, stream, &[0x82]),
                frame(4, 3, 0, stream, &[0, 0, 0, 8]),
            ]
            .concat()
        })
        .collect();
    for (what, bytes) in [
        (
            "another protocol",
            b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec(),
        ),
        ("noise", noise.clone()),
        ("noise after the preface", after_the_preface(&noise)),
        (
            "a frame of 16 MiB",
            after_the_preface(&frame((1 << 24) - 1, 0, 0, 1, b"")),
        ),
        (
            "settings of a wrong size",
            after_the_preface(&frame(5, 4, 0, 0, &[0; 5])),
        ),
        ("data on no stream", after_the_preface(&frame(1, 0, 0, 0, &[0]))),
        ("headers without end", after_the_preface(&continued)),
        ("streams that are given up", after_the_preface(&given_up)),
    ] {
        let mut stream = attacked.raw().await;
        // The provider may close before it has all.
        stream.write_all(&bytes).await.ok();
        stream.shutdown().await.ok();
        let mut answer = Vec::new();
        happens(stream.read_to_end(&mut answer)).await.ok();
        assert!(answer.len() < 4 << 20, "{what}: {} bytes", answer.len());
    }
    let peak = attacked.peak();
    eprintln!("garbage: the provider had at most {peak} MiB");
    assert!(peak < 128, "{peak} MiB");
    attacked.serves_on().await;
}

fn raw_state(json: Vec<u8>) -> upgrade_resource_state::Request {
    upgrade_resource_state::Request {
        type_name: "bare_thing".into(),
        version: 0,
        raw_state: Some(RawState {
            json,
            ..RawState::default()
        }),
    }
}

#[tokio::test]
async fn a_message_of_100_mebibytes_is_answered_and_one_beyond_the_limit_is_refused_unread() {
    let attacked = Attacked::start().await;
    let mut client =
        provider_client(attacked.started.channel.clone()).max_encoding_message_size(2 * MAX_MESSAGE);
    let answer = happens(client.upgrade_resource_state(raw_state(vec![b'x'; 100 << 20])))
        .await
        .expect("an answer")
        .into_inner();
    assert!(!answer.diagnostics.is_empty(), "it is no state");
    let peak = attacked.peak();
    eprintln!("a message of 100 MiB: the provider had at most {peak} MiB");
    assert!(peak < 400, "{peak} MiB");

    let refused = happens(client.upgrade_resource_state(raw_state(vec![b'x'; MAX_MESSAGE + 1])))
        .await
        .expect_err("it is too large");
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    assert!(attacked.peak() <= peak + 32, "{} MiB", attacked.peak());
    attacked.serves_on().await;
}

/// Calls a method by its path, with what is no message of it.
async fn call(channel: &Channel, path: &'static str, message: DynamicValue) -> Result<(), Status> {
    let mut client = Grpc::new(channel.clone());
    happens(client.ready()).await.expect("the connection stands");
    let codec = ProstCodec::<DynamicValue, DynamicValue>::default();
    let answer = client.unary(
        tonic::Request::new(message),
        PathAndQuery::from_static(path),
        codec,
    );
    happens(answer).await.map(drop)
}

#[tokio::test]
async fn calls_that_nobody_knows_or_that_are_no_messages_are_refused_with_a_status() {
    let attacked = Attacked::start().await;
    let no_text = || DynamicValue {
        msgpack: vec![0xff; 64],
        json: vec![0xff; 64],
    };
    for (path, code) in [
        ("/tfplugin6.Nobody/GetProviderSchema", Code::Unimplemented),
        ("/tfplugin6.Provider/NoSuchCall", Code::Unimplemented),
        ("/tfplugin5.Provider/GetSchema", Code::Unimplemented),
        // A name that is no text.
        ("/tfplugin6.Provider/ValidateResourceConfig", Code::Internal),
        ("/tfplugin6.Provider/ApplyResourceChange", Code::Internal),
    ] {
        let refused = call(&attacked.started.channel, path, no_text()).await;
        assert_eq!(refused.expect_err(path).code(), code, "{path}");
    }
    attacked.serves_on().await;
}

#[tokio::test]
async fn values_that_break_off_are_told_as_errors_and_nothing_panics() {
    let attacked = Attacked::start().await;
    let mut client = provider_client(attacked.started.channel.clone());
    let whole = apply("a name").config.expect("a value").msgpack;
    // Of nothing at all there is no value, which is none that broke off.
    let broken = (1..whole.len()).map(|length| whole[..length].to_vec());
    // Lengths that promise 4 GiB, and nesting.
    let more = [
        b"\xdd\xff\xff\xff\xff".to_vec(),
        b"\xdf\xff\xff\xff\xff".to_vec(),
        b"\x81\xa4name\xdb\xff\xff\xff\xff".to_vec(),
        vec![0x91; 1 << 20],
    ];
    for msgpack in broken.chain(more) {
        let shown = msgpack.iter().take(16).copied().collect::<Vec<_>>();
        let request = validate_resource_config::Request {
            type_name: "bare_thing".into(),
            config: Some(DynamicValue {
                msgpack,
                json: Vec::new(),
            }),
            ..Default::default()
        };
        let answer = happens(client.validate_resource_config(request)).await;
        let told = answer.expect("an answer").into_inner().diagnostics;
        assert!(!told.is_empty(), "{shown:x?}");
        assert!(
            told.iter().all(|told| !told.summary.contains("crashed")),
            "{shown:x?}: {told:?}"
        );
    }
    let peak = attacked.peak();
    assert!(peak < 128, "{peak} MiB");
    attacked.serves_on().await;
}
