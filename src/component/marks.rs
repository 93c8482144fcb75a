//! The tags that are the provider's own.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

pub use crate::client::CREATING_TAG;
use crate::client::TAG_PREFIX;

/// The tag that makes an object an invocation's: its value is `<name>/<token>`. Older versions wrote the name alone.
pub const INVOCATION_TAG: &str = "terraform-provider-private:invocation";

/// The tag that makes an object a `private_api_path`'s: its value is the path's id, `<name>/<token>`.
pub const PATH_TAG: &str = "terraform-provider-private:path";

/// The value of [`CREATING_TAG`] of an object that a state records, where the tag could not be taken off. The next apply does.
pub const RECORDED: &str = "recorded";

/// Keys that begin so are the provider's own: hidden from `tags` and refused in it.
pub const RESERVED_TAG_PREFIX: &str = TAG_PREFIX;

/// The value of [`CREATING_TAG`] of an object that is made now: `2026-11-30T06:08:00Z`.
pub fn begun() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or_default().as_secs();
    // The mark counts, not its value: a clock that is far off must not keep an object from being made.
    let at = DateTime::from_secs(seconds.try_into().unwrap_or(i64::MAX));
    at.fmt(Format::DateTime).unwrap_or_else(|_| "true".to_owned())
}

/// When an object was made whose mark has this value; `None` where it does not tell.
pub fn begun_at(mark: &str) -> Option<SystemTime> {
    let at = DateTime::from_str(mark, Format::DateTime).ok()?;
    SystemTime::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_mark_tells_when_its_object_was_made() {
        let before = SystemTime::now() - Duration::from_secs(1);
        let told = begun_at(&begun()).expect("a time");
        assert!((before..=SystemTime::now()).contains(&told), "{told:?}");
        assert_eq!(begun_at("true"), None);
    }
}
