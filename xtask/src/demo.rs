//! The whole story in a minute: a private path on a local AWS, a call through it, what goes wrong without it, and nothing
//! left at the end.

mod state_machine;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::local_aws::LocalAws;
use crate::terraform::Workspace;
use crate::{built, cli, local_aws};

/// How much faster than AWS the local one is: its assumed minute becomes a little more than a second.
const SPEED: &str = "50";

#[derive(clap::Args)]
pub struct Arguments {
    /// Leave the local AWS running with what was applied, and print what to export to go on by hand
    #[arg(long)]
    keep: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match tell(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nThe demo stopped: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// One line on what comes next.
macro_rules! say {
    ($($words:tt)*) => {
        print(&format!("\n▶ {}", format_args!($($words)*)))
    };
}

fn tell(arguments: &Arguments) -> Result<(), String> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(|error| error.to_string())?;
    }
    let cli = cli::find()?;
    say!("Building the provider and the local AWS (the first time takes some minutes).");
    let programs = built::programs()?;
    stop_if(&interrupted)?;

    say!(
        "Starting a local AWS, {SPEED} times as fast as the real one: a VPC, a private API, its VPC endpoint."
    );
    let aws = local_aws::LocalAws::start(&programs.local_aws, SPEED)?;
    show(&format!(
        "{} with {}",
        aws.text("endpoint"),
        aws.text("vpc_endpoint_id")
    ));
    let before = aws.get("objects")?;
    let folder = built::scratch("demo")?.join("quickstart");
    let example = built::repository().join("examples").join("quickstart");
    let terraform = Workspace::new(
        cli.clone(),
        &folder,
        &example,
        &programs.folder,
        &aws,
        Arc::clone(&interrupted),
    )?;

    say!(
        "Applying examples/quickstart with {}: four AWS objects, in order.",
        cli.display()
    );
    show_lines(
        &terraform.succeed(&["apply", "-auto-approve", "-input=false", "-no-color"])?,
        &["Creation complete", "Apply complete"],
    );
    let connection = terraform.output("connection_arn")?;
    show(&connection);

    say!("Calling the private API from a Step Functions HTTP task, through the connection.");
    let answer = call(&aws, &connection, "SUCCEEDED")?;
    show(&format!("the API answers: {}", response_body(&answer)));
    let log = aws.get("requests")?;
    let seen = log.last().ok_or("the API has seen no request")?;
    show(&format!(
        "the API's own log: {} {} from {} → {}",
        word(seen, "method"),
        word(seen, "path"),
        word(seen, "user_agent"),
        seen["status"]
    ));

    say!("What it is for: an event starts a state machine, whose HTTP task calls the private API.");
    state_machine::run(&aws, &connection, &interrupted)?;
    if arguments.keep {
        return keep(aws, &terraform);
    }
    state_machine::remove(&aws)?;

    say!(
        "Negative control: a wrong key, sent by a new version of the write-only secret. The API refuses it."
    );
    apply(
        &terraform,
        &["-var", "api_key=wrong", "-var", "api_key_version=2"],
    )?;
    let answer = call(&aws, &connection, "FAILED")?;
    expect_error(&answer, "States.Http.StatusCode.401")?;

    say!(
        "The 401 has de-authorized the connection, as in AWS. The next apply sees it and sends the right key."
    );
    let versioned = ["-var", "api_key_version=3"];
    apply(&terraform, &versioned)?;
    call(&aws, &connection, "SUCCEEDED")?;
    same(&connection, &terraform.output("connection_arn")?)?;

    say!("Negative control: the gateway's security group loses its egress. The call finds no way.");
    aws.revoke_egress(&terraform.output("security_group_id")?)?;
    let answer = call(&aws, &connection, "FAILED")?;
    expect_error(&answer, "States.Http.Socket")?;

    say!("The next apply sees the missing rules and mends them.");
    apply(&terraform, &versioned)?;
    call(&aws, &connection, "SUCCEEDED")?;

