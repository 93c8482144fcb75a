//! Service models, interpreted: what operations look like on the wire, what their inputs have to be, and how their
//! answers are written. The facts are cut from botocore by `cargo xtask models`, a file for each service.

mod amendment;
mod answer;
mod check;
mod form;
mod pattern;
mod place;
mod violation;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

pub(crate) use amendment::Amendment;
use pattern::Pattern;
pub(crate) use violation::{Violation, in_fields, in_one_sentence, of_ec2, of_query};

use crate::wire::Protocol;

/// The model of a service.
#[derive(Default, Deserialize)]
pub(crate) struct Model<'m> {
    #[serde(default)]
    protocol: &'m str,
    #[serde(default)]
    target: &'m str,
    #[serde(default)]
    json: &'m str,
    #[serde(default)]
    namespace: &'m str,
    #[serde(borrow, default)]
    operations: BTreeMap<&'m str, Operation<'m>>,
    #[serde(borrow, default)]
    shapes: HashMap<&'m str, Shape<'m>, RandomState>,
    /// Errors beyond those that operations list: code, HTTP status, and the operations that answer with it; of none, all.
    #[serde(skip)]
    unlisted: Vec<(&'m str, u16, &'m [&'m str])>,
}

#[derive(Deserialize)]
struct Operation<'m> {
    /// Method and path.
    http: &'m str,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    unsigned: bool,
    input: Option<&'m str>,
    output: Option<&'m str>,
    /// The shapes of its errors.
    #[serde(borrow, default)]
    errors: Vec<&'m str>,
}

fn ok() -> u16 {
    200
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Blob,
    Boolean,
    Double,
    Float,
    Integer,
    List,
    Long,
    Map,
    String,
    Structure,
    Timestamp,
}

#[derive(Deserialize)]
struct Shape<'m> {
    #[serde(rename = "type")]
    kind: Kind,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(borrow)]
    pattern: Option<Pattern<'m>>,
    #[serde(borrow, default, rename = "enum")]
    values: Vec<Cow<'m, str>>,
    /// Whether small letters and capitals are the same among the values.
    #[serde(skip)]
    any_case: bool,
    /// The value must not be repeated in an error.
    #[serde(default)]
    sensitive: bool,
    /// Of an error.
    error: Option<Fault<'m>>,
    /// A structure with exactly one of its members.
    #[serde(default)]
    union: bool,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    required: Vec<&'m str>,
    #[serde(borrow, default)]
    members: Members<'m>,
    /// Of a list.
    #[serde(borrow)]
    member: Option<Reference<'m>>,
    /// Of a map.
    #[serde(borrow)]
    key: Option<Reference<'m>>,
    /// Of a map.
    #[serde(borrow)]
    value: Option<Reference<'m>>,
}

/// How an error is told: its code and HTTP status.
#[derive(Deserialize)]
struct Fault<'m> {
    code: &'m str,
    status: u16,
}

/// A mention of a shape, with what it is called on the wire.
#[derive(Clone, Copy, Deserialize)]
#[serde(from = "Written<'m>", bound(deserialize = "'de: 'm"))]
struct Reference<'m> {
    shape: &'m str,
    place: Option<Place>,
    name: Option<&'m str>,
    /// What a form of ec2Query calls it.
    query: Option<&'m str>,
}

/// A reference as models have it: the shape's name alone, or with more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written<'m> {
    Plain(&'m str),
    Full {
        shape: &'m str,
        #[serde(rename = "in")]
        place: Option<Place>,
        name: Option<&'m str>,
        query: Option<&'m str>,
    },
}

impl<'m> From<Written<'m>> for Reference<'m> {
    fn from(written: Written<'m>) -> Self {
        match written {
            Written::Plain(shape) => Self {
                shape,
                place: None,
                name: None,
                query: None,
            },
            Written::Full {
                shape,
                place,
                name,
                query,
            } => Self {
                shape,
                place,
                name,
                query,
            },
        }
    }
}

