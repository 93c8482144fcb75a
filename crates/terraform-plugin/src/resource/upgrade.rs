//! State of older schema versions: the way from each of them to today's.

use std::{fmt, marker::PhantomData, rc::Rc};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    model, plan,
    schema::{Schema, Violation},
    value::{
        Type, Value,
        codec::CodecError,
        json::{self, Strictness},
        tuples,
    },
};

/// Where a struct does not fit a type.
type Fits = fn(&Type) -> Option<CodecError>;

type Run = dyn Fn(&[u8], &Type) -> Result<Value, Diagnostics>;

/// The ways from older schema versions to the model of today, version by version.
///
/// A way goes straight to today's model, or one version on; the next version's way then takes over. State is read by
/// the schema of its own version, and what that schema does not know is left out.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Schema, Upgrades, schema::{number, string}};
///
/// #[derive(Serialize, Deserialize)]
/// struct V0 { title: Attr<String> }
/// #[derive(Serialize, Deserialize)]
/// struct V1 { name: Attr<String> }
/// #[derive(Serialize, Deserialize)]
/// struct Model { name: Attr<String>, size: Attr<i64> }
///
/// let upgrades: Upgrades<Model> = Upgrades::new()
///     .step(Schema::new(0).attr("title", string().required()), |old: V0| Ok(V1 { name: old.title }))
///     .from(Schema::new(1).attr("name", string().required()), |old: V1| {
///         Ok(Model { name: old.name, size: Attr::Known(1) })
///     });
/// ```
pub struct Upgrades<M> {
    ways: Vec<Way>,
    model: PhantomData<fn() -> M>,
}

struct Way {
    from: i64,
    /// The type of that version's state; none where the author reads the JSON.
    ty: Option<Type>,
    /// Whether it leads to the next version only.
    next: bool,
    /// Where its struct does not fit the state that it reads.
    reads: Option<Box<dyn Fn() -> Option<CodecError>>>,
    /// Where what a step makes does not fit the next version's type.
    makes: Option<Fits>,
    run: Box<Run>,
}

impl<M> fmt::Debug for Upgrades<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.ways.iter().map(|way| way.from))
            .finish()
    }
}

impl<M> Default for Upgrades<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Upgrades<M> {
    /// No way from anywhere.
    pub fn new() -> Self {
        Self {
            ways: Vec::new(),
            model: PhantomData,
        }
    }

    /// The versions from which there is a way.
    pub fn versions(&self) -> impl Iterator<Item = i64> {
        self.ways.iter().map(|way| way.from)
    }

    fn way(&self, version: i64) -> Option<&Way> {
        self.ways.iter().find(|way| way.from == version)
    }
}

