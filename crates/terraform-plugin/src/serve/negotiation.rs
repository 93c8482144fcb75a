//! The protocol's major version: the host offers some, this crate speaks one.

/// The only major version spoken here. Minor versions are never sent; capabilities tell them apart.
pub(super) const PROTOCOL: u32 = 6;

/// A line for stderr if the host's offer, a list such as `5,6` in no order, leaves out what is spoken here.
///
/// The handshake goes on all the same: the host then reports the mismatch in its own words. What is no number
/// is skipped, as go-plugin does.
pub(super) fn disagreement(offered: Option<&str>) -> Option<String> {
    let offered = offered?;
    let agreed = offered
        .split(',')
        .filter_map(|version| version.trim().parse::<u32>().ok())
        .any(|v| v == PROTOCOL);
    (!agreed).then(|| {
        format!("[WARN] the host speaks plugin protocol {offered:?}, this provider speaks {PROTOCOL} only\n")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_is_a_list_in_any_order_with_bad_entries_skipped() {
        let agreed = ["6", "5,6", "6,5", " 6 ", "x,6,", "4,6,7"];
        let not_agreed = ["", "5", "5,66", "x", "6.0", "-6"];
        for offer in agreed {
            assert_eq!(disagreement(Some(offer)), None, "{offer:?}");
        }
        for offer in not_agreed {
            assert!(
                disagreement(Some(offer)).is_some_and(|line| line.starts_with("[WARN] ")),
                "{offer:?}"
            );
        }
    }

    #[test]
    fn a_host_that_offers_nothing_is_an_old_one_and_gets_the_version_too() {
        assert_eq!(disagreement(None), None);
    }
}
