//! How the server ends.

use std::{path::Path, sync::atomic::Ordering};

use tokio_stream::{StreamExt, pending};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use super::{
    client::{Served, configured},
    happens,
    provider::{Bare, STUBBORN, apply, invoke},
};
use crate::{
    serve::lifetime::Stop,
    wire::{
        plugin::{
            ConnInfo, Empty, grpc_broker_client::GrpcBrokerClient,
            grpc_controller_client::GrpcControllerClient, grpc_stdio_client::GrpcStdioClient,
        },
        tfplugin6::invoke_action::event::{Completed, Type as EventType},
    },
};

#[tokio::test]
async fn shutdown_is_answered_and_then_everything_ends() {
    let served = Served::start(&Bare::default(), None);
    let channel = served.channel().await;
    // Hosts hold these open for as long as they use the provider.
    let mut stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .expect("a stream")
        .into_inner();
    let mut broker = GrpcBrokerClient::new(channel.clone())
        .start_stream(pending::<ConnInfo>())
        .await
        .expect("a stream")
        .into_inner();
    let request = HealthCheckRequest {
        service: "plugin".into(),
    };
    let mut health = HealthClient::new(channel.clone())
        .watch(request)
        .await
        .expect("a stream")
        .into_inner();
    assert!(health.message().await.expect("no error").is_some());

    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .expect("an answer");

    assert_eq!(happens(stdio.message()).await.expect("no error"), None);
    assert_eq!(happens(broker.message()).await.expect("no error"), None);
    happens(served.ended).await.expect("no panic");
    assert!(!Path::new(&served.address.place).exists(), "the socket is left");
}

#[tokio::test]
async fn a_call_in_flight_is_told_to_stop_and_answers() {
    for why in [Stop::Shutdown, Stop::Signal, Stop::HostGone] {
        let provider = Bare::default();
        let served = Served::start(&provider, None);
        let mut client = configured(served.channel().await).await;
        let call = tokio::spawn(async move { client.apply_resource_change(apply("a")).await });
        happens(provider.applying.one()).await;
        served.lifetime.stop(why);
        let answer = happens(call)
            .await
            .expect("no panic")
            .expect("an answer")
            .into_inner();
        assert_eq!(answer.private, br#"{"step":"recorded"}"#, "{why:?}");
        happens(served.ended).await.expect("no panic");
    }
}

#[tokio::test]
async fn a_call_whose_host_is_gone_ends_at_its_own_safe_point() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let mut client = configured(served.channel().await).await;
    let call = tokio::spawn(async move { client.apply_resource_change(apply("a")).await });
    happens(provider.applying.one()).await;
    call.abort();
    served.lifetime.stop(Stop::HostGone);
    happens(served.ended).await.expect("no panic");
    assert_eq!(provider.applied.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stream_in_flight_is_told_to_stop_and_says_how_it_ended() {
    for why in [Stop::Shutdown, Stop::Signal, Stop::HostGone] {
        let provider = Bare::default();
        let served = Served::start(&provider, None);
        let mut client = configured(served.channel().await).await;
        let events = client
            .invoke_action(invoke("a"))
            .await
            .expect("a stream")
            .into_inner();
        happens(provider.applying.one()).await;
        served.lifetime.stop(why);
        let events: Vec<_> = happens(events.collect()).await;
        let last = events.last().expect("an event").as_ref().expect("no error");
        assert_eq!(events.len(), 3, "{why:?}: begun, recorded, completed");
        assert_eq!(
            last.r#type,
            Some(EventType::Completed(Completed::default())),
            "{why:?}"
        );
        happens(served.ended).await.expect("no panic");
    }
}

/// With the clock paused, time-outs come as soon as nothing else can.
#[tokio::test(start_paused = true)]
async fn a_call_that_will_not_stop_does_not_hold_up_the_exit() {
    for why in [Stop::Shutdown, Stop::Signal, Stop::HostGone] {
        let provider = Bare::default();
        let served = Served::start(&provider, None);
        let mut client = configured(served.channel().await).await;
        tokio::spawn(async move { client.apply_resource_change(apply(STUBBORN)).await });
        provider.applying.one().await;
        served.lifetime.stop(why);
        served.ended.await.expect("no panic");
        assert!(provider.told_to_stop.is_cancelled(), "{why:?}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let provider = Bare::default();
    let served = Served::start(&provider, None);
    let mut client = configured(served.channel().await).await;
    tokio::spawn(async move { client.apply_resource_change(apply(STUBBORN)).await });
    happens(provider.applying.one()).await;
    served.signal.send(()).await.expect("received");
    happens(provider.told_to_stop.cancelled()).await;
    served.signal.send(()).await.expect("received");
    happens(served.ended).await.expect("no panic");
}
