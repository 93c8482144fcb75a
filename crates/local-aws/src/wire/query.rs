//! ec2Query and awsQuery: form-encoded parameters in, XML out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;

use super::xml::Xml;
use super::{pairs, response};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;

/// The flat parameters of a request, or those below a prefix (`IpPermissions.1.`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(crate) fn parse(form: &str) -> Self {
        Self(pairs(form, true).into_iter().collect())
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that the model requires.
    pub(crate) fn required(&self, name: &str) -> Answer<&str> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            ApiError::bad_request(
                "MissingParameter",
                format!("The request must contain the parameter {name}"),
            )
        })
    }

    pub(crate) fn flag(&self, name: &str) -> Answer<Option<bool>> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(text) => Err(invalid_value(name, text, "is not a valid boolean value")),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Answer<Option<i64>> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| invalid_value(name, text, "is not a valid integer value")),
        }
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

    /// The texts `Name.1`, `Name.2` and so on.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let prefix = format!("{name}.");
        let mut items: Vec<(usize, &str)> = self
            .0
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.parse().ok()?, value.as_str())))
            .collect();
        items.sort_by_key(|(index, _)| *index);
        items.into_iter().map(|(_, value)| value).collect()
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

    /// The structures `Name.1.…`, `Name.2.…` and so on.
    pub(crate) fn structures(&self, name: &str) -> Vec<Self> {
        let prefix = format!("{name}.");
        let mut items: BTreeMap<usize, Self> = BTreeMap::new();
        for (key, value) in &self.0 {
            let Some((index, member)) = key.strip_prefix(&prefix).and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            if let Ok(index) = index.parse() {
                items
                    .entry(index)
                    .or_default()
                    .0
                    .insert(member.to_owned(), value.clone());
            }
        }
        items.into_values().collect()
    }

    /// All parameters but some, as one text that is the same for the same request.
    pub(crate) fn fingerprint(&self, without: &[&str]) -> String {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    /// The values of parameters with these names or, for lists, with these names and a number behind.
    pub(crate) fn values_of(&self, names: &[&str]) -> Vec<String> {
        let of = |name: &&str| {
            self.get(name)
                .into_iter()
                .chain(self.list(name))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        names.iter().flat_map(of).collect()
    }
}

fn invalid_value(name: &str, text: &str, what: &str) -> ApiError {
    ApiError::bad_request(
        "InvalidParameterValue",
        format!("Value ({text}) for parameter {name} {what}"),
    )
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
        xml.leaf("RequestID", ids::uuid());
    });
    with_retry_after(xml_response(error.status, xml.as_str().to_owned()), error)
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
        xml.leaf("Type", if error.status >= 500 { "Receiver" } else { "Sender" });
        xml.leaf("Code", &error.code);
        xml.leaf("Message", &error.message);
    });
    xml.leaf("RequestId", ids::uuid());
    let body = format!(
        "<ErrorResponse xmlns=\"{namespace}\">{}</ErrorResponse>",
        xml.as_str()
    );
    with_retry_after(xml_response(error.status, body), error)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_structures_come_in_the_order_of_their_numbers() {
        let params = Params::parse("Id.10=c&Id.2=b&Id.1=a&F.2.Name=y&F.1.Name=x&F.1.Value.1=1&F.1.Value.2=2");
        assert_eq!(params.list("Id"), ["a", "b", "c"]);
        let filters = params.structures("F");
        assert_eq!(filters[0].list("Value"), ["1", "2"]);
        assert_eq!(filters[1].get("Name"), Some("y"));
    }

    #[test]
    fn a_number_that_is_none_is_refused_by_name() {
        let error = Params::parse("MaxResults=ten").integer("MaxResults").unwrap_err();
        assert_eq!(error.code, "InvalidParameterValue");
        assert!(error.message.contains("MaxResults"), "{}", error.message);
    }
}
