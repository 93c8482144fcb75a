//! What goes on beside the requests.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::dataplane::delivery;
use crate::shared::Shared;

/// Lets everything happen when it is due: changes of state, of which who waits hears, and deliveries.
pub(crate) async fn live(shared: Arc<Shared>) {
    let mut news = shared.news();
    let mut attempts = JoinSet::new();
    loop {
        news.borrow_and_update();
        let (due, ready) = {
            let mut world = shared.world();
            delivery::collect(&mut world);
            (world.next_due(), world.deliveries_mut().take_ready())
        };
        shared.persist(false);
        for id in ready {
            let shared = Arc::clone(&shared);
            attempts.spawn(async move { delivery::attempt(&shared, id).await });
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
