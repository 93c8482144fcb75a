//! A connection and its API destinations, brought about by the engine at a local AWS without delays.

mod repointing;

use std::sync::Arc;

use local_aws::{LocalAws, Options, Speed};
use reconcile::{Engine, Error, Fact, Graph, Recorded, Slot};
use serde_json::json;

use super::*;
use crate::aws::{Endpoints, Settings};
use crate::client::Regions;
use crate::component::naming::Owner;
use crate::component::{API_DESTINATION, Destination, DestinationSpec, SeenDestination};

fn local_aws() -> LocalAws {
    let options = Options {
        speed: Speed::Instant,
        ..Options::default()
    };
    LocalAws::start(options).expect("a local AWS starts on a free port of the loopback interface")
}

async fn clients(aws: &LocalAws) -> Arc<Aws> {
    let url = Some(aws.endpoint().to_owned());
    let endpoints = Endpoints {
        ec2: url.clone(),
        vpclattice: url.clone(),
        eventbridge: url.clone(),
        sfn: url.clone(),
        sts: url,
    };
    let settings = Settings {
        region: Some(aws.seed().region.clone()),
        access_key: Some("local".to_owned()),
        secret_key: Some("local".to_owned()),
        endpoints,
        ..Settings::default()
    };
    Regions::new(settings).await.expect("clients").get(None)
}

/// The ARN of a new resource configuration, behind a gateway of its own.
async fn configuration(local: &LocalAws, aws: &Aws, name: &str) -> String {
    use aws_sdk_vpclattice::types::{
        DnsResource, ResourceConfigurationDefinition, ResourceConfigurationType,
    };
    let gateway = aws.lattice.create_resource_gateway().name(name);
    let gateway = gateway
        .vpc_identifier(&local.seed().vpc_id)
        .set_subnet_ids(Some(local.seed().subnet_ids.clone()));
    let gateway = gateway.send().await.expect("a gateway").id.expect("its id");
    local.wait_for_state("resource-gateway", &gateway, "ACTIVE", Duration::from_secs(10));
    let dns = DnsResource::builder().domain_name("api.example.com").build();
    let configuration = aws
        .lattice
        .create_resource_configuration()
        .name(name)
        .r#type(ResourceConfigurationType::Single)
        .resource_gateway_identifier(gateway)
        .port_ranges("443")
        .resource_configuration_definition(ResourceConfigurationDefinition::DnsResource(dns))
        .send()
        .await
        .expect("a configuration");
    let id = configuration.id.expect("its id");
    local.wait_for_state("resource-configuration", &id, "ACTIVE", Duration::from_secs(10));
    configuration.arn.expect("its ARN")
}

/// A connection alone, or none.
struct Only<'a> {
    connection: Connection<'a>,
    want: Option<ConnectionSpec>,
}

impl Graph<ComponentError> for Only<'_> {
    type Output = Fact<SeenConnection>;

    async fn walk(&self, engine: &Engine<ComponentError>) -> Result<Self::Output, Error<ComponentError>> {
        let slot = Slot::of(CONNECTION);
        let seen = engine.ensure(&self.connection, &slot, self.want.clone()).await?;
        engine.sweep(&self.connection).await?;
        Ok(seen)
    }
}

/// A connection of one test, with what is recorded of it.
struct Bench<'a> {
    aws: &'a Aws,
    recorded: Recorded,
}

impl<'a> Bench<'a> {
    fn new(aws: &'a Aws) -> Self {
        Self {
            aws,
            recorded: Recorded::default(),
        }
    }

    async fn run(&mut self, want: &ConnectionSpec) -> Result<SeenConnection, Error<ComponentError>> {
        let graph = Only {
            connection: Connection::new(self.aws, "orders"),
            want: Some(want.clone()),
        };
        let engine = Engine::new(self.recorded.clone());
        let seen = engine.run(&graph, None).await;
        self.recorded = engine.recorded();
        Ok(seen?.known().expect("a run ends with what is there"))
    }

    /// Brings it about, and checks that nothing is left to do.
    async fn brings(&mut self, want: &ConnectionSpec) -> SeenConnection {
        let seen = self.run(want).await.expect("it is brought about");
        assert_eq!(seen.state, ConnectionState::Active);
        let said = ConnectionSpec {
            resend: Resend::default(),
            ..want.clone()
        };
        assert_eq!(
            Connection::new(self.aws, "orders").compare(&said, &seen),
            Change::Keep
        );
        seen
    }
}

fn known(text: &str) -> Fact<String> {
    Fact::Known(text.to_owned())
}

fn api_key(value: &str) -> Authorization {
    Authorization::ApiKey {
        name: known("x-api-key"),
        value: Credential::Known(Secret::new(value)),
    }
}

fn basic() -> Authorization {
    Authorization::Basic {
        username: known("ann"),
        password: Credential::Known(Secret::new("hunter2")),
    }
}

