//! A Map state: its items, what each iteration gets, how many run at once, and how many may fail.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use super::choice::type_of;
use super::definition::{Definition, Notes};
use super::template::{Scope, expression};

/// How many of a Map's iterations may fail. Without any word, none may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tolerance {
    count: Option<f64>,
    percentage: Option<f64>,
}

/// The iterations of a Map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Iterations {
    pub(super) items: Vec<Value>,
    /// How many may run at the same time; 0 for all.
    pub(super) at_once: usize,
}

/// Looks at what a Map needs to begin, and notes what it comes to.
pub(super) fn look(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    notes: &mut Notes,
) -> Result<Iterations, Failure> {
    let reads = definition.state.get("ItemReader").is_some();
    let items = match definition.jsonata {
        // What a reader would read is known to the mock of a test alone.
        _ if reads => Vec::new(),
        true => expressed_items(definition, scope)?,
        false => named_items(definition, scope, notes)?,
    };
    let at_once = whole(definition, scope, "MaxConcurrency")?;
    notes.put("maxConcurrency", at_once.unwrap_or(0));
    Ok(Iterations {
        items,
        at_once: at_once.and_then(|most| usize::try_from(most).ok()).unwrap_or(0),
    })
}

/// How many of a Map's iterations may fail. Recorded: it is looked at once the Map has begun.
pub(super) fn tolerance(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    notes: &mut Notes,
) -> Result<Tolerance, Failure> {
    let count = whole(definition, scope, "ToleratedFailureCount")?;
    if let Some(count) = count {
        notes.put("toleratedFailureCount", count);
    }
    let percentage = percentage(definition, scope)?;
    if let Some(percentage) = percentage {
        notes.put("toleratedFailurePercentage", percentage);
    }
    Ok(Tolerance {
        count: count.map(|count| count as f64),
        percentage,
    })
}

/// The items at ItemsPath.
fn named_items(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    notes: &mut Notes,
) -> Result<Vec<Value>, Failure> {
    let path = definition.state["ItemsPath"].as_str().unwrap_or("$");
    let found = scope.select(path);
    let Some(Value::Array(items)) = found else {
        let shown = path.strip_prefix('$').filter(|rest| rest.starts_with('$'));
        let shown = shown.unwrap_or(path);
        return Err(Failure::runtime(format!(
            "Reference path \"{shown}\" must point to array."
        )));
    };
    notes.note_list("afterItemsPath", &items);
    Ok(items)
}

/// The items of a JSONata state: Items, or the input.
fn expressed_items(definition: &Definition<'_>, scope: &Scope<'_>) -> Result<Vec<Value>, Failure> {
    let Some(given) = definition.state.get("Items") else {
        return match scope.input {
            Value::Array(items) => Ok(items.clone()),
            other => Err(Failure::evaluation(
                format!("Map state input must be an array but was: {other}"),
                None,
            )),
        };
    };
    match scope.fill(given, "Items")? {
        Value::Array(items) => Ok(items),
        other => {
            let shown = given.as_str().and_then(expression).map_or("", str::trim);
            let cause = format!(
                "The JSONata expression '{shown}' specified for the field 'Items' returned an unexpected result \
                 type. Expected 'array', but was '{}' for value: {other}",
                type_of(&other)
            );
            Err(Failure::evaluation(cause, Some("Items")))
        }
    }
}

/// What an iteration gets for its item: the item itself, or what ItemSelector makes of it. `scope` has the effective
/// input, and the item in its context.
pub(super) fn selected(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    item: &Value,
) -> Result<Value, Failure> {
    let legacy = if definition.jsonata { "" } else { "Parameters" };
    for field in ["ItemSelector", legacy] {
        if let Some(template) = definition.state.get(field) {
            return scope.fill(template, field);
        }
    }
    Ok(item.clone())
}

