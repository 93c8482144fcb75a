//! What going back asks for: a function of what was configured, what stood before, and whether it was sent.
//!
//! A former secret is known if the state has it, or if the configuration still gives the same write-only one. What was
//! replaced by a new value and is not known any more cannot be brought back: the new value stays, and is recorded. The
//! authorization stays as a whole, since its secret goes with its names; HTTP parameters stay by list, since
//! EventBridge takes a list as a whole.

use std::collections::BTreeMap;

use reconcile::Fact;
use terraform_plugin::Attr;

use crate::component::{Credential, List, Lists};
use crate::invocation::desired::authorization;
use crate::invocation::model::{HttpParameter, HttpParameters, Model, Parameters};

/// The way back of one connection.
pub struct Former {
    /// The inputs to go back to, with every write-only value that is known.
    pub inputs: Model,
    /// The inputs that EventBridge has until the connection was changed on the way back.
    pub standing: Model,
    /// Which of the inputs keep their new values, by path.
    pub kept: Vec<String>,
}

impl Former {
    /// The way from `config` back to `prior`, the state. `sent` says whether EventBridge has, or may have, what `config`
    /// says of the connection.
    pub fn of(config: &Model, prior: &Model, sent: bool) -> Self {
        let mut former = Self {
            inputs: prior.with_write_only_of(config),
            standing: prior.clone(),
            kept: Vec::new(),
        };
        if !sent {
            return former;
        }
        former.standing = Model {
            authorization: config.authorization.clone(),
            invocation_http_parameters: config.invocation_http_parameters.clone(),
            description: config.description.clone(),
            kms_key_identifier: config.kms_key_identifier.clone(),
            ..former.standing
        };
        let new = config.without_write_only();
        if new.authorization != prior.authorization && !knows_authorization(&former.inputs) {
            former.inputs.authorization = config.authorization.clone();
            former.kept.push("authorization".to_owned());
        }
        former.keep_lists(config, &new);
        former
    }

    /// Keeps the lists of HTTP parameters that were replaced and hold secrets which are not known.
    fn keep_lists(&mut self, config: &Model, new: &Model) {
        let replaced = lists(&new.invocation_http_parameters)
            .zip(lists(
                &self.inputs.without_write_only().invocation_http_parameters,
            ))
            .map(|(new, old)| entries(&new) != entries(&old));
        let old = lists(&self.inputs.invocation_http_parameters);
        let unknown = old.as_ref().map(|list| !knows_list(list));
        let kept = replaced
            .zip(unknown)
            .map(|(replaced, unknown)| replaced && unknown);
        if !kept.any() {
            return;
        }
        let given = lists(&config.invocation_http_parameters);
        let values = kept.zip(given.zip(old));
        self.inputs.invocation_http_parameters =
            Attr::Known(values.map(|(kept, (given, old))| if kept { given } else { old }));
        let paths = List::ALL.zip(kept).into_iter().filter(|(_, kept)| *kept);
        let paths = paths.map(|(list, _)| format!("invocation_http_parameters.{}", list.argument()));
        self.kept.extend(paths);
    }
}

fn lists(parameters: &Attr<HttpParameters>) -> Lists<Attr<Parameters>> {
    parameters.known().cloned().unwrap_or_default()
}

/// No list and an empty one are equivalent.
fn entries(list: &Attr<Parameters>) -> Option<&BTreeMap<String, Attr<HttpParameter>>> {
    list.known().filter(|entries| !entries.is_empty())
}

fn knows_authorization(inputs: &Model) -> bool {
    match authorization(&inputs.authorization).0 {
        Fact::Known(authorization) => authorization.credentials().all(Credential::is_known),
        Fact::Later | Fact::Absent => false,
    }
}

