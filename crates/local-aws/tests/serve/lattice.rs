//! Resource gateways and resource configurations.

use std::thread;

use serde_json::json;

use crate::client::{Client, configuration, gateway_input, group, instant};

#[test]
fn a_gateway_takes_addresses_and_holds_its_group_until_its_interfaces_are_gone() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = group(&client, "orders");
    let gateway = client
        .lattice(
            "POST",
            "/resourcegateways",
            gateway_input(&client, "orders", &[&id]),
        )
        .json();
    let subnet = [("SubnetId.1", aws.seed().subnet_ids[0].as_str())];
    // 256 less AWS's five, the VPC endpoint's one and the gateway's sixteen.
    assert_eq!(
        client
            .ec2("DescribeSubnets", &subnet)
            .xml("availableIpAddressCount"),
        "234"
    );
    assert_eq!(
        client.ec2("DeleteSecurityGroup", &[("GroupId", &id)]).code(),
        "DependencyViolation"
    );
    let path = format!("/resourcegateways/{}", gateway["id"].as_str().unwrap());
    assert_eq!(
        client.lattice("DELETE", &path, json!(null)).json()["status"],
        "DELETE_IN_PROGRESS"
    );
    assert_eq!(client.lattice("GET", &path, json!(null)).status, 404);
    assert_eq!(client.ec2("DeleteSecurityGroup", &[("GroupId", &id)]).status, 200);
    assert_eq!(
        client
            .ec2("DescribeSubnets", &subnet)
            .xml("availableIpAddressCount"),
        "250"
    );
}

#[test]
fn a_gateway_without_groups_gets_the_default_one() {
    let aws = instant();
    let client = Client::new(&aws);
    let gateway = client
        .lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]))
        .json();
    let default = client.ec2(
        "DescribeSecurityGroups",
        &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "default")],
    );
    assert_eq!(gateway["securityGroupIds"], json!([default.xml("groupId")]));
}

#[test]
fn the_vpc_goes_by_two_names() {
    let aws = instant();
    let client = Client::new(&aws);
    let made = client
        .lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]))
        .json();
    let got = client
        .lattice(
            "GET",
            &format!("/resourcegateways/{}", made["id"].as_str().unwrap()),
            json!(null),
        )
        .json();
    assert_eq!(
        (&made["vpcIdentifier"], &made["vpcId"]),
        (&json!(aws.seed().vpc_id), &json!(null))
    );
    assert_eq!(
        (&got["vpcId"], &got["vpcIdentifier"]),
        (&json!(aws.seed().vpc_id), &json!(null))
    );
}

#[test]
fn a_client_token_makes_one_gateway() {
    let aws = instant();
    let client = Client::new(&aws);
    let mut input = gateway_input(&client, "orders", &[]);
    input["clientToken"] = json!("token");
    let first = client.lattice("POST", "/resourcegateways", input.clone()).json();
    assert_eq!(
        client.lattice("POST", "/resourcegateways", input.clone()).json()["id"],
        first["id"]
    );
    input["name"] = json!("other");
    assert_eq!(
        client.lattice("POST", "/resourcegateways", input).code(),
        "ConflictException"
    );
    let again = client.lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]));
    assert_eq!(
        (again.status, again.json()["resourceId"].clone()),
        (409, first["id"].clone())
    );
}

#[test]
fn a_token_of_a_deleted_gateway_makes_a_new_one() {
    let aws = instant();
    let client = Client::new(&aws);
    let mut input = gateway_input(&client, "orders", &[]);
    input["clientToken"] = json!("token");
    let first = client.lattice("POST", "/resourcegateways", input.clone()).json();
    client.lattice(
        "DELETE",
        &format!("/resourcegateways/{}", first["id"].as_str().unwrap()),
        json!(null),
    );
    let second = client.lattice("POST", "/resourcegateways", input);
    assert_eq!(second.status, 201);
    assert_ne!(second.json()["id"], first["id"]);
}

