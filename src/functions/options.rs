//! The last argument of a function, which may be left out: an object whose attributes may all be left out.
//!
//! Core demands every attribute of a parameter that is an object, so these come in a variadic parameter of any type, and are
//! checked here.

use serde_json::{Map, Number, Value as Json};
use terraform_plugin::{FunctionError, Value};

/// The options that were given and not yet taken.
pub struct Options(Map<String, Json>);

impl Options {
    /// Takes the variadic arguments: none, or one object with some of these attributes.
    ///
    /// # Errors
    /// More than one, another type, or an attribute that is not among these.
    pub fn of(arguments: &[Value], names: &[&str]) -> Result<Self, FunctionError> {
        if arguments.len() > 1 {
            return Err(FunctionError::variadic(
                1,
                "there is one object of options; put all of them into it",
            ));
        }
        let given = match arguments.first().map(json) {
            None => Map::new(),
            Some(Json::Object(given)) => given,
            Some(_) => {
                return Err(wrong(&format!(
                    "options are an object, such as {{ {} = … }}",
                    names[0]
                )));
            }
        };
        if let Some(name) = given.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(wrong(&format!(
                "there is no option {name:?}; there are {}",
                names.join(", ")
            )));
        }
        // As for attributes, null is as good as left out.
        Ok(Self(
            given.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        ))
    }

    /// A value of any type.
    pub fn any(&mut self, name: &str) -> Option<Json> {
        self.0.remove(name)
    }

    /// # Errors
    /// It is no string, or an empty one.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, FunctionError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Json::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(wrong(&format!("{name} must be a string that is not empty"))),
        }
    }

    /// # Errors
    /// It is no boolean.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, FunctionError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(wrong(&format!("{name} must be true or false"))),
        }
    }

    /// # Errors
    /// It is no whole number, or not between these.
    pub fn whole(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>, FunctionError> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        let number =
            number.ok_or_else(|| wrong(&format!("{name} must be a whole number from {least} to {most}")));
        number.map(Some)
    }

    /// # Errors
    /// It is no list of strings, or an empty one: that says "none", and would count as left out.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, FunctionError> {
        let refused = || wrong(&format!("{name} must be a list of strings"));
        match self.0.remove(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(all)) if all.is_empty() => Err(wrong(&format!(
                "{name} is empty, and a policy has to allow something; name one at least, or leave {name} out to allow all"
            ))),
            Some(Json::Array(all)) => {
                let texts = all.iter().map(|one| one.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().ok_or_else(refused)
            }
            Some(_) => Err(refused()),
        }
    }

    /// # Errors
    /// It is no map.
    pub fn map(&mut self, name: &str) -> Result<Map<String, Json>, FunctionError> {
        match self.0.remove(name) {
            None => Ok(Map::new()),
            Some(Json::Object(members)) => Ok(members),
            Some(_) => Err(wrong(&format!("{name} must be a map"))),
        }
    }
}

/// What is wrong with the options; a clause.
pub fn wrong(text: &str) -> FunctionError {
    FunctionError::variadic(0, text)
}

/// The value as JSON; wholly known, as arguments are.
fn json(value: &Value) -> Json {
    match value.plain() {
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => {
            let number: Option<Number> = number.to_string().parse().ok();
            number.map_or(Json::Null, Json::Number)
        }
        Value::String(text) => Json::String(text.clone()),
        Value::List(elements) | Value::Tuple(elements) => elements.iter().map(json).collect(),
        Value::Set(elements) => elements.iter().map(json).collect(),
        Value::Map(members) | Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), json(value)));
            Json::Object(members.collect())
        }
        Value::Dynamic(..) | Value::Unknown(_) | Value::Null => Json::Null,
    }
}
