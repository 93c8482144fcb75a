//! State machines: CreateStateMachine, DescribeStateMachine, UpdateStateMachine, DeleteStateMachine,
//! ListStateMachines and DescribeStateMachineForExecution.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{arns, executions, listing, references, tags, validate, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) is_express: bool,
    created: SystemTime,
    pub(super) tags: Tags,
    /// The number of what it says now.
    pub(super) revision: u64,
    /// Whether it goes as soon as nothing of it runs.
    pub(super) is_deleting: bool,
}

impl Machine {
    pub(super) fn status(&self) -> &'static str {
        if self.is_deleting { "DELETING" } else { "ACTIVE" }
    }

    fn kind(&self) -> &'static str {
        if self.is_express { "EXPRESS" } else { "STANDARD" }
    }
}

/// What a machine says, from one update to the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Revision {
    definition: String,
    pub(super) role_arn: String,
    /// loggingConfiguration, tracingConfiguration and encryptionConfiguration.
    settings: Map<String, Value>,
    since: SystemTime,
    /// The first revision of a machine has none.
    id: Option<String>,
    #[serde(skip)]
    parsed: OnceLock<Arc<Value>>,
}

impl Revision {
    /// The definition as JSON; it was found to be right when it was sent.
    pub(super) fn definition(&self) -> Arc<Value> {
        let parsed = || Arc::new(serde_json::from_str(&self.definition).unwrap_or_default());
        Arc::clone(self.parsed.get_or_init(parsed))
    }

    /// The members that both descriptions of a machine have.
    fn describe(&self, body: &mut Map<String, Value>) {
        body.insert("definition".to_owned(), self.definition.clone().into());
        body.insert("roleArn".to_owned(), self.role_arn.clone().into());
        body.extend(self.settings.clone());
        let references = references::of(&self.definition());
        if !references.is_empty() {
            body.insert("variableReferences".to_owned(), references.into());
        }
        if let Some(id) = &self.id {
            body.insert("revisionId".to_owned(), id.clone().into());
        }
    }
}

pub(super) fn does_not_exist(arn: &str) -> ApiError {
    ApiError::new(
        "StateMachineDoesNotExist",
        format!("State Machine Does Not Exist: '{arn}'"),
    )
}

pub(super) fn of_wrong_type() -> ApiError {
    ApiError::new(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
}

fn text<'i>(input: &'i Value, member: &str) -> &'i str {
    input[member].as_str().unwrap_or_default()
}

/// The machine that an input names.
pub(super) fn find<'w>(world: &'w World, input: &Value) -> Answer<&'w Machine> {
    let arn = text(input, "stateMachineArn");
    arns::machine(arn)?;
    world
        .state_machines()
        .machine_of(arn)
        .ok_or_else(|| does_not_exist(arn))
}

/// Whether a name may be one of a machine or an execution.
pub(super) fn check_name(name: &str) -> Answer<()> {
    const SPECIAL: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !SPECIAL.contains(c);
    if name.chars().all(fits) {
        Ok(())
    } else {
        Err(ApiError::new("InvalidName", format!("Invalid Name: '{name}'")))
    }
}

fn check_definition(definition: &str, is_express: bool) -> Answer<()> {
    let errors = validate::errors(definition, is_express);
    if errors.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{}'", errors.join(", ")),
    ))
}

/// Checks the role of a machine. Recorded: that a role is there and trusts Step Functions matters to a machine with a
/// Task alone.
fn check_role(world: &World, role_arn: &str, definition: &str) -> Answer<()> {
    let machine: Value = serde_json::from_str(definition).unwrap_or_default();
    if has_task(&machine) {
        arns::role(world, role_arn)
    } else {
        arns::role_arn(world, role_arn)
    }
}

