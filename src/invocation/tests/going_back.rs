//! Moves that fail while secrets change, and the way back: whatever the state says then is what EventBridge has. When the
//! former configuration is planned again, either nothing differs and calls carry the former secrets, or its apply
//! brings them back.

mod calls;

use std::collections::BTreeMap;
use std::sync::Arc;

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::json;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config, path};
use tokio::task::JoinSet;

use super::{TYPE, configure};
use crate::provider::Private;
use calls::Calls;

/// Cases at a time.
const AT_ONCE: usize = 32;

/// An API that asks nobody, and two token endpoints of which each knows one secret.
const SEED: &str = r#"
vpcs:
  - name: local
    cidr_blocks: [10.0.0.0/16]
    subnets: [{ name: a, zone: a, cidr_block: 10.0.0.0/24 }]
    security_groups: [{ name: execute-api, ingress: [{ ports: "443", cidr_blocks: [10.0.0.0/16] }] }]
endpoints: [{ name: execute-api, vpc: local, security_groups: [execute-api] }]
apis: [{ name: orders, routes: [{ path: /orders, response: { echo: true } }] }]
hosts:
  - name: login-1
    domain_name: login-1.example.com
    routes: [{ path: /token, token: { client_id: me, client_secret: secret-1 } }]
  - name: login-2
    domain_name: login-2.example.com
    routes: [{ path: /token, token: { client_id: me, client_secret: secret-2 } }]
"#;

/// How a secret is given, with the number of its value, which is its version, too.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Given {
    Plain(u8),
    WriteOnly(u8),
}

impl Given {
    fn number(self) -> u8 {
        match self {
            Self::Plain(number) | Self::WriteOnly(number) => number,
        }
    }

    /// The arguments `X`, or `X_wo` and `X_wo_version`.
    fn arguments(self, name: &str, value: String) -> Vec<(String, Value)> {
        match self {
            Self::Plain(_) => vec![(name.to_owned(), Value::from(value))],
            Self::WriteOnly(number) => vec![
                (format!("{name}_wo"), Value::from(value)),
                (format!("{name}_wo_version"), Value::from(number.to_string())),
            ],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    ApiKey(Given),
    Basic(Given),
    OAuth(Given),
    None,
}

/// The one HTTP parameter that there may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Parameter {
    Absent,
    Plain,
    Secret(Given),
}

/// What of a configuration matters here.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Inputs {
    way: Way,
    list: &'static str,
    parameter: Parameter,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    former: Inputs,
    new: Inputs,
    /// The state comes from an import, which knows no secret.
    imported: bool,
}

fn object(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(members.into_iter().collect::<BTreeMap<_, _>>())
}

fn member(name: &str, value: Value) -> Value {
    object([(name.to_owned(), value)])
}

impl Inputs {
    fn config(self, name: &str, path: &str) -> Value {
        let authorization = match self.way {
            Way::ApiKey(given) => {
                let mut key = given.arguments("value", format!("key-{}", given.number()));
                key.push(("name".to_owned(), Value::from("x-api-key")));
                member("api_key", object(key))
            }
            Way::Basic(given) => {
                let mut basic = given.arguments("password", format!("password-{}", given.number()));
                basic.push(("username".to_owned(), Value::from("ann")));
                member("basic", object(basic))
            }
            Way::OAuth(given) => {
                let number = given.number();
                let mut oauth = given.arguments("client_secret", format!("secret-{number}"));
                let endpoint = format!("https://login-{number}.example.com/token");
                oauth.push(("authorization_endpoint".to_owned(), Value::from(endpoint)));
                oauth.push(("client_id".to_owned(), Value::from("me")));
                member("oauth_client_credentials", object(oauth))
            }
            Way::None => member("none", object([])),
        };
        let parameter = match self.parameter {
            Parameter::Absent => None,
            Parameter::Plain => Some(member("value", Value::from("tenant-plain"))),
            Parameter::Secret(given) => {
                let value = format!("tenant-{}", given.number());
                Some(object(given.arguments("secret_value", value)))
            }
        };
        let list = parameter.map(|parameter| member(self.list, member("tenant", parameter)));
        config! {
            name = name,
            shared_resource_configuration_arn = path,
            authorization = authorization,
            invocation_http_parameters = (list.unwrap_or(Value::Null)),
        }
    }

    /// What a call with these inputs carries.
    fn marks(self) -> Vec<String> {
        let way = match self.way {
            Way::ApiKey(given) => format!("key-{}", given.number()),
            Way::Basic(given) => calls::basic("ann", &format!("password-{}", given.number())),
            Way::OAuth(_) => "Bearer ".to_owned(),
            Way::None => "x-private-api-invocation".to_owned(),
        };
        let parameter = match self.parameter {
            Parameter::Absent => None,
            Parameter::Plain => Some("tenant-plain".to_owned()),
            Parameter::Secret(given) => Some(format!("tenant-{}", given.number())),
        };
        [way].into_iter().chain(parameter).collect()
    }
}

