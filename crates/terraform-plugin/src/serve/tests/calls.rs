//! Calls and streams while the server lives.

use std::sync::atomic::Ordering;

use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{
    client::{Served, provider_client},
    happens,
    provider::Bare,
};
use crate::wire::tfplugin6::{
    RawState, apply_resource_change, get_provider_schema, read_resource, upgrade_resource_state,
};

#[tokio::test]
async fn messages_beyond_four_mebibytes_pass_both_ways() {
    let served = Served::start(&Bare::default(), None);
    let json = vec![b' '; 9 << 20];
    let raw_state = Some(RawState {
        json: json.clone(),
        ..RawState::default()
    });
    let request = upgrade_resource_state::Request {
        raw_state,
        ..Default::default()
    };
    let answer = provider_client(served.channel().await)
        .upgrade_resource_state(request)
        .await
        .expect("an answer");
    assert_eq!(
        answer.into_inner().upgraded_state.map(|state| state.json.len()),
        Some(json.len())
    );
}

#[tokio::test]
async fn a_call_that_panics_fails_alone() {
    let served = Served::start(&Bare::default(), None);
    let mut client = provider_client(served.channel().await);
    let status = client
        .read_resource(read_resource::Request::default())
        .await
        .expect_err("a crash");
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "the provider crashed in this call")
    );
    client
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .expect("an answer");
}

#[tokio::test]
async fn a_call_outlives_its_connection() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let mut client = provider_client(served.channel().await);
    let call = tokio::spawn(async move {
        client
            .apply_resource_change(apply_resource_change::Request::default())
            .await
    });
    happens(provider.applying.one()).await;
    call.abort();
    assert!(
        call.await
            .expect_err("dropped, and its connection with it")
            .is_cancelled()
    );
    provider.told_to_stop.cancel();
    served.lifetime.calls().close();
    happens(served.lifetime.calls().wait()).await;
    assert_eq!(provider.applied.load(Ordering::SeqCst), 1);
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
