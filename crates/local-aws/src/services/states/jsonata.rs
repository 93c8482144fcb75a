//! JSONata expressions of states: what they can name, the functions that Step Functions adds, and its limits.

mod growth;

use std::panic::AssertUnwindSafe;

use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::{Map, Number, Value};

use super::Failure;
use super::intrinsics::{digest, random_below};
use super::template::Scope;
use crate::core::ids;

/// What an evaluation may take: an expression that does not end must not stop everything else.
const LIMITS: EvaluatorOptions = EvaluatorOptions {
    timeout_ms: Some(1000),
    cancel: None,
    max_stack_depth: Some(1000),
    max_sequence_length: Some(1_000_000),
};

/// The largest number up to which every whole number is one of its own (2^53).
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What is wrong with an expression, before it is evaluated.
pub(super) fn problem(expression: &str) -> Option<String> {
    parser::parse(expression).err().map(|error| error.to_string())
}

/// The variables of the state machine that an expression refers to: all but `$states` and its own.
pub(super) fn variables(expression: &str) -> Vec<String> {
    let (mut named, mut own) = (Vec::new(), vec!["states".to_owned(), String::new()]);
    let parsed = parser::parse(expression).ok();
    let mut open: Vec<Value> = parsed
        .and_then(|parsed| serde_json::to_value(parsed).ok())
        .into_iter()
        .collect();
    // The syntax tree has every name at a node of its own; a function's parameters and what `:=` binds are its own.
    while let Some(node) = open.pop() {
        match node {
            Value::Array(items) => open.extend(items),
            Value::Object(mut members) => {
                if let Some(Value::String(name)) = members.get("Variable") {
                    named.push(name.clone());
                }
                if let Some(Value::Array(parameters)) = members.remove("params") {
                    own.extend(parameters.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                if members.get("op").is_some_and(|op| op == "ColonEqual") {
                    own.extend(members["lhs"]["Variable"].as_str().map(str::to_owned));
                }
                open.extend(members.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    named.retain(|name| !own.contains(name));
    named
}

/// Whether an expression asks for `$states.result`.
pub(super) fn asks_for_result(expression: &str) -> bool {
    let Ok(mut parsed) = parser::parse(expression) else {
        return false;
    };
    let mut open = vec![&mut parsed];
    while let Some(node) = open.pop() {
        if let AstNode::Path { steps } = &*node
            && let [first, second, ..] = steps.as_slice()
            && matches!(&first.node, AstNode::Variable(name) if name == "states")
            && matches!(&second.node, AstNode::Name(name) if name == "result")
        {
            return true;
        }
        open.extend(growth::children(node));
    }
    false
}

/// The value of an expression in a field.
pub(super) fn evaluate(expression: &str, scope: &Scope<'_>, field: &str) -> Result<Value, Failure> {
    let expression = expression.trim();
    let failed = |what: &str| {
        let cause = format!("The JSONata expression '{expression}' specified for the field '{field}' {what}");
        Failure::evaluation(cause, Some(field))
    };
    let threw = |error: &dyn std::fmt::Display| {
        let error = error.to_string();
        // Of the two ways to go on that are recorded, this error has the one with a colon.
        let mark = if error == growth::EXCEEDED { ':' } else { '.' };
        failed(&format!("threw an error during evaluation{mark} {error}"))
    };
    let mut parsed = parser::parse(expression).map_err(|error| threw(&error))?;
    growth::guard(&mut parsed);
    let mut context = Context::new();
    context.bind("states".to_owned(), to_jsonata(&scope.states()));
    for (name, value) in scope.variables.as_object().into_iter().flatten() {
        context.bind(name.clone(), to_jsonata(value));
    }
    let mut evaluator = Evaluator::with_options(context, LIMITS);
    add_functions(&mut evaluator).map_err(|error| threw(&error.message()))?;
    growth::add_scale(&mut evaluator).map_err(|error| threw(&error.message()))?;
    // What the evaluator does not expect is a panic: `$fromMillis(0, '[Y,99]')`. Nothing that it has is used again.
    let value = std::panic::catch_unwind(AssertUnwindSafe(|| {
        evaluator.evaluate(&parsed, &JValue::Undefined)
    }));
    let value = value.map_err(|_| threw(&"It cannot be evaluated"))?;
    let value = value.map_err(|error| threw(&error.message()))?;
    if !growth::is_bearable(&value) {
        return Err(threw(&growth::EXCEEDED));
    }
    match from_jsonata(&value) {
        Some(found) => Ok(found),
        None if value.is_undefined() => Err(failed("returned nothing (undefined).")),
        None => Err(failed("returned an unsupported result type.")),
    }
}

fn to_jsonata(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(flag) => JValue::Bool(*flag),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => JValue::string(text.as_str()),
        Value::Array(items) => JValue::array(items.iter().map(to_jsonata).collect()),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), to_jsonata(value)));
            JValue::object(members.collect())
        }
    }
}

/// A value as JSON; `None` for what JSON does not have. Whole numbers have no fraction.
fn from_jsonata(value: &JValue) -> Option<Value> {
    Some(match value {
        JValue::Null => Value::Null,
        JValue::Bool(flag) => Value::Bool(*flag),
        JValue::Number(number) if number.fract() == 0.0 && number.abs() < WHOLE => (*number as i64).into(),
        JValue::Number(number) => Value::Number(Number::from_f64(*number)?),
        JValue::String(text) => Value::from(&**text),
        JValue::Array(items) => items
            .iter()
            .filter(|item| !item.is_undefined())
            .map(from_jsonata)
            .collect::<Option<_>>()?,
        JValue::Object(members) => {
            let mut out = Map::new();
            for (name, value) in members.iter().filter(|(_, value)| !value.is_undefined()) {
                out.insert(name.clone(), from_jsonata(value)?);
            }
            Value::Object(out)
        }
        JValue::Undefined | JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => return None,
    })
}

fn wrong(message: impl Into<String>) -> EvaluatorError {
    EvaluatorError::EvaluationError(message.into())
}

/// A number among the arguments.
fn number(arguments: &[JValue], index: usize) -> Result<f64, EvaluatorError> {
    let found = arguments.get(index).and_then(JValue::as_f64);
    found.ok_or_else(|| wrong(format!("argument {} must be a number", index + 1)))
}

/// The functions that Step Functions has beside those of JSONata ("Transforming data with JSONata"); `$eval` it has
/// not.
fn add_functions(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    evaluator.register_fn("partition", |arguments: &[JValue]| {
        let size = number(arguments, 1)?.floor();
        let items = match arguments.first() {
            Some(JValue::Array(items)) => items,
            _ => return Err(wrong("argument 1 must be an array")),
        };
        if size < 1.0 {
            return Err(wrong("argument 2 must be at least 1"));
        }
        let parts = items.chunks(size as usize);
        Ok(JValue::array(
            parts.map(|part| JValue::array(part.to_vec())).collect(),
        ))
    })?;
    evaluator.register_fn("range", |arguments: &[JValue]| {
        let (first, last, step) = (
            number(arguments, 0)?,
            number(arguments, 1)?,
            number(arguments, 2)?,
        );
        let count = ((last - first) / step).floor() + 1.0;
        if step == 0.0 || !count.is_finite() || count > 1_000_000.0 {
            return Err(wrong("a range has a step other than 0 and at most 1000000 items"));
        }
        // A sequence of one item is the item, as everywhere in JSONata.
        if count == 1.0 {
            return Ok(JValue::Number(first));
        }
        let items = (0..count.max(0.0) as u64).map(|index| JValue::Number(first + index as f64 * step));
        Ok(JValue::array(items.collect()))
    })?;
    evaluator.register_fn("hash", |arguments: &[JValue]| {
        let data = match arguments.first() {
            Some(JValue::String(text)) => text.to_string(),
            Some(other) => other.to_json_string().map_err(|error| wrong(error.to_string()))?,
            None => return Err(wrong("argument 1 is missing")),
        };
        let algorithm = arguments.get(1).and_then(JValue::as_str).unwrap_or_default();
        digest(&data, algorithm).map(JValue::string).map_err(wrong)
    })?;
    evaluator.register_fn("uuid", |_: &[JValue]| Ok(JValue::string(ids::uuid())))?;
    evaluator.register_fn("parse", |arguments: &[JValue]| {
        let text = arguments.first().and_then(JValue::as_str);
        let text = text.ok_or_else(|| wrong("argument 1 must be a string"))?;
        serde_json::from_str(text)
            .map(|value| to_jsonata(&value))
            .map_err(|error| wrong(format!("argument 1 is not JSON: {error}")))
    })?;
    evaluator.register_fn_override("random", |arguments: &[JValue]| {
        let seed = arguments.first().and_then(JValue::as_f64);
        Ok(JValue::Number(random_below(seed.map(|seed| seed as i64))))
    })?;
    evaluator.register_fn_override("eval", |_: &[JValue]| {
        Err(wrong(
            "$eval is not a function of Step Functions: $parse reads JSON",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evaluated(expression: &str) -> Result<Value, String> {
        let input = json!({ "id": 7, "items": [{ "n": 1, "on": true }, { "n": 2.5, "on": false }], "list": [1, 2, 3], "none": null,
            "text": "{\"a\":1}" });
        let scope = Scope {
            jsonata: true,
            input: &input,
            context: &json!({ "Execution": { "Name": "e" } }),
            variables: &json!({ "tenant": { "name": "t" }, "big": 9007199254740991_i64 }),
            result: Some(&json!({ "StatusCode": 200 })),
            error: None,
        };
        evaluate(expression, &scope, "Output/x").map_err(|failure| failure.cause)
    }

    #[test]
    fn expressions_compute() {
        for (expression, expected) in [
            ("$states.input.id", json!(7)),
            ("$states.context.Execution.Name", json!("e")),
            ("$states.result.StatusCode = 200", json!(true)),
            ("$tenant.name & '!'", json!("t!")),
            ("$big", json!(9_007_199_254_740_991_i64)),
            ("$sum($states.input.items.n)", json!(3.5)),
            ("$states.input.items[on].n", json!(1)),
            ("$states.input.list[$ > 1]", json!([2, 3])),
            (
                "$map($states.input.list, function($v) { $v * 2 })",
                json!([2, 4, 6]),
            ),
            ("$states.input.none", json!(null)),
            ("{ 'a': $states.input.missing, 'b': 1 }", json!({ "b": 1 })),
            ("$partition($states.input.list, 2)", json!([[1, 2], [3]])),
            ("$range(0, 6, 3)", json!([0, 3, 6])),
            ("$range(1, 1, 3)", json!(1)),
            (
                "$hash('input data', 'SHA-1')",
                json!("aaff4a450a104cd177d28d18d74485e8cae074b7"),
            ),
            ("$parse($states.input.text)", json!({ "a": 1 })),
            ("$length($uuid())", json!(36)),
            ("$random(3) = $random(3)", json!(true)),
            ("$uppercase('a') ~> $append('b')", json!(["A", "b"])),
            ("'a' & 1 & null & missing & [2] & 'z'", json!("a1null[2]z")),
            ("$states.input.items.('n' & n)", json!(["n1", "n2.5"])),
            ("['a', 'b'] ~> $join('-') ~> $replace('b', 'c')", json!("a-c")),
            ("$map(['a', 'b'], $pad(?, 3, '.'))", json!(["a..", "b.."])),
            ("'a' ~> $pad(?, 3, '.')", json!("a..")),
            (
                "$replace('a1b2', /[0-9]/, function($m) { '<' & $m.match & '>' })",
                json!("a<1>b<2>"),
            ),
            ("$replace('a1b2', /([0-9])/, '$1$1', 1)", json!("a11b2")),
            ("('abc').$pad(-5, '#')", json!("##abc")),
            ("$string({ 'a': [1, 'b'] })", json!("{\"a\":[1,\"b\"]}")),
            ("[]", json!([])),
        ] {
            assert_eq!(evaluated(expression), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused_before_it_does() {
        for expression in [
            "$pad('', 1e9)",
            "'x' ~> $pad(-1e9, '#')",
            "$map(['x'], $pad(?, 1e9))",
            "$fromMillis(0, '[Y,100000000]')",
            "$map([1, 2], function($n) { $pad('', $n * 1e9) })",
            "$reduce([1..40], function($so_far, $n) { $so_far & $so_far }, 'x')",
            "$join($map([1..200], function($n) { '' }), $pad('', 200000))",
            "$replace($pad('', 5000, 'a'), 'a', $pad('', 5000))",
            "$replace($pad('', 5000, 'a'), /(a+)/, $pad('', 10000, '$1'))",
            "($s := $pad('', 200000); $string($map([1..200], function($n) { $s })))",
            "($s := $pad('', 200000); $map([1..200], function($n) { $s }))",
        ] {
            let cause = evaluated(expression).unwrap_err();
            assert!(
                cause.ends_with(
                    "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for \
                     excessive memory usage"
                ),
                "{expression}: {cause}"
            );
        }
    }

    #[test]
    fn it_is_known_what_asks_for_the_result_of_a_state() {
        for asking in [
            "$states.result",
            "$sum($states.result.n)",
            "{ 'a': $states.result }",
        ] {
            assert!(asks_for_result(asking), "{asking}");
        }
        for other in ["$states.input.result", "$result", "result", "'$states.result'"] {
            assert!(!asks_for_result(other), "{other}");
        }
    }

    #[test]
    fn many_texts_are_put_together() {
        let expression = vec!["'a'"; 400].join(" & ");
        assert_eq!(evaluated(&expression), Ok("a".repeat(400).into()));
    }

    #[test]
    fn what_gives_no_json_is_an_error_that_names_expression_and_field() {
        for (expression, said) in [
            (
                "$nobody",
                "The JSONata expression '$nobody' specified for the field 'Output/x' returned nothing (undefined).",
            ),
            ("function($x) { $x }", "unsupported result type"),
            ("$states.input.id.(", "threw an error"),
            ("$nosuch(1)", "T1006"),
            ("$eval('1')", "$parse"),
            ("$partition(1, 2)", "must be an array"),
            ("($f := function() { $f() + 1 }; $f())", "threw an error"),
            ("$fromMillis(0, '[Y,99]')", "threw an error"),
            ("($f := function() { $f() }; $f())", "threw an error"),
        ] {
            let cause = evaluated(expression).unwrap_err();
            assert!(cause.contains(said), "{expression}: {cause}");
        }
    }
}
