//! What a cell does with the CLI: which configuration stands, which one comes, and by which command.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::aws::Aws;
use crate::draw::Draw as _;

/// The names of the resources. Foreign objects are called nearly so.
pub const NAME: &str = "orders";

/// A verb of a resource, with the configuration that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb {
    /// `create-invocation`.
    pub name: &'static str,
    resource: Resource,
    change: Change,
    create_before_destroy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    Invocation,
    Path,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Create,
    /// Description, tags and what else changes in place.
    InPlace,
    /// To another VPC endpoint.
    Move,
    /// The secret is sent again.
    Rotate,
    /// From an API key to a user and password.
    Reauthorize,
    /// One is added, one changed, one removed.
    Destinations,
    Destroy,
}

/// The command that meets the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `apply`.
    Apply,
    /// `destroy`.
    Destroy,
}

/// All of them.
pub const VERBS: [Verb; 19] = {
    use Change::{Create, Destinations, Destroy, InPlace, Move, Reauthorize, Rotate};
    use Resource::{Invocation, Path};
    const fn verb(name: &'static str, resource: Resource, change: Change) -> Verb {
        Verb {
            name,
            resource,
            change,
            create_before_destroy: false,
        }
    }
    const fn cbd(name: &'static str, resource: Resource, change: Change) -> Verb {
        Verb {
            name,
            resource,
            change,
            create_before_destroy: true,
        }
    }
    [
        verb("create-invocation", Invocation, Create),
        cbd("create-invocation-cbd", Invocation, Create),
        verb("update-invocation", Invocation, InPlace),
        cbd("update-invocation-cbd", Invocation, InPlace),
        verb("move-invocation", Invocation, Move),
        cbd("move-invocation-cbd", Invocation, Move),
        verb("rotate-secret", Invocation, Rotate),
        verb("reauthorize", Invocation, Reauthorize),
        verb("change-destinations", Invocation, Destinations),
        verb("destroy-invocation", Invocation, Destroy),
        cbd("destroy-invocation-cbd", Invocation, Destroy),
        verb("create-path", Path, Create),
        cbd("create-path-cbd", Path, Create),
        verb("update-path", Path, InPlace),
        cbd("update-path-cbd", Path, InPlace),
        verb("replace-path", Path, Move),
        cbd("replace-path-cbd", Path, Move),
        verb("destroy-path", Path, Destroy),
        cbd("destroy-path-cbd", Path, Destroy),
    ]
};

/// The arguments of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    endpoint: String,
    authorization: &'static str,
    destinations: &'static str,
    in_place: &'static str,
    network: String,
}

const KEY: &str = r#"api_key = { name = "x-api-key", value_wo = var.api_key, value_wo_version = "1" }"#;
const NEW_KEY: &str = r#"api_key = { name = "x-api-key", value_wo = var.api_key, value_wo_version = "2" }"#;
const BASIC: &str =
    r#"basic = { username = "orders", password_wo = var.api_key, password_wo_version = "1" }"#;

const ONE_DESTINATION: &str =
    r#"a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" }"#;
const TWO_DESTINATIONS: &str = r#"a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" }
    b = { invocation_endpoint = "https://b.example.com/", http_method = "GET" }"#;
const OTHER_DESTINATIONS: &str = r#"a = { invocation_endpoint = "https://a.example.com/", http_method = "PUT" }
    c = { invocation_endpoint = "https://c.example.com/", http_method = "POST" }"#;

const IN_VPC: &str = r#"network = { resource_config_dns_resolution = "IN_VPC" }"#;

fn ingress(aws: &Aws) -> String {
    format!(
        "network = {{ endpoint_ingress_security_group_id = {:?} }}",
        aws.endpoint_group()
    )
}

impl Arguments {
    /// Draws each by itself, for a path or an invocation.
    pub fn drawn(draw: &mut Rng, aws: &Aws, verb: Verb) -> Self {
        let endpoints = [aws.seed().vpc_endpoint_id.clone(), aws.second_endpoint()];
        let in_place = ["", r#"tags = { team = "shop" }"#, r#"tags = { team = "till" }"#];
        let described = [in_place[0], in_place[1], r#"description = "Orders""#];
        let networks = [String::new(), ingress(aws), IN_VPC.to_owned()];
        let has_connection = verb.has_connection();
        Self {
            endpoint: draw.pick(&endpoints).clone(),
            authorization: *draw.pick(&[KEY, NEW_KEY, BASIC]),
            destinations: *draw.pick(&["", ONE_DESTINATION, TWO_DESTINATIONS, OTHER_DESTINATIONS]),
            in_place: *draw.pick(if has_connection { &described } else { &in_place }),
            network: draw.pick(&networks).clone(),
        }
    }

    /// How many objects of each type stand when they are fulfilled.
    pub fn makes(&self, verb: Verb) -> BTreeMap<String, usize> {
        let ingress = usize::from(self.network.contains("ingress"));
        let connection = usize::from(verb.has_connection());
        let destinations = self.destinations.matches("invocation_endpoint").count();
        let all = [
            ("security-group", 1),
            // The group lets calls out to the endpoint, and the endpoint's group may let them in.
            ("security-group-rule", 1 + ingress),
            ("resource-gateway", 1),
            ("resource-configuration", 1),
            ("connection", connection),
            ("service-network-resource-association", connection),
            ("api-destination", connection * destinations),
        ];
        let some = all.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(kind, count)| (kind.to_owned(), count)).collect()
    }

    /// The verb by which what stands becomes what is wanted; `None` is nothing.
    pub fn verb_between(of: Verb, before: Option<&Self>, after: Option<&Self>) -> Verb {
        let change = match (before, after) {
            (None, _) => Change::Create,
            (_, None) => Change::Destroy,
            (Some(before), Some(after)) if before.endpoint != after.endpoint => Change::Move,
            // Where both change, what is known of destinations holds.
            (Some(before), Some(after))
                if before.destinations != after.destinations && of.has_connection() =>
            {
                Change::Destinations
            }
            _ => Change::InPlace,
        };
        let same = |verb: &Verb| verb.resource == of.resource && verb.change == change;
        VERBS.into_iter().find(same).unwrap_or(of)
    }
}

impl Verb {
    /// The verb that is called so.
    pub fn named(name: &str) -> Option<Self> {
        VERBS.into_iter().find(|verb| verb.name == name)
    }

