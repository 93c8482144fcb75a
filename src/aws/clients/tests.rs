//! Calls over an HTTP client that answers as it is told, under a clock that stands still while anything runs.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use aws_sdk_eventbridge::config::retry::RetryMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep};

use super::*;
use crate::aws::deadline::reading_until;
use crate::aws::settings::Connection;
use crate::aws::{Api, AwsError, Called as _, ErrorKind};

const ADDRESS: &str = "https://events.us-east-1.amazonaws.com: ";

const LIST: Api = Api::new("events", "ListConnections");

/// What one attempt gets.
#[derive(Debug, Clone)]
enum Answer {
    /// Status, content type and body.
    Http(u16, &'static str, Vec<u8>),
    Refused,
    Silence,
    /// A body that never ends.
    Endless(Endless),
}

/// Pieces of a body, one after each wait, for ever.
#[derive(Debug, Clone)]
struct Endless {
    piece: Bytes,
    wait: Duration,
    /// How many bytes were taken.
    taken: Arc<AtomicU64>,
}

impl Endless {
    fn of(piece: usize, wait: Duration) -> Self {
        Self {
            piece: vec![b' '; piece].into(),
            wait,
            taken: Arc::default(),
        }
    }
}

/// An [`Endless`] body while it is read.
struct Pouring {
    body: Endless,
    next: Pin<Box<Sleep>>,
}

impl http_body::Body for Pouring {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.next.as_mut().poll(cx));
        let next = Instant::now() + self.body.wait;
        self.next.as_mut().reset(next);
        let piece = self.body.piece.clone();
        self.body.taken.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl Answer {
    fn json(status: u16, body: &str) -> Self {
        Self::Http(status, "application/x-amz-json-1.1", body.as_bytes().to_vec())
    }

    fn throttled() -> Self {
        Self::json(400, r#"{"__type":"ThrottlingException","message":"slow down"}"#)
    }

    fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><title>Blocked</title><p>Ask the help desk</p></html>";
        Self::Http(status, "text/html; charset=utf-8", page.as_bytes().to_vec())
    }
}

/// Answers the attempts of each call in turn, the later ones as the last.
#[derive(Debug, Clone)]
struct Script {
    answers: Vec<Answer>,
    attempts: Arc<AtomicU32>,
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        // `attempt=1; max=25`
        let told = request.headers().get("amz-sdk-request").expect("the SDK counts");
        let attempt = told.split(['=', ';']).nth(1).expect("a number");
        let attempt: usize = attempt.parse().expect("a number");
        let answer = self.answers[attempt.min(self.answers.len()) - 1].clone();
        HttpConnectorFuture::new(async move {
            match answer {
                Answer::Http(status, content_type, body) => {
                    let status = status.try_into().expect("a status");
                    let mut response = HttpResponse::new(status, SdkBody::from(body));
                    response.headers_mut().insert("content-type", content_type);
                    Ok(response)
                }
                Answer::Refused => {
                    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
                    Err(ConnectorError::io(refused.into()))
                }
                Answer::Silence => std::future::pending().await,
                Answer::Endless(body) => {
                    let next = Box::pin(tokio::time::sleep(body.wait));
                    let body = SdkBody::from_body_1_x(Pouring { body, next });
                    let mut response = HttpResponse::new(200.try_into().expect("a status"), body);
                    response
                        .headers_mut()
                        .insert("content-type", "application/x-amz-json-1.1");
                    Ok(response)
                }
            }
        })
    }
}

async fn base(script: &Script, settings: Settings) -> Base {
    let connector = SharedHttpConnector::new(script.clone());
    let http = http_client_fn(move |_, _| connector.clone());
    let base = Base::over(http, settings).await;
    base.unwrap_or_else(|error| panic!("{error}"))
}

/// Settings that take no endpoint from the environment, where whoever runs the tests may have set one.
fn settings() -> Settings {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/aws/clients/no_endpoints.ini");
    Settings {
        shared_config_files: vec![file.into()],
        region: Some("us-east-1".to_owned()),
        access_key: Some("local".to_owned()),
        secret_key: Some("local".to_owned()),
        max_retries: Some(patience::ATTEMPTS),
        retry_mode: Some(RetryMode::Standard),
        ..Settings::default()
    }
}

async fn scripted(answers: impl Into<Vec<Answer>>) -> (Clients, Script) {
    let script = Script {
        answers: answers.into(),
        attempts: Arc::default(),
    };
    (base(&script, settings()).await.clients("us-east-1"), script)
}

