//! What many invocations in one configuration cost each: AWS calls, seconds, and the provider's memory.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::show_calls;
use super::summary::print;
use crate::local_aws::LocalAws;
use crate::terraform::Workspace;

/// Room for hundreds of gateways with their addresses, and the names that `serve` prints.
pub const SEED: &str = r#"
vpcs:
  - name: main
    cidr_blocks: [10.0.0.0/16]
    subnets:
      - { name: a, zone: a, cidr_block: 10.0.0.0/18 }
      - { name: b, zone: b, cidr_block: 10.0.64.0/18 }
    security_groups:
      - name: in
        ingress: [{ protocol: tcp, ports: "443", cidr_blocks: [10.0.0.0/16] }]
endpoints:
  - { name: api, vpc: main, security_groups: [in] }
apis:
  - { name: orders, stage: prod, endpoints: [api], routes: [{ path: /orders }] }
"#;

/// So many invocations of one endpoint.
pub fn configuration(count: usize) -> String {
    format!(
        r#"
terraform {{
  required_providers {{
    private = {{ source = "private-api/private" }}
  }}
}}

variable "vpc_endpoint_id" {{
  type = string
}}

resource "private_api_invocation" "bench" {{
  count           = {count}
  name            = "bench-${{count.index}}"
  vpc_endpoint_id = var.vpc_endpoint_id
  authorization   = {{ none = {{}} }}
}}
"#
    )
}

/// Creates, refreshes and destroys them, and prints what each step has cost.
pub fn measure(count: usize, workspace: &Workspace, aws: &LocalAws, binary: &Path) -> Result<(), String> {
    let room = json!({ "private_connections": count.max(20), "missed_reads": 0 });
    aws.change_settings(&room)?;
    let steps: [(&str, &[&str]); 3] = [
        ("create, its plan included", &["apply", "-auto-approve"]),
        ("plan: refresh and all", &["plan", "-detailed-exitcode"]),
        ("destroy, its refresh included", &["destroy", "-auto-approve"]),
    ];
    for (what, command) in steps {
        let arguments: Vec<&str> = command
            .iter()
            .copied()
            .chain(["-input=false", "-no-color"])
            .collect();
        let before = aws.get("calls")?.len();
        let began = Instant::now();
        let (outcome, peak) = watched(binary, || workspace.succeed(&arguments));
        outcome?;
        let seconds = began.elapsed().as_secs_f64();
        let calls: Vec<Value> = aws.get("calls")?.split_off(before);
        print(&format!(
            "\n{count} invocations, {what}: {:.1} calls each, {:.2} s each, peak of the provider {peak:.1} MiB",
            calls.len() as f64 / count as f64,
            seconds / count as f64,
        ));
        show_calls(what, &calls);
    }
    Ok(())
}

/// Runs `work`, and tells what memory the processes of `binary` had at most meanwhile, in MiB.
fn watched<T>(binary: &Path, work: impl FnOnce() -> T) -> (T, f64) {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0.0_f64;
            while !ended.load(Ordering::Relaxed) {
                peak = peak.max(peak_of(binary));
                thread::sleep(Duration::from_millis(50));
            }
            peak
        });
        let outcome = work();
        ended.store(true, Ordering::Relaxed);
        (outcome, watch.join().unwrap_or_default())
    })
}

/// The highest resident memory that a running process of `binary` has had, in MiB.
fn peak_of(binary: &Path) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours =
        processes.filter(|process| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == binary));
    let peaks = ours.filter_map(|process| {
        let status = fs::read_to_string(process.path().join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    });
    peaks.fold(0.0, f64::max) / 1024.0
}
