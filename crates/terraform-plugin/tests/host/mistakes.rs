//! What a provider's author can do wrong, and what is said about it.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, IdentitySchema, Outcome, Plan, Provider, Refinement,
    Resource, Schema, State, Type, Value, config, path,
    schema::{Attribute, Rule, number, string},
    testing::{Host, Instance},
};

/// The mistake that the provider makes next. Tests of one process run side by side, so each provider has its
/// own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mistake {
    #[default]
    None,
    PlansAnotherValue,
    PlansADestroyedThing,
    RequiresReplaceOfNothing,
    RefinesNothing,
    BreaksItsPromise,
    RecordsNothing,
    RecordsAnotherValue,
    RecordsUnknown,
    RemovesInUpdate,
    ReadsUnknown,
}

struct Careless(Mutex<Mistake>);

#[derive(Serialize, Deserialize)]
struct NoConfig {}

impl Provider for Careless {
    const NAME: &'static str = "careless";
    const ADDRESS: &'static str = "registry.terraform.io/example/careless";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = Mistake;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<Mistake, Diagnostics> {
        Ok(*self.0.lock().expect("the mistake"))
    }

    fn catalog(catalog: &mut Catalog<Mistake>) {
        catalog.resource(Thing);
    }
}

struct Thing;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
    secret_wo: Attr<String>,
    id: Attr<String>,
}

