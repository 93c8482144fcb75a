//! How long each transition takes. **All assumed**: the sources differ or are silent, so each can be set.
//!
//! What is known: whole create-and-destroy tests of gateways and configurations took 34–77 s with the real
//! service, so each of their transitions takes seconds; a private connection takes from about one minute to
//! more than five; associations and network interfaces linger for seconds to "a few minutes".

use std::str::FromStr;
use std::time::Duration;

/// How much faster than AWS the assumed times pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// Every time is divided by this factor, which is greater than 0.
    Factor(f64),
    /// No transition takes any time.
    Instant,
}

impl Speed {
    /// A time of AWS's, as it passes here.
    pub(crate) fn scale(self, time: Duration) -> Duration {
        match self {
            Self::Instant => Duration::ZERO,
            Self::Factor(factor) => time.div_f64(factor),
        }
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "instant" {
            return Ok(Self::Instant);
        }
        match text.parse::<f64>() {
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Self::Factor(factor)),
            _ => Err(format!(
                "'{text}' is neither a number greater than 0 nor 'instant'"
            )),
        }
    }
}

macro_rules! times {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $seconds:literal;)+) => {
        /// The transitions' assumed durations, before [`Speed`] scales them.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Times {
            $($(#[doc = $doc])+ pub $name: Duration,)+
        }

        impl Default for Times {
            fn default() -> Self {
                Self { $($name: Duration::from_secs($seconds),)+ }
            }
        }

        impl Times {
            /// The names that [`Times::set`] takes, with the values as they are now.
            pub fn table(&self) -> Vec<(&'static str, Duration)> {
                vec![$(($text, self.$name),)+]
            }

            /// Sets one time by its name.
            ///
            /// # Errors
            /// A text that lists the names, when there is none of this name.
            pub fn set(&mut self, name: &str, time: Duration) -> Result<(), String> {
                match name {
                    $($text => self.$name = time,)+
                    _ => return Err(format!("no time is called '{name}'; there are: {}", [$($text),+].join(", "))),
                }
                Ok(())
            }

            pub(crate) fn scaled(&self, speed: Speed) -> Self {
                Self { $($name: speed.scale(self.$name),)+ }
            }
        }
    };
}

times! {
    /// A VPC endpoint, from pending to available.
    vpc_endpoint = "vpc-endpoint", 20;
    /// A VPC endpoint, from deleting until it is gone with its network interfaces.
    vpc_endpoint_deletion = "vpc-endpoint-deletion", 10;
    /// A resource gateway, from CREATE_IN_PROGRESS to ACTIVE.
    gateway = "gateway", 5;
    /// A resource gateway, from UPDATE_IN_PROGRESS to ACTIVE.
    gateway_update = "gateway-update", 5;
    /// A resource gateway, from DELETE_IN_PROGRESS to not found.
    gateway_deletion = "gateway-deletion", 5;
    /// Network interfaces of a deleted resource gateway, counted from the gateway's end.
    interface_removal = "interface-removal", 30;
    /// A resource configuration, from CREATE_IN_PROGRESS to ACTIVE.
    configuration = "configuration", 5;
    /// A resource configuration, from UPDATE_IN_PROGRESS to ACTIVE.
    configuration_update = "configuration-update", 2;
    /// A resource configuration, from DELETE_IN_PROGRESS to not found.
    configuration_deletion = "configuration-deletion", 5;
    /// A service network resource association, from CREATE_IN_PROGRESS to ACTIVE.
    association = "association", 15;
    /// A service network resource association, counted from its connection's end or change of path.
    association_removal = "association-removal", 60;
    /// A private connection, from CREATING or UPDATING to AUTHORIZED.
    connection_authorization = "connection-authorization", 20;
    /// A private connection, from CREATING or UPDATING to ACTIVE, the authorization included. AUTHORIZED thus
    /// stands for minutes, which is the unpleasant one of the courses that were seen.
    connection = "connection", 170;
    /// A public OAuth connection, from AUTHORIZING to AUTHORIZED.
    public_connection = "public-connection", 3;
    /// A connection, from DELETING to not found.
    connection_deletion = "connection-deletion", 5;
    /// The first pause before an event is delivered again; each next one is twice as long, up to 256 times.
    delivery_retry = "delivery-retry", 1;
    /// A connection, from DEAUTHORIZING to DEAUTHORIZED.
    deauthorization = "deauthorization", 3;
}

/// Reads `name=5s`, with `ms`, `s` or `m`.
///
/// # Errors
/// A text that says which part is wrong.
pub fn parse_time(text: &str) -> Result<(String, Duration), String> {
    let (name, time) = text
        .split_once('=')
        .ok_or_else(|| format!("'{text}' is not name=time, such as gateway=5s"))?;
    Times::default().set(name, Duration::ZERO)?;
    let digits = time.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let value: f64 = digits
        .parse()
        .map_err(|_| format!("'{time}' does not begin with a number"))?;
    let seconds = match &time[digits.len()..] {
        "ms" => value / 1000.0,
        "s" => value,
        "m" => value * 60.0,
        unit => return Err(format!("'{unit}' is not a unit of time; use ms, s or m")),
    };
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| format!("'{time}' is out of range"))?;
    Ok((name.to_owned(), time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(
            parse_time("gateway=5s"),
            Ok(("gateway".to_owned(), Duration::from_secs(5)))
        );
        assert_eq!(
            parse_time("connection=1.5m"),
            Ok(("connection".to_owned(), Duration::from_secs(90)))
        );
        for wrong in [
            "gateway",
            "gateway=5",
            "gateway=s",
            "gateway=5h",
            "gatewy=5s",
            "gateway=-5s",
        ] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn speed_divides_every_time() {
        let times = Times::default();
        assert_eq!(
            times.scaled(Speed::Factor(10.0)).connection,
            Duration::from_secs(17)
        );
        assert!(
            times
                .scaled(Speed::Instant)
                .table()
                .iter()
                .all(|(_, time)| time.is_zero())
        );
    }
}