    /// The resource's address.
    pub fn address(self) -> &'static str {
        match self.resource {
            Resource::Invocation => "private_api_invocation.orders",
            Resource::Path => "private_api_path.orders",
        }
    }

    /// Whether nothing stands before it.
    pub fn creates(self) -> bool {
        self.change == Change::Create
    }

    /// Whether a resource is made by it, anew or in place of another one.
    pub fn makes_a_resource(self) -> bool {
        self.creates() || (self.resource == Resource::Path && self.change == Change::Move)
    }

    /// Whether what replaces its resource is made first.
    pub fn creates_before_destroy(self) -> bool {
        self.create_before_destroy
    }

    /// Whether nothing is to stand after it.
    pub fn destroys(self) -> bool {
        self.change == Change::Destroy
    }

    /// Whether it is about a resource with a connection.
    pub fn has_connection(self) -> bool {
        self.resource == Resource::Invocation
    }

    /// The command that meets the fault.
    pub fn command(self) -> Command {
        if self.destroys() {
            Command::Destroy
        } else {
            Command::Apply
        }
    }

    /// The configuration that stands before, with what a run of the fault needs beside it; `None` where nothing does.
    pub fn before(self, aws: &Aws, more: &str) -> Option<String> {
        (!self.creates()).then(|| self.configuration(&self.arguments_before(aws), more))
    }

    /// The configuration that is wanted, with what a run of the fault needs beside it.
    pub fn after(self, aws: &Aws, more: &str) -> String {
        let before = self.arguments_before(aws);
        let after = match self.change {
            Change::Create | Change::Destroy => before,
            Change::Move => Arguments {
                endpoint: aws.second_endpoint(),
                ..before
            },
            Change::Rotate => Arguments {
                authorization: NEW_KEY,
                ..before
            },
            Change::Reauthorize => Arguments {
                authorization: BASIC,
                ..before
            },
            Change::Destinations => Arguments {
                destinations: OTHER_DESTINATIONS,
                ..before
            },
            Change::InPlace if self.resource == Resource::Path => Arguments {
                in_place: "tags = { team = \"shop\" }",
                ..before
            },
            Change::InPlace => Arguments {
                in_place: "tags = { team = \"shop\" }\n  description = \"Orders\"",
                network: IN_VPC.to_owned(),
                ..before
            },
        };
        self.configuration(&after, more)
    }

    /// Whether an object can come to this state by it.
    pub fn can_end(self, kind: &str, state: &str) -> bool {
        let of_connection = kind == "connection" || kind == "service-network-resource-association";
        if of_connection && !self.has_connection() {
            return false;
        }
        match self.change {
            Change::Create => !state.starts_with("DELETE") && !state.starts_with("UPDATE"),
            Change::Move => !state.starts_with("UPDATE"),
            Change::InPlace => state.starts_with("UPDATE") && self.has_connection(),
            Change::Rotate | Change::Reauthorize => kind == "connection",
            Change::Destinations => false,
            Change::Destroy => state.starts_with("DELETE"),
        }
    }

    fn arguments_before(self, aws: &Aws) -> Arguments {
        Arguments {
            endpoint: aws.seed().vpc_endpoint_id.clone(),
            authorization: KEY,
            destinations: match self.change {
                Change::Destinations => TWO_DESTINATIONS,
                Change::Create | Change::Destroy => ONE_DESTINATION,
                _ => "",
            },
            in_place: "",
            // A rule at the endpoint's group is one kind of object more that can be left over.
            network: match self.change {
                Change::Create | Change::Destroy | Change::Move if self.has_connection() => ingress(aws),
                _ => String::new(),
            },
        }
    }

    /// Configuration with these arguments.
    pub fn configuration(self, arguments: &Arguments, more: &str) -> String {
        let Arguments {
            endpoint,
            authorization,
            destinations,
            in_place,
            network,
        } = arguments;
        let lifecycle = match self.create_before_destroy {
            true => "lifecycle { create_before_destroy = true }",
            false => "",
        };
        let (kind, of_invocation) = match self.resource {
            Resource::Path => ("private_api_path", String::new()),
            Resource::Invocation => (
                "private_api_invocation",
                format!(
                    "authorization = {{ {authorization} }}\n  api_destinations = {{\n    {destinations}\n  }}"
                ),
            ),
        };
        format!(
            r#"
terraform {{
  required_providers {{
    private = {{ source = "private-api/private" }}
  }}
}}

provider "private" {{}}

variable "api_key" {{
  type      = string
  sensitive = true
  ephemeral = true
}}

resource "{kind}" "orders" {{
  name            = "{NAME}"
  vpc_endpoint_id = "{endpoint}"
  {of_invocation}
  {network}
  {in_place}
  {more}
  {lifecycle}
}}
"#
        )
    }
}
