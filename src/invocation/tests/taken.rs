//! Names that somebody else has by the time: the plan tells, and nothing is changed.

use aws_sdk_eventbridge::types::{
    ApiDestinationHttpMethod, ConnectionAuthorizationType, CreateConnectionApiKeyAuthRequestParameters,
    CreateConnectionAuthRequestParameters,
};
use local_aws::LocalAws;
use terraform_plugin::testing::Planning;
use terraform_plugin::{Value, config};

use super::checks::{healthy, host, is_refused, mutations};
use super::drift::endpoint_group;
use super::planning::with;
use super::{TYPE, by_hand, errors, instance, local_aws};

/// A public connection that somebody makes by hand; its ARN.
async fn connection(local: &LocalAws, name: &str) -> String {
    let key = CreateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name("x-api-key")
        .api_key_value("theirs")
        .build();
    let parameters = CreateConnectionAuthRequestParameters::builder()
        .api_key_auth_parameters(key.expect("a name and a value"))
        .build();
    let client = by_hand(local).await;
    let request = client.events.create_connection().name(name);
    let request = request.authorization_type(ConnectionAuthorizationType::ApiKey);
    let made = request.auth_parameters(parameters).send().await;
    made.expect("a connection").connection_arn.expect("its ARN")
}

/// An API destination on a connection of somebody else.
async fn destination(local: &LocalAws, name: &str) {
    let connection = connection(local, "theirs").await;
    let client = by_hand(local).await;
    let request = client.events.create_api_destination().name(name);
    let request = request.connection_arn(connection);
    let request = request.invocation_endpoint("https://theirs.example.com/");
    let made = request.http_method(ApiDestinationHttpMethod::Get).send().await;
    made.expect("an API destination");
}

/// An invocation of that name with these API destinations.
fn calling(local: &LocalAws, name: &str, destinations: &[&str]) -> Value {
    let arguments = |name: &&str| {
        let arguments = config! { invocation_endpoint = "https://a.example.com/", http_method = "GET" };
        ((*name).to_owned(), arguments)
    };
    let destinations = Value::Object(destinations.iter().map(arguments).collect());
    with(
        &healthy(local),
        config! { name = name, api_destinations = destinations },
    )
}

#[tokio::test]
async fn a_destination_of_somebody_else_stops_a_create_and_an_update_before_they_change_anything() {
    for update in [false, true] {
        let local = local_aws();
        let mut thing = instance(&local).await;
        if update {
            thing
                .apply(calling(&local, "orders", &["own"]))
                .await
                .expect("created");
        }
        destination(&local, "f1").await;
        let wanted = calling(&local, "orders", &["f1", "own"]);
        let words = "That connection is not of this resource";
        is_refused(
            "f1",
            &local,
            &mut thing,
            wanted,
            words,
            "api_destinations[\"f1\"]",
        )
        .await;
    }
}

#[tokio::test]
async fn a_destination_that_another_invocation_of_the_configuration_keeps_is_refused_and_one_that_it_gives_up_is_not()
 {
    let local = local_aws();
    let host = host(&local).await;
    let instance = || host.resource(TYPE).expect("it has the resource");
    let (mut orders, mut stock) = (instance(), instance());
    orders
        .apply(calling(&local, "orders", &["a"]))
        .await
        .expect("created");
    stock.apply(calling(&local, "stock", &[])).await.expect("created");
    let taking = calling(&local, "stock", &["a"]);

    // Nobody has planned yet what has it by now.
    let plan = stock.plan(taking.clone()).await.expect("a plan");
    let words = plan.warnings().to_string();
    assert!(
        words.contains("gives it up in the same apply") && words.contains("api_destinations[\"a\"]"),
        "{words}"
    );

    let kept = orders
        .plan(calling(&local, "orders", &["a"]))
        .await
        .expect("a plan");
    assert!(kept.is_no_op());
    is_refused(
        "kept",
        &local,
        &mut stock,
        taking.clone(),
        "and keeps it",
        "api_destinations",
    )
    .await;

    let given = [
        orders.plan(calling(&local, "orders", &[])).await,
        orders.plan(calling(&local, "renamed", &["a"])).await,
        orders.plan_destroy().await,
    ];
    for given in given {
        given.expect("a plan");
    }
    let plan = stock.plan(taking).await.expect("a plan");
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
}

