//! The page at `/_local/`: paths with the state of every object, executions with their histories, deliveries and fault
//! rules. It is made anew with every look at it, has no script, and changes nothing.

mod html;

use serde_json::Value;

use crate::core::life_cycle::Status as _;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::dataplane::delivery::DeliveryAttempt;
use crate::services::events::Connection;
use crate::services::states::Execution;
use crate::shared::Shared;
use crate::wire::percent_encode;
use html::{Cell, Html};

/// The most rows of each table.
const MOST_ROWS: usize = 50;

/// The most events of a history that are shown.
const MOST_EVENTS: usize = 500;

/// The most characters of what an execution took and gave, and of an event's details.
const MOST_OF_DATA: usize = 100;
const MOST_OF_DETAILS: usize = 400;

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>local-aws</title>\
    <meta http-equiv=\"refresh\" content=\"2\"><style>\
    body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}\
    h1{font-size:1.4em}h2{font-size:1.1em;margin:1.5em 0 .4em}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top;\
    overflow-wrap:anywhere}th{background:#f4f4f4}td.short,th{white-space:nowrap}\
    .path{display:flex;flex-wrap:wrap;align-items:center;gap:.4em;margin:.4em 0}\
    .box{border:1px solid #bbb;border-radius:4px;padding:.3em .6em;background:#fafafa}.box small{display:block;color:#666}\
    .state{border-radius:3px;padding:0 .4em;font-size:.9em}\
    .good{background:#d9f2df}.bad{background:#f8d7d7}.busy{background:#fdf0cc}.none{color:#888}\
    </style></head><body>";

/// The page as it is now, with the history of the execution that is asked for.
pub(super) fn render(shared: &Shared, execution: Option<&str>) -> String {
    let world = shared.world();
    let mut html = Html::default();
    html.raw(HEAD);
    html.raw("<h1>local-aws</h1><p>");
    html.text(&format!(
        "{} · {} · account {} · {}",
        shared.seed.endpoint,
        shared.seed.region,
        shared.seed.account_id,
        iso8601(world.now())
    ));
    html.raw("</p>");
    paths(&mut html, &world);
    if let Some(execution) =
        execution.and_then(|arn| world.state_machines().executions().find(|other| other.arn == arn))
    {
        history(&mut html, execution);
    }
    executions(&mut html, &world);
    deliveries(&mut html, &world);
    faults(&mut html, &world);
    objects(&mut html, &world);
    html.raw("</body></html>");
    html.into_text()
}

/// The beginning of a text.
fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn arrow(html: &mut Html) {
    html.raw("<span>→</span>");
}

fn one(html: &mut Html, kind: &str, name: &str, state: &str) {
    html.raw("<span class=\"box\">");
    html.element("small", "", kind);
    html.text(name);
    html.raw(" ");
    html.state(state);
    html.raw("</span>");
}

fn paths(html: &mut Html, world: &World) {
    html.raw("<h2>Paths</h2>");
    let mut connections = world.events().all_connections().peekable();
    if connections.peek().is_none() {
        html.element("p", "none", "There is no connection yet.");
    }
    machines(html, world);
    for connection in connections {
        html.raw("<div class=\"path\">");
        senders(html, world, connection);
        one(html, "connection", &connection.name, connection.state.as_str());
        if let Some(path) = &connection.invocation_path {
            let association = world.lattice().associations.get(&path.association_id);
            arrow(html);
            let state = association.map_or("gone", |association| association.status.as_str());
            one(html, "association", &path.association_id, state);
            let configuration =
                association.and_then(|there| world.lattice().configurations.get(&there.configuration_id));
            if let Some(configuration) = configuration {
                arrow(html);
                let state = configuration.status.as_str();
                one(html, "resource configuration", &configuration.name, state);
                let gateway = configuration.gateway_id.as_ref();
                if let Some(gateway) = gateway.and_then(|id| world.lattice().gateways.get(id)) {
                    arrow(html);
                    one(html, "resource gateway", &gateway.name, gateway.status.as_str());
                }
                arrow(html);
                one(
                    html,
                    "endpoint",
                    configuration.domain_name().unwrap_or_default(),
                    "",
                );
            }
        }
        html.raw("</div>");
        if let Some(reason) = &connection.reason {
            html.element("p", "none", reason);
        }
    }
}

/// The state machines, each with the rules that start it.
fn machines(html: &mut Html, world: &World) {
    let objects = world.objects();
    for machine in objects.iter().filter(|object| object["type"] == "state-machine") {
        let text = |member: &str| machine[member].as_str().unwrap_or_default();
        html.raw("<div class=\"path\">");
        for rule in world.events().rules_with_target(text("id")) {
            one(html, "rule", &rule.name, rule.state.as_str());
            arrow(html);
        }
        one(html, "state machine", text("name"), text("state"));
        html.raw("</div>");
    }
}