/// Whether a state of a machine is a Task, also inside Map and Parallel states.
fn has_task(machine: &Value) -> bool {
    let states = machine["States"].as_object().into_iter().flat_map(Map::values);
    states.into_iter().any(|state| {
        let branches = state["Branches"].as_array().into_iter().flatten();
        let inner = ["ItemProcessor", "Iterator"]
            .iter()
            .filter_map(|field| state.get(*field));
        state["Type"] == "Task" || branches.chain(inner).any(has_task)
    })
}

/// What is not kept here, and what goes only together.
fn check_settings(input: &Value) -> Answer<()> {
    if input["publish"] == true {
        return Err(validation(
            "publish: versions of state machines are not served here; leave it out",
        ));
    }
    if input.get("versionDescription").is_some_and(Value::is_string) {
        return Err(validation(
            "Version description can only be set when publish is true",
        ));
    }
    let logging = &input["loggingConfiguration"];
    let count = logging["destinations"].as_array().map_or(0, Vec::len);
    let logs = logging["level"].as_str().is_some_and(|level| level != "OFF");
    if count > 1 || (logs && count == 0) {
        return Err(ApiError::new(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ));
    }
    let encryption = &input["encryptionConfiguration"];
    if encryption["type"] == "CUSTOMER_MANAGED_KMS_KEY" && !encryption["kmsKeyId"].is_string() {
        return Err(ApiError::new(
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: 'kmsKeyId' is missing",
        ));
    }
    Ok(())
}

/// The settings that an input has, over those that there are.
fn settings(input: &Value, before: Option<&Map<String, Value>>) -> Map<String, Value> {
    let usual = [
        (
            "loggingConfiguration",
            json!({ "level": "OFF", "includeExecutionData": false }),
        ),
        ("tracingConfiguration", json!({ "enabled": false })),
        ("encryptionConfiguration", json!({ "type": "AWS_OWNED_KEY" })),
    ];
    let all = usual.into_iter().map(|(member, usual)| {
        let before = before.and_then(|before| before.get(member));
        let mut value = before.cloned().unwrap_or_else(|| usual.clone());
        if let Some(given) = input.get(member).and_then(Value::as_object) {
            value = usual;
            if let Value::Object(members) = &mut value {
                members.extend(given.clone());
            }
        }
        (member.to_owned(), value)
    });
    all.collect()
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "name");
    check_name(name)?;
    check_settings(input)?;
    let tags = tags::sent(input)?;
    let is_express = input["type"] == "EXPRESS";
    let (definition, role_arn) = (text(input, "definition"), text(input, "roleArn"));
    check_definition(definition, is_express)?;
    arns::role_arn(world, role_arn)?;
    let settings = settings(input, None);
    let answer = |machine: &Machine| {
        Reply::json(json!({
            "stateMachineArn": machine.arn,
            "creationDate": epoch_seconds(machine.created),
        }))
    };
    if let Some(machine) = world.state_machines().machines.get(name) {
        // The role and the tags make no difference, and are not changed ("CreateStateMachine").
        let revision = world.state_machines().revision(machine.revision);
        let same = revision.is_some_and(|there| there.definition == definition && there.settings == settings);
        return if same && machine.is_express == is_express && !machine.is_deleting {
            Ok(answer(machine))
        } else {
            Err(ApiError::new(
                "StateMachineAlreadyExists",
                format!("State Machine Already Exists: '{}'", machine.arn),
            ))
        };
    }
    check_role(world, role_arn, definition)?;
    let now = world.now();
    let revision = world.state_machines_mut().add_revision(Revision {
        definition: definition.to_owned(),
        role_arn: role_arn.to_owned(),
        settings,
        since: now,
        id: None,
        parsed: OnceLock::new(),
    });
    let machine = Machine {
        name: name.to_owned(),
        arn: world.arn("states", format_args!("stateMachine:{name}")),
        is_express,
        created: now,
        tags,
        revision,
        is_deleting: false,
    };
    let reply = answer(&machine);
    world
        .state_machines_mut()
        .machines
        .insert(name.to_owned(), machine);
    Ok(reply)
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let machine = find(world, input)?;
    let mut body = Map::new();
    if let Some(revision) = world.state_machines().revision(machine.revision) {
        revision.describe(&mut body);
    }
    let more = json!({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": machine.status(),
        "type": machine.kind(),
        "creationDate": epoch_seconds(machine.created),
    });
    body.extend(more.as_object().cloned().unwrap_or_default());
    Ok(Reply::json(Value::Object(body)))
}

