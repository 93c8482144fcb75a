//! One seed of the judge, and what has to go right when things go wrong.

use serde_json::json;

use super::*;
use crate::trouble::Trouble;

#[test]
fn what_was_drawn_is_found_nothing_is_left_and_nothing_of_others_is_touched() {
    let judgement = judge(1).unwrap();
    assert!(
        judgement.is_right(),
        "{:#?}\n{:#?}\n{:#?}\n{:#?}",
        judgement.wrong(),
        judgement.troubles,
        judgement.differences,
        judgement.touched
    );
    assert!(judgement.compared.len() > judgement.hidden() + 40);
}

#[test]
fn the_judge_sees_what_is_not_as_it_was_drawn_what_is_left_and_what_is_touched() {
    let (settings, times) = (Settings::default(), draw::times(7));
    let account = Account::open(&settings, times.clone()).unwrap();
    let mut expected = shown::all(&settings, &times);
    expected.insert("lowercases_domain_names", Shown::Answer(true.into()));
    expected.insert(
        "association",
        Shown::Seconds(times.association.as_secs_f64() + 1.0),
    );
    expected.insert("connection", Shown::Hidden);
    let judgement = judge_in(&account, 7, expected).unwrap();
    let wrong = judgement
        .wrong()
        .into_iter()
        .map(|line| line.split(':').next().unwrap().to_owned());
    assert_eq!(
        wrong.collect::<Vec<_>>(),
        ["association", "connection", "lowercases_domain_names"]
    );

    let (before, calls) = (account.local.objects(), account.local.calls().len());
    let aws = account.aws().unwrap();
    aws.events(
        "DeleteApiDestination",
        &json!({ "Name": "verify-aws-theirs-destination" }),
    )
    .unwrap();
    assert_eq!(differences(&before, &account.local.objects()).len(), 1);
    assert_eq!(
        foreign::touched(&account.local.calls()[calls..], &before).len(),
        1
    );
}

/// An account as it is assumed to be, with a folder for a run.
struct Place {
    account: Account,
    folder: tempfile::TempDir,
    before: Vec<serde_json::Value>,
}

impl Place {
    fn new() -> Self {
        let account = Account::open(&Settings::default(), Times::default()).unwrap();
        let before = account.local.objects();
        Self {
            account,
            folder: tempfile::tempdir().unwrap(),
            before,
        }
    }

    fn lab(&self) -> Lab {
        self.account.lab(self.folder.path()).unwrap()
    }

