//! Many at once: two states that want one name, invocations that share a gateway, and fifty of them in one apply.

use std::thread;
use std::time::{Duration, Instant};

use cli_harness::{Cli, Ended, PATIENCE, on_every_cli};
use local_aws::SeedDocument;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// Where a create is when another one of the same name begins.
struct Moment {
    service: &'static str,
    operation: &'static str,
    /// `before` or `after` AWS does the work.
    hold: &'static str,
}

const fn moment(service: &'static str, operation: &'static str, hold: &'static str) -> Moment {
    Moment {
        service,
        operation,
        hold,
    }
}

/// Applies one configuration from two states: the first is held at a call until the second has ended. Gives how both ended.
fn two_states(cli: &'static Cli, aws: &Aws, at: &Moment) -> [(Workspace, Ended); 2] {
    let [first, second] = [(); 2].map(|()| {
        let workspace = Workspace::new(cli, aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace
    });
    let rule = aws.fault(json!({
        "service": at.service, "operation": at.operation, "count": 1, "effect": { "hold": at.hold },
    }));
    let run = first.start_apply();
    assert!(aws.wait_for_held(rule, PATIENCE), "{} is called", at.operation);
    let of_second = second.try_apply();
    aws.remove_fault(rule);
    let of_first = run.wait();
    [(first, of_first), (second, of_second)]
}

/// One of both has the invocation, whole; the other one has been told, and takes nothing away when it is destroyed.
fn exactly_one_wins(at: &Moment) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut both = two_states(cli, &aws, at);
        both.sort_by_key(|(_, ended)| ended.code);
        let [(winner, won), (loser, lost)] = both;
        let at = format!("{} {}", at.hold, at.operation);
        assert_eq!(
            (won.code, lost.code),
            (Some(0), Some(1)),
            "{at}\n--- one:\n{}\n--- the other:\n{}",
            won.text,
            lost.text
        );
        let words = ["exists already", "already exists", "has taken it over"];
        assert!(
            words.iter().any(|words| lost.text.contains(words)),
            "{at}: {}",
            lost.text
        );
        winner.plans_nothing();
        loser.destroy();
        aws.has_one_of_each();
        let arn = winner.attribute("connection_arn");
        assert_eq!(
            aws.call_api(&arn).expect("the API answers")["StatusCode"],
            200,
            "{at}"
        );
        winner.plans_nothing();
        winner.destroy();
        aws.has_nothing();
    });
}

macro_rules! two_states {
    ($($test:ident: $service:literal, $operation:literal, $hold:literal;)+) => {
        $(#[test]
        fn $test() {
            exactly_one_wins(&moment($service, $operation, $hold));
        })+
    };
}

two_states! {
    of_two_states_one_wins_while_the_first_makes_its_group: "ec2", "CreateSecurityGroup", "before";
    of_two_states_one_wins_while_the_first_makes_its_gateway: "vpc-lattice", "CreateResourceGateway", "after";
    of_two_states_one_wins_while_the_first_makes_its_configuration: "vpc-lattice", "CreateResourceConfiguration", "after";
    of_two_states_one_wins_before_the_first_makes_its_connection: "events", "CreateConnection", "before";
    of_two_states_one_wins_after_the_first_made_its_connection: "events", "CreateConnection", "after";
    of_two_states_one_wins_while_the_first_signs_off: "vpc-lattice", "UntagResource", "after";
}

/// So many invocations that are called `<prefix>-<number>`, with these arguments of where they lead.
fn several(prefix: &str, count: usize, way: &str) -> String {
    format!(
        "resource \"private_api_invocation\" \"{prefix}\" {{\n  count = {count}\n  name  = \
         \"{prefix}-${{count.index}}\"\n  {way}\n  authorization = {{ none = {{}} }}\n}}\n"
    )
}

/// How many there are of gateways, configurations and connections that are no seed's.
fn counts(aws: &Aws) -> [usize; 3] {
    let made = aws.made();
    ["resource-gateway", "resource-configuration", "connection"]
        .map(|kind| made.get(kind).copied().unwrap_or(0))
}

#[test]
fn invocations_of_two_states_that_share_a_gateway_come_move_and_go_at_once() {
    const EACH: usize = 3;
    on_every_cli(|cli| {
        let aws = Aws::start();
        let [owner, one, other] = [(); 3].map(|()| Workspace::new(cli, &aws));
        let (first, second) = (aws.seed().vpc_endpoint_id.clone(), aws.add_endpoint());
        owner.write(&format!(
            "resource \"private_api_path\" \"shared\" {{\n  name = \"shared\"\n  vpc_endpoint_id = {first:?}\n}}\n"
        ));
        owner.apply();
        let gateway = owner.attributes_of("private_api_path.shared")["resource_gateway_id"].clone();
        let shared = |endpoint: &str| {
            format!("vpc_endpoint_id = {endpoint:?}\n  network = {{ resource_gateway_id = {gateway} }}")
        };
        let own = format!("vpc_endpoint_id = {second:?}");
        let apply = |ways: [&str; 2]| {
            one.write(&several("one", EACH, ways[0]));
            other.write(&several("other", EACH, ways[1]));
            let runs = [one.start_apply(), other.start_apply()];
            runs.into_iter().for_each(|run| _ = run.wait().succeeded());
        };
        apply([&shared(&first), &shared(&first)]);
        assert_eq!(counts(&aws), [1, 1 + 2 * EACH, 2 * EACH]);
        // One moves over the gateway, the other leaves it.
        apply([&shared(&second), &own]);
        assert_eq!(counts(&aws), [1 + EACH, 1 + 2 * EACH, 2 * EACH]);
        one.plans_nothing();
        other.plans_nothing();
        // It comes back while those that share it go, and the owner would go, too.
        other.write(&several("other", EACH, &shared(&first)));
        let runs = [one.start_destroy(), other.start_apply()];
        let refused = owner.start_destroy().wait();
        runs.into_iter().for_each(|run| _ = run.wait().succeeded());
        refused.failed().says(&["Used by others", "Nothing was changed"]);
        assert_eq!(counts(&aws), [1, 1 + EACH, EACH]);
        other.plans_nothing();
        owner.plans_nothing();
        other.destroy();
        owner.destroy();
        aws.has_nothing();
    });
}

