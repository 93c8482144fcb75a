//! Data sources, ephemeral resources, functions, list resources and actions in a host, each called and checked
//! as core does it.

use std::{fmt, sync::Arc, time::SystemTime};

use tokio_stream::StreamExt;
use tonic::Request;

use super::{answer, config, succeeded};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ephemeral_resource::EphemeralResourceHandler,
    path::Path,
    plan,
    rpc::{Service, convert},
    shape::Shape,
    value::{Type, Value, conform, msgpack},
    wire::tfplugin6::{self as wire, provider_server::Provider as _},
};

/// How a call of the host goes: through the service, with the host's capabilities.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) service: Arc<Service>,
    pub(super) capabilities: Option<wire::ClientCapabilities>,
}

/// What core would say of an answer.
fn rejected(shape: &Shape, path: Path, rule: &str) -> Diagnostic {
    let detail = format!("{}: {rule}.", shape.owner());
    Diagnostic::error("Core rejects the answer", detail).at(path)
}

fn complete(shape: &Shape, config: Value) -> Result<(Value, Option<wire::DynamicValue>), Diagnostics> {
    let config = config::complete(&shape.schema, config)?;
    let sent = convert::dynamic_value(&config, shape)?;
    Ok((config, Some(sent)))
}

/// What core demands of every result: there, of the schema's type, and wholly known.
fn result(shape: &Shape, message: Option<&wire::DynamicValue>) -> Result<Value, Diagnostics> {
    let value = convert::value(message, &shape.ty, "result")?;
    let unknown = value.unknown_paths().into_iter();
    let mut broken: Diagnostics = unknown.map(|path| rejected(shape, path, "is unknown")).collect();
    if value.is_null() {
        broken.push(rejected(shape, Path::root(), "the result is null"));
    }
    broken.into_outcome().map(|()| value)
}

/// A host whose run ends here has no result of what was put off.
fn not_deferred(shape: &Shape, deferred: Option<&wire::Deferred>) -> Result<(), Diagnostics> {
    let Some(deferred) = deferred else { return Ok(()) };
    let detail = format!("{}: {}.", shape.owner(), deferred.reason().as_str_name());
    Err(Diagnostic::error("Put off to another run", detail).into())
}

/// A data source in a host.
#[derive(Debug)]
pub struct HostedDataSource {
    pub(super) wire: Wire,
    pub(super) shape: Arc<Shape>,
}

impl HostedDataSource {
    /// Validates a configuration, whose values may be unknown. Answers with the warnings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::validate_data_resource_config::Request {
            type_name: self.shape.name.to_owned(),
            config,
        };
        let response = self
            .wire
            .service
            .validate_data_resource_config(Request::new(request))
            .await;
        succeeded(answer(response)?.diagnostics)
    }

    /// Validates and reads. Answers with what was found.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn read(&self, config: Value) -> Result<Value, Diagnostics> {
        self.validate(config.clone()).await?;
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::read_data_source::Request {
            type_name: self.shape.name.to_owned(),
            config,
            client_capabilities: self.wire.capabilities,
            provider_meta: None,
        };
        let response = answer(self.wire.service.read_data_source(Request::new(request)).await)?;
        succeeded(response.diagnostics)?;
        not_deferred(&self.shape, response.deferred.as_ref())?;
        result(&self.shape, response.state.as_ref())
    }
}

/// An ephemeral resource in a host.
pub struct HostedEphemeralResource {
    pub(super) wire: Wire,
    pub(super) handler: Arc<dyn EphemeralResourceHandler>,
}

impl fmt::Debug for HostedEphemeralResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedEphemeralResource")
            .field("name", &self.handler.name())
            .finish_non_exhaustive()
    }
}

