//! The experiments and what local-aws assumes are about the same.

use std::collections::BTreeSet;

use local_aws::{Settings, Times};

use super::{ALL, OPEN};

#[test]
fn every_switch_and_time_is_settled_by_one_experiment_or_open_for_a_reason() {
    let switches = Settings::default().table().into_iter().map(|(name, _)| name);
    let times = Times::default()
        .table()
        .into_iter()
        .map(|(name, _)| name.to_owned());
    let assumed: BTreeSet<String> = switches.chain(times).collect();
    let settled = ALL.into_iter().flat_map(|experiment| experiment.settles);
    let told: Vec<String> = settled
        .copied()
        .chain(OPEN.map(|(id, _)| id))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        told.len(),
        told.iter().collect::<BTreeSet<_>>().len(),
        "one is there twice"
    );
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), assumed);
    assert!(OPEN.iter().all(|(_, why)| !why.is_empty()));
}

/// The names in backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_readme_tells_for_each_assumption_which_experiment_asks() {
    let readme = include_str!("../../../local-aws/README.md");
    let table = readme
        .split("\n### Assumptions\n")
        .nth(1)
        .expect("the section is there");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split('|').map(str::trim).skip(1).take(4).collect())
        .collect();
    assert_eq!(rows[0], ["what", "evidence", "switch", "asked by"]);
    let mut seen = 0;
    for row in &rows[1..] {
        let [what, _, switches, asked_by] = row[..] else {
            panic!("not four cells: {row:?}");
        };
        let switches = names(switches);
        let asks = ALL
            .iter()
            .filter(|experiment| experiment.settles.iter().any(|id| switches.contains(id)));
        let expected: BTreeSet<_> = asks.map(|experiment| experiment.id).collect();
        assert_eq!(
            names(asked_by).into_iter().collect::<BTreeSet<_>>(),
            expected,
            "{what}"
        );
        seen += switches.len();
    }
    assert!(seen > 25, "the table names {seen} switches");
}
