//! The forms in which a text can quote a secret: the positions of the switch `quotes_secrets_in_reasons`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::aws::encoded;

/// A secret in each form, by the switch's position.
pub fn forms(secret: &str) -> [(&'static str, String); 5] {
    let html = quick_xml::escape::escape(secret).into_owned();
    [
        ("json", Value::from(secret).to_string()),
        ("plain", secret.to_owned()),
        ("base64", BASE64_STANDARD.encode(secret)),
        ("url", encoded(secret)),
        ("html", html),
    ]
}

/// The form in which a text quotes a secret; `never` if it does not.
pub fn form(text: &str, secret: &str) -> &'static str {
    let all = forms(secret);
    let found = all.iter().find(|(_, form)| text.contains(form));
    found.map_or("never", |(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_told_from_the_others() {
        for (position, quoted) in forms("v\"<&/1") {
            assert_eq!(form(&format!("no: {quoted}."), "v\"<&/1"), position);
        }
        assert_eq!(form("no", "v\"<&/1"), "never");
    }
}
