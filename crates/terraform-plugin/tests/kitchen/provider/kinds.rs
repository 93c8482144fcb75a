//! All kinds beside managed resources: a menu to read, a key to borrow, dishes to find, a bell to ring, and functions.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Action, Attr, Cx, DataSource, Diagnostic, Diagnostics, EphemeralResource, Function, FunctionError,
    Opened, Outcome, Parameter, Progress, Renewed, Schema, Signature, Type, path,
    schema::{list, number, string},
};

use crate::store::Store;

/// `kitchen_menu`: what a dish costs.
pub struct Menu;

#[derive(Serialize, Deserialize)]
pub struct MenuModel {
    dish: String,
    price: Attr<i64>,
    courses: Attr<Vec<String>>,
}

impl DataSource for Menu {
    const NAME: &'static str = "kitchen_menu";
    type Client = Store;
    type Model = MenuModel;

    fn schema() -> Schema {
        Schema::new(0)
            .describe("What a dish costs.")
            .attr("dish", string().required().length(1..))
            .attr("price", number().computed())
            .attr("courses", list(Type::String).computed())
    }

    async fn read(&self, cx: &Cx<Store>, config: MenuModel) -> Result<MenuModel, Diagnostics> {
        if config.dish == "stone" {
            let error = Diagnostic::error("Not on the menu", "Stones are not served.");
            return Err(error.at(path!("dish")).into());
        }
        if config.dish == "fugu" {
            cx.warn(Diagnostic::warning(
                "At your own risk",
                "Fugu is served on Fridays.",
            ));
        }
        Ok(MenuModel {
            price: Attr::Known(i64::try_from(config.dish.len()).unwrap_or(i64::MAX)),
            courses: Attr::Known(vec!["soup".to_owned(), config.dish.clone()]),
            ..config
        })
    }
}

/// `kitchen_key`: opens the pantry for as long as a run lasts.
pub struct Key;

#[derive(Serialize, Deserialize)]
pub struct KeyModel {
    door: String,
    code: Attr<String>,
}

const KIND: &str = "key";

impl EphemeralResource for Key {
    const NAME: &'static str = "kitchen_key";
    type Client = Store;
    type Model = KeyModel;
    type Private = String;

    fn schema() -> Schema {
        Schema::new(0)
            .describe("Opens a door while a run lasts.")
            .attr("door", string().required())
            .attr("code", string().computed().sensitive())
    }

    async fn open(&self, cx: &Cx<Store>, config: KeyModel) -> Result<Opened<KeyModel, String>, Diagnostics> {
        cx.client().put(KIND, &config.door, &"opened")?;
        let door = config.door.clone();
        let code = Attr::Known(format!("code-of-{door}"));
        let at_once = SystemTime::now() + Duration::from_millis(1);
        Ok(Opened::new(KeyModel { code, ..config }, door).renew_at(at_once))
    }

    async fn renew(&self, cx: &Cx<Store>, door: String) -> Result<Renewed<String>, Diagnostics> {
        cx.client().put("renewed-key", &door, &true)?;
        Ok(Renewed::new(door))
    }

    async fn close(&self, cx: &Cx<Store>, door: String) -> Outcome {
        cx.client().put(KIND, &door, &"closed")
    }
}

/// `kitchen_bell`: calls to table.
pub struct Bell;

#[derive(Serialize, Deserialize)]
pub struct BellConfig {
    guest: Attr<String>,
    times: Attr<i64>,
}

impl Action for Bell {
    const NAME: &'static str = "kitchen_bell";
    type Client = Store;
    type Config = BellConfig;

    fn schema() -> Schema {
        Schema::new(0)
            .describe("Calls to table.")
            .attr("guest", string().required())
            .attr("times", number().optional().between(1..=10))
    }

    async fn invoke(&self, cx: &Cx<Store>, config: BellConfig, progress: &Progress) -> Outcome {
        let guest = config.guest.into_known().unwrap_or_default();
        let times = config.times.into_known().unwrap_or(1);
        for time in 1..=times {
            progress.say(format!("ringing for {guest}, {time} of {times}"));
        }
        cx.client().put("bell", &guest, &times)
    }
}

/// `portion(text, parts...)`: a function with rules, a variadic parameter and errors at arguments.
pub struct Portion;

impl Function for Portion {
    const NAME: &'static str = "portion";
    type Arguments = (f64, Vec<f64>);
    type Result = f64;

    fn signature() -> Signature {
        Signature::new(Type::Number)
            .summary("What is left of a dish.")
            .describe("What is left of a dish of so many *grams* after these *portions*.")
            .parameter(
                "grams",
                Parameter::new(number().between(0..).describe("The whole.")),
            )
            .variadic(
                "portions",
                Parameter::new(number().between(0..).describe("A part.")),
            )
    }

    async fn call(&self, (grams, portions): (f64, Vec<f64>)) -> Result<f64, FunctionError> {
        let mut left = grams;
        for (i, portion) in portions.into_iter().enumerate() {
            left -= portion;
            if left < 0.0 {
                return Err(FunctionError::variadic(i, "nothing is left for this portion"));
            }
        }
        Ok(left)
    }
}

/// `name_of(dish)`: a function that takes null.
pub struct NameOf;

impl Function for NameOf {
    const NAME: &'static str = "name_of";
    type Arguments = (Attr<String>,);
    type Result = Attr<String>;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("The name in a dish's id.")
            .parameter("id", Parameter::new(string()).allow_null())
    }

    async fn call(&self, (id,): (Attr<String>,)) -> Result<Attr<String>, FunctionError> {
        match id {
            Attr::Known(id) => match id.strip_prefix("dish/") {
                Some(name) => Ok(Attr::Known(name.to_owned())),
                None => Err(FunctionError::argument(0, "an id begins with dish/")),
            },
            other => Ok(other),
        }
    }
}
