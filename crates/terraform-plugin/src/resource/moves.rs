//! Moves: state of another resource type or provider that becomes a resource of this type (`moved` blocks).

use std::{fmt, sync::Arc};

use serde::de::DeserializeOwned;

use super::{State, upgrade::read_stored};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    model, private,
    schema::{Schema, Violation},
    value::codec::CodecError,
};

/// What is moved: the state of another type, as the provider that wrote it left it.
#[derive(Clone, Debug)]
pub struct MoveSource {
    pub(crate) provider: String,
    pub(crate) type_name: String,
    pub(crate) schema_version: i64,
    pub(crate) state: Vec<u8>,
    pub(crate) private: Vec<u8>,
    pub(crate) identity: Option<Vec<u8>>,
    pub(crate) identity_schema_version: i64,
}

impl MoveSource {
    /// The source address of the provider that it comes from, `registry.terraform.io/hashicorp/null`.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The resource type that it comes from.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The schema version under which its state was written.
    pub fn schema_version(&self) -> i64 {
        self.schema_version
    }

    /// Its state as JSON.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn json(&self) -> Result<serde_json::Value, Diagnostics> {
        read_json(&self.state, "state")
    }

    /// Its private data of that key, where they are kept as this framework keeps them.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        private::read(&self.private).remove(key)
    }

    /// Its private data as they were stored. Each provider has a form of its own.
    pub fn private_bytes(&self) -> &[u8] {
        &self.private
    }

    /// Its identity, if it has one.
    ///
    /// # Errors
    /// The identity does not fit.
    pub fn identity<I: DeserializeOwned>(&self) -> Result<Option<I>, Diagnostics> {
        let Some(identity) = &self.identity else {
            return Ok(None);
        };
        serde_json::from_slice(identity).map(Some).map_err(|err| {
            // serde_json's text would quote the identity; the place is enough.
            let detail = format!("The source's identity does not fit, at column {}.", err.column());
            Diagnostic::error("Unreadable identity", detail).into()
        })
    }

    /// The schema version under which its identity was written.
    pub fn identity_schema_version(&self) -> i64 {
        self.identity_schema_version
    }

    /// Whether it comes from that provider: a whole address, or `namespace/type` on any registry.
    fn is_of(&self, provider: &str) -> bool {
        let rest = self.provider.strip_suffix(provider);
        rest.is_some_and(|host| host.is_empty() || host.ends_with('/'))
    }
}

pub(super) fn read_json(stored: &[u8], what: &str) -> Result<serde_json::Value, Diagnostics> {
    serde_json::from_slice(stored).map_err(|_| {
        Diagnostic::error(format!("Unreadable {what}"), format!("The {what} is no JSON.")).into()
    })
}

type Run<M> = dyn Fn(&MoveSource, &State<M>) -> Result<(), MoveError> + Send + Sync;

/// Why a mover did not come to its end.
enum MoveError {
    /// The source does not fit this mover; another may take it.
    Unsuitable(String),
    Failed(Diagnostics),
}

/// From what a resource type can be moved: providers and types, each with the code that turns the one's state into
/// the other's.
///
/// Those that fit the source are tried in order. A source whose state does not fit the schema goes on to the next,
/// as does one for which the code records nothing.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Moves, Schema, schema::{map, string}};
///
/// #[derive(Serialize, Deserialize)]
/// struct Null { id: Attr<String> }
/// #[derive(Serialize, Deserialize)]
/// struct Model { id: Attr<String>, name: Attr<String> }
///
/// let moves: Moves<Model> = Moves::new().from(
///     "hashicorp/null",
///     "null_resource",
///     Schema::new(0).attr("id", string().computed()),
///     |_, old: Null, state| state.set(&Model { id: old.id, name: "moved".into() }),
/// );
/// ```
pub struct Moves<M> {
    movers: Vec<Mover<M>>,
}

struct Mover<M> {
    provider: String,
    type_name: String,
    /// Where its struct does not fit the state that it reads.
    reads: Option<Box<dyn Fn() -> Option<CodecError>>>,
    run: Box<Run<M>>,
}

impl<M> fmt::Debug for Moves<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self
            .movers
            .iter()
            .map(|mover| (&mover.provider, &mover.type_name));
        f.debug_list().entries(sources).finish()
    }
}

impl<M> Default for Moves<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Moves<M> {
    /// From nothing.
    pub fn new() -> Self {
        Self { movers: Vec::new() }
    }

    /// From a type of a provider, whose state `schema` describes as far as it is needed. `provider` is a whole
    /// source address, or `namespace/type` on any registry. `mover` records the new state, and identity and private
    /// data where there are some; when it records no state, the next one is tried.
    #[must_use]
    pub fn from<Old: DeserializeOwned + 'static>(
        self,
        provider: &str,
        type_name: &str,
        schema: Schema,
        mover: impl Fn(&MoveSource, Old, &State<M>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        let schema = Arc::new(schema);
        let source_schema = Arc::clone(&schema);
        let reads = Box::new(move || model::check_stored::<Old>(&source_schema));
        self.mover(provider, type_name, Some(reads), move |source, state| {
            let old = read_stored(&source.state, &schema).map_err(MoveError::Unsuitable)?;
            mover(source, old, state).map_err(MoveError::Failed)
        })
    }

