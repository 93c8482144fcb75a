//! The parts of a seed file: what each may say, and what it is where the file does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A role: its name alone, where everybody in the account may assume it, or with what its trust policy wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum RolePart {
    Name(String),
    Trust(TrustPart),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustPart {
    pub(crate) name: String,
    /// What a caller must send as ExternalId.
    #[serde(default)]
    pub(crate) external_id: Option<String>,
    /// The token of an OpenID Connect provider that the role is given for; with it, nobody may assume the role otherwise.
    #[serde(default)]
    pub(crate) web_identity_token: Option<String>,
}

impl RolePart {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Trust(trust) => &trust.name,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VpcPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) cidr_blocks: Vec<String>,
    #[serde(default)]
    pub(crate) subnets: Vec<SubnetPart>,
    #[serde(default)]
    pub(crate) security_groups: Vec<GroupPart>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubnetPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) id: String,
    /// The zone's letter.
    pub(crate) zone: char,
    pub(crate) cidr_block: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) ingress: Vec<RulePart>,
    /// Left out: everything.
    #[serde(default)]
    pub(crate) egress: Option<Vec<RulePart>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulePart {
    #[serde(default = "tcp")]
    pub(crate) protocol: String,
    /// `443` or `8000-8080`; left out: all.
    #[serde(default)]
    pub(crate) ports: Option<String>,
    #[serde(default)]
    pub(crate) cidr_blocks: Vec<String>,
    #[serde(default)]
    pub(crate) security_groups: Vec<String>,
}

fn tcp() -> String {
    "tcp".to_owned()
}

impl RulePart {
    /// The lowest and the highest port; -1 for all.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        let Some(ports) = self.ports.as_deref() else {
            return Some(if self.protocol == "tcp" {
                (0, 65_535)
            } else {
                (-1, -1)
            });
        };
        let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
        let bounds = (low.parse::<u16>().ok()?, high.parse::<u16>().ok()?);
        (bounds.0 <= bounds.1).then_some((bounds.0.into(), bounds.1.into()))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) vpc: String,
    #[serde(default = "execute_api")]
    pub(crate) service: String,
    /// Left out: one in every zone of the VPC.
    #[serde(default)]
    pub(crate) subnets: Vec<String>,
    /// Left out: the VPC's default group.
    #[serde(default)]
    pub(crate) security_groups: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) private_dns: bool,
    #[serde(default)]
    pub(crate) policy: Option<Value>,
}

fn execute_api() -> String {
    "execute-api".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default = "prod")]
    pub(crate) stage: String,
    /// VPC endpoints that the API is associated with; left out: all.
    #[serde(default)]
    pub(crate) endpoints: Option<Vec<String>>,
    /// The resource policy; left out: everyone may call.
    #[serde(default)]
    pub(crate) policy: Option<Value>,
    #[serde(default)]
    pub(crate) routes: Vec<RoutePart>,
}

fn prod() -> String {
    "prod".to_owned()
}

/// A server that is no private API: a load balancer in a VPC, or, without one, a public server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostPart {
    pub(crate) name: String,
    pub(crate) domain_name: String,
    #[serde(default = "https")]
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) vpc: Option<String>,
    #[serde(default)]
    pub(crate) subnets: Vec<String>,
    #[serde(default)]
    pub(crate) security_groups: Vec<String>,
    #[serde(default)]
    pub(crate) routes: Vec<RoutePart>,
    /// A server of the user's own that answers what no route does: `http://127.0.0.1:8080`.
    #[serde(default)]
    pub(crate) upstream: Option<String>,
}

fn https() -> u16 {
    443
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoutePart {
    /// Below the stage: `/orders`, `/orders/{id}`, `/files/{path+}`.
    pub(crate) path: String,
    /// Left out: every method.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Any of these is enough; left out: nobody is asked.
    #[serde(default)]
    pub(crate) auth: Vec<AuthPart>,
    #[serde(default)]
    pub(crate) response: ResponsePart,
    /// A server of the user's own that answers in the response's place: `http://127.0.0.1:8080`.
    #[serde(default)]
    pub(crate) upstream: Option<String>,
    /// Makes the route a token endpoint for client credentials.
    #[serde(default)]
    pub(crate) token: Option<TokenPart>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum AuthPart {
    ApiKey {
        #[serde(default = "x_api_key")]
        header: String,
        #[serde(default)]
        value: String,
    },
    Basic {
        username: String,
        #[serde(default)]
        password: String,
    },
    /// A bearer token of any token route here.
    Oauth {},
}

fn x_api_key() -> String {
    "x-api-key".to_owned()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenPart {
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) client_secret: String,
    /// Seconds.
    #[serde(default = "an_hour")]
    pub(crate) expires_in: u64,
    /// Parameters that the request has to bring, wherever: `audience`, `scope`.
    #[serde(default)]
    pub(crate) requires: BTreeMap<String, String>,
}

fn an_hour() -> u64 {
    3600
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ResponsePart {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// A text is sent as it is, anything else as JSON.
    pub(crate) body: Value,
    pub(crate) delay_ms: u64,
    /// Adds `method`, `path` and `received`, the request's own, to a body that is an object.
    pub(crate) echo: bool,
}

impl Default for ResponsePart {
    fn default() -> Self {
        Self {
            status: 200,
            headers: BTreeMap::new(),
            body: Value::Object(serde_json::Map::new()),
            delay_ms: 0,
            echo: false,
        }
    }
}

/// A resource configuration that another account shares with this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) owner: String,
    /// What it leads to: the name of a host or of an endpoint.
    pub(crate) to: String,
    #[serde(default = "https_range")]
    pub(crate) port_ranges: Vec<String>,
}

fn https_range() -> Vec<String> {
    vec!["443".to_owned()]
}
