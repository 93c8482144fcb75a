//! Which events are logged: by the crate that they come from, and by `TF_LOG` and its kin.

use tracing::{Level, Metadata, level_filters::LevelFilter};

use crate::serve::Identity;

/// The root of this crate's targets.
const FRAMEWORK: &str = "terraform_plugin";
/// Those of its parts that speak the protocol.
const PROTOCOL: [&str; 2] = ["terraform_plugin::serve", "terraform_plugin::rpc"];

/// A named source of log lines, as plugin-log names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Module {
    /// The provider's own code.
    Provider,
    /// This crate, where it speaks the protocol.
    SdkProto,
    /// This crate otherwise.
    SdkFramework,
}

impl Module {
    pub(super) fn name(self) -> &'static str {
        match self {
            Module::Provider => "provider",
            Module::SdkProto => "sdk.proto",
            Module::SdkFramework => "sdk.framework",
        }
    }
}

/// The level of each module, and the crates that are the provider's own.
///
/// Events of other crates are dropped at every level: HTTP, TLS and AWS crates write headers and bodies into
/// theirs, and with them credentials.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    own: Vec<String>,
    provider: LevelFilter,
    sdk_proto: LevelFilter,
    sdk_framework: LevelFilter,
}

impl Levels {
    /// Reads the variables of core and of plugin-log through `lookup`; the more particular one counts.
    pub(super) fn read(identity: &Identity, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let level = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| lookup(name).filter(|v| !v.is_empty()))
        };
        let level = |names: &[&str]| level(names).map_or(LevelFilter::OFF, |value| parse(&value));
        let particular = format!(
            "TF_LOG_PROVIDER_{}",
            identity.name.replace('-', "_").to_uppercase()
        );
        let root = format!("terraform_provider_{}", identity.name.replace('-', "_"));
        Self {
            own: identity
                .log_targets
                .iter()
                .map(|target| target.to_string())
                .chain([root])
                .collect(),
            provider: level(&[&particular, "TF_LOG_PROVIDER", "TF_LOG"]),
            sdk_proto: level(&[
                "TF_LOG_SDK_PROTO",
                "TF_LOG_SDK",
                &particular,
                "TF_LOG_PROVIDER",
                "TF_LOG",
            ]),
            sdk_framework: level(&[
                "TF_LOG_SDK_FRAMEWORK",
                "TF_LOG_SDK",
                &particular,
                "TF_LOG_PROVIDER",
                "TF_LOG",
            ]),
        }
    }

    /// Whether nothing is ever logged.
    pub(super) fn are_off(&self) -> bool {
        self.most() == LevelFilter::OFF
    }

    /// The level beyond which no module logs.
    pub(super) fn most(&self) -> LevelFilter {
        self.provider.max(self.sdk_proto).max(self.sdk_framework)
    }

    /// Whether an event or a span is of a module that logs at its level.
    pub(super) fn allow(&self, metadata: &Metadata<'_>) -> bool {
        self.allow_target(metadata.target(), *metadata.level())
    }

    fn allow_target(&self, target: &str, level: Level) -> bool {
        self.module(target).is_some_and(|module| {
            let most = match module {
                Module::Provider => self.provider,
                Module::SdkProto => self.sdk_proto,
                Module::SdkFramework => self.sdk_framework,
            };
            level <= most
        })
    }

    /// The module that a target belongs to; none for other people's crates.
    pub(super) fn module(&self, target: &str) -> Option<Module> {
        if PROTOCOL.iter().any(|part| is_under(target, part)) {
            Some(Module::SdkProto)
        } else if is_under(target, FRAMEWORK) {
            Some(Module::SdkFramework)
        } else if self.own.iter().any(|root| is_under(target, root)) {
            Some(Module::Provider)
        } else {
            None
        }
    }
}

/// Whether `target` is `root` or a module inside it.
fn is_under(target: &str, root: &str) -> bool {
    target
        .strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Core's names of the levels, in any case. `JSON` is every level in another form; what core does not know it
/// takes for `TRACE` (terraform, internal/logging), and so does this.
fn parse(value: &str) -> LevelFilter {
    match value.to_ascii_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::identity;

    fn levels(variables: &[(&str, &str)]) -> Levels {
        Levels::read(&identity(), |name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn the_more_particular_variable_counts() {
        type Row<'a> = (&'a [(&'a str, &'a str)], [LevelFilter; 3]);
        const OFF: LevelFilter = LevelFilter::OFF;
        const TRACE: LevelFilter = LevelFilter::TRACE;
        const WARN: LevelFilter = LevelFilter::WARN;
        let table: [Row<'_>; 9] = [
            (&[], [OFF; 3]),
            (&[("TF_LOG", "")], [OFF; 3]),
            (&[("TF_LOG_CORE", "TRACE")], [OFF; 3]),
            (&[("TF_LOG", "warn")], [WARN; 3]),
            (&[("TF_LOG", "JSON")], [TRACE; 3]),
            (&[("TF_LOG", "loud")], [TRACE; 3]),
            (&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "OFF")], [OFF; 3]),
            (
                &[
                    ("TF_LOG", "TRACE"),
                    ("TF_LOG_SDK", "OFF"),
                    ("TF_LOG_SDK_PROTO", "WARN"),
                ],
                [TRACE, WARN, OFF],
            ),
            (
                &[("TF_LOG_PROVIDER", "OFF"), ("TF_LOG_PROVIDER_BARE", "WARN")],
                [WARN; 3],
            ),
        ];
        for (variables, [provider, sdk_proto, sdk_framework]) in table {
            let levels = levels(variables);
            assert_eq!(levels.provider, provider, "{variables:?}");
            assert_eq!(levels.sdk_proto, sdk_proto, "{variables:?}");
            assert_eq!(levels.sdk_framework, sdk_framework, "{variables:?}");
        }
    }

    #[test]
    fn without_a_variable_nothing_is_installed() {
        assert!(levels(&[]).are_off());
        assert!(!levels(&[("TF_LOG_SDK", "ERROR")]).are_off());
    }

    #[test]
    fn other_peoples_crates_are_never_logged() {
        let levels = levels(&[("TF_LOG", "TRACE")]);
        for target in [
            "hyper::proto",
            "h2",
            "rustls::conn",
            "aws_smithy_runtime",
            "terraform_plugins",
            "enginex",
        ] {
            assert!(!levels.allow_target(target, Level::ERROR), "{target}");
        }
    }

    #[test]
    fn modules_are_named_as_plugin_log_names_them() {
        let levels = levels(&[]);
        let table = [
            ("terraform_provider_bare::thing", Some("provider")),
            ("engine", Some("provider")),
            ("terraform_plugin::serve::drain", Some("sdk.proto")),
            ("terraform_plugin::rpc", Some("sdk.proto")),
            ("terraform_plugin::plan", Some("sdk.framework")),
            ("tonic", None),
        ];
        for (target, name) in table {
            assert_eq!(levels.module(target).map(Module::name), name, "{target}");
        }
    }

    #[test]
    fn a_level_holds_back_what_is_below_it() {
        let levels = levels(&[("TF_LOG", "INFO")]);
        assert!(levels.allow_target("engine", Level::INFO));
        assert!(!levels.allow_target("engine", Level::DEBUG));
    }
}
