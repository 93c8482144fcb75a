//! What users are handed works with the real CLIs and plain `init`: the plugin directory, both kinds of mirror, and the
//! configuration on the front page.

mod mirror_server;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use cli_harness::{Cli, Workspace, on_every_cli};
use local_aws::{LocalAws, Options, Speed};

use mirror_server::MirrorServer;
use tempfile::TempDir;

/// A configuration that needs the provider and nothing else.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    private = {
      source  = "private-api/private"
      version = "~> 0.1"
    }
  }
}
"#;

/// The provider, which the tests of the workspace have built beside xtask.
fn provider() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("terraform-provider-private");
    assert!(
        binary.is_file(),
        "{} is not there: cargo build --workspace",
        binary.display()
    );
    binary
}

/// A folder whose CLI has no settings: providers come from where `init` looks for them by itself.
fn workspace(cli: &'static Cli) -> Workspace {
    let mut workspace = Workspace::new(cli, &[]);
    workspace.unset("TF_CLI_CONFIG_FILE");
    workspace
}

fn xtask(workspace: &Workspace, arguments: &[&str]) -> Output {
    let mut command = workspace.command(Path::new(env!("CARGO_BIN_EXE_xtask")));
    command.args(arguments).output().expect("xtask can be started")
}

#[track_caller]
fn succeeded(ended: &Output) {
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// Packages the provider into a folder, without what needs tools that a fresh clone does not have.
fn package_into(out: &Path) {
    // In the environment of the tests: it asks cargo, whose home is the user's.
    let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["package", "--dirty", "--bare", "--binary"])
        .arg(provider())
        .arg("--out")
        .arg(out)
        .output();
    succeeded(&ended.expect("xtask can be started"));
}

/// The packages of the provider, made once.
fn packages() -> &'static Path {
    static PACKAGES: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = TempDir::with_prefix("packages-").expect("a temporary folder can be made");
        package_into(folder.path());
        folder
    });
    PACKAGES.path()
}

fn settings(workspace: &mut Workspace, installation: &str) {
    workspace.write_file(
        "cli.tfrc",
        &format!("provider_installation {{\n{installation}\n}}\n"),
    );
    let file = workspace.path("cli.tfrc");
    workspace.set("TF_CLI_CONFIG_FILE", &file.to_string_lossy());
}

/// The first block of HCL on the front page.
fn front_page() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(readme).expect("there is a front page");
    let (_, rest) = text.split_once("```hcl\n").expect("it has a configuration");
    rest.split_once("```").expect("the block is closed").0.to_owned()
}

#[test]
fn the_front_page_plans_as_it_is_printed_with_what_install_put_there() {
    on_every_cli(|cli| {
        let aws = LocalAws::start(Options {
            region: "eu-central-1".to_owned(),
            speed: Speed::Instant,
            ..Options::default()
        })
        .expect("a local AWS starts");
        let mut workspace = workspace(cli);
        let binary = provider();
        succeeded(&xtask(
            &workspace,
            &["install", "--binary", &binary.to_string_lossy()],
        ));
        workspace.write_file("main.tf", &front_page());
        workspace.run(&["init", "-input=false", "-no-color"]).succeeded();
        for (name, value) in [
            ("TF_VAR_vpc_endpoint_id", aws.seed().vpc_endpoint_id.as_str()),
            ("TF_VAR_api_key", "secret"),
            ("AWS_ENDPOINT_URL", aws.endpoint()),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ] {
            workspace.set(name, value);
        }
        let plan = workspace.run(&["plan", "-input=false", "-no-color"]).succeeded();
        plan.says(&[
            "private_api_invocation.orders will be created",
            "1 to add, 0 to change",
        ]);
    });
}

#[test]
fn installed_again_over_itself_it_is_the_new_one() {
    on_every_cli(|cli| {
        let workspace = workspace(cli);
        workspace.write_file("old", "#!/bin/sh\nexit 1\n");
        let old = workspace.path("old");
        for binary in [old, provider()] {
            succeeded(&xtask(
                &workspace,
                &["install", "--binary", &binary.to_string_lossy()],
            ));
        }
        workspace.write_file("main.tf", CONFIGURATION);
        workspace.run(&["init", "-input=false", "-no-color"]).succeeded();
        workspace.run(&["providers", "schema", "-json"]).succeeded();
    });
}

#[test]
fn an_installation_that_settings_would_hide_says_so() {
    on_every_cli(|cli| {
        let workspace = workspace(cli);
        workspace.write_file(".terraformrc", "provider_installation {\n  direct {}\n}\n");
        let binary = provider();
        let ended = xtask(&workspace, &["install", "--binary", &binary.to_string_lossy()]);
        succeeded(&ended);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(
            said.contains(".terraformrc") && said.contains("filesystem_mirror"),
            "{said}"
        );
    });
}