pub(super) fn describe_for_execution(world: &mut World, input: &Value) -> Answer<Reply> {
    let execution = executions::find(world, input)?;
    let mut body = Map::new();
    if let Some(revision) = world.state_machines().revision(execution.revision) {
        revision.describe(&mut body);
        body.insert("updateDate".to_owned(), epoch_seconds(revision.since).into());
    }
    body.insert("stateMachineArn".to_owned(), execution.machine_arn.clone().into());
    body.insert("name".to_owned(), execution.machine_name.clone().into());
    Ok(Reply::json(Value::Object(body)))
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let machine = find(world, input)?;
    if machine.is_deleting {
        return Err(ApiError::new(
            "StateMachineDeleting",
            format!("State Machine Deleting: '{}'", machine.arn),
        ));
    }
    const CHANGES: [&str; 5] = [
        "definition",
        "roleArn",
        "loggingConfiguration",
        "tracingConfiguration",
        "encryptionConfiguration",
    ];
    let given = |member: &str| input.get(member).filter(|value| !value.is_null());
    if !CHANGES.iter().any(|member| given(member).is_some()) {
        return Err(ApiError::new(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be \
             specified",
        ));
    }
    check_settings(input)?;
    let (arn, is_express) = (machine.arn.clone(), machine.is_express);
    let before = world.state_machines().revision(machine.revision);
    let before = before.ok_or_else(|| does_not_exist(&arn))?;
    let definition = given("definition").and_then(Value::as_str);
    let role_arn = given("roleArn").and_then(Value::as_str);
    if let Some(definition) = definition {
        check_definition(definition, is_express)?;
    }
    if let Some(role_arn) = role_arn {
        check_role(world, role_arn, definition.unwrap_or(&before.definition))?;
    }
    let mut revision = Revision {
        definition: definition.unwrap_or(&before.definition).to_owned(),
        role_arn: role_arn.unwrap_or(&before.role_arn).to_owned(),
        settings: settings(input, Some(&before.settings)),
        since: world.now(),
        id: before.id.clone(),
        parsed: OnceLock::new(),
    };
    let is_same = revision.definition == before.definition
        && revision.role_arn == before.role_arn
        && revision.settings == before.settings;
    if is_same {
        // Recorded: the answer has the time of the last change.
        revision.since = before.since;
    } else {
        revision.id = Some(ids::uuid());
    }
    let mut body = json!({ "updateDate": epoch_seconds(revision.since) });
    if let Some(id) = &revision.id {
        body["revisionId"] = id.clone().into();
    }
    let number = world.state_machines_mut().add_revision(revision);
    if let Some(machine) = world.state_machines_mut().machine_of_mut(&arn) {
        machine.revision = number;
    }
    Ok(Reply::json(body))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = text(input, "stateMachineArn");
    arns::machine(arn)?;
    if let Some(machine) = world.state_machines_mut().machine_of_mut(arn) {
        machine.is_deleting = true;
    }
    world.state_machines_mut().forget_machine(arn);
    Ok(Reply::json(json!({})))
}

/// The versions of a machine: none is ever published here, which who reads a machine wants to know.
pub(super) fn list_versions(world: &mut World, input: &Value) -> Answer<Reply> {
    find(world, input)?;
    Ok(Reply::json(json!({ "stateMachineVersions": [] })))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    listing::page(
        input,
        "stateMachines",
        world.state_machines().machines.values(),
        |machine| {
            json!({
                "stateMachineArn": machine.arn,
                "name": machine.name,
                "type": machine.kind(),
                "creationDate": epoch_seconds(machine.created),
            })
        },
    )
}
