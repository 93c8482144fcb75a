//! Checks AWS Signature Version 4: the key is known, the scope is right, body and headers are what was
//! signed.

use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use sha2::{Digest, Sha256};

use crate::core::error::ApiError;
use crate::core::timestamp;
use crate::core::words::Words;
use crate::wire::{pairs, percent_encode};

/// How far the caller's clock may be off, as with AWS.
const SKEW: Duration = Duration::from_secs(300);

/// The content of an `Authorization` header.
#[derive(Debug, PartialEq)]
pub(crate) struct Authorization {
    pub(crate) access_key: String,
    date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    signed_headers: Vec<String>,
    signature: String,
}

/// Why a request is not let in.
#[derive(Debug, PartialEq)]
pub(crate) enum Refusal {
    Missing,
    Incomplete(&'static str),
    UnknownKey,
    Mismatch,
    WrongRegion(String),
    WrongService(&'static str),
    Expired(String),
    /// The key is one of a session that has ended.
    EndedSession,
}

impl Authorization {
    /// Reads the header, if it is of this scheme.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?.trim();
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
                .map(str::to_owned)
        };
        let credential = field("Credential")?;
        let scope: Vec<&str> = credential.rsplitn(5, '/').collect();
        let [terminator, service, region, date, access_key] = scope[..] else {
            return None;
        };
        (terminator == "aws4_request").then_some(())?;
        Some(Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: field("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: field("Signature")?,
        })
    }

    /// Recomputes the signature of a request with the key's secret.
    pub(crate) fn verify(
        &self,
        secret: &str,
        request: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let stamp = header("x-amz-date").ok_or(Refusal::Incomplete("X-Amz-Date"))?;
        let signed_at = timestamp::parse_amz_date(stamp).ok_or(Refusal::Incomplete("X-Amz-Date"))?;
        let off = now
            .duration_since(signed_at)
            .or_else(|_| signed_at.duration_since(now))
            .unwrap_or_default();
        if off > SKEW {
            return Err(Refusal::Expired(format!(
                "Signature expired: {stamp} is not within 5 minutes of the server's clock"
            )));
        }
        if !stamp.starts_with(&self.date) || !self.signed_headers.iter().any(|name| name == "host") {
            return Err(Refusal::Mismatch);
        }
        let payload = hex::encode(Sha256::digest(body));
        if header("x-amz-content-sha256").is_some_and(|declared| declared != payload) {
            return Err(Refusal::Mismatch);
        }
        let canonical = self.canonical_request(request, &payload);
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [self.date.as_str(), &self.region, &self.service, "aws4_request"] {
            key = keyed(&key, part).finalize().into_bytes().to_vec();
        }
        let signature = hex::decode(&self.signature).map_err(|_| Refusal::Mismatch)?;
        keyed(&key, &to_sign)
            .verify_slice(&signature)
            .map_err(|_| Refusal::Mismatch)
    }

    fn canonical_request(&self, request: &Parts, payload: &str) -> String {
        let mut query: Vec<(String, String)> = pairs(request.uri.query().unwrap_or_default(), false)
            .into_iter()
            .map(|(key, value)| (percent_encode(&key), percent_encode(&value)))
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let headers: String = self
            .signed_headers
            .iter()
            .map(|name| {
                let values: Vec<String> = request
                    .headers
                    .get_all(name)
                    .iter()
                    .map(|value| {
                        String::from_utf8_lossy(value.as_bytes())
                            .split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" ")
                    })
                    .collect();
                format!("{name}:{}\n", values.join(","))
            })
            .collect();
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{payload}",
            request.method,
            // Every service but S3 encodes the path once more.
            percent_encode(request.uri.path()).replace("%2F", "/"),
            query.join("&"),
            self.signed_headers.join(";"),
        )
    }
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha256> {
    // A key of any length is taken, so the error arm is never reached; an empty key would match no signature.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(text.as_bytes());
    mac
}

impl Refusal {
    /// The error that a service answers with.
    pub(crate) fn for_service(self, words: &Words) -> ApiError {
        let coded = |(status, code): (u16, &str), message: String| {
            let message = words.says_only.map_or(message, str::to_owned);
            ApiError::new(code, message).with_status(status)
        };
        let fixed =
            |(status, code, message): (u16, &str, &str)| ApiError::new(code, message).with_status(status);
        match self {
            Self::Missing => fixed(words.missing_signature),
            Self::Incomplete(what) => {
                let (status, code) = words.incomplete_signature;
                let message = format!("Authorization header requires existence of the '{what}' parameter.");
                ApiError::new(code, message).with_status(status)
            }
            Self::UnknownKey => fixed(words.unknown_key),
            Self::Expired(message) => {
                let (status, code) = words.old_signature;
                ApiError::new(code, message).with_status(status)
            }
            Self::EndedSession => {
                let (status, code) = words.ended_session;
                ApiError::new(code, "The security token included in the request is expired").with_status(status)
            }
            Self::Mismatch => coded(
                words.wrong_signature,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
                 Key and signing method. Consult the service documentation for details."
                    .to_owned(),
            ),
            Self::WrongRegion(region) => coded(
                words.wrong_signature,
                format!("Credential should be scoped to a valid region, not '{region}'. "),
            ),
            Self::WrongService(service) => coded(
                words.wrong_signature,
                format!("Credential should be scoped to correct service: '{service}'. "),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    /// The worked example of "Create a signed AWS API request" in the IAM user guide (GET ListUsers).
    fn example() -> (Parts, SystemTime) {
        let request = Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("host", "iam.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .body(())
            .unwrap();
        (
            request.into_parts().0,
            timestamp::parse_amz_date("20150830T123600Z").unwrap(),
        )
    }

    const HEADER: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn the_documented_example_verifies() {
        let (request, now) = example();
        let authorization = Authorization::parse(HEADER).unwrap();
        assert_eq!(
            (authorization.region.as_str(), authorization.service.as_str()),
            ("us-east-1", "iam")
        );
        assert_eq!(authorization.verify(SECRET, &request, b"", now), Ok(()));
    }

    #[test]
    fn another_secret_body_path_or_time_does_not_verify() {
        let (mut request, now) = example();
        let authorization = Authorization::parse(HEADER).unwrap();
        assert_eq!(
            authorization.verify("wrong", &request, b"", now),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            authorization.verify(SECRET, &request, b"x", now),
            Err(Refusal::Mismatch)
        );
        let late = now + Duration::from_secs(301);
        assert!(matches!(
            authorization.verify(SECRET, &request, b"", late),
            Err(Refusal::Expired(_))
        ));
        request.uri = "https://iam.amazonaws.com/?Action=DeleteUser&Version=2010-05-08"
            .parse()
            .unwrap();
        assert_eq!(
            authorization.verify(SECRET, &request, b"", now),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn what_is_no_such_header_is_not_read() {
        for header in [
            "",
            "Basic abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=s",
        ] {
            assert_eq!(Authorization::parse(header), None, "{header}");
        }
    }
}
