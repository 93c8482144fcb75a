//! The seeded servers: private APIs and other hosts, what they are called, and the tokens that they give out. No sockets
//! here.

mod answers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::core::ids;
use crate::core::partition::Partition;
use crate::core::policy::Policy;
use crate::seed::{ApiPart, HostPart, RoutePart, SeedDocument};
pub(crate) use answers::Asked;

/// Every server there is, and the tokens that are good.
#[derive(Debug)]
pub(crate) struct Servers {
    region: String,
    apis: Vec<Arc<Api>>,
    /// APIs that calls have made and deployed, by their ids.
    deployed: Mutex<BTreeMap<String, Arc<Api>>>,
    pub(crate) hosts: Vec<Host>,
    /// Access tokens, with the moment of their end.
    tokens: Mutex<BTreeMap<String, Duration>>,
}

/// A private REST API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) id: String,
    /// VPC endpoints that it is associated with; `None` stands for all.
    pub(crate) endpoint_ids: Option<Vec<String>>,
    pub(crate) stages: Vec<Stage>,
}

/// What a stage of an API serves.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    /// The resource policy, as it was deployed.
    pub(crate) policy: Option<Policy>,
    pub(crate) routes: Vec<RoutePart>,
}

impl Api {
    /// The policy that decides over calls of a stage; a stage that there is not has the first one's.
    pub(crate) fn policy(&self, stage: &str) -> Option<&Policy> {
        let meant = self.stages.iter().find(|one| one.name == stage);
        meant.or(self.stages.first())?.policy.as_ref()
    }
}

/// A server that is no private API.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) domain_name: String,
    pub(crate) port: u16,
    /// The VPC that it is in; without one it is public.
    pub(crate) vpc_id: Option<String>,
    routes: Vec<RoutePart>,
    /// The server that answers what no route does.
    upstream: Option<String>,
}

impl Servers {
    pub(crate) fn new(region: &str, document: &SeedDocument) -> Self {
        let endpoint_id = |name: &String| {
            let endpoint = document.endpoints.iter().find(|endpoint| endpoint.name == *name);
            endpoint.map(|endpoint| endpoint.id.clone())
        };
        let api = |part: &ApiPart| Api {
            id: part.id.clone(),
            endpoint_ids: part
                .endpoints
                .as_ref()
                .map(|names| names.iter().filter_map(endpoint_id).collect()),
            stages: vec![Stage {
                name: part.stage.clone(),
                // The document's check read it already.
                policy: part.policy.as_ref().and_then(|policy| Policy::read(policy).ok()),
                routes: part.routes.clone(),
            }],
        };
        let host = |part: &HostPart| Host {
            domain_name: part.domain_name.clone(),
            port: part.port,
            vpc_id: part.vpc.as_ref().and_then(|name| {
                let vpc = document.vpcs.iter().find(|vpc| vpc.name == *name);
                vpc.map(|vpc| vpc.id.clone())
            }),
            routes: part.routes.clone(),
            upstream: part.upstream.clone(),
        };
        Self {
            region: region.to_owned(),
            apis: document.apis.iter().map(api).map(Arc::new).collect(),
            deployed: Mutex::default(),
            hosts: document.hosts.iter().map(host).collect(),
            tokens: Mutex::default(),
        }
    }

    /// Every name that the servers' certificate has to have.
    pub(crate) fn names(&self) -> Vec<String> {
        let (region, suffix) = (&self.region, Partition::of(&self.region).dns_suffix);
        let mut names = vec![
            format!("*.execute-api.{region}.{suffix}"),
            format!("*.execute-api.{region}.vpce.{suffix}"),
        ];
        names.extend(self.hosts.iter().map(|host| host.domain_name.clone()));
        names
    }

    fn api(&self, id: &str) -> Option<Arc<Api>> {
        let seeded = self.apis.iter().find(|api| api.id == id);
        seeded.cloned().or_else(|| self.deployed().get(id).cloned())
    }

    fn deployed(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Api>>> {
        self.deployed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves an API that was made, in the place of what it was.
    pub(crate) fn deploy(&self, api: Api) {
        self.deployed().insert(api.id.clone(), Arc::new(api));
    }

    /// Serves an API that was made no longer.
    pub(crate) fn withdraw(&self, id: &str) {
        self.deployed().remove(id);
    }

    pub(crate) fn host(&self, name: &str) -> Option<&Host> {
        self.hosts
            .iter()
            .find(|host| host.domain_name.eq_ignore_ascii_case(name))
    }

    /// The API that a host name means: its own name, the one with a VPC endpoint's id, or, beside any other name
    /// of an endpoint, the `x-apigw-api-id` header. With the endpoint's id, if the name has one.
    pub(crate) fn named<'n>(
        &self,
        host: &'n str,
        api_header: Option<&str>,
    ) -> Option<(Arc<Api>, Option<&'n str>)> {
        let suffix = Partition::of(&self.region).dns_suffix;
        let domain = format!(".execute-api.{}.{suffix}", self.region);
        match host.strip_suffix(&domain) {
            Some(label) => match label.split_once('-') {
                Some((api, endpoint)) => Some((self.api(api)?, Some(endpoint))),
                None => Some((self.api(label)?, None)),
            },
            None => Some((self.api(api_header?)?, None)),
        }
    }

    /// A header's name as the servers write it: as a route does, else each word with a capital. HTTP itself has lost
    /// that by the time an answer is here.
    pub(crate) fn spelling(&self, name: &str) -> String {
        let stages = self.apis.iter().flat_map(|api| &api.stages);
        let apis = stages.flat_map(|stage| &stage.routes);
        let routes = apis.chain(self.hosts.iter().flat_map(|host| &host.routes));
        let mut own = routes.flat_map(|route| route.response.headers.keys());
        if let Some(own) = own.find(|own| own.eq_ignore_ascii_case(name)) {
            return own.clone();
        }
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        };
        let words: Vec<String> = name.split('-').map(capital).collect();
        words.join("-")
    }

    /// Forgets every token, and every API that was made.
    pub(crate) fn clear(&self) {
        self.deployed().clear();
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives a token out.
    pub(crate) fn issue(&self, now: Duration, life: Duration) -> String {
        let token = format!("{}{}", ids::letters(24), ids::letters(24));
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, end| *end > now);
        tokens.insert(token.clone(), now + life);
        token
    }

    fn is_good(&self, token: &str, now: Duration) -> bool {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).is_some_and(|end| *end > now)
    }
}
