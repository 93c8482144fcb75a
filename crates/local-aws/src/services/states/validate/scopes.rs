//! What the states of a machine share with those of its branches and item processors: their names, and variables.
//!
//! An inner machine sees the variables of the one around it, and keeps its own to itself. That of a distributed Map is an
//! execution of its own, which sees none.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Problem, is_distributed, machine_language, targets, token};
use crate::services::states::references;

/// What is wrong with the names of states and variables in a whole definition.
pub(super) fn check(definition: &Value) -> Vec<Problem> {
    let mut findings = Findings::default();
    let top = Level {
        machine: definition,
        at: String::new(),
        language: machine_language(definition, None),
        outer: None,
    };
    top.each(&mut |_, _, state| {
        let names = assignments(state).into_iter();
        findings.assigned.extend(names.map(|(_, name)| name.to_owned()));
    });
    top.each(&mut |level, name, state| findings.look(level, name, state));
    findings.problems
}

#[derive(Default)]
struct Findings {
    problems: Vec<Problem>,
    /// The names of states so far.
    names: BTreeSet<String>,
    /// Every variable that some state assigns.
    assigned: BTreeSet<String>,
}

impl Findings {
    fn look(&mut self, level: &Level<'_>, name: &str, state: &Value) {
        let at = level.place(name);
        let error = |code, message, location| Problem {
            is_error: true,
            code,
            message,
            location,
        };
        if !self.names.insert(name.to_owned()) {
            let message = format!("Duplicate State name: {name}");
            self.problems
                .push(error("DUPLICATE_STATE_NAME", message, at.clone()));
        }
        for (field, name) in assignments(state) {
            if level.is_taken(name) {
                let message = format!("The variable name '{name}' was already defined in a parent scope.");
                let location = format!("{at}{field}");
                self.problems
                    .push(error("DUPLICATE_VARIABLE_NAME", message, location));
            }
        }
        // What nobody assigns may be a function of JSONata that is handed on.
        let reads = references::reads(state, level.language).into_iter();
        let unseen = reads.filter(|(_, name)| self.assigned.contains(name) && !level.sees(name));
        let warnings = unseen.map(|(field, name)| Problem {
            is_error: false,
            code: "POSSIBLY_UNDEFINED_VARIABLE",
            message: format!("Variable '{name}' is possibly not defined."),
            location: format!("{at}{field}"),
        });
        self.problems.extend(warnings);
    }
}

/// A machine: the whole one, a branch or an item processor.
struct Level<'d> {
    machine: &'d Value,
    at: String,
    language: Option<&'d str>,
    /// The machine around it, with the state there that it is of.
    outer: Option<(&'d Level<'d>, &'d str)>,
}

