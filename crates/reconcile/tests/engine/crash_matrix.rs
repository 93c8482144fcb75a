//! Killed before and after every mutation of a create, an update, a move to another path and a delete, with
//! the record kept or lost; then applied again, changed, changed back or destroyed, and in a second round
//! killed after every mutation of that too.

use std::sync::Arc;

use reconcile::Error;

use crate::fake::{
    Cloud, CloudError, FIRST, Fault, MOVED, NAME, Outcome, Rule, Terraform, Wanted, empty, is_of,
};

/// What an update changes in place.
const MENDED: Wanted = Wanted {
    egress: 8443,
    description: "mended",
    ..FIRST
};
/// An ingress rule that somebody else has made already.
const BORROWED: Wanted = Wanted {
    ingress: Some(443),
    ..FIRST
};
/// An ingress rule that nobody has made.
const OWN: Wanted = Wanted {
    ingress: Some(8443),
    description: "own",
    ..FIRST
};
/// What is tried in place.
const LARGE: Wanted = Wanted {
    tier: "large",
    ..FIRST
};
/// What nobody has applied before the kill.
const OTHER: Wanted = Wanted {
    vpc: "vpc-3",
    domain: "three.example",
    description: "other",
    ..FIRST
};

/// What is done when the kill comes: from a prior configuration to another one; none is nothing.
#[derive(Clone, Copy, Debug)]
struct Verb {
    name: &'static str,
    prior: Option<&'static Wanted>,
    wanted: Option<&'static Wanted>,
    /// Whether what is tried in place has no effect.
    in_vain: bool,
}

const CREATE: Verb = Verb {
    name: "create",
    prior: None,
    wanted: Some(&FIRST),
    in_vain: false,
};
const UPDATE: Verb = Verb {
    name: "update",
    prior: Some(&FIRST),
    wanted: Some(&MENDED),
    in_vain: false,
};
const MOVE: Verb = Verb {
    name: "move",
    prior: Some(&FIRST),
    wanted: Some(&MOVED),
    in_vain: false,
};
const DELETE: Verb = Verb {
    name: "delete",
    prior: Some(&FIRST),
    wanted: None,
    in_vain: false,
};

const BORROW: Verb = Verb {
    name: "create that borrows",
    prior: None,
    wanted: Some(&BORROWED),
    in_vain: false,
};
const GIVE_BACK: Verb = Verb {
    name: "update that gives back",
    prior: Some(&BORROWED),
    wanted: Some(&OWN),
    in_vain: false,
};
const DELETE_BORROWER: Verb = Verb {
    name: "delete of a borrower",
    prior: Some(&BORROWED),
    wanted: None,
    in_vain: false,
};

const TRY: Verb = Verb {
    name: "try in place",
    prior: Some(&FIRST),
    wanted: Some(&LARGE),
    in_vain: false,
};
const TRY_IN_VAIN: Verb = Verb {
    name: "try in place in vain",
    in_vain: true,
    ..TRY
};

/// What the user does after the kill.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sequel {
    Apply(&'static Wanted),
    Destroy,
}

fn sequels(verb: Verb) -> Vec<Sequel> {
    let mut sequels = vec![Sequel::Apply(&OTHER), Sequel::Destroy];
    sequels.extend(verb.wanted.map(Sequel::Apply));
    sequels.extend(verb.prior.map(Sequel::Apply));
    sequels
}

/// A fresh world with foreign objects in it, and the prior configuration applied.
async fn stage(prior: Option<&Wanted>) -> (Arc<Cloud>, Terraform) {
    let (cloud, mut terraform) = empty();
    cloud.tamper(|world| {
        let untagged = world.plant_path("orders-of-somebody", None);
        world.plant_connection("orders-2", &untagged);
        let tagged = world.plant_path("payments-vpc-1", Some("payments"));
        world.plant_connection("payments", &tagged);
        world.plant_rule("vpc-1", 443, "payments");
    });
    if let Some(prior) = prior {
        let outcome = terraform.apply(prior).await;
        assert!(outcome.is_done(), "{outcome:?}");
    }
    (cloud, terraform)
}

