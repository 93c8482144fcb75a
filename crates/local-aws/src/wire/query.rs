//! ec2Query and awsQuery: form-encoded parameters in, XML out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;

use super::xml::Xml;
use super::{pairs, response};
use crate::core::error::ApiError;
use crate::core::ids;

/// The flat parameters of a request, or those below a prefix (`IpPermissions.1.`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(crate) fn parse(form: &str) -> Self {
        Self(pairs(form, true).into_iter().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names of all parameters.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers of the items `Name.1`, `Name.2.…` and so on, in their order.
    pub(crate) fn numbers(&self, name: &str) -> impl Iterator<Item = usize> {
        let prefix = format!("{name}.");
        let behind = self.0.keys().filter_map(|key| key.strip_prefix(&prefix));
        let numbers = behind.filter_map(|rest| rest.split('.').next()?.parse().ok());
        numbers.collect::<BTreeSet<usize>>().into_iter()
    }

    /// The parameters of one structure: `SecurityGroupRule.`.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let inside = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
        Self(
            inside
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        )
    }
}

pub(crate) fn ec2_answer(operation: &str, content: &Xml) -> Response<Full<Bytes>> {
    xml_response(
        200,
        format!(
            "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{}</requestId>{}</{operation}Response>",
            ids::uuid(),
            content.as_str()
        ),
    )
}

pub(crate) fn ec2_error(error: &ApiError) -> Response<Full<Bytes>> {
    let mut xml = Xml::default();
    xml.node("Response", |xml| {
        xml.node("Errors", |xml| {
            xml.node("Error", |xml| {
                xml.leaf("Code", &error.code);
                xml.leaf("Message", &error.message);
            });
        });
        xml.leaf("RequestID", &ids::uuid());
    });
    with_retry_after(xml_response(error.status(), xml.as_str().to_owned()), error)
}

pub(crate) fn aws_answer(namespace: &str, operation: &str, content: &Xml) -> Response<Full<Bytes>> {
    xml_response(
        200,
        format!(
            "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{}</{operation}Result>\
             <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{operation}Response>",
            content.as_str(),
            ids::uuid()
        ),
    )
}

pub(crate) fn aws_error(namespace: &str, error: &ApiError) -> Response<Full<Bytes>> {
    let mut xml = Xml::default();
    xml.node("Error", |xml| {
        xml.leaf(
            "Type",
            if error.status() >= 500 {
                "Receiver"
            } else {
                "Sender"
            },
        );
        xml.leaf("Code", &error.code);
        xml.leaf("Message", &error.message);
    });
    xml.leaf("RequestId", &ids::uuid());
    let body = format!(
        "<ErrorResponse xmlns=\"{namespace}\">{}</ErrorResponse>",
        xml.as_str()
    );
    with_retry_after(xml_response(error.status(), body), error)
}

fn xml_response(status: u16, body: String) -> Response<Full<Bytes>> {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    response(status, Some("text/xml;charset=UTF-8"), Bytes::from(body))
}

pub(super) fn with_retry_after(
    mut response: Response<Full<Bytes>>,
    error: &ApiError,
) -> Response<Full<Bytes>> {
    if let Some(seconds) = error.retry_after {
        super::add_header(&mut response, "retry-after", &seconds.to_string());
    }
    response
}
