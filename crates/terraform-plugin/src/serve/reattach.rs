//! The debug mode's text: how a CLI attaches to a provider that a person started.

use serde_json::json;

use super::{Identity, listener::Address, negotiation::PROTOCOL};

/// What to set, and how, so that Terraform or OpenTofu uses the process `pid` at `address`.
pub(super) fn instructions(identity: &Identity, address: &Address, pid: u32) -> String {
    let variable = variable(identity, address, pid);
    // In both kinds of shell a quote within single quotes is the only thing to mind.
    let setting = if cfg!(windows) {
        format!("$env:TF_REATTACH_PROVIDERS='{}'", variable.replace('\'', "''"))
    } else {
        format!(
            "export TF_REATTACH_PROVIDERS='{}'",
            variable.replace('\'', r"'\''")
        )
    };
    format!(
        "{} {} serves until it is interrupted. To attach Terraform or OpenTofu, set in their shell:\n\n\
         {setting}\n\n\
         There is no TLS in this mode. Logs come to this terminal with TF_LOG=DEBUG (or TRACE) set for this process.\n",
        identity.binary(),
        identity.version
    )
}

/// The value of `TF_REATTACH_PROVIDERS`. `Test` makes a CLI leave the process alone when it is done with it.
fn variable(identity: &Identity, address: &Address, pid: u32) -> String {
    json!({
        identity.source(): {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": pid,
            "Test": true,
            "Addr": { "Network": address.network, "String": address.place },
        }
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::identity;

    fn at(path: &str) -> Address {
        Address {
            network: "unix",
            place: path.into(),
        }
    }

    #[test]
    fn the_variable_is_the_json_that_core_reads() {
        let text = variable(&identity(), &at("/tmp/plugin1"), 123);
        let expected = json!({ "example/bare": {
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": 123, "Test": true,
            "Addr": { "Network": "unix", "String": "/tmp/plugin1" },
        }});
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON"),
            expected
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_line_survives_a_shell() {
        let text = instructions(&identity(), &at("/tmp/it's/plugin1"), 123);
        assert!(
            text.contains("\nexport TF_REATTACH_PROVIDERS='{\"example/bare\":{"),
            "{text}"
        );
        assert!(text.contains(r"/tmp/it'\''s/plugin1"), "{text}");
    }
}
