//! What goes on beside the requests.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::dataplane::delivery;
use crate::services::states;
use crate::shared::Shared;

/// Lets everything happen when it is due: changes of state, of which who waits hears, deliveries, and the calls of executions.
pub(crate) async fn live(shared: Arc<Shared>) {
    let mut news = shared.news();
    let mut attempts = JoinSet::new();
    loop {
        news.borrow_and_update();
        let (due, ready, calls) = {
            let mut world = shared.world();
            delivery::collect(&mut world);
            let ready = world.deliveries_mut().take_ready();
            (world.next_due(), ready, world.state_machines_mut().take_calls())
        };
        shared.persist(false);
        for id in ready {
            let shared = Arc::clone(&shared);
            attempts.spawn(async move { delivery::attempt(&shared, id).await });
        }
        for call in calls {
            let shared = Arc::clone(&shared);
            attempts.spawn(async move { states::make_call(&shared, call).await });
        }
        let pause = async {
            match due.and_then(|due| shared.clock.until(due)) {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = pause => {}
            // The sender lives as long as this does.
            _ = news.changed() => {}
            Some(_) = attempts.join_next() => {}
        }
    }
}
