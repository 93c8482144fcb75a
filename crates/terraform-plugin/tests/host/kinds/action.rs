//! An action.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Action, Attr, Cx, Deferral, Diagnostic, Outcome, Progress, Schema, ValidateCx, config, path,
    schema::string,
};

use super::{Mistake, World, host, refuses_dogs};

pub(super) struct Stamp;

impl Action for Stamp {
    const NAME: &'static str = "library_stamp";
    type Client = World;
    type Config = StampConfig;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("name", string().required())
            .attr("key_wo", string().optional().write_only())
    }

    fn validate(&self, cx: &ValidateCx, config: &StampConfig) -> Outcome {
        refuses_dogs(cx, &config.name)
    }

    async fn plan(&self, cx: &Cx<World>, _: StampConfig) -> Outcome {
        if cx.client().mistake == Mistake::Defer {
            cx.defer(Deferral::AbsentPrerequisite);
        }
        Ok(())
    }

    async fn invoke(&self, cx: &Cx<World>, config: StampConfig, progress: &Progress) -> Outcome {
        let name = config.name.into_known().unwrap_or_default();
        progress.say(format!("stamping {name}"));
        cx.warn(Diagnostic::warning("Ink", "The ink runs low."));
        if cx.client().mistake == Mistake::Panic {
            panic!("the stamp broke");
        }
        progress.say("stamped");
        match name.as_str() {
            "wet" => Err(Diagnostic::error("Wet", "The page is wet.")
                .at(path!("name"))
                .into()),
            _ => Ok(()),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct StampConfig {
    name: Attr<String>,
    key_wo: Attr<String>,
}

#[tokio::test]
async fn an_action_tells_how_far_it_has_come_and_how_it_ended() {
    let stamp = host(&World::default())
        .await
        .action("library_stamp")
        .expect("the type");
    for (name, summaries) in [("a", vec!["Ink"]), ("wet", vec!["Ink", "Wet"])] {
        let invoked = stamp
            .invoke(config! { name = name, key_wo = "k" })
            .await
            .expect("invoked");
        assert_eq!(
            invoked.progress,
            [format!("stamping {name}"), "stamped".to_owned()]
        );
        let found: Vec<_> = invoked.diagnostics.iter().map(|d| d.summary.as_str()).collect();
        assert_eq!(found, summaries);
    }
    assert!(stamp.plan(config! { name = unknown }).await.is_ok());
    let found = stamp
        .invoke(config! { name = "dog" })
        .await
        .expect_err("refused")
        .to_string();
    assert!(found.contains("No dogs"), "{found}");
}

#[tokio::test]
async fn an_action_that_panics_says_what_it_said_and_ends_with_an_error() {
    let stamp = host(&World::careless(Mistake::Panic))
        .await
        .action("library_stamp")
        .expect("the type");
    let invoked = stamp.invoke(config! { name = "a" }).await.expect("invoked");
    assert_eq!(invoked.progress, ["stamping a"]);
    assert!(invoked.diagnostics.has_errors() && invoked.diagnostics.to_string().contains("the stamp broke"));
}

#[tokio::test]
async fn an_action_that_puts_itself_off_is_told_that_this_run_cannot() {
    let stamp = host(&World::careless(Mistake::Defer))
        .await
        .action("library_stamp")
        .expect("the type");
    let found = stamp
        .plan(config! { name = "a" })
        .await
        .expect_err("refused")
        .to_string();
    assert!(found.contains("action library_stamp"), "{found}");
}
