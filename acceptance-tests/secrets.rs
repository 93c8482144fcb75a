//! Write-only secrets rest nowhere: not in state, plan, output, log or error.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cli_harness::on_every_cli;
use flate2::read::DeflateDecoder;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{Workspace, invocation, orders};

/// A key that is found nowhere by chance. It is not the one that the API wants; nobody calls.
const SECRET: &str = "s3cr3t-canary-7f3a91";

/// The files of a workspace that hold the secret as it is or as Base64.
fn files_with_secret(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for file in files(&workspace.path("")) {
        let content = fs::read(&file).expect("it is readable");
        if has_secret(&content) || unzipped(&content).iter().any(|entry| has_secret(entry)) {
            found.push(
                file.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default(),
            );
        }
    }
    found.sort_unstable();
    found
}

/// The deflated entries of a ZIP archive, which a plan file is: its bytes as they are show nothing. Each follows a local
/// header: signature, method (8: deflate) at 8, lengths of name and extra field at 26 and 28, which end the header
/// (APPNOTE.TXT, 4.3.7).
fn unzipped(archive: &[u8]) -> Vec<Vec<u8>> {
    const SIGNATURE: &[u8] = b"PK\x03\x04";
    let headers = (0..archive.len()).filter(|&at| archive[at..].starts_with(SIGNATURE));
    let entry = |at: usize| {
        let number = |offset: usize| {
            Some(usize::from(u16::from_le_bytes(
                archive.get(at + offset..)?.get(..2)?.try_into().ok()?,
            )))
        };
        let start = at + 30 + number(26)? + number(28)?;
        let mut content = Vec::new();
        let deflated = archive.get(start..).filter(|_| number(8) == Some(8))?;
        DeflateDecoder::new(deflated).read_to_end(&mut content).ok()?;
        Some(content)
    };
    headers.filter_map(entry).collect()
}

fn has_secret(content: &[u8]) -> bool {
    // Of three ways in which Base64 can be aligned, credentials of an HTTP header have the first.
    let encoded = BASE64_STANDARD.encode(SECRET);
    [SECRET, encoded.trim_end_matches('=')]
        .iter()
        .any(|form| content.windows(form.len()).any(|part| part == form.as_bytes()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable").flatten();
    entries
        .flat_map(|entry| {
            let (path, kind) = (entry.path(), entry.file_type().expect("the entry has a type"));
            if kind.is_dir() {
                files(&path)
            } else {
                Vec::from_iter(kind.is_file().then_some(path))
            }
        })
        .collect()
}

/// Plans into a file, applies that file, both with a TRACE log, and gives all that was printed.
fn plan_and_apply(workspace: &mut Workspace) -> String {
    let log = workspace.path("trace.log");
    workspace.set("TF_LOG", "TRACE");
    workspace.set("TF_LOG_PATH", &log.to_string_lossy());
    let plan = workspace
        .run(&["plan", "-input=false", "-no-color", "-out=tfplan"])
        .succeeded();
    let apply = workspace
        .run(&["apply", "-input=false", "-no-color", "tfplan"])
        .succeeded();
    let log = fs::read_to_string(log).expect("there is a log");
    for words in [
        "provider.terraform-provider-private: received request",
        "tf_rpc=ApplyResourceChange",
    ] {
        assert!(
            log.contains(words),
            "the log has nothing of {words}: the provider's own is missing"
        );
    }
    plan.text + &apply.text
}

#[test]
fn a_plain_secret_is_found_in_state_and_plan() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        let write_only = r#"value_wo = var.api_key, value_wo_version = "1""#;
        let text = orders(&aws.seed().vpc_endpoint_id, "").replace(write_only, "value = local.planted");
        // Reversed in the configuration, so that the scanner finds what the CLI made of it.
        let reversed: String = SECRET.chars().rev().collect();
        workspace.write(&format!(
            "locals {{\n  planted = strrev({reversed:?})\n}}\n{text}"
        ));
        plan_and_apply(&mut workspace);
        let found = files_with_secret(&workspace);
        for file in ["terraform.tfstate", "tfplan"] {
            assert!(
                found.iter().any(|name| name == file),
                "the scanner missed {file}: {found:?}"
            );
        }
    });
}

#[test]
fn a_write_only_secret_is_found_nowhere() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        workspace.set("TF_VAR_api_key", SECRET);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let mut printed = plan_and_apply(&mut workspace);
        workspace.write(&invocation(
            "orders",
            &format!("{:?}", aws.seed().vpc_endpoint_id),
            "2",
            "",
        ));
        printed += &plan_and_apply(&mut workspace);
        printed += &workspace.run(&["show", "-no-color"]).succeeded().text;
        assert!(!has_secret(printed.as_bytes()), "{printed}");
        assert_eq!(files_with_secret(&workspace), [""; 0]);
    });
}

#[test]
fn a_secret_that_aws_quotes_is_left_out_of_the_error() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        workspace.set("TF_VAR_api_key", SECRET);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        aws.fault(json!({
            "service": "events", "operation": "CreateConnection",
            "effect": { "error": {
                "code": "ValidationException", "message": format!("The value '{SECRET}' does not please."),
            } },
        }));
        let failed = workspace.try_apply().failed().says(&["does not please"]);
        assert!(!failed.text.contains(SECRET), "{}", failed.text);
        assert_eq!(files_with_secret(&workspace), [""; 0]);
    });
}
