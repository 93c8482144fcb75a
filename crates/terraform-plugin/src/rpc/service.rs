//! The service on the wire: a line per method.

use std::{fmt, sync::Arc};

use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};

use super::{
    Plugin, apply_resource_change, call_function,
    calls::{Named, streaming, unary},
    close_ephemeral_resource, configure_provider, generate_resource_config, get_functions, get_metadata,
    get_provider_schema, get_resource_identity_schemas, import_resource_state, invoke_action, list_resource,
    move_resource_state, open_ephemeral_resource, plan_action, plan_resource_change, read_data_source,
    read_resource, renew_ephemeral_resource, stop_provider, unsupported, upgrade_resource_identity,
    upgrade_resource_state, validate_action_config, validate_data_resource_config,
    validate_ephemeral_resource_config, validate_list_resource_config, validate_provider_config,
    validate_resource_config,
};
use crate::wire::tfplugin6::{self as wire, provider_server::Provider};

/// The provider service of one provider.
pub(crate) struct Service {
    plugin: Arc<Plugin>,
    calls: TaskTracker,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("provider", &self.plugin.address())
            .finish_non_exhaustive()
    }
}

impl Service {
    /// The service tracks its calls in flight in `calls`.
    pub(crate) fn new(plugin: Plugin, calls: TaskTracker) -> Self {
        Self {
            plugin: Arc::new(plugin),
            calls,
        }
    }

    pub(crate) fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// The calls in flight, whether or not their host still waits for them.
    pub(crate) fn calls(&self) -> &TaskTracker {
        &self.calls
    }
}

/// Writes the service. A method is `name(messages: field with the type's name as the log's field for it) =>
/// function`; the function takes the call and the request and, where it streams, the events.
macro_rules! service {
    (@about $request:ident) => { None };
    (@about $request:ident $of:ident $field:ident) => {
        Some((stringify!($field), $request.get_ref().$of.clone()))
    };
    (
        unary { $($unary:ident($module:ident $(: $of:ident as $field:ident)?) => $call:expr;)* }
        streams { $($stream:ident($from:ident: $named:ident as $kind:ident) -> $Stream:ident<$Event:ty> => $events:expr;)* }
        uploads { $($upload:ident($chunks:ident::$Chunk:ident) => $reply:expr;)* }
    ) => {
        #[tonic::async_trait]
        impl Provider for Service {
            $(async fn $unary(
                &self,
                request: Request<wire::$module::Request>,
            ) -> Result<Response<wire::$module::Response>, Status> {
                let about = service!(@about request $($of $field)?);
                unary(self, Named { method: stringify!($unary), about }, request, $call).await
            })*

            $(type $Stream = ReceiverStream<Result<$Event, Status>>;

            async fn $stream(
                &self,
                request: Request<wire::$from::Request>,
            ) -> Result<Response<Self::$Stream>, Status> {
                let about = service!(@about request $named $kind);
                Ok(streaming(self, Named { method: stringify!($stream), about }, request, $events))
            })*

            $(async fn $upload(
                &self,
                request: Request<Streaming<wire::$chunks::$Chunk>>,
            ) -> Result<Response<wire::$chunks::Response>, Status> {
                unary(self, Named { method: stringify!($upload), about: None }, request, $reply).await
            })*
        }
    };
}

service! {
    unary {
        get_metadata(get_metadata) => get_metadata::call;
        get_provider_schema(get_provider_schema) => get_provider_schema::call;
        validate_provider_config(validate_provider_config) => validate_provider_config::call;
        validate_resource_config(validate_resource_config: type_name as tf_resource_type) => validate_resource_config::call;
        validate_data_resource_config(validate_data_resource_config: type_name as tf_data_source_type) => validate_data_resource_config::call;
        upgrade_resource_state(upgrade_resource_state: type_name as tf_resource_type) => upgrade_resource_state::call;
        get_resource_identity_schemas(get_resource_identity_schemas) => get_resource_identity_schemas::call;
        upgrade_resource_identity(upgrade_resource_identity: type_name as tf_resource_type) => upgrade_resource_identity::call;
        configure_provider(configure_provider) => configure_provider::call;
        read_resource(read_resource: type_name as tf_resource_type) => read_resource::call;
        plan_resource_change(plan_resource_change: type_name as tf_resource_type) => plan_resource_change::call;
        apply_resource_change(apply_resource_change: type_name as tf_resource_type) => apply_resource_change::call;
        import_resource_state(import_resource_state: type_name as tf_resource_type) => import_resource_state::call;
        move_resource_state(move_resource_state: target_type_name as tf_resource_type) => move_resource_state::call;
        read_data_source(read_data_source: type_name as tf_data_source_type) => read_data_source::call;
        generate_resource_config(generate_resource_config: type_name as tf_resource_type) => generate_resource_config::call;
        validate_ephemeral_resource_config(validate_ephemeral_resource_config: type_name as tf_ephemeral_resource_type) => validate_ephemeral_resource_config::call;
        open_ephemeral_resource(open_ephemeral_resource: type_name as tf_ephemeral_resource_type) => open_ephemeral_resource::call;
        renew_ephemeral_resource(renew_ephemeral_resource: type_name as tf_ephemeral_resource_type) => renew_ephemeral_resource::call;
        close_ephemeral_resource(close_ephemeral_resource: type_name as tf_ephemeral_resource_type) => close_ephemeral_resource::call;
        validate_list_resource_config(validate_list_resource_config: type_name as tf_list_resource_type) => validate_list_resource_config::call;
        get_functions(get_functions) => get_functions::call;
        call_function(call_function: name as tf_function_name) => call_function::call;
        validate_state_store_config(validate_state_store: type_name as tf_state_store_type) => unsupported::state_stores;
        configure_state_store(configure_state_store: type_name as tf_state_store_type) => unsupported::state_stores;
        lock_state(lock_state: type_name as tf_state_store_type) => unsupported::state_stores;
        unlock_state(unlock_state: type_name as tf_state_store_type) => unsupported::state_stores;
        get_states(get_states: type_name as tf_state_store_type) => unsupported::state_stores;
        delete_state(delete_state: type_name as tf_state_store_type) => unsupported::state_stores;
        plan_action(plan_action: action_type as tf_action_type) => plan_action::call;
        validate_action_config(validate_action_config: type_name as tf_action_type) => validate_action_config::call;
        stop_provider(stop_provider) => stop_provider::call;
    }
    streams {
        list_resource(list_resource: type_name as tf_list_resource_type) -> ListResourceStream<wire::list_resource::Event>
            => list_resource::call;
        read_state_bytes(read_state_bytes: type_name as tf_state_store_type) -> ReadStateBytesStream<wire::read_state_bytes::Response>
            => unsupported::stream_of_state;
        invoke_action(invoke_action: action_type as tf_action_type) -> InvokeActionStream<wire::invoke_action::Event>
            => invoke_action::call;
    }
    uploads {
        write_state_bytes(write_state_bytes::RequestChunk) => unsupported::state_stores;
    }
}