#[tokio::test]
async fn an_invocation_without_new_destinations_asks_about_none_and_one_with_two_asks_twice() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    let asked = |since: usize| {
        let calls = local.calls().into_iter().skip(since);
        calls
            .filter(|call| call.operation == "DescribeApiDestination")
            .count()
    };
    let since = local.calls().len();
    let one = calling(&local, "orders", &["a"]);
    let plan = thing.plan(calling(&local, "orders", &[])).await.expect("a plan");
    assert_eq!((asked(since), plan.is_create()), (0, true));
    thing.plan(one.clone()).await.expect("a plan");
    assert_eq!(asked(since), 1);
    thing.apply(one.clone()).await.expect("created");
    let since = local.calls().len();
    let described = with(&one, config! { description = "described" });
    thing.plan(described).await.expect("a plan");
    let refreshed = asked(since);
    thing
        .plan(calling(&local, "orders", &["a", "b", "c"]))
        .await
        .expect("a plan");
    assert_eq!(asked(since), 2 * refreshed + 2);
}

#[tokio::test]
async fn a_connection_that_somebody_made_anew_is_told_by_the_plan_and_left_alone() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let client = by_hand(&local).await;
    let delete = || client.events.delete_connection().name("orders").send();
    delete().await.expect("deleted by hand");
    connection(&local, "orders").await;
    // Another process, which has listed nothing yet.
    let mut later = instance(&local).await;
    later.adopt(&thing);
    later.refresh().await.expect("read");
    let (calls, state) = (local.calls().len(), later.state().cloned());
    let plan = later.plan(healthy(&local)).await.expect("a plan");
    let told = plan.warnings().to_string();
    let refused = errors(
        later
            .apply_plan(plan, healthy(&local))
            .await
            .map(|_| Default::default()),
    );
    for words in [told, refused.to_string()] {
        for part in [
            "was not made by this provider",
            "state rm",
            "remove it, then apply again",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(!words.contains("an invocation named"), "{words}");
    }
    assert_eq!(mutations(&local, calls), [""; 0]);
    assert_eq!(later.state(), state.as_ref());

    delete().await.expect("removed by hand");
    let mut later = instance(&local).await;
    later.adopt(&thing);
    later.apply(healthy(&local)).await.expect("made anew");
    later.refresh().await.expect("read");
    assert!(later.plan(healthy(&local)).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn a_rename_whose_create_would_be_refused_is_refused_by_the_plan_and_nothing_is_destroyed() {
    let local = local_aws();
    let host = host(&local).await;
    let instance = || host.resource(TYPE).expect("it has the resource");
    let (mut orders, mut stock) = (instance(), instance());
    let named = |name: &str| calling(&local, name, &[]);
    orders.apply(named("orders")).await.expect("created");
    stock.apply(named("stock")).await.expect("created");
    let refused = errors(orders.plan(named("stock")).await.map(|_| Default::default())).to_string();
    for part in ["The name is taken", "would be destroyed before", "-refresh=false"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    // It is not where a plan of the same process gives the name up.
    stock.plan(named("renamed")).await.expect("a plan");
    let plan = orders.plan(named("stock")).await.expect("a plan");
    let words = plan.warnings().to_string();
    assert!(
        plan.is_replace() && words.contains("The name is taken"),
        "{words}"
    );
    assert!(!words.contains("stops before it changes anything"), "{words}");
    assert!(stock.plan(named("stock")).await.expect("a plan").is_no_op());
    errors(orders.plan(named("stock")).await.map(|_| Default::default()));

    // Nobody lets the gateway in any more.
    let group = endpoint_group(&local);
    let client = by_hand(&local).await;
    let rules = client
        .ec2
        .describe_security_groups()
        .group_ids(&group)
        .send()
        .await;
    let rules = rules.expect("described").security_groups()[0]
        .ip_permissions()
        .to_vec();
    let revoke = client.ec2.revoke_security_group_ingress().group_id(&group);
    revoke
        .set_ip_permissions(Some(rules))
        .send()
        .await
        .expect("revoked by hand");
    let process = self::host(&local).await;
    let mut later = process.resource(TYPE).expect("it has the resource");
    later.adopt(&orders);
    later.refresh().await.expect("read");
    let calls = local.calls().len();
    let refused = errors(later.plan(named("renamed")).await.map(|_| Default::default())).to_string();
    for part in [
        "let nothing in on TCP 443",
        "would be destroyed before",
        "or keep the name",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert_eq!(mutations(&local, calls), [""; 0]);

    // It locks neither a replacement on request, whose plan and apply say what becomes of what stands, nor a destroy.
    let replacing = Planning::default().replacing();
    let plan = later.plan_with(named("orders"), replacing).await.expect("a plan");
    let words = plan.warnings().to_string();
    assert!(words.contains("let nothing in on TCP 443"), "{words}");
    assert!(words.contains("what stands is destroyed first"), "{words}");
    assert!(!words.contains("stops before it changes anything"), "{words}");
    let refused = later.apply_plan(plan, named("orders")).await;
    let refused = errors(refused.map(|_| Default::default())).to_string();
    assert!(refused.contains("is destroyed by now"), "{refused}");
    assert!(!refused.contains("Nothing was changed.\n"), "{refused}");
    let mut stock_later = process.resource(TYPE).expect("it has the resource");
    stock_later.adopt(&stock);
    stock_later.destroy().await.expect("destroyed");
}

#[tokio::test]
async fn two_new_resources_of_one_name_are_told_by_the_plan() {
    let local = local_aws();
    let host = host(&local).await;
    let instance = || host.resource(TYPE).expect("it has the resource");
    let (first, mut second) = (instance(), instance());
    let plan = first.plan(healthy(&local)).await.expect("a plan");
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    let other = calling(&local, "stock", &[]);
    let plan = first.plan(other).await.expect("a plan");
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    let plan = second.plan(healthy(&local)).await.expect("a plan");
    let words = plan.warnings().to_string();
    assert!(words.contains("orders is defined twice"), "{words}");
    second
        .apply_plan(plan, healthy(&local))
        .await
        .expect("one of them is made");
}

#[tokio::test]
async fn a_healthy_resource_that_cannot_be_replaced_before_it_is_destroyed_is_told_what_helps() {
    let local = local_aws();
    let mut created = instance(&local).await;
    created.apply(healthy(&local)).await.expect("created");
    // Another process, as another apply starts one.
    let mut thing = instance(&local).await;
    thing.adopt(&created);
    thing.create_before_destroy();
    let replacing = Planning::default().replacing();
    let plan = thing.plan_with(healthy(&local), replacing).await.expect("a plan");
    let calls = local.calls().len();
    let refused = errors(
        thing
            .apply_plan(plan, healthy(&local))
            .await
            .map(|_| Default::default()),
    );
    let words = refused.to_string();
    assert!(
        words.contains("Take create_before_destroy away for this apply"),
        "{words}"
    );
    assert!(words.contains("a moved block"), "{words}");
    assert_eq!(mutations(&local, calls), [""; 0]);
}

#[tokio::test]
async fn a_rename_tells_what_becomes_of_the_destinations_that_keep_their_names() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing
        .apply(calling(&local, "orders", &["a", "b"]))
        .await
        .expect("created");
    let plan = thing
        .plan(calling(&local, "stock", &["b", "c"]))
        .await
        .expect("a plan");
    let words = plan.warnings().to_string();
    for part in [
        "keeps b.",
        "take b out of api_destinations",
        "With create_before_destroy",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let plan = thing
        .plan(calling(&local, "other", &["c"]))
        .await
        .expect("a plan");
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    // Without create_before_destroy it is applied as it was planned.
    thing
        .apply(calling(&local, "stock", &["b"]))
        .await
        .expect("replaced");

    thing.create_before_destroy();
    let refused = thing.apply(calling(&local, "renamed", &["b"])).await;
    let words = errors(refused.map(|_| Default::default())).to_string();
    assert!(words.contains("take b out of api_destinations"), "{words}");
}

/// A key of for_each was renamed: core plans another resource, and the former one's destruction.
#[tokio::test]
async fn a_name_that_this_state_records_is_told_with_the_moved_block() {
    let local = local_aws();
    let mut created = instance(&local).await;
    created.apply(healthy(&local)).await.expect("created");
    let host = host(&local).await;
    let mut former = host.resource(TYPE).expect("it has the resource");
    former.adopt(&created);
    former.refresh().await.expect("read");
    former.plan_destroy().await.expect("a plan");
    let plan = host.resource(TYPE).expect("it has the resource");
    let plan = plan.plan(healthy(&local)).await.expect("a plan");
    let words = plan.warnings().to_string();
    assert!(
        words.contains("this state records it") && words.contains("moved block"),
        "{words}"
    );
}
