//! A service as it is spoken to: its protocol, its operations, and what each does.

use std::pin::Pin;
use std::sync::LazyLock;

use serde_json::Value;

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::world::World;
use crate::shared::Shared;
use crate::wire::model::{Model, Violation};
use crate::wire::{Protocol, Reply};

/// What a service registers: everything that anybody has to know of it.
pub(crate) struct Service {
    pub(crate) surface: &'static Surface,
    pub(crate) registration: &'static Registration,
    /// What its operations look like on the wire.
    pub(crate) model: &'static LazyLock<Model<'static>>,
    /// Members or parameters that name what a call is about.
    pub(crate) resources: &'static [&'static str],
    /// Says what of an input is not as the model has it.
    pub(crate) refuses: fn(Vec<Violation>) -> ApiError,
    /// Every operation there is, sorted.
    pub(crate) operations: &'static [Operation],
}

/// What a request says.
pub(crate) struct Input {
    /// The members of the operation's input.
    pub(crate) members: Value,
    /// What the operation does not have, and its protocol refuses.
    pub(crate) unknown: Vec<Violation>,
}

/// Who signed a request.
pub(crate) struct Caller {
    pub(crate) access_key: String,
    pub(crate) arn: String,
}

type Answering<'a> = Pin<Box<dyn Future<Output = Answer<Reply>> + Send + 'a>>;

enum Handler {
    AtOnce(fn(&mut World, &Value, &Caller) -> Answer<Reply>),
    /// Takes its time, while the world goes on.
    Waiting(for<'a> fn(&'a Shared, &'a Value) -> Answering<'a>),
}

pub(crate) struct Operation {
    pub(crate) name: &'static str,
    handler: Handler,
}

impl Operation {
    const fn new(name: &'static str, handler: Handler) -> Self {
        Self { name, handler }
    }

    pub(crate) const fn at_once(
        name: &'static str,
        does: fn(&mut World, &Value, &Caller) -> Answer<Reply>,
    ) -> Self {
        Self::new(name, Handler::AtOnce(does))
    }

    pub(crate) const fn waiting(
        name: &'static str,
        does: for<'a> fn(&'a Shared, &'a Value) -> Answering<'a>,
    ) -> Self {
        Self::new(name, Handler::Waiting(does))
    }
}

/// The names of some operations.
pub(crate) fn names(operations: &[Operation]) -> Vec<&'static str> {
    operations.iter().map(|operation| operation.name).collect()
}

impl Service {
    /// The name in the credential scope.
    pub(crate) fn name(&self) -> &'static str {
        self.surface.name
    }

    pub(crate) fn protocol(&self) -> Protocol<'static> {
        self.model.protocol()
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Does what a request asks for.
    pub(crate) async fn answer(
        &self,
        shared: &Shared,
        operation: &str,
        input: Input,
        caller: &Caller,
    ) -> Answer<Reply> {
        let found = self.operation(operation);
        let found = found.ok_or_else(|| self.surface.words.missing_operation())?;
        let Input {
            members,
            unknown: mut violations,
        } = input;
        violations.extend(self.model.violations(operation, &members));
        if !violations.is_empty() {
            return Err((self.refuses)(violations));
        }
        let answer = match found.handler {
            Handler::Waiting(does) => does(shared, &members).await,
            Handler::AtOnce(does) => {
                let world = &mut shared.world();
                let answer = does(world, &members, caller);
                (self.registration.observe)(world);
                answer
            }
        };
        answer.map_err(|error| {
            if error.status.is_some() {
                return error;
            }
            let status = self.model.error_status(operation, &error.code);
            // The crate's own tests stop here, so that they find what only an amendment of the service can allow.
            assert!(
                status.is_some() || !cfg!(test),
                "{}:{operation} lists no {}",
                self.name(),
                error.code
            );
            error.with_status(status.unwrap_or(400))
        })
    }
}
