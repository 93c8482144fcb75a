//! Every RPC, with whatever a host may send.

use std::cell::OnceCell;

use terraform_plugin::testing::{Host, METHODS};
use tokio::runtime::{Builder, Runtime};

use super::provider::{Fuzzed, config};

thread_local! {
    static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
}

/// What the framework says when it caught a panic.
const CRASHED: &[u8] = b"The provider crashed";
/// tonic answers a message that is no protobuf with the status INTERNAL, as gRPC asks for.
const UNREADABLE: &str = "failed to decode Protobuf message";
/// gRPC's codes of a server that broke: UNKNOWN, INTERNAL, DATA_LOSS.
const BROKEN: [i32; 3] = [2, 13, 15];

/// A request of the RPC that the first byte chooses, to a provider that was configured just before.
pub fn rpc(input: &[u8]) {
    let Some((choice, message)) = input.split_first() else {
        return;
    };
    let method = METHODS[usize::from(*choice) % METHODS.len()];
    RUNTIME.with(|runtime| {
        let runtime = runtime.get_or_init(|| {
            Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
        });
        runtime.block_on(answered(method, message));
    });
}

async fn answered(method: &str, message: &[u8]) {
    let host = Host::new(Fuzzed);
    host.configure(config()).await.expect("configured");
    match host.raw(method, message).await {
        Ok(answers) => {
            // A request that itself says so may be quoted.
            let crashed = answers.iter().any(|answer| contains(answer, CRASHED));
            assert!(!crashed || contains(message, CRASHED), "{method} crashed");
        }
        Err(status) => assert!(
            !BROKEN.contains(&status.code()) || status.message().starts_with(UNREADABLE),
            "{method}: {status}"
        ),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
