//! Who is let in.

use std::io::Write;
use std::net::TcpStream;

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::json;

use crate::client::{Answer, Client, Signer, instant, raw};

#[test]
fn a_request_signed_with_another_secret_is_refused_in_each_services_words() {
    let aws = instant();
    let client = Client {
        signer: Signer {
            secret: "wrong".to_owned(),
            ..Signer::default()
        },
        aws: &aws,
    };
    let refused = |answer: crate::client::Answer| (answer.status, answer.code());
    assert_eq!(
        refused(client.ec2("DescribeVpcs", &[])),
        (401, "AuthFailure".to_owned())
    );
    assert_eq!(
        refused(client.query("sts", "2011-06-15", "GetCallerIdentity", &[])),
        (403, "SignatureDoesNotMatch".to_owned())
    );
    assert_eq!(
        refused(client.events("ListConnections", json!({}))),
        (400, "InvalidSignatureException".to_owned())
    );
    assert_eq!(
        refused(client.lattice("GET", "/resourcegateways", json!(null))),
        (403, "InvalidSignatureException".to_owned())
    );
}

#[test]
fn unsigned_unknown_misplaced_and_late_requests_are_refused() {
    let aws = instant();
    assert_eq!(
        raw(&aws, "GET", "/resourcegateways", &[], "").unwrap().code(),
        "MissingAuthenticationTokenException"
    );
    let code = |signer: Signer| {
        Client { aws: &aws, signer }
            .events("ListConnections", json!({}))
            .code()
    };
    assert_eq!(
        code(Signer {
            key: "nobody".to_owned(),
            ..Signer::default()
        }),
        "UnrecognizedClientException"
    );
    assert_eq!(
        code(Signer {
            region: "eu-west-1".to_owned(),
            ..Signer::default()
        }),
        "InvalidSignatureException"
    );
    assert_eq!(
        code(Signer {
            skew: -600,
            ..Signer::default()
        }),
        "InvalidSignatureException"
    );
    assert!(aws.calls().iter().all(|call| call.status >= 400));
}

#[test]
fn a_lattice_arn_in_the_path_is_signed_right() {
    let aws = instant();
    let client = Client::new(&aws);
    let arn = "arn%3Aaws%3Avpc-lattice%3Aus-east-1%3A123456789012%3Aresourcegateway%2Frgw-0123456789abcdef0";
    let answer = client.lattice("GET", &format!("/tags/{arn}"), json!(null));
    assert_eq!(
        (answer.status, answer.code()),
        (404, "ResourceNotFoundException".to_owned())
    );
}

#[test]
fn the_keys_of_an_assumed_role_are_accepted_with_their_token_only() {
    let aws = instant();
    let role = aws.seed().role_arn.clone();
    let assumed = Client::new(&aws).query(
        "sts",
        "2011-06-15",
        "AssumeRole",
        &[("RoleArn", &role), ("RoleSessionName", "test")],
    );
    let token = assumed.xml("SessionToken");
    let signer = |token| Signer {
        key: assumed.xml("AccessKeyId"),
        secret: assumed.xml("SecretAccessKey"),
        token,
        ..Signer::default()
    };
    let identity = |signer| Client { aws: &aws, signer }.query("sts", "2011-06-15", "GetCallerIdentity", &[]);
    assert_eq!(
        identity(signer(Some(token))).xml("Arn"),
        "arn:aws:sts::123456789012:assumed-role/state-machine/test"
    );
    assert_eq!(identity(signer(None)).code(), "InvalidClientTokenId");
}

#[test]
fn a_role_is_given_only_to_whom_it_trusts() {
    let document = SeedDocument::parse(
        "roles: [open, { name: deploy, external_id: right }, { name: ci, web_identity_token: signed }]",
    )
    .unwrap();
    let aws = LocalAws::start(Options {
        speed: Speed::Instant,
        document,
        ..Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    let ask = |operation: &str, role: &str, more: &[(&str, &str)]| {
        let arn = format!("arn:aws:iam::123456789012:role/{role}");
        let mut params = vec![("RoleArn", arn.as_str()), ("RoleSessionName", "test")];
        params.extend(more);
        let answer = client.query("sts", "2011-06-15", operation, &params);
        match answer.status {
            200 => answer.xml("Arn"),
            _ => answer.code(),
        }
    };
    let assumed = |role: &str| format!("arn:aws:sts::123456789012:assumed-role/{role}/test");
    let denied = "AccessDenied".to_owned();
    let table = [
        ("AssumeRole", "open", None, assumed("open")),
        ("AssumeRole", "path/open", None, assumed("open")),
        ("AssumeRole", "nobody", None, denied.clone()),
        ("AssumeRole", "deploy", None, denied.clone()),
        (
            "AssumeRole",
            "deploy",
            Some(("ExternalId", "wrong")),
            denied.clone(),
        ),
        (
            "AssumeRole",
            "deploy",
            Some(("ExternalId", "right")),
            assumed("deploy"),
        ),
        ("AssumeRole", "ci", None, denied.clone()),
        (
            "AssumeRoleWithWebIdentity",
            "ci",
            Some(("WebIdentityToken", "signed")),
            assumed("ci"),
        ),
        (
            "AssumeRoleWithWebIdentity",
            "ci",
            Some(("WebIdentityToken", "forged")),
            "InvalidIdentityToken".to_owned(),
        ),
        (
            "AssumeRoleWithWebIdentity",
            "open",
            Some(("WebIdentityToken", "signed")),
            denied,
        ),
    ];
    for (operation, role, more, answer) in table {
        assert_eq!(
            ask(operation, role, &more.into_iter().collect::<Vec<_>>()),
            answer,
            "{operation} {role} {more:?}"
        );
    }
}

#[test]
fn a_session_ends_when_its_time_is_over() {
    let aws = instant();
    let role = aws.seed().role_arn.clone();
    let ask = [
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "test"),
        ("DurationSeconds", "900"),
    ];
    let assumed = Client::new(&aws).query("sts", "2011-06-15", "AssumeRole", &ask);
    let identity = || {
        let signer = Signer {
            key: assumed.xml("AccessKeyId"),
            secret: assumed.xml("SecretAccessKey"),
            token: Some(assumed.xml("SessionToken")),
            ..Signer::default()
        };
        Client { aws: &aws, signer }.query("sts", "2011-06-15", "GetCallerIdentity", &[])
    };
    assert_eq!(identity().status, 200);
    aws.advance(std::time::Duration::from_secs(901));
    assert_eq!(identity().code(), "ExpiredTokenException");
}

#[test]
fn a_session_gives_sessions_of_an_hour_at_most() {
    let aws = instant();
    let trust = r#"{ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:AssumeRole" }] }"#;
    let made = Client::new(&aws).query(
        "iam",
        "2010-05-08",
        "CreateRole",
        &[
            ("RoleName", "long"),
            ("MaxSessionDuration", "43200"),
            ("AssumeRolePolicyDocument", trust),
        ],
    );
    let role = made.xml("Arn");
    let assume = |client: &Client<'_>, seconds: &str| {
        let ask = [
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "test"),
            ("DurationSeconds", seconds),
        ];
        client.query("sts", "2011-06-15", "AssumeRole", &ask)
    };
    let first = assume(&Client::new(&aws), "43200");
    let chained = Client {
        aws: &aws,
        signer: Signer {
            key: first.xml("AccessKeyId"),
            secret: first.xml("SecretAccessKey"),
            token: Some(first.xml("SessionToken")),
            ..Signer::default()
        },
    };
    assert_eq!(assume(&chained, "3600").status, 200);
    let refused = assume(&chained, "3601");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "ValidationError")
    );
    assert!(
        refused
            .body
            .contains("1 hour session limit for roles assumed by role chaining"),
        "{refused:?}"
    );
    assert!(
        assume(&chained, "43201")
            .body
            .contains("less than or equal to 43200")
    );
}

