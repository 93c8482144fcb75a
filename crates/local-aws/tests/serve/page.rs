//! The page at `/_local/`: what it shows, whom it is shown, and that it changes nothing.

use local_aws::LocalAws;
use serde_json::{Value, json};

use crate::client::{Answer, Client, Path, instant, raw};
use crate::executions::Run;

fn page(aws: &LocalAws, query: &str) -> Answer {
    raw(aws, "GET", &format!("/_local/{query}"), &[], "").unwrap()
}

fn machine(aws: &LocalAws) -> Run<'_> {
    let definition = json!({ "StartAt": "p", "States": { "p": { "Type": "Pass", "End": true } } });
    Run::of(aws, &definition, json!({}))
}

#[test]
fn the_page_needs_no_slash_at_its_end() {
    let aws = instant();
    for (path, status) in [
        ("/_local", 200),
        ("/_local?execution=x", 200),
        ("/_localhost", 404),
    ] {
        let shown = raw(&aws, "GET", path, &[], "").unwrap();
        assert_eq!(shown.status == 200, status == 200, "{path}: {shown:?}");
    }
}

#[test]
fn paths_executions_and_faults_are_shown_with_their_states() {
    let aws = instant();
    Path::make(&Client::new(&aws));
    let run = machine(&aws);
    let arn = run.start(&json!({ "id": 7 }));
    aws.add_fault(&json!({ "deny": "ec2:DescribeVpcs" })).unwrap();
    let shown = page(&aws, "");
    assert_eq!(shown.status, 200);
    assert!(
        shown.head.contains("content-type: text/html; charset=utf-8"),
        "{}",
        shown.head
    );
    for part in [
        "<small class=\"\">connection</small>orders <span class=\"state good\">ACTIVE</span>",
        "<small class=\"\">resource gateway</small>orders",
        "<small class=\"\">state machine</small>orders",
        "<span class=\"state good\">SUCCEEDED</span>",
        "{&quot;id&quot;:7}",
        "ec2:DescribeVpcs",
    ] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    assert!(!shown.body.contains("PassStateEntered"));
    let encoded = arn.replace(':', "%3A");
    assert!(
        shown.body.contains(&format!("?execution={encoded}")),
        "{}",
        shown.body
    );
    let with_history = page(&aws, &format!("?execution={encoded}"));
    assert!(
        with_history.body.contains("PassStateEntered"),
        "{}",
        with_history.body
    );
}

#[test]
fn the_page_runs_and_loads_nothing_whatever_is_in_it() {
    let aws = instant();
    let run = machine(&aws);
    run.start(&json!("<script>alert(1)</script>"));
    let shown = page(&aws, "");
    assert!(!shown.body.contains("<script") && !shown.body.contains("http-equiv=\"refresh\" content=\"0"));
    assert!(shown.body.contains("&lt;script&gt;"), "{}", shown.body);
    assert!(
        shown.head.contains("content-security-policy: default-src 'none'"),
        "{}",
        shown.head
    );
}

#[test]
fn nobody_else_sees_it_and_looking_changes_nothing() {
    let aws = instant();
    let before: (Vec<Value>, usize) = (aws.objects(), aws.calls().len());
    let foreign = raw(&aws, "GET", "/_local/", &[("host", "rebound.example.com")], "").unwrap();
    assert_eq!(foreign.status, 403);
    assert!(!foreign.body.contains("<html"));
    assert_eq!(page(&aws, "?execution=none").status, 200);
    assert_eq!(page(&aws, "?exec=none").status, 400);
    assert_eq!(raw(&aws, "POST", "/_local/", &[], "{}").unwrap().status, 405);
    assert_eq!((aws.objects(), aws.calls().len()), before);
}
