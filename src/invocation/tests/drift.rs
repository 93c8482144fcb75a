//! What is changed or removed behind our back is seen by the next plan, and mended by its apply.

use aws_sdk_ec2::types::{IpPermission, IpRange, Tag};
use local_aws::LocalAws;
use terraform_plugin::testing::Instance;
use terraform_plugin::{Path, Value, config, path};
use tokio::task::JoinSet;

use super::{by_hand, instance, local_aws, ours};
use crate::client::Aws;

fn whole(aws: &LocalAws) -> Value {
    let (endpoint, group) = (aws.seed().vpc_endpoint_id.as_str(), endpoint_group(aws));
    let group = group.as_str();
    config! {
        name = "orders",
        vpc_endpoint_id = endpoint,
        network = { endpoint_ingress_security_group_id = group },
        authorization = { api_key = { name = "x-api-key", value = "k" } },
        description = "described",
        invocation_http_parameters = { header = { "x-a" = { value = "1" } } },
        api_destinations = { a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" } },
    }
}

pub fn endpoint_group(aws: &LocalAws) -> String {
    let objects = aws.objects();
    let group = objects
        .iter()
        .find(|object| object["name"] == "execute-api" && object["type"] == "security-group");
    group
        .and_then(|group| group["id"].as_str())
        .expect("the endpoint's group")
        .to_owned()
}

fn output(thing: &Instance, name: &str) -> String {
    let value = thing.get(&Path::root().then(name)).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("{name} is known")).to_owned()
}

/// What somebody does by hand.
#[derive(Debug, Clone, Copy)]
enum Deed {
    DescribesConnection,
    RenamesHeader,
    ChangesHttpParameters,
    Deauthorizes,
    DeletesConnection,
    OpensGroup,
    ClosesGroup,
    TagsGroup,
    TagsGateway,
    TagsConfiguration,
    ChangesPort,
    ForbidsSharing,
    ChangesGatewaysGroups,
    DeletesIngress,
    ChangesDestination,
    DeletesDestination,
    DeletesEverything,
}

const DEEDS: [Deed; 17] = [
    Deed::DescribesConnection,
    Deed::RenamesHeader,
    Deed::ChangesHttpParameters,
    Deed::Deauthorizes,
    Deed::DeletesConnection,
    Deed::OpensGroup,
    Deed::ClosesGroup,
    Deed::TagsGroup,
    Deed::TagsGateway,
    Deed::TagsConfiguration,
    Deed::ChangesPort,
    Deed::ForbidsSharing,
    Deed::ChangesGatewaysGroups,
    Deed::DeletesIngress,
    Deed::ChangesDestination,
    Deed::DeletesDestination,
    Deed::DeletesEverything,
];

