//! Which variables the states of a definition refer to: `variableReferences` of DescribeStateMachine.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::definition::Definition;
use super::template::{Root, expression, rooted};
use super::validate::token;
use super::{intrinsics, jsonata};

/// The names by state, without the states that refer to none. Assigning a variable is not referring to it.
pub(super) fn of(definition: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    machine(definition, None, &mut found);
    found
}

fn machine(definition: &Value, outer: Option<&str>, found: &mut Map<String, Value>) {
    let language = definition["QueryLanguage"].as_str().or(outer);
    for (name, state) in definition["States"].as_object().into_iter().flatten() {
        let names: BTreeSet<String> = reads(state, language).into_iter().map(|(_, name)| name).collect();
        if !names.is_empty() {
            found.insert(name.clone(), names.into_iter().collect());
        }
        let branches = state["Branches"].as_array().into_iter().flatten();
        let processors = ["ItemProcessor", "Iterator"].iter();
        for inner in branches.chain(processors.filter_map(|field| state.get(field))) {
            machine(inner, language, found);
        }
    }
}

/// The variables that a state itself refers to, each with its place in the state.
pub(super) fn reads(state: &Value, language: Option<&str>) -> Vec<(String, String)> {
    let jsonata = Definition::new(state, language).jsonata;
    let mut found = Vec::new();
    for (field, value) in state.as_object().into_iter().flatten() {
        if !matches!(field.as_str(), "Branches" | "ItemProcessor" | "Iterator") {
            collect(value, field, &format!("/{}", token(field)), jsonata, &mut found);
        }
    }
    found
}

fn collect(value: &Value, field: &str, at: &str, jsonata: bool, found: &mut Vec<(String, String)>) {
    let mut add = |names: &mut dyn Iterator<Item = String>| {
        found.extend(names.map(|name| (at.to_owned(), name)));
    };
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                collect(value, member, &format!("{at}/{}", token(member)), jsonata, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, field, &format!("{at}[{index}]"), jsonata, found);
            }
        }
        Value::String(text) if jsonata => {
            add(&mut expression(text).into_iter().flat_map(jsonata::variables));
        }
        Value::String(text) if names_values(field) => {
            let paths = if intrinsics::is_call(text) {
                intrinsics::paths(text)
            } else {
                vec![text.as_str()]
            };
            add(&mut paths.into_iter().filter_map(variable));
        }
        _ => {}
    }
}

/// Whether a field has a path or a call in it that reads. ResultPath says where a result goes.
fn names_values(field: &str) -> bool {
    field == "Variable" || field.ends_with(".$") || field.ends_with("Path") && field != "ResultPath"
}

/// The variable that a path begins with.
fn variable(path: &str) -> Option<String> {
    matches!(rooted(path), (Root::Variables, _))
        .then(|| path[1..].split(['.', '[']).next().map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_told_by_the_states_that_read_them() {
        let definition = json!({ "StartAt": "set", "States": {
            "set": { "Type": "Pass", "Assign": { "rate": 2, "of.$": "$.list" }, "Next": "all" },
            "all": { "Type": "Map", "ItemsPath": "$of", "MaxConcurrencyPath": "$limits.most", "Next": "pick",
                "ItemProcessor": { "StartAt": "one", "States": { "one": { "Type": "Pass", "End": true, "ResultPath": "$.x",
                    "Parameters": { "a.$": "States.MathAdd(States.MathAdd($rate, 1), $base[0])", "plain": "$rate" } } } } },
            "pick": { "Type": "Choice", "Default": "say",
                "Choices": [{ "Variable": "$rate", "NumericEqualsPath": "$base", "Next": "say" }] },
            "say": { "Type": "Pass", "QueryLanguage": "JSONata", "End": true,
                "Output": "{% $map($of, function($one) { $one * $rate + $states.input.n }) %}" },
        } });
        let expected = json!({ "all": ["limits", "of"], "one": ["base", "rate"], "pick": ["base", "rate"], "say": ["of", "rate"] });
        assert_eq!(Value::Object(of(&definition)), expected);
    }
}
