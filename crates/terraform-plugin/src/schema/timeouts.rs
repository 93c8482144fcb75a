//! Durations and `timeouts`, as users know them from other providers.

use super::{Attribute, Block, Rule, single, string};

/// A duration such as `1h30m`; in the model a [`GoDuration`](crate::GoDuration).
pub fn duration() -> Attribute {
    string().rule(Rule::duration())
}

/// How long each of these verbs may take, as one optional nested attribute: `timeouts = { create = "30m" }`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
/// use terraform_plugin::{Attr, GoDuration, Schema, schema};
///
/// #[derive(Serialize, Deserialize)]
/// struct Timeouts {
///     create: Attr<GoDuration>,
///     delete: Attr<GoDuration>,
/// }
///
/// let schema = Schema::new(0).attr("timeouts", schema::timeouts(["create", "delete"]));
///
/// fn patience(timeouts: &Attr<Timeouts>) -> Duration {
///     let given = timeouts.known().and_then(|timeouts| timeouts.create.known());
///     given.map_or(Duration::from_secs(30 * 60), GoDuration::get)
/// }
/// ```
pub fn timeouts<'a>(verbs: impl IntoIterator<Item = &'a str>) -> Attribute {
    single(verbs.into_iter().map(|verb| (verb, timeout(verb)))).optional()
}

/// [`timeouts`] with a description of each, in markdown: what the time is for, and its default.
pub fn timeouts_with<'a>(verbs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Attribute {
    single(verbs.into_iter().map(|(verb, words)| (verb, described(words)))).optional()
}

impl Block {
    /// How long each of these verbs may take, as a block: `timeouts { create = "30m" }`. See
    /// [`timeouts`](super::timeouts) for the model.
    pub fn timeouts<'a>(verbs: impl IntoIterator<Item = &'a str>) -> Self {
        verbs
            .into_iter()
            .fold(Self::single(), |block, verb| block.attr(verb, timeout(verb)))
    }

    /// [`timeouts`](Self::timeouts) with a description of each, in markdown: what the time is for, and its default.
    pub fn timeouts_with<'a>(verbs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        verbs.into_iter().fold(Self::single(), |block, (verb, words)| {
            block.attr(verb, described(words))
        })
    }
}

fn timeout(verb: &str) -> Attribute {
    described(&format!(
        "How long {verb} may take, as a duration such as `90s`, `30m` or `1h30m`."
    ))
}

fn described(words: &str) -> Attribute {
    duration().optional().describe(words)
}