/// Room for fifty gateways with their addresses.
const ROOM: &str = r#"
vpcs:
  - name: main
    cidr_blocks: [10.0.0.0/16]
    subnets:
      - { name: a, zone: a, cidr_block: 10.0.0.0/18 }
      - { name: b, zone: b, cidr_block: 10.0.64.0/18 }
    security_groups:
      - name: execute-api
        ingress: [{ protocol: tcp, ports: "443", cidr_blocks: [10.0.0.0/16] }]
endpoints:
  - { name: api, vpc: main, security_groups: [execute-api] }
apis:
  - { name: orders, stage: prod, routes: [{ path: /orders }] }
"#;

/// Runs `work`, and tells how many calls it made, how many a second, and how many in the second with the most.
fn counted<T>(aws: &Aws, what: &str, work: impl FnOnce() -> T) -> T {
    let (began, before) = (Instant::now(), aws.calls().len());
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut seen, mut at) = (before, Vec::new());
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                if aws.wait_for_more_calls(seen, Duration::from_millis(100)) {
                    let now = aws.calls().len();
                    at.extend(std::iter::repeat_n(Instant::now(), now - seen));
                    seen = now;
                }
            }
            at
        });
        let outcome = work();
        let took = began.elapsed().as_secs_f64();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        let at = watch.join().expect("it counts");
        let within = |from: &Instant| {
            let second =
                |call: &&Instant| (Duration::ZERO..Duration::from_secs(1)).contains(&(**call - *from));
            at.iter()
                .skip_while(|call| *call < from)
                .take_while(second)
                .count()
        };
        let peak = at.iter().map(within).max().unwrap_or_default();
        let calls = at.len();
        eprintln!(
            "{what}: {calls} calls in {took:.1} s, {:.0} a second, at most {peak} in one second",
            calls as f64 / took
        );
        outcome
    })
}

/// So many come and go in one apply each, while each burst of calls so far apart is throttled.
fn come_and_go(cli: &'static Cli, many: usize, every: usize) {
    /// So many calls one after the other are refused in a burst.
    const BURST: usize = 25;
    let aws = Aws::start_with(SeedDocument::parse(ROOM).expect("the seed is right"));
    aws.switch("private_connections", many);
    let workspace = Workspace::new(cli, &aws);
    let endpoint = &aws.seed().vpc_endpoint_id;
    workspace.write(&several(
        "orders",
        many,
        &format!("vpc_endpoint_id = {endpoint:?}"),
    ));
    let throttled = |verb: &str, bursts: usize| {
        let burst = |nth: usize| {
            aws.fault(json!({
                "service": "*", "operation": "*", "after": every * nth, "count": BURST, "effect": { "throttle": true },
            }))
        };
        let rules: Vec<u64> = (1..=bursts).map(burst).collect();
        let arguments = [
            verb,
            "-auto-approve",
            "-input=false",
            "-no-color",
            "-parallelism=50",
        ];
        // Some seconds each, fifty at a time, where a machine is slow and nothing optimised.
        let patience = Duration::from_secs(120 + 2 * u64::try_from(many).expect("a few"));
        let run = || workspace.start(&arguments).wait_within(patience);
        counted(&aws, &format!("{verb} of {many}"), run).succeeded();
        let fired: Vec<_> = rules.iter().map(|id| aws.fault_fired(*id)).collect();
        assert_eq!(fired, vec![BURST as u64; bursts], "{verb}");
        aws.clear_faults();
    };
    throttled("apply", 5);
    assert_eq!(counts(&aws), [many; 3]);
    // What was refused was made again, and what was done was not.
    for operation in [
        "CreateSecurityGroup",
        "CreateResourceGateway",
        "CreateResourceConfiguration",
        "CreateConnection",
    ] {
        let done = |call: &local_aws::Call| call.operation == operation && call.error.is_none();
        assert_eq!(aws.calls().into_iter().filter(done).count(), many, "{operation}");
    }
    workspace.plans_nothing();
    // Unhindered: waits between attempts would only make the test longer.
    throttled("destroy", 0);
    aws.has_nothing();
}

#[test]
fn fifty_at_once_come_through_bursts_of_throttling_and_none_is_made_twice() {
    on_every_cli(|cli| come_and_go(cli, 50, 100));
}

#[test]
#[ignore = "it takes minutes; run it by its name, with --ignored --nocapture, for the calls a second"]
fn five_hundred_at_once_come_through_bursts_of_throttling_and_none_is_made_twice() {
    on_every_cli(|cli| come_and_go(cli, 500, 1000));
}
