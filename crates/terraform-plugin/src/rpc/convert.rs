//! Between the framework's types and the messages on the wire.

use std::{collections::BTreeMap, sync::Arc};

use super::{Refused, places::Places, registry::Registry};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity},
    ephemeral_resource::Lease,
    function::{FunctionHandler, Parameter, Signature},
    identity::is_missing,
    path::{Path, Step},
    schema::{Attribute, Block, BlockNesting, Body, Description, Kind, Nesting, Schema},
    shape::{self, Shape},
    value::{
        Type, Value,
        codec::CodecError,
        json::{self, Strictness},
        msgpack, tuples,
    },
    wire::tfplugin6 as wire,
};

/// Reads a value of the shape's type. Nothing at all is null, as core reads it.
pub(crate) fn value(
    message: Option<&wire::DynamicValue>,
    ty: &Type,
    what: &str,
) -> Result<Value, Diagnostics> {
    let Some(message) = message else {
        return Ok(Value::Null);
    };
    let sent = tuples::as_sent(ty);
    let read = if !message.msgpack.is_empty() {
        msgpack::decode(&message.msgpack, &sent)
    } else if !message.json.is_empty() {
        json::decode(&message.json, &sent, Strictness::Exact)
    } else {
        Ok(Value::Null)
    };
    read.and_then(|value| tuples::from_sent(value, ty, false))
        .map_err(|err| unreadable(what, &err))
}

/// Reads the configuration of something of that shape.
pub(super) fn config(message: Option<&wire::DynamicValue>, shape: &Arc<Shape>) -> Result<Value, Refused> {
    value(message, &shape.ty, "configuration").map_err(Refused::of(shape))
}

fn unreadable(what: &str, err: &CodecError) -> Diagnostics {
    let detail = format!("The {what} that was sent does not fit the provider's schema: {err}.");
    Diagnostic::error("Unreadable value", detail)
        .at(err.path.clone())
        .into()
}

/// Reads stored state. Attributes that the type does not have are dropped, those that are not there are null:
/// another provider of the same schema version may have written it.
pub(crate) fn stored(json: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let value = json::decode(json, &tuples::as_sent(ty), Strictness::Lenient)?;
    tuples::from_sent(value, ty, true)
}

/// Writes state as it is stored, as JSON.
pub(crate) fn to_stored(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    json::encode(&tuples::to_sent(value, ty), &tuples::as_sent(ty))
}

/// The bytes of a value of that type, as core reads them.
pub(crate) fn encoded(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    msgpack::encode(&tuples::to_sent(value, ty), &tuples::as_sent(ty))
}

/// Writes a value of the shape's type.
pub(crate) fn dynamic_value(value: &Value, shape: &Shape) -> Result<wire::DynamicValue, Diagnostics> {
    match encoded(value, &shape.ty) {
        Ok(msgpack) => Ok(wire::DynamicValue {
            msgpack,
            json: Vec::new(),
        }),
        Err(err) => Err(shape::bug(shape, err.path, format_args!("the value {}", err.message)).into()),
    }
}

/// Reads an identity; null where there is none, or the shape has none.
pub(crate) fn identity(
    message: Option<&wire::ResourceIdentityData>,
    shape: &Shape,
) -> Result<Value, Diagnostics> {
    let (Some(identity), Some(message)) = (&shape.identity, message) else {
        return Ok(Value::Null);
    };
    let data = message.identity_data.as_ref();
    value(data, &identity.ty, "identity").map_err(|found| {
        // The paths are the identity's, not the resource's.
        let whole = |diagnostic: Diagnostic| diagnostic.at(Path::root());
        found.into_iter().map(whole).collect()
    })
}

/// Writes an identity. None is sent where there is none, and never without a schema: core would crash (see
/// GRPCProvider.ReadResource).
pub(crate) fn identity_data(
    identity: &Value,
    shape: &Shape,
) -> Result<Option<wire::ResourceIdentityData>, Diagnostics> {
    let Some(of) = shape.identity.as_ref().filter(|_| !is_missing(identity)) else {
        return Ok(None);
    };
    let msgpack = msgpack::encode(identity, &of.ty)
        .map_err(|err| shape::bug(shape, Path::root(), format_args!("the identity: {err}")))?;
    Ok(Some(wire::ResourceIdentityData {
        identity_data: Some(wire::DynamicValue {
            msgpack,
            json: Vec::new(),
        }),
    }))
}

/// Null, which has the same bytes for every type.
pub(crate) fn null() -> wire::DynamicValue {
    wire::DynamicValue {
        msgpack: vec![0xc0],
        json: Vec::new(),
    }
}

/// The detail, with the path in front where it has several steps and the detail does not name it: a CLI shows the line
/// on which the outermost attribute begins, and no more of the path.
fn detail(diagnostic: &Diagnostic) -> String {
    let path = diagnostic.path.to_string();
    if diagnostic.path.steps().len() < 2 || diagnostic.detail.contains(&path) {
        diagnostic.detail.clone()
    } else if diagnostic.detail.is_empty() {
        format!("It is about {path}.")
    } else {
        format!("{path}: {}", diagnostic.detail)
    }
}

