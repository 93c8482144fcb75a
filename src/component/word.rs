//! Words of AWS that are told apart here. One that is not known is kept as it is: AWS may add some.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $word:literal),+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($variant,)+
            /// A word that is not known here.
            Other(String),
        }

        impl $name {
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Which kinds of addresses a gateway or an endpoint has, or a DNS name is resolved to.
    IpAddressType { Ipv4 = "IPV4", Ipv6 = "IPV6", Dualstack = "DUALSTACK" }
}

words! {
    /// Where a gateway has DNS names resolved: by public DNS, or by the resolver of its VPC.
    DnsResolution { Public = "PUBLIC", InVpc = "IN_VPC" }
}

words! {
    /// The status of a resource gateway, a resource configuration or an association of one.
    LatticeStatus {
        Active = "ACTIVE",
        Partial = "PARTIAL",
        CreateInProgress = "CREATE_IN_PROGRESS",
        CreateFailed = "CREATE_FAILED",
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        UpdateFailed = "UPDATE_FAILED",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        DeleteFailed = "DELETE_FAILED"
    }
}

impl LatticeStatus {
    /// Whether what has this status can be called through: what it was before an update serves during the update, and
    /// after one that failed.
    pub fn serves(&self) -> bool {
        matches!(self, Self::Active | Self::UpdateInProgress | Self::UpdateFailed)
    }

    /// Whether AWS has given up what it did.
    pub fn has_failed(&self) -> bool {
        matches!(self, Self::CreateFailed | Self::UpdateFailed | Self::DeleteFailed)
    }
}

words! {
    /// The state of an EventBridge connection.
    ConnectionState {
        Creating = "CREATING",
        Updating = "UPDATING",
        Deleting = "DELETING",
        Authorized = "AUTHORIZED",
        Authorizing = "AUTHORIZING",
        Deauthorized = "DEAUTHORIZED",
        Deauthorizing = "DEAUTHORIZING",
        Active = "ACTIVE",
        FailedConnectivity = "FAILED_CONNECTIVITY"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_being_read_and_written() {
        for word in ["IPV4", "IPV6", "DUALSTACK", "IPV8"] {
            let json = format!("{word:?}");
            let read: IpAddressType = serde_json::from_str(&json).expect("a word");
            assert_eq!(
                (read.as_str(), serde_json::to_string(&read).ok()),
                (word, Some(json))
            );
            assert_eq!(matches!(read, IpAddressType::Other(_)), word == "IPV8");
        }
    }

    #[test]
    fn what_serves_and_what_has_failed_is_told_by_the_status() {
        let told = |word: &str| {
            let status = LatticeStatus::from(word.to_owned());
            (status.serves(), status.has_failed())
        };
        assert_eq!(told("ACTIVE"), (true, false));
        assert_eq!(told("UPDATE_IN_PROGRESS"), (true, false));
        assert_eq!(told("UPDATE_FAILED"), (true, true));
        assert_eq!(told("CREATE_FAILED"), (false, true));
        assert_eq!(told("DELETE_IN_PROGRESS"), (false, false));
        assert_eq!(told("PAUSED"), (false, false));
    }
}
