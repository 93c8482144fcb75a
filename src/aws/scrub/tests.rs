use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

const ARN: &str = "arn:aws:events:us-east-1:123456789012:connection/orders-prod/0a1b";

fn scrubber(secrets: &[&str]) -> Scrubber {
    Scrubber::new(secrets.iter().copied(), ["orders-prod"])
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn html(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Over two lines.
fn folded(text: &str) -> String {
    let (first, second) = text.split_at(text.len() / 2);
    format!("{first}\r\n{second}")
}

/// Every form in which a service may quote a secret.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        folded(secret),
        percent(secret),
        percent(secret).to_lowercase(),
        html(secret),
        serde_json::json!({ "password": secret }).to_string(),
        serde_json::json!({ "body": serde_json::json!(secret).to_string() }).to_string(),
    ];
    for text in [
        secret.to_owned(),
        format!("user:{secret}"),
        format!("a user:{secret}"),
    ] {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            forms.push(percent(&encoded));
            forms.push(format!("Basic {encoded}"));
            forms.push(folded(&encoded));
        }
    }
    forms
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_secret_survives_in_no_form(secret in r#"[ -~]{8,40}"#, before in "[a-zA-Z =:'\"(]{0,12}", after in "[a-zA-Z ,.'\")]{0,12}") {
        prop_assume!(!before.contains(&secret) && !secret.trim().is_empty());
        for form in forms(&secret) {
            let text = format!("Invalid value: {before} {form} {after}");
            let scrubbed = scrubber(&[&secret]).scrub(&text);
            prop_assert!(!scrubbed.contains(&form), "{scrubbed}");
            prop_assert!(scrubbed.contains(REMOVED), "{scrubbed}");
        }
    }

    #[test]
    fn an_id_never_changes(secret in "[a-z]{1,12}", name in "[a-z]{1,8}-[a-z0-9]{1,8}") {
        let arn = format!("arn:aws:events:us-east-1:123456789012:connection/{name}/0a1b-{secret}");
        let text = format!("{arn} of {name} may not events:CreateConnection");
        let scrubber = Scrubber::new([secret], [name.as_str()]);
        let scrubbed = scrubber.scrub(&text);
        prop_assert!(scrubbed.starts_with(&arn), "{scrubbed}");
        prop_assert!(scrubbed[arn.len()..].contains(name.as_str()), "{scrubbed}");
        prop_assert!(scrubbed.ends_with("events:CreateConnection"), "{scrubbed}");
    }

    #[test]
    fn any_text_can_be_cleaned(secret in ".{0,20}", text in ".{0,200}") {
        let cleaned = Scrubber::new([secret], [""]).clean(&text);
        prop_assert!(!cleaned.chars().any(char::is_control), "{cleaned:?}");
    }
}

#[test]
fn a_short_secret_goes_only_where_it_is_a_word() {
    let table = [
        ("orders-prod failed", "orders-prod failed"),
        ("production", "production"),
        (
            "the password \"prod\" is wrong",
            "the password \"(secret)\" is wrong",
        ),
        ("the password is prod.", "the password is (secret)."),
        ("example.com/prod/x", "example.com/prod/x"),
        ("eu-prod-1", "eu-prod-1"),
        ("Basic dXNlcjpwcm9k", "Basic (secret)"),
        (ARN, ARN),
    ];
    for (text, scrubbed) in table {
        assert_eq!(scrubber(&["prod"]).scrub(text), scrubbed, "{text}");
    }
}

#[test]
fn a_word_with_a_long_secret_in_it_goes_whole() {
    let secret = "CreateConnection";
    assert_eq!(
        scrubber(&[secret]).scrub("xCreateConnection2 is wrong"),
        "(secret) is wrong"
    );
    assert_eq!(
        scrubber(&[secret]).scrub("not events:CreateConnection"),
        "not events:CreateConnection"
    );
    assert_eq!(
        scrubber(&[secret]).scrub("pass=CreateConnection;"),
        "pass=(secret);"
    );
    assert_eq!(
        scrubber(&["orders-production"]).scrub("orders-production"),
        "(secret)"
    );
}

#[test]
fn of_two_secrets_neither_survives_though_one_is_a_part_of_the_other() {
    let scrubbed =
        scrubber(&["hunter2hunter2", "hunter2hunter2-more"]).scrub("is hunter2hunter2-more, hunter2hunter2");
    assert_eq!(scrubbed, "is (secret), (secret)");
}

#[test]
fn terminal_escapes_are_shown_as_such_and_megabytes_are_cut() {
    assert_eq!(shown("a\u{1b}[31mb\nc\u{7f}"), "a\\u{1b}[31mb c\\u{7f}");
    let long = shown(&"ä".repeat(3_000_000));
    assert_eq!(long.chars().filter(|letter| *letter == 'ä').count(), SHOWN);
    assert!(long.ends_with("(the rest is cut)"));
    assert_eq!(shown(&"b".repeat(SHOWN)), "b".repeat(SHOWN));
}
