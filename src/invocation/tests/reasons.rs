//! Reasons of EventBridge that quote a secret.

use serde_json::json;
use terraform_plugin::{Value, path};

use super::{instance, local_aws, orders};

#[tokio::test]
async fn a_reason_that_quotes_a_write_only_secret_shows_it_neither_in_an_error_nor_in_the_state_nor_after_a_refresh()
 {
    let aws = local_aws();
    let quotes = json!({ "quotes_secrets_in_reasons": "plain" });
    aws.change_settings(&quotes).expect("a known setting");
    let fails = json!({
        "service": "events", "type": "connection", "becomes": "DEAUTHORIZED", "reason": "No such client.",
    });
    aws.add_fault(&fails).expect("a rule");
    let mut thing = instance(&aws).await;
    let refused = thing.apply(orders(&aws)).await.expect_err("it is refused");
    let key = aws.seed().api_key.clone();
    let words = refused.to_string();
    assert!(
        words.contains("No such client.") && words.contains("(secret)"),
        "{words}"
    );
    assert!(words.contains("x-api-key") && !words.contains(&key), "{words}");
    let reason = |state: Option<&Value>| state.map(|state| format!("{state:?}")).unwrap_or_default();
    for _ in 0..2 {
        let told = thing.get(&path!("connection_state_reason")).cloned();
        assert!(reason(told.as_ref()).contains("No such client."), "{told:?}");
        assert!(!reason(thing.state()).contains(&key));
        thing.refresh().await.expect("read");
    }
}