/// Where a member of a restJson1 request is, if not in the body.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Header,
    QueryString,
    Uri,
}

/// The members of a structure, in the order of the model.
#[derive(Default)]
struct Members<'m>(Vec<(&'m str, Reference<'m>)>);

impl<'de: 'm, 'm> Deserialize<'de> for Members<'m> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(&'de str, Reference<'de>)>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("members by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or_default());
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

impl<'m> Model<'m> {
    /// Reads a model. One that is broken has no operations, which a test would show.
    pub(crate) fn read(text: &'m str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What of a model cannot be interpreted: operations of these names that it does not have, shapes that it names and does not
    /// have, patterns that are none.
    #[cfg(test)]
    pub(crate) fn broken(&self, operations: &[&str]) -> Vec<String> {
        let missing = operations
            .iter()
            .filter(|name| !self.operations.contains_key(**name));
        let mut broken: Vec<String> = missing.map(|name| (*name).to_owned()).collect();
        let ends = self
            .operations
            .values()
            .flat_map(|operation| [operation.input, operation.output]);
        let inner = self.shapes.values().flat_map(|shape| {
            let members = shape.members.0.iter().map(|(_, member)| member);
            members.chain(&shape.member).chain(&shape.key).chain(&shape.value)
        });
        let named = ends.flatten().chain(inner.map(|reference| reference.shape));
        broken.extend(
            named
                .filter(|name| !self.shapes.contains_key(name))
                .map(str::to_owned),
        );
        let patterns = self.shapes.values().filter_map(|shape| shape.pattern.as_ref());
        let wrong = patterns.filter(|pattern| !pattern.is_right());
        broken.extend(wrong.map(|pattern| pattern.source().to_owned()));
        broken
    }

    pub(crate) fn protocol(&self) -> Protocol<'m> {
        match self.protocol {
            "ec2" => Protocol::Ec2Query,
            "query" => Protocol::AwsQuery(self.namespace),
            "rest-json" => Protocol::RestJson,
            _ => Protocol::Json(self.target, self.json),
        }
    }

    /// Whether an operation needs no signature.
    pub(crate) fn is_unsigned(&self, operation: &str) -> bool {
        self.operations
            .get(operation)
            .is_some_and(|operation| operation.unsigned)
    }

    /// The HTTP status of an operation's success.
    pub(crate) fn status(&self, operation: &str) -> u16 {
        self.operations
            .get(operation)
            .map_or(200, |operation| operation.status)
    }

    /// The HTTP status of an error that an operation answers with; none where it is known to have no such error. The
    /// models of EC2 list no errors.
    pub(crate) fn error_status(&self, operation: &str, code: &str) -> Option<u16> {
        let unlisted = self.unlisted.iter().find(|(own, _, operations)| {
            *own == code && (operations.is_empty() || operations.contains(&operation))
        });
        let listed = || {
            let shapes = self.operations.get(operation)?.errors.iter();
            let mut faults = shapes.filter_map(|name| self.shapes.get(name)?.error.as_ref());
            Some(faults.find(|fault| fault.code == code)?.status)
        };
        let of_ec2 = self.is_ec2().then_some(400);
        unlisted.map(|(_, status, _)| *status).or_else(listed).or(of_ec2)
    }

    fn is_ec2(&self) -> bool {
        self.protocol == "ec2"
    }

    fn shape(&self, reference: &Reference<'_>) -> Option<&Shape<'m>> {
        self.shapes.get(reference.shape)
    }

    fn input(&self, operation: &str) -> Option<&Shape<'m>> {
        self.shapes.get(self.operations.get(operation)?.input?)
    }

    fn output(&self, operation: &str) -> Option<&Shape<'m>> {
        self.shapes.get(self.operations.get(operation)?.output?)
    }
}

impl<'m> Shape<'m> {
    fn member(&self, name: &str) -> Option<&Reference<'m>> {
        let mut members = self.members.0.iter();
        members.find_map(|(member, reference)| (*member == name).then_some(reference))
    }
}