impl<M: Serialize + 'static> Upgrades<M> {
    /// The way from `prior`'s version straight to today's model.
    #[must_use]
    pub fn from<Old: DeserializeOwned + 'static>(
        self,
        prior: Schema,
        upgrade: impl Fn(Old) -> Result<M, Diagnostics> + 'static,
    ) -> Self {
        self.typed(prior, None, upgrade)
    }

    /// The way from `prior`'s version to the next one. `New` is the state of that version, or today's model where
    /// that is the next; that it can be read back is how it is checked.
    #[must_use]
    pub fn step<Old: DeserializeOwned + 'static, New: Serialize + DeserializeOwned + 'static>(
        self,
        prior: Schema,
        upgrade: impl Fn(Old) -> Result<New, Diagnostics> + 'static,
    ) -> Self {
        self.typed(prior, Some(model::check::<New>), upgrade)
    }

    /// The way from that version's JSON straight to today's model, for state that no schema describes.
    #[must_use]
    pub fn from_json(
        mut self,
        version: i64,
        upgrade: impl Fn(serde_json::Value) -> Result<M, Diagnostics> + 'static,
    ) -> Self {
        let run = move |stored: &[u8], target: &Type| {
            let json = serde_json::from_slice(stored)
                .map_err(|_| Diagnostic::error("Unreadable state", "The stored state is no JSON."))?;
            encode(&upgrade(json)?, target)
        };
        self.ways.push(Way {
            from: version,
            ty: None,
            next: false,
            reads: None,
            makes: None,
            run: Box::new(run),
        });
        self
    }

    fn typed<Old: DeserializeOwned + 'static, New: Serialize + 'static>(
        mut self,
        prior: Schema,
        makes: Option<Fits>,
        upgrade: impl Fn(Old) -> Result<New, Diagnostics> + 'static,
    ) -> Self {
        let (version, ty) = (prior.version(), prior.implied_type());
        let prior = Rc::new(prior);
        let source = Rc::clone(&prior);
        let run = move |stored: &[u8], target: &Type| {
            let old = read_stored::<Old>(stored, &source).map_err(|detail| {
                Diagnostic::error(format!("Unreadable state of version {version}"), detail)
            })?;
            encode(&upgrade(old)?, target)
        };
        self.ways.push(Way {
            from: version,
            ty: Some(ty),
            next: makes.is_some(),
            reads: Some(Box::new(move || model::check_stored::<Old>(&prior))),
            makes,
            run: Box::new(run),
        });
        self
    }

    /// The state of `version` as one of today; none where there is no way from there.
    pub(crate) fn run(
        &self,
        version: i64,
        stored: &[u8],
        current: i64,
        current_ty: &Type,
    ) -> Option<Result<Value, Diagnostics>> {
        let mut way = self.way(version)?;
        let mut stored = stored.to_vec();
        loop {
            let next = way.from + 1;
            if !way.next || next == current {
                return Some((way.run)(&stored, current_ty));
            }
            let Some((on, ty)) = self.way(next).and_then(|on| Some((on, on.ty.as_ref()?))) else {
                let rule = format!("the way from version {} ends at version {next}", way.from);
                return Some(Err(
                    Diagnostic::error("Bug in the provider: state upgrade", rule).into()
                ));
            };
            let stepped = (way.run)(&stored, ty).and_then(|value| {
                let value = value.unknown_as_null();
                json::encode(&tuples::to_sent(&value, ty), &tuples::as_sent(ty)).map_err(|err| {
                    Diagnostic::error("Bug in the provider: state upgrade", err.to_string()).into()
                })
            });
            match stepped {
                Ok(json) => stored = json,
                Err(found) => return Some(Err(found)),
            }
            way = on;
        }
    }

    /// Ways that lead nowhere, and structs that cannot hold what they are for.
    pub(crate) fn violations(&self, owner: &str, current: i64, current_ty: &Type) -> Vec<Violation> {
        let mut found = Vec::new();
        for way in &self.ways {
            let misfit = |what: &str, err: CodecError| Violation {
                path: err.path,
                ..Violation::of(
                    owner,
                    format!("the upgrade from version {}: {what}: {}", way.from, err.message),
                )
            };
            let reads = way.reads.as_ref().and_then(|reads| reads());
            found.extend(reads.map(|err| misfit("its struct does not fit its schema", err)));
            let next = way.from + 1;
            let target = if next == current {
                Some(current_ty)
            } else {
                self.way(next).and_then(|on| on.ty.as_ref())
            };
            let makes = way.makes.zip(target).and_then(|(fits, ty)| fits(ty));
            found.extend(makes.map(|err| misfit("what it makes does not fit the next version", err)));
        }
        let mut add = |rule: String| found.push(Violation::of(owner, rule));
        for (i, way) in self.ways.iter().enumerate() {
            let from = way.from;
            if from < 0 || from >= current {
                add(format!(
                    "there is an upgrade from version {from}, which is not older than version {current} of today"
                ));
            } else if self.ways[..i].iter().any(|other| other.from == from) {
                add(format!("there are two upgrades from version {from}"));
            } else if way.next && from + 1 != current && self.way(from + 1).is_none_or(|on| on.ty.is_none()) {
                add(format!(
                    "the upgrade from version {from} ends at version {}, which has no schema",
                    from + 1
                ));
            }
        }
        found
    }
}

/// Reads stored JSON by a schema into a struct. Blocks that are not there are empty, since a schema gets more of them without
/// a new version. What does not fit is told without quoting it.
pub(super) fn read_stored<Old: DeserializeOwned>(stored: &[u8], schema: &Schema) -> Result<Old, String> {
    let ty = schema.implied_type();
    let value = json::decode(stored, &tuples::as_sent(&ty), Strictness::Lenient)
        .and_then(|value| tuples::from_sent(value, &ty, true))
        .map_err(|err| format!("The stored state does not fit the schema: {err}."))?;
    let value = plan::as_state(&schema.body, value, true);
    model::decode(&value)
        .map_err(|err| format!("The stored state does not fit the provider's struct: {err}."))
}

