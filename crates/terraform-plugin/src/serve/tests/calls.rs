//! Calls and streams while the server lives.

use std::sync::atomic::Ordering;

use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{
    client::{Served, configured, provider_client},
    happens,
    provider::{Bare, apply, invoke, read},
};
use crate::wire::tfplugin6::{
    RawState, get_provider_schema, invoke_action, stop_provider, upgrade_resource_state,
};

#[tokio::test]
async fn messages_beyond_four_mebibytes_pass_both_ways() {
    let served = Served::start(&Bare::default(), None);
    let size = 9 << 20;
    let json = format!(r#"{{"name":"{}"}}"#, "a".repeat(size)).into_bytes();
    let request = upgrade_resource_state::Request {
        type_name: "bare_thing".into(),
        version: 0,
        raw_state: Some(RawState {
            json,
            ..RawState::default()
        }),
    };
    let answer = provider_client(served.channel().await)
        .upgrade_resource_state(request)
        .await
        .expect("an answer");
    let state = answer.into_inner().upgraded_state.expect("a state");
    assert!(state.msgpack.len() > size);
}

#[tokio::test]
async fn a_call_that_panics_fails_alone() {
    let served = Served::start(&Bare::default(), None);
    let mut client = configured(served.channel().await).await;
    let answer = client
        .read_resource(read("a"))
        .await
        .expect("an answer")
        .into_inner();
    assert_eq!(answer.diagnostics[0].summary, "The provider crashed");
    client
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
}

#[tokio::test]
async fn a_call_outlives_its_connection() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let mut client = configured(served.channel().await).await;
    let call = tokio::spawn(async move { client.apply_resource_change(apply("a")).await });
    happens(provider.applying.one()).await;
    call.abort();
    assert!(
        call.await
            .expect_err("dropped, and its connection with it")
            .is_cancelled()
    );
    served.lifetime.calls().close();
    happens(served.lifetime.calls().wait()).await;
    assert_eq!(provider.applied.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stream_that_the_host_drops_is_told_to_stop_and_comes_to_its_end() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let mut client = configured(served.channel().await).await;
    let mut events = client
        .invoke_action(invoke("a"))
        .await
        .expect("a stream")
        .into_inner();
    happens(provider.applying.one()).await;
    let first = happens(events.message())
        .await
        .expect("no error")
        .expect("an event");
    assert_eq!(said(&first), Some("begun"), "sent while the action still works");
    drop(events);
    served.lifetime.calls().close();
    happens(served.lifetime.calls().wait()).await;
    assert_eq!(provider.applied.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn calls_go_on_beside_each_other_and_stop_together() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let client = configured(served.channel().await).await;
    let both = [client.clone(), client.clone()]
        .map(|mut client| tokio::spawn(async move { client.apply_resource_change(apply("a")).await }));
    for _ in &both {
        happens(provider.applying.one()).await;
    }
    let stop = stop_provider::Request {};
    client.clone().stop_provider(stop).await.expect("an answer");
    for call in both {
        let answer = happens(call).await.expect("no panic").expect("an answer");
        assert_eq!(answer.into_inner().private, br#"{"step":"recorded"}"#);
    }
    // Later calls are not affected.
    let mut later = client.clone();
    let later = tokio::spawn(async move { later.apply_resource_change(apply("b")).await });
    happens(provider.applying.one()).await;
    assert!(!later.is_finished());
    client.clone().stop_provider(stop).await.expect("an answer");
    happens(later).await.expect("no panic").expect("an answer");
    assert_eq!(provider.applied.load(Ordering::SeqCst), 3);
}

fn said(event: &invoke_action::Event) -> Option<&str> {
    match &event.r#type {
        Some(invoke_action::event::Type::Progress(said)) => Some(&said.message),
        _ => None,
    }
}

#[tokio::test]
async fn health_is_serving_for_the_plugin_and_as_a_whole() {
    let served = Served::start(&Bare::default(), None);
    let mut client = HealthClient::new(served.channel().await);
    for service in ["plugin", ""] {
        let request = HealthCheckRequest {
            service: service.into(),
        };
        let status = client
            .check(request)
            .await
            .expect("an answer")
            .into_inner()
            .status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
    let request = HealthCheckRequest {
        service: "other".into(),
    };
    assert_eq!(
        client.check(request).await.expect_err("unknown").code(),
        Code::NotFound
    );
}
