//! Intrinsic functions of JSONPath states: `States.Format('order {}', $.id)`. There are 18.

mod functions;
mod syntax;

use serde_json::Value;

use super::Failure;
use super::template::Scope;
use functions::Wrong;
pub(super) use functions::{digest, random_below};
use syntax::Argument;

/// Whether the value of a field that ends in `.$` calls a function.
pub(super) fn is_call(text: &str) -> bool {
    text.starts_with("States.")
}

/// What is wrong with a call, before it is made.
pub(super) fn problem(text: &str) -> Option<String> {
    match syntax::parse(text) {
        Ok(argument) => unknown(&argument),
        Err(error) => Some(error),
    }
}

/// The first function that there is not, here or among the arguments.
fn unknown(argument: &Argument<'_>) -> Option<String> {
    let Argument::Call { name, arguments } = argument else {
        return None;
    };
    if !functions::NAMES.contains(name) {
        return Some(format!("there is no intrinsic function '{name}'"));
    }
    arguments.iter().find_map(unknown)
}

/// The value of a call.
pub(super) fn call(text: &str, scope: &Scope<'_>) -> Result<Value, Failure> {
    let failed = |cause: String| {
        Failure::of_state(
            "States.IntrinsicFailure",
            format!("The function '{text}' had the following error: {cause}"),
        )
    };
    let argument = syntax::parse(text).map_err(failed)?;
    value(&argument, scope).map_err(|failed_call| match failed_call {
        // Recorded of a number whose length is asked for (stackd, dataflow_execution).
        FailedCall::Arguments(name) => Failure::runtime(format!(
            "There was an error while evaluating the intrinsic function: {text}. Invalid arguments in {name}"
        )),
        FailedCall::Otherwise(cause) => failed(cause),
    })
}

/// Why there is no value.
enum FailedCall<'a> {
    /// The function of this name does not take what it is given.
    Arguments(&'a str),
    Otherwise(String),
}

fn value<'a>(argument: &Argument<'a>, scope: &Scope<'_>) -> Result<Value, FailedCall<'a>> {
    match argument {
        Argument::Value(value) => Ok(value.clone()),
        Argument::Text(raw) => Ok(syntax::unescaped(raw).into()),
        Argument::Path(path) => scope.select(path).ok_or_else(|| {
            FailedCall::Otherwise(format!("the path '{path}' could not be found in the input"))
        }),
        Argument::Call { name, arguments } => {
            // A template keeps its escapes, which tell its own braces from places.
            let is_template = |index: usize| *name == "States.Format" && index == 0;
            let values = arguments
                .iter()
                .enumerate()
                .map(|(index, argument)| match argument {
                    Argument::Text(raw) if is_template(index) => Ok(Value::from(*raw)),
                    argument => value(argument, scope),
                });
            let called = functions::call(name, &values.collect::<Result<Vec<_>, _>>()?);
            called.map_err(|wrong| match wrong {
                Wrong::Arguments => FailedCall::Arguments(name),
                Wrong::Otherwise(cause) => FailedCall::Otherwise(cause),
            })
        }
    }
}