fn encode<New: Serialize>(new: &New, ty: &Type) -> Result<Value, Diagnostics> {
    model::encode(new, ty).map_err(|err| {
        let detail = format!("The upgraded state does not fit the schema: {err}.");
        Diagnostic::error("Bug in the provider: state upgrade", detail)
            .at(err.path)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::{
        Attr,
        schema::{number, string},
    };

    #[derive(Serialize, Deserialize)]
    struct Titled {
        title: Attr<String>,
    }

    #[derive(Serialize, Deserialize)]
    struct Named {
        name: Attr<String>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Today {
        name: Attr<String>,
        size: Attr<i64>,
    }

    fn today() -> Schema {
        named(3).attr("size", number().optional())
    }

    fn named(version: i64) -> Schema {
        Schema::new(version).attr("name", string().required())
    }

    fn titled(version: i64) -> Schema {
        Schema::new(version).attr("title", string().required())
    }

    fn sized(name: Attr<String>, size: i64) -> Result<Today, Diagnostics> {
        Ok(Today {
            name,
            size: size.into(),
        })
    }

    fn upgrade(upgrades: &Upgrades<Today>, version: i64, stored: &str) -> Option<Result<Today, String>> {
        let upgraded = upgrades.run(version, stored.as_bytes(), 3, &today().implied_type())?;
        Some(
            upgraded
                .map(|value| model::decode(&value).expect("today's model"))
                .map_err(|found| found.to_string()),
        )
    }

    #[test]
    fn each_version_has_its_way_straight_or_step_by_step() {
        let upgrades = Upgrades::new()
            .from_json(0, |json| sized(json["t"].as_str().map(str::to_owned).into(), 0))
            .step(titled(1), |old: Titled| Ok(Named { name: old.title }))
            .from(named(2), |old: Named| sized(old.name, 2));
        assert!(upgrades.violations("x_y", 3, &today().implied_type()).is_empty());
        let of = |name: &str, size: i64| Some(Ok(sized(name.into(), size).expect("a model")));
        assert_eq!(upgrade(&upgrades, 0, r#"{"t":"a"}"#), of("a", 0));
        assert_eq!(upgrade(&upgrades, 1, r#"{"title":"b","gone":[1]}"#), of("b", 2));
        assert_eq!(upgrade(&upgrades, 2, r#"{"name":"c"}"#), of("c", 2));
        assert_eq!(upgrade(&upgrades, -1, "{}"), None);
    }

    #[test]
    fn a_last_step_leads_to_todays_model() {
        let upgrades = Upgrades::new().step(named(2), |old: Named| sized(old.name, 9));
        let found = upgrade(&upgrades, 2, r#"{"name":"c"}"#).expect("a way");
        assert_eq!(found.expect("upgraded").size, Attr::Known(9));
    }

    #[test]
    fn state_that_does_not_fit_is_refused_without_quoting_it() {
        let upgrades = Upgrades::new().from(named(2), |old: Named| sized(old.name, 2));
        let found = upgrade(&upgrades, 2, r#"{"name":["hunter2"]}"#).expect("a way");
        let found = found.expect_err("refused");
        assert!(
            found.contains("version 2") && !found.contains("hunter2"),
            "{found}"
        );
    }

    #[test]
    fn structs_that_do_not_fit_are_found() {
        #[derive(Serialize, Deserialize)]
        struct Rigid {
            name: String,
        }
        #[derive(Serialize, Deserialize)]
        struct Numbered {
            name: Attr<i64>,
        }
        let optional = |version: i64| Schema::new(version).attr("name", string().optional());
        let found = |upgrades: Upgrades<Today>| -> Vec<String> {
            let found = upgrades.violations("x_y", 3, &today().implied_type());
            found.iter().map(ToString::to_string).collect()
        };
        let to_today = || Upgrades::new().from(named(2), |old: Named| sized(old.name, 2));
        assert_eq!(found(to_today()), [""; 0]);
        let reads = "x_y, name: the upgrade from version 1: its struct does not fit its schema: ";
        let cases = [
            to_today().from(named(1), |_: Numbered| sized(Attr::Null, 1)),
            to_today().from(optional(1), |old: Rigid| sized(old.name.into(), 1)),
        ];
        for upgrades in cases {
            let found = found(upgrades);
            assert!(found.len() == 1 && found[0].starts_with(reads), "{found:?}");
        }
        let misnamed = to_today().from(titled(1), |old: Named| sized(old.name, 1));
        assert!(found(misnamed)[0].starts_with("x_y: the upgrade from version 1: its struct does not fit"));
        let makes = to_today().step(titled(1), |old: Titled| Ok(old));
        let found = found(makes);
        assert!(
            found.len() == 1 && found[0].contains("version 1: what it makes does not fit the next version"),
            "{found:?}"
        );
    }

    #[test]
    fn ways_that_lead_nowhere_are_found() {
        let upgrades: Upgrades<Today> = Upgrades::new()
            .step(titled(0), |old: Titled| Ok(old))
            .from(named(2), |old: Named| sized(old.name, 2))
            .from(named(2), |old: Named| sized(old.name, 2))
            .from(named(3), |old: Named| sized(old.name, 3));
        let found: Vec<String> = upgrades
            .violations("x_y", 3, &today().implied_type())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "x_y: the upgrade from version 0 ends at version 1, which has no schema",
                "x_y: there are two upgrades from version 2",
                "x_y: there is an upgrade from version 3, which is not older than version 3 of today",
            ]
        );
        let found = upgrade(&upgrades, 0, r#"{"title":"a"}"#).expect("a way");
        assert!(found.expect_err("a bug").contains("ends at version 1"));
    }
}
