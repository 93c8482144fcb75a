//! Subnets and security groups by their ids: what many resources ask for at the same time, asked once.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, SecurityGroup, Subnet};

use super::Aws;
use crate::aws::{Api, AwsError, Called as _};

impl Aws {
    /// The security groups of these ids that there are.
    ///
    /// # Errors
    /// When DescribeSecurityGroups fails.
    pub async fn security_groups(&self, ids: &BTreeSet<String>) -> Result<Vec<SecurityGroup>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSecurityGroups");
        let fetch = |ids| async {
            let answer = self
                .ec2
                .describe_security_groups()
                .filters(among("group-id", ids));
            Ok(answer.send().await.of(API)?.security_groups.unwrap_or_default())
        };
        self.asked_groups.ask(ids, fetch).await
    }

    /// The subnets of these ids that there are.
    ///
    /// # Errors
    /// When DescribeSubnets fails.
    pub async fn subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<Subnet>, AwsError> {
        const API: Api = Api::new("ec2", "DescribeSubnets");
        let fetch = |ids| async {
            let answer = self.ec2.describe_subnets().filters(among("subnet-id", ids));
            Ok(answer.send().await.of(API)?.subnets.unwrap_or_default())
        };
        self.asked_subnets.ask(ids, fetch).await
    }
}

/// By a filter, since one id that does not exist would hide the others.
fn among(name: &str, ids: BTreeSet<String>) -> Filter {
    let filter = Filter::builder().name(name);
    filter.set_values(Some(ids.into_iter().collect())).build()
}