/// Client credentials that the seed's token endpoint knows by the secret of its API key.
fn oauth(aws: &LocalAws, secret: &str, token: Fact<String>) -> Authorization {
    Authorization::OAuth(OAuth {
        endpoint: known(&aws.seed().token_url),
        method: known("POST"),
        client_id: known(&aws.seed().client_id),
        client_secret: Credential::Known(Secret::new(secret)),
        http: Fact::Known(HttpParameters::default()),
        token_configuration_arn: token,
    })
}

fn spec(arn: &str, authorization: Authorization) -> ConnectionSpec {
    ConnectionSpec {
        description: Fact::Absent,
        configuration_arn: known(arn),
        authorization: Fact::Known(authorization),
        http: Fact::Known(HttpParameters::default()),
        kms_key: Fact::Absent,
        resend: Resend::default(),
    }
}

#[tokio::test]
async fn every_switch_of_the_type_keeps_the_arn_and_ends_active() {
    let local = local_aws();
    let aws = clients(&local).await;
    let arn = configuration(&local, &aws, "one").await;
    let key = local.seed().api_key.clone();
    let kinds = [
        api_key(&key),
        basic(),
        oauth(&local, &key, Fact::Absent),
        Authorization::None,
    ];
    let mut bench = Bench::new(&aws);
    let first = bench.brings(&spec(&arn, kinds[0].clone())).await;
    // Every pair in both directions.
    for next in [1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3, 0] {
        let seen = bench.brings(&spec(&arn, kinds[next].clone())).await;
        assert_eq!(seen.arn, first.arn);
    }
}

/// The secret in the specification is a wrong one, which would end in DEAUTHORIZED if it were sent.
#[tokio::test]
async fn a_move_sends_nothing_secret_whatever_an_update_has_to_bring() {
    for (alone, described) in [(false, false), (false, true), (true, false), (true, true)] {
        let local = local_aws();
        let settings = json!({
            "accepts_connectivity_alone": alone, "accepts_connectivity_with_description": described,
        });
        local.change_settings(&settings).expect("settings");
        let aws = clients(&local).await;
        let from = configuration(&local, &aws, "one").await;
        let to = configuration(&local, &aws, "two").await;
        let key = local.seed().api_key.clone();
        let mut bench = Bench::new(&aws);
        let before = bench
            .brings(&spec(&from, oauth(&local, &key, Fact::Absent)))
            .await;
        let after = bench
            .brings(&spec(&to, oauth(&local, "wrong", Fact::Absent)))
            .await;
        assert_eq!((after.arn, after.configuration_arn), (before.arn, Some(to)));
    }
}

#[tokio::test]
async fn lists_of_parameters_change_shrink_and_vanish_whether_or_not_an_empty_one_clears() {
    for clears in [true, false] {
        let local = local_aws();
        let settings = json!({ "empty_lists_clear": clears });
        local.change_settings(&settings).expect("settings");
        let aws = clients(&local).await;
        let arn = configuration(&local, &aws, "one").await;
        let mut bench = Bench::new(&aws);
        let plain = |value: &str| HttpValue::Plain(known(value));
        let secret = || HttpValue::Secret(Credential::Known(Secret::new("hunter2")));
        let lists = |header: &[(&str, HttpValue)], body: &[(&str, HttpValue)]| {
            let list = |entries: &[(&str, HttpValue)]| {
                let entries = entries.iter();
                entries
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect()
            };
            HttpParameters {
                header: list(header),
                body: list(body),
                ..HttpParameters::default()
            }
        };
        let stages = [
            lists(&[("a", plain("1")), ("b", secret())], &[("c", plain("1"))]),
            lists(&[("a", plain("2")), ("b", secret())], &[("c", plain("1"))]),
            lists(&[("b", secret())], &[("c", plain("1"))]),
            lists(&[("b", secret())], &[]),
            lists(&[], &[]),
            lists(&[], &[("c", plain("3"))]),
        ];
        for http in stages {
            let want = ConnectionSpec {
                http: Fact::Known(http.clone()),
                ..spec(&arn, api_key(&local.seed().api_key))
            };
            let seen = bench.brings(&want).await;
            assert_eq!(seen.http.header.len(), http.header.len(), "{clears}");
            assert_eq!(seen.http.body.len(), http.body.len(), "{clears}");
        }
    }
}

#[tokio::test]
async fn a_deauthorized_connection_is_cured_and_is_told_to_be_nothing_else() {
    let local = local_aws();
    let aws = clients(&local).await;
    let arn = configuration(&local, &aws, "one").await;
    let mut bench = Bench::new(&aws);
    let header = [("a".to_owned(), HttpValue::Plain(known("1")))].into();
    let want = ConnectionSpec {
        http: Fact::Known(HttpParameters {
            header,
            ..HttpParameters::default()
        }),
        ..spec(&arn, api_key(&local.seed().api_key))
    };
    let made = bench.brings(&want).await;
    let request = aws.events.deauthorize_connection().name("orders");
    request.send().await.expect("deauthorized by hand");
    local.wait_for_state("connection", "orders", "DEAUTHORIZED", Duration::from_secs(10));
    let connection = Connection::new(&aws, "orders");
    let lost = connection.describe().await.expect("read").expect("it is there");
    let why = vec!["re-authorize (DEAUTHORIZED)".to_owned()];
    assert_eq!(connection.compare(&want, &lost), Change::Update(why));
    let cured = bench.brings(&want).await;
    assert_eq!((cured.arn, cured.http), (made.arn, made.http));
}

