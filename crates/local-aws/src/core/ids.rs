//! Random identifiers in the shapes that the services give out.

use uuid::Uuid;

/// `<prefix>-` and 17 hexadecimal digits, as EC2 and VPC Lattice number their objects.
pub(crate) fn resource_id(prefix: &str) -> String {
    let digits = Uuid::new_v4().simple().to_string();
    format!("{prefix}-{}", &digits[..17])
}

/// Whether a text is written like an id that is made up here; nobody can know one before its object is there.
pub(crate) fn is_resource_id(text: &str) -> bool {
    let digits = text.rsplit_once('-');
    digits
        .is_some_and(|(_, digits)| digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `count` lower-case letters and digits (at most 24).
pub(crate) fn letters(count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = Uuid::new_v4().as_u128();
    (0..count)
        .map(|_| {
            let letter = ALPHABET[(rest % 36) as usize];
            rest /= 36;
            char::from(letter)
        })
        .collect()
}

pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}