async fn perform(terraform: &mut Terraform, wanted: Option<&Wanted>) -> Outcome {
    match wanted {
        Some(wanted) => terraform.apply(wanted).await,
        None => terraform.destroy().await,
    }
}

/// How many mutations it takes undisturbed.
async fn mutations_of(verb: Verb) -> usize {
    let (cloud, mut terraform) = stage(verb.prior).await;
    cloud.ignore_tiers(verb.in_vain);
    cloud.inject(None);
    let outcome = perform(&mut terraform, verb.wanted).await;
    assert!(outcome.is_done(), "{outcome:?}");
    let mutations = cloud.operations().len();
    assert!(mutations > 0, "{verb:?} does nothing");
    mutations
}

fn foreign_objects(cloud: &Cloud) -> String {
    let mut world = cloud.world();
    world
        .groups
        .retain(|_, object| !is_of(object.owner.as_deref(), NAME));
    world
        .gateways
        .retain(|_, object| !is_of(object.owner.as_deref(), NAME));
    world
        .configurations
        .retain(|_, object| !is_of(object.owner.as_deref(), NAME));
    world.connections.retain(|id, _| id.as_str() != NAME);
    world
        .rules
        .retain(|_, object| !is_of(object.owner.as_deref(), NAME));
    format!(
        "{:?}",
        (
            world.groups,
            world.gateways,
            world.configurations,
            world.connections,
            world.rules
        )
    )
}

fn serial(cloud: &Cloud) -> Option<u64> {
    cloud
        .world()
        .connections
        .get(&NAME.into())
        .map(|connection| connection.serial)
}

/// Exactly what is wanted is there, once, and nothing else of ours.
fn assert_exactly(cloud: &Cloud, wanted: Option<&Wanted>, case: &str) {
    assert_made(cloud, wanted, case);
    let world = cloud.world();
    let groups = world.groups.values().map(|one| (&one.owner, one.marked));
    let gateways = world.gateways.values().map(|one| (&one.owner, one.marked));
    let configurations = world.configurations.values().map(|one| (&one.owner, one.marked));
    let rules = world.rules.values().map(|one| (&one.owner, one.marked));
    let mut all = groups.chain(gateways).chain(configurations).chain(rules);
    let marked = all.any(|(owner, marked)| marked && is_of(owner.as_deref(), NAME));
    assert!(!marked, "{case}: still marked as being created");
}

/// The same of what may still bear the mark of the run that made it.
fn assert_made(cloud: &Cloud, wanted: Option<&Wanted>, case: &str) {
    let world = cloud.world();
    let groups: Vec<_> = world
        .groups
        .iter()
        .filter(|(_, object)| is_of(object.owner.as_deref(), NAME))
        .collect();
    let gateways: Vec<_> = world
        .gateways
        .iter()
        .filter(|(_, object)| is_of(object.owner.as_deref(), NAME))
        .collect();
    let configurations: Vec<_> = world
        .configurations
        .iter()
        .filter(|(_, object)| is_of(object.owner.as_deref(), NAME))
        .collect();
    let connection = world.connections.get(&NAME.into());
    let (rules, of_others): (Vec<_>, Vec<_>) = world
        .rules
        .values()
        .partition(|rule| is_of(rule.owner.as_deref(), NAME));
    let Some(wanted) = wanted else {
        assert!(rules.is_empty(), "{case}: left over: {rules:?}");
        let rest = (groups, gateways, configurations, connection);
        assert!(
            rest.0.is_empty() && rest.1.is_empty() && rest.2.is_empty() && rest.3.is_none(),
            "{case}: left over: {rest:?}"
        );
        return;
    };
    let ([(group_id, group)], [(gateway_id, gateway)], [(configuration_id, configuration)], Some(connection)) =
        (&groups[..], &gateways[..], &configurations[..], connection)
    else {
        panic!("{case}: {groups:?} {gateways:?} {configurations:?} {connection:?}");
    };
    assert_eq!(
        (group.vpc.as_str(), group.egress),
        (wanted.vpc, wanted.egress),
        "{case}"
    );
    assert_eq!(
        (&gateway.group, gateway.tier.as_str()),
        (*group_id, wanted.tier),
        "{case}"
    );
    assert_eq!(
        (&configuration.gateway, configuration.domain.as_str()),
        (*gateway_id, wanted.domain),
        "{case}"
    );
    assert_eq!(connection.configuration, **configuration_id, "{case}");
    assert_eq!(connection.description, wanted.description, "{case}");
    let serves = |rule: &&Rule| rule.vpc == wanted.vpc && Some(rule.port) == wanted.ingress;
    let needed = wanted.ingress.is_some() && !of_others.iter().any(serves);
    assert!(
        rules.iter().all(serves) && rules.len() == usize::from(needed),
        "{case}: {rules:?}"
    );
}