async fn happens(deed: Deed, local: &LocalAws, aws: &Aws, thing: &Instance) {
    use aws_sdk_eventbridge::types as events;
    let out = |cidr: &str, protocol: &str| {
        let range = IpRange::builder().cidr_ip(cidr).build();
        let ports = (protocol == "tcp").then_some(443);
        IpPermission::builder()
            .ip_protocol(protocol)
            .set_from_port(ports)
            .set_to_port(ports)
            .ip_ranges(range)
            .build()
    };
    let update = || aws.events.update_connection().name("orders");
    let parameters = |name: &str, http: Option<events::ConnectionHttpParameters>| {
        let key = events::UpdateConnectionApiKeyAuthRequestParameters::builder()
            .api_key_name(name)
            .build();
        events::UpdateConnectionAuthRequestParameters::builder()
            .api_key_auth_parameters(key)
            .set_invocation_http_parameters(http)
            .build()
    };
    let typed = || update().authorization_type(events::ConnectionAuthorizationType::ApiKey);
    let (group, gateway, configuration) = (
        output(thing, "security_group_id"),
        output(thing, "resource_gateway_id"),
        output(thing, "resource_configuration_id"),
    );
    let tag = Tag::builder().key("by").value("hand").build();
    let done = match deed {
        Deed::DescribesConnection => update()
            .description("by hand")
            .send()
            .await
            .map(drop)
            .map_err(|e| e.into()),
        Deed::RenamesHeader => typed()
            .auth_parameters(parameters("x-other", None))
            .send()
            .await
            .map(drop)
            .map_err(|e| e.into()),
        Deed::ChangesHttpParameters => {
            let header = events::ConnectionHeaderParameter::builder()
                .key("x-b")
                .value("2")
                .build();
            let http = events::ConnectionHttpParameters::builder()
                .header_parameters(header)
                .build();
            let parameters = parameters("x-api-key", Some(http));
            typed()
                .auth_parameters(parameters)
                .send()
                .await
                .map(drop)
                .map_err(|e| e.into())
        }
        Deed::Deauthorizes => {
            let request = aws.events.deauthorize_connection().name("orders");
            request
                .send()
                .await
                .map(drop)
                .map_err(aws_sdk_eventbridge::Error::from)
        }
        Deed::DeletesConnection => {
            let request = aws.events.delete_connection().name("orders");
            request.send().await.map(drop).map_err(|e| e.into())
        }
        Deed::ChangesDestination => {
            let request = aws.events.update_api_destination().name("a");
            request
                .invocation_rate_limit_per_second(7)
                .send()
                .await
                .map(drop)
                .map_err(|e| e.into())
        }
        Deed::DeletesDestination => {
            let request = aws.events.delete_api_destination().name("a");
            request.send().await.map(drop).map_err(|e| e.into())
        }
        Deed::OpensGroup => {
            let request = aws.ec2.authorize_security_group_egress().group_id(&group);
            request
                .ip_permissions(out("0.0.0.0/0", "-1"))
                .send()
                .await
                .expect("opened");
            Ok(())
        }
        Deed::ClosesGroup => {
            let request = aws.ec2.revoke_security_group_egress().group_id(&group);
            request
                .ip_permissions(out("10.0.0.0/16", "tcp"))
                .send()
                .await
                .expect("closed");
            Ok(())
        }
        Deed::TagsGroup => {
            aws.ec2
                .create_tags()
                .resources(&group)
                .tags(tag)
                .send()
                .await
                .expect("tagged");
            Ok(())
        }
        Deed::TagsGateway | Deed::TagsConfiguration => {
            let arn = match deed {
                Deed::TagsGateway => output(thing, "resource_gateway_arn"),
                _ => output(thing, "resource_configuration_arn"),
            };
            let request = aws.lattice.tag_resource().resource_arn(arn).tags("by", "hand");
            request.send().await.expect("tagged");
            Ok(())
        }
        Deed::ChangesPort | Deed::ForbidsSharing => {
            let request = aws.lattice.update_resource_configuration();
            let request = request.resource_configuration_identifier(&configuration);
            let request = match deed {
                Deed::ChangesPort => request.port_ranges("8443"),
                _ => request.allow_association_to_shareable_service_network(false),
            };
            request.send().await.expect("changed");
            Ok(())
        }
        Deed::ChangesGatewaysGroups => {
            let request = aws
                .lattice
                .update_resource_gateway()
                .resource_gateway_identifier(&gateway);
            request
                .security_group_ids(endpoint_group(local))
                .send()
                .await
                .expect("changed");
            Ok(())
        }
        Deed::DeletesIngress => {
            let request = aws
                .ec2
                .revoke_security_group_ingress()
                .group_id(endpoint_group(local));
            let rule = output(thing, "endpoint_ingress_rule_id");
            request
                .security_group_rule_ids(rule)
                .send()
                .await
                .expect("revoked");
            Ok(())
        }
        Deed::DeletesEverything => {
            aws.events
                .delete_api_destination()
                .name("a")
                .send()
                .await
                .expect("deleted");
            aws.events
                .delete_connection()
                .name("orders")
                .send()
                .await
                .expect("deleted");
            let request = aws.lattice.delete_resource_configuration();
            let request = request.resource_configuration_identifier(&configuration);
            request.send().await.expect("deleted");
            let request = aws
                .lattice
                .delete_resource_gateway()
                .resource_gateway_identifier(&gateway);
            request.send().await.expect("deleted");
            Ok(())
        }
    };
    done.unwrap_or_else(|error: aws_sdk_eventbridge::Error| panic!("{deed:?}: {error:?}"));
}

#[tokio::test]
async fn whatever_is_done_by_hand_is_seen_and_mended() {
    let mut running = JoinSet::new();
    for deed in DEEDS {
        running.spawn(is_mended(deed));
    }
    running.join_all().await;
}

async fn is_mended(deed: Deed) {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let mut thing = instance(&local).await;
    let config = whole(&local);
    thing.apply(config.clone()).await.expect("created");
    let before = ours(&local).len();
    happens(deed, &local, &aws, &thing).await;
    thing
        .refresh()
        .await
        .unwrap_or_else(|refused| panic!("{deed:?}: {refused}"));
    let plan = thing.plan(config.clone()).await.expect("a plan");
    assert!(
        plan.is_update(),
        "{deed:?}: {:?}: {:?} → {:?}",
        plan.action(),
        plan.prior(),
        plan.planned()
    );
    thing
        .apply_plan(plan, config.clone())
        .await
        .unwrap_or_else(|refused| panic!("{deed:?}: {refused}"));
    thing.refresh().await.expect("read");
    let plan = thing.plan(config).await.expect("a plan");
    assert!(
        plan.is_no_op(),
        "{deed:?}: {:?} → {:?}",
        plan.prior(),
        plan.planned()
    );
    assert_eq!(ours(&local).len(), before, "{deed:?}");
    assert_eq!(
        thing.get(&path!("connection_state")).and_then(Value::as_str),
        Some("ACTIVE"),
        "{deed:?}"
    );
}

#[tokio::test]
async fn a_connection_that_lost_its_authorization_shows_in_pending() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let mut thing = instance(&local).await;
    thing.apply(whole(&local)).await.expect("created");
    happens(Deed::Deauthorizes, &local, &aws, &thing).await;
    thing.refresh().await.expect("read");
    let pending = format!("{:?}", thing.get(&path!("pending")));
    assert!(pending.contains("re-authorize (DEAUTHORIZED)"), "{pending}");
}
