//! What a seed file says: how it is read, and what its parts must agree on.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::ids;
use crate::core::policy::Policy;
use crate::seed::mocks::Mocks;
use crate::seed::parts::{
    ApiPart, AuthPart, EndpointPart, HostPart, RolePart, RoutePart, SharedPart, VpcPart,
};

/// What a world begins with, as a seed file says it.
///
/// ```
/// use local_aws::{LocalAws, Options, SeedDocument};
///
/// let document = SeedDocument::parse("
/// vpcs:
///   - { name: main, cidr_blocks: [10.1.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.1.0.0/24 }] }
/// endpoints: [{ name: api, vpc: main }]
/// apis: [{ name: hello, routes: [{ path: /hi, response: { body: hello } }] }]
/// ").unwrap();
/// let aws = LocalAws::start(Options { document, ..Options::default() })?;
/// assert!(aws.seed().api_url.ends_with("/prod/hi"));
///
/// let error = SeedDocument::parse("vpcs:\n  - nam: main\n").unwrap_err();
/// assert!(error.contains("nam") && error.contains("line 2"), "{error}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDocument {
    #[serde(default = "account")]
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) vpcs: Vec<VpcPart>,
    #[serde(default)]
    pub(crate) endpoints: Vec<EndpointPart>,
    #[serde(default)]
    pub(crate) apis: Vec<ApiPart>,
    #[serde(default)]
    pub(crate) hosts: Vec<HostPart>,
    #[serde(default = "roles")]
    pub(crate) roles: Vec<RolePart>,
    #[serde(default)]
    pub(crate) shared_configurations: Vec<SharedPart>,
    /// What stands for tasks of state machines.
    #[serde(default)]
    pub(crate) mocks: Mocks,
}

fn account() -> String {
    "123456789012".to_owned()
}

fn roles() -> Vec<RolePart> {
    vec![RolePart::Name("state-machine".to_owned())]
}

impl Default for SeedDocument {
    /// One VPC with an execute-api endpoint and a private API behind it; the README shows it.
    fn default() -> Self {
        // The text is part of the program, and a test reads it.
        Self::parse(include_str!("default.yaml")).unwrap_or_else(|_| Self::empty())
    }
}

impl SeedDocument {
    /// A document without anything.
    fn empty() -> Self {
        Self {
            account_id: account(),
            vpcs: Vec::new(),
            endpoints: Vec::new(),
            apis: Vec::new(),
            hosts: Vec::new(),
            roles: roles(),
            shared_configurations: Vec::new(),
            mocks: Mocks::default(),
        }
    }

