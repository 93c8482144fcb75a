//! What the fuzzed provider offers beside `fuzz_shapes`: a resource with an identity, upgrades and moves, and one of
//! every other kind.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Action, Attr, Cx, DataSource, Diagnostics, EphemeralResource, Function, FunctionError, IdentitySchema,
    ListResource, Listed, Moves, Opened, Outcome, Parameter, Plan, Progress, Renewed, Resource, Results,
    Schema, Signature, State, Type, Upgrades, Value,
    schema::{dynamic, list, number, set_nested, string},
};

/// `fuzz_flat`: a small resource.
pub(crate) struct Flat;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FlatModel {
    id: Attr<String>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    module: Attr<String>,
}

impl Resource for Flat {
    const NAME: &'static str = "fuzz_flat";
    type Client = ();
    type Model = FlatModel;
    type Identity = FlatIdentity;

    fn schema() -> Schema {
        Schema::new(2).attr("id", string().optional().computed())
    }

    fn identity() -> Option<IdentitySchema> {
        let schema = IdentitySchema::new(1)
            .required_for_import("id", Type::String, "The id.")
            .optional_for_import("numbers", Type::list(Type::Number), "More.");
        Some(schema)
    }

    async fn plan(&self, cx: &Cx<()>, plan: &mut Plan<FlatModel>) -> Outcome {
        let meta = cx.provider_meta::<Meta>()?;
        if !plan.is_destroy() && plan.planned().id == Attr::Unknown {
            plan.set(FlatModel {
                id: meta.map_or(Attr::Unknown, |meta| meta.module).or("module".into()),
            });
        }
        Ok(())
    }

    async fn read(&self, _: &Cx<()>, state: &State<FlatModel>) -> Outcome {
        match state.get() {
            Some(model) if model.id != Attr::from("gone") => recorded(state, model.id),
            _ => {
                state.remove();
                Ok(())
            }
        }
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<FlatModel>, state: &State<FlatModel>) -> Outcome {
        recorded(
            state,
            Attr::Known(plan.planned().id.known().cloned().unwrap_or_default()),
        )
    }

    async fn update(&self, cx: &Cx<()>, plan: &Plan<FlatModel>, state: &State<FlatModel>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<FlatModel>, _: &State<FlatModel>) -> Outcome {
        Ok(())
    }

    async fn import(&self, _: &Cx<()>, id: &str, state: &State<FlatModel>) -> Outcome {
        state.pass_through_id("id", id)
    }

    async fn import_identity(
        &self,
        _: &Cx<()>,
        identity: &FlatIdentity,
        state: &State<FlatModel>,
    ) -> Outcome {
        recorded(state, identity.id.clone())
    }

    fn upgrades() -> Upgrades<FlatModel> {
        #[derive(Serialize, Deserialize)]
        struct Named {
            name: Attr<String>,
        }
        let named = Schema::new(1).attr("name", string().required());
        Upgrades::new().from(named, |old: Named| Ok(FlatModel { id: old.name }))
    }

    async fn upgrade_identity(
        &self,
        _: i64,
        identity: serde_json::Value,
    ) -> Result<FlatIdentity, Diagnostics> {
        Ok(FlatIdentity {
            id: identity["id"].as_str().map(str::to_owned).into(),
            numbers: Attr::Null,
        })
    }

