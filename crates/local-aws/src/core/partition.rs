//! AWS's partitions: what ARNs begin with, and what host names end in.

/// A group of Regions that shares accounts and names with no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) name: &'static str,
    pub(crate) dns_suffix: &'static str,
    /// What calls of services without Regions are signed for.
    pub(crate) global_region: &'static str,
}

/// The partitions but the common one, by what their Regions begin with ("AWS partitions", AWS Whitepaper on fault
/// isolation boundaries; botocore's endpoints).
const OTHERS: &[(&str, Partition)] = &[
    (
        "cn-",
        Partition {
            name: "aws-cn",
            dns_suffix: "amazonaws.com.cn",
            global_region: "cn-north-1",
        },
    ),
    (
        "us-gov-",
        Partition {
            name: "aws-us-gov",
            dns_suffix: "amazonaws.com",
            global_region: "us-gov-west-1",
        },
    ),
    (
        "eusc-",
        Partition {
            name: "aws-eusc",
            dns_suffix: "amazonaws.eu",
            global_region: "eusc-de-east-1",
        },
    ),
];

impl Partition {
    pub(crate) fn of(region: &str) -> Self {
        let other = OTHERS.iter().find(|(prefix, _)| region.starts_with(prefix));
        other.map_or(
            Self {
                name: "aws",
                dns_suffix: "amazonaws.com",
                global_region: "us-east-1",
            },
            |(_, partition)| *partition,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_tells_its_partition() {
        for (region, name, suffix, global) in [
            ("eu-central-1", "aws", "amazonaws.com", "us-east-1"),
            ("cn-northwest-1", "aws-cn", "amazonaws.com.cn", "cn-north-1"),
            ("us-gov-east-1", "aws-us-gov", "amazonaws.com", "us-gov-west-1"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu", "eusc-de-east-1"),
        ] {
            let partition = Partition::of(region);
            assert_eq!((partition.name, partition.dns_suffix), (name, suffix));
            assert_eq!(partition.global_region, global);
        }
    }
}
