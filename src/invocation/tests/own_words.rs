//! Inputs that are equal to the provider's own words for "nothing".

use terraform_plugin::{Value, config};

use super::paths::foreign_configuration;
use super::{by_hand, instance, local_aws};
use crate::component::reserved;

/// The provider's own words, each in each place for a text: it is refused, or it is kept like any other.
#[tokio::test]
async fn an_input_equal_to_the_providers_own_words_is_refused_or_kept_like_any_other() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let path = foreign_configuration(&local, &aws).await;
    local.advance_until_settled();
    let path = path.as_str();
    let words = [
        reserved::PARAMETER.to_owned(),
        reserved::PARAMETER.to_uppercase(),
        reserved::PARAMETER_VALUE.to_owned(),
        reserved::DESTINATION_DESCRIPTION.to_owned(),
        reserved::destination_description("orders/1a2b3c4d", false),
        reserved::destination_description("orders/1a2b3c4d", true),
        reserved::connection_description("orders"),
    ];
    type Place = fn(&str, &str) -> Value;
    let places: [(&str, Place); 6] = [
        ("description", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path, description = words,
                authorization = { none = {} },
            }
        }),
        ("a destination's description", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path, authorization = { none = {} },
                api_destinations = { created = {
                    invocation_endpoint = "https://api.example.com/orders", http_method = "POST", description = words,
                } },
            }
        }),
        ("the name of the API key", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path,
                authorization = { api_key = { name = words, value = "k" } },
            }
        }),
        ("the user name", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path,
                authorization = { basic = { username = words, password = "p" } },
            }
        }),
        ("the value of a header", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path, authorization = { none = {} },
                invocation_http_parameters = { header = { shop = { value = words } } },
            }
        }),
        ("the name of a body parameter", |path, words| {
            config! {
                name = "orders", shared_resource_configuration_arn = path, authorization = { none = {} },
                invocation_http_parameters = (named_parameter(words)),
            }
        }),
    ];
    let mut kept = 0;
    for (place, config) in places {
        for words in &words {
            let config = config(path, words);
            let mut thing = instance(&local).await;
            if thing.validate(config.clone()).await.is_err() {
                continue;
            }
            kept += 1;
            let applied = thing.apply(config.clone()).await;
            applied.unwrap_or_else(|refused| panic!("{place}: {words}: {refused}"));
            thing.refresh().await.expect("read");
            let plan = thing.plan(config).await.expect("a plan");
            assert!(
                plan.is_no_op(),
                "{place}: {words}: {:?} → {:?}",
                plan.prior(),
                plan.planned()
            );
            thing.destroy().await.expect("destroyed");
        }
    }
    assert!(kept >= 10, "only {kept} were kept");
}

fn named_parameter(name: &str) -> Value {
    let parameter = Value::Object([("value".to_owned(), Value::from("1"))].into());
    let list = Value::Object([(name.to_owned(), parameter)].into());
    Value::Object([("body".to_owned(), list)].into())
}
