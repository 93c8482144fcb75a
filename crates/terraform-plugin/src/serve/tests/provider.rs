//! A provider for these tests: few calls answer, and those do what the tests need.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use crate::wire::tfplugin6::{provider_server::Provider, *};

/// A type name for [`apply_resource_change`](Provider::apply_resource_change) that does not mind being told
/// to stop.
pub(super) const STUBBORN: &str = "stubborn";

/// What the tests see of the provider's inside. A clone is another handle.
#[derive(Clone, Default)]
pub(super) struct Bare {
    /// Set by `StopProvider`.
    pub told_to_stop: CancellationToken,
    /// How many applies came to their end.
    pub applied: Arc<AtomicUsize>,
    /// One permit per apply that began.
    pub applying: Began,
}

#[derive(Clone)]
pub(super) struct Began(Arc<Semaphore>);

impl Default for Began {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Began {
    /// Returns when one more apply has begun.
    pub(super) async fn one(&self) {
        self.0.acquire().await.expect("never closed").forget();
    }
}

/// Answers that a provider without any resource need not give.
macro_rules! provider {
    ({ $($answered:tt)* } $($method:ident($request:ty) -> $response:ty;)*) => {
        #[tonic::async_trait]
        impl Provider for Bare {
            type ListResourceStream = BoxStream<list_resource::Event>;
            type ReadStateBytesStream = BoxStream<read_state_bytes::Response>;
            type InvokeActionStream = BoxStream<invoke_action::Event>;
            $($answered)*
            $(async fn $method(&self, _: Request<$request>) -> Result<Response<$response>, Status> {
                Err(Status::unimplemented("not in this provider"))
            })*
        }
    };
}

provider! {
    {
        async fn get_provider_schema(
            &self,
            _: Request<get_provider_schema::Request>,
        ) -> Result<Response<get_provider_schema::Response>, Status> {
            let empty = Schema { version: 0, block: Some(schema::Block::default()) };
            Ok(Response::new(get_provider_schema::Response { provider: Some(empty), ..Default::default() }))
        }

        /// Answers with what it got, as the state.
        async fn upgrade_resource_state(
            &self,
            request: Request<upgrade_resource_state::Request>,
        ) -> Result<Response<upgrade_resource_state::Response>, Status> {
            let json = request.into_inner().raw_state.unwrap_or_default().json;
            let upgraded_state = Some(DynamicValue { json, ..Default::default() });
            Ok(Response::new(upgrade_resource_state::Response { upgraded_state, ..Default::default() }))
        }

        async fn read_resource(
            &self,
            _: Request<read_resource::Request>,
        ) -> Result<Response<read_resource::Response>, Status> {
            panic!("no such thing")
        }

        /// Works until it is told to stop, and then records what it did.
        async fn apply_resource_change(
            &self,
            request: Request<apply_resource_change::Request>,
        ) -> Result<Response<apply_resource_change::Response>, Status> {
            self.applying.0.add_permits(1);
            if request.into_inner().type_name == STUBBORN {
                std::future::pending().await
            }
            self.told_to_stop.cancelled().await;
            self.applied.fetch_add(1, Ordering::SeqCst);
            Ok(Response::new(apply_resource_change::Response { private: b"recorded".to_vec(), ..Default::default() }))
        }

        async fn stop_provider(
            &self,
            _: Request<stop_provider::Request>,
        ) -> Result<Response<stop_provider::Response>, Status> {
            self.told_to_stop.cancel();
            Ok(Response::new(stop_provider::Response::default()))
        }
    }
    get_metadata(get_metadata::Request) -> get_metadata::Response;
    validate_provider_config(validate_provider_config::Request) -> validate_provider_config::Response;
    validate_resource_config(validate_resource_config::Request) -> validate_resource_config::Response;
    validate_data_resource_config(validate_data_resource_config::Request) -> validate_data_resource_config::Response;
    get_resource_identity_schemas(get_resource_identity_schemas::Request) -> get_resource_identity_schemas::Response;
    upgrade_resource_identity(upgrade_resource_identity::Request) -> upgrade_resource_identity::Response;
    configure_provider(configure_provider::Request) -> configure_provider::Response;
    plan_resource_change(plan_resource_change::Request) -> plan_resource_change::Response;
    import_resource_state(import_resource_state::Request) -> import_resource_state::Response;
    move_resource_state(move_resource_state::Request) -> move_resource_state::Response;
    read_data_source(read_data_source::Request) -> read_data_source::Response;
    generate_resource_config(generate_resource_config::Request) -> generate_resource_config::Response;
    validate_ephemeral_resource_config(validate_ephemeral_resource_config::Request)
        -> validate_ephemeral_resource_config::Response;
    open_ephemeral_resource(open_ephemeral_resource::Request) -> open_ephemeral_resource::Response;
    renew_ephemeral_resource(renew_ephemeral_resource::Request) -> renew_ephemeral_resource::Response;
    close_ephemeral_resource(close_ephemeral_resource::Request) -> close_ephemeral_resource::Response;
    list_resource(list_resource::Request) -> BoxStream<list_resource::Event>;
    validate_list_resource_config(validate_list_resource_config::Request) -> validate_list_resource_config::Response;
    get_functions(get_functions::Request) -> get_functions::Response;
    call_function(call_function::Request) -> call_function::Response;
    validate_state_store_config(validate_state_store::Request) -> validate_state_store::Response;
    configure_state_store(configure_state_store::Request) -> configure_state_store::Response;
    read_state_bytes(read_state_bytes::Request) -> BoxStream<read_state_bytes::Response>;
    write_state_bytes(Streaming<write_state_bytes::RequestChunk>) -> write_state_bytes::Response;
    lock_state(lock_state::Request) -> lock_state::Response;
    unlock_state(unlock_state::Request) -> unlock_state::Response;
    get_states(get_states::Request) -> get_states::Response;
    delete_state(delete_state::Request) -> delete_state::Response;
    plan_action(plan_action::Request) -> plan_action::Response;
    invoke_action(invoke_action::Request) -> BoxStream<invoke_action::Event>;
    validate_action_config(validate_action_config::Request) -> validate_action_config::Response;
}