/// Diagnostics with their paths in the words of the protocol.
pub(super) fn diagnostics(
    diagnostics: Diagnostics,
    places: &Places<'_>,
) -> impl Iterator<Item = wire::Diagnostic> {
    diagnostics.into_iter().map(move |diagnostic| {
        let severity = match diagnostic.severity {
            Severity::Error => wire::diagnostic::Severity::Error,
            Severity::Warning => wire::diagnostic::Severity::Warning,
        };
        let detail = detail(&diagnostic);
        let path = places.find(&diagnostic.path);
        wire::Diagnostic {
            severity: severity.into(),
            summary: diagnostic.summary,
            detail,
            attribute: (!path.is_root()).then(|| attribute_path(&path)),
        }
    })
}

/// A path that was resolved by its type.
pub(crate) fn attribute_path(path: &Path) -> wire::AttributePath {
    use wire::attribute_path::{Step as Wire, step::Selector};
    let step = |step: &Step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        Wire {
            selector: Some(selector),
        }
    };
    wire::AttributePath {
        steps: path.steps().iter().map(step).collect(),
    }
}

/// A path as it came.
pub(crate) fn path(path: &wire::AttributePath) -> Path {
    use wire::attribute_path::step::Selector;
    let steps = path.steps.iter().filter_map(|step| step.selector.as_ref());
    steps
        .map(|selector| match selector {
            Selector::AttributeName(name) => Step::Attribute(name.clone()),
            Selector::ElementKeyString(key) => Step::Key(key.clone()),
            Selector::ElementKeyInt(index) => Step::Index(*index),
        })
        .collect()
}

/// Diagnostics as they came.
pub(crate) fn read_diagnostics(diagnostics: Vec<wire::Diagnostic>) -> Diagnostics {
    diagnostics
        .into_iter()
        .map(|diagnostic| {
            let at = diagnostic.attribute.as_ref().map(path).unwrap_or_default();
            match diagnostic.severity() {
                wire::diagnostic::Severity::Warning => {
                    Diagnostic::warning(diagnostic.summary, diagnostic.detail)
                }
                _ => Diagnostic::error(diagnostic.summary, diagnostic.detail),
            }
            .at(at)
        })
        .collect()
}

/// A schema.
pub(crate) fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema {
        version: schema.version(),
        block: Some(body(&schema.body)),
    }
}

/// What core keeps of an open ephemeral resource.
pub(crate) fn lease(lease: Lease) -> (Option<Vec<u8>>, Option<prost_types::Timestamp>) {
    (Some(lease.private), lease.renew_at.map(Into::into))
}

/// The functions with their signatures.
pub(crate) fn functions(functions: &Registry<dyn FunctionHandler>) -> BTreeMap<String, wire::Function> {
    functions
        .iter()
        .map(|each| (each.name().to_owned(), function(each.signature())))
        .collect()
}

fn function(signature: &Signature) -> wire::Function {
    let parameter = |(name, parameter): &(String, Parameter)| wire::function::Parameter {
        name: name.clone(),
        r#type: parameter.ty().to_json(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description().text.clone(),
        description_kind: string_kind(parameter.description()),
    };
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return {
            r#type: signature.returns.to_json(),
        }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: signature.deprecated.clone().unwrap_or_default(),
    }
}

fn body(body: &Body) -> wire::schema::Block {
    wire::schema::Block {
        version: 0,
        attributes: attributes(&body.attributes),
        block_types: body
            .blocks
            .iter()
            .map(|(name, block)| nested_block(name, block))
            .collect(),
        description: body.description.text.clone(),
        description_kind: string_kind(&body.description),
        deprecated: body.deprecated.is_some(),
        deprecation_message: body.deprecated.clone().unwrap_or_default(),
        computed: false,
    }
}

fn string_kind(description: &Description) -> i32 {
    if description.plain {
        wire::StringKind::Plain.into()
    } else {
        wire::StringKind::Markdown.into()
    }
}

fn attributes(attributes: &[(String, Attribute)]) -> Vec<wire::schema::Attribute> {
    attributes
        .iter()
        .map(|(name, each)| attribute(name, each))
        .collect()
}

fn attribute(name: &str, attribute: &Attribute) -> wire::schema::Attribute {
    use wire::schema::object::NestingMode;
    let (r#type, nested_type) = match &attribute.kind {
        Kind::Plain(ty) => (ty.to_json(), None),
        Kind::Nested(nesting, inner) => {
            let nesting = match nesting {
                Nesting::Single => NestingMode::Single,
                Nesting::List => NestingMode::List,
                Nesting::Set => NestingMode::Set,
                Nesting::Map => NestingMode::Map,
            };
            let object = wire::schema::Object {
                attributes: attributes(inner),
                nesting: nesting.into(),
                ..wire::schema::Object::default()
            };
            (Vec::new(), Some(object))
        }
    };
    wire::schema::Attribute {
        name: name.to_owned(),
        r#type,
        nested_type,
        description: attribute.description.text.clone(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        description_kind: string_kind(&attribute.description),
        deprecated: attribute.deprecated.is_some(),
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested_block(name: &str, block: &Block) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let nesting = match block.nesting {
        BlockNesting::Single => NestingMode::Single,
        BlockNesting::Group => NestingMode::Group,
        BlockNesting::List => NestingMode::List,
        BlockNesting::Set => NestingMode::Set,
        BlockNesting::Map => NestingMode::Map,
    };
    wire::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(wire::schema::Block {
            computed: block.computed,
            ..body(&block.body)
        }),
        nesting: nesting.into(),
        min_items: block.min,
        max_items: block.max,
    }
}
