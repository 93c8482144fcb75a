//! The TCP ports that a path leads to, as VPC Lattice writes them: `443`, `8000-8080`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A port, or a range of them, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// The port of HTTPS.
    pub const HTTPS: Self = Self::one(443);

    /// A single port.
    pub const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// The first and the last port.
    pub fn ends(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// Whether the two have ports in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl FromStr for PortRange {
    /// What is wrong with it: a sentence.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
        match (port(first), port(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(format!(
                "{text:?} is no range of ports such as 443 or 8000-8080, of 1 to 65535."
            )),
        }
    }
}

/// Ports in words.
pub fn words<'p>(ports: impl IntoIterator<Item = &'p PortRange>) -> String {
    let ports: BTreeSet<_> = ports.into_iter().collect();
    let words: Vec<_> = ports.into_iter().map(ToString::to_string).collect();
    joined(&words)
}

/// Ports as AWS writes them, in words: `port 443`, `ports 443 and 8000-8080`.
pub fn named<S: AsRef<str>>(ports: &[S]) -> String {
    let ports: Vec<&str> = ports.iter().map(AsRef::as_ref).collect();
    match ports.as_slice() {
        [one] if !one.contains('-') => format!("port {one}"),
        all => format!("ports {}", joined(all)),
    }
}

fn joined<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        all => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_written_as_lattice_writes_it() {
        for text in ["443", "8000-8080", "1-65535"] {
            assert_eq!(
                text.parse::<PortRange>().map(|range| range.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "443-443".parse::<PortRange>().map(|range| range.to_string()),
            Ok("443".to_owned())
        );
        for none in ["", "0", "65536", "9-8", "a", "1-2-3", "-1"] {
            assert!(none.parse::<PortRange>().is_err(), "{none}");
        }
    }

    #[test]
    fn several_ports_are_told_as_several() {
        for (ports, words) in [
            (&["443"][..], "port 443"),
            (&["8000-8080"], "ports 8000-8080"),
            (&["443", "8443"], "ports 443 and 8443"),
            (&["443", "8000-8080", "9443"], "ports 443, 8000-8080 and 9443"),
        ] {
            assert_eq!(named(ports), words);
        }
    }

    #[test]
    fn ranges_overlap_where_they_share_a_port() {
        let range = |text: &str| text.parse::<PortRange>().expect("a range");
        assert!(range("1-10").overlaps(range("10-20")) && range("5").overlaps(range("1-10")));
        assert!(!range("1-9").overlaps(range("10-20")));
    }
}
