//! The handshake line: the first line on stdout, by which the host finds and trusts the server.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rustls::pki_types::CertificateDer;

use super::{listener::Address, negotiation::PROTOCOL};

/// The version of go-plugin's handshake itself.
const CORE: u32 = 1;

/// `CORE|APP|NETWORK|ADDRESS|grpc|CERTIFICATE[|MUX]` and a newline.
///
/// The certificate is base64 *without padding* (Go's decoder refuses the padded form), empty without TLS. The
/// seventh field, whether brokered connections share one socket, exists only for hosts that ask: older ones
/// count six fields.
pub(super) fn line(
    address: &Address,
    certificate: Option<&CertificateDer<'_>>,
    multiplexing: bool,
) -> String {
    let certificate = certificate
        .map(|der| STANDARD_NO_PAD.encode(der))
        .unwrap_or_default();
    let multiplexed = if multiplexing { "|false" } else { "" };
    format!(
        "{CORE}|{PROTOCOL}|{}|{}|grpc|{certificate}{multiplexed}\n",
        address.network, address.place
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_what_go_plugin_parses() {
        let unix = || Address {
            network: "unix",
            place: "/tmp/plugin1".into(),
        };
        let tcp = || Address {
            network: "tcp",
            place: "127.0.0.1:10000".into(),
        };
        let der = CertificateDer::from(vec![0xfb, 0xff, 0xfe, 0x00]);
        let table = [
            (unix(), None, false, "1|6|unix|/tmp/plugin1|grpc|\n"),
            (unix(), Some(&der), false, "1|6|unix|/tmp/plugin1|grpc|+//+AA\n"),
            (
                tcp(),
                Some(&der),
                true,
                "1|6|tcp|127.0.0.1:10000|grpc|+//+AA|false\n",
            ),
            (tcp(), None, true, "1|6|tcp|127.0.0.1:10000|grpc||false\n"),
        ];
        for (address, certificate, multiplexing, expected) in table {
            assert_eq!(line(&address, certificate, multiplexing), expected);
        }
    }
}
