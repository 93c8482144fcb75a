//! The service as core calls it, message by message.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_stream::StreamExt;
use tokio_util::task::TaskTracker;
use tonic::Request;

use super::{Plugin, Service, convert};
use crate::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Provider, Resource, Schema, State,
    schema::{number, string},
    wire::tfplugin6::{self as wire, provider_server::Provider as _},
};

/// What the test sees of a create, and the sign on which it goes on.
#[derive(Default)]
struct Signs {
    begun: Notify,
    go_on: Notify,
    done: Notify,
    finished: AtomicUsize,
}

struct Slow(Arc<Signs>);

#[derive(Serialize, Deserialize)]
struct Config {
    region: Attr<String>,
}

impl Provider for Slow {
    const NAME: &'static str = "slow";
    const ADDRESS: &'static str = "registry.terraform.io/example/slow";
    const VERSION: &'static str = "0.1.0";
    type Config = Config;
    type Client = Arc<Signs>;

    fn schema() -> Schema {
        Schema::new(0).attr("region", string().optional())
    }

    async fn configure(&self, _: &ConfigureCx, _: Config) -> Result<Arc<Signs>, Diagnostics> {
        Ok(Arc::clone(&self.0))
    }

    fn catalog(catalog: &mut Catalog<Arc<Signs>>) {
        catalog.resource(Thing);
    }
}

struct Thing;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
    size: Attr<i64>,
}