fn knows_list(list: &Attr<Parameters>) -> bool {
    let mut entries = list.known().into_iter().flat_map(BTreeMap::values);
    entries.all(|entry| match entry.known() {
        Some(entry) => entry.value.is_known() || entry.secret().credential().is_known(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Secret;
    use crate::invocation::model::{ApiKey, Authorization, Basic, NoAuthorization, OAuth};

    /// How a secret is given: `Plain` and `WriteOnly` with the number of its value, which is its version, too.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Given {
        Plain(u8),
        WriteOnly(u8),
        /// An import does not know it.
        Absent,
    }

    /// What a state can have, and what a configuration can.
    const OF_STATES: [Given; 3] = [Given::Plain(1), Given::WriteOnly(1), Given::Absent];
    const OF_CONFIGURATIONS: [Given; 4] = [
        Given::Plain(1),
        Given::Plain(2),
        Given::WriteOnly(1),
        Given::WriteOnly(2),
    ];

    /// Plain value, write-only value and version.
    fn triple(given: Given) -> [Attr<String>; 3] {
        let value = |number: u8| Attr::Known(format!("secret {number}"));
        match given {
            Given::Plain(number) => [value(number), Attr::Null, Attr::Null],
            Given::WriteOnly(number) => [Attr::Null, value(number), Attr::Known(number.to_string())],
            Given::Absent => [Attr::Null, Attr::Null, Attr::Null],
        }
    }

    fn authorization(kind: usize, given: Given) -> Authorization {
        let nothing = Authorization::default();
        let [plain, write_only, version] = triple(given);
        match kind {
            0 => Authorization {
                api_key: Attr::Known(ApiKey {
                    name: Attr::Known("x-api-key".to_owned()),
                    value: plain,
                    value_wo: write_only,
                    value_wo_version: version,
                }),
                ..nothing
            },
            1 => Authorization {
                basic: Attr::Known(Basic {
                    username: Attr::Known("ann".to_owned()),
                    password: plain,
                    password_wo: write_only,
                    password_wo_version: version,
                }),
                ..nothing
            },
            2 => Authorization {
                oauth_client_credentials: Attr::Known(OAuth {
                    client_secret: plain,
                    client_secret_wo: write_only,
                    client_secret_wo_version: version,
                    ..OAuth::default()
                }),
                ..nothing
            },
            _ => Authorization {
                none: Attr::Known(NoAuthorization {}),
                ..nothing
            },
        }
    }

    fn authorizations(given: &[Given]) -> Vec<Authorization> {
        let kinds = (0..3).flat_map(|kind| given.iter().map(move |given| authorization(kind, *given)));
        kinds.chain([authorization(3, Given::Absent)]).collect()
    }

    /// No list, a plain value, and a secret in each of the lists.
    fn parameters(given: &[Given]) -> Vec<Attr<HttpParameters>> {
        let plain = HttpParameter {
            value: Attr::Known("plain".to_owned()),
            ..HttpParameter::default()
        };
        let secrets = given.iter().map(|given| {
            let [secret_value, secret_value_wo, secret_value_wo_version] = triple(*given);
            HttpParameter {
                value: Attr::Null,
                secret_value,
                secret_value_wo,
                secret_value_wo_version,
            }
        });
        let lists = secrets.chain([plain]).flat_map(|parameter| {
            let list = Attr::Known([("tenant".to_owned(), Attr::Known(parameter))].into());
            let (header, query_string, body) = (
                Lists {
                    header: list.clone(),
                    ..Lists::default()
                },
                Lists {
                    query_string: list.clone(),
                    ..Lists::default()
                },
                Lists {
                    body: list,
                    ..Lists::default()
                },
            );
            [header, query_string, body].map(Attr::Known)
        });
        lists.chain([Attr::Null]).collect()
    }

    fn models(given: &[Given]) -> Vec<Model> {
        let authorizations = authorizations(given);
        let models = parameters(given).into_iter().flat_map(|parameters| {
            authorizations.iter().map(move |authorization| Model {
                authorization: Attr::Known(authorization.clone()),
                invocation_http_parameters: parameters.clone(),
                ..Model::default()
            })
        });
        models.collect()
    }

    /// Whether a state is told what stands: a plain value, or the version that is the number of the write-only one.
    fn tells(given: &[Attr<String>; 3]) -> bool {
        match given {
            [Attr::Known(_), Attr::Null, Attr::Null] => true,
            [Attr::Null, Attr::Known(value), Attr::Known(version)] => *value == format!("secret {version}"),
            _ => false,
        }
    }

    #[test]
    fn what_was_sent_is_restored_where_it_is_known_and_else_stays_and_is_recorded_as_it_was_sent() {
        let configurations = models(&OF_CONFIGURATIONS);
        let mut cases = 0;
        for prior in models(&OF_STATES).iter().map(Model::without_write_only) {
            for config in &configurations {
                let former = Former::of(config, &prior, true);
                // Nothing that has to be sent is unknown, and the state will tell what was.
                let mut sent = Vec::new();
                former.inputs.clone().each_given_secret(|given| sent.push(given));
                assert!(sent.iter().all(tells), "{:?}", former.kept);
                // Each part is the former one or, if that is not known, the new one.
                let new = config.without_write_only();
                let restored = former.inputs.without_write_only();
                let kept = |path: &str| former.kept.iter().any(|kept| kept == path);
                let expected = if kept("authorization") { &new } else { &prior };
                assert!(
                    restored.authorization == expected.authorization,
                    "{:?}",
                    former.kept
                );
                let of = |model: &Model| lists(&model.invocation_http_parameters);
                let parts = List::ALL.zip(of(&restored).zip(of(&prior).zip(of(&new))));
                for (list, (restored, (old, new))) in parts {
                    let path = format!("invocation_http_parameters.{}", list.argument());
                    let expected = if kept(&path) { new } else { old };
                    assert!(
                        entries(&restored) == entries(&expected),
                        "{path}: {:?}",
                        former.kept
                    );
                }
                cases += 1;
            }
        }
        assert_eq!(cases, 10 * 13 * 13 * 16);
    }

    #[test]
    fn what_was_not_sent_stays_as_it_was() {
        let prior = Model {
            authorization: Attr::Known(authorization(0, Given::WriteOnly(1))),
            ..Model::default()
        };
        let prior = prior.without_write_only();
        let config = Model {
            authorization: Attr::Known(authorization(3, Given::Absent)),
            ..Model::default()
        };
        let former = Former::of(&config, &prior, false);
        assert!(former.inputs == prior && former.standing == prior && former.kept.is_empty());
    }

    #[test]
    fn a_secret_is_kept_only_where_nothing_knows_its_predecessor() {
        let table = [
            (Given::WriteOnly(1), 0, Given::WriteOnly(1), false),
            (Given::WriteOnly(1), 0, Given::WriteOnly(2), true),
            (Given::WriteOnly(1), 0, Given::Plain(1), true),
            (Given::WriteOnly(1), 3, Given::Absent, true),
            (Given::Plain(1), 3, Given::Absent, false),
            (Given::Plain(1), 1, Given::WriteOnly(2), false),
            (Given::Absent, 0, Given::WriteOnly(1), true),
        ];
        for (old, kind, new, kept) in table {
            let prior = Model {
                authorization: Attr::Known(authorization(0, old)),
                ..Model::default()
            };
            let config = Model {
                authorization: Attr::Known(authorization(kind, new)),
                ..Model::default()
            };
            let former = Former::of(&config, &prior.without_write_only(), true);
            assert_eq!(!former.kept.is_empty(), kept, "{old:?} {kind} {new:?}");
            if !kept {
                let Fact::Known(restored) = super::authorization(&former.inputs.authorization).0 else {
                    panic!("it is known");
                };
                let value = Secret::new("secret 1");
                assert!(restored.secrets().eq([&value]), "{old:?} {kind} {new:?}");
            }
        }
    }
}
