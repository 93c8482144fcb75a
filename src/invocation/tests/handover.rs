//! API destinations that pass from one invocation to another in one apply: their ARNs, which rules target, stay.

use local_aws::LocalAws;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config, path};

use super::{TYPE, configure, errors, local_aws};
use crate::provider::Private;

/// Two invocations of one configuration: one process plans and applies both.
async fn two(aws: &LocalAws) -> (Instance, Instance) {
    let host = Host::new(Private);
    configure(&host, aws, &aws.seed().region).await;
    let instance = || host.resource(TYPE).expect("the provider has the resource");
    (instance(), instance())
}

/// An invocation with these API destinations.
fn with(aws: &LocalAws, name: &str, destinations: &[&str]) -> Value {
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let arguments = |name: &&str| {
        let url = format!("https://{name}.example.com/");
        let arguments = config! { invocation_endpoint = (url.as_str()), http_method = "GET" };
        ((*name).to_owned(), arguments)
    };
    let destinations = Value::Object(destinations.iter().map(arguments).collect());
    config! {
        name = name, vpc_endpoint_id = endpoint, authorization = { none = {} }, api_destinations = destinations,
    }
}

fn arn(thing: &Instance, name: &str) -> String {
    let arn = thing.get(
        &path!("api_destinations")
            .then(terraform_plugin::Step::key(name))
            .then("arn"),
    );
    arn.and_then(Value::as_str).expect("its ARN").to_owned()
}

async fn plans_nothing(thing: &mut Instance, config: Value) {
    thing.refresh().await.expect("read");
    let plan = thing.plan(config).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
}

#[tokio::test]
async fn two_invocations_swap_their_destinations_in_one_apply_and_the_arns_stay() {
    let aws = local_aws();
    let (mut orders, mut stock) = two(&aws).await;
    orders
        .apply(with(&aws, "orders", &["a", "b"]))
        .await
        .expect("created");
    stock.apply(with(&aws, "stock", &["c"])).await.expect("created");
    let before = [arn(&orders, "a"), arn(&stock, "c")];

    let (swapped, swapped_too) = (with(&aws, "orders", &["b", "c"]), with(&aws, "stock", &["a"]));
    let plan = orders.plan(swapped.clone()).await.expect("a plan");
    let plan_too = stock.plan(swapped_too.clone()).await.expect("a plan");
    let (one, other) = tokio::join!(
        orders.apply_plan(plan, swapped.clone()),
        stock.apply_plan(plan_too, swapped_too.clone())
    );
    one.expect("applied");
    other.expect("applied");
    assert_eq!([arn(&stock, "a"), arn(&orders, "c")], before);
    plans_nothing(&mut orders, swapped).await;
    plans_nothing(&mut stock, swapped_too).await;

    orders.destroy().await.expect("destroyed");
    let left = aws.objects();
    let left = left.iter().filter(|object| object["type"] == "api-destination");
    assert_eq!(left.count(), 1, "the one that was given away stays");
    stock.destroy().await.expect("destroyed");
}

#[tokio::test]
async fn a_destination_of_a_destroyed_invocation_goes_to_the_new_one_of_the_same_apply() {
    let aws = local_aws();
    let (mut orders, mut stock) = two(&aws).await;
    orders.apply(with(&aws, "orders", &["a"])).await.expect("created");
    let before = arn(&orders, "a");
    let config = with(&aws, "stock", &["a"]);
    let plan = stock.plan(config.clone()).await.expect("a plan");
    let (made, gone) = tokio::join!(stock.apply_plan(plan, config.clone()), orders.destroy());
    made.expect("created");
    gone.expect("destroyed");
    assert_eq!(arn(&stock, "a"), before);
    plans_nothing(&mut stock, config).await;
}

#[tokio::test]
async fn whoever_comes_too_early_is_told_to_apply_again_and_nothing_is_taken_from_the_other() {
    let aws = local_aws();
    let (mut orders, mut stock) = two(&aws).await;
    orders.apply(with(&aws, "orders", &["a"])).await.expect("created");
    stock.apply(with(&aws, "stock", &[])).await.expect("created");
    let taking = with(&aws, "stock", &["a"]);
    let refused = errors(stock.apply(taking.clone()).await.map(|_| Default::default()));
    let words = refused.to_string();
    assert!(
        words.contains("apply again") && words.contains("api_destinations"),
        "{words}"
    );
    plans_nothing(&mut orders, with(&aws, "orders", &["a"])).await;

    orders.apply(with(&aws, "orders", &[])).await.expect("given up");
    stock.apply(taking.clone()).await.expect("made anew");
    plans_nothing(&mut stock, taking).await;
}

#[tokio::test]
async fn a_handover_that_is_refused_deletes_nothing_and_the_next_apply_does_it() {
    let aws = local_aws();
    let (mut orders, mut stock) = two(&aws).await;
    orders.apply(with(&aws, "orders", &["a"])).await.expect("created");
    stock.apply(with(&aws, "stock", &[])).await.expect("created");
    let before = arn(&orders, "a");
    let denied = serde_json::json!({
        "service": "events", "operation": "UpdateApiDestination", "count": 1, "effect": { "access_denied": true },
    });
    aws.add_fault(&denied).expect("a rule");
    let (without, taking) = (with(&aws, "orders", &[]), with(&aws, "stock", &["a"]));
    let plan = orders.plan(without.clone()).await.expect("a plan");
    let plan_too = stock.plan(taking.clone()).await.expect("a plan");
    let (given, taken) = tokio::join!(
        orders.apply_plan(plan, without.clone()),
        stock.apply_plan(plan_too, taking.clone())
    );
    let told = given.expect("it stays retired").warnings().to_string();
    assert!(told.contains("was to take a over"), "{told}");
    errors(taken.map(|_| Default::default()));

    orders.refresh().await.expect("read");
    stock.refresh().await.expect("read");
    let plan = orders.plan(without.clone()).await.expect("a plan");
    let plan_too = stock.plan(taking.clone()).await.expect("a plan");
    let (given, taken) = tokio::join!(
        orders.apply_plan(plan, without.clone()),
        stock.apply_plan(plan_too, taking.clone())
    );
    given.expect("given up");
    taken.expect("taken");
    assert_eq!(arn(&stock, "a"), before);
    plans_nothing(&mut orders, without).await;
    plans_nothing(&mut stock, taking).await;
}