impl HostedEphemeralResource {
    /// Validates a configuration, whose values may be unknown. Answers with the warnings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let shape = self.handler.shape();
        let (_, config) = complete(shape, config)?;
        let request = wire::validate_ephemeral_resource_config::Request {
            type_name: shape.name.to_owned(),
            config,
        };
        let response = self
            .wire
            .service
            .validate_ephemeral_resource_config(Request::new(request))
            .await;
        succeeded(answer(response)?.diagnostics)
    }

    /// Validates and opens.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn open(&self, config: Value) -> Result<OpenEphemeralResource, Diagnostics> {
        self.validate(config.clone()).await?;
        let shape = self.handler.shape();
        let (config, sent) = complete(shape, config)?;
        let request = wire::open_ephemeral_resource::Request {
            type_name: shape.name.to_owned(),
            config: sent,
            client_capabilities: self.wire.capabilities,
        };
        let response = answer(
            self.wire
                .service
                .open_ephemeral_resource(Request::new(request))
                .await,
        )?;
        succeeded(response.diagnostics)?;
        not_deferred(shape, response.deferred.as_ref())?;
        let result = result(shape, response.result.as_ref())?;
        let broken = plan::assert_plan_valid(&shape.schema.body, &Value::Null, &config, &result);
        let broken: Diagnostics = broken
            .into_iter()
            .map(|broken| rejected(shape, broken.path, &broken.rule))
            .collect();
        broken.into_outcome()?;
        Ok(OpenEphemeralResource {
            wire: self.wire.clone(),
            type_name: shape.name,
            result,
            private: response.private,
            renew_at: time(response.renew_at),
        })
    }
}

fn time(at: Option<prost_types::Timestamp>) -> Option<SystemTime> {
    // Times before 1970 that no clock holds do not come from one.
    at.and_then(|at| SystemTime::try_from(at).ok())
}

/// An ephemeral resource that is open.
#[derive(Debug)]
pub struct OpenEphemeralResource {
    wire: Wire,
    type_name: &'static str,
    result: Value,
    private: Option<Vec<u8>>,
    renew_at: Option<SystemTime>,
}

impl OpenEphemeralResource {
    /// The result.
    pub fn result(&self) -> &Value {
        &self.result
    }

    /// A value of the result.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        self.result.get(path)
    }

    /// When core would renew it.
    pub fn renew_at(&self) -> Option<SystemTime> {
        self.renew_at
    }

    /// Renews it, as core does once the time has come.
    ///
    /// # Errors
    /// What the provider says; and where it does not want to be renewed, since core never would.
    pub async fn renew(&mut self) -> Result<Diagnostics, Diagnostics> {
        if self.renew_at.is_none() {
            let detail = format!("The ephemeral resource {} asked for no renewal.", self.type_name);
            return Err(Diagnostic::error("Core would not renew this", detail).into());
        }
        let request = wire::renew_ephemeral_resource::Request {
            type_name: self.type_name.to_owned(),
            private: self.private.clone(),
        };
        let response = answer(
            self.wire
                .service
                .renew_ephemeral_resource(Request::new(request))
                .await,
        )?;
        let warnings = succeeded(response.diagnostics)?;
        (self.private, self.renew_at) = (response.private, time(response.renew_at));
        Ok(warnings)
    }

    /// Closes it. Answers with the warnings.
    ///
    /// # Errors
    /// What the provider says.
    pub async fn close(self) -> Result<Diagnostics, Diagnostics> {
        let request = wire::close_ephemeral_resource::Request {
            type_name: self.type_name.to_owned(),
            private: self.private,
        };
        let response = answer(
            self.wire
                .service
                .close_ephemeral_resource(Request::new(request))
                .await,
        )?;
        succeeded(response.diagnostics)
    }
}

/// An action in a host.
#[derive(Debug)]
pub struct HostedAction {
    pub(super) wire: Wire,
    pub(super) shape: Arc<Shape>,
}

/// An action that was invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invoked {
    /// What it said on the way, in order.
    pub progress: Vec<String>,
    /// The warnings, and after a failure the errors.
    pub diagnostics: Diagnostics,
}

