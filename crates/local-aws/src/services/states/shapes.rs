//! What the service model says of the operations' inputs.

use std::sync::LazyLock;

use serde_json::Value;

use super::MOST_BYTES;
use crate::core::error::Answer;
use crate::wire::json;
use crate::wire::shape::{Shape, Text, list, one_of, optional, required, text};

/// The input of every operation.
struct Inputs {
    create_machine: Shape,
    update_machine: Shape,
    machine: Shape,
    list_machines: Shape,
    list_versions: Shape,
    validate: Shape,
    start: Shape,
    start_sync: Shape,
    execution: Shape,
    stop: Shape,
    list_executions: Shape,
    history: Shape,
    resource: Shape,
    tag: Shape,
    untag: Shape,
    test_state: Shape,
}

/// Checks the input of an operation.
pub(super) fn check(operation: &str, input: &Value) -> Answer<()> {
    json::check(Inputs::all().of(operation), input)
}

impl Inputs {
    fn all() -> &'static Self {
        static ALL: LazyLock<Inputs> = LazyLock::new(Inputs::new);
        &ALL
    }

    /// The input of an operation.
    fn of(&self, operation: &str) -> &Shape {
        match operation {
            "CreateStateMachine" => &self.create_machine,
            "UpdateStateMachine" => &self.update_machine,
            "DeleteStateMachine" | "DescribeStateMachine" => &self.machine,
            "ListStateMachines" => &self.list_machines,
            "ListStateMachineVersions" => &self.list_versions,
            "ValidateStateMachineDefinition" => &self.validate,
            "StartExecution" => &self.start,
            "StartSyncExecution" => &self.start_sync,
            "DescribeExecution" | "DescribeStateMachineForExecution" => &self.execution,
            "StopExecution" => &self.stop,
            "ListExecutions" => &self.list_executions,
            "GetExecutionHistory" => &self.history,
            "ListTagsForResource" => &self.resource,
            "TagResource" => &self.tag,
            "UntagResource" => &self.untag,
            _ => &self.test_state,
        }
    }

    fn new() -> Self {
        let page = || Shape::Integer { min: 0, max: 1000 };
        let token = |most| optional("nextToken", text(1, most).shape());
        let included = || optional("includedData", one_of(&["ALL_DATA", "METADATA_ONLY"]));
        let machine = || required("stateMachineArn", arn());
        let start = || {
            vec![
                machine(),
                optional("name", name()),
                optional("input", text(0, MOST_BYTES).secret().shape()),
                optional("traceHeader", text(0, 256).pattern("\\p{ASCII}*").shape()),
            ]
        };
        let mut start_sync = start();
        start_sync.push(included());
        let error = || optional("error", text(0, 256).secret().shape());
        let cause = || optional("cause", text(0, 32_768).secret().shape());
        let mut create = vec![
            required("name", name()),
            required("definition", definition()),
            required("roleArn", arn()),
            optional("type", one_of(&["STANDARD", "EXPRESS"])),
            optional("tags", tags()),
        ];
        create.extend(settings());
        let mut update = vec![
            machine(),
            optional("definition", definition()),
            optional("roleArn", arn()),
        ];
        update.extend(settings());
        Self {
            create_machine: Shape::Object(create),
            update_machine: Shape::Object(update),
            machine: Shape::Object(vec![machine(), included()]),
            list_machines: Shape::Object(vec![optional("maxResults", page()), token(1024)]),
            list_versions: Shape::Object(vec![machine(), optional("maxResults", page()), token(1024)]),
            validate: Shape::Object(vec![
                required("definition", definition()),
                optional("type", one_of(&["STANDARD", "EXPRESS"])),
                optional("severity", one_of(&["ERROR", "WARNING"])),
                optional("maxResults", Shape::Integer { min: 0, max: 100 }),
            ]),
            start: Shape::Object(start()),
            start_sync: Shape::Object(start_sync),
            execution: Shape::Object(vec![required("executionArn", arn()), included()]),
            stop: Shape::Object(vec![required("executionArn", arn()), error(), cause()]),
            list_executions: Shape::Object(vec![
                optional("stateMachineArn", arn()),
                optional("statusFilter", one_of(STATUSES)),
                optional("maxResults", page()),
                token(3096),
                optional("mapRunArn", text(1, 2000).shape()),
                optional("redriveFilter", one_of(&["REDRIVEN", "NOT_REDRIVEN"])),
            ]),
            history: Shape::Object(vec![
                required("executionArn", arn()),
                optional("maxResults", page()),
                optional("reverseOrder", Shape::Flag),
                token(1024),
                optional("includeExecutionData", Shape::Flag),
            ]),
            resource: Shape::Object(vec![required("resourceArn", arn())]),
            tag: Shape::Object(vec![required("resourceArn", arn()), required("tags", tags())]),
            untag: Shape::Object(vec![
                required("resourceArn", arn()),
                required("tagKeys", list(0, usize::MAX, text(1, 128).shape())),
            ]),
            test_state: test_state(),
        }
    }
}