/// The paths that a call has among its arguments, and theirs; none of what is no call.
pub(super) fn paths(text: &str) -> Vec<&str> {
    let (mut found, mut open) = (Vec::new(), Vec::from_iter(syntax::parse(text)));
    while let Some(argument) = open.pop() {
        match argument {
            Argument::Path(path) => found.push(path),
            Argument::Call { arguments, .. } => open.extend(arguments),
            Argument::Value(_) | Argument::Text(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn called(text: &str) -> Result<Value, String> {
        let input = json!({ "id": 7, "name": "Ada", "list": [1, 2, 2, 3, 4], "json": "{\"a\":[1]}", "o": { "a": 1 },
            "start": 3, "template": "{} is {}" });
        let scope = Scope {
            jsonata: false,
            input: &input,
            context: &json!({ "State": { "Name": "s" } }),
            variables: &json!({ "v": { "x": "y" } }),
            result: None,
            error: None,
        };
        call(text, &scope).map_err(|failure| format!("{}: {}", failure.error, failure.cause))
    }

    #[test]
    fn every_function_gives_what_its_page_says() {
        for (text, expected) in [
            ("States.Format('{} of {}', $.id, $.name)", json!("7 of Ada")),
            ("States.Format($.template, 'x', true)", json!("x is true")),
            (
                r"States.Format('\{\} \'{}\' \\', $$.State.Name)",
                json!(r"{} 's' \"),
            ),
            ("States.StringToJson($.json)", json!({ "a": [1] })),
            ("States.JsonToString($.o)", json!("{\"a\":1}")),
            ("States.Array(1, 'a', $v.x, null)", json!([1, "a", "y", null])),
            ("States.Array()", json!([])),
            ("States.ArrayPartition($.list, 2)", json!([[1, 2], [2, 3], [4]])),
            ("States.ArrayContains($.list, 3)", json!(true)),
            ("States.ArrayContains($.list, 'a')", json!(false)),
            ("States.ArrayRange(1, 9, 2)", json!([1, 3, 5, 7, 9])),
            ("States.ArrayRange(5, 1, -2)", json!([5, 3, 1])),
            ("States.ArrayGetItem($.list, 4)", json!(4)),
            ("States.ArrayLength($.list)", json!(5)),
            ("States.ArrayUnique($.list)", json!([1, 2, 3, 4])),
            ("States.Base64Encode('Data')", json!("RGF0YQ==")),
            ("States.Base64Decode('RGF0YQ==')", json!("Data")),
            (
                "States.Hash('input data', 'SHA-1')",
                json!("aaff4a450a104cd177d28d18d74485e8cae074b7"),
            ),
            (
                "States.Hash('', 'MD5')",
                json!("d41d8cd98f00b204e9800998ecf8427e"),
            ),
            (
                "States.JsonMerge($.o, States.StringToJson('{\"b\":2}'), false)",
                json!({ "a": 1, "b": 2 }),
            ),
            ("States.MathAdd($.start, -1)", json!(2)),
            ("States.MathAdd(-1.5, 0)", json!(-1)),
            ("States.MathAdd(-0.5, 0.5)", json!(1)),
            ("States.MathAdd(-1.49, -1.5)", json!(-2)),
            ("States.MathAdd(-1.5, -1.51)", json!(-3)),
            ("States.StringToJson('')", json!(null)),
            ("States.StringToJson(' ')", json!(null)),
            ("States.StringToJson('-0')", json!(0)),
            ("States.Format('{}', $.o)", json!("{a=1}")),
            (
                "States.StringSplit('This.is+a,test', '.+,')",
                json!(["This", "is", "a", "test"]),
            ),
            ("States.MathRandom(4, 5)", json!(4)),
        ] {
            assert_eq!(called(text), Ok(expected), "{text}");
        }
        let uuid = called("States.UUID()").unwrap();
        assert_eq!(uuid.as_str().map(str::len), Some(36));
        let seeded = || called("States.MathRandom(1, 1000000, 42)").unwrap();
        assert_eq!(seeded(), seeded());
    }

    #[test]
    fn a_call_that_cannot_be_made_says_why() {
        for (text, said) in [
            ("States.Format('{}')", "placeholders"),
            ("States.Format('{}', $.none)", "could not be found"),
            ("States.ArrayGetItem($.list, 9)", "out of"),
            ("States.ArrayRange(1, 9, 0)", "step"),
            ("States.ArrayRange(1, 9000, 1)", "1000"),
            ("States.Hash('a', 'SHA-7')", "SHA-7"),
            ("States.JsonMerge($.o, $.o, true)", "false"),
            ("States.MathAdd(1)", "1 arguments"),
            ("States.Nothing(1)", "States.Nothing"),
            ("States.Array(1", "end"),
            ("States.StringToJson('{')", "JSON"),
        ] {
            let error = called(text).unwrap_err();
            assert!(
                error.starts_with("States.IntrinsicFailure") && error.contains(said),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn an_argument_of_another_kind_is_told_as_recorded() {
        assert_eq!(
            called("States.Array(States.ArrayLength($.id))").unwrap_err(),
            "States.Runtime: There was an error while evaluating the intrinsic function: \
             States.Array(States.ArrayLength($.id)). Invalid arguments in States.ArrayLength"
        );
    }

    #[test]
    fn a_definition_is_checked_before_it_runs() {
        assert_eq!(problem("States.Format('a {}', States.UUID())"), None);
        for text in [
            "States.Format('a",
            "States.Nope()",
            "States.Array(States.Nope())",
            r"States.Format('\x')",
        ] {
            assert!(problem(text).is_some(), "{text}");
        }
    }
}
