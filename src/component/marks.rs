//! The tags that are the provider's own.

use crate::client::TAG_PREFIX;

/// The tag that makes an object an invocation's: its value is `<name>/<token>`. Older versions wrote the name alone.
pub const INVOCATION_TAG: &str = "terraform-provider-private:invocation";

/// The tag that makes an object a `private_api_path`'s: its value is the path's id, `<name>/<token>`.
pub const PATH_TAG: &str = "terraform-provider-private:path";

/// The tag that everything that can be tagged bears from its create call on, until a state is about to record it.
pub const CREATING_TAG: &str = "terraform-provider-private:creating";

/// Keys that begin so are the provider's own: hidden from `tags` and refused in it.
pub const RESERVED_TAG_PREFIX: &str = TAG_PREFIX;
