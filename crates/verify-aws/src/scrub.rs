//! Words of AWS without what tells whose they were: account ids, callers, ids of objects, secrets.

use regex::{Captures, Regex};

/// Takes ids and secrets out of texts.
pub struct Scrub {
    patterns: Vec<(Regex, &'static str)>,
    secrets: Vec<String>,
}

impl Scrub {
    /// # Errors
    /// A pattern is wrong, which would be a defect.
    pub fn new(secrets: &[String]) -> Result<Self, String> {
        const PATTERNS: [(&str, &str); 6] = [
            (r#"arn:[a-z-]+:(?:iam|sts)::\d{12}:[^\s,;"']+"#, "<caller>"),
            (r"\d{12}", "<account>"),
            (
                r"\b(vpce|vpc|subnet|sg|sgr|eni|rgw|rcfg|snra|sn)-[0-9a-f]{8,17}\b",
                "${1}-<id>",
            ),
            (
                r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
                "<uuid>",
            ),
            (r"verify-aws-[0-9a-f]{6}-", "verify-aws-"),
            (r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}", "<key>"),
        ];
        let compiled = PATTERNS
            .iter()
            .map(|(pattern, with)| Regex::new(pattern).map(|regex| (regex, *with)));
        Ok(Self {
            patterns: compiled
                .collect::<Result<_, _>>()
                .map_err(|error| error.to_string())?,
            secrets: secrets.to_vec(),
        })
    }

    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret, "<secret>");
        }
        for (pattern, with) in &self.patterns {
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| {
                    let mut replaced = String::new();
                    found.expand(with, &mut replaced);
                    replaced
                })
                .into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_and_no_secret_stays() {
        let scrub = Scrub::new(&["hunter2".to_owned()]).unwrap();
        for (text, clean) in [
            (
                "User: arn:aws:sts::123456789012:assumed-role/Admin/me is not authorized to perform: a:B",
                "User: <caller> is not authorized to perform: a:B",
            ),
            (
                "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0 is in use",
                "arn:aws:vpc-lattice:us-east-1:<account>:resourceconfiguration/rcfg-<id> is in use",
            ),
            (
                "123456789012:verify-aws-ab12cd-3-path",
                "<account>:verify-aws-3-path",
            ),
            (
                "resource sg-0123abcd has a dependent object",
                "resource sg-<id> has a dependent object",
            ),
            ("the request had: hunter2", "the request had: <secret>"),
            (
                "secret:events!connection/x/01234567-89ab-cdef-0123-456789abcdef",
                "secret:events!connection/x/<uuid>",
            ),
        ] {
            assert_eq!(scrub.text(text), clean);
        }
    }
}