    say!("A second plan is empty.");
    let plan = terraform.run(&[
        "plan",
        "-detailed-exitcode",
        "-input=false",
        "-no-color",
        versioned[0],
        versioned[1],
    ])?;
    if plan.code != Some(0) {
        return Err(format!("the second plan is not empty:\n{}", plan.output));
    }
    show_lines(&plan.output, &["No changes"]);

    say!("Another description, in place: the connection keeps its ARN.");
    let described = [
        "-var",
        "description=Orders, described anew",
        versioned[0],
        versioned[1],
    ];
    apply(&terraform, &described)?;
    same(&connection, &terraform.output("connection_arn")?)?;

    say!("Destroying it.");
    let mut destroy = vec!["destroy", "-auto-approve", "-input=false", "-no-color"];
    destroy.extend(described);
    show_lines(&terraform.succeed(&destroy)?, &["Destroy complete"]);

    say!("Nothing is left.");
    let after = aws.get("objects")?;
    let left: Vec<_> = after
        .iter()
        .filter(|object| !before.iter().any(|known| known["id"] == object["id"]))
        .collect();
    // The gateway's network interfaces belong to AWS and go a little later; executions are history.
    let ours: Vec<_> = left
        .iter()
        .filter(|object| object["type"] != "network-interface" && object["type"] != "execution")
        .collect();
    if !ours.is_empty() {
        return Err(format!("these are left: {ours:?}"));
    }
    show("no security group, gateway, configuration, association or connection");
    print("\nDone.");
    Ok(())
}

fn apply(terraform: &Workspace, variables: &[&str]) -> Result<(), String> {
    let mut arguments = vec!["apply", "-auto-approve", "-input=false", "-no-color"];
    arguments.extend(variables);
    show_lines(
        &terraform.succeed(&arguments)?,
        &["Modifications complete", "Apply complete"],
    );
    Ok(())
}

fn call(aws: &LocalAws, connection: &str, expected: &str) -> Result<Value, String> {
    let answer = aws.call_api(connection)?;
    if answer["status"] == expected {
        show(&format!("TestState: {expected}"));
        return Ok(answer);
    }
    Err(format!("the call should have {expected}: {answer}"))
}

fn expect_error(answer: &Value, error: &str) -> Result<(), String> {
    if answer["error"] != error {
        return Err(format!("{error} was expected: {answer}"));
    }
    show(&format!("error {error}: {}", word(answer, "cause")));
    Ok(())
}

fn response_body(answer: &Value) -> String {
    let output: Value = serde_json::from_str(word(answer, "output")).unwrap_or_default();
    output["ResponseBody"].to_string()
}

fn same(before: &str, after: &str) -> Result<(), String> {
    if before != after {
        return Err(format!("the connection's ARN changed from {before} to {after}"));
    }
    show("the connection's ARN is the same");
    Ok(())
}

fn keep(aws: LocalAws, terraform: &Workspace) -> Result<(), String> {
    say!("Everything is left running. To go on by hand:");
    print(&format!(
        "cd {}",
        quoted(&terraform.folder().display().to_string())
    ));
    for (name, value) in &terraform.variables {
        print(&format!("export {name}={}", quoted(value)));
    }
    print("# for example:");
    print("aws vpc-lattice list-resource-gateways");
    print("aws events describe-connection --name orders");
    print("aws stepfunctions list-state-machines");
    print(&format!("open {}/_local/", aws.text("endpoint")));
    print("terraform plan");
    print("# and at the end:");
    print(&format!("kill {}", aws.keep()));
    Ok(())
}

/// A word that a shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn print(line: &str) {
    use std::io::Write as _;
    // A closed pipe ends the reader's interest, not the demo.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn show(line: &str) {
    print(&format!("  {line}"));
}

fn show_lines(output: &str, interesting: &[&str]) {
    for line in output
        .lines()
        .filter(|line| interesting.iter().any(|words| line.contains(words)))
    {
        show(line.trim());
    }
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn stop_if(interrupted: &AtomicBool) -> Result<(), String> {
    if interrupted.load(Ordering::Relaxed) {
        Err("interrupted".to_owned())
    } else {
        Ok(())
    }
}
