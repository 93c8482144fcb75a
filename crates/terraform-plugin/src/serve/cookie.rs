//! The magic cookie: tells a host from a person who runs the binary by hand.

use std::{env, path::PathBuf};

use super::Identity;

const NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
/// Terraform's and OpenTofu's value. It is no secret: it only shows that the starter knows what it starts.
const VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Whether the environment, as `lookup` reads it, shows the cookie.
pub(super) fn is_shown(lookup: impl Fn(&str) -> Option<String>) -> bool {
    lookup(NAME).is_some_and(|value| value == VALUE)
}

/// What a person who ran the binary by hand needs to know.
pub(super) fn explanation(identity: &Identity) -> String {
    let folder = env::current_exe()
        .ok()
        .and_then(|file| file.parent().map(PathBuf::from));
    let folder = folder.map_or_else(
        || "/folder/of/this/binary".into(),
        |folder| folder.display().to_string(),
    );
    let (binary, version, source) = (identity.binary(), identity.version, identity.source());
    let by_hand = if identity.commands.is_empty() {
        "run by hand it does nothing.\n".to_owned()
    } else {
        let width = identity.commands.iter().map(|(command, _)| command.len()).max();
        let width = width.unwrap_or_default();
        let command = |(command, does): &(&str, &str)| format!("    {binary} {command:width$}  {does}\n");
        let commands: String = identity.commands.iter().map(command).collect();
        format!("run by hand it has these commands, each with a --help of its own:\n\n{commands}")
    };
    format!(
        "{binary} {version} is a provider plugin. Terraform and OpenTofu start it when a configuration needs it;\n\
         {by_hand}\
         \n\
         To let them use this binary, put this into their CLI configuration file (~/.terraformrc or ~/.tofurc, or the\n\
         file that TF_CLI_CONFIG_FILE names), and leave out `init`:\n\
         \n    \
             provider_installation {{\n      \
               dev_overrides {{\n        \
                 {source:?} = {folder:?}\n      \
               }}\n      \
               direct {{}}\n    \
             }}\n\
         \n\
         To run it under a debugger, start it with --debug and set the variable that it then prints.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_cookie_counts() {
        let table = [
            (None, false),
            (Some(""), false),
            (Some("d602"), false),
            (Some(VALUE), true),
        ];
        for (value, shown) in table {
            assert_eq!(
                is_shown(|name| value.filter(|_| name == NAME).map(String::from)),
                shown,
                "{value:?}"
            );
        }
    }

    #[test]
    fn the_explanation_tells_how_to_use_the_binary() {
        let text = explanation(&super::super::tests::identity());
        assert!(
            text.starts_with("terraform-provider-bare 1.2.3 is a provider plugin."),
            "{text}"
        );
        for words in [
            "dev_overrides {",
            "\"example/bare\" = \"",
            "TF_CLI_CONFIG_FILE",
            "--debug",
            "terraform-provider-bare sweep  removes what is left over",
        ] {
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }
}
