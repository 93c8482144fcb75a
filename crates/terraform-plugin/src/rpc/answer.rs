//! Every response can carry what went wrong.

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    rpc::{convert, places::Places},
    shape::Shape,
    value::Type,
    wire::tfplugin6 as wire,
};

/// What stood in the way of a call, and the shape that places the paths in it.
pub(crate) struct Refused {
    pub(crate) found: Diagnostics,
    of: Option<Arc<Shape>>,
}

impl Refused {
    /// What was asked for is not there.
    pub(super) fn unknown(found: Diagnostic) -> Self {
        Self {
            found: found.into(),
            of: None,
        }
    }

    /// For `map_err`: what came of something of that shape.
    pub(super) fn of(shape: &Arc<Shape>) -> impl FnOnce(Diagnostics) -> Self {
        |found| Self {
            found,
            of: Some(Arc::clone(shape)),
        }
    }

    /// The response that is nothing but this.
    pub(super) fn answer<A: Answer>(self) -> A {
        match &self.of {
            Some(shape) => A::failed(self.found, shape),
            None => A::failed(self.found, &Type::Dynamic),
        }
    }
}

/// For who asks without a call, as the test host does.
impl From<Refused> for Diagnostics {
    fn from(refused: Refused) -> Self {
        refused.found
    }
}

/// A response.
pub(super) trait Answer: Default + Send + 'static {
    /// Adds diagnostics about something of that shape or type, which places their paths.
    fn add<'a>(&mut self, diagnostics: Diagnostics, of: impl Into<Places<'a>>);

    /// How many errors and warnings it carries, for the log.
    fn counts(&self) -> (usize, usize);

    /// A response that is nothing but these.
    fn failed<'a>(diagnostics: impl Into<Diagnostics>, of: impl Into<Places<'a>>) -> Self {
        let mut answer = Self::default();
        answer.add(diagnostics.into(), of);
        answer
    }

    /// A response to what this framework cannot do (yet).
    fn unsupported(what: &str) -> Self {
        let detail = format!("{what} are not supported by this provider.");
        Self::failed(Diagnostic::error("Not supported", detail), &Type::Dynamic)
    }
}

fn counts(diagnostics: &[wire::Diagnostic]) -> (usize, usize) {
    let of = |severity| diagnostics.iter().filter(|d| d.severity() == severity).count();
    (
        of(wire::diagnostic::Severity::Error),
        of(wire::diagnostic::Severity::Warning),
    )
}

macro_rules! answers {
    ($($module:ident),* $(,)?) => {$(
        impl Answer for wire::$module::Response {
            fn add<'a>(&mut self, diagnostics: Diagnostics, of: impl Into<Places<'a>>) {
                self.diagnostics.extend(convert::diagnostics(diagnostics, &of.into()));
            }

            fn counts(&self) -> (usize, usize) {
                counts(&self.diagnostics)
            }
        }
    )*};
}

answers!(
    get_metadata,
    get_provider_schema,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    upgrade_resource_state,
    get_resource_identity_schemas,
    upgrade_resource_identity,
    configure_provider,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    read_data_source,
    generate_resource_config,
    validate_ephemeral_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource,
    validate_list_resource_config,
    get_functions,
    validate_state_store,
    configure_state_store,
    read_state_bytes,
    write_state_bytes,
    lock_state,
    unlock_state,
    get_states,
    delete_state,
    plan_action,
    validate_action_config,
);

fn text(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| format!("{}: {}", d.summary, d.detail))
        .collect::<Vec<_>>()
        .join("\n")
}

impl Answer for wire::stop_provider::Response {
    fn add<'a>(&mut self, diagnostics: Diagnostics, _: impl Into<Places<'a>>) {
        self.error = text(&diagnostics);
    }

    fn counts(&self) -> (usize, usize) {
        (usize::from(!self.error.is_empty()), 0)
    }
}

impl Answer for wire::call_function::Response {
    fn add<'a>(&mut self, diagnostics: Diagnostics, _: impl Into<Places<'a>>) {
        self.error = Some(wire::FunctionError {
            text: text(&diagnostics),
            function_argument: None,
        });
    }

    fn counts(&self) -> (usize, usize) {
        (usize::from(self.error.is_some()), 0)
    }
}

impl Answer for wire::list_resource::Event {
    fn add<'a>(&mut self, diagnostics: Diagnostics, of: impl Into<Places<'a>>) {
        self.diagnostic
            .extend(convert::diagnostics(diagnostics, &of.into()));
    }

    fn counts(&self) -> (usize, usize) {
        counts(&self.diagnostic)
    }
}

// An event without a type makes core panic, so the default one is never sent bare: `unsupported` completes
// it.
impl Answer for wire::invoke_action::Event {
    fn add<'a>(&mut self, diagnostics: Diagnostics, of: impl Into<Places<'a>>) {
        use wire::invoke_action::event::{Completed, Type as Event};
        self.r#type = Some(Event::Completed(Completed {
            diagnostics: convert::diagnostics(diagnostics, &of.into()).collect(),
        }));
    }

    fn counts(&self) -> (usize, usize) {
        match &self.r#type {
            Some(wire::invoke_action::event::Type::Completed(completed)) => counts(&completed.diagnostics),
            _ => (0, 0),
        }
    }
}