#[test]
fn a_tag_that_a_session_hands_on_is_not_set_anew() {
    let aws = instant();
    let role = aws.seed().role_arn.clone();
    let assume = |client: &Client<'_>, tag: &str| {
        let ask = [
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "test"),
            ("Tags.member.1.Key", tag),
            ("Tags.member.1.Value", "v"),
            ("TransitiveTagKeys.member.1", tag),
        ];
        client.query("sts", "2011-06-15", "AssumeRole", &ask)
    };
    let of = |answer: &Answer| Client {
        aws: &aws,
        signer: Signer {
            key: answer.xml("AccessKeyId"),
            secret: answer.xml("SecretAccessKey"),
            token: Some(answer.xml("SessionToken")),
            ..Signer::default()
        },
    };
    let first = assume(&Client::new(&aws), "Tenant");
    let second = assume(&of(&first), "Shop");
    assert_eq!(second.status, 200, "{second:?}");
    // Handed on to the sessions of its sessions, whatever its case.
    let refused = assume(&of(&second), "tenant");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "InvalidParameterValue")
    );
    assert!(
        refused
            .body
            .contains("conflicts with a transitive tag key from the"),
        "{refused:?}"
    );
}

#[test]
fn bytes_that_are_no_request_do_no_harm() {
    let aws = instant();
    for bytes in [
        &b"\0\xff\xfe"[..],
        b"GET",
        b"\x16\x03\x01 TLS",
        b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let mut stream = TcpStream::connect(aws.endpoint().trim_start_matches("http://")).unwrap();
        stream.write_all(bytes).unwrap();
    }
    assert_eq!(Client::new(&aws).ec2("DescribeVpcs", &[]).status, 200);
}

#[test]
fn a_session_may_do_what_its_policy_leaves_and_no_more() {
    let aws = instant();
    let session = |policy: &str| {
        let answer = Client::new(&aws).query(
            "sts",
            "2011-06-15",
            "AssumeRole",
            &[
                ("RoleArn", &aws.seed().role_arn),
                ("RoleSessionName", "session"),
                ("Policy", policy),
            ],
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        Client {
            aws: &aws,
            signer: Signer {
                key: answer.xml("AccessKeyId"),
                secret: answer.xml("SecretAccessKey"),
                token: Some(answer.xml("SessionToken")),
                ..Signer::default()
            },
        }
    };
    let denies = r#"{ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" },
                                    { "Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*" }] }"#;
    let answer = session(denies).ec2("DescribeVpcs", &[]);
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "UnauthorizedOperation")
    );
    let group = [
        ("GroupName", "g"),
        ("GroupDescription", "g"),
        ("VpcId", &aws.seed().vpc_id),
    ];
    assert_eq!(session(denies).ec2("CreateSecurityGroup", &group).status, 200);
    let allows = r#"{ "Statement": { "Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*" } }"#;
    assert_eq!(session(allows).ec2("DescribeVpcs", &[]).status, 200);
    assert_eq!(session(allows).ec2("DescribeSubnets", &[]).status, 403);

    for wrong in [
        "no JSON",
        "[]",
        r#"{ "Statement": [7] }"#,
        r#"{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a" } }"#,
    ] {
        let parameters = [
            ("RoleArn", aws.seed().role_arn.as_str()),
            ("RoleSessionName", "session"),
            ("Policy", wrong),
        ];
        let answer = Client::new(&aws).query("sts", "2011-06-15", "AssumeRole", &parameters);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "MalformedPolicyDocument"),
            "{wrong}"
        );
    }
}
