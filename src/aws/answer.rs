//! What comes over the wire: at most so much, and from AWS. A proxy that answers in AWS's place is named, whatever status
//! it answers with: where the SDK expects no members, it would take any text for success.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::cause::cause;

/// The largest answer that is read, in bytes. A full page of the largest listing has a few MiB.
const LARGEST: usize = 32 * 1024 * 1024;

/// So much of a foreign answer is quoted, in characters.
const QUOTED: usize = 120;

/// An answer that is not AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NotAws {
    status: u16,
    content_type: Option<String>,
    words: String,
}

impl NotAws {
    /// An answer that the SDK has read and cannot make anything of.
    pub fn of(response: &HttpResponse) -> Self {
        let text = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
        Self {
            status: response.status().as_u16(),
            content_type: response.headers().get("content-type").map(str::to_owned),
            words: words_of(&text),
        }
    }
}

impl fmt::Display for NotAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content_type = self.content_type.as_deref().unwrap_or("no content type");
        let status = self.status;
        write!(
            f,
            "this is not AWS's answer; is a proxy or a firewall between? It has HTTP status {status}, {content_type}"
        )?;
        if self.words.is_empty() {
            write!(f, ", and no words")
        } else {
            write!(f, ", and begins with {:?}", self.words)
        }
    }
}

/// An answer that is not read to its end.
#[derive(Debug, thiserror::Error)]
#[error("the answer is larger than {} MiB, and was not read to its end", LARGEST / 1024 / 1024)]
pub struct TooLarge;

/// A client that reads no more than the largest answer.
pub fn bounded(client: SharedHttpClient) -> SharedHttpClient {
    guarded(client, |_, _| Ok(()))
}

/// A client that takes only AWS's answers, and no more than the largest.
pub fn of_aws(client: SharedHttpClient) -> SharedHttpClient {
    guarded(client, check)
}

type Check = fn(&HttpResponse, &[u8]) -> Result<(), NotAws>;

fn guarded(client: SharedHttpClient, check: Check) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Guarded {
            connector: client.http_connector(settings, components),
            check,
        })
    })
}

#[derive(Debug)]
struct Guarded {
    connector: SharedHttpConnector,
    check: Check,
}

impl HttpConnector for Guarded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.connector.call(request);
        let check = self.check;
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            let body = Limited::new(response.take_body(), LARGEST).collect().await;
            let body = body.map_err(|error| match cause::<LengthLimitError>(error.as_ref()) {
                Some(_) => ConnectorError::other(TooLarge.into(), None),
                None => ConnectorError::io(error),
            })?;
            let body = body.to_bytes();
            check(&response, &body).map_err(|foreign| {
                // A gateway that is overloaded recovers; a page to log in at does not turn into AWS.
                let passes = response.status().is_server_error();
                ConnectorError::other(foreign.into(), passes.then_some(ErrorKind::TransientError))
            })?;
            *response.body_mut() = SdkBody::from(body);
            Ok(response)
        })
    }
}

/// Whether an answer can be AWS's, whose services speak JSON and XML.
fn check(response: &HttpResponse, body: &[u8]) -> Result<(), NotAws> {
    let content_type = response.headers().get("content-type");
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_html = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let begins = text.chars().take(QUOTED).collect::<String>();
    let lower = begins.to_ascii_lowercase();
    let is_page = lower.starts_with("<!doctype html") || lower.starts_with("<html");
    let is_data = text.is_empty() || text.starts_with(['{', '[', '<']);
    let redirects = (300..400).contains(&response.status().as_u16());
    if !is_html && !is_page && !redirects && is_data {
        return Ok(());
    }
    Err(NotAws {
        status: response.status().as_u16(),
        content_type: content_type.map(str::to_owned),
        words: words_of(text),
    })
}

/// The first words of a page, without its tags.
fn words_of(text: &str) -> String {
    let mut words = String::new();
    let mut is_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                words.push(' ');
            }
            _ if !is_tag => words.push(letter),
            _ => {}
        }
        if words.len() > 4 * QUOTED {
            break;
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(QUOTED).collect()
}
