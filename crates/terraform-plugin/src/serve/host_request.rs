//! What the host asks for through the environment of the process that it starts.

use std::{ops::RangeInclusive, path::PathBuf};

use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::StartError;

/// The host's wishes, as go-plugin's `PLUGIN_*` variables carry them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostRequest {
    /// The major protocol versions that it speaks: `5,6`.
    pub protocol_versions: Option<String>,
    /// Its one-time certificate. With it comes mutual TLS; without it (a user set `TF_DISABLE_PLUGIN_TLS`)
    /// none.
    pub client_certificate: Option<CertificateDer<'static>>,
    /// The ports to choose from where the server must listen on TCP; 0 is any.
    pub ports: RangeInclusive<u16>,
    /// Where the socket should be made, in place of the folder for temporary files.
    pub socket_folder: Option<PathBuf>,
    /// The group, by id or by name, that may connect beside the user.
    pub socket_group: Option<String>,
    /// Whether the handshake line has the field on multiplexing.
    pub multiplexing: bool,
}

impl Default for HostRequest {
    /// A host that asks for nothing.
    fn default() -> Self {
        Self {
            protocol_versions: None,
            client_certificate: None,
            ports: 0..=0,
            socket_folder: None,
            socket_group: None,
            multiplexing: false,
        }
    }
}

impl HostRequest {
    /// Reads the environment through `lookup`. An empty variable is as good as none.
    ///
    /// # Errors
    /// When a certificate or a port is there and cannot be read: to go on without it would be less than was
    /// asked for.
    pub(super) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let lookup = |name| lookup(name).filter(|value| !value.is_empty());
        let port = |variable| match lookup(variable) {
            None => Ok(0),
            Some(text) => text.parse().map_err(|_| StartError::Environment {
                variable,
                expected: "a port from 0 to 65535",
            }),
        };
        let (first, last): (u16, u16) = (port("PLUGIN_MIN_PORT")?, port("PLUGIN_MAX_PORT")?);
        if first > last {
            return Err(StartError::Environment {
                variable: "PLUGIN_MAX_PORT",
                expected: "at least PLUGIN_MIN_PORT",
            });
        }
        let client_certificate = lookup("PLUGIN_CLIENT_CERT")
            .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()))
            .transpose()
            .map_err(|_| StartError::Environment {
                variable: "PLUGIN_CLIENT_CERT",
                expected: "a certificate in PEM form",
            })?;
        Ok(Self {
            protocol_versions: lookup("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate,
            ports: first..=last,
            socket_folder: lookup("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: lookup("PLUGIN_UNIX_SOCKET_GROUP"),
            multiplexing: lookup("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<HostRequest, String> {
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.to_string())
        };
        HostRequest::read(lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_environment_asks_for_nothing() {
        assert_eq!(read(&[]), Ok(HostRequest::default()));
        let empty = [
            ("PLUGIN_CLIENT_CERT", ""),
            ("PLUGIN_MULTIPLEX_GRPC", ""),
            ("PLUGIN_MIN_PORT", ""),
        ];
        assert_eq!(read(&empty), Ok(HostRequest::default()));
    }

    #[test]
    fn terraforms_variables_are_understood() {
        let pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        let request = read(&[
            ("PLUGIN_PROTOCOL_VERSIONS", "5,6"),
            ("PLUGIN_CLIENT_CERT", pem),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/sockets"),
            ("PLUGIN_UNIX_SOCKET_GROUP", "staff"),
            ("PLUGIN_MULTIPLEX_GRPC", "true"),
        ]);
        let expected = HostRequest {
            protocol_versions: Some("5,6".into()),
            client_certificate: Some(CertificateDer::from(vec![1, 2, 3])),
            ports: 10000..=25000,
            socket_folder: Some("/run/sockets".into()),
            socket_group: Some("staff".into()),
            multiplexing: true,
        };
        assert_eq!(request, Ok(expected));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let table: [(&[(&str, &str)], &str); 4] = [
            (
                &[("PLUGIN_CLIENT_CERT", "no PEM")],
                "PLUGIN_CLIENT_CERT is not a certificate in PEM form",
            ),
            (
                &[("PLUGIN_MIN_PORT", "http")],
                "PLUGIN_MIN_PORT is not a port from 0 to 65535",
            ),
            (
                &[("PLUGIN_MAX_PORT", "65536")],
                "PLUGIN_MAX_PORT is not a port from 0 to 65535",
            ),
            (
                &[("PLUGIN_MIN_PORT", "9")],
                "PLUGIN_MAX_PORT is not at least PLUGIN_MIN_PORT",
            ),
        ];
        for (variables, expected) in table {
            assert_eq!(read(variables), Err(expected.to_string()));
        }
    }
}
