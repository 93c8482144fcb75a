//! What to do about a gateway that AWS could not make: it gives no reason, and the usual one is a subnet that cannot
//! give the addresses, be it that too few are left or that no free range is large enough.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_ec2::types::Subnet;

use crate::client::Aws;

/// The words to add to the error of a gateway in `CREATE_FAILED`, in these subnets, of which it takes so many IPv4
/// addresses each (`None` for a gateway with IPv6 alone). Asks for the subnets, and says less where that is denied.
pub async fn remedy_for_failed_gateway(
    aws: &Aws,
    subnet_ids: &BTreeSet<String>,
    addresses: Option<u32>,
) -> String {
    let subnets = aws.subnets(subnet_ids).await.ok();
    words(subnet_ids, subnets.as_deref(), addresses)
}

fn words(ids: &BTreeSet<String>, subnets: Option<&[Subnet]>, addresses: Option<u32>) -> String {
    let mut words = match addresses {
        Some(count) => format!(
            "AWS gives no reason. The usual one is a subnet that cannot give the {count} IPv4 addresses which the gateway \
             takes there in contiguous blocks: a subnet can have that many free addresses, and yet be too fragmented. Its \
             subnets are:\n"
        ),
        None => "AWS gives no reason. The usual one is a subnet that cannot give the gateway IPv6 addresses. Its subnets \
                 are:\n"
            .to_owned(),
    };
    for id in ids {
        let mut known = subnets.unwrap_or_default().iter();
        let line = match known.find(|subnet| subnet.subnet_id.as_ref() == Some(id)) {
            Some(subnet) => described(id, subnet),
            None => id.clone(),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(words, "  {line}");
    }
    words.push_str(if addresses.is_some() {
        "Set network.ipv4_addresses_per_eni to fewer, or give network.subnet_ids larger subnets, or such as have an \
         unbroken range free (a CIDR reservation of the type prefix keeps one)."
    } else {
        "Give network.subnet_ids other subnets."
    });
    words
}

fn described(id: &str, subnet: &Subnet) -> String {
    let cidr = subnet.cidr_block.as_deref().unwrap_or("no IPv4 CIDR");
    match subnet.available_ip_address_count {
        Some(free) => format!("{id} ({cidr}, {free} addresses free)"),
        None => format!("{id} ({cidr})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subnet_is_named_with_its_size_and_what_it_has_left() {
        let ids = BTreeSet::from(["subnet-a".to_owned(), "subnet-b".to_owned()]);
        let seen = Subnet::builder()
            .subnet_id("subnet-a")
            .cidr_block("10.0.0.0/26")
            .available_ip_address_count(40)
            .build();
        let words = words(&ids, Some(&[seen]), Some(16));
        for part in [
            "subnet-a (10.0.0.0/26, 40 addresses free)",
            "\n  subnet-b\n",
            "16 IPv4 addresses",
            "network.ipv4_addresses_per_eni",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let of_ipv6 = super::words(&ids, None, None);
        assert!(!of_ipv6.contains("ipv4_addresses_per_eni"), "{of_ipv6}");
    }
}