/// Every pair of authorizations, and along with them every pair of parameters in every list. That the inputs to go back to
/// are right for all of them at once, a test of that function shows.
fn cases() -> Vec<Case> {
    const WAYS: [fn(Given) -> Way; 3] = [Way::ApiKey, Way::Basic, Way::OAuth];
    const FORMER: [Given; 2] = [Given::Plain(1), Given::WriteOnly(1)];
    const NEW: [Given; 3] = [Given::Plain(1), Given::WriteOnly(1), Given::WriteOnly(2)];
    let ways = |given: &[Given]| -> Vec<Way> {
        let ways = given.iter().flat_map(|given| WAYS.map(|way| way(*given)));
        ways.chain([Way::None]).collect()
    };
    let parameters = |given: &[Given]| -> Vec<Parameter> {
        let secrets = given.iter().copied().map(Parameter::Secret);
        [Parameter::Absent, Parameter::Plain]
            .into_iter()
            .chain(secrets)
            .collect()
    };
    let mut lists = Vec::new();
    for former in parameters(&FORMER) {
        for new in parameters(&NEW) {
            for list in ["header", "query_string", "body"] {
                lists.push((list, former, new));
            }
        }
    }
    let mut lists = lists.into_iter().cycle();
    let mut case = |former_way, new_way, imported| {
        let (list, former, new) = lists.next().expect("an endless list");
        let inputs = |way, parameter| Inputs { way, list, parameter };
        Case {
            former: inputs(former_way, former),
            new: inputs(new_way, new),
            imported,
        }
    };
    let mut cases = Vec::new();
    for former in ways(&FORMER) {
        for new in ways(&NEW) {
            cases.push(case(former, new, false));
        }
    }
    // An import knows no secret, however it was given.
    for former in ways(&FORMER[..1]) {
        for new in ways(&NEW[2..]) {
            cases.push(case(former, new, true));
        }
    }
    cases
}

/// Where every case happens.
pub struct World {
    pub local: LocalAws,
    pub calls: Calls,
    /// Two paths to the API.
    paths: [String; 2],
}

impl World {
    pub async fn new() -> Self {
        let options = Options {
            speed: Speed::Instant,
            document: SeedDocument::parse(SEED).expect("the seed can be read"),
            ..Options::default()
        };
        let local = LocalAws::start(options).expect("a local AWS starts");
        let quota = json!({ "private_connections": 1000 });
        local.change_settings(&quota).expect("a known setting");
        let path = async |name: &str| {
            let mut path = instance(&local, "private_api_path").await;
            let endpoint = local.seed().vpc_endpoint_id.as_str();
            let made = path
                .apply(config! { name = name, vpc_endpoint_id = endpoint })
                .await;
            made.expect("a path");
            text(&path, "resource_configuration_arn")
        };
        let paths = [path("one").await, path("two").await];
        let calls = Calls::new(&local).await;
        Self { local, calls, paths }
    }
}

pub async fn instance(local: &LocalAws, kind: &str) -> Instance {
    let host = Host::new(Private);
    configure(&host, local, &local.seed().region).await;
    host.resource(kind).expect("the provider has the resource")
}

pub fn text(thing: &Instance, attribute: &str) -> String {
    let value = thing.get(&path!(attribute)).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("{attribute} is a text"))
        .to_owned()
}

async fn run(world: &World, number: usize, case: Case) -> Result<(), String> {
    let name = format!("case-{number:03}");
    let former = case.former.config(&name, &world.paths[0]);
    let new = case.new.config(&name, &world.paths[1]);
    let mut thing = instance(&world.local, TYPE).await;
    let created = thing.apply(former.clone()).await;
    created.map_err(|refused| format!("create: {refused}"))?;
    if case.imported {
        thing = instance(&world.local, TYPE).await;
        let imported = thing.import(&name).await;
        imported.map_err(|refused| format!("import: {refused}"))?;
    }
    let fails = json!({
        "service": "events", "type": "connection", "name": name, "becomes": "FAILED_CONNECTIVITY",
        "reason": "Could not connect", "count": 1,
    });
    world.local.add_fault(&fails)?;
    let Err(refused) = thing.apply(new).await else {
        return Err("the move has not failed".to_owned());
    };
    let words = refused.to_string();
    if !words.contains("was pointed back") {
        return Err(format!("it was not pointed back: {words}"));
    }
    let refreshed = thing.refresh().await;
    refreshed.map_err(|refused| format!("refresh: {refused}"))?;
    if text(&thing, "connection_state") != "ACTIVE" {
        return Err(format!("the connection is {}", text(&thing, "connection_state")));
    }
    let plan = thing.plan(former.clone()).await;
    let plan = plan.map_err(|refused| format!("plan: {refused}"))?;
    if !plan.is_no_op() {
        let applied = thing.apply_plan(plan, former.clone()).await;
        applied.map_err(|refused| format!("the former configuration: {refused}"))?;
    }
    let again = thing.plan(former).await;
    if !again
        .map_err(|refused| format!("second plan: {refused}"))?
        .is_no_op()
    {
        return Err("the second plan is not empty".to_owned());
    }
    let carried = world.calls.carried(&text(&thing, "connection_arn")).await?;
    let wanted = case.former.marks();
    for mark in case.new.marks().iter().chain(&wanted) {
        if carried.contains(mark) != wanted.contains(mark) {
            return Err(format!("{mark}: a call carries {carried}"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_way_back_the_state_says_what_eventbridge_has_whatever_secrets_were_changed_with_the_move()
{
    let world = Arc::new(World::new().await);
    let only: Option<usize> = std::env::var("CASE").ok().and_then(|case| case.parse().ok());
    let mut cases = cases()
        .into_iter()
        .enumerate()
        .filter(|(number, _)| only.is_none_or(|only| only == *number));
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some((number, case)) = cases.next() else { break };
            let world = Arc::clone(&world);
            running.spawn(async move {
                let outcome = run(&world, number, case).await;
                outcome.map_err(|wrong| format!("CASE={number}: {case:?}: {wrong}"))
            });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(outcome)) => failed.extend(outcome.err()),
            Some(Err(panic)) => failed.push(panic.to_string()),
        }
    }
    let first = failed.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failed.is_empty(), "{} cases failed: {first}", failed.len());
}
