//! A service as it is spoken to: its protocol, its operations, and what each does.

use std::pin::Pin;

use serde_json::Value;

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::world::World;
use crate::shared::Shared;
use crate::wire::query::Params;
use crate::wire::rest_json::Place;
use crate::wire::{Protocol, Reply};

/// What a service registers: everything that anybody has to know of it.
pub(crate) struct Service {
    pub(crate) surface: &'static Surface,
    pub(crate) registration: &'static Registration,
    pub(crate) protocol: Protocol,
    /// Members or parameters that name what a call is about.
    pub(crate) resources: &'static [&'static str],
    /// Checks the input of an operation by its model. Forms are checked as they are read.
    pub(crate) check: fn(&str, &Value) -> Answer<()>,
    /// Every operation there is, sorted.
    pub(crate) operations: &'static [Operation],
}

/// What a request says.
pub(crate) enum Input {
    Json(Value),
    Form(Params),
}

/// Who signed a request.
pub(crate) struct Caller {
    pub(crate) access_key: String,
    pub(crate) arn: String,
}

type Answering<'a> = Pin<Box<dyn Future<Output = Answer<Reply>> + Send + 'a>>;

enum Handler {
    Form(fn(&mut World, &Params, &Caller) -> Answer<Reply>),
    Json(fn(&mut World, &Value, &Caller) -> Answer<Reply>),
    /// Takes its time, while the world goes on.
    Waiting(for<'a> fn(&'a Shared, &'a Value) -> Answering<'a>),
}

pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Where it is, in restJson1.
    pub(crate) place: Option<Place>,
    /// Whether it needs no signature.
    pub(crate) unsigned: bool,
    handler: Handler,
}

impl Operation {
    const fn new(name: &'static str, handler: Handler) -> Self {
        Self {
            name,
            place: None,
            unsigned: false,
            handler,
        }
    }

    pub(crate) const fn form(
        name: &'static str,
        does: fn(&mut World, &Params, &Caller) -> Answer<Reply>,
    ) -> Self {
        Self::new(name, Handler::Form(does))
    }

    pub(crate) const fn json(
        name: &'static str,
        does: fn(&mut World, &Value, &Caller) -> Answer<Reply>,
    ) -> Self {
        Self::new(name, Handler::Json(does))
    }

    pub(crate) const fn waiting(
        name: &'static str,
        does: for<'a> fn(&'a Shared, &'a Value) -> Answering<'a>,
    ) -> Self {
        Self::new(name, Handler::Waiting(does))
    }

    /// The same operation, at a method and path.
    pub(crate) const fn at(self, method: &'static str, path: &'static str) -> Self {
        Self {
            place: Some(Place { method, path }),
            ..self
        }
    }

    /// The same operation, without a signature.
    pub(crate) const fn unsigned(self) -> Self {
        Self {
            unsigned: true,
            ..self
        }
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
        if let Input::Json(input) = &input {
            (self.check)(operation, input)?;
        }
        match (&found.handler, &input) {
            (Handler::Waiting(does), Input::Json(input)) => does(shared, input).await,
            (Handler::Form(does), Input::Form(params)) => {
                self.observed(&mut shared.world(), |world| does(world, params, caller))
            }
            (Handler::Json(does), Input::Json(input)) => {
                self.observed(&mut shared.world(), |world| does(world, input, caller))
            }
            _ => Err(ApiError::bad_request(
                "SerializationException",
                "The request is of another protocol",
            )),
        }
    }

    fn observed(&self, world: &mut World, does: impl FnOnce(&mut World) -> Answer<Reply>) -> Answer<Reply> {
        let answer = does(world);
        (self.registration.observe)(world);
        answer
    }
}
