//! The service on the wire: a line per method.

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use super::{
    Plugin, apply_resource_change, configure_provider, generate_resource_config, get_metadata,
    get_provider_schema, get_resource_identity_schemas, import_resource_state, move_resource_state,
    plan_resource_change, read_resource, stop_provider, unary::unary, unsupported, upgrade_resource_identity,
    upgrade_resource_state, validate_provider_config, validate_resource_config,
};
use crate::wire::tfplugin6::{self as wire, provider_server::Provider};

/// The provider service of one provider.
pub(crate) struct Service {
    plugin: Arc<Plugin>,
}

impl Service {
    pub(crate) fn new(plugin: Plugin) -> Self {
        Self {
            plugin: Arc::new(plugin),
        }
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }
}

/// Writes the service. A method is `name(messages: field with the type's name, if any) => function`; the
/// function takes the call and the request. Methods that stream answer with one message.
macro_rules! service {
    (
        unary { $($unary:ident($module:ident $(: $of:ident)?) => $call:expr;)* }
        streams { $($stream:ident($from:ident: $named:ident) -> $Stream:ident<$Event:ty> => $answer:expr;)* }
        uploads { $($upload:ident($chunks:ident::$Chunk:ident) => $reply:expr;)* }
    ) => {
        #[tonic::async_trait]
        impl Provider for Service {
            $(async fn $unary(
                &self,
                request: Request<wire::$module::Request>,
            ) -> Result<Response<wire::$module::Response>, Status> {
                let type_name = String::new() $(+ &request.get_ref().$of)?;
                unary(&self.plugin, stringify!($unary), &type_name, request, $call).await
            })*

            $(type $Stream = tokio_stream::Once<Result<$Event, Status>>;

            async fn $stream(
                &self,
                request: Request<wire::$from::Request>,
            ) -> Result<Response<Self::$Stream>, Status> {
                let type_name = request.get_ref().$named.clone();
                let event = unary(&self.plugin, stringify!($stream), &type_name, request, $answer).await?;
                Ok(event.map(|event| tokio_stream::once(Ok(event))))
            })*

            $(async fn $upload(
                &self,
                request: Request<Streaming<wire::$chunks::$Chunk>>,
            ) -> Result<Response<wire::$chunks::Response>, Status> {
                unary(&self.plugin, stringify!($upload), "", request, $reply).await
            })*
        }
    };
}

service! {
    unary {
        get_metadata(get_metadata) => get_metadata::call;
        get_provider_schema(get_provider_schema) => get_provider_schema::call;
        validate_provider_config(validate_provider_config) => validate_provider_config::call;
        validate_resource_config(validate_resource_config: type_name) => validate_resource_config::call;
        validate_data_resource_config(validate_data_resource_config: type_name) => unsupported::data_sources;
        upgrade_resource_state(upgrade_resource_state: type_name) => upgrade_resource_state::call;
        get_resource_identity_schemas(get_resource_identity_schemas) => get_resource_identity_schemas::call;
        upgrade_resource_identity(upgrade_resource_identity: type_name) => upgrade_resource_identity::call;
        configure_provider(configure_provider) => configure_provider::call;
        read_resource(read_resource: type_name) => read_resource::call;
        plan_resource_change(plan_resource_change: type_name) => plan_resource_change::call;
        apply_resource_change(apply_resource_change: type_name) => apply_resource_change::call;
        import_resource_state(import_resource_state: type_name) => import_resource_state::call;
        move_resource_state(move_resource_state: target_type_name) => move_resource_state::call;
        read_data_source(read_data_source: type_name) => unsupported::data_sources;
        generate_resource_config(generate_resource_config: type_name) => generate_resource_config::call;
        validate_ephemeral_resource_config(validate_ephemeral_resource_config: type_name) => unsupported::ephemeral;
        open_ephemeral_resource(open_ephemeral_resource: type_name) => unsupported::ephemeral;
        renew_ephemeral_resource(renew_ephemeral_resource: type_name) => unsupported::ephemeral;
        close_ephemeral_resource(close_ephemeral_resource: type_name) => unsupported::ephemeral;
        validate_list_resource_config(validate_list_resource_config: type_name) => unsupported::lists;
        get_functions(get_functions) => unsupported::none;
        call_function(call_function: name) => unsupported::functions;
        validate_state_store_config(validate_state_store: type_name) => unsupported::state_stores;
        configure_state_store(configure_state_store: type_name) => unsupported::state_stores;
        lock_state(lock_state: type_name) => unsupported::state_stores;
        unlock_state(unlock_state: type_name) => unsupported::state_stores;
        get_states(get_states: type_name) => unsupported::state_stores;
        delete_state(delete_state: type_name) => unsupported::state_stores;
        plan_action(plan_action: action_type) => unsupported::actions;
        validate_action_config(validate_action_config: type_name) => unsupported::actions;
        stop_provider(stop_provider) => stop_provider::call;
    }
    streams {
        list_resource(list_resource: type_name) -> ListResourceStream<wire::list_resource::Event>
            => unsupported::lists;
        read_state_bytes(read_state_bytes: type_name) -> ReadStateBytesStream<wire::read_state_bytes::Response>
            => unsupported::state_stores;
        invoke_action(invoke_action: action_type) -> InvokeActionStream<wire::invoke_action::Event>
            => unsupported::actions;
    }
    uploads {
        write_state_bytes(write_state_bytes::RequestChunk) => unsupported::state_stores;
    }
}
