//! Random sequences of configurations: after each apply the next plan is empty, and AWS holds exactly what is asked for;
//! after the destroy nothing is left. That what a plan knows is what its apply answers, the host itself checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use aws_sdk_vpclattice::types::{DnsResource, ResourceConfigurationDefinition, ResourceConfigurationType};
use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::{Value, path};
use tokio::task::JoinSet;

use super::{TYPE, by_hand, instance, local_aws, second_endpoint};
use crate::aws::Aws;
use crate::component::naming::INVOCATION_TAG;

const SEQUENCES: u64 = 500;
const STEPS: usize = 5;
/// Sequences at a time: they wait for the second reads that settle VPC Lattice's objects.
const AT_ONCE: usize = 24;
/// Fields that few other choices leave a meaning are drawn more often.
const RARE: [&str; 2] = ["egress_cidr_blocks", "private_authorization_endpoint"];
/// How often each kind of change has to come up.
const EACH: usize = 20;

/// What is drawn: each field with the number of its values.
const FIELDS: [(&str, u8); 26] = [
    ("endpoint", 5),
    ("subnet_ids", 4),
    ("security_group_ids", 3),
    ("egress_cidr_blocks", 3),
    ("endpoint_ingress_security_group_id", 2),
    ("resource_gateway_id", 2),
    ("ip_address_type", 2),
    ("ipv4_addresses_per_eni", 3),
    ("resource_config_dns_resolution", 3),
    ("name_prefix", 2),
    ("authorization", 4),
    ("secret", 4),
    ("authorization's name", 2),
    ("private_authorization_endpoint", 2),
    ("oauth_http_parameters", 4),
    ("header", 5),
    ("query_string", 3),
    ("body", 4),
    ("api_destinations", 4),
    ("api destination's arguments", 4),
    ("description", 3),
    ("kms_key_identifier", 3),
    ("wait_for_ready", 3),
    ("force_destroy", 2),
    ("tags", 4),
    ("timeouts", 2),
];

/// The switches of what AWS does for which there is no certain answer.
const SWITCHES: [&str; 7] = [
    "accepts_connectivity_alone",
    "accepts_connectivity_with_description",
    "empty_lists_clear",
    "changes_dns_resolution",
    "connection_passes_authorized",
    "associated_configuration_is_conflict",
    "used_gateway_is_conflict",
];

/// SplitMix64: the same sequence for the same seed.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u8) -> u8 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u8::try_from((mixed ^ (mixed >> 31)) % u64::from(below)).expect("a remainder below a byte")
    }
}

/// What there is beside what the invocation makes.
struct World {
    local: LocalAws,
    aws: Arc<Aws>,
    second_endpoint: String,
    groups: [String; 2],
    endpoint_group: String,
    gateway: String,
    configuration: String,
}

impl World {
    async fn new() -> Self {
        let local = local_aws();
        let aws = by_hand(&local).await;
        let second_endpoint = second_endpoint(&local).await;
        let group = async |name: &str| {
            let request = aws.ec2.create_security_group().group_name(name).description(name);
            let made = request
                .vpc_id(&local.seed().vpc_id)
                .send()
                .await
                .expect("a group");
            made.group_id.expect("its id")
        };
        let groups = [group("one").await, group("two").await];
        let objects = local.objects();
        let endpoint_group = objects
            .iter()
            .find(|object| object["name"] == "execute-api" && object["type"] == "security-group")
            .and_then(|object| object["id"].as_str())
            .expect("the endpoint's group")
            .to_owned();
        let gateway = aws
            .lattice
            .create_resource_gateway()
            .name("shared")
            .vpc_identifier(&local.seed().vpc_id)
            .set_subnet_ids(Some(local.seed().subnet_ids.clone()))
            .security_group_ids(&groups[0])
            .send()
            .await
            .expect("a gateway")
            .id
            .expect("its id");
        let dns = DnsResource::builder().domain_name("api.example.com").build();
        let configuration = aws
            .lattice
            .create_resource_configuration()
            .name("shared")
            .r#type(ResourceConfigurationType::Single)
            .resource_gateway_identifier(&gateway)
            .port_ranges("443")
            .resource_configuration_definition(ResourceConfigurationDefinition::DnsResource(dns))
            .send()
            .await
            .expect("a configuration")
            .arn
            .expect("its ARN");
        Self {
            local,
            aws,
            second_endpoint,
            groups,
            endpoint_group,
            gateway,
            configuration,
        }
    }