impl Level<'_> {
    fn states(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.machine["States"].as_object().into_iter().flat_map(Map::iter)
    }

    fn place(&self, name: &str) -> String {
        format!("{}/States/{}", self.at, token(name))
    }

    /// Visits every state, each before those within it.
    fn each(&self, visit: &mut dyn FnMut(&Level<'_>, &str, &Value)) {
        for (name, state) in self.states() {
            visit(self, name, state);
            let at = self.place(name);
            let outer = Some((self, name.as_str())).filter(|_| !is_distributed(state));
            let branches = state["Branches"].as_array().into_iter().flatten().enumerate();
            let branches = branches.map(|(index, branch)| (format!("/Branches[{index}]"), branch));
            let processors = ["ItemProcessor", "Iterator"].iter();
            let processors = processors.filter_map(|field| Some((format!("/{field}"), state.get(field)?)));
            for (field, machine) in branches.chain(processors) {
                let inner = Level {
                    machine,
                    at: format!("{at}{field}"),
                    language: machine_language(machine, self.language),
                    outer,
                };
                inner.each(visit);
            }
        }
    }

    /// Whether some state here or around assigns a variable, whatever the way to it.
    fn sees(&self, variable: &str) -> bool {
        let mut states = self.states();
        states.any(|(_, state)| assigns(state, variable))
            || self.outer.is_some_and(|(outer, _)| outer.sees(variable))
    }

    /// Whether a variable may have been assigned around before this machine begins.
    fn is_taken(&self, variable: &str) -> bool {
        self.outer.is_some_and(|(outer, fork)| {
            let mut states = outer.states();
            states.any(|(name, state)| assigns(state, variable) && outer.leads(name, fork))
                || outer.is_taken(variable)
        })
    }

    /// Whether a state can be followed, at once or later, by another one.
    fn leads(&self, from: &str, to: &str) -> bool {
        let states = &self.machine["States"];
        let (mut open, mut seen) = (vec![from], BTreeSet::new());
        while let Some(name) = open.pop() {
            for (next, _) in targets(&states[name]) {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }
}

fn assigns(state: &Value, variable: &str) -> bool {
    assignments(state).iter().any(|(_, name)| *name == variable)
}

/// The variables that a state assigns, each with its place in the state.
fn assignments(state: &Value) -> Vec<(String, &str)> {
    let rules = ["Choices", "Catch"].iter().flat_map(|field| {
        let rules = state[*field].as_array().into_iter().flatten().enumerate();
        rules.map(move |(index, rule)| (format!("/{field}[{index}]"), rule))
    });
    let mut all = Vec::new();
    for (at, says) in std::iter::once((String::new(), state)).chain(rules) {
        let assigned = says["Assign"].as_object().into_iter().flat_map(Map::keys);
        all.extend(assigned.map(|written| {
            let name = written.strip_suffix(".$").unwrap_or(written);
            (format!("{at}/Assign/{}", token(written)), name)
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(definition: &Value) -> Vec<String> {
        let problems = check(definition).into_iter();
        let told = problems.map(|problem| format!("{} {}", problem.location, problem.message));
        told.collect()
    }

    /// A machine whose state `Fork` runs this state in a branch, after `Set` and before `Read`.
    fn forked(set: Value, inner: Value, read: &str) -> Value {
        json!({ "QueryLanguage": "JSONata", "StartAt": "Set", "States": {
            "Set": { "Type": "Pass", "Assign": set, "Next": "Fork" },
            "Fork": { "Type": "Parallel", "Next": "Read", "Branches": [{ "StartAt": "Inner", "States": { "Inner": inner } }] },
            "Read": { "Type": "Pass", "Output": read, "End": true },
        } })
    }

    #[test]
    fn names_of_states_are_those_of_the_whole_definition() {
        let one = json!({ "StartAt": "Item", "States": { "Item": { "Type": "Pass", "End": true } } });
        let definition = json!({ "StartAt": "First", "States": {
            "First": { "Type": "Map", "ItemProcessor": one, "Next": "Second" },
            "Second": { "Type": "Map", "ItemProcessor": one, "End": true },
        } });
        let expected = "/States/Second/ItemProcessor/States/Item Duplicate State name: Item";
        assert_eq!(found(&definition), [expected]);
    }

    #[test]
    fn a_branch_does_not_assign_what_is_assigned_around_it() {
        let inner = json!({ "Type": "Pass", "Assign": { "x": 1 }, "End": true });
        let definition = forked(json!({ "x": 0 }), inner.clone(), "{% $x %}");
        let expected = "/States/Fork/Branches[0]/States/Inner/Assign/x The variable name 'x' was already defined in a parent \
                        scope.";
        assert_eq!(found(&definition), [expected]);
        // What is assigned later is not defined yet.
        let mut later = forked(json!({}), inner, "none");
        later["States"]["Read"]["Assign"] = json!({ "x": 2 });
        assert_eq!(found(&later), [""; 0]);
    }

    #[test]
    fn what_a_branch_assigns_is_not_seen_outside() {
        let inner = json!({ "Type": "Pass", "Assign": { "own": 1 }, "Output": "{% $y %}", "End": true });
        let definition = forked(
            json!({ "y": 0 }),
            inner,
            "{% $own & $map([1], $string) & $nobody %}",
        );
        let expected = "/States/Read/Output Variable 'own' is possibly not defined.";
        assert_eq!(found(&definition), [expected]);
    }

    #[test]
    fn a_distributed_map_has_variables_of_its_own() {
        let processor = json!({ "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" }, "StartAt": "Item",
            "States": { "Item": { "Type": "Pass", "Assign": { "x": 1 }, "End": true } } });
        let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "Set", "States": {
            "Set": { "Type": "Pass", "Assign": { "x": 0 }, "Next": "All" },
            "All": { "Type": "Map", "ItemProcessor": processor, "End": true },
        } });
        assert_eq!(found(&definition), [""; 0]);
    }
}