    fn moves() -> Moves<FlatModel> {
        let source = Schema::new(0).attr("id", string().computed());
        Moves::new()
            .from(
                "hashicorp/null",
                "null_resource",
                source,
                |_, old: FlatModel, state| recorded(state, old.id),
            )
            .from_json(
                "terraform.io/builtin/terraform",
                "terraform_data",
                |source, state| {
                    let input = source.json()?["input"]["value"].as_str().map(str::to_owned);
                    recorded(state, input.into())
                },
            )
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct FlatIdentity {
    id: Attr<String>,
    numbers: Attr<Vec<i64>>,
}

fn recorded(state: &State<FlatModel>, id: Attr<String>) -> Outcome {
    state.set_identity(&FlatIdentity {
        id: id.clone(),
        numbers: Attr::Null,
    })?;
    state.set(&FlatModel { id })
}

/// `fuzz_lookup`: answers with what it is asked.
pub(crate) struct Lookup;

#[derive(Serialize, Deserialize)]
pub(crate) struct LookupModel {
    any: Attr<Value>,
    filters: Attr<Vec<Attr<Filter>>>,
    found: Attr<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct Filter {
    name: Attr<String>,
    values: Attr<Vec<Attr<String>>>,
}

impl DataSource for Lookup {
    const NAME: &'static str = "fuzz_lookup";
    type Client = ();
    type Model = LookupModel;

    fn schema() -> Schema {
        let filter = [
            ("name", string().required().length(1..)),
            ("values", list(Type::String).optional()),
        ];
        Schema::new(0)
            .attr("any", dynamic().optional())
            .attr("filters", set_nested(filter).optional())
            .attr("found", list(Type::String).computed())
    }

    async fn read(&self, _: &Cx<()>, config: LookupModel) -> Result<LookupModel, Diagnostics> {
        let found = config
            .filters
            .known()
            .into_iter()
            .flatten()
            .filter_map(Attr::known);
        let found = found.filter_map(|filter| filter.name.known().cloned()).collect();
        Ok(LookupModel {
            found: Attr::Known(found),
            ..config
        })
    }
}

/// `fuzz_secret`: asks to be renewed at once.
pub(crate) struct Secret;

#[derive(Serialize, Deserialize)]
pub(crate) struct SecretModel {
    length: Attr<i64>,
    value: Attr<String>,
}

impl EphemeralResource for Secret {
    const NAME: &'static str = "fuzz_secret";
    type Client = ();
    type Model = SecretModel;
    type Private = Option<i64>;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("length", number().optional().between(..1000))
            .attr("value", string().computed().sensitive())
    }

    async fn open(
        &self,
        _: &Cx<()>,
        config: SecretModel,
    ) -> Result<Opened<SecretModel, Option<i64>>, Diagnostics> {
        let length = config.length.known().copied();
        let value = Attr::Known("secret".to_owned());
        Ok(Opened::new(SecretModel { value, ..config }, length).renew_at(SystemTime::UNIX_EPOCH))
    }

    async fn renew(&self, _: &Cx<()>, length: Option<i64>) -> Result<Renewed<Option<i64>>, Diagnostics> {
        Ok(Renewed::new(length))
    }
}

/// `fuzz_flat`, listed.
pub(crate) struct Flats;

#[derive(Serialize, Deserialize)]
pub(crate) struct FlatsConfig {
    prefix: Attr<String>,
}

impl ListResource for Flats {
    type Resource = Flat;
    type Client = ();
    type Config = FlatsConfig;

    fn schema() -> Schema {
        Schema::new(0).attr("prefix", string().optional())
    }

    async fn list(&self, _: &Cx<()>, config: FlatsConfig, results: &Results<FlatModel>) -> Outcome {
        let prefix = config.prefix.into_known().unwrap_or_default();
        for i in 0..3 {
            let id = Attr::Known(format!("{prefix}{i}"));
            let identity = FlatIdentity {
                id: id.clone(),
                numbers: Attr::Null,
            };
            let mut listed = Listed::new("a flat one", &identity);
            if results.include_resource() {
                listed = listed.resource(FlatModel { id });
            }
            if results.push(listed).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// `fuzz_act`: says how often it was asked to.
pub(crate) struct Act;

#[derive(Serialize, Deserialize)]
pub(crate) struct ActConfig {
    times: Attr<i64>,
}

impl Action for Act {
    const NAME: &'static str = "fuzz_act";
    type Client = ();
    type Config = ActConfig;

    fn schema() -> Schema {
        Schema::new(0).attr("times", number().optional().between(0..=3))
    }

    async fn invoke(&self, _: &Cx<()>, config: ActConfig, progress: &Progress) -> Outcome {
        for time in 0..config.times.into_known().unwrap_or(1).clamp(0, 3) {
            progress.say(format!("acting, {time}"));
        }
        Ok(())
    }
}

/// `join(separator, values...)`.
pub(crate) struct Join;

impl Function for Join {
    const NAME: &'static str = "join";
    type Arguments = (Attr<String>, Vec<Attr<Value>>);
    type Result = Attr<String>;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .parameter("separator", Parameter::new(string().length(..9)).allow_null())
            .variadic("values", Parameter::new(dynamic()).allow_null().allow_unknown())
    }

    async fn call(&self, (separator, values): Self::Arguments) -> Result<Attr<String>, FunctionError> {
        if let Some(i) = values.iter().position(|value| value == &Attr::Null) {
            return Err(FunctionError::variadic(i, "is null"));
        }
        if values.contains(&Attr::Unknown) {
            return Ok(Attr::Unknown);
        }
        let separator = separator.into_known().unwrap_or_default();
        Ok(Attr::Known(vec!["value"; values.len()].join(&separator)))
    }
}
