//! `http_task(connection_arn, method, url, options…)`: a complete state for a state machine.

use serde_json::{Map, Value as Json, json};
use terraform_plugin::schema::{dynamic, string};
use terraform_plugin::{Function, FunctionError, Parameter, Signature, Type, Value};

use super::options::{Options, wrong};
use crate::http_task::{
    ConnectionArn, Language, METHODS, Task, TaskUrl, header, is_expression, is_path, malformed_expression,
    malformed_path,
};

pub struct HttpTask;

const OPTIONS: [&str; 10] = [
    "request_body",
    "headers",
    "query_parameters",
    "query_language",
    "idempotent",
    "next",
    "timeout_seconds",
    "comment",
    "request_body_encoding",
    "array_format",
];

impl Function for HttpTask {
    const NAME: &'static str = "http_task";
    type Arguments = (String, String, String, Vec<Value>);
    type Result = Json;

    fn signature() -> Signature {
        Signature::new(Type::Dynamic)
            .summary("A state that calls a private API, with retries for the first minutes.")
            .describe(
                "Returns a complete state for the `States` of a state machine: an HTTP task that calls `url` through a \
                 connection. It tries again while a new path or role is not known everywhere, and while the API is busy, for \
                 about eight minutes in all. What else a state can have (`Catch`, `ResultPath`, `Output`, …) is merged into \
                 it: `merge(provider::private::http_task(…), { Catch = [ … ] })`.\n\nThe options, all of which may be left \
                 out:\n\n\
                 - `request_body`: any value. In JSONPath a string such as `$.order`, or an intrinsic function such as \
                 `States.Format(…)`, is read from the input; within an object, name what is read as Amazon States Language \
                 does, `\"id.$\" = \"$.order.id\"`.\n\
                 - `headers`, `query_parameters`: maps. In JSONPath, values such as `$.id` are read from the input.\n\
                 - `query_language`: `JSONPath` (default), or `JSONata`, in which strings such as `{% $states.input.order %}` \
                 are evaluated.\n\
                 - `idempotent`: `false` where the API must not get the same request twice. A request that was sent and not \
                 answered then fails at once, also in the first minutes. Default: `true`.\n\
                 - `next`: the state that comes then. Default: the execution ends.\n\
                 - `timeout_seconds`, `comment`: of the state.\n\
                 - `request_body_encoding`: `URL_ENCODED` sends the body as a form, with lists as `array_format` says \
                 (`INDICES`, `REPEAT`, `COMMAS` or `BRACKETS`). Default: `NONE`, JSON.",
            )
            .parameter(
                "connection_arn",
                Parameter::new(string().describe("ARN of the connection: `connection_arn` of an invocation.")),
            )
            .parameter(
                "method",
                Parameter::new(
                    string()
                        .one_of(METHODS)
                        .describe("`GET`, `POST`, `PUT`, `DELETE`, `PATCH`, `OPTIONS` or `HEAD`."),
                ),
            )
            .parameter(
                "url",
                Parameter::new(string().describe(
                    "The URL to call, https, with the stage: \
                     `https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/orders`. May be read from the input, as the \
                     body may.",
                )),
            )
            .variadic(
                "options",
                Parameter::new(dynamic().describe("An object of options, or nothing.")),
            )
    }

    async fn call(&self, (arn, method, url, options): Self::Arguments) -> Result<Json, FunctionError> {
        let connection =
            ConnectionArn::parse(&arn).map_err(|error| FunctionError::argument(0, error.to_string()))?;
        if connection.id.is_none() {
            return Err(FunctionError::argument(
                0,
                format!(
                    "{arn:?} lacks the random part of a connection's ARN, which an HTTP task needs; give connection_arn, \
                     not connection_arn_for_policy"
                ),
            ));
        }
        let mut options = Options::of(&options, &OPTIONS)?;
        let language = match options.text("query_language")?.as_deref() {
            None | Some("JSONPath") => Language::JsonPath,
            Some("JSONata") => Language::Jsonata,
            Some(other) => {
                return Err(wrong(&format!(
                    "query_language must be JSONPath or JSONata; it is {other:?}"
                )));
            }
        };
        let is_read = match language {
            Language::JsonPath => is_path(&url),
            Language::Jsonata => is_expression(&url),
        };
        let refused = |why: String| FunctionError::argument(2, why);
        if language == Language::JsonPath && is_expression(&url) {
            return Err(refused(unread_expression(&url)));
        }
        if is_read {
            let why = malformed(language, &url);
            why.map_or(Ok(()), |why| Err(refused(why)))?;
        } else {
            TaskUrl::parse(&url).map_err(|error| refused(error.to_string()))?;
        }
        let mut arguments = Arguments::of(language);
        arguments.put("ApiEndpoint", url.into())?;
        arguments.put("Method", method.into())?;
        let headers = headers(given(options.map("headers")?))?;
        well_formed(language, "headers", headers.values())?;
        arguments.put_all("Headers", headers)?;
        let query = given(options.map("query_parameters")?);
        well_formed(language, "query_parameters", query.values())?;
        arguments.put_all("QueryParameters", query)?;
        if let Some(body) = options.any("request_body") {
            well_formed(language, "request_body", [&body])?;
            arguments.put("RequestBody", body)?;
        }
        if let Some(arrays) = form(&mut options)? {
            let form = json!({
                "RequestBodyEncoding": "URL_ENCODED",
                "RequestEncodingOptions": { "ArrayFormat": arrays },
            });
            arguments.put("Transform", form)?;
        }
        let task = Task {
            idempotent: options.flag("idempotent")?.unwrap_or(true),
            comment: options.text("comment")?,
            timeout: options.whole("timeout_seconds", 1, 99_999_999)?,
            next: options.text("next")?,
            ..Task::new(connection, language, arguments.members)
        };
        Ok(task.with_retries())
    }
}