#[test]
fn a_gateway_that_is_used_stays() {
    let aws = instant();
    let client = Client::new(&aws);
    let group = group(&client, "orders");
    let (gateway, configuration) = configuration(&client, "orders", &group);
    let path = format!("/resourcegateways/{gateway}");
    let refused = client.lattice("DELETE", &path, json!(null));
    assert_eq!(
        (refused.status, refused.code()),
        (409, "ConflictException".to_owned())
    );
    let own = format!(
        "/resourceconfigurations/{}",
        configuration["id"].as_str().unwrap()
    );
    assert_eq!(client.lattice("DELETE", &own, json!(null)).status, 204);
    assert_eq!(client.lattice("DELETE", &path, json!(null)).status, 200);
}

#[test]
fn a_changed_dns_name_is_accepted_and_not_kept() {
    let aws = instant();
    let client = Client::new(&aws);
    let group = group(&client, "orders");
    let (_, made) = configuration(&client, "orders", &group);
    let path = format!("/resourceconfigurations/{}", made["id"].as_str().unwrap());
    let change = json!({ "resourceConfigurationDefinition": { "dnsResource": { "domainName": "other.example.com" } },
        "portRanges": ["443", "8443"] });
    assert_eq!(client.lattice("PATCH", &path, change.clone()).status, 200);
    let kept = client.lattice("GET", &path, json!(null)).json();
    assert_eq!(
        kept["resourceConfigurationDefinition"],
        made["resourceConfigurationDefinition"]
    );
    assert_eq!(kept["portRanges"], json!(["443", "8443"]));
    aws.change_settings(&json!({ "ignores_definition_updates": false }))
        .unwrap();
    assert_eq!(
        client.lattice("PATCH", &path, change).code(),
        "ValidationException"
    );
}

#[test]
fn listings_are_cut_into_pages() {
    let aws = instant();
    let client = Client::new(&aws);
    for name in ["one", "two", "three"] {
        assert_eq!(
            client
                .lattice("POST", "/resourcegateways", gateway_input(&client, name, &[]))
                .status,
            201
        );
    }
    let first = client
        .lattice("GET", "/resourcegateways?maxResults=2", json!(null))
        .json();
    let token = first["nextToken"].as_str().unwrap();
    let second = client
        .lattice(
            "GET",
            &format!("/resourcegateways?maxResults=2&nextToken={token}"),
            json!(null),
        )
        .json();
    let count = |page: &serde_json::Value| page["items"].as_array().unwrap().len();
    assert_eq!(
        (count(&first), count(&second), second.get("nextToken")),
        (2, 1, None)
    );
}

#[test]
fn wrong_requests_name_their_fields() {
    let aws = instant();
    let client = Client::new(&aws);
    let refused = client.lattice(
        "POST",
        "/resourcegateways",
        json!({ "name": "Wrong_Name", "ipv4AddressesPerEni": 63 }),
    );
    assert_eq!(
        (refused.status, refused.code()),
        (400, "ValidationException".to_owned())
    );
    let body = refused.json();
    assert_eq!(
        (&body["reason"], &body["fieldList"][0]["name"]),
        (&json!("fieldValidationFailed"), &json!("name"))
    );
    assert_eq!(body["fieldList"][1]["name"], "ipv4AddressesPerEni");
    assert_eq!(
        client.lattice("GET", "/services", json!(null)).code(),
        "UnknownOperationException"
    );
    let broken = client
        .send("vpc-lattice", "POST", "/resourcegateways", &[], "{")
        .unwrap();
    assert_eq!(
        (broken.code(), broken.json()["reason"].clone()),
        ("ValidationException".to_owned(), json!("cannotParse"))
    );
}

#[test]
fn of_many_at_once_one_gets_the_name() {
    let aws = instant();
    let made: Vec<u16> = thread::scope(|scope| {
        let create = || {
            let client = Client::new(&aws);
            client
                .lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]))
                .status
        };
        let all: Vec<_> = (0..16).map(|_| scope.spawn(create)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(
        made.iter().filter(|status| **status == 201).count(),
        1,
        "{made:?}"
    );
    assert_eq!(
        aws.objects()
            .iter()
            .filter(|object| object["type"] == "resource-gateway")
            .count(),
        1
    );
}
