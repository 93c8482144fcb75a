//! What `cargo xtask verify-aws` found out about AWS, as a file: answers and times that stand in the place of what is
//! assumed here.
//!
//! ```json
//! {
//!   "version": 1,
//!   "recorded": "2026-12-01",
//!   "region": "eu-central-1",
//!   "facts": [
//!     { "id": "unique_lattice_names", "experiment": "configuration", "found": { "answer": true },
//!       "words": ["409 ConflictException: …"] },
//!     { "id": "connection", "experiment": "private-connection", "found": { "seconds": 171.0 } },
//!     { "id": "empty_key_clears", "experiment": "kms-key", "found": { "unsettled": "no key was given" } }
//!   ]
//! }
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::settings::Settings;
use crate::core::times::Times;
use crate::seed;

/// The one version of the format that is read.
pub const FACTS_VERSION: u32 = 1;

/// A file of facts.
///
/// ```
/// use local_aws::{Facts, Settings, Times};
///
/// let facts = Facts::parse(r#"{ "version": 1, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [
///     { "id": "shares_configurations", "experiment": "private-connection", "found": { "answer": false } },
///     { "id": "gateway", "experiment": "gateway", "found": { "seconds": 7.5 } }
/// ]}"#)?;
/// let (mut settings, mut times) = (Settings::default(), Times::default());
/// facts.apply(&mut settings, &mut times)?;
/// assert!(!settings.shares_configurations && times.gateway.as_millis() == 7500);
///
/// let unknown = r#"{ "version": 1, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [
///     { "id": "gatewy", "experiment": "gateway", "found": { "seconds": 7.5 } } ]}"#;
/// let refused = Facts::parse(unknown).unwrap_err();
/// assert!(refused.starts_with("facts[0].id: no switch and no time is called 'gatewy'"), "{refused}");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// [`FACTS_VERSION`].
    pub version: u32,
    /// The day, `2026-12-01`.
    pub recorded: String,
    /// The Region that was asked.
    pub region: String,
    /// One for each switch and time that was looked at.
    pub facts: Vec<Fact>,
    /// What came of an example of the provider. It is for people: nothing here follows from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<ExampleRun>,
}

/// How an example of the provider was made, moved and destroyed in the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleRun {
    /// The CLI and its version, `Terraform 1.11.4`.
    pub cli: String,
    /// What the invocation moved to.
    pub moved_to: String,
    /// Whether a call through the path was a part of it.
    pub called: bool,
    /// In the order in which they ended.
    pub steps: Vec<ExampleStep>,
}

/// A step of an example that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleStep {
    /// Its name: `create`, `plan`, `move`, `plan-moved`, `destroy`, `look`.
    pub step: String,
    /// How long it took.
    pub seconds: f64,
    /// Whether it ended in another way than it should.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// What the CLI said of a failure, in its own words, without ids of the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// What was found out about one switch or time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The name of the switch ([`Settings`]) or of the time ([`Times::table`]).
    pub id: String,
    /// The experiment that asked.
    pub experiment: String,
    /// What came of it.
    pub found: Found,
    /// What AWS said and showed, in its own words, without ids of the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The position of a switch, as the control API takes it.
    Answer(Value),
    /// How long a transition took: the moment at which it was first seen to be over.
    Seconds(f64),
    /// Why it is not known. What is assumed stays.
    Unsettled(String),
}

impl Facts {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// A text that names the field that is wrong: another version, a fact that is not known here, an answer that its
    /// switch does not take, a fact that is there twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        // The version first: what else is wrong with another one's text is beside the point.
        let value: Value = seed::text::read(text)?;
        if value["version"] != json!(FACTS_VERSION) {
            return Err(format!(
                "version: {} is not {FACTS_VERSION}, the one that is read here; run the verify-aws of this version",
                value["version"]
            ));
        }
        let facts: Self = seed::text::read(text)?;
        facts.apply(&mut Settings::default(), &mut Times::default())?;
        for (index, fact) in facts.facts.iter().enumerate() {
            if facts.facts[..index].iter().any(|earlier| earlier.id == fact.id) {
                return Err(format!("facts[{index}].id: '{}' is there twice", fact.id));
            }
        }
        Ok(facts)
    }

    /// Lays what is settled over switches and times.
    ///
    /// # Errors
    /// A text that names the field that is wrong.
    pub fn apply(&self, settings: &mut Settings, times: &mut Times) -> Result<(), String> {
        for (index, fact) in self.facts.iter().enumerate() {
            fact.apply(settings, times)
                .map_err(|error| format!("facts[{index}].{error}"))?;
        }
        Ok(())
    }
}

