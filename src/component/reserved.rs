//! The provider's own words for "nothing": EventBridge demands an authorization where an API wants none, and may not
//! clear a list or a description. They are read back as nothing, so that no user's input can be one of them.

/// The name of a header or another parameter that says nothing.
pub const PARAMETER: &str = "x-private-api-invocation";

/// The value of [`PARAMETER`].
pub const PARAMETER_VALUE: &str = "none";

/// The description of an API destination that has none, of earlier versions; later ones say whose it is after it.
pub const DESTINATION_DESCRIPTION: &str = "API destination of a private API invocation";

/// What comes between [`DESTINATION_DESCRIPTION`] and the holder in the description of a destination that is to have a
/// description of the user's, until its state records it.
const UNFINISHED: &str = ", not recorded yet";

/// The description of an API destination of that holder, which cannot be tagged: as long as the user gives it none, and
/// while it is made.
pub fn destination_description(holder: &str, unfinished: bool) -> String {
    let mark = if unfinished { UNFINISHED } else { "" };
    format!("{DESTINATION_DESCRIPTION}{mark}: {holder}")
}

/// What matches every such description, and that of earlier versions.
pub fn destination_description_pattern() -> String {
    format!("^{DESTINATION_DESCRIPTION}({UNFINISHED})?(: .*)?$")
}

/// What the provider's own description of a destination says: its holder where it names one, and whether it is unfinished.
/// `None` for a description of the user's.
pub fn read_destination_description(description: &str) -> Option<(Option<&str>, bool)> {
    let rest = description.strip_prefix(DESTINATION_DESCRIPTION)?;
    if rest.is_empty() {
        return Some((None, false));
    }
    let unfinished = rest.strip_prefix(UNFINISHED);
    let holder = unfinished.unwrap_or(rest).strip_prefix(": ")?;
    Some((Some(holder), unfinished.is_some()))
}

/// The description of the connection `name` that has none.
pub fn connection_description(name: &str) -> String {
    format!("Private API invocation {name}")
}

/// Whether the name of a parameter, or of the header of an API key, is the provider's own: the case of a header's name
/// does not matter.
pub fn is_parameter(name: &str) -> bool {
    name.eq_ignore_ascii_case(PARAMETER)
}
