//! An invocation on a local AWS that can be broken, looked at, checked and mended.

use local_aws::LocalAws;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Diagnostics, Value, config, path};

use super::commands;
use crate::client::Aws;
use crate::diagnosis::{Diagnosis, Finding, Question, Remedy, Severity, diagnose};
use crate::http_task::TaskUrl;
use crate::testing::{by_hand, host};

pub struct Bench {
    pub local: LocalAws,
    host: Host,
    orders: Instance,
    pub url: String,
    pub endpoint: String,
    /// The key of the connection, and its version.
    pub key: (String, &'static str),
    /// Groups of the gateway that the configuration gives.
    pub groups: Option<Vec<String>>,
}

impl Bench {
    /// A local AWS with nothing of ours.
    pub async fn empty(local: LocalAws) -> Self {
        let host = host(&local).await;
        let orders = host.resource("private_api_invocation").expect("the resource");
        Self {
            url: local.seed().api_url.clone(),
            endpoint: local.seed().vpc_endpoint_id.clone(),
            key: (local.seed().api_key.clone(), "1"),
            groups: None,
            host,
            orders,
            local,
        }
    }

    /// One with the invocation `orders`, which works.
    pub async fn new() -> Self {
        let mut bench = Self::empty(crate::testing::local_aws()).await;
        bench.apply().await;
        bench.is_well().await;
        bench
    }

    /// `terraform apply`.
    pub async fn apply(&mut self) {
        let (endpoint, key, version) = (self.endpoint.as_str(), self.key.0.as_str(), self.key.1);
        let groups: Value = self
            .groups
            .clone()
            .map(|ids| Value::set(ids.iter().map(Value::from)))
            .into();
        let network = match groups {
            Value::Null => Value::Null,
            groups => config! { security_group_ids = groups },
        };
        let block = config! {
            name = "orders", vpc_endpoint_id = endpoint, network = network,
            authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = version } },
        };
        if self.orders.state().is_some() {
            self.orders.refresh().await.expect("it is refreshed");
        }
        self.orders.apply(block).await.expect("it is applied");
    }

    /// `terraform destroy`.
    pub async fn destroy(&mut self) {
        self.orders.destroy().await.expect("it is destroyed");
    }

    pub fn output(&self, name: &str) -> String {
        let value = self.orders.get(&terraform_plugin::Path::root().then(name));
        value
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{name} is known"))
            .to_owned()
    }

    /// The clients of a user who works by hand, with nothing remembered.
    pub async fn by_hand(&self) -> std::sync::Arc<Aws> {
        by_hand(&self.local).await
    }

    pub async fn diagnosis(&self) -> Diagnosis {
        self.diagnosis_of(&self.output("connection_arn")).await
    }

    /// That of a connection's ARN.
    pub async fn diagnosis_of(&self, arn: &str) -> Diagnosis {
        let question = Question {
            connection: "orders".to_owned(),
            arn: Some(arn.to_owned()),
            url: Some(TaskUrl::parse(&self.url).expect("a URL")),
            failure: None,
        };
        diagnose(self.by_hand().await.as_ref(), &question)
            .await
            .expect("the path can be looked at")
    }

    /// A check by a real call; the words of its error. Without the time for a second call.
    pub async fn check(&self) -> Result<(), String> {
        self.check_within("1s").await
    }

    pub async fn check_within(&self, time: &str) -> Result<(), String> {
        let (url, arn, role) = (
            self.url.as_str(),
            self.output("connection_arn"),
            self.local.seed().role_arn.as_str(),
        );
        let block = config! {
            connection_arn = arn, url = url, role_arn = role, timeouts = { create = time },
        };
        let mut check = self
            .host
            .resource("private_api_invocation_check")
            .expect("the resource");
        match check.apply(block).await {
            Ok(_) => {
                assert_eq!(check.get(&path!("status_code")), Some(&200.into()));
                Ok(())
            }
            Err(refused) => Err(words(&refused)),
        }
    }

    pub async fn is_well(&self) {
        let diagnosis = self.diagnosis().await;
        assert_eq!(diagnosis.findings, []);
        self.check().await.expect("the API answers");
    }

    /// The finding of that id, which the failure of a check names, too.
    pub async fn found(&self, id: &str) -> Finding {
        let diagnosis = self.diagnosis().await;
        let finding = named(&diagnosis, id);
        if finding.severity == Severity::Error {
            let refused = self.check().await.expect_err("the check fails");
            assert!(
                refused.contains(id) && refused.contains("doctor arn:"),
                "{refused}"
            );
        }
        finding
    }

    /// It is found, its first remedy that is a command is run as it stands, and all is well.
    pub async fn is_found_and_mended(&mut self, id: &str) {
        self.is_found_and_mended_by(id, 0).await;
    }

    /// The same by another of the commands.
    pub async fn is_found_and_mended_by(&mut self, id: &str, which: usize) {
        let finding = self.found(id).await;
        let commands = finding.remedies.iter().filter_map(|remedy| match remedy {
            Remedy::Command { command, .. } => Some(command),
            Remedy::Hcl { .. } | Remedy::Words(_) => None,
        });
        let command = commands
            .into_iter()
            .nth(which)
            .unwrap_or_else(|| panic!("{finding:?} has a command"));
        self.run(command).await;
        self.is_well().await;
    }

    /// Runs a command as a user would paste it.
    pub async fn run(&mut self, command: &str) {
        if command == "terraform apply" {
            self.apply().await;
        } else {
            commands::run(self.by_hand().await.as_ref(), command).await;
        }
    }

    /// The group of the endpoint.
    pub fn endpoint_group(&self) -> String {
        let objects = self.local.objects();
        let group = objects
            .iter()
            .find(|object| object["name"] == "execute-api" && object["type"] == "security-group");
        let id = group.and_then(|group| group["id"].as_str());
        id.expect("the endpoint's group").to_owned()
    }

    /// A group that lets nothing in and everything out.
    pub async fn new_group(&self) -> String {
        let aws = self.by_hand().await;
        let made = aws
            .ec2
            .create_security_group()
            .group_name("by-hand")
            .description("by hand")
            .vpc_id(&self.local.seed().vpc_id)
            .send()
            .await;
        made.expect("a group").group_id.expect("its id")
    }
}

/// The finding of that id; complete.
pub fn named(diagnosis: &Diagnosis, id: &str) -> Finding {
    let found = diagnosis.findings.iter().find(|finding| finding.id == id);
    let finding = found
        .unwrap_or_else(|| panic!("{id} is found: {:#?}", diagnosis.findings))
        .clone();
    assert!(
        !finding.remedies.is_empty() && !finding.page.is_empty(),
        "{finding:?}"
    );
    for sentence in [finding.seen.as_str(), finding.why] {
        assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
    }
    finding
}

pub fn words(refused: &Diagnostics) -> String {
    let all = refused
        .iter()
        .map(|one| format!("{}: {}", one.summary, one.detail));
    all.collect::<Vec<_>>().join("\n")
}
