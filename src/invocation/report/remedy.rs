//! What to look at when EventBridge gives a connection up, with the values of the resource at hand.

use terraform_plugin::Attr;

use crate::component::{ConnectionState, ports};
use crate::invocation::model::{Authorization, Model};

/// The remedies for a connection that has failed, by the state that its reason begins with.
pub fn of_connection(inputs: &Model, reason: &str) -> Option<String> {
    if reason.starts_with(ConnectionState::FailedConnectivity.as_str()) {
        return Some(of_path(inputs));
    }
    if reason.starts_with(ConnectionState::Deauthorized.as_str()) {
        return inputs.authorization.known().map(of_credentials);
    }
    None
}

fn of_path(inputs: &Model) -> String {
    let endpoint = match (&inputs.vpc_endpoint_id, &inputs.https_endpoint) {
        (Attr::Known(id), _) => {
            format!("VPC endpoint {id} is available and its security groups let the gateway in on port 443")
        }
        (_, Attr::Known(https)) => {
            let target = https.domain_name.known().or(https.ip_address.known());
            let target = target.map_or("the endpoint", String::as_str);
            let ranges = https
                .port_ranges
                .known()
                .into_iter()
                .flatten()
                .filter_map(Attr::known);
            let ranges: Vec<_> = ranges.map(String::as_str).collect();
            let port = https.port.known().copied().unwrap_or(443);
            let ports = if ranges.is_empty() {
                format!("port {port}")
            } else {
                ports::named(&ranges)
            };
            format!(
                "{target} answers on {ports} from the subnets of the gateway, with a certificate that is publicly trusted"
            )
        }
        _ => {
            let arn = inputs.shared_resource_configuration_arn.known();
            let arn = arn.map_or("the resource configuration", String::as_str);
            format!("the owner of {arn} sees it ACTIVE, and what it leads to answers")
        }
    };
    format!("Check that {endpoint}. Then apply again, which tries the path anew.")
}

fn of_credentials(authorization: &Authorization) -> String {
    let (what, secret) = match authorization {
        Authorization {
            api_key: Attr::Known(key),
            ..
        } => {
            let name = key.name.known().map_or("its header", String::as_str);
            (format!("the API key that is sent in {name}"), "api_key.value_wo")
        }
        Authorization {
            basic: Attr::Known(basic),
            ..
        } => {
            let username = basic.username.known().map_or("its user", String::as_str);
            (format!("the password of {username}"), "basic.password_wo")
        }
        Authorization {
            oauth_client_credentials: Attr::Known(oauth),
            ..
        } => {
            let client = oauth.client_id.known().map_or("the client", String::as_str);
            let endpoint = oauth.authorization_endpoint.known();
            let endpoint = endpoint.map_or("the token endpoint", String::as_str);
            (
                format!("the secret of client {client} at {endpoint}"),
                "oauth_client_credentials.client_secret_wo",
            )
        }
        _ => return "Check that the API asks for no credentials: authorization is none.".to_owned(),
    };
    format!(
        "Check {what}. The next apply sends the same credentials again; if they have changed, set authorization.{secret} with a \
         new version first."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::model::Basic;

    #[test]
    fn a_remedy_names_the_values_of_the_resource() {
        let basic = Basic {
            username: Attr::Known("ann".to_owned()),
            ..Basic::default()
        };
        let inputs = Model {
            vpc_endpoint_id: Attr::Known("vpce-1".to_owned()),
            authorization: Attr::Known(Authorization {
                basic: Attr::Known(basic),
                ..Authorization::default()
            }),
            ..Model::default()
        };
        let remedy = |reason| of_connection(&inputs, reason);
        assert!(remedy("FAILED_CONNECTIVITY: no").is_some_and(|words| words.contains("vpce-1")));
        let words = remedy("DEAUTHORIZED: no").expect("a remedy");
        assert!(
            words.contains("ann") && words.contains("basic.password_wo"),
            "{words}"
        );
        assert_eq!(remedy("something else"), None);
    }
}