/// In the order that the service lists them in.
const STATUSES: &[&str] = &[
    "SUCCEEDED",
    "TIMED_OUT",
    "PENDING_REDRIVE",
    "ABORTED",
    "FAILED",
    "RUNNING",
];

fn arn() -> Shape {
    text(1, 256).shape()
}

fn name() -> Shape {
    text(1, 80).shape()
}

fn definition() -> Shape {
    text(1, 1_048_576).secret().shape()
}

fn tags() -> Shape {
    let tag = |least, most| -> Text { text(least, most) };
    let one = Shape::Object(vec![
        optional("key", tag(1, 128).shape()),
        optional("value", tag(0, 256).shape()),
    ]);
    list(0, usize::MAX, one)
}

/// What both CreateStateMachine and UpdateStateMachine take.
fn settings() -> Vec<crate::wire::shape::Member> {
    let group = Shape::Object(vec![optional("logGroupArn", arn())]);
    let destination = Shape::Object(vec![optional("cloudWatchLogsLogGroup", group)]);
    let reuse = Shape::Integer { min: 60, max: 900 };
    vec![
        optional(
            "loggingConfiguration",
            Shape::Object(vec![
                optional("level", one_of(&["ALL", "ERROR", "FATAL", "OFF"])),
                optional("includeExecutionData", Shape::Flag),
                optional("destinations", list(0, usize::MAX, destination)),
            ]),
        ),
        optional(
            "tracingConfiguration",
            Shape::Object(vec![optional("enabled", Shape::Flag)]),
        ),
        optional("publish", Shape::Flag),
        optional("versionDescription", text(0, 256).secret().shape()),
        optional(
            "encryptionConfiguration",
            Shape::Object(vec![
                required("type", one_of(&["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"])),
                optional("kmsKeyId", text(1, 2048).shape()),
                optional("kmsDataKeyReusePeriodSeconds", reuse),
            ]),
        ),
    ]
}

fn test_state() -> Shape {
    let data = || text(0, MOST_BYTES).secret().shape();
    let count = || Shape::Integer {
        min: 0,
        max: i64::MAX,
    };
    let error = Shape::Object(vec![
        optional("error", text(0, 256).secret().shape()),
        optional("cause", text(0, 32_768).secret().shape()),
    ]);
    Shape::Object(vec![
        required("definition", definition()),
        optional("roleArn", arn()),
        optional("input", data()),
        optional("inspectionLevel", one_of(&["INFO", "DEBUG", "TRACE"])),
        optional("revealSecrets", Shape::Flag),
        optional("variables", data()),
        optional("stateName", text(1, 80).secret().shape()),
        optional(
            "mock",
            Shape::Object(vec![
                optional("result", data()),
                optional("errorOutput", error),
                optional("fieldValidationMode", one_of(&["STRICT", "PRESENT", "NONE"])),
            ]),
        ),
        optional("context", data()),
        optional(
            "stateConfiguration",
            Shape::Object(vec![
                optional("retrierRetryCount", count()),
                optional("errorCausedByState", text(1, 80).secret().shape()),
                optional("mapIterationFailureCount", count()),
                optional("mapItemReaderData", data()),
            ]),
        ),
    ])
}