    /// What there is that an invocation could have made, without what was there before.
    fn made(&self) -> BTreeMap<String, usize> {
        let mut made = BTreeMap::new();
        let ours = |object: &serde_json::Value| {
            object["tags"][INVOCATION_TAG] == "orders"
                || object["type"] == "connection"
                || object["type"] == "api-destination"
        };
        for object in self.local.objects().iter().filter(|object| ours(object)) {
            let kind = object["type"].as_str().unwrap_or_default().to_owned();
            *made.entry(kind).or_default() += 1;
        }
        made
    }
}

/// One value of each field.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Choice([u8; FIELDS.len()]);

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Without the members that are null.
fn given(members: Vec<(&str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| *value != Value::Null);
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

impl Choice {
    fn get(&self, field: &str) -> u8 {
        let index = FIELDS.iter().position(|(name, _)| *name == field);
        self.0[index.expect("a field of the table")]
    }

    fn is_shared_configuration(&self) -> bool {
        self.get("endpoint") == 4
    }

    fn is_https(&self) -> bool {
        matches!(self.get("endpoint"), 2 | 3)
    }

    fn is_shared_gateway(&self) -> bool {
        !self.is_shared_configuration() && self.get("resource_gateway_id") == 1
    }

    fn port(&self) -> u16 {
        if self.get("endpoint") == 3 { 8443 } else { 443 }
    }

    fn subnets(&self, world: &World) -> Option<Vec<String>> {
        let all = &world.local.seed().subnet_ids;
        match self.get("subnet_ids") {
            0 if self.is_https() => Some(all.clone()),
            0 => None,
            1 => Some(vec![all[0].clone()]),
            2 => Some(vec![all[1].clone()]),
            _ => Some(all.clone()),
        }
    }

    fn network(&self, world: &World) -> Value {
        if self.is_shared_configuration() {
            return Value::Null;
        }
        let text = |condition: bool, text: &str| if condition { Value::from(text) } else { Value::Null };
        let mut members = vec![
            ("name_prefix", text(self.get("name_prefix") == 1, "shop")),
            (
                "endpoint_ingress_security_group_id",
                text(
                    self.get("endpoint_ingress_security_group_id") == 1,
                    &world.endpoint_group,
                ),
            ),
        ];
        if self.is_shared_gateway() {
            members.push(("resource_gateway_id", Value::from(world.gateway.as_str())));
        } else {
            members.push(("subnet_ids", self.subnets(world).into()));
            let groups = usize::from(self.get("security_group_ids"));
            if groups > 0 {
                members.push(("security_group_ids", world.groups[..groups].to_vec().into()));
            } else {
                let cidrs = [None, Some("10.0.0.0/16"), Some("10.0.0.0/8")];
                let cidr = cidrs[usize::from(self.get("egress_cidr_blocks"))];
                members.push(("egress_cidr_blocks", cidr.map(|cidr| vec![cidr]).into()));
            }
            members.push(("ip_address_type", text(self.get("ip_address_type") == 1, "IPV4")));
            let addresses = [None, Some(8_i64), Some(16)];
            let addresses = addresses[usize::from(self.get("ipv4_addresses_per_eni"))];
            members.push(("ipv4_addresses_per_eni", addresses.into()));
            let resolution = [None, Some("PUBLIC"), Some("IN_VPC")];
            let resolution = resolution[usize::from(self.get("resource_config_dns_resolution"))];
            members.push(("resource_config_dns_resolution", resolution.into()));
        }
        match given(members) {
            Value::Object(members) if members.is_empty() => Value::Null,
            network => network,
        }
    }

    /// A secret under `name`, plain or write-only with a version.
    fn secret(&self, world: &World, name: &'static str) -> Vec<(&'static str, Value)> {
        let key = Value::from(world.local.seed().api_key.as_str());
        let (write_only, version) = match name {
            "value" => ("value_wo", "value_wo_version"),
            "password" => ("password_wo", "password_wo_version"),
            _ => ("client_secret_wo", "client_secret_wo_version"),
        };
        match self.get("secret") {
            0 => vec![(name, key)],
            other => vec![(write_only, key), (version, Value::from(other.to_string()))],
        }
    }

    fn authorization(&self, world: &World) -> Value {
        let named = self.get("authorization's name") == 1;
        match self.get("authorization") {
            0 => {
                let mut key = self.secret(world, "value");
                key.push((
                    "name",
                    Value::from(if named { "x-api-key" } else { "x-other-key" }),
                ));
                object([("api_key", given(key))])
            }
            1 => {
                let mut basic = self.secret(world, "password");
                basic.push(("username", Value::from(if named { "orders" } else { "ann" })));
                object([("basic", given(basic))])
            }
            2 => {
                let mut oauth = self.secret(world, "client_secret");
                let seed = world.local.seed();
                // The private API serves tokens, too; only the paths to it lead there.
                let private = self.get("private_authorization_endpoint") == 1 && self.get("endpoint") < 2;
                let token_url = if private {
                    seed.api_url.replace("/orders", "/token")
                } else {
                    seed.token_url.clone()
                };
                let same_path = object([("same_path", Value::Bool(true))]);
                oauth.push((
                    "private_authorization_endpoint",
                    if private { same_path } else { Value::Null },
                ));
                oauth.push(("authorization_endpoint", Value::from(token_url)));
                oauth.push(("client_id", Value::from(seed.client_id.as_str())));
                oauth.push(("http_method", named.then_some("POST").into()));
                let extra = match self.get("oauth_http_parameters") {
                    0 => Value::Null,
                    1 => object([("body", parameter("scope", "value", "read"))]),
                    2 => object([("body", parameter("scope", "secret_value", "read"))]),
                    _ => object([("header", parameter("x-tenant", "value", "1"))]),
                };
                oauth.push(("oauth_http_parameters", extra));
                object([("oauth_client_credentials", given(oauth))])
            }
            _ => object([("none", object([]))]),
        }
    }

    fn http_parameters(&self) -> Value {
        let header = match self.get("header") {
            0 => Value::Null,
            1 => parameter("x-shop", "value", "1"),
            2 => parameter("x-shop", "value", "2"),
            3 => parameter("x-shop", "secret_value", "3"),
            _ => Value::Map(BTreeMap::from([
                ("x-shop".to_owned(), object([("value", Value::from("1"))])),
                (
                    "x-tenant".to_owned(),
                    object([
                        ("secret_value_wo", Value::from("4")),
                        ("secret_value_wo_version", Value::from("1")),
                    ]),
                ),
            ])),
        };
        let query = match self.get("query_string") {
            0 => Value::Null,
            1 => parameter("page", "value", "1"),
            _ => parameter("size", "value", "10"),
        };
        let body = match self.get("body") {
            0 => Value::Null,
            1 => parameter("tenant", "secret_value", "1"),
            2 => parameter("tenant", "secret_value", "2"),
            _ => parameter("source", "value", "shop"),
        };
        match given(vec![("header", header), ("query_string", query), ("body", body)]) {
            Value::Object(members) if members.is_empty() => Value::Null,
            parameters => parameters,
        }
    }

    fn destination_names(&self) -> &'static [&'static str] {
        [&[] as &[&str], &["a"], &["b"], &["a", "b"]][usize::from(self.get("api_destinations"))]
    }

    fn destinations(&self) -> Value {
        let detail = self.get("api destination's arguments");
        let one = given(vec![
            (
                "invocation_endpoint",
                Value::from(if detail == 1 {
                    "https://api.example.com/b"
                } else {
                    "https://api.example.com/a/*"
                }),
            ),
            (
                "http_method",
                Value::from(if detail == 1 { "PUT" } else { "POST" }),
            ),
            (
                "invocation_rate_limit_per_second",
                (detail == 2).then_some(100_i64).into(),
            ),
            ("description", (detail == 3).then_some("for the shop").into()),
        ]);
        let all: BTreeMap<_, _> = self
            .destination_names()
            .iter()
            .map(|name| ((*name).to_owned(), one.clone()))
            .collect();
        if all.is_empty() {
            Value::Null
        } else {
            Value::Map(all)
        }
    }

    fn config(&self, world: &World) -> Value {
        let seed = world.local.seed();
        let endpoint = match self.get("endpoint") {
            0 => ("vpc_endpoint_id", Value::from(seed.vpc_endpoint_id.as_str())),
            1 => ("vpc_endpoint_id", Value::from(world.second_endpoint.as_str())),
            2 => (
                "https_endpoint",
                object([("domain_name", Value::from("login.example.com"))]),
            ),
            3 => (
                "https_endpoint",
                object([
                    ("domain_name", Value::from("login.example.com")),
                    ("port", Value::from(8443_i64)),
                ]),
            ),
            _ => (
                "shared_resource_configuration_arn",
                Value::from(world.configuration.as_str()),
            ),
        };
        let text = |texts: [Option<&str>; 3], field| Value::from(texts[usize::from(self.get(field))]);
        let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let tags = [
            None,
            Some(("team", "shop")),
            Some(("team", "web")),
            Some(("cost", "1")),
        ];
        let tags = tags[usize::from(self.get("tags"))];
        let flag = |field| {
            [Value::Null, Value::Bool(true), Value::Bool(false)][usize::from(self.get(field))].clone()
        };
        given(vec![
            ("name", Value::from("orders")),
            endpoint,
            ("network", self.network(world)),
            ("authorization", self.authorization(world)),
            ("invocation_http_parameters", self.http_parameters()),
            ("api_destinations", self.destinations()),
            (
                "description",
                text([None, Some("one"), Some("two")], "description"),
            ),
            (
                "kms_key_identifier",
                text([None, Some(key), Some("alias/other")], "kms_key_identifier"),
            ),
            ("wait_for_ready", flag("wait_for_ready")),
            ("force_destroy", flag("force_destroy")),
            (
                "tags",
                tags.map_or(Value::Null, |(key, value)| {
                    Value::Map(BTreeMap::from([(key.to_owned(), Value::from(value))]))
                }),
            ),
            (
                "timeouts",
                if self.get("timeouts") == 1 {
                    object([("update", Value::from("20m"))])
                } else {
                    Value::Null
                },
            ),
        ])
    }
}