#[test]
fn both_mirrors_serve_one_package_and_one_lock_file() {
    on_every_cli(|cli| {
        let mut workspace = workspace(cli);
        let mirror = packages().join("mirror");
        workspace.write_file("main.tf", CONFIGURATION);
        settings(
            &mut workspace,
            &format!("  filesystem_mirror {{ path = {mirror:?} }}"),
        );
        workspace.run(&["init", "-input=false", "-no-color"]).succeeded();
        let lock = fs::read_to_string(workspace.path(".terraform.lock.hcl")).expect("there is a lock file");
        assert!(lock.contains("h1:"), "{lock}");

        let server = MirrorServer::start(&mirror);
        workspace.write_file("mirror.pem", server.certificate());
        let certificate = workspace.path("mirror.pem");
        workspace.set("SSL_CERT_FILE", &certificate.to_string_lossy());
        settings(
            &mut workspace,
            &format!("  network_mirror {{ url = {:?} }}", server.url()),
        );
        fs::remove_dir_all(workspace.path("data")).expect("init has made it");
        workspace
            .run(&["init", "-input=false", "-no-color", "-lockfile=readonly"])
            .succeeded();
        assert!(
            server.served() >= 3,
            "index, version and archive: {}",
            server.served()
        );
        workspace.run(&["providers", "schema", "-json"]).succeeded();
    });
}

#[test]
fn the_quickstart_is_applied_with_what_a_mirror_has() {
    on_every_cli(|cli| {
        let aws = LocalAws::start(Options {
            speed: Speed::Factor(100.0),
            ..Options::default()
        })
        .expect("a local AWS starts");
        let mut workspace = workspace(cli);
        settings(
            &mut workspace,
            &format!("  filesystem_mirror {{ path = {:?} }}", packages().join("mirror")),
        );
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart");
        for file in ["main.tf", "variables.tf", "outputs.tf"] {
            fs::copy(example.join(file), workspace.path(file)).expect("the example has it");
        }
        for (name, value) in [
            ("TF_VAR_vpc_endpoint_id", aws.seed().vpc_endpoint_id.as_str()),
            ("TF_VAR_api_key", aws.seed().api_key.as_str()),
            ("AWS_ENDPOINT_URL", aws.endpoint()),
            ("AWS_REGION", aws.seed().region.as_str()),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ] {
            workspace.set(name, value);
        }
        workspace.run(&["init", "-input=false", "-no-color"]).succeeded();
        workspace.apply();
        assert_eq!(workspace.output("pending"), serde_json::json!([]));
        workspace.plans_nothing();
        workspace.destroy();
    });
}

#[test]
fn an_archive_with_another_checksum_is_refused() {
    on_every_cli(|cli| {
        let mut workspace = workspace(cli);
        let mirror = packages().join("mirror");
        workspace.write_file("main.tf", CONFIGURATION);
        let server = MirrorServer::start(&mirror);
        workspace.write_file("mirror.pem", server.certificate());
        let certificate = workspace.path("mirror.pem");
        workspace.set("SSL_CERT_FILE", &certificate.to_string_lossy());
        settings(
            &mut workspace,
            &format!("  network_mirror {{ url = {:?} }}", server.url()),
        );
        server.tamper();
        workspace
            .run(&["init", "-input=false", "-no-color"])
            .failed()
            .says(&["checksum"]);
    });
}

#[test]
fn the_sums_are_those_of_sha256sum_and_two_packages_are_equal() {
    let other = TempDir::new().expect("a temporary folder can be made");
    package_into(other.path());
    let sums = [packages(), other.path()].map(|folder| {
        let file = folder.join("terraform-provider-private_0.1.0_SHA256SUMS");
        let checked = Command::new("sha256sum")
            .current_dir(folder)
            .arg("--check")
            .arg(&file)
            .output();
        succeeded(&checked.expect("sha256sum can be started"));
        fs::read_to_string(file).expect("there are sums")
    });
    assert_eq!(sums[0], sums[1]);
    assert_eq!(sums[0].lines().count(), 2, "{}", sums[0]);
}

#[test]
fn bad_input_is_refused_before_anything_is_built() {
    on_every_cli(|cli| {
        let workspace = workspace(cli);
        let cases: [(&[&str], &str); 5] = [
            (&["package", "--platform", "plan9_amd64"], "linux_amd64"),
            (
                &["package", "--dirty", "--bare", "--binary", "no-such-binary"],
                "no-such-binary",
            ),
            (
                &["package", "--dirty", "--bare", "--platform", "windows_arm64"],
                "rustup target add",
            ),
            (
                &["package", "local-aws", "--platform", "windows_amd64"],
                "Linux or macOS",
            ),
            (&["install", "--binary", "no-such-binary"], "no-such-binary"),
        ];
        for (arguments, words) in cases {
            let ended = xtask(&workspace, arguments);
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(
                !ended.status.success() && said.contains(words),
                "{arguments:?}: {said}"
            );
        }
        assert!(!workspace.path("dist").exists() && !workspace.path(".terraform.d").exists());
    });
}

#[test]
fn a_missing_tool_is_said_before_anything_is_built_with_what_installs_it() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["package", "--dirty"])
        .current_dir(folder.path())
        .env("PATH", folder.path())
        .env("CARGO_HOME", folder.path())
        .output()
        .expect("xtask can be started");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    for words in [
        "cargo install --locked cargo-about@",
        "cargo install --locked cargo-cyclonedx@",
        "--bare",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!folder.path().join("dist").exists());
}