    /// Reads a seed, JSON or YAML.
    ///
    /// # Errors
    /// A text that names the field that is wrong; its line too, where the text cannot be read at all or has a
    /// value of the wrong type.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Self = super::text::read(text)?;
        document.check()?;
        Ok(document)
    }

    fn check(&self) -> Result<(), String> {
        if self.account_id.len() != 12 || !self.account_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("account_id: '{}' is not 12 digits", self.account_id));
        }
        unique("vpcs", self.vpcs.iter().map(|vpc| &vpc.name))?;
        unique("endpoints", self.endpoints.iter().map(|endpoint| &endpoint.name))?;
        unique("apis", self.apis.iter().map(|api| &api.name))?;
        unique("hosts", self.hosts.iter().map(|host| &host.domain_name))?;
        for (index, vpc) in self.vpcs.iter().enumerate() {
            vpc.check().map_err(|error| format!("vpcs[{index}].{error}"))?;
        }
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let at = |error: String| format!("endpoints[{index}].{error}");
            check_id("vpce", &endpoint.id).map_err(at)?;
            self.check_place(&endpoint.vpc, &endpoint.subnets, &endpoint.security_groups)
                .map_err(at)?;
            check_policy(endpoint.policy.as_ref()).map_err(at)?;
        }
        for (index, api) in self.apis.iter().enumerate() {
            let at = |error: String| format!("apis[{index}].{error}");
            let is_id =
                |id: &str| id.len() == 10 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            if !api.id.is_empty() && !is_id(&api.id) {
                return Err(at(format!(
                    "id: '{}' is not 10 lower-case letters and digits",
                    api.id
                )));
            }
            for name in api.endpoints.iter().flatten() {
                if !self.endpoints.iter().any(|endpoint| endpoint.name == *name) {
                    return Err(at(format!("endpoints: there is no endpoint '{name}'")));
                }
            }
            check_policy(api.policy.as_ref()).map_err(at)?;
            check_routes(&api.routes).map_err(at)?;
        }
        for (index, host) in self.hosts.iter().enumerate() {
            let at = |error: String| format!("hosts[{index}].{error}");
            if let Some(vpc) = &host.vpc {
                self.check_place(vpc, &host.subnets, &host.security_groups)
                    .map_err(at)?;
            } else if !host.subnets.is_empty() || !host.security_groups.is_empty() {
                return Err(at("vpc: is needed with subnets and security_groups".to_owned()));
            }
            if host.domain_name.parse::<http::uri::Authority>().is_err() || host.domain_name.contains(':') {
                return Err(at(format!(
                    "domain_name: '{}' is not a host name",
                    host.domain_name
                )));
            }
            check_routes(&host.routes).map_err(at)?;
            check_upstream(host.upstream.as_deref()).map_err(at)?;
        }
        for (index, shared) in self.shared_configurations.iter().enumerate() {
            let at = |error: String| format!("shared_configurations[{index}].{error}");
            check_id("rcfg", &shared.id).map_err(at)?;
            if shared.owner.len() != 12 || shared.owner == self.account_id {
                return Err(at(format!(
                    "owner: '{}' is not another account's id",
                    shared.owner
                )));
            }
            let known = self.hosts.iter().any(|host| host.name == shared.to)
                || self.endpoints.iter().any(|endpoint| endpoint.name == shared.to);
            if !known {
                return Err(at(format!("to: there is no host or endpoint '{}'", shared.to)));
            }
        }
        self.mocks.check().map_err(|error| format!("mocks.{error}"))
    }

    /// Takes what stands for tasks of state machines from the text of a file, JSON or YAML, in the shape of Step
    /// Functions Local's `MockConfigFile.json`.
    ///
    /// # Errors
    /// A text that names the field that is wrong, and its line where there is one.
    pub fn mock(&mut self, text: &str) -> Result<(), String> {
        let mocks: Mocks = super::text::read(text)?;
        mocks.check()?;
        self.mocks = mocks;
        Ok(())
    }

    fn check_place(&self, vpc: &str, subnets: &[String], groups: &[String]) -> Result<(), String> {
        let vpc = self
            .vpcs
            .iter()
            .find(|known| known.name == vpc)
            .ok_or_else(|| format!("vpc: there is no VPC '{vpc}'"))?;
        for name in subnets {
            if !vpc.subnets.iter().any(|subnet| subnet.name == *name) {
                return Err(format!(
                    "subnets: there is no subnet '{name}' in VPC '{}'",
                    vpc.name
                ));
            }
        }
        for name in groups {
            if name != "default" && !vpc.security_groups.iter().any(|group| group.name == *name) {
                return Err(format!(
                    "security_groups: there is no group '{name}' in VPC '{}'",
                    vpc.name
                ));
            }
        }
        Ok(())
    }

    /// Makes up every id and secret that is left out, so that a reset keeps them.
    pub(crate) fn completed(mut self) -> Self {
        let fill = |id: &mut String, prefix: &str| {
            if id.is_empty() {
                *id = ids::resource_id(prefix);
            }
        };
        for vpc in &mut self.vpcs {
            fill(&mut vpc.id, "vpc");
            for subnet in &mut vpc.subnets {
                fill(&mut subnet.id, "subnet");
            }
        }
        for endpoint in &mut self.endpoints {
            fill(&mut endpoint.id, "vpce");
        }
        for shared in &mut self.shared_configurations {
            fill(&mut shared.id, "rcfg");
        }
        let secret = format!("{}{}", ids::letters(20), ids::letters(20));
        let complete = |text: &mut String| {
            if text.is_empty() {
                text.clone_from(&secret);
            }
        };
        for api in &mut self.apis {
            if api.id.is_empty() {
                api.id = ids::letters(10);
            }
        }
        let routes = self.apis.iter_mut().map(|api| &mut api.routes);
        for route in routes
            .chain(self.hosts.iter_mut().map(|host| &mut host.routes))
            .flatten()
        {
            for auth in &mut route.auth {
                match auth {
                    AuthPart::ApiKey { value, .. } => complete(value),
                    AuthPart::Basic { password, .. } => complete(password),
                    AuthPart::Oauth {} => {}
                }
            }
            if let Some(token) = &mut route.token {
                complete(&mut token.client_secret);
            }
        }
        self
    }
}