impl Resource for Thing {
    const NAME: &'static str = "slow_thing";
    type Client = Arc<Signs>;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(2)
            .attr("name", string().required())
            .attr("size", number().optional())
    }

    async fn read(&self, _: &Cx<Arc<Signs>>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn create(&self, cx: &Cx<Arc<Signs>>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let signs = cx.client();
        signs.begun.notify_one();
        signs.go_on.notified().await;
        signs.finished.fetch_add(1, Ordering::SeqCst);
        signs.done.notify_one();
        state.set(plan.planned())
    }

    async fn update(&self, cx: &Cx<Arc<Signs>>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<Arc<Signs>>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<Model, Diagnostics> {
        let name = state["title"]
            .as_str()
            .map(|title| format!("{title} of {version}"));
        Ok(Model {
            name: name.into(),
            size: Attr::Null,
        })
    }
}

async fn service() -> (Service, Arc<Signs>) {
    let signs = Arc::new(Signs::default());
    let service = Service::new(Plugin::new(Slow(Arc::clone(&signs))), TaskTracker::new());
    let response = service
        .configure_provider(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    (service, signs)
}

/// `{"name": "a", "size": nil}`
fn thing() -> Option<wire::DynamicValue> {
    let msgpack = b"\x82\xa4name\xa1a\xa4size\xc0".to_vec();
    Some(wire::DynamicValue {
        msgpack,
        json: Vec::new(),
    })
}

fn create() -> wire::apply_resource_change::Request {
    wire::apply_resource_change::Request {
        type_name: "slow_thing".to_owned(),
        planned_state: thing(),
        config: thing(),
        ..wire::apply_resource_change::Request::default()
    }
}

#[tokio::test]
async fn a_call_that_the_host_drops_goes_on_to_its_end() {
    let (service, signs) = service().await;
    {
        let call = service.apply_resource_change(Request::new(create()));
        tokio::select! {
            _ = call => panic!("answered before it was told to go on"),
            () = signs.begun.notified() => {}
        }
    }
    signs.go_on.notify_one();
    signs.done.notified().await;
    assert_eq!(signs.finished.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn calls_run_beside_each_other() {
    let (service, signs) = service().await;
    let (one, two, ()) = tokio::join!(
        service.apply_resource_change(Request::new(create())),
        service.apply_resource_change(Request::new(create())),
        async {
            signs.begun.notified().await;
            signs.begun.notified().await;
            signs.go_on.notify_one();
            signs.done.notified().await;
            signs.go_on.notify_one();
        }
    );
    for response in [one, two] {
        assert!(response.expect("answered").into_inner().diagnostics.is_empty());
    }
}

#[tokio::test]
async fn schemas_carry_what_core_needs() {
    let (service, _) = service().await;
    let response = service
        .get_provider_schema(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    assert!(response.diagnostics.is_empty());
    assert!(response.provider.is_some_and(|schema| schema.block.is_some()));
    let schema = &response.resource_schemas["slow_thing"];
    let block = schema.block.as_ref().expect("a block");
    assert_eq!(
        (schema.version, block.attributes[0].r#type.as_slice()),
        (2, b"\"string\"".as_slice())
    );
    let capabilities = response.server_capabilities.expect("capabilities");
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
}

#[tokio::test]
async fn stored_state_is_read_or_upgraded_by_its_version() {
    let (service, _) = service().await;
    let upgrade = async |version: i64, json: &str| {
        let request = wire::upgrade_resource_state::Request {
            type_name: "slow_thing".to_owned(),
            version,
            raw_state: Some(wire::RawState {
                json: json.as_bytes().to_vec(),
                ..wire::RawState::default()
            }),
        };
        let response = service
            .upgrade_resource_state(Request::new(request))
            .await
            .expect("answered")
            .into_inner();
        let found = convert::read_diagnostics(response.diagnostics).to_string();
        response.upgraded_state.map(|state| state.msgpack).ok_or(found)
    };
    let same = upgrade(2, r#"{"name":"a","was_there_once":true}"#).await;
    assert_eq!(same, Ok(thing().expect("a thing").msgpack));
    let older = upgrade(1, r#"{"title":"t"}"#).await;
    assert_eq!(older, Ok(b"\x82\xa4name\xa6t of 1\xa4size\xc0".to_vec()));
    assert!(
        upgrade(3, "{}")
            .await
            .expect_err("refused")
            .contains("Upgrade the provider")
    );
    let found = upgrade(2, r#"{"name":"a","size":"hunter2"}"#)
        .await
        .expect_err("refused");
    assert!(!found.contains("hunter2"), "{found}");
    assert!(upgrade(2, "").await.is_err());
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error_and_changes_nothing() {
    let (service, _) = service().await;
    let request = wire::apply_resource_change::Request {
        prior_state: thing(),
        planned_state: Some(wire::DynamicValue {
            msgpack: vec![0x93, 1],
            json: Vec::new(),
        }),
        ..create()
    };
    let response = service
        .apply_resource_change(Request::new(request))
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(response.new_state, thing());
    assert_eq!(response.diagnostics[0].summary, "Unreadable value");
}

#[tokio::test]
async fn a_resource_type_that_does_not_exist_is_named() {
    let (service, _) = service().await;
    let request = wire::read_resource::Request {
        type_name: "slow_dog".to_owned(),
        ..<_>::default()
    };
    let response = service
        .read_resource(Request::new(request))
        .await
        .expect("answered")
        .into_inner();
    assert!(response.diagnostics[0].detail.contains("slow_dog"));
}

#[tokio::test]
async fn what_is_not_offered_is_answered_in_words_and_never_with_a_status() {
    let (service, _) = service().await;
    macro_rules! refused {
        ($($method:ident),*) => {$(
            let response = service.$method(Request::new(<_>::default())).await.expect("answered").into_inner();
            assert_eq!(response.diagnostics[0].summary, "Not supported", stringify!($method));
        )*};
    }
    refused!(
        validate_data_resource_config,
        read_data_source,
        validate_ephemeral_resource_config,
        open_ephemeral_resource,
        renew_ephemeral_resource,
        close_ephemeral_resource,
        validate_list_resource_config,
        validate_state_store_config,
        configure_state_store,
        lock_state,
        unlock_state,
        get_states,
        delete_state,
        plan_action,
        validate_action_config
    );

    let identities = service
        .get_resource_identity_schemas(Request::new(<_>::default()))
        .await
        .expect("answered");
    assert_eq!(identities.into_inner(), <_>::default());
    let functions = service
        .get_functions(Request::new(<_>::default()))
        .await
        .expect("answered");
    assert_eq!(functions.into_inner(), <_>::default());
    let called = service
        .call_function(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    assert!(
        called
            .error
            .is_some_and(|error| error.text.contains("Functions are not supported"))
    );

    let listed = service
        .list_resource(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    let events: Vec<_> = listed.collect().await;
    assert_eq!(
        events[0].as_ref().expect("an event").diagnostic[0].summary,
        "Not supported"
    );
    let read = service
        .read_state_bytes(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(read.collect::<Vec<_>>().await.len(), 1);
}

#[tokio::test]
async fn an_action_is_answered_with_an_event_that_has_a_type() {
    use wire::invoke_action::event::Type;

    let (service, _) = service().await;
    let invoked = service
        .invoke_action(Request::new(<_>::default()))
        .await
        .expect("answered")
        .into_inner();
    let events: Vec<_> = invoked.collect().await;
    let [Ok(event)] = events.as_slice() else {
        panic!("one event")
    };
    assert!(matches!(&event.r#type, Some(Type::Completed(completed)) if !completed.diagnostics.is_empty()));
}
