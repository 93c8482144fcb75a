//! The host name that calls use, against the VPC endpoint at which they arrive, whatever the name is.

use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;
use crate::http_task::TaskUrl;

const PAGE: &str = "Invoke a private API";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    let (Some(url), Some(configuration)) = (&question.url, seen.configuration.here()) else {
        return Vec::new();
    };
    match &seen.endpoint {
        Some(endpoint) => of_api(seen, url, &endpoint.id),
        None => {
            let domain = configuration.domain_name();
            domain
                .and_then(|domain| of_https_endpoint(url, domain))
                .into_iter()
                .collect()
        }
    }
}

/// What a host name of API Gateway says.
#[derive(Debug, PartialEq, Eq)]
enum Host<'a> {
    /// `<api>.execute-api.<region>.…`, or `<api>-<vpce>.execute-api.<region>.…`.
    Api {
        endpoint: Option<&'a str>,
        region: &'a str,
    },
    /// `<vpce>-<random>.execute-api.<region>.vpce.…`.
    Endpoint,
    /// A custom domain name, or anything else.
    Other,
}

fn parse(host: &str) -> Host<'_> {
    let mut labels = host.split('.');
    let (Some(first), Some("execute-api"), Some(region), Some(next)) =
        (labels.next(), labels.next(), labels.next(), labels.next())
    else {
        return Host::Other;
    };
    if next == "vpce" {
        return Host::Endpoint;
    }
    if next != "amazonaws" {
        return Host::Other;
    }
    let endpoint = first.find("-vpce-").map(|at| &first[at + 1..]);
    Host::Api { endpoint, region }
}

fn of_api(seen: &Observation, url: &TaskUrl, endpoint_id: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match parse(&url.host) {
        Host::Api { region, .. } if region != seen.region => findings.push(Finding {
            id: "url-region",
            severity: Severity::Error,
            seen: format!("{url} names an API in {region}, and the path leads to a VPC endpoint in {}.", seen.region),
            why: "An endpoint serves the APIs of its own Region: calls find no API there.",
            remedies: vec![Remedy::Words(format!(
                "Call an API in {}, or make the invocation in {region}.",
                seen.region
            ))],
            page: PAGE,
        }),
        Host::Api {
            endpoint: Some(named), ..
        } if named != endpoint_id => findings.push(Finding {
            id: "url-endpoint",
            severity: Severity::Warning,
            seen: format!("{url} names VPC endpoint {named}, and the path leads to {endpoint_id}."),
            why: "The path leads to its own endpoint whatever the URL says, and AWS does not say whether that one serves the name of \
                  another.",
            remedies: vec![Remedy::Words(format!(
                "Call {}, which every endpoint serves.",
                url.host.replace(&format!("-{named}"), "")
            ))],
            page: PAGE,
        }),
        Host::Endpoint => findings.push(Finding {
            id: "url-host",
            severity: Severity::Warning,
            seen: format!("{url} names the VPC endpoint itself, not an API."),
            why: "The endpoint knows which API is meant only if the task sends its id in the header x-apigw-api-id; else calls are \
                  answered 403.",
            remedies: vec![name_of_an_api(seen)],
            page: PAGE,
        }),
        Host::Other => findings.push(Finding {
            id: "url-foreign",
            severity: Severity::Warning,
            seen: format!(
                "{url} names {}, which is no name that API Gateway gives an API, and the path leads to VPC endpoint \
                 {endpoint_id} for execute-api.",
                url.host
            ),
            why: "The path leads to that endpoint whatever the URL says. It answers to another name only where that is a private \
                  custom domain name which is associated with it; else the certificate does not fit, or calls are answered 403.",
            remedies: vec![
                name_of_an_api(seen),
                Remedy::Words(format!(
                    "Where it is a private custom domain name of API Gateway, look whether it is associated with {endpoint_id}: \
                     aws apigateway get-domain-name-access-associations. Where it is another server, give the invocation \
                     https_endpoint in the place of vpc_endpoint_id."
                )),
            ],
            page: PAGE,
        }),
        Host::Api { .. } => {}
    }
    let names_no_stage = matches!(parse(&url.host), Host::Api { .. }) && stage(&url.path).is_empty();
    if names_no_stage {
        findings.push(Finding {
            id: "url-stage",
            severity: Severity::Error,
            seen: format!("{url} names no stage."),
            why: "The first part of the path is the stage; without one, calls are answered 403 (Forbidden, or Missing \
                  Authentication Token).",
            remedies: vec![Remedy::Words(format!(
                "Call https://{}/<stage>/<path>.",
                url.host
            ))],
            page: PAGE,
        });
    }
    findings
}

/// The form of a URL that every endpoint of the Region serves.
fn name_of_an_api(seen: &Observation) -> Remedy {
    let suffix = match seen.partition.as_str() {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    Remedy::Hcl {
        place: "Name the API in the URL".to_owned(),
        text: format!(
            "https://<api-id>.execute-api.{}.{suffix}/<stage>/<path>",
            seen.region
        ),
    }
}

fn stage(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or_default();
    path.split(['/', '?', '#']).next().unwrap_or_default()
}

fn of_https_endpoint(url: &TaskUrl, domain: &str) -> Option<Finding> {
    (!url.host.eq_ignore_ascii_case(domain)).then(|| Finding {
        id: "url-domain",
        severity: Severity::Warning,
        seen: format!("{url} names {}, and the path leads to {domain}.", url.host),
        why: "The path leads there whatever the URL says; calls fail unless the certificate of that server is good for the name \
              in the URL, too.",
        remedies: vec![Remedy::Words(format!("Call https://{domain}{}.", url.path))],
        page: "Connecting to private APIs in Amazon EventBridge",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_tells_region_and_endpoint() {
        let api = |endpoint, region| Host::Api { endpoint, region };
        for (host, expected) in [
            ("a1.execute-api.us-east-1.amazonaws.com", api(None, "us-east-1")),
            (
                "a1.execute-api.cn-north-1.amazonaws.com.cn",
                api(None, "cn-north-1"),
            ),
            (
                "a1-vpce-0123.execute-api.us-east-1.amazonaws.com",
                api(Some("vpce-0123"), "us-east-1"),
            ),
            (
                "vpce-0123-ab.execute-api.us-east-1.vpce.amazonaws.com",
                Host::Endpoint,
            ),
            ("api.example.com", Host::Other),
            ("a1.execute-api.us-east-1.example.com", Host::Other),
            ("execute-api.us-east-1.amazonaws.com", Host::Other),
        ] {
            assert_eq!(parse(host), expected, "{host}");
        }
    }
}