impl Fact {
    fn apply(&self, settings: &mut Settings, times: &mut Times) -> Result<(), String> {
        let id = &self.id;
        let is_time = times.table().iter().any(|(name, _)| name == id);
        let is_switch = settings.table().iter().any(|(name, _)| name == id);
        if !is_time && !is_switch {
            return Err(format!("id: no switch and no time is called '{id}'"));
        }
        match &self.found {
            Found::Unsettled(_) => {}
            Found::Answer(_) if is_time => {
                return Err(format!("found: '{id}' is a time; it takes seconds, no answer"));
            }
            Found::Seconds(_) if is_switch => {
                return Err(format!(
                    "found: '{id}' is a switch; it takes an answer, no seconds"
                ));
            }
            Found::Answer(answer) => {
                *settings = settings
                    .changed(&json!({ id: answer }))
                    .map_err(|error| format!("found.answer: {error}"))?;
            }
            Found::Seconds(seconds) => {
                let time = Duration::try_from_secs_f64(*seconds)
                    .map_err(|error| format!("found.seconds: {seconds}: {error}"))?;
                times.set(id, time).map_err(|error| format!("id: {error}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(version: u32, fact: &Value) -> String {
        let file = json!({ "version": version, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [fact] });
        Facts::parse(&file.to_string()).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let fact = |id: &str, found: Value| json!({ "id": id, "experiment": "e", "found": found });
        for (version, fact, told) in [
            (2, fact("gateway", json!({ "seconds": 1 })), "version: 2 is not 1"),
            (
                1,
                fact("gatway", json!({ "seconds": 1 })),
                "facts[0].id: no switch and no time is called 'gatway'",
            ),
            (
                1,
                fact("gateway", json!({ "answer": true })),
                "facts[0].found: 'gateway' is a time",
            ),
            (
                1,
                fact("gateway", json!({ "seconds": -1 })),
                "facts[0].found.seconds: -1",
            ),
            (
                1,
                fact("active_at_once", json!({ "seconds": 1 })),
                "facts[0].found: 'active_at_once' is a switch",
            ),
            (
                1,
                fact("association_tag", json!({ "answer": "green" })),
                "facts[0].found.answer: unknown variant `green`",
            ),
            (
                1,
                fact("gateway", json!({ "guess": 1 })),
                "facts[0].found: unknown variant `guess`",
            ),
            (1, json!({ "id": "gateway" }), "facts[0]: missing field"),
        ] {
            let error = refused(version, &fact);
            assert!(error.starts_with(told), "{error}\n{told}");
        }
    }

    #[test]
    fn what_came_of_an_example_is_read_and_changes_nothing() {
        let mut file = json!({ "version": 1, "recorded": "2026-12-01", "region": "eu-central-1", "facts": [], "example": {
            "cli": "Terraform 1.11.4", "moved_to": "another gateway", "called": false, "steps": [
                { "step": "create", "seconds": 171.0 },
                { "step": "move", "seconds": 3.5, "failed": true, "words": ["denied"] } ] } });
        let facts = Facts::parse(&file.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&facts).unwrap(), file);
        let (mut settings, mut times) = (Settings::default(), Times::default());
        facts.apply(&mut settings, &mut times).unwrap();
        assert_eq!((settings, times), (Settings::default(), Times::default()));

        file["example"]["steps"][1]["second"] = json!(1);
        let refused = Facts::parse(&file.to_string()).unwrap_err();
        assert!(
            refused.contains("example.steps[1]") && refused.contains("second"),
            "{refused}"
        );
    }

    #[test]
    fn what_is_unsettled_changes_nothing() {
        let fact = Fact {
            id: "connection".to_owned(),
            experiment: "e".to_owned(),
            found: Found::Unsettled("denied".to_owned()),
            words: Vec::new(),
        };
        let (mut settings, mut times) = (Settings::default(), Times::default());
        fact.apply(&mut settings, &mut times).unwrap();
        assert_eq!((settings, times), (Settings::default(), Times::default()));
    }
}
