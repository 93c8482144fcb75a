//! An ephemeral resource: opened, renewed and closed.

use std::time::{Duration, SystemTime};

use terraform_plugin::{
    Cx, Deferral, Diagnostic, Diagnostics, EphemeralResource, Opened, Outcome, Renewed, Schema, ValidateCx,
    config, path,
};

use super::{Mistake, Model, World, host, named, present, refuses_dogs};

pub(super) struct Loan;

impl EphemeralResource for Loan {
    const NAME: &'static str = "library_loan";
    type Client = World;
    type Model = Model;
    type Private = (String, u32);

    fn schema() -> Schema {
        named()
    }

    fn validate(&self, cx: &ValidateCx, config: &Model) -> Outcome {
        refuses_dogs(cx, &config.name)
    }

    async fn open(&self, cx: &Cx<World>, config: Model) -> Result<Opened<Model, (String, u32)>, Diagnostics> {
        if cx.client().mistake == Mistake::Defer {
            cx.defer(Deferral::AbsentPrerequisite);
        }
        let opened = Opened::new(present(cx.client(), config), ("slip".to_owned(), 0));
        Ok(match cx.client().mistake {
            Mistake::NoRenewal => opened,
            _ => opened.renew_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1)),
        })
    }

    async fn renew(
        &self,
        cx: &Cx<World>,
        (slip, times): (String, u32),
    ) -> Result<Renewed<(String, u32)>, Diagnostics> {
        cx.client().note(format!("renewed {slip} {times}"));
        if times == 1 {
            return Err(Diagnostic::error("Renewed twice", "Bring it back.").into());
        }
        let renewed = Renewed::new((slip, times + 1));
        Ok(renewed.renew_at(SystemTime::UNIX_EPOCH + Duration::from_secs(2)))
    }

    async fn close(&self, cx: &Cx<World>, (slip, times): (String, u32)) -> Outcome {
        cx.client().note(format!("closed {slip} {times}"));
        Ok(())
    }
}

#[tokio::test]
async fn an_ephemeral_resource_keeps_its_private_data_until_it_is_closed() {
    let world = World::default();
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    let mut open = loan.open(config! { name = "a" }).await.expect("opened");
    assert_eq!(open.get(&path!("id")), Some(&"id-of-a".into()));
    let second = |n| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(n));
    assert_eq!(open.renew_at(), second(1));
    open.renew().await.expect("renewed");
    assert_eq!(open.renew_at(), second(2));
    let found = open.renew().await.expect_err("refused").to_string();
    assert!(found.contains("Renewed twice"), "{found}");
    open.close().await.expect("closed");
    // The renewal that failed left the private data of the one before.
    assert_eq!(
        world.noted(),
        ["renewed slip 0", "renewed slip 1", "closed slip 1"]
    );
}

#[tokio::test]
async fn what_an_ephemeral_resource_does_wrong_is_said_with_its_name_and_the_attribute() {
    for (mistake, expected) in [
        (
            Mistake::Unknown,
            "ephemeral resource library_loan, id: what was opened must be known",
        ),
        (Mistake::AnotherValue, "ephemeral resource library_loan, name:"),
        (Mistake::Panic, "no such book"),
        (
            Mistake::Defer,
            "ephemeral resource library_loan cannot be planned or read",
        ),
    ] {
        let loan = host(&World::careless(mistake))
            .await
            .ephemeral_resource("library_loan")
            .expect("the type");
        let Err(found) = loan.open(config! { name = "a" }).await else {
            panic!("{mistake:?}: opened")
        };
        assert!(found.to_string().contains(expected), "{mistake:?}: {found}");
    }
}

#[tokio::test]
async fn what_was_opened_for_nobody_is_closed() {
    let world = World::careless(Mistake::Defer);
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    assert!(loan.open(config! { name = "a" }).await.is_err());
    assert_eq!(world.noted(), ["closed slip 0"]);
}

#[tokio::test]
async fn core_renews_only_what_asked_for_it() {
    let world = World::careless(Mistake::NoRenewal);
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    let mut open = loan.open(config! { name = "a" }).await.expect("opened");
    assert!(open.renew().await.is_err() && world.noted().is_empty());
}