/// Everything of ours can be found again: by its tag, or because it points at something with our tag.
fn assert_findable(cloud: &Cloud, case: &str) {
    let world = cloud.world();
    if let Some(connection) = world.connections.get(&NAME.into()) {
        let owner = world.configurations[&connection.configuration].owner.as_deref();
        assert!(is_of(owner, NAME), "{case}: {owner:?}");
    }
}

/// The sequel ends with what it asks for and with nothing left to do. A create that was killed when all was
/// done and only the state was missing is refused before any mutation, and goes on after an import.
async fn assert_finishes(terraform: &mut Terraform, sequel: Sequel, made: Option<&Wanted>, case: &str) {
    let cloud = Arc::clone(&terraform.cloud);
    cloud.inject(None);
    let Sequel::Apply(wanted) = sequel else {
        let known = terraform.state.is_some();
        let outcome = terraform.destroy().await;
        assert!(outcome.is_done(), "{case}: {outcome:?}");
        assert!(terraform.state.is_none(), "{case}");
        if known {
            assert_exactly(&cloud, None, case);
        } else {
            assert_findable(&cloud, case);
        }
        return;
    };
    let mut outcome = terraform.apply(wanted).await;
    if let Outcome::Failed(Error::Component {
        source: CloudError::Alive(_),
        ..
    }) = &outcome
    {
        assert!(cloud.operations().is_empty(), "{case}: refused after a mutation");
        assert!(terraform.state.is_none(), "{case}");
        assert_made(&cloud, made, case);
        terraform.import(made.unwrap_or(wanted)).await;
        outcome = terraform.apply(wanted).await;
    }
    assert!(outcome.is_done(), "{case}: {outcome:?}");
    assert_exactly(&cloud, Some(wanted), case);
    terraform.refresh().await.unwrap();
    let state = terraform
        .state
        .as_ref()
        .unwrap_or_else(|| panic!("{case}: no state"));
    assert!(
        state.pending.is_empty() && state.recorded.retired.is_empty(),
        "{case}: {state:?}"
    );
    let slots = 4 + usize::from(wanted.ingress.is_some());
    assert_eq!(state.recorded.current.len(), slots, "{case}");
    let steps = terraform.plan(wanted).await.unwrap();
    assert!(steps.is_empty(), "{case}: the second plan has {steps:?}");
}