impl Resource for Thing {
    const NAME: &'static str = "careless_thing";
    type Client = Mistake;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0)
            .attr("name", string().required())
            .attr("secret_wo", string().optional().write_only())
            .attr("id", string().computed())
    }

    async fn plan(&self, cx: &Cx<Mistake>, plan: &mut Plan<Model>) -> Outcome {
        let mut model = plan.planned().clone();
        match cx.client() {
            Mistake::PlansAnotherValue => model.name = "another".into(),
            Mistake::RequiresReplaceOfNothing => plan.require_replace(path!("nothing")),
            Mistake::RefinesNothing => {
                plan.refine(path!("nothing"), Refinement::default().not_null());
                return Ok(());
            }
            Mistake::BreaksItsPromise => {
                plan.refine(path!("id"), Refinement::default().prefix("thing-"));
                return Ok(());
            }
            Mistake::PlansADestroyedThing => {}
            _ => return Ok(()),
        }
        plan.set(model);
        Ok(())
    }

    async fn read(&self, cx: &Cx<Mistake>, state: &State<Model>) -> Outcome {
        if let (Mistake::ReadsUnknown, Some(mut model)) = (cx.client(), state.get()) {
            model.id = Attr::Unknown;
            return state.set(&model);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<Mistake>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let mut model = Model {
            id: "i".into(),
            ..plan.planned().clone()
        };
        match cx.client() {
            Mistake::RecordsNothing => return Ok(()),
            Mistake::RecordsAnotherValue => model.name = "another".into(),
            Mistake::RecordsUnknown => model.id = Attr::Unknown,
            _ => {}
        }
        state.set(&model)
    }

    async fn update(&self, cx: &Cx<Mistake>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        if cx.client() == &Mistake::RemovesInUpdate {
            state.remove();
            return Ok(());
        }
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<Mistake>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

async fn thing(mistake: Mistake) -> Instance {
    let host = Host::new(Careless(Mutex::new(mistake)));
    host.configure(config! {}).await.expect("configured");
    host.resource("careless_thing").expect("the type")
}

fn config(name: &str) -> Value {
    config! { name = name, secret_wo = "hunter2" }
}

#[tokio::test]
async fn a_plan_that_core_would_reject_names_resource_attribute_and_rule() {
    for (mistake, path, rule) in [
        (
            Mistake::PlansAnotherValue,
            path!("name"),
            "the planned value differs from the configuration's",
        ),
        (
            Mistake::RefinesNothing,
            // The schema ends before the path does.
            path!(),
            "nothing is refined and is not in the plan",
        ),
    ] {
        let found = thing(mistake).await.plan(config("a")).await.expect_err("refused");
        let first = found.iter().next().expect("an error");
        assert_eq!(first.path, path, "{mistake:?}");
        assert!(
            first.to_string().contains("careless_thing") && first.detail.contains(rule),
            "{first}"
        );
        assert!(!found.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn an_apply_that_core_would_reject_says_so_and_saves_what_was_recorded() {
    for (mistake, path, rule, saved) in [
        (
            Mistake::RecordsNothing,
            path!(),
            "without recording a state",
            false,
        ),
        (
            Mistake::RecordsAnotherValue,
            path!("name"),
            "differs from the planned value",
            true,
        ),
        (Mistake::RecordsUnknown, path!("id"), "still unknown", true),
        (
            Mistake::BreaksItsPromise,
            path!("id"),
            "is not what the plan knew about the unknown value",
            true,
        ),
    ] {
        let mut thing = thing(mistake).await;
        let found = thing.apply(config("a")).await.expect_err("refused");
        let first = found.iter().next().expect("an error");
        assert_eq!(first.path, path, "{mistake:?}");
        assert!(
            first.to_string().contains("careless_thing") && first.detail.contains(rule),
            "{first}"
        );
        assert_eq!(thing.state().is_some(), saved, "{mistake:?}");
        assert!(!found.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn later_mistakes_are_named_too() {
    for (mistake, rule) in [
        (Mistake::RequiresReplaceOfNothing, "neither state nor plan"),
        (Mistake::RemovesInUpdate, "its state is gone"),
        (Mistake::ReadsUnknown, "must be known"),
    ] {
        let host = Host::new(Careless(Mutex::new(Mistake::None)));
        host.configure(config! {}).await.expect("configured");
        let mut good = host.resource("careless_thing").expect("the type");
        good.apply(config("a")).await.expect("created");

        let host = Host::new(Careless(Mutex::new(mistake)));
        host.configure(config! {}).await.expect("configured");
        let mut bad = host.resource("careless_thing").expect("the type");
        bad.adopt(&good);
        let found = bad.apply(config("b")).await.expect_err("refused");
        assert!(found.to_string().contains(rule), "{mistake:?}: {found}");
        assert!(bad.state().is_some(), "{mistake:?}");
    }
}

#[tokio::test]
async fn a_destroyed_thing_must_not_be_planned() {
    let mut thing = thing(Mistake::PlansADestroyedThing).await;
    thing.apply(config("a")).await.expect("created");
    let found = thing.destroy().await.expect_err("refused");
    assert!(found.to_string().contains("must stay null"), "{found}");
    assert!(thing.state().is_some());
}

#[tokio::test]
async fn import_is_not_supported_unless_written() {
    let found = thing(Mistake::None).await.import("x").await.expect_err("refused");
    assert!(found.to_string().contains("Import is not supported"), "{found}");
}

/// A provider whose resource's schema is `A`.
struct Ill<A>(std::marker::PhantomData<A>);

trait Body: Send + Sync + 'static {
    fn attribute() -> Attribute;

    fn identity() -> Option<IdentitySchema> {
        None
    }
}

impl<A: Body> Provider for Ill<A> {
    const NAME: &'static str = "ill";
    const ADDRESS: &'static str = "registry.terraform.io/example/ill";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = ();

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(IllThing::<A>(std::marker::PhantomData));
    }
}

struct IllThing<A>(std::marker::PhantomData<A>);

#[derive(Serialize, Deserialize)]
struct IllModel {
    name: Attr<String>,
}

impl<A: Body> Resource for IllThing<A> {
    const NAME: &'static str = "ill_thing";
    type Client = ();
    type Model = IllModel;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0).attr("name", A::attribute())
    }

    fn identity() -> Option<IdentitySchema> {
        A::identity()
    }

    async fn read(&self, _: &Cx<()>, _: &State<IllModel>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, _: &Plan<IllModel>, _: &State<IllModel>) -> Outcome {
        Ok(())
    }

    async fn update(&self, _: &Cx<()>, _: &Plan<IllModel>, _: &State<IllModel>) -> Outcome {
        Ok(())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<IllModel>, _: &State<IllModel>) -> Outcome {
        Ok(())
    }
}

fn problems<A: Body>() -> Vec<String> {
    Host::new(Ill::<A>(std::marker::PhantomData)).problems()
}

#[test]
fn a_schema_that_core_would_reject_is_found_before_core_sees_it() {
    struct RequiredAndComputed;
    impl Body for RequiredAndComputed {
        fn attribute() -> Attribute {
            string().required().computed()
        }
    }
    assert_eq!(
        problems::<RequiredAndComputed>(),
        ["ill_thing, name: cannot be both required and computed"]
    );
}

#[test]
fn a_default_that_does_not_fit_is_found_at_start_up() {
    struct NumberForString;
    impl Body for NumberForString {
        fn attribute() -> Attribute {
            string().optional().computed().default(1_i64)
        }
    }
    assert_eq!(
        problems::<NumberForString>(),
        ["ill_thing, name: the default does not fit: is a number instead of string"]
    );
}

#[test]
fn a_model_that_does_not_fit_is_found_at_start_up() {
    struct Number;
    impl Body for Number {
        fn attribute() -> Attribute {
            number().required()
        }
    }
    let found = problems::<Number>();
    assert!(
        found[0].starts_with("ill_thing, name: the model does not fit the schema"),
        "{found:?}"
    );
}

#[test]
fn an_identity_that_its_struct_cannot_hold_is_found_at_start_up() {
    struct Identified;
    impl Body for Identified {
        fn attribute() -> Attribute {
            string().required()
        }

        fn identity() -> Option<IdentitySchema> {
            Some(IdentitySchema::new(0).required_for_import("name", Type::String, "Its name."))
        }
    }
    // The struct of an ill thing is `()`.
    assert_eq!(
        problems::<Identified>(),
        [
            "ill_thing (identity): the struct does not fit the schema: the model has no field for the attribute `name`"
        ]
    );
}

#[test]
fn a_limit_that_is_no_number_is_found_by_a_test() {
    struct NoLimit;
    impl Body for NoLimit {
        fn attribute() -> Attribute {
            string().required().rule(Rule::any([Rule::between(f64::NAN..)]))
        }
    }
    assert_eq!(
        problems::<NoLimit>(),
        ["ill_thing, name: a limit of its range is no number"]
    );
}

/// A plan of the attribute, configured as null.
async fn planned<A: Body>() -> String {
    let host = Host::new(Ill::<A>(std::marker::PhantomData));
    host.configure(config! {}).await.expect("configured");
    let thing = host.resource("ill_thing").expect("the type");
    thing.plan(config! {}).await.expect_err("refused").to_string()
}

#[tokio::test]
async fn an_attribute_that_plans_what_it_cannot_be_is_named() {
    struct ListForString;
    impl Body for ListForString {
        fn attribute() -> Attribute {
            string().computed().plan(|plan| {
                plan.set(Value::List(Vec::new()));
                Ok(())
            })
        }
    }
    let found = planned::<ListForString>().await;
    assert!(
        found.contains("ill_thing, name: the planned value is a list instead of string"),
        "{found}"
    );
}

#[tokio::test]
async fn an_attribute_that_panics_while_it_is_planned_is_an_error_of_this_one_call() {
    struct Panics;
    impl Body for Panics {
        fn attribute() -> Attribute {
            string().computed().plan(|_| panic!("out of ideas"))
        }
    }
    let found = planned::<Panics>().await;
    assert!(found.contains("out of ideas"), "{found}");
}

#[test]
fn a_pattern_that_cannot_be_compiled_is_found_by_a_test() {
    struct Pattern;
    impl Body for Pattern {
        fn attribute() -> Attribute {
            string().required().matches("(", "anything")
        }
    }
    let found = problems::<Pattern>();
    assert!(found[0].starts_with("ill_thing, name: "), "{found:?}");
}