/// What a test shows of a Map's iterations, and how many there are. `data` is what ItemReader has read, where there is
/// one. Nothing is known of items that are neither JSON nor lines of it.
pub(super) fn tested(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    iterations: Iterations,
    data: Option<&str>,
    notes: &mut Notes,
) -> Result<Option<usize>, Failure> {
    let items = match definition.state.get("ItemReader") {
        Some(reader) => match read(definition, reader, data.unwrap_or_default(), notes)? {
            Some(items) => items,
            None => return Ok(None),
        },
        None => iterations.items,
    };
    let mut inputs = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut whole = scope.context.clone();
        if let Value::Object(members) = &mut whole {
            members.insert("Map".to_owned(), context(index, item));
        }
        let scope = Scope {
            context: &whole,
            ..scope.clone()
        };
        inputs.push(selected(definition, &scope, item)?);
    }
    if definition.state.get("ItemSelector").is_some() {
        notes.note_list("afterItemSelector", &inputs);
    }
    let Some(batcher) = definition.state.get("ItemBatcher") else {
        return Ok(Some(inputs.len()));
    };
    let batches = batches(definition, scope, batcher, &inputs)?;
    notes.note_list("afterItemBatcher", &batches);
    Ok(Some(batches.len()))
}

/// The items in what a reader has read, as far as its format is read here.
fn read(
    definition: &Definition<'_>,
    reader: &Value,
    data: &str,
    notes: &mut Notes,
) -> Result<Option<Vec<Value>>, Failure> {
    let wrong = |cause: String| Failure::new("States.ItemReaderFailed", cause);
    let configuration = &reader["ReaderConfig"];
    let is_json = |text: &str| {
        serde_json::from_str(text).map_err(|error| wrong(format!("The data are not valid JSON: {error}")))
    };
    let found: Value = match configuration["InputType"].as_str() {
        None | Some("JSON") => is_json(data)?,
        Some("JSONL") => {
            let lines = data.lines().filter(|line| !line.trim().is_empty());
            lines
                .map(is_json)
                .collect::<Result<Vec<Value>, Failure>>()?
                .into()
        }
        Some(_) => return Ok(None),
    };
    let pointer = configuration["ItemsPointer"].as_str();
    let found = match pointer {
        Some(pointer) => found.pointer(pointer).cloned().unwrap_or_default(),
        None => found,
    };
    if pointer.is_some() && !definition.jsonata {
        notes.note("afterItemsPointer", &found);
    }
    match found {
        Value::Array(items) => Ok(Some(items)),
        other => Err(wrong(format!(
            "The items are no list, but of the type {}",
            type_of(&other)
        ))),
    }
}

/// The inputs of iterations that get several items each. Recorded: an item is its JSON text there.
fn batches(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    batcher: &Value,
    items: &[Value],
) -> Result<Vec<Value>, Failure> {
    let own = Definition {
        state: batcher,
        ..*definition
    };
    let limit = |field: &str| -> Result<usize, Failure> {
        let most = whole(&own, scope, field)?.filter(|most| *most > 0);
        Ok(most
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(usize::MAX))
    };
    let (most_items, most_bytes) = (limit("MaxItemsPerBatch")?, limit("MaxInputBytesPerBatch")?);
    let beside = match batcher.get("BatchInput") {
        Some(template) => Some(scope.fill(template, "BatchInput")?),
        None => None,
    };
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for item in items.iter().map(Value::to_string) {
        match batches.last_mut() {
            Some(batch) if batch.len() < most_items && bytes + item.len() <= most_bytes => {
                bytes += item.len();
                batch.push(item);
            }
            _ => {
                bytes = item.len();
                batches.push(vec![item]);
            }
        }
    }
    let batches = batches.into_iter().map(|items| match &beside {
        Some(beside) => json!({ "BatchInput": beside, "Items": items }),
        None => json!({ "Items": items }),
    });
    Ok(batches.collect())
}

/// The context's member `Map` for an item.
pub(super) fn context(index: usize, item: &Value) -> Value {
    json!({ "Item": { "Index": index, "Value": item } })
}

/// A whole number from 0 on, plain, by a path, or by an expression.
fn whole(definition: &Definition<'_>, scope: &Scope<'_>, field: &str) -> Result<Option<u64>, Failure> {
    let Some((value, path)) = definition.field(field, scope)? else {
        return Ok(None);
    };
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    match number {
        Some(number) => u64::try_from(number)
            .map(Some)
            .map_err(|_| Failure::runtime(format!("{field} cannot be negative."))),
        None => Err(not_a_number(field, "integer", &value, path)),
    }
}

