//! The ARN of an EventBridge connection, with the random part or without it.

use std::fmt;

use crate::aws::Arn;

/// `arn:<partition>:events:<region>:<account>:connection/<name>[/<id>]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionArn {
    pub partition: String,
    pub region: String,
    /// Twelve digits.
    pub account: String,
    pub name: String,
    /// What AWS chooses at random for each connection; `None` in an ARN for policies, which is known before the connection
    /// is made.
    pub id: Option<String>,
}

/// Why a text is not the ARN of a connection: a clause that follows its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAConnection {
    #[error(
        "{0:?} is not an ARN; the ARN of a connection is arn:aws:events:<region>:<account>:connection/<name>/<id>, which \
         private_api_invocation has as connection_arn"
    )]
    NoArn(String),
    #[error(
        "{0:?} is an ARN, but not that of a connection, which is arn:aws:events:<region>:<account>:connection/<name>/<id>, \
         which private_api_invocation has as connection_arn"
    )]
    Other(String),
}

impl ConnectionArn {
    /// Takes an ARN apart.
    ///
    /// # Errors
    /// The text is not the ARN of a connection.
    pub fn parse(text: &str) -> Result<Self, NotAConnection> {
        let arn = Arn::parse(text).ok_or_else(|| NotAConnection::NoArn(text.to_owned()))?;
        let other = || NotAConnection::Other(text.to_owned());
        let is_complete = arn.service == "events"
            && !arn.region.is_empty()
            && arn.account.len() == 12
            && arn.account.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = arn.resource.split('/');
        let (kind, name, id, more) = (parts.next(), parts.next(), parts.next(), parts.next());
        let name = name.filter(|name| is_name(name));
        let has_id = id.is_none_or(|id| !id.is_empty());
        match (kind, name, more) {
            (Some("connection"), Some(name), None) if is_complete && has_id => Ok(Self {
                name: name.to_owned(),
                id: id.map(str::to_owned),
                partition: arn.partition,
                region: arn.region,
                account: arn.account,
            }),
            _ => Err(other()),
        }
    }

    /// Whether `arn` is that of the connection that this one names, with its random part or without it.
    pub fn names(&self, arn: &str) -> bool {
        let own = self.to_string();
        arn == own || self.id.is_none() && arn.strip_prefix(&own).is_some_and(|id| id.starts_with('/'))
    }

    /// The ARN without the random part: what a policy names.
    pub fn for_policy(&self) -> String {
        self.of("events", format!("connection/{}", self.name))
    }

    /// The ARNs of the secrets in which EventBridge keeps the credentials of the connections of this name.
    pub fn secret_for_policy(&self) -> String {
        self.of(
            "secretsmanager",
            format!("secret:events!connection/{}/*", self.name),
        )
    }

    /// The ARN of something else in the same partition, Region and account.
    pub fn of(&self, service: &str, resource: String) -> String {
        Arn {
            partition: self.partition.clone(),
            service: service.to_owned(),
            region: self.region.clone(),
            account: self.account.clone(),
            resource,
        }
        .to_string()
    }
}

impl fmt::Display for ConnectionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_policy())?;
        match &self.id {
            Some(id) => write!(f, "/{id}"),
            None => Ok(()),
        }
    }
}

/// Whether a text can be the name of a connection or of an API destination.
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_own_connection_alone() {
        let live = "arn:aws:events:eu-central-1:123456789012:connection/orders/0a1b";
        let names = |text: &str| ConnectionArn::parse(text).expect("an ARN").names(live);
        assert!(names(live) && names("arn:aws:events:eu-central-1:123456789012:connection/orders"));
        for other in [
            "arn:aws:events:eu-central-1:123456789012:connection/orders/ffff",
            "arn:aws:events:eu-central-1:123456789012:connection/order",
            "arn:aws:events:eu-central-1:999999999999:connection/orders",
            "arn:aws-cn:events:eu-central-1:123456789012:connection/orders",
        ] {
            assert!(!names(other), "{other}");
        }
    }

    #[test]
    fn the_arn_of_a_connection_is_read_with_and_without_its_random_part_in_every_partition() {
        for (text, partition, id) in [
            (
                "arn:aws:events:eu-central-1:123456789012:connection/orders/0a1b",
                "aws",
                Some("0a1b"),
            ),
            (
                "arn:aws-cn:events:cn-north-1:123456789012:connection/orders",
                "aws-cn",
                None,
            ),
            (
                "arn:aws-eusc:events:eusc-de-east-1:123456789012:connection/orders/0a1b",
                "aws-eusc",
                Some("0a1b"),
            ),
        ] {
            let arn = ConnectionArn::parse(text).expect(text);
            assert_eq!(
                (arn.partition.as_str(), arn.id.as_deref()),
                (partition, id),
                "{text}"
            );
            assert_eq!((arn.name.as_str(), arn.to_string().as_str()), ("orders", text));
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_form_that_is_wanted() {
        for text in [
            "",
            "orders",
            "arn:aws:events:eu-central-1:123456789012:api-destination/orders/0a1b",
            "arn:aws:events:eu-central-1:123456789012:connection/",
            "arn:aws:events:eu-central-1:123456789012:connection/orders/",
            "arn:aws:events:eu-central-1:123456789012:connection/orders/0a1b/more",
            "arn:aws:events:eu-central-1:123456789012:connection/or ders/0a1b",
            "arn:aws:events:eu-central-1:1234:connection/orders/0a1b",
            "arn:aws:events::123456789012:connection/orders/0a1b",
            "arn:aws:lambda:eu-central-1:123456789012:connection/orders/0a1b",
        ] {
            let refused = ConnectionArn::parse(text).expect_err(text);
            assert!(
                refused.to_string().contains("connection/<name>/<id>"),
                "{text}: {refused}"
            );
        }
    }
}
