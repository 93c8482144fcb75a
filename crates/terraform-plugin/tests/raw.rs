//! Calls as bytes: what `Host::raw` answers.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Catalog, ConfigureCx, Diagnostic, Diagnostics, Provider, Schema,
    testing::{Host, METHODS},
};

struct Empty;

#[derive(Serialize, Deserialize)]
struct Config {}

impl Provider for Empty {
    const NAME: &'static str = "empty";
    const ADDRESS: &'static str = "registry.terraform.io/example/empty";
    const VERSION: &'static str = "0.1.0";
    type Config = Config;
    type Client = ();

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, cx: &ConfigureCx, _: Config) -> Result<(), Diagnostics> {
        cx.warn(Diagnostic::warning(
            "The host says that it is",
            cx.terraform_version(),
        ));
        Ok(())
    }

    fn catalog(_: &mut Catalog<()>) {}
}

/// A request whose field 1 is that text.
fn about(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a short text");
    [&[0x0a, length], text.as_bytes()].concat()
}

#[tokio::test]
async fn every_method_is_answered_with_a_message() {
    for method in METHODS {
        let answers = Host::new(Empty).raw(method, b"").await;
        assert!(answers.is_ok_and(|answers| !answers.is_empty()), "{method}");
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_sent() {
    let answers = Host::new(Empty)
        .raw("ConfigureProvider", &about("of tomorrow"))
        .await;
    let answers = answers.expect("answered");
    assert_eq!(answers.len(), 1);
    let text = String::from_utf8_lossy(&answers[0]).into_owned();
    assert!(text.contains("of tomorrow"), "{text}");
}

#[tokio::test]
async fn what_reaches_no_handler_is_refused_with_its_status() {
    let host = Host::new(Empty);
    let unknown = host
        .raw("ReadCrystalBall", b"")
        .await
        .expect_err("no such method");
    assert_eq!(unknown.code(), 12);
    // Field 1 of 127 bytes, of which none follow.
    let cut = host
        .raw("ReadResource", b"\x0a\x7f")
        .await
        .expect_err("no message");
    assert_eq!(cut.code(), 13);
    assert!(cut.message().contains("decode"), "{cut}");
    let odd = host.raw("a method?", b"").await.expect_err("no path");
    assert_ne!(odd.code(), 0);
}