    fn is_as_before(&self) {
        self.account.local.advance_until_settled();
        let differences = differences(&self.before, &self.account.local.objects());
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

fn experiment(id: &str) -> &'static crate::experiments::Experiment {
    ALL.into_iter().find(|experiment| experiment.id == id).unwrap()
}

#[test]
fn a_denied_experiment_names_the_action_and_the_others_go_on() {
    let place = Place::new();
    place
        .account
        .local
        .add_fault(&json!({ "deny": "vpc-lattice:CreateResourceGateway" }))
        .unwrap();
    let mut lab = place.lab();
    let troubles = run::all(&mut lab, &[experiment("gateway"), experiment("shared-tags")]).unwrap();
    assert_eq!(troubles.len(), 1);
    let denied = Found::Unsettled("denied: vpc-lattice:CreateResourceGateway".to_owned());
    assert_eq!(lab.book.found("gateway"), Some(&denied));
    assert_eq!(
        lab.book.found("shared_tags_answer"),
        Some(&Found::Answer("access_denied".into()))
    );
    place.is_as_before();
}

#[test]
fn a_question_that_may_not_be_asked_stays_open_and_the_experiment_goes_on() {
    let place = Place::new();
    for action in [
        "vpc-lattice:ListTagsForResource",
        "vpc-lattice:GetServiceNetworkResourceAssociation",
    ] {
        place.account.local.add_fault(&json!({ "deny": action })).unwrap();
    }
    let mut lab = place.lab();
    let troubles = run::all(&mut lab, &[experiment("private-connection")]).unwrap();
    assert_eq!(troubles.len(), 1);
    let open = experiment("private-connection")
        .settles
        .iter()
        .filter(|id| !lab.book.settles(id));
    assert_eq!(
        open.collect::<Vec<_>>(),
        [&"association", &"association_tag", &"association-removal"]
    );
    let denied = Found::Unsettled("denied: vpc-lattice:ListTagsForResource".to_owned());
    assert_eq!(lab.book.found("association_tag"), Some(&denied));
    place.is_as_before();
}

#[test]
fn a_deletion_that_fails_is_asked_for_again() {
    let place = Place::new();
    let fails = json!({ "service": "vpc-lattice", "type": "resource-gateway", "becomes": "DELETE_FAILED", "count": 1 });
    let fault = place.account.local.add_fault(&fails).unwrap()[0];
    let troubles = run::all(&mut place.lab(), &[experiment("gateway")]).unwrap();
    assert_eq!(place.account.local.fault_fired(fault), 1);
    assert!(troubles[0].to_string().contains("DELETE_FAILED"), "{troubles:?}");
    place.is_as_before();
}

#[test]
fn what_a_lost_answer_may_have_made_is_found_by_its_name_and_removed() {
    for (service, operation, id) in [
        ("ec2", "CreateSecurityGroup", "security-group"),
        ("ec2", "CreateVpcEndpoint", "vpc-endpoint"),
        ("vpc-lattice", "CreateResourceGateway", "gateway"),
        ("vpc-lattice", "CreateResourceConfiguration", "configuration"),
        ("events", "CreateConnection", "public-connection"),
        ("events", "CreateApiDestination", "api-destination"),
    ] {
        let place = Place::new();
        // What was just made is missing from the first listings, too.
        place
            .account
            .local
            .change_settings(&json!({ "missed_listings": 2 }))
            .unwrap();
        let lost =
            json!({ "service": service, "operation": operation, "count": 1, "effect": { "drop": "after" } });
        let fault = place.account.local.add_fault(&lost).unwrap()[0];
        let mut lab = place.lab();
        let switched_on = operation == "CreateApiDestination";
        place
            .account
            .local
            .change_settings(&json!({ "accepts_http_destinations": switched_on }))
            .unwrap();
        let troubles = run::all(&mut lab, &[experiment(id)]).unwrap();
        assert_eq!(place.account.local.fault_fired(fault), 1, "{operation}");
        assert!(
            matches!(&troubles[..], [Trouble::Unreachable { .. }]),
            "{operation}: {troubles:?}"
        );
        place.is_as_before();
        assert!(lab.journal.objects().is_empty() && !lab.journal.path().exists());
    }
}

/// A clock that somebody stops by, now and then.
struct Interrupted {
    clock: Rc<dyn Clock>,
    /// After how many waits, one after the other.
    after: Cell<Vec<u32>>,
}

impl Clock for Interrupted {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep(&self, time: Duration) {
        self.clock.sleep(time);
    }