async fn list(clients: &Clients) -> Result<(), AwsError> {
    clients.events.list_connections().send().await.of(LIST).map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_tried_25_times() {
    let mut answers = vec![Answer::throttled(); 24];
    answers.push(Answer::json(200, "{}"));
    let (clients, _) = scripted(answers).await;
    list(&clients).await.expect("the 25th attempt is served");

    let (clients, script) = scripted([Answer::throttled()]).await;
    let error = list(&clients).await.unwrap_err();
    assert_eq!(script.attempts.load(Ordering::Relaxed), 25);
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert!(error.is_transient());
    let words = error.to_string();
    assert!(
        words.contains("tried 25 times in") && words.contains("slow down"),
        "{words}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_throttling_fails_none_of_fifty_calls_at_once() {
    let mut answers = vec![Answer::throttled(); 20];
    answers.push(Answer::json(200, "{}"));
    let (clients, _) = scripted(answers).await;
    let clients = Arc::new(clients);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let clients = Arc::clone(&clients);
            tokio::spawn(async move { list(&clients).await })
        })
        .collect();
    let mut failed = Vec::new();
    for call in calls {
        failed.extend(call.await.expect("no panic").err());
    }
    assert!(failed.is_empty(), "{}", failed[0]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_refuses_or_is_silent_is_left_after_three_attempts() {
    for answer in [Answer::Refused, Answer::Silence] {
        let (clients, script) = scripted([answer]).await;
        let error = list(&clients).await.unwrap_err();
        assert_eq!(script.attempts.load(Ordering::Relaxed), 3);
        assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
        let words = error.to_string();
        assert!(
            words.contains("tried 3 times")
                && words.contains("endpoints.eventbridge")
                && words.contains(ADDRESS),
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn three_lost_connections_among_other_failures_are_the_end() {
    let turns = [Answer::throttled(), Answer::Refused];
    let (clients, script) = scripted(turns.into_iter().cycle().take(40).collect::<Vec<_>>()).await;
    let error = list(&clients).await.unwrap_err();
    assert_eq!(script.attempts.load(Ordering::Relaxed), 6);
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_read_ends_at_its_deadline_and_a_change_does_not() {
    let deadline = || Instant::now() + Duration::from_secs(90);
    let (clients, script) = scripted([Answer::Silence]).await;
    let error = reading_until(deadline(), list(&clients)).await.unwrap_err();
    assert_eq!(script.attempts.load(Ordering::Relaxed), 2);
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");

    let (clients, script) = scripted([Answer::Silence]).await;
    let delete = clients.events.delete_connection().name("orders").send();
    reading_until(deadline(), delete).await.unwrap_err();
    assert_eq!(script.attempts.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_proxy_is_no_answer_of_aws() {
    const DELETE: Api = Api::new("events", "DeleteApiDestination");
    for (status, attempts) in [(200, 1), (403, 1), (302, 1), (503, 25)] {
        let (clients, script) = scripted([Answer::html(status)]).await;
        let delete = clients.events.delete_api_destination().name("orders");
        let error = delete.send().await.of(DELETE).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotAws, "{error}");
        assert!(error.is_transient());
        assert_eq!(script.attempts.load(Ordering::Relaxed), attempts, "{status}");
        let words = error.to_string();
        for part in [
            "not AWS's answer",
            "text/html",
            "Blocked Ask the help desk",
            &status.to_string(),
        ] {
            assert!(words.contains(part), "{words}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn text_and_json_of_a_proxy_are_no_answer_of_aws_either() {
    let plain = |body: &str| Answer::Http(200, "text/plain", body.as_bytes().to_vec());
    let blocked = Answer::Http(403, "application/json", br#"{"error":"blocked"}"#.to_vec());
    for answer in [plain("access denied by policy"), plain("OK"), blocked] {
        let (clients, _) = scripted([answer.clone()]).await;
        let error = list(&clients).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotAws, "{answer:?}: {error}");
    }
    let (clients, _) = scripted([Answer::Http(200, "", Vec::new())]).await;
    let delete = clients.events.delete_api_destination().name("orders");
    delete
        .send()
        .await
        .expect("an empty answer has nothing that is foreign");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let (clients, script) = scripted([Answer::json(200, &" ".repeat(33 * 1024 * 1024))]).await;
    let words = list(&clients).await.unwrap_err().to_string();
    assert!(words.contains("larger than 32 MiB"), "{words}");
    assert_eq!(script.attempts.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn of_gigabytes_no_more_is_taken_than_the_largest_answer() {
    const PIECE: usize = 1024 * 1024;
    let body = Endless::of(PIECE, Duration::ZERO);
    let taken = Arc::clone(&body.taken);
    let (clients, script) = scripted([Answer::Endless(body)]).await;
    let words = list(&clients).await.unwrap_err().to_string();
    assert!(words.contains("larger than 32 MiB"), "{words}");
    assert_eq!(script.attempts.load(Ordering::Relaxed), 1);
    assert_eq!(taken.load(Ordering::Relaxed), 33 * PIECE as u64);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_sends_a_byte_a_second_is_left_as_a_silent_one_is() {
    let (clients, script) = scripted([Answer::Endless(Endless::of(1, Duration::from_secs(1)))]).await;
    let began = Instant::now();
    let error = list(&clients).await.unwrap_err();
    assert_eq!(script.attempts.load(Ordering::Relaxed), 3);
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
    assert!(error.to_string().contains("endpoints.eventbridge"), "{error}");
    // By the clock that stands still while anything runs.
    assert!(began.elapsed() < 4 * patience::ATTEMPT, "{:?}", began.elapsed());
}

/// An HTTP client that keeps the URL and the user agent of each call, and answers nothing of use.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<std::sync::Mutex<Vec<(String, String)>>>);

impl HttpConnector for Seen {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let agent = request.headers().get("user-agent").unwrap_or_default();
        let call = (request.uri().to_owned(), agent.to_owned());
        self.0.lock().expect("nothing panics").push(call);
        HttpConnectorFuture::new(async {
            let status = 200.try_into().expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::from("{}"));
            response
                .headers_mut()
                .insert("content-type", "application/x-amz-json-1.1");
            Ok(response)
        })
    }
}

async fn seen(settings: Settings) -> (String, String) {
    let seen = Seen::default();
    let connector = SharedHttpConnector::new(seen.clone());
    let http = http_client_fn(move |_, _| connector.clone());
    let base = Base::over(http, settings).await.expect("clients");
    list(&base.clients("us-east-1")).await.expect("an answer");
    let calls = seen.0.lock().expect("nothing panics");
    calls[0].clone()
}

#[tokio::test]
async fn fips_and_dual_stack_endpoints_are_called_where_they_are_wanted_and_no_other_is_given() {
    let of = |fips, dual_stack, url: Option<&str>| Settings {
        connection: Connection {
            use_fips: Some(fips),
            use_dual_stack: Some(dual_stack),
            ..Connection::default()
        },
        endpoints: Endpoints {
            eventbridge: url.map(str::to_owned),
            ..Endpoints::default()
        },
        ..settings()
    };
    for (settings, host) in [
        (of(false, false, None), "https://events.us-east-1.amazonaws.com/"),
        (
            of(true, false, None),
            "https://events-fips.us-east-1.amazonaws.com/",
        ),
        (of(false, true, None), "https://events.us-east-1.api.aws/"),
        (of(true, true, None), "https://events-fips.us-east-1.api.aws/"),
        (
            of(false, false, Some("http://127.0.0.1:1")),
            "http://127.0.0.1:1/",
        ),
    ] {
        assert_eq!(seen(settings).await.0, host);
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_called_is_told_without_what_was_to_be_sent() {
    const CANARY: &str = "eyJhbGciOi";
    let script = Script {
        answers: vec![Answer::Refused],
        attempts: Arc::default(),
    };
    let nowhere = Some("nonsense".to_owned());
    let settings = Settings {
        token: Some(CANARY.to_owned()),
        endpoints: Endpoints {
            ec2: nowhere.clone(),
            vpclattice: nowhere.clone(),
            eventbridge: nowhere.clone(),
            sfn: nowhere.clone(),
            sts: nowhere,
        },
        ..settings()
    };
    let clients = base(&script, settings).await.clients("us-east-1");
    let events = clients.events.delete_connection().name(CANARY).send();
    let lattice = clients
        .lattice
        .delete_resource_gateway()
        .resource_gateway_identifier(CANARY)
        .send();
    let ec2 = clients.ec2.describe_vpcs().vpc_ids(CANARY).send();
    let states = clients.states.test_state().definition(CANARY).send();
    let sts = clients.sts.assume_role_with_web_identity();
    let sts = sts
        .role_arn(CANARY)
        .role_session_name(CANARY)
        .web_identity_token(CANARY)
        .send();
    let errors = [
        events.await.of(LIST).map(drop).unwrap_err(),
        lattice.await.of(LIST).map(drop).unwrap_err(),
        ec2.await.of(LIST).map(drop).unwrap_err(),
        states.await.of(LIST).map(drop).unwrap_err(),
        sts.await.of(LIST).map(drop).unwrap_err(),
    ];
    for error in errors {
        let told = error.to_string();
        assert!(told.contains("nonsense") && !told.contains(CANARY), "{told}");
    }
}

#[tokio::test]
async fn the_user_agent_begins_with_the_products_that_call() {
    let products = Settings {
        user_agent: vec!["Terraform/1.12.0".to_owned(), "ci/1".to_owned()],
        ..settings()
    };
    let agent = seen(products).await.1;
    assert!(
        agent.starts_with("Terraform/1.12.0 ci/1 aws-sdk-rust/"),
        "{agent}"
    );
}
