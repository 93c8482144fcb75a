//! A resource as a state file keeps it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// One resource in a state file: what another version of the provider, or another provider, left there.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub(super) provider: String,
    pub(super) type_name: String,
    pub(super) version: i64,
    pub(super) state: serde_json::Value,
    /// The same state as it is written, which keeps the digits of large numbers.
    pub(super) json: Vec<u8>,
    pub(super) private: Vec<u8>,
    pub(super) identity: Option<(i64, serde_json::Value)>,
}

impl Stored {
    /// A resource of that provider (its source address) and type, with the version of the schema under which `state`
    /// was written.
    pub fn new(provider: &str, type_name: &str, version: i64, state: serde_json::Value) -> Self {
        Self {
            provider: provider.to_owned(),
            type_name: type_name.to_owned(),
            version,
            json: state.to_string().into_bytes(),
            state,
            private: Vec::new(),
            identity: None,
        }
    }

    /// The resource at `address` (`module.m.private_api_invocation.orders["key"]`) in the text of a state file: what an
    /// earlier release, or a provider on another framework, left there.
    ///
    /// ```
    /// use terraform_plugin::testing::Stored;
    ///
    /// let state = r#"{ "version": 4, "resources": [{
    ///     "mode": "managed", "type": "lab_machine", "name": "main",
    ///     "provider": "provider[\"registry.terraform.io/example/lab\"]",
    ///     "instances": [{ "schema_version": 1, "attributes": { "id": "m-1" }, "private": "bnVsbA==" }]
    /// }] }"#;
    /// let machine = Stored::in_state_file(state, "lab_machine.main")?;
    /// assert_eq!(machine.state()["id"], "m-1");
    /// # Ok::<(), terraform_plugin::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    /// The text is no state of the format's version 4, or has no such resource.
    pub fn in_state_file(text: &str, address: &str) -> Result<Self, Diagnostics> {
        let file: StateFile = serde_json::from_str(text).map_err(Diagnostic::because(
            "The text is no state file of format version 4",
        ))?;
        let mut others = Vec::new();
        for resource in file
            .resources
            .iter()
            .filter(|resource| resource.mode == "managed")
        {
            for instance in &resource.instances {
                let found = resource.address(instance);
                if found == address {
                    return Self::of(resource, instance);
                }
                others.push(found);
            }
        }
        let detail = format!("It has: {}.", others.join(", "));
        Err(Diagnostic::error(format!("The state has no {address}"), detail).into())
    }

    fn of(resource: &ResourceInFile, instance: &InstanceInFile) -> Result<Self, Diagnostics> {
        let address = resource.provider.split('"').nth(1).unwrap_or_default();
        let private = STANDARD
            .decode(&instance.private)
            .map_err(Diagnostic::because("The private data are no base64"))?;
        let mut stored = Self::new(
            address,
            &resource.r#type,
            instance.schema_version,
            serde_json::Value::Null,
        )
        .with_json(instance.attributes.get().as_bytes().to_vec())
        .with_private(private);
        if let Some(identity) = &instance.identity {
            stored = stored.with_identity(instance.identity_schema_version, identity.clone());
        }
        Ok(stored)
    }

    /// The same with the state as a state file has it.
    pub(super) fn with_json(mut self, json: Vec<u8>) -> Self {
        self.state = serde_json::from_slice(&json).unwrap_or_default();
        self.json = json;
        self
    }

    /// The same with an identity, and the version of its schema.
    #[must_use]
    pub fn with_identity(mut self, version: i64, identity: serde_json::Value) -> Self {
        self.identity = Some((version, identity));
        self
    }

    /// The same with private data.
    #[must_use]
    pub fn with_private(mut self, private: impl Into<Vec<u8>>) -> Self {
        self.private = private.into();
        self
    }

    /// The state as JSON. Numbers of more than 64 bits lose digits here, and only here.
    pub fn state(&self) -> &serde_json::Value {
        &self.state
    }

    /// The identity as JSON, with the version of its schema.
    pub fn identity(&self) -> Option<(i64, &serde_json::Value)> {
        self.identity
            .as_ref()
            .map(|(version, identity)| (*version, identity))
    }
}

/// The state file's format, as far as it says something of resources.
#[derive(Deserialize)]
struct StateFile {
    resources: Vec<ResourceInFile>,
}

#[derive(Deserialize)]
struct ResourceInFile {
    module: Option<String>,
    mode: String,
    r#type: String,
    name: String,
    provider: String,
    instances: Vec<InstanceInFile>,
}

#[derive(Deserialize)]
struct InstanceInFile {
    index_key: Option<serde_json::Value>,
    schema_version: i64,
    /// Unread, since numbers may have more digits than a JSON value keeps.
    attributes: Box<RawValue>,
    #[serde(default)]
    private: String,
    identity: Option<serde_json::Value>,
    #[serde(default)]
    identity_schema_version: i64,
}

impl ResourceInFile {
    fn address(&self, instance: &InstanceInFile) -> String {
        let module = self.module.as_ref().map(|module| format!("{module}."));
        let index = instance.index_key.as_ref().map(|key| format!("[{key}]"));
        let (module, index) = (module.unwrap_or_default(), index.unwrap_or_default());
        format!("{module}{}.{}{index}", self.r#type, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(more: &str) -> String {
        format!(
            r#"{{"version":4,"outputs":{{}},"resources":[{{"mode":"data","type":"x_y","name":"a","provider":"p","instances":
               [{{"schema_version":0,"attributes":{{}}}}]}},{{"mode":"managed","type":"x_y","name":"a",{more}}}]}}"#
        )
    }

    #[test]
    fn a_resource_is_found_by_its_address() {
        let text = file(
            r#""module":"module.m","provider":"module.m.provider[\"registry.opentofu.org/a/x\"].west","instances":[
               {"index_key":"k","schema_version":3,"attributes":{"n":12345678901234567890123},"private":"e30=",
                "identity":{"id":"i"},"identity_schema_version":2},
               {"index_key":0,"schema_version":3,"attributes":{}}]"#,
        );
        let found = Stored::in_state_file(&text, r#"module.m.x_y.a["k"]"#).expect("found");
        assert_eq!(
            (found.provider.as_str(), found.version),
            ("registry.opentofu.org/a/x", 3)
        );
        assert_eq!(found.json, br#"{"n":12345678901234567890123}"#);
        assert_eq!(found.private, b"{}");
        assert_eq!(found.identity(), Some((2, &serde_json::json!({"id": "i"}))));
        assert!(Stored::in_state_file(&text, "module.m.x_y.a[0]").is_ok());

        let missing = Stored::in_state_file(&text, "x_y.a")
            .expect_err("missing")
            .to_string();
        assert!(
            missing.contains(r#"module.m.x_y.a["k"], module.m.x_y.a[0]"#),
            "{missing}"
        );
    }

    #[test]
    fn what_is_no_state_file_is_told() {
        let private = r#""provider":"p","instances":[{"schema_version":0,"attributes":{},"private":"?"}]"#;
        for text in ["", "{}", r#"{"version":3,"modules":[]}"#, &file(private)] {
            assert!(Stored::in_state_file(text, "x_y.a").is_err(), "{text}");
        }
    }
}
