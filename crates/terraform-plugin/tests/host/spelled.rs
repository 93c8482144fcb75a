//! A model that keeps a text as what it means, and writes it in one way.

use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Provider, Resource, Schema, State, Value,
    config,
    schema::{Attribute, string},
    testing::Host,
};

/// A provider of hosts whose addresses mean the same in all their spellings, if it says so.
struct Net<const SAYS_SO: bool>;

#[derive(Serialize, Deserialize)]
struct NoConfig {}

impl<const SAYS_SO: bool> Provider for Net<SAYS_SO> {
    const NAME: &'static str = "net";
    const ADDRESS: &'static str = "registry.terraform.io/example/net";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Machine::<SAYS_SO>);
    }
}

struct Machine<const SAYS_SO: bool>;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    address: Attr<Ipv6Addr>,
}

fn address(says_so: bool) -> Attribute {
    let parsed = |value: &Value| value.as_str().and_then(|text| text.parse::<Ipv6Addr>().ok());
    let address = string().required();
    match says_so {
        true => address.same_if(move |a, b| parsed(a).is_some() && parsed(a) == parsed(b)),
        false => address,
    }
}

impl<const SAYS_SO: bool> Resource for Machine<SAYS_SO> {
    const NAME: &'static str = "net_machine";
    type Client = ();
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0).attr("address", address(SAYS_SO))
    }

    async fn read(&self, _: &Cx<()>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(plan.planned())
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(plan.planned())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

async fn applied<const SAYS_SO: bool>() -> Result<Value, String> {
    let host = Host::new(Net::<SAYS_SO>);
    host.configure(config! {}).await.expect("configured");
    let mut machine = host.resource("net_machine").expect("the type");
    let applied = machine.apply(config! { address = "2001:DB8:0::1" }).await;
    applied.map_err(|found| found.to_string())?;
    Ok(machine.state().expect("a state").clone())
}

#[tokio::test]
async fn a_text_that_a_model_writes_otherwise_is_found_before_a_user_writes_it() {
    let found = Host::new(Net::<false>).problems();
    assert_eq!(found.len(), 1, "{found:?}");
    for words in [
        "net_machine, address: the model writes \"2001:DB8:0:0:0:0:0:1\" as \"2001:db8::1\"",
        "`same_if`",
    ] {
        assert!(found[0].contains(words), "{found:?}");
    }
    let refused = applied::<false>().await.expect_err("refused");
    assert!(refused.contains("differs from the planned value"), "{refused}");

    assert_eq!(Host::new(Net::<true>).problems(), [""; 0]);
    let state = applied::<true>().await.expect("applied");
    assert_eq!(state.attribute("address"), Some(&"2001:DB8:0::1".into()));
}