impl HostedAction {
    /// Validates a configuration, whose values may be unknown. Answers with the warnings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::validate_action_config::Request {
            type_name: self.shape.name.to_owned(),
            config,
        };
        let response = self
            .wire
            .service
            .validate_action_config(Request::new(request))
            .await;
        succeeded(answer(response)?.diagnostics)
    }

    /// Validates and plans; values may be unknown. Answers with the warnings.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn plan(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let mut warnings = self.validate(config.clone()).await?;
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::plan_action::Request {
            action_type: self.shape.name.to_owned(),
            config,
            client_capabilities: self.wire.capabilities,
        };
        let response = answer(self.wire.service.plan_action(Request::new(request)).await)?;
        warnings.extend(succeeded(response.diagnostics)?);
        not_deferred(&self.shape, response.deferred.as_ref())?;
        Ok(warnings)
    }

    /// Validates, plans and invokes. What it said until then is there after a failure, too.
    ///
    /// # Errors
    /// A configuration that is refused or not wholly known, and answers that core would reject.
    pub async fn invoke(&self, config: Value) -> Result<Invoked, Diagnostics> {
        self.plan(config.clone()).await?;
        let (config, sent) = complete(&self.shape, config)?;
        if let Some(path) = config.unknown_paths().into_iter().next() {
            let detail = "An action is invoked only once its whole configuration is known.";
            return Err(Diagnostic::error("Unknown configuration", detail).at(path).into());
        }
        let request = wire::invoke_action::Request {
            action_type: self.shape.name.to_owned(),
            config: sent,
            client_capabilities: self.wire.capabilities,
        };
        let mut events = answer(self.wire.service.invoke_action(Request::new(request)).await)?;
        let (mut progress, mut completed) = (Vec::new(), None);
        while let Some(event) = events.next().await {
            use wire::invoke_action::event::Type;
            let event = event.map_err(|status| Diagnostic::error("The stream broke", status.to_string()))?;
            match (event.r#type, &completed) {
                (Some(Type::Progress(said)), None) => progress.push(said.message),
                (Some(Type::Completed(end)), None) => {
                    completed = Some(convert::read_diagnostics(end.diagnostics))
                }
                (None, _) => {
                    return Err(rejected(&self.shape, Path::root(), "an event without a type").into());
                }
                (_, Some(_)) => {
                    return Err(rejected(&self.shape, Path::root(), "an event after the last one").into());
                }
            }
        }
        let ended = completed.ok_or_else(|| rejected(&self.shape, Path::root(), "it never completed"))?;
        Ok(Invoked {
            progress,
            diagnostics: ended,
        })
    }
}

/// One result of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListResult {
    /// What users read.
    pub display_name: String,
    /// The identity.
    pub identity: Value,
    /// The whole object, where it was asked for and given.
    pub resource: Option<Value>,
}

/// A list resource in a host.
#[derive(Debug)]
pub struct HostedListResource {
    pub(super) wire: Wire,
    pub(super) shape: Arc<Shape>,
    pub(super) resource: Arc<Shape>,
    pub(super) identity: Option<Type>,
}