#[test]
#[ignore = "needs cargo-about and cargo-cyclonedx, which the gate installs"]
fn every_crate_that_is_linked_is_named_in_notices_and_bill_and_no_other() {
    let [out, again] = [(); 2].map(|()| TempDir::new().expect("a temporary folder can be made"));
    let local_aws = provider().with_file_name("local-aws");
    for (program, binary, out) in [
        ("provider", provider(), &out),
        ("local-aws", local_aws, &out),
        ("provider", provider(), &again),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["package", program, "--dirty", "--platform", "linux_amd64"])
            .arg("--binary")
            .arg(binary)
            .arg("--out")
            .arg(out.path())
            .output();
        succeeded(&ended.expect("xtask can be started"));
    }
    let archives = [&out, &again].map(|out| {
        let archive = out
            .path()
            .join("terraform-provider-private_0.1.0_linux_amd64.zip");
        fs::read(archive).expect("there is an archive")
    });
    assert!(
        archives[0] == archives[1],
        "two archives of the same contents differ"
    );
    let linked = [
        (
            "terraform-provider-private",
            ["tokio", "rustls", "aws-sdk-ec2", "aws-lc-sys"],
        ),
        ("local-aws", ["tokio", "rustls", "jsonata-core", "aws-lc-sys"]),
    ];
    let sums = fs::read_to_string(
        out.path()
            .join("terraform-provider-private_0.1.0_others_SHA256SUMS"),
    );
    let sums = sums.expect("there are sums");
    for (program, there) in linked {
        let notices = notices_in(&out.path().join(format!("{program}_0.1.0_linux_amd64.zip")));
        let bill = format!("{program}_0.1.0_linux_amd64_sbom.cdx.json");
        assert!(sums.contains(&bill), "{sums}");
        let bill = fs::read_to_string(out.path().join(bill)).expect("there is a bill");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let repository = repository.canonicalize().expect("there is a repository");
        for path in [&*repository.to_string_lossy(), "/registry/src/"] {
            assert!(
                !bill.contains(path) && !notices.contains(path),
                "{program}: a path of this machine"
            );
        }
        let bill: serde_json::Value = serde_json::from_str(&bill).expect("it is JSON");
        assert_eq!(bill["bomFormat"], "CycloneDX");
        let components = bill["components"].as_array().expect("it has components");
        let text = |component: &serde_json::Value, member: &str| {
            component[member].as_str().unwrap_or_default().to_owned()
        };
        let in_bill: BTreeSet<_> = components
            .iter()
            .filter(|component| text(component, "purl").starts_with("pkg:cargo/"))
            .filter(|component| !text(component, "bom-ref").starts_with("path+file:"))
            .map(|component| format!("{} {}", text(component, "name"), text(component, "version")))
            .collect();
        assert_eq!(in_bill, linked_into(program), "{program}: the bill");
        for name in there {
            assert!(
                in_bill
                    .iter()
                    .any(|crate_| crate_.starts_with(&format!("{name} "))),
                "{program}: {name}"
            );
        }
        let named: BTreeSet<_> = notices
            .lines()
            .skip_while(|line| !line.is_empty())
            .skip(1)
            .map_while(|line| line.split_once(": ").filter(|(_, licence)| !licence.is_empty()))
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(named, linked_into(program), "{program}");
        // The names of authors that stand in a file of several licences.
        for text in [
            "Apache License",
            "Permission is hereby granted",
            "Stephan Mueller <smueller@chronox.de>",
        ] {
            assert!(notices.contains(text), "{program}: {text}");
        }
    }
    assert!(sums.contains("local-aws_0.1.0_linux_amd64.oci.tar"), "{sums}");
}

/// The crates of others that are linked into a program, as cargo tells them that would build it.
fn linked_into(program: &str) -> BTreeSet<String> {
    let answer = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--package", program])
        .output()
        .expect("cargo can be started");
    succeeded(&answer);
    let tree = String::from_utf8_lossy(&answer.stdout);
    let of_others = tree.lines().filter(|line| !line.contains(" (/"));
    of_others
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            Some(format!("{name} {}", words.next()?.trim_start_matches('v')))
        })
        .collect()
}

/// The licence texts that an archive has.
fn notices_in(archive: &Path) -> String {
    let file = fs::File::open(archive).expect("there is an archive");
    let mut archive = zip::ZipArchive::new(file).expect("it is one");
    let notices = archive
        .by_name("THIRD-PARTY-NOTICES.txt")
        .expect("it has notices");
    std::io::read_to_string(notices).expect("they are text")
}

#[test]
fn without_a_cli_and_without_go_the_demo_says_the_two_ways() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("demo")
        .env("PATH", folder.path())
        .output()
        .expect("xtask can be started");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    for words in [
        "There are two ways",
        "opentofu.org/docs/intro/install",
        "go.dev/doc/install",
    ] {
        assert!(said.contains(words), "{said}");
    }
}
