//! URLs that do not fit the path: each remedy tells the URL that does.

use super::bench::Bench;

/// It is found with the URL that `wrong` makes of the right one, and with the right one all is well.
async fn is_found(id: &str, wrong: impl Fn(&str) -> String) {
    let mut bench = Bench::new().await;
    let right = bench.url.clone();
    bench.url = wrong(&right);
    let findings = bench.diagnosis().await.findings;
    let [finding] = findings.as_slice() else {
        panic!("one mistake is one finding: {findings:?}")
    };
    assert_eq!(finding.id, id, "{finding:?}");
    assert!(
        finding.seen.contains(&bench.url) || id == "configuration-port",
        "{finding:?}"
    );
    let refused = bench.check().await.expect_err("the check fails");
    assert!(refused.contains(id), "{refused}");
    bench.url = right;
    bench.is_well().await;
}

#[tokio::test]
async fn an_api_of_another_region_is_named() {
    is_found("url-region", |right| right.replace("us-east-1", "eu-central-1")).await;
}

#[tokio::test]
async fn another_endpoint_is_named() {
    let mut bench = Bench::new().await;
    bench.url = bench
        .url
        .replace(".execute-api.", "-vpce-00000000000000000.execute-api.");
    let finding = bench.diagnosis().await.findings.remove(0);
    assert_eq!(finding.id, "url-endpoint");
    // `Call <host>, which every endpoint serves.`
    let right = finding.remedies[0]
        .text()
        .split([' ', ','])
        .nth(1)
        .expect("a host name")
        .to_owned();
    bench.url = format!("https://{right}/prod/orders");
    bench.is_well().await;
}

#[tokio::test]
async fn no_stage_is_named() {
    is_found("url-stage", |right| {
        right.split("/prod").next().unwrap_or_default().to_owned()
    })
    .await;
}

#[tokio::test]
async fn another_port_is_named() {
    is_found("configuration-port", |right| right.replace(".com/", ".com:8443/")).await;
}

#[tokio::test]
async fn the_endpoint_is_named_instead_of_an_api() {
    let mut bench = Bench::new().await;
    bench.url = format!("https://{}/prod/orders", bench.output("domain_name"));
    let finding = bench.diagnosis().await.findings.remove(0);
    assert_eq!(finding.id, "url-host");
    assert!(finding.why.contains("x-apigw-api-id"), "{finding:?}");
    assert!(bench.check().await.is_err());
}

#[tokio::test]
async fn a_host_that_is_no_apis_is_named() {
    let mut bench = Bench::new().await;
    bench.url = "https://orders.example.com/prod/orders".to_owned();
    let diagnosis = bench.diagnosis().await;
    let [finding] = &diagnosis.findings[..] else {
        panic!("{:?}", diagnosis.findings);
    };
    assert_eq!(finding.id, "url-foreign");
    assert!(
        finding.seen.contains("orders.example.com") && finding.seen.contains(&bench.endpoint),
        "{finding:?}"
    );
    let right = finding.remedies[0]
        .text()
        .replace("<api-id>", "")
        .replace("<stage>/<path>", "");
    assert!(
        crate::testing::local_aws()
            .seed()
            .api_url
            .contains(right.trim_start_matches("https://")),
        "{right}"
    );
    let refused = bench.check().await.expect_err("nothing there has that name");
    assert!(refused.contains("url-foreign"), "{refused}");
}