/// Runs one case and answers how many mutations its sequel took.
async fn run_case(
    verb: Verb,
    fault: Fault,
    keeps_record: bool,
    sequel: Sequel,
    second: Option<Fault>,
) -> usize {
    let case = format!(
        "{} {fault:?}, record kept: {keeps_record}, then {sequel:?}, {second:?}",
        verb.name
    );
    let (cloud, mut terraform) = stage(verb.prior).await;
    cloud.ignore_tiers(verb.in_vain);
    let foreign = foreign_objects(&cloud);
    let former = serial(&cloud);

    cloud.inject(Some(fault));
    terraform.keeps_record = keeps_record;
    let outcome = perform(&mut terraform, verb.wanted).await;
    assert!(matches!(outcome, Outcome::Killed), "{case}: {outcome:?}");
    assert_findable(&cloud, &case);

    let mut made = verb.wanted;
    if let Some(second) = second {
        cloud.inject(Some(second));
        let wanted = match sequel {
            Sequel::Apply(wanted) => Some(wanted),
            Sequel::Destroy => None,
        };
        if matches!(
            perform(&mut terraform, wanted).await,
            Outcome::Killed | Outcome::Done
        ) {
            made = wanted;
        }
        assert_findable(&cloud, &case);
    }
    assert_finishes(&mut terraform, sequel, made, &case).await;
    let mutations = cloud.operations().len();
    if verb.wanted.is_some() && matches!(sequel, Sequel::Apply(_)) && former.is_some() {
        assert_eq!(serial(&cloud), former, "{case}: the connection is another one");
    }
    assert_eq!(
        foreign_objects(&cloud),
        foreign,
        "{case}: touched what is not ours"
    );
    mutations
}

fn faults(mutations: usize) -> impl Iterator<Item = Fault> {
    (0..mutations).flat_map(|n| [Fault::KillBefore(n), Fault::KillAfter(n)])
}

/// Every kill of a verb, and for each every kill of what follows.
async fn run_matrix(verb: Verb) {
    let (mut once, mut twice) = (0, 0);
    for fault in faults(mutations_of(verb).await) {
        for keeps_record in [false, true] {
            for sequel in sequels(verb) {
                let mutations = run_case(verb, fault, keeps_record, sequel, None).await;
                once += 1;
                for second in (0..mutations).map(Fault::KillAfter) {
                    run_case(verb, fault, keeps_record, sequel, Some(second)).await;
                    twice += 1;
                }
            }
        }
    }
    eprintln!(
        "crash matrix of {}: {once} runs interrupted once, {twice} twice",
        verb.name
    );
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_create_ends_with_exactly_what_is_wanted() {
    run_matrix(CREATE).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_update_ends_with_exactly_what_is_wanted() {
    run_matrix(UPDATE).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_move_ends_with_exactly_what_is_wanted() {
    run_matrix(MOVE).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_delete_ends_with_exactly_what_is_wanted() {
    run_matrix(DELETE).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_create_that_borrows_leaves_what_is_borrowed_alone() {
    run_matrix(BORROW).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_update_that_gives_back_leaves_what_was_borrowed_alone() {
    run_matrix(GIVE_BACK).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_delete_of_a_borrower_leaves_what_was_borrowed_alone() {
    run_matrix(DELETE_BORROWER).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_try_in_place_ends_with_exactly_what_is_wanted() {
    run_matrix(TRY).await;
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_killed_try_in_vain_ends_with_exactly_what_is_wanted() {
    run_matrix(TRY_IN_VAIN).await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_create_that_is_followed_by_another_name_stays_findable() {
    for fault in faults(mutations_of(CREATE).await) {
        let case = format!("{fault:?}");
        let (cloud, mut terraform) = stage(None).await;
        cloud.inject(Some(fault));
        assert!(matches!(terraform.apply(&FIRST).await, Outcome::Killed), "{case}");
        let left = cloud.world();

        cloud.inject(None);
        let mut other = Terraform::new(&cloud, "billing");
        assert!(other.apply(&FIRST).await.is_done(), "{case}");
        assert_findable(&cloud, &case);
        let now = cloud.world();
        for id in left.groups.keys() {
            assert!(now.groups.contains_key(id), "{case}: {id} is gone");
        }
        assert!(other.destroy().await.is_done(), "{case}");
        match terraform.apply(&FIRST).await {
            Outcome::Failed(Error::Component {
                source: CloudError::Alive(_),
                ..
            }) => assert_made(&cloud, Some(&FIRST), &case),
            outcome => {
                assert!(outcome.is_done(), "{case}: {outcome:?}");
                assert_exactly(&cloud, Some(&FIRST), &case);
            }
        }
    }
}