fn parameter(name: &str, kind: &'static str, value: &str) -> Value {
    Value::Map(BTreeMap::from([(
        name.to_owned(),
        object([(kind, Value::from(value))]),
    )]))
}

/// What AWS has to hold after `choice` was applied, read with a client of the test's own.
async fn holds(world: &World, choice: Choice) -> Result<(), String> {
    let own_path = !choice.is_shared_configuration();
    let own_gateway = own_path && !choice.is_shared_gateway();
    let own_group = own_gateway && choice.get("security_group_ids") == 0;
    let mut wanted = BTreeMap::from([("connection".to_owned(), 1)]);
    let mut add = |kind: &str, count: usize| {
        if count > 0 {
            wanted.insert(kind.to_owned(), count);
        }
    };
    add("resource-configuration", own_path.into());
    add("resource-gateway", own_gateway.into());
    add("security-group", own_group.into());
    add("api-destination", choice.destination_names().len());
    let made: BTreeMap<_, _> = world
        .made()
        .into_iter()
        .filter(|(kind, _)| kind != "security-group-rule")
        .collect();
    if made != wanted {
        return Err(format!("AWS holds {made:?}, wanted are {wanted:?}"));
    }
    let seen = world.aws.events.describe_connection().name("orders").send().await;
    let seen = seen.map_err(|error| error.to_string())?;
    let mut wrong = String::new();
    let mut compare = |what: &str, is: String, wanted: String| {
        if is != wanted {
            let _ = writeln!(wrong, "{what} is {is}, wanted is {wanted}");
        }
    };
    let description = ["", "one", "two"][usize::from(choice.get("description"))];
    // Where an empty description does not clear, one that says nothing stands for none.
    let seen_description = seen
        .description
        .filter(|words| words != "Private API invocation orders");
    compare(
        "description",
        seen_description.unwrap_or_default(),
        description.to_owned(),
    );
    let kinds = ["API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"];
    compare(
        "authorization",
        seen.authorization_type
            .map_or_else(String::new, |kind| kind.as_str().to_owned()),
        kinds[usize::from(choice.get("authorization"))].to_owned(),
    );
    let http = seen
        .auth_parameters
        .and_then(|all| all.invocation_http_parameters);
    let names = |names: BTreeSet<String>| format!("{names:?}");
    let inert = |name: &String| name != "x-private-api-invocation";
    let headers: BTreeSet<String> = http
        .iter()
        .flat_map(|http| http.header_parameters().iter().filter_map(|one| one.key.clone()))
        .filter(inert)
        .collect();
    let wanted_headers: &[&str] = match choice.get("header") {
        0 => &[],
        4 => &["x-shop", "x-tenant"],
        _ => &["x-shop"],
    };
    compare(
        "headers",
        names(headers),
        names(wanted_headers.iter().map(|name| (*name).to_owned()).collect()),
    );
    let bodies: BTreeSet<String> = http
        .iter()
        .flat_map(|http| http.body_parameters().iter().filter_map(|one| one.key.clone()))
        .filter(inert)
        .collect();
    let wanted_bodies: &[&str] =
        [&[] as &[&str], &["tenant"], &["tenant"], &["source"]][usize::from(choice.get("body"))];
    compare(
        "body",
        names(bodies),
        names(wanted_bodies.iter().map(|name| (*name).to_owned()).collect()),
    );
    let way = seen
        .invocation_connectivity_parameters
        .and_then(|way| way.resource_parameters)
        .map(|way| way.resource_configuration_arn)
        .unwrap_or_default();
    compare(
        "way through the shared configuration",
        (way == world.configuration).to_string(),
        choice.is_shared_configuration().to_string(),
    );
    if own_path {
        let request = world.aws.lattice.get_resource_configuration();
        let configuration = request.resource_configuration_identifier(&way).send().await;
        let configuration = configuration.map_err(|error| error.to_string())?;
        compare(
            "port",
            configuration.port_ranges.unwrap_or_default().join(","),
            choice.port().to_string(),
        );
        let gateway = configuration.resource_gateway_id.unwrap_or_default();
        compare(
            "shared gateway",
            (gateway == world.gateway).to_string(),
            choice.is_shared_gateway().to_string(),
        );
        if own_gateway {
            let request = world.aws.lattice.get_resource_gateway();
            let gateway = request.resource_gateway_identifier(gateway).send().await;
            let gateway = gateway.map_err(|error| error.to_string())?;
            if let Some(mut subnets) = choice.subnets(world) {
                subnets.sort();
                let mut seen = gateway.subnet_ids.unwrap_or_default();
                seen.sort();
                compare("subnets", seen.join(","), subnets.join(","));
            }
            let addresses = [16, 8, 16][usize::from(choice.get("ipv4_addresses_per_eni"))];
            compare(
                "addresses",
                gateway.ipv4_addresses_per_eni.unwrap_or(16).to_string(),
                addresses.to_string(),
            );
            let default = if choice.is_https() { "IN_VPC" } else { "PUBLIC" };
            let resolution =
                [default, "PUBLIC", "IN_VPC"][usize::from(choice.get("resource_config_dns_resolution"))];
            compare(
                "DNS resolution",
                gateway
                    .resource_config_dns_resolution
                    .map_or_else(String::new, |mode| mode.as_str().to_owned()),
                resolution.to_owned(),
            );
            let groups = usize::from(choice.get("security_group_ids"));
            if groups > 0 {
                let seen: BTreeSet<_> = gateway
                    .security_group_ids
                    .unwrap_or_default()
                    .into_iter()
                    .collect();
                compare(
                    "groups",
                    names(seen),
                    names(world.groups[..groups].iter().cloned().collect()),
                );
            }
        }
    }
    for name in choice.destination_names() {
        let seen = world
            .aws
            .events
            .describe_api_destination()
            .name(*name)
            .send()
            .await;
        let seen = seen.map_err(|error| error.to_string())?;
        let detail = choice.get("api destination's arguments");
        compare(
            "rate",
            seen.invocation_rate_limit_per_second
                .unwrap_or_default()
                .to_string(),
            if detail == 2 { "100" } else { "300" }.to_owned(),
        );
        compare(
            "method",
            seen.http_method
                .map_or_else(String::new, |method| method.as_str().to_owned()),
            if detail == 1 { "PUT" } else { "POST" }.to_owned(),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Which field is drawn anew.
fn field(draw: &mut Draw) -> usize {
    let rare = RARE[usize::from(draw.next(2))];
    if draw.next(4) == 0
        && let Some(index) = FIELDS.iter().position(|(name, _)| *name == rare)
    {
        return index;
    }
    usize::from(draw.next(FIELDS.len() as u8))
}

/// Runs the sequence of one seed, and counts what it changed.
async fn run(seed: u64, counted: &Mutex<BTreeMap<&'static str, usize>>) -> Result<(), String> {
    let mut draw = Draw(seed);
    let world = World::new().await;
    let mut switches = json!({});
    for switch in SWITCHES {
        switches[switch] = (draw.next(2) == 1).into();
    }
    world.local.change_settings(&switches)?;
    let mut thing = instance(&world.local).await;
    let mut choice = Choice(FIELDS.map(|(_, values)| draw.next(values)));
    let mut told = format!("seed {seed}, switches {switches}");
    let mut arn = None;
    for step in 0..STEPS {
        if step > 0 {
            let before = choice.config(&world);
            while choice.config(&world) == before {
                for _ in 0..=draw.next(3) {
                    let was = choice;
                    let field = field(&mut draw);
                    choice.0[field] = draw.next(FIELDS[field].1);
                    if choice.config(&world) != was.config(&world) {
                        *counted
                            .lock()
                            .expect("no thread has panicked with it")
                            .entry(FIELDS[field].0)
                            .or_default() += 1;
                    }
                }
            }
        }
        let config = choice.config(&world);
        let _ = write!(told, "\nstep {step}: {config:?}");
        let applied = thing.apply(config.clone()).await;
        let applied = applied.map_err(|refused| format!("{told}\napply: {refused}"))?;
        if step > 0 && !applied.is_update() {
            return Err(format!("{told}\nthe plan is {:?}", applied.action()));
        }
        let now = thing.get(&path!("connection_arn")).cloned();
        if arn.is_some() && arn != now {
            return Err(format!("{told}\nthe ARN was {arn:?} and is {now:?}"));
        }
        arn = now;
        thing
            .refresh()
            .await
            .map_err(|refused| format!("{told}\nrefresh: {refused}"))?;
        let again = thing
            .plan(config)
            .await
            .map_err(|refused| format!("{told}\nplan: {refused}"))?;
        if !again.is_no_op() {
            return Err(format!(
                "{told}\nthe second plan is not empty:\n{:?}\n→\n{:?}",
                again.prior(),
                again.planned()
            ));
        }
        holds(&world, choice)
            .await
            .map_err(|wrong| format!("{told}\n{wrong}"))?;
    }
    thing
        .destroy()
        .await
        .map_err(|refused| format!("{told}\ndestroy: {refused}"))?;
    match world.made() {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{told}\nleft behind: {left:?}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_sequence_of_configurations_ends_with_exactly_what_the_last_one_asks_for() {
    assert_eq!(TYPE, "private_api_invocation");
    let counted = Arc::new(Mutex::new(BTreeMap::new()));
    // One seed alone, to look into a failure: SEQUENCE=17.
    let only: Option<u64> = std::env::var("SEQUENCE").ok().and_then(|seed| seed.parse().ok());
    let mut seeds = only.map_or(0..SEQUENCES, |seed| seed..seed + 1);
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some(seed) = seeds.next() else { break };
            let counted = Arc::clone(&counted);
            running.spawn(async move { run(seed, &counted).await });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(outcome)) => failed.extend(outcome.err()),
            Some(Err(panic)) => failed.push(panic.to_string()),
        }
    }
    let first = failed.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failed.is_empty(), "{} sequences failed: {first}", failed.len());
    let counted = counted.lock().expect("no thread has panicked with it");
    for (kind, count) in counted.iter() {
        let _ = writeln!(std::io::stdout(), "{count:>5} changes of {kind}");
    }
    if only.is_none() {
        for (kind, _) in FIELDS {
            let count = counted.get(kind).copied().unwrap_or_default();
            assert!(count >= EACH, "only {count} changes of {kind}");
        }
    }
}