    fn interrupted(&self) -> bool {
        let mut after = self.after.take();
        let now = after.first_mut().is_some_and(|left| {
            *left = left.saturating_sub(1);
            *left == 0
        });
        if now {
            after.remove(0);
        }
        self.after.set(after);
        now
    }
}

fn interrupted(place: &Place, after: &[u32]) -> Lab {
    let mut lab = place.lab();
    lab.clock = Rc::new(Interrupted {
        clock: Rc::clone(&place.account.clock),
        after: Cell::new(after.to_vec()),
    });
    let stopped = run::all(&mut lab, &[experiment("private-connection")]);
    assert_eq!(stopped, Err(Trouble::Interrupted));
    lab
}

#[test]
fn whoever_stops_a_run_finds_everything_removed() {
    for waits in [1, 8, 15, 40, 200] {
        let place = Place::new();
        let lab = interrupted(&place, &[waits]);
        assert!(
            lab.journal.objects().is_empty(),
            "after {waits} waits: {:?}",
            lab.journal.objects()
        );
        place.is_as_before();
    }
}

#[test]
fn what_a_run_leaves_that_is_stopped_twice_the_next_one_removes() {
    let place = Place::new();
    let left = interrupted(&place, &[40, 3]).journal.objects().to_vec();
    assert!(!left.is_empty());
    let mut next = place.lab();
    assert_eq!(next.journal.objects(), left);
    run::all(&mut next, &[]).unwrap();
    place.is_as_before();
}

#[test]
fn an_endpoint_that_is_none_is_refused_with_the_remedy() {
    let place = Place::new();
    let aws = place.account.aws().unwrap();
    let unknown = Subject::look(&aws, ENDPOINT_OPTION, "vpce-0123456789abcdef0").unwrap_err();
    assert!(
        unknown.contains("vpce-0123456789abcdef0 in us-east-1") && unknown.contains("--region"),
        "{unknown}"
    );
    let subject = Subject::look(&aws, ENDPOINT_OPTION, &place.account.local.seed().vpc_endpoint_id).unwrap();
    let other = aws
        .ec2(
            "CreateVpcEndpoint",
            &[
                ("VpcEndpointType", "Interface"),
                ("VpcId", &subject.vpc_id),
                ("SubnetId.1", &subject.subnet_id),
                ("ServiceName", "com.amazonaws.us-east-1.events"),
            ],
        )
        .unwrap();
    let id = other["vpcEndpoint"]["vpcEndpointId"].as_str().unwrap();
    let wrong = Subject::look(&aws, ENDPOINT_OPTION, id).unwrap_err();
    assert!(wrong.contains("com.amazonaws.us-east-1.events"), "{wrong}");
    place
        .account
        .local
        .add_fault(&json!({ "deny": "ec2:DescribeVpcEndpoints" }))
        .unwrap();
    let denied = Subject::look(&aws, ENDPOINT_OPTION, id).unwrap_err();
    assert!(
        denied.contains("the permission ec2:DescribeVpcEndpoints is missing"),
        "{denied}"
    );
}

#[test]
fn facts_have_no_ids_and_no_secrets() {
    let place = Place::new();
    place
        .account
        .local
        .change_settings(&json!({ "quotes_secrets_in_reasons": "plain" }))
        .unwrap();
    let mut lab = place.lab();
    run::all(&mut lab, &ALL).unwrap();
    let text = std::fs::read_to_string(lab.book.path()).unwrap();
    let seed = place.account.local.seed();
    for hidden in [
        seed.account_id.as_str(),
        "210987654321",
        &seed.vpc_id,
        lab.journal.run(),
        "user/local",
    ] {
        assert!(!text.contains(hidden), "{hidden}\n{text}");
    }
    assert!(!text.contains(&lab.secret[4..]), "{text}");
}

/// What is found is what is served by those facts: a local AWS that has them is found to be the same.
#[test]
fn a_local_aws_that_serves_facts_behaves_as_they_say() {
    let seed = 3;
    let account = Account::open(&draw::settings(seed), draw::times(seed)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut lab = account.lab(folder.path()).unwrap();
    run::all(&mut lab, &ALL).unwrap();
    let first = Facts::parse(&std::fs::read_to_string(lab.book.path()).unwrap()).unwrap();

    let (mut settings, mut times) = (Settings::default(), Times::default());
    first.apply(&mut settings, &mut times).unwrap();
    let again = Account::open(&settings, times).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut lab = again.lab(folder.path()).unwrap();
    run::all(&mut lab, &ALL).unwrap();
    for fact in &first.facts {
        assert_eq!(lab.book.found(&fact.id), Some(&fact.found), "{}", fact.id);
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    assert_eq!(
        (draw::settings(5), draw::times(5)),
        (draw::settings(5), draw::times(5))
    );
    assert_ne!(draw::settings(5), draw::settings(6));
}
