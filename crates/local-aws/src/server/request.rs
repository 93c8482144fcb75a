//! A request, read by its protocol: which service it is for, what it asks for, what it says.

use http::Method;
use http::request::Parts;
use serde_json::Value;

use super::unserved;
use crate::core::error::{Answer, ApiError};
use crate::service::{Input, Service};
use crate::wire::query::Params;
use crate::wire::sigv4::Authorization;
use crate::wire::{Protocol, json, rest_json};

/// What a path that no operation has is called until its error is worded.
const NO_ROUTE: &str = "UnknownOperationException";

/// Those that are served. A request that names none is taken to be for the first.
pub(crate) type Services = &'static [&'static Service];

/// The error of a request for an operation that its service does not have here.
pub(super) fn not_served(service: &Service, parsed: &Answer<Parsed>, parts: &Parts) -> Option<ApiError> {
    let name = service.name();
    match parsed {
        Ok(request) if request.operation.is_empty() || service.operation(&request.operation).is_some() => {
            None
        }
        Ok(request) => Some(
            service
                .surface
                .words
                .unknown_operation(unserved::message(name, &request.operation)),
        ),
        Err(error) if error.code == NO_ROUTE => {
            let operation = format!("{} {}", parts.method, parts.uri.path());
            Some(
                service
                    .surface
                    .words
                    .unknown_operation(unserved::message(name, &operation)),
            )
        }
        Err(_) => None,
    }
}

/// The service that the caller signed for; without a readable signature, the one that the request looks like.
pub(super) fn service_of(
    services: Services,
    parts: &Parts,
    authorization: Option<&Authorization>,
) -> &'static Service {
    let found = |is_meant: &dyn Fn(&Service) -> bool| services.iter().copied().find(|one| is_meant(one));
    let signed = authorization.and_then(|signed| found(&|service| service.name() == signed.service));
    let target = header_text(parts, "x-amz-target").and_then(|target| target.split_once('.'));
    let looks = || match target {
        Some((prefix, _)) => {
            found(&|service| matches!(service.protocol(), Protocol::Json(own, _) if own == prefix))
        }
        None => {
            let path = parts.uri.path();
            found(&|service| service.protocol() == Protocol::RestJson && service.model.is_below(path))
        }
    };
    signed.or_else(looks).unwrap_or(services[0])
}

/// A request, read by its protocol.
pub(super) struct Parsed {
    pub(super) operation: String,
    /// Names and ids that the request is about.
    pub(super) resources: Vec<String>,
    pub(super) input: Input,
}

impl Parsed {
    fn new(operation: &str, names: &[&str], members: Value) -> Self {
        let named = names.iter().filter_map(|member| members.get(*member));
        let texts = named.flat_map(|value| match value {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        });
        Self {
            operation: operation.to_owned(),
            resources: texts.filter_map(Value::as_str).map(str::to_owned).collect(),
            input: Input {
                members,
                unknown: Vec::new(),
            },
        }
    }

    /// Whether a member was sent.
    pub(super) fn has(&self, member: &str) -> bool {
        let sent = self.input.members.get(member);
        sent.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)))
    }
}

pub(super) fn parse(service: &Service, parts: &Parts, body: &[u8]) -> Answer<Parsed> {
    let names = service.resources;
    match service.protocol() {
        Protocol::Ec2Query | Protocol::AwsQuery(_) => {
            let form = match parts.method {
                Method::GET => parts.uri.query().unwrap_or_default().to_owned(),
                _ => String::from_utf8_lossy(body).into_owned(),
            };
            let params = Params::parse(&form);
            let operation = params.get("Action").unwrap_or_default();
            let mut parsed = Parsed::new(operation, names, service.model.form_input(operation, &params));
            parsed.input.unknown = service.model.unknown(operation, &params);
            Ok(parsed)
        }
        Protocol::RestJson => {
            let (operation, labels) = service
                .model
                .operation_at(parts.method.as_str(), parts.uri.path())
                .ok_or_else(|| ApiError::new(NO_ROUTE, ""))?;
            let query = parts.uri.query().unwrap_or_default();
            let members = rest_json::members(body)?;
            let input = service.model.rest_input(operation, &labels, query, members);
            Ok(Parsed::new(operation, names, input))
        }
        Protocol::Json(prefix, _) => {
            let target = header_text(parts, "x-amz-target").and_then(|target| target.split_once('.'));
            let Some((_, operation)) = target.filter(|(found, _)| *found == prefix) else {
                return Err(ApiError::new("UnknownOperationException", ""));
            };
            Ok(Parsed::new(operation, names, json::parse(body)?))
        }
    }
}

/// The service of a form that asks for an operation which needs no signature.
pub(super) fn unsigned(services: Services, body: &[u8]) -> Option<&'static Service> {
    let form = String::from_utf8_lossy(body);
    if !form.contains("Action=") {
        return None;
    }
    let params = Params::parse(&form);
    let action = params.get("Action")?;
    let is_meant =
        |service: &&Service| service.operation(action).is_some() && service.model.is_unsigned(action);
    services.iter().copied().find(is_meant)
}

pub(super) fn header_text<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts.headers.get(name)?.to_str().ok()
}