impl HostedListResource {
    /// Validates a configuration, whose values may be unknown. Answers with the warnings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::validate_list_resource_config::Request {
            type_name: self.shape.name.to_owned(),
            config,
            ..Default::default()
        };
        let response = self
            .wire
            .service
            .validate_list_resource_config(Request::new(request))
            .await;
        succeeded(answer(response)?.diagnostics)
    }

    /// Validates and lists at most `limit` objects, as core does: it takes no more and then drops the stream.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn list(
        &self,
        config: Value,
        limit: usize,
        include_resource: bool,
    ) -> Result<Vec<ListResult>, Diagnostics> {
        self.validate(config.clone()).await?;
        let (_, config) = complete(&self.shape, config)?;
        let request = wire::list_resource::Request {
            type_name: self.shape.name.to_owned(),
            config,
            include_resource_object: include_resource,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let mut events = answer(self.wire.service.list_resource(Request::new(request)).await)?;
        let mut results = Vec::new();
        while results.len() < limit {
            let Some(event) = events.next().await else { break };
            let event = event.map_err(|status| Diagnostic::error("The stream broke", status.to_string()))?;
            let warnings = succeeded(event.diagnostic)?;
            let Some(identity) = event.identity.and_then(|identity| identity.identity_data) else {
                // Events that only warn are skipped.
                if warnings.is_empty() {
                    return Err(rejected(&self.shape, Path::root(), "an event without an identity").into());
                }
                continue;
            };
            let Some(ty) = &self.identity else {
                return Err(rejected(&self.shape, Path::root(), "an identity without a schema").into());
            };
            let identity = convert::value(Some(&identity), ty, "identity")?;
            if !identity.is_wholly_known() {
                return Err(rejected(&self.shape, Path::root(), "an identity that is not known").into());
            }
            let resource = event.resource_object.filter(|_| include_resource);
            let resource = resource
                .map(|object| result(&self.resource, Some(&object)))
                .transpose()?;
            results.push(ListResult {
                display_name: event.display_name,
                identity,
                resource,
            });
        }
        Ok(results)
    }
}

/// A function's result, or what is wrong and with which argument, counted from 0.
pub(super) async fn call(wire: &Wire, name: &str, arguments: Vec<Value>) -> Result<Value, CallError> {
    let whole = |text: String| CallError { text, argument: None };
    let function = wire.service.plugin().functions().get(name);
    let function = function.map_err(|unknown| whole(unknown.found.to_string()))?;
    let signature = function.signature();
    let count = arguments.len();
    if count < signature.parameters.len()
        || (signature.variadic.is_none() && count > signature.parameters.len())
    {
        return Err(whole(format!(
            "{count} arguments for {} parameters",
            signature.parameters.len()
        )));
    }
    let mut sent = Vec::new();
    for (i, argument) in arguments.into_iter().enumerate() {
        let Some((name, parameter)) = signature.at(i) else {
            continue;
        };
        let refused = |text: String| CallError {
            text,
            argument: Some(i),
        };
        let ty = parameter.ty();
        let misfit = |err: crate::value::codec::CodecError| refused(err.to_string());
        let argument = conform::coerce(conform::fill(&ty, argument), &ty).map_err(misfit)?;
        // Core itself keeps these from the provider.
        if argument.is_null() && !parameter.allow_null {
            return Err(refused(format!("argument {name:?} must not be null")));
        }
        if !argument.is_wholly_known() && !parameter.allow_unknown {
            return Ok(Value::UNKNOWN);
        }
        sent.push(wire::DynamicValue {
            msgpack: msgpack::encode(&argument, &ty).map_err(misfit)?,
            json: Vec::new(),
        });
    }
    let mut results = Vec::new();
    // Core compares the results of a plan with those of its apply.
    for _ in 0..2 {
        let request = wire::call_function::Request {
            name: name.to_owned(),
            arguments: sent.clone(),
        };
        let response = answer(wire.service.call_function(Request::new(request)).await);
        let response = response.map_err(|stopped| whole(stopped.to_string()))?;
        if let Some(error) = response.error {
            let argument = error.function_argument.and_then(|at| usize::try_from(at).ok());
            return Err(CallError {
                text: error.text,
                argument,
            });
        }
        let result = response
            .result
            .ok_or_else(|| whole("neither a result nor an error".to_owned()))?;
        let result = convert::value(Some(&result), &signature.returns, "result");
        results.push(result.map_err(|misfit| whole(misfit.to_string()))?);
    }
    match (results.pop(), results.pop()) {
        (Some(second), Some(first)) if first == second => Ok(first),
        _ => Err(whole("function returned an inconsistent result".to_owned())),
    }
}

/// Why a function had no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallError {
    /// What is wrong.
    pub text: String,
    /// The argument that is to blame, counted from 0.
    pub argument: Option<usize>,
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for CallError {}