#[tokio::test]
async fn no_error_quotes_a_secret() {
    let local = local_aws();
    let aws = clients(&local).await;
    let arn = configuration(&local, &aws, "one").await;
    let fault = json!({ "service": "events", "operation": "CreateConnection", "effect": { "error": {
        "code": "ValidationException", "message": "hunter2-longer and hunter2 are bad", "status": 400 } } });
    local.add_fault(&fault).expect("a rule");
    let longer = HttpValue::Secret(Credential::Known(Secret::new("hunter2-longer")));
    let want = ConnectionSpec {
        http: Fact::Known(HttpParameters {
            header: [("a".to_owned(), longer)].into(),
            ..HttpParameters::default()
        }),
        ..spec(&arn, basic())
    };
    let refused = Bench::new(&aws).run(&want).await.expect_err("it is refused");
    let words = format!("{refused} {refused:?}");
    assert!(
        words.contains("(secret)") && !words.contains("hunter2") && !words.contains("-longer"),
        "{words}"
    );
}

/// One API destination, or none.
struct OneDestination<'a> {
    destination: Destination<'a>,
    want: Option<DestinationSpec>,
    /// What it uses, which stays.
    connection: (Connection<'a>, ConnectionSpec),
}

impl Graph<ComponentError> for OneDestination<'_> {
    type Output = Fact<SeenDestination>;

    async fn walk(&self, engine: &Engine<ComponentError>) -> Result<Self::Output, Error<ComponentError>> {
        let (connection, want) = &self.connection;
        engine
            .ensure(connection, &Slot::of(CONNECTION), Some(want.clone()))
            .await?;
        let slot = Slot::of(API_DESTINATION);
        let seen = engine.ensure(&self.destination, &slot, self.want.clone()).await?;
        engine.sweep(&self.destination).await?;
        Ok(seen)
    }
}

#[tokio::test]
async fn a_destination_outlives_a_lost_reply_changes_in_place_and_is_held_by_rules() {
    let local = local_aws();
    let aws = clients(&local).await;
    let arn = configuration(&local, &aws, "one").await;
    let mut bench = Bench::new(&aws);
    let connection = spec(&arn, api_key(&local.seed().api_key));
    let connection_arn = bench.brings(&connection).await.arn;
    let fault = json!({ "service": "events", "operation": "CreateApiDestination", "count": 1,
        "effect": { "drop": "after" } });
    local.add_fault(&fault).expect("a rule");

    let want = |description: Fact<String>, rate| DestinationSpec {
        connection_arn: known(&connection_arn),
        endpoint: known("https://api.example.com/orders"),
        method: known("POST"),
        rate: Fact::Known(rate),
        description,
    };
    let owner = Owner::invocation("orders", Some("1a2b3c4d"), None);
    let graph = |want| OneDestination {
        destination: Destination::new(&aws, &owner, "orders-created"),
        want,
        connection: (Connection::new(&aws, "orders"), connection.clone()),
    };
    let engine = Engine::new(bench.recorded.clone());
    let first = engine.run(&graph(Some(want(known("all"), 300))), None).await;
    let first = first.expect("made").known().expect("there");
    let engine = Engine::new(engine.recorded());
    let second = engine.run(&graph(Some(want(Fact::Absent, 5))), None).await;
    let second = second.expect("changed").known().expect("there");
    assert_eq!(
        (second.arn, second.rate, second.description),
        (first.arn.clone(), 5, None)
    );

    let rule = aws
        .events
        .put_rule()
        .name("created")
        .event_pattern(r#"{"source":["orders"]}"#);
    rule.send().await.expect("a rule");
    let target = aws_sdk_eventbridge::types::Target::builder()
        .id("api")
        .arn(&first.arn)
        .role_arn(&local.seed().role_arn)
        .build()
        .expect("a target");
    let targets = aws
        .events
        .put_targets()
        .rule("created")
        .targets(target)
        .send()
        .await;
    assert_eq!(targets.expect("an answer").failed_entry_count, 0);
    let engine = Engine::new(engine.recorded());
    engine
        .run(&graph(None), None)
        .await
        .expect("it stays, with a warning");
    assert!(
        engine
            .warnings()
            .iter()
            .any(|warning| warning.to_string().contains("created")),
        "{:?}",
        engine.warnings()
    );
    assert!(engine.recorded().owns(API_DESTINATION.key, &Id::new(&first.arn)));
}
