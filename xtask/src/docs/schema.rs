//! The provider's schema, as a CLI prints it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{built, cli};

/// What the pages' generator looks for: it knows a provider by its short name only.
const SHORT_NAME: &str = "private";

/// Builds the provider, asks it through `program`, and writes what tfplugindocs reads into `folder`.
pub fn write(program: &Path, folder: &Path) -> Result<PathBuf, String> {
    let programs = built::programs()?;
    let workspace = folder.join("schema");
    let wrong = |error: std::io::Error| format!("{} cannot be written: {error}", workspace.display());
    fs::create_dir_all(&workspace).map_err(wrong)?;
    let settings = workspace.join("dev.tfrc");
    fs::write(&settings, cli::dev_overrides(&programs.folder)).map_err(wrong)?;
    let configuration =
        "terraform {\n  required_providers {\n    private = { source = \"private-api/private\" }\n  }\n}\n";
    fs::write(workspace.join("main.tf"), configuration).map_err(wrong)?;
    let printed = cli::command(program)
        .args(["providers", "schema", "-json"])
        .current_dir(&workspace)
        .env("TF_CLI_CONFIG_FILE", &settings)
        .env("TF_DATA_DIR", workspace.join(".terraform"))
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    if !printed.status.success() {
        return Err(format!(
            "{} providers schema ended with {}:\n{}",
            program.display(),
            printed.status,
            String::from_utf8_lossy(&printed.stderr)
        ));
    }
    let printed: Value = serde_json::from_slice(&printed.stdout)
        .map_err(|error| format!("{} prints no JSON: {error}", program.display()))?;
    let file = folder.join("schema.json");
    let text = by_short_name(&printed)?.to_string();
    fs::write(&file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    Ok(file)
}

/// The schema without what only some CLIs print, so that every CLI makes the same pages.
fn by_short_name(printed: &Value) -> Result<Value, String> {
    let all = printed["provider_schemas"].as_object();
    let ours = all.and_then(|all| {
        all.iter()
            .find(|(source, _)| source.ends_with("/private-api/private"))
    });
    let (_, ours) = ours.ok_or("the CLI prints no schema of private-api/private")?;
    let mut ours = ours.clone();
    if let Some(members) = ours.as_object_mut() {
        members.remove("resource_identity_schemas");
    }
    Ok(json!({ "format_version": printed["format_version"], "provider_schemas": { SHORT_NAME: ours } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_the_same_whatever_the_cli_calls_the_provider() {
        let printed = |host: &str, more: Value| {
            let mut ours = json!({ "provider": { "version": 0 } });
            if let (Some(ours), Value::Object(more)) = (ours.as_object_mut(), more) {
                ours.extend(more);
            }
            json!({ "format_version": "1.0", "provider_schemas": { format!("{host}/private-api/private"): ours } })
        };
        let terraform = by_short_name(&printed("registry.terraform.io", json!({})));
        let opentofu = by_short_name(&printed(
            "registry.opentofu.org",
            json!({ "resource_identity_schemas": { "private_api_path": {} } }),
        ));
        assert_eq!(terraform, opentofu);
        assert!(
            terraform.is_ok_and(|schema| schema["provider_schemas"]["private"]["provider"]["version"] == 0)
        );
        assert!(by_short_name(&json!({ "provider_schemas": {} })).is_err());
    }
}