/// The rules and API destinations that lead to a connection.
fn senders(html: &mut Html, world: &World, connection: &Connection) {
    let destinations = world.events().destinations.values();
    for destination in destinations.filter(|there| there.connection_arn == connection.arn) {
        for rule in world.events().rules_with_target(&destination.arn) {
            one(html, "rule", &rule.name, rule.state.as_str());
            arrow(html);
        }
        let is_active = world.events().is_active(destination);
        let state = if is_active { "ACTIVE" } else { "INACTIVE" };
        one(html, "API destination", &destination.name, state);
        arrow(html);
    }
}

fn link(execution: &Execution) -> Cell {
    let encoded = percent_encode(&execution.arn);
    Cell::Link {
        to: format!("?execution={encoded}"),
        text: execution.name.clone(),
    }
}

/// What an execution came to.
fn outcome(execution: &Execution) -> String {
    if let Some(output) = &execution.output {
        return short(output, MOST_OF_DATA);
    }
    let words: Vec<&str> = execution.error().map(|(_, text)| text).collect();
    short(&words.join(": "), MOST_OF_DATA)
}

fn executions(html: &mut Html, world: &World) {
    html.raw("<h2>Executions</h2>");
    let rows = world
        .state_machines()
        .executions()
        .take(MOST_ROWS)
        .map(|execution| {
            let took = execution
                .stopped
                .and_then(|stopped| stopped.duration_since(execution.started).ok());
            let took = took.map_or(String::new(), |took| format!("{:.3} s", took.as_secs_f64()));
            vec![
                link(execution),
                Cell::text(&execution.machine_name),
                Cell::state(execution.status.as_str()),
                Cell::text(iso8601(execution.started)),
                Cell::text(took),
                Cell::text(short(&execution.input, MOST_OF_DATA)),
                Cell::text(outcome(execution)),
            ]
        });
    let headings = [
        "execution",
        "state machine",
        "status",
        "started",
        "took",
        "input",
        "output or error",
    ];
    html.table(&headings, rows);
}

fn history(html: &mut Html, execution: &Execution) {
    html.raw("<h2>History of ");
    html.text(&execution.name);
    html.raw(" ");
    html.state(execution.status.as_str());
    html.raw("</h2>");
    let rows = execution.events.iter().take(MOST_EVENTS).map(|event| {
        let details = event.details().map(Value::to_string).unwrap_or_default();
        vec![
            Cell::text(event.id.to_string()),
            Cell::text(event.previous.to_string()),
            Cell::text(iso8601(event.at)),
            Cell::text(&event.kind),
            Cell::text(short(&details, MOST_OF_DETAILS)),
        ]
    });
    html.table(&["id", "after", "time", "event", "details"], rows);
}

fn deliveries(html: &mut Html, world: &World) {
    html.raw("<h2>Deliveries</h2>");
    let told = |attempt: &DeliveryAttempt| {
        let status = attempt.status.map(|status| status.to_string());
        vec![
            Cell::text(&attempt.event_id),
            Cell::text(&attempt.rule),
            Cell::text(&attempt.target_arn),
            Cell::text(attempt.attempt.to_string()),
            Cell::state(&attempt.outcome),
            Cell::text(status.or_else(|| attempt.error.clone()).unwrap_or_default()),
        ]
    };
    let attempts = world.deliveries().attempts().iter().rev();
    let headings = ["event", "rule", "target", "try", "outcome", "status or error"];
    html.table(&headings, attempts.take(MOST_ROWS).map(told));
}

fn faults(html: &mut Html, world: &World) {
    html.raw("<h2>Fault rules</h2>");
    let list = world.faults.list();
    let rules = list.as_array().into_iter().flatten();
    html.table(&["rule"], rules.map(|rule| vec![Cell::text(rule.to_string())]));
}

fn objects(html: &mut Html, world: &World) {
    html.raw("<h2>Objects</h2>");
    let objects = world.objects();
    let rows = objects.iter().filter(|object| object["type"] != "execution");
    let rows = rows.map(|object| {
        let text = |member: &str| object[member].as_str().unwrap_or_default();
        vec![
            Cell::text(text("type")),
            Cell::text(text("name")),
            Cell::text(text("id")),
            Cell::state(text("state")),
        ]
    });
    html.table(&["type", "name", "id", "state"], rows);
}