    /// The same without a schema: the code reads [`MoveSource::json`].
    #[must_use]
    pub fn from_json(
        self,
        provider: &str,
        type_name: &str,
        mover: impl Fn(&MoveSource, &State<M>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        self.mover(provider, type_name, None, move |source, state| {
            mover(source, state).map_err(MoveError::Failed)
        })
    }

    fn mover(
        mut self,
        provider: &str,
        type_name: &str,
        reads: Option<Box<dyn Fn() -> Option<CodecError>>>,
        run: impl Fn(&MoveSource, &State<M>) -> Result<(), MoveError> + Send + Sync + 'static,
    ) -> Self {
        self.movers.push(Mover {
            provider: provider.to_owned(),
            type_name: type_name.to_owned(),
            reads,
            run: Box::new(run),
        });
        self
    }

    /// Structs that cannot hold what they are for.
    pub(crate) fn violations(&self, owner: &str) -> Vec<Violation> {
        let misfits = self.movers.iter().filter_map(|mover| {
            let err = mover.reads.as_ref().and_then(|reads| reads())?;
            let rule = format!(
                "the move from {} of {}: its struct does not fit its schema: {}",
                mover.type_name, mover.provider, err.message
            );
            Some(Violation {
                path: err.path,
                ..Violation::of(owner, rule)
            })
        });
        misfits.collect()
    }

    /// What there is to move from, in words.
    fn supported(&self) -> String {
        let each = self
            .movers
            .iter()
            .map(|mover| format!("{} of {}", mover.type_name, mover.provider));
        each.collect::<Vec<_>>().join(", ")
    }

    /// Moves `source` into `state`. `recorded` says whether something was recorded.
    pub(super) fn run(
        &self,
        name: &str,
        source: &MoveSource,
        state: &State<M>,
        recorded: impl Fn() -> bool,
    ) -> Outcome {
        let mut unsuitable = Vec::new();
        let fitting = self
            .movers
            .iter()
            .filter(|mover| mover.type_name == source.type_name && source.is_of(&mover.provider));
        for mover in fitting {
            match (mover.run)(source, state) {
                Ok(()) if recorded() => return Ok(()),
                Ok(()) => {}
                Err(MoveError::Unsuitable(why)) => unsuitable.push(why),
                Err(MoveError::Failed(found)) => return Err(found),
            }
        }
        let mut detail = format!(
            "A {name} cannot be moved from {} of {} (schema version {}). ",
            source.type_name, source.provider, source.schema_version
        );
        if self.movers.is_empty() {
            detail += "It cannot be moved from any other type: remove the moved block, and import the object instead.";
        } else {
            detail += &format!("It can be moved from: {}.", self.supported());
        }
        for why in unsuitable {
            detail += &format!(" {why}");
        }
        Err(Diagnostic::error("Unsupported move", detail).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_that_do_not_fit_are_found() {
        use crate::{Attr, schema::string};

        #[derive(serde::Deserialize)]
        struct Rigid {
            #[serde(rename = "id")]
            _id: String,
        }
        #[derive(serde::Deserialize)]
        struct Good {
            #[serde(rename = "id")]
            _id: Attr<String>,
        }
        let schema = || Schema::new(0).attr("id", string().computed());
        let moves: Moves<()> = Moves::new()
            .from("a/b", "b_x", schema(), |_, _: Good, _| Ok(()))
            .from("a/b", "b_y", schema(), |_, _: Rigid, _| Ok(()))
            .from_json("a/b", "b_z", |_, _| Ok(()));
        let found: Vec<String> = moves.violations("x_y").iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("x_y, id: the move from b_y of a/b: its struct does not fit"),
            "{found:?}"
        );
    }

    #[test]
    fn a_provider_is_known_by_its_whole_address_or_without_its_registry() {
        let source = MoveSource {
            provider: "registry.opentofu.org/hashicorp/null".to_owned(),
            type_name: "null_resource".to_owned(),
            schema_version: 0,
            state: b"{".to_vec(),
            private: b"not json".to_vec(),
            identity: None,
            identity_schema_version: 0,
        };
        assert!(source.is_of("hashicorp/null") && source.is_of("registry.opentofu.org/hashicorp/null"));
        assert!(!source.is_of("registry.terraform.io/hashicorp/null"));
        assert!(!source.is_of("corp/null") && !source.is_of("hashicorp/nul"));
        assert!(source.json().is_err());
        assert_eq!(
            (source.private("x"), source.private_bytes()),
            (None, &b"not json"[..])
        );
    }
}
