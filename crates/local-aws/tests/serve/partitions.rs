//! Other partitions: what ARNs begin with, and what host names end in.

use local_aws::{LocalAws, Options, Speed};
use serde_json::json;

use crate::client::{Client, Path, Signer};

#[test]
fn a_region_has_the_arns_and_names_of_its_partition() {
    for (region, partition, suffix, global) in [
        ("eu-central-1", "aws", "amazonaws.com", "us-east-1"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn", "cn-north-1"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com", "us-gov-west-1"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu", "eusc-de-east-1"),
    ] {
        let aws = LocalAws::start(Options {
            region: region.to_owned(),
            speed: Speed::Instant,
            ..Options::default()
        })
        .unwrap();
        let client = Client {
            signer: Signer {
                region: region.to_owned(),
                ..Signer::default()
            },
            ..Client::new(&aws)
        };
        let path = Path::make(&client);
        let begins = format!("arn:{partition}:events:{region}:");
        assert!(
            path.connection_arn.starts_with(&begins),
            "{}",
            path.connection_arn
        );
        let role = format!("arn:{partition}:iam::");
        assert!(aws.seed().role_arn.starts_with(&role), "{}", aws.seed().role_arn);
        let api = format!(".execute-api.{region}.{suffix}/prod/orders");
        assert!(aws.seed().api_url.ends_with(&api), "{}", aws.seed().api_url);
        // IAM is called for the partition's Region, whichever is served.
        let roles = Client {
            signer: Signer {
                region: global.to_owned(),
                ..Signer::default()
            },
            ..Client::new(&aws)
        };
        let roles = roles.query("iam", "2010-05-08", "GetRole", &[("RoleName", "state-machine")]);
        assert_eq!(roles.status, 200, "{roles:?}");
        let answer = client.test_state(&path.connection_arn, json!({}));
        assert_eq!(answer.json()["status"], "SUCCEEDED", "{answer:?}");
    }
}
