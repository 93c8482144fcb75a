//! ARNs: what they say of an object, and how they are made.

use std::fmt;

/// The name of an object across AWS: `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// `vpc-lattice`, `events`, `secretsmanager`, …
    pub service: String,
    /// Empty for what belongs to no Region.
    pub region: String,
    /// Twelve digits; empty for what belongs to no account.
    pub account: String,
    /// `resourcegateway/rgw-…`, `connection/<name>/<uuid>`, `secret:<name>`, …
    pub resource: String,
}

impl Arn {
    /// The parts of an ARN; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':').map(str::to_owned);
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        let lacks_part = arn.partition.is_empty() || arn.service.is_empty() || arn.resource.is_empty();
        (!lacks_part).then_some(arn)
    }

    /// What follows the kind of the resource: the name in `connection/<name>/<uuid>`, the id in
    /// `resourceconfiguration/<id>`. `None` where the resource has no kind.
    pub fn name(&self) -> Option<&str> {
        self.resource.split('/').nth(1)
    }
}

/// ` --region <region>`: what a command of the AWS CLI needs to look where the object of an ARN is. Nothing for a text that
/// names no Region.
pub fn region_option(arn: &str) -> String {
    Arn::parse(arn)
        .filter(|arn| !arn.region.is_empty())
        .map(|arn| format!(" --region {}", arn.region))
        .unwrap_or_default()
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_taken_apart_and_put_together() {
        let table = [
            (
                "arn:aws:events:us-east-1:123456789012:connection/orders/0a1b",
                "us-east-1",
                Some("orders"),
            ),
            (
                "arn:aws-cn:vpc-lattice:cn-north-1:123456789012:resourceconfiguration/rcfg-1",
                "cn-north-1",
                Some("rcfg-1"),
            ),
            ("arn:aws:iam::123456789012:user/local", "", Some("local")),
            (
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection",
                "us-east-1",
                None,
            ),
        ];
        for (text, region, name) in table {
            let arn = Arn::parse(text).expect(text);
            assert_eq!(arn.region, region, "{text}");
            assert_eq!(arn.name(), name, "{text}");
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn what_lacks_a_part_is_no_arn() {
        for text in [
            "",
            "orders",
            "arn:aws:events:us-east-1:1",
            "arn::events:r:1:x",
            "arn:aws:events:r:1:",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
