//! What UpdateConnection may do with a change of the way, and what becomes of it.

use std::time::UNIX_EPOCH;

use super::*;

fn count(local: &LocalAws, operation: &str) -> usize {
    let calls = local.calls().into_iter();
    calls.filter(|call| call.operation == operation).count()
}

/// A connection with an API key behind one configuration, and the ARN of another one.
async fn with_two_ways<'a>(local: &LocalAws, aws: &'a Aws) -> (Bench<'a>, ConnectionSpec, String) {
    let from = configuration(local, aws, "one").await;
    let to = configuration(local, aws, "two").await;
    let mut bench = Bench::new(aws);
    let spec = spec(&from, api_key(&local.seed().api_key));
    bench.brings(&spec).await;
    (bench, spec, to)
}

fn moved(spec: &ConnectionSpec, to: &str) -> ConnectionSpec {
    ConnectionSpec {
        configuration_arn: known(to),
        ..spec.clone()
    }
}

fn without_secret(spec: &ConnectionSpec) -> ConnectionSpec {
    let authorization = Authorization::ApiKey {
        name: known("x-api-key"),
        value: Credential::NotKnown,
    };
    ConnectionSpec {
        authorization: Fact::Known(authorization),
        ..spec.clone()
    }
}

#[tokio::test]
async fn a_change_that_is_accepted_without_effect_is_followed_by_a_stronger_one() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (mut bench, spec, to) = with_two_ways(&local, &aws).await;
    let settings = json!({ "ignores_connectivity_without_type": true });
    local.change_settings(&settings).expect("settings");
    let seen = bench.brings(&moved(&without_secret(&spec), &to)).await;
    assert_eq!(seen.configuration_arn, Some(to));
    assert_eq!(count(&local, "UpdateConnection"), 2);
}

#[tokio::test]
async fn where_only_everything_will_do_it_is_sent_if_it_is_known_and_else_nothing_is_changed() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (mut bench, spec, to) = with_two_ways(&local, &aws).await;
    let settings = json!({
        "wants_whole_blocks": true, "accepts_connectivity_with_description": false,
    });
    local.change_settings(&settings).expect("settings");
    let before = bench.run(&spec).await.expect("nothing to do");
    let refused = bench.run(&moved(&without_secret(&spec), &to)).await;
    refused.expect_err("the secret is not known");
    assert_eq!(bench.run(&spec).await.expect("nothing to do"), before);
    let seen = bench.brings(&moved(&spec, &to)).await;
    assert_eq!(seen.configuration_arn, Some(to));
}

#[tokio::test]
async fn a_read_that_still_tells_of_before_is_not_believed() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (mut bench, spec, to) = with_two_ways(&local, &aws).await;
    local
        .change_settings(&json!({ "stale_reads_after_update": 2 }))
        .expect("settings");
    let seen = bench.brings(&moved(&spec, &to)).await;
    assert_eq!(seen.configuration_arn, Some(to));
    assert_eq!(count(&local, "UpdateConnection"), 1);
}

#[tokio::test]
async fn a_change_of_somebody_else_is_waited_for() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (mut bench, spec, to) = with_two_ways(&local, &aws).await;
    let concurrent = json!({ "service": "events", "operation": "UpdateConnection", "count": 4, "effect": { "error": {
        "code": "ConcurrentModificationException", "message": "There was a concurrent modification" } } });
    local.add_fault(&concurrent).expect("a rule");
    let seen = bench.brings(&moved(&spec, &to)).await;
    assert_eq!(seen.configuration_arn, Some(to));
}

#[tokio::test]
async fn a_region_without_private_connections_is_an_error_and_no_success_on_a_public_path() {
    let local = local_aws();
    let aws = clients(&local).await;
    let way = configuration(&local, &aws, "one").await;
    let settings = json!({ "knows_private_connections": false });
    local.change_settings(&settings).expect("settings");
    let refused = Bench::new(&aws).run(&spec(&way, api_key("k"))).await;
    let words = refused.expect_err("it is refused").to_string();
    assert!(words.contains("private connections in this Region"), "{words}");
}

#[tokio::test]
async fn a_secret_that_is_not_known_is_an_error_before_any_call() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (mut bench, spec, _) = with_two_ways(&local, &aws).await;
    let basic = Authorization::Basic {
        username: known("ann"),
        password: Credential::NotKnown,
    };
    let switched = ConnectionSpec {
        authorization: Fact::Known(basic),
        ..spec
    };
    let refused = bench.run(&switched).await.expect_err("it is refused");
    assert!(refused.to_string().contains("the password"), "{refused}");
    assert_eq!(count(&local, "UpdateConnection"), 0);
}

#[tokio::test]
async fn an_authorized_connection_is_on_its_way_while_its_association_is() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (_, _, _) = with_two_ways(&local, &aws).await;
    let connection = Connection::new(&aws, "orders");
    let active = connection.describe().await.expect("read").expect("it is there");
    let authorized = |unready_association| SeenConnection {
        state: ConnectionState::Authorized,
        unready_association,
        ..active.clone()
    };
    let association = |status: &str| {
        Some(seen::UnreadyAssociation {
            arn: "arn:aws:vpc-lattice:us-east-1:123456789012:servicenetworkresourceassociation/snra-1"
                .to_owned(),
            status: status.to_owned().into(),
            failure: None,
        })
    };
    let health = |seen: SeenConnection| connection.health(&seen);
    assert!(matches!(
        health(authorized(association("CREATE_IN_PROGRESS"))),
        Health::Working(words) if words.contains("CREATE_IN_PROGRESS")
    ));
    assert!(matches!(
        health(authorized(association("CREATE_FAILED"))),
        Health::Failed(_)
    ));
    let stands = |modified, authorized_at, now| {
        let seen = SeenConnection {
            modified,
            authorized: authorized_at,
            ..authorized(None)
        };
        seen.untouched_for(UNIX_EPOCH + Duration::from_secs(now))
            .as_secs()
    };
    // It has stood since AWS last changed or authorized it; a clock that is behind AWS's tells nothing.
    assert_eq!(stands(Some(900.0), Some(960.0), 1_000), 40);
    assert_eq!(stands(Some(900.0), Some(0.0), 1_000), 100);
    assert_eq!(stands(Some(1_060.0), None, 1_000), 0);
    assert_eq!(stands(None, None, 1_000), 0);
    assert!(matches!(
        health(authorized(None)),
        Health::Standing {
            needed: AUTHORIZED_STANDS,
            ..
        }
    ));
}