impl VpcPart {
    fn check(&self) -> Result<(), String> {
        check_id("vpc", &self.id)?;
        if self.cidr_blocks.is_empty() {
            return Err("cidr_blocks: a VPC has at least one".to_owned());
        }
        for cidr in &self.cidr_blocks {
            network(cidr).map_err(|error| format!("cidr_blocks: {error}"))?;
        }
        unique("subnets", self.subnets.iter().map(|subnet| &subnet.name))?;
        unique(
            "security_groups",
            self.security_groups.iter().map(|group| &group.name),
        )?;
        for (index, subnet) in self.subnets.iter().enumerate() {
            let at = |error: String| format!("subnets[{index}].{error}");
            check_id("subnet", &subnet.id).map_err(at)?;
            let cidr = network(&subnet.cidr_block).map_err(|error| at(format!("cidr_block: {error}")))?;
            let inside = self.cidr_blocks.iter().filter_map(|cidr| network(cidr).ok());
            if !inside.into_iter().any(|block| block.contains(&cidr)) {
                return Err(at(format!("cidr_block: {cidr} is not inside the VPC's blocks")));
            }
            if !subnet.zone.is_ascii_lowercase() {
                return Err(at(format!("zone: '{}' is not the letter of a zone", subnet.zone)));
            }
        }
        for (index, group) in self.security_groups.iter().enumerate() {
            for rule in group.ingress.iter().chain(group.egress.iter().flatten()) {
                let at = |error: String| format!("security_groups[{index}].{error}");
                if rule.bounds().is_none() {
                    let ports = rule.ports.as_deref().unwrap_or_default();
                    return Err(at(format!("ports: '{ports}' is neither a port nor a range")));
                }
                for cidr in &rule.cidr_blocks {
                    network(cidr).map_err(|error| at(format!("cidr_blocks: {error}")))?;
                }
                for name in &rule.security_groups {
                    if name != "default" && !self.security_groups.iter().any(|group| group.name == *name) {
                        return Err(at(format!(
                            "security_groups: there is no group '{name}' in the VPC"
                        )));
                    }
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn network(text: &str) -> Result<Ipv4Net, String> {
    match text.parse::<Ipv4Net>() {
        Ok(net) if net.trunc() == net => Ok(net),
        Ok(net) => Err(format!("{text} has host bits; {} would be right", net.trunc())),
        Err(_) => Err(format!("'{text}' is not a CIDR block such as 10.0.0.0/16")),
    }
}

fn check_id(prefix: &str, id: &str) -> Result<(), String> {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    let right =
        digits.is_some_and(|digits| digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if id.is_empty() || right {
        Ok(())
    } else {
        Err(format!("id: '{id}' is not {prefix}- and 17 hexadecimal digits"))
    }
}

fn check_policy(policy: Option<&Value>) -> Result<(), String> {
    let Some(policy) = policy else { return Ok(()) };
    Policy::read(policy)
        .map(drop)
        .map_err(|error| format!("policy: {error}"))
}

fn check_routes(routes: &[RoutePart]) -> Result<(), String> {
    for (index, route) in routes.iter().enumerate() {
        let at = |error: String| Err(format!("routes[{index}].{error}"));
        if !route.path.starts_with('/') {
            return at(format!("path: '{}' does not begin with a slash", route.path));
        }
        if route
            .method
            .as_ref()
            .is_some_and(|method| method.parse::<http::Method>().is_err())
        {
            return at("method: is not an HTTP method".to_owned());
        }
        if !(200..=599).contains(&route.response.status) {
            return at(format!(
                "response.status: {} is not between 200 and 599",
                route.response.status
            ));
        }
        for (name, value) in &route.response.headers {
            if name.parse::<http::HeaderName>().is_err() || value.parse::<http::HeaderValue>().is_err() {
                return at(format!("response.headers: '{name}' is no header with its value"));
            }
        }
        check_upstream(route.upstream.as_deref()).or_else(at)?;
        for auth in &route.auth {
            if let AuthPart::ApiKey { header, .. } = auth
                && header.parse::<http::HeaderName>().is_err()
            {
                return at(format!("auth: '{header}' is not the name of a header"));
            }
        }
    }
    Ok(())
}

/// Requests go to no other machine.
fn check_upstream(upstream: Option<&str>) -> Result<(), String> {
    let authority = upstream.map(super::upstream::authority).transpose();
    authority.map(drop).map_err(|error| format!("upstream: {error}"))
}

fn unique<'t>(field: &str, names: impl Iterator<Item = &'t String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{field}: there are two of the name '{name}'"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_document_like_any_other() {
        let document = SeedDocument::parse(include_str!("default.yaml")).unwrap();
        assert_eq!(document, SeedDocument::default());
        assert_eq!(document.apis.len(), 1);
    }

    #[test]
    fn a_wrong_document_is_refused_with_field_and_line() {
        let vpc = "vpcs: [{ name: v, cidr_blocks: [10.0.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.0.0.0/24 }] }]";
        for (text, parts) in [
            (
                "vpcs:\n  - name: v\n    cidr: x\n".to_owned(),
                &["cidr", "line 3"][..],
            ),
            (
                "{\n \"vpcs\": [\n  {\"name\": 7}]}".to_owned(),
                &["vpcs[0].name", "line 3"],
            ),
            (
                "vpcs:\n  - name: v\n    cidr_blocks: [10.0.0.1/16]\n".to_owned(),
                &["vpcs[0].cidr_blocks", "10.0.0.0/16"],
            ),
            (
                format!("{vpc}\nendpoints: [{{ name: e, vpc: w }}]"),
                &["endpoints[0].vpc", "'w'"],
            ),
            (
                format!("{vpc}\nendpoints: [{{ name: e, vpc: v, subnets: [b] }}]"),
                &["endpoints[0].subnets", "'b'"],
            ),
            (
                "apis:\n  - name: a\n    routes:\n      - path: /x\n        response: { status: ok }\n"
                    .to_owned(),
                &["apis[0].routes[0].response.status", "line 5"],
            ),
            (
                "apis: [{ name: a, routes: [{ path: x }] }]".to_owned(),
                &["apis[0].routes[0].path"],
            ),
            (
                "apis: [{ name: a, policy: { Statement: [{ Effect: Maybe }] } }]".to_owned(),
                &["apis[0].policy", "Effect"],
            ),
            ("account_id: \"1\"".to_owned(), &["account_id"]),
            ("vpcs: [".to_owned(), &["line 1"]),
        ] {
            let error = SeedDocument::parse(&text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{text}\n{error}");
        }
    }

    #[test]
    fn what_is_left_out_is_made_up_once() {
        let document = SeedDocument::default().completed();
        assert_eq!(document, document.clone().completed());
        assert!(document.vpcs[0].id.starts_with("vpc-"));
        assert_eq!(document.apis[0].id.len(), 10);
    }
}
