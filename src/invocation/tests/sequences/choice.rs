//! What is drawn, and the configuration that it is.

use std::collections::BTreeMap;

use fastrand::Rng;
use terraform_plugin::Value;

use super::world::World;

/// What is drawn: each field with the number of its values.
pub const FIELDS: [(&str, u8); 30] = [
    ("endpoint", 6),
    ("subnet_ids", 6),
    ("security_group_ids", 3),
    ("egress_cidr_blocks", 3),
    ("egress_security_group_ids", 2),
    ("allow_association_to_shareable_service_network", 3),
    ("https_endpoint.ip_address", 4),
    ("https_endpoint.port_ranges", 3),
    ("endpoint_ingress_security_group_id", 2),
    ("resource_gateway_id", 2),
    ("ip_address_type", 4),
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

/// Fields that few other choices leave a meaning are drawn more often.
const RARE: [&str; 4] = [
    "egress_cidr_blocks",
    "egress_security_group_ids",
    "ipv4_addresses_per_eni",
    "private_authorization_endpoint",
];

/// One value of each field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Choice([u8; FIELDS.len()]);

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Without the members that are null.
fn given(members: Vec<(&str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| *value != Value::Null);
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

impl Choice {
    /// One value of each field.
    pub fn drawn(draw: &mut Rng) -> Self {
        Self(FIELDS.map(|(_, values)| draw.u8(..values)))
    }

    /// Draws one field anew, and gives its name.
    pub fn redraw(&mut self, draw: &mut Rng) -> &'static str {
        let rare = RARE[draw.usize(..RARE.len())];
        let rare = FIELDS.iter().position(|(name, _)| *name == rare);
        let field = match rare {
            Some(rare) if draw.u8(..3) == 0 => rare,
            _ => draw.usize(..FIELDS.len()),
        };
        let (name, values) = FIELDS[field];
        self.0[field] = draw.u8(..values);
        name
    }

    pub fn get(&self, field: &str) -> u8 {
        let index = FIELDS.iter().position(|(name, _)| *name == field);
        self.0[index.expect("a field of the table")]
    }

    /// The resource configuration of somebody else that is given: of this account, or shared by another.
    pub fn shared_configuration<'w>(&self, world: &'w World) -> Option<&'w str> {
        match self.get("endpoint") {
            4 => Some(&world.configuration),
            5 => Some(&world.configuration_of_another),
            _ => None,
        }
    }

    fn is_shared_configuration(&self) -> bool {
        self.get("endpoint") >= 4
    }

    pub fn is_https(&self) -> bool {
        matches!(self.get("endpoint"), 2 | 3)
    }

    pub fn is_shared_gateway(&self) -> bool {
        !self.is_shared_configuration() && self.get("resource_gateway_id") == 1
    }

    fn has_ingress(&self) -> bool {
        self.get("endpoint_ingress_security_group_id") == 1
    }

    /// The ranges of ports that are given; a rule that lets the gateway in has one range.
    fn port_ranges(&self) -> Option<&'static [&'static str]> {
        match self.get("https_endpoint.port_ranges") {
            1 if self.is_https() && !self.has_ingress() => Some(&["443", "8443-8450"]),
            2 if self.is_https() => Some(&["8000-8010"]),
            _ => None,
        }
    }

    pub fn ports(&self) -> &'static [&'static str] {
        let port: &[&str] = if self.get("endpoint") == 3 {
            &["8443"]
        } else {
            &["443"]
        };
        self.port_ranges().unwrap_or(port)
    }

    /// The address in the place of a name, which a gateway of IPv6 alone does not reach.
    pub fn ip_address(&self) -> Option<&'static str> {
        let reached = self.is_https() && (self.is_shared_gateway() || self.ip_address_type() != Some("IPV6"));
        let address = [None, None, Some("10.0.0.77"), Some("10.0.0.78")];
        address[usize::from(self.get("https_endpoint.ip_address"))].filter(|_| reached)
    }

    pub fn is_shareable(&self) -> bool {
        self.get("allow_association_to_shareable_service_network") != 2
    }

    /// Where the managed group lets out to, where something is named.
    pub fn egress(&self, world: &World) -> Vec<String> {
        let cidrs = [None, Some("10.0.0.0/16"), Some("10.0.0.0/8")];
        let cidr = cidrs[usize::from(self.get("egress_cidr_blocks"))].map(str::to_owned);
        let group = (self.get("egress_security_group_ids") == 1).then(|| world.endpoint_group.clone());
        cidr.into_iter().chain(group).collect()
    }

    /// The type of the gateway's addresses. Both endpoints have IPv4 ones, so IPv6 alone is for what is but a name.
    pub fn ip_address_type(&self) -> Option<&'static str> {
        match (self.get("ip_address_type"), self.get("subnet_ids")) {
            (0, _) | (2 | 3, ..4) => None,
            (1, _) => Some("IPV4"),
            (3, _) if self.is_https() => Some("IPV6"),
            _ => Some("DUALSTACK"),
        }
    }

    pub fn subnets(&self, world: &World) -> Option<Vec<String>> {
        let all = &world.local.seed().subnet_ids;
        match self.get("subnet_ids") {
            0 if self.is_https() => Some(all.clone()),
            0 => None,
            1 => Some(vec![all[0].clone()]),
            2 => Some(vec![all[1].clone()]),
            3 => Some(all.clone()),
            _ => Some(world.ipv6_subnets.to_vec()),
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
                text(self.has_ingress(), &world.endpoint_group),
            ),
            (
                "allow_association_to_shareable_service_network",
                [Value::Null, Value::Bool(true), Value::Bool(false)]
                    [usize::from(self.get("allow_association_to_shareable_service_network"))]
                .clone(),
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
                let (cidrs, groups): (Vec<_>, Vec<_>) = self
                    .egress(world)
                    .into_iter()
                    .partition(|target| target.contains('/'));
                let some = |targets: Vec<String>| (!targets.is_empty()).then_some(targets);
                members.push(("egress_cidr_blocks", some(cidrs).into()));
                members.push(("egress_security_group_ids", some(groups).into()));
            }
            members.push(("ip_address_type", self.ip_address_type().into()));
            if self.ip_address_type() != Some("IPV6") {
                let addresses = [None, Some(8_i64), Some(16)];
                let addresses = addresses[usize::from(self.get("ipv4_addresses_per_eni"))];
                members.push(("ipv4_addresses_per_eni", addresses.into()));
                let resolution = [None, Some("PUBLIC"), Some("IN_VPC")];
                let resolution = resolution[usize::from(self.get("resource_config_dns_resolution"))];
                members.push(("resource_config_dns_resolution", resolution.into()));
            }
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

    pub fn destination_names(&self) -> &'static [&'static str] {
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

    pub fn config(&self, world: &World) -> Value {
        let seed = world.local.seed();
        let endpoint = match self.get("endpoint") {
            0 => ("vpc_endpoint_id", Value::from(seed.vpc_endpoint_id.as_str())),
            1 => ("vpc_endpoint_id", Value::from(world.second_endpoint.as_str())),
            endpoint @ (2 | 3) => {
                let name = self.ip_address().is_none().then_some("login.example.com");
                let ranges = self.port_ranges().map(|ranges| ranges.to_vec());
                let port = (endpoint == 3 && ranges.is_none()).then_some(8443_i64);
                let members = vec![
                    ("domain_name", name.into()),
                    ("ip_address", self.ip_address().into()),
                    ("port", port.into()),
                    ("port_ranges", ranges.into()),
                ];
                ("https_endpoint", given(members))
            }
            _ => (
                "shared_resource_configuration_arn",
                self.shared_configuration(world).into(),
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