fn percentage(definition: &Definition<'_>, scope: &Scope<'_>) -> Result<Option<f64>, Failure> {
    const FIELD: &str = "ToleratedFailurePercentage";
    let Some((value, path)) = definition.field(FIELD, scope)? else {
        return Ok(None);
    };
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    match number {
        Some(number) if (0.0..=100.0).contains(&number) => Ok(Some(number)),
        Some(_) => Err(Failure::runtime(format!("{FIELD} must be between 0 and 100."))),
        None => Err(not_a_number(FIELD, "float", &value, path)),
    }
}

fn not_a_number(field: &str, kind: &str, value: &Value, path: Option<&str>) -> Failure {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match path {
        Some(path) => Failure::runtime(format!(
            "The {field}Path field refers to value \"{shown}\" which is not a valid {kind}: {path}"
        )),
        None => Failure::evaluation(
            format!("The {field} field must be a valid {kind}, but was: {shown}"),
            Some(field),
        ),
    }
}

impl Tolerance {
    /// Whether so many failures are too many.
    pub(super) fn is_exceeded(&self, failures: usize, iterations: usize) -> bool {
        let (failures, iterations) = (failures as f64, iterations.max(1) as f64);
        match (self.count, self.percentage) {
            (None, None) => failures > 0.0,
            (count, percentage) => {
                count.is_some_and(|most| failures > most)
                    || percentage.is_some_and(|most| failures / iterations * 100.0 > most)
            }
        }
    }

    /// Whether the state says how many may fail.
    pub(super) fn is_given(&self) -> bool {
        self.count.is_some() || self.percentage.is_some()
    }

    /// The error of a Map of which too many iterations failed.
    pub(super) fn exceeded() -> Failure {
        Failure::new(
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(state: Value) -> Result<(Iterations, Tolerance), String> {
        let input = json!({ "items": [1, 2], "most": 3, "minus": -1, "odd": "x" });
        let scope = Scope {
            jsonata: false,
            input: &input,
            context: &Value::Null,
            variables: &Value::Null,
            result: None,
            error: None,
        };
        let definition = Definition::new(&state, None);
        let scope = Scope {
            jsonata: definition.jsonata,
            ..scope
        };
        let looked = look(&definition, &scope, &mut Notes::default());
        let both =
            looked.and_then(|items| Ok((items, tolerance(&definition, &scope, &mut Notes::default())?)));
        both.map_err(|failure| failure.cause)
    }

    #[test]
    fn items_and_limits_come_from_paths_and_expressions() {
        let by_path = json!({ "Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.most", "ToleratedFailureCount": 1 });
        let (found, tolerance) = looked(by_path).unwrap();
        assert_eq!((found.items, found.at_once), (vec![json!(1), json!(2)], 3));
        assert!(!tolerance.is_exceeded(1, 2) && tolerance.is_exceeded(2, 2));
        let by_expression = json!({ "Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $append($states.input.items, 3) %}" });
        assert_eq!(looked(by_expression).unwrap().0.items.len(), 3);
    }

    #[test]
    fn what_is_no_list_or_no_number_is_told_as_recorded() {
        for (state, said) in [
            (
                json!({ "Type": "Map" }),
                "Reference path \"$\" must point to array.",
            ),
            (
                json!({ "Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.odd" }),
                "The MaxConcurrencyPath field refers to value \"x\" which is not a valid integer: $.odd",
            ),
            (
                json!({ "Type": "Map", "ItemsPath": "$.items", "ToleratedFailureCountPath": "$.minus" }),
                "ToleratedFailureCount cannot be negative.",
            ),
            (
                json!({ "Type": "Map", "ItemsPath": "$.items", "ToleratedFailurePercentagePath": "$.minus" }),
                "ToleratedFailurePercentage must be between 0 and 100.",
            ),
            (
                json!({ "Type": "Map", "QueryLanguage": "JSONata", "Items": "{% 1 %}" }),
                "The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. \
                 Expected 'array', but was 'number' for value: 1",
            ),
        ] {
            assert_eq!(looked(state.clone()), Err(said.to_owned()), "{state}");
        }
    }
}