/// Members of a task's arguments, named as its language wants it.
struct Arguments {
    language: Language,
    members: Map<String, Json>,
}

impl Arguments {
    fn of(language: Language) -> Self {
        Self {
            language,
            members: Map::new(),
        }
    }

    /// Puts a value in. In JSONPath, one that is read from the input has a name that ends with `.$`, and nothing evaluates a
    /// JSONata expression: it would be sent as it is.
    fn put(&mut self, name: &str, value: Json) -> Result<(), FunctionError> {
        let text = value.as_str().filter(|_| self.language == Language::JsonPath);
        if let Some(expression) = text.filter(|text| is_expression(text)) {
            return Err(wrong(&unread_expression(expression)));
        }
        let name = match text {
            Some(text) if is_path(text) => format!("{name}.$"),
            _ => name.to_owned(),
        };
        self.members.insert(name, value);
        Ok(())
    }

    /// Puts a map of values in, where there are any.
    fn put_all(&mut self, name: &str, values: Map<String, Json>) -> Result<(), FunctionError> {
        if values.is_empty() {
            return Ok(());
        }
        let mut inner = Self::of(self.language);
        for (member, value) in values {
            inner.put(&member, value)?;
        }
        self.members.insert(name.to_owned(), inner.members.into());
        Ok(())
    }
}

/// Why JSONPath does not take a JSONata expression.
fn unread_expression(text: &str) -> String {
    format!("{text:?} is a JSONata expression; set query_language = \"JSONata\"")
}

/// What is wrong with a text that is evaluated, a sentence; `None` for what is sent as it is, and for what may be right.
fn malformed(language: Language, text: &str) -> Option<String> {
    let (what, why) = match language {
        Language::JsonPath if is_path(text) && text.starts_with('$') => ("JSONPath", malformed_path(text)),
        Language::JsonPath if is_path(text) => ("intrinsic function", malformed_path(text)),
        Language::Jsonata if is_expression(text) => ("JSONata expression", malformed_expression(text)),
        _ => return None,
    };
    why.map(|why| format!("{text:?} is no {what}: {why}"))
}

/// Refuses what is certainly malformed of what an option has that is evaluated. Within objects, JSONPath evaluates what is
/// named so (`"id.$"`), and JSONata every text.
fn well_formed<'a>(
    language: Language,
    option: &str,
    values: impl IntoIterator<Item = &'a Json>,
) -> Result<(), FunctionError> {
    let refused =
        |text: &str| malformed(language, text).map_or(Ok(()), |why| Err(wrong(&format!("{option}: {why}"))));
    let mut open: Vec<_> = values.into_iter().map(|value| (value, true)).collect();
    while let Some((value, is_evaluated)) = open.pop() {
        match value {
            Json::String(text) if is_evaluated => refused(text)?,
            Json::Array(items) => {
                open.extend(items.iter().map(|item| (item, language == Language::Jsonata)));
            }
            Json::Object(members) => {
                for (name, member) in members {
                    let is_read = language == Language::JsonPath && name.ends_with(".$");
                    if is_read && !member.as_str().is_some_and(is_path) {
                        return Err(wrong(&format!(
                            "{option}: {name:?} is read from the input, and {member} is no JSONPath and no intrinsic function"
                        )));
                    }
                    open.push((member, is_read || language == Language::Jsonata));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// How lists are written into a form, where the body is one.
fn form(options: &mut Options) -> Result<Option<String>, FunctionError> {
    let encoding = options.text("request_body_encoding")?;
    let arrays = options.text("array_format")?;
    if let Some(arrays) = arrays.as_deref()
        && !["INDICES", "REPEAT", "COMMAS", "BRACKETS"].contains(&arrays)
    {
        return Err(wrong("array_format is INDICES, REPEAT, COMMAS or BRACKETS"));
    }
    match encoding.as_deref() {
        Some("URL_ENCODED") => Ok(Some(arrays.unwrap_or_else(|| "INDICES".to_owned()))),
        None | Some("NONE") if arrays.is_none() => Ok(None),
        None | Some("NONE") => Err(wrong(
            "array_format says how lists are written into a form; set request_body_encoding = \"URL_ENCODED\" with it",
        )),
        Some(_) => Err(wrong("request_body_encoding is URL_ENCODED or NONE")),
    }
}

/// The members that are given: null says that one is not, as it does elsewhere in a configuration.
fn given(mut members: Map<String, Json>) -> Map<String, Json> {
    members.retain(|_, value| !value.is_null());
    members
}

fn headers(given: Map<String, Json>) -> Result<Map<String, Json>, FunctionError> {
    if let Some(name) = given.keys().find(|name| !header::is_name(name)) {
        return Err(wrong(&format!(
            "{name:?} is not the name of a header: letters, digits and hyphens, such as x-trace-id"
        )));
    }
    match given.keys().find(|name| header::is_forbidden(name)) {
        Some(name) => Err(wrong(&format!(
            "the header {name:?} cannot be set by an HTTP task; credentials and the like belong in the connection"
        ))),
        None => Ok(given),
    }
}
