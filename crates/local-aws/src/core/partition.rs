//! AWS's partitions: what ARNs begin with, and what host names end in.

/// A group of Regions that shares accounts and names with no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) name: &'static str,
    pub(crate) dns_suffix: &'static str,
}

/// The partitions but the common one, by what their Regions begin with ("AWS partitions", AWS Whitepaper on fault
/// isolation boundaries; botocore's endpoints).
const OTHERS: &[(&str, Partition)] = &[
    (
        "cn-",
        Partition {
            name: "aws-cn",
            dns_suffix: "amazonaws.com.cn",
        },
    ),
    (
        "us-gov-",
        Partition {
            name: "aws-us-gov",
            dns_suffix: "amazonaws.com",
        },
    ),
    (
        "eusc-",
        Partition {
            name: "aws-eusc",
            dns_suffix: "amazonaws.eu",
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
        for (region, name, suffix) in [
            ("eu-central-1", "aws", "amazonaws.com"),
            ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ] {
            let partition = Partition::of(region);
            assert_eq!((partition.name, partition.dns_suffix), (name, suffix));
        }
    }
}
