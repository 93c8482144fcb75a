//! The few operations of AWS that the experiments call, signed and sent without an SDK: what comes back is what AWS
//! said, word by word, and nothing between looks into what is sent.

mod credentials;
mod xml;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use serde_json::{Value, json};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::clock::Clock;
use crate::trouble::{Outcome, Refusal, Trouble};

pub use credentials::{Keys, Source};
pub use xml::items;

/// How long a call may take: TestState answers when its HTTP task has, which waits for a minute.
const LONGEST_CALL: Duration = Duration::from_secs(180);

/// How often a call is made that AWS throttles, or that only looks and got no answer.
const MOST_TRIES: u32 = 7;

/// AWS in one Region, as one caller.
pub struct Aws {
    agent: ureq::Agent,
    pub region: String,
    /// In the place of AWS's own host names.
    endpoint: Option<String>,
    source: Source,
    keys: RefCell<Keys>,
    clock: Rc<dyn Clock>,
    /// Whether AWS has answered ever: a network or a certificate that is wrong does not become right.
    answered: Cell<bool>,
}

/// A call before it is signed.
struct Request<'r> {
    service: &'static str,
    operation: &'r str,
    method: &'static str,
    /// Path and query.
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request<'_> {
    /// Whether the call did nothing, so that it can be made again, and may come to something.
    fn may_be_repeated(&self, trouble: &Trouble, answered: bool) -> bool {
        let looks = ["Describe", "Get", "List"]
            .iter()
            .any(|verb| self.operation.starts_with(verb));
        match trouble {
            Trouble::Refused(refusal) => is_throttling(refusal) || looks && refusal.status >= 500,
            Trouble::Unreachable { .. } => looks && answered,
            _ => false,
        }
    }
}

