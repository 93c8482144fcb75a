//! The provider's own words for "nothing": EventBridge demands an authorization where an API wants none, and may not
//! clear a list or a description. They are read back as nothing, so that no user's input can be one of them.

/// The name of a header or another parameter that says nothing.
pub const PARAMETER: &str = "x-private-api-invocation";

/// The value of [`PARAMETER`].
pub const PARAMETER_VALUE: &str = "none";

/// The description of an API destination that has none.
pub const DESTINATION_DESCRIPTION: &str = "API destination of a private API invocation";

/// The description of the connection `name` that has none.
pub fn connection_description(name: &str) -> String {
    format!("Private API invocation {name}")
}

/// Whether the name of a parameter, or of the header of an API key, is the provider's own: the case of a header's name
/// does not matter.
pub fn is_parameter(name: &str) -> bool {
    name.eq_ignore_ascii_case(PARAMETER)
}
