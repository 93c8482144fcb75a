//! Two creates of one name, from two states at the same moment: one of them has everything in the end.

use std::time::Duration;

use crate::fake::{FIRST, NAME, Terraform, empty};

/// So long a create takes, and some more.
const CREATE: Duration = Duration::from_secs(240);

#[tokio::test(start_paused = true)]
async fn whenever_the_second_begins_no_more_than_one_wins_and_what_the_other_records_is_its_own() {
    let mut winners = [0; 2];
    for begins in (0..CREATE.as_millis()).step_by(5_000) {
        let begins = Duration::from_millis(u64::try_from(begins).expect("minutes"));
        let (cloud, mut first) = empty();
        let mut second = Terraform::new(&cloud, NAME);
        let later = async {
            tokio::time::sleep(begins).await;
            second.apply(&FIRST).await
        };
        let (of_first, of_second) = tokio::join!(first.apply(&FIRST), later);
        let won = [of_first.is_done(), of_second.is_done()];
        assert!(
            won != [true, true],
            "after {begins:?} both think that they have it"
        );
        let mut both = [first, second];
        for (count, won) in winners.iter_mut().zip(won) {
            *count += usize::from(won);
        }
        let Some(winner) = won.iter().position(|won| *won) else {
            panic!("after {begins:?} none has it: {of_first:?}, {of_second:?}");
        };
        let stands = both[winner].state.clone().expect("it stands").recorded;
        // The other one goes, and takes nothing away.
        let gone = both[1 - winner].destroy().await;
        assert!(gone.is_done(), "after {begins:?}: {gone:?}");
        both[winner].refresh().await.expect("it is read");
        let after = both[winner].state.as_ref().expect("it stands");
        assert_eq!(after.recorded, stands, "after {begins:?}");
        assert_eq!(after.pending, [""; 0], "after {begins:?}");
        assert!(both[winner].destroy().await.is_done());
        let world = cloud.world();
        let left = [
            world.groups.len(),
            world.gateways.len(),
            world.configurations.len(),
            world.connections.len(),
        ];
        assert_eq!(left, [0; 4], "after {begins:?}");
    }
    assert!(
        winners.iter().all(|count| *count > 0),
        "each has won at times: {winners:?}"
    );
}