impl Aws {
    /// # Errors
    /// There are no credentials, or the certificates of the system cannot be read.
    pub fn new(
        source: Source,
        region: &str,
        endpoint: Option<&str>,
        clock: Rc<dyn Clock>,
    ) -> Result<Self, String> {
        let keys = source.keys()?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(LONGEST_CALL));
        let config = if endpoint.is_some_and(|url| url.starts_with("http://")) {
            config
        } else {
            config.tls_config(tls()?)
        };
        Ok(Self {
            agent: config.build().into(),
            region: region.to_owned(),
            endpoint: endpoint.map(|url| url.trim_end_matches('/').to_owned()),
            source,
            keys: RefCell::new(keys),
            clock,
            answered: Cell::new(false),
        })
    }

    /// The same AWS for a session of a role, with what a policy leaves of the role's permissions.
    pub fn session(&self, role_arn: &str, policy: &Value) -> Outcome<Self> {
        let answer = self.sts(
            "AssumeRole",
            &[
                ("RoleArn", role_arn),
                ("RoleSessionName", "verify-aws"),
                ("Policy", &policy.to_string()),
            ],
        )?;
        let credentials = &answer["AssumeRoleResult"]["Credentials"];
        let text = |name: &str| credentials[name].as_str().unwrap_or_default().to_owned();
        let keys = Keys {
            access_key: text("AccessKeyId"),
            secret: text("SecretAccessKey"),
            session_token: Some(text("SessionToken")),
        };
        Ok(Self {
            agent: self.agent.clone(),
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            source: Source::Given(keys.clone()),
            keys: RefCell::new(keys),
            clock: Rc::clone(&self.clock),
            answered: Cell::new(true),
        })
    }

    /// What a program needs in its environment to be the same caller in the same place; the keys are taken anew.
    ///
    /// # Errors
    /// There are no keys any more.
    pub fn environment(&self) -> Result<Vec<(&'static str, String)>, String> {
        let keys = self.source.keys()?;
        let mut variables = vec![
            ("AWS_REGION", self.region.clone()),
            ("AWS_ACCESS_KEY_ID", keys.access_key),
            ("AWS_SECRET_ACCESS_KEY", keys.secret),
        ];
        variables.extend(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)));
        variables.extend(self.endpoint.clone().map(|url| ("AWS_ENDPOINT_URL", url)));
        Ok(variables)
    }

    /// Lets the clock's time pass.
    pub fn wait_a_second(&self) {
        self.clock.sleep(Duration::from_secs(1));
    }

    /// EC2: the parameters as its query protocol names them.
    pub fn ec2(&self, operation: &str, parameters: &[(&str, &str)]) -> Outcome<Value> {
        self.query("ec2", "2016-11-15", operation, parameters)
    }

    /// STS, alike.
    pub fn sts(&self, operation: &str, parameters: &[(&str, &str)]) -> Outcome<Value> {
        self.query("sts", "2011-06-15", operation, parameters)
    }

    /// EventBridge.
    pub fn events(&self, operation: &str, input: &Value) -> Outcome<Value> {
        self.json("events", "1.1", "AWSEvents", operation, input)
    }

    /// Step Functions.
    pub fn states(&self, operation: &str, input: &Value) -> Outcome<Value> {
        self.json("states", "1.0", "AWSStepFunctions", operation, input)
    }

    /// VPC Lattice, by method and path: `GET`, `/resourcegateways/rgw-…`.
    pub fn lattice(
        &self,
        operation: &str,
        method: &'static str,
        path: &str,
        input: Option<&Value>,
    ) -> Outcome<Value> {
        self.call(&Request {
            service: "vpc-lattice",
            operation,
            method,
            path: path.to_owned(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: input.map(Value::to_string).unwrap_or_default(),
        })
    }

    fn json(
        &self,
        service: &'static str,
        version: &str,
        target: &str,
        operation: &str,
        input: &Value,
    ) -> Outcome<Value> {
        self.call(&Request {
            service,
            operation,
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", format!("{target}.{operation}")),
            ],
            body: input.to_string(),
        })
    }

    fn query(
        &self,
        service: &'static str,
        version: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Outcome<Value> {
        let mut body = format!("Action={operation}&Version={version}");
        for (name, value) in parameters {
            body.push_str(&format!("&{name}={}", encoded(value)));
        }
        self.call(&Request {
            service,
            operation,
            method: "POST",
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body,
        })
    }

    /// Makes a call; again after a while where AWS throttles it or where looking failed, and with new keys where the old
    /// ones have expired.
    fn call(&self, request: &Request<'_>) -> Outcome<Value> {
        let mut renewed = false;
        for tried in 1.. {
            match self.once(request) {
                Err(trouble)
                    if tried < MOST_TRIES && request.may_be_repeated(&trouble, self.answered.get()) =>
                {
                    self.clock.sleep(Duration::from_secs(1 << tried));
                    if self.clock.interrupted() {
                        return Err(Trouble::Interrupted);
                    }
                }
                Err(Trouble::Refused(refusal)) if has_expired(&refusal) && !renewed => {
                    renewed = true;
                    let keys = self.source.keys().map_err(Trouble::Local)?;
                    self.keys.replace(keys);
                }
                outcome => return outcome,
            }
        }
        unreachable!("the last try is returned")
    }

    fn once(&self, request: &Request<'_>) -> Outcome<Value> {
        let action = format!("{}:{}", request.service, request.operation);
        let unreachable = |error: String| Trouble::Unreachable {
            action: action.clone(),
            error,
        };
        let (status, code, text) = self.send(request).map_err(unreachable)?;
        self.answered.set(true);
        let answer = if text.trim_start().starts_with('<') {
            xml::parse(&text)
        } else if text.is_empty() {
            Ok(json!({}))
        } else {
            serde_json::from_str(&text).map_err(|error| error.to_string())
        };
        if (200..300).contains(&status) {
            return answer.map_err(|error| unreachable(format!("what was answered cannot be read: {error}")));
        }
        let answer = answer.unwrap_or_default();
        Err(Trouble::Refused(Refusal {
            action,
            status,
            code: code.unwrap_or_else(|| error_code(&answer)),
            message: error_message(&answer).unwrap_or(text),
        }))
    }

    /// Status, the error code of a header, and body.
    fn send(&self, request: &Request<'_>) -> Result<(u16, Option<String>, String), String> {
        let url = format!("{}{}", self.host(request), request.path);
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let signature = self.signature(request, &url, &headers)?;
        let method = ureq::http::Method::from_bytes(request.method.as_bytes()).map_err(|e| e.to_string())?;
        let mut builder = ureq::http::Request::builder().method(method).uri(&url);
        for (name, value) in headers
            .into_iter()
            .chain(signature.iter().map(|(n, v)| (n.as_str(), v.as_str())))
        {
            builder = builder.header(name, value);
        }
        let unsent = builder
            .body(request.body.as_str())
            .map_err(|error| error.to_string())?;
        let mut answer = self.agent.run(unsent).map_err(|error| error.to_string())?;
        let code = answer.headers().get("x-amzn-errortype");
        let code = code.and_then(|code| code.to_str().ok()).map(bare);
        let text = answer
            .body_mut()
            .read_to_string()
            .map_err(|error| error.to_string())?;
        Ok((answer.status().as_u16(), code, text))
    }

    fn host(&self, request: &Request<'_>) -> String {
        if let Some(endpoint) = &self.endpoint {
            return endpoint.clone();
        }
        // TestState is served by a host of its own.
        let prefix = if request.operation == "TestState" {
            "sync-"
        } else {
            ""
        };
        let suffix = if self.region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://{prefix}{}.{}.{suffix}", request.service, self.region)
    }

    fn signature(
        &self,
        request: &Request<'_>,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Vec<(String, String)>, String> {
        let identity = self.keys.borrow().credentials().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(request.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let body = SignableBody::Bytes(request.body.as_bytes());
        let (instructions, _) = SignableRequest::new(request.method, url, headers.iter().copied(), body)
            .and_then(|signable| sign(signable, &parameters))
            .map_err(|error| error.to_string())?
            .into_parts();
        let added = instructions.headers();
        Ok(added
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

/// TLS by the one crypto library of this project, with the certificates that the system trusts.
fn tls() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(format!(
            "this system has no certificates to trust AWS by ({:?}); SSL_CERT_FILE can name a file that has them",
            found.errors
        ));
    }
    let roots = found
        .certs
        .iter()
        .map(|der| Certificate::from_der(der).to_owned())
        .collect();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build())
}

/// A text as a value of a form, or a part of a path.
pub fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn is_throttling(refusal: &Refusal) -> bool {
    refusal.status == 429 || refusal.code.contains("Throttl") || refusal.code == "RequestLimitExceeded"
}

fn has_expired(refusal: &Refusal) -> bool {
    refusal.code.starts_with("ExpiredToken") || refusal.code == "RequestExpired"
}

/// A code without the shape's namespace and without what follows a colon.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or_default();
    code.split(':').next().unwrap_or_default().to_owned()
}

fn error_code(answer: &Value) -> String {
    let places = ["/__type", "/Errors/Error/Code", "/Error/Code", "/Errors/0/Code"];
    let mut found = places.iter().filter_map(|place| answer.pointer(place)?.as_str());
    found.next().map_or_else(|| "Unknown".to_owned(), bare)
}

fn error_message(answer: &Value) -> Option<String> {
    let places = ["/message", "/Message", "/Errors/Error/Message", "/Error/Message"];
    let mut found = places.iter().filter_map(|place| answer.pointer(place)?.as_str());
    found.next().map(str::to_owned)
}
