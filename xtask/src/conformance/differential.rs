//! The differential judge: random plans against terraform-plugin-framework, which Go builds from its pinned version.

use std::process::Command;

use crate::built;

/// How many random schemas the gate tries, each with three plans. `JUDGE_CASES` asks for another number by hand, and
/// `JUDGE_SEED` for others.
const CASES: &str = "2000";

/// Whether every plan and every stored state comes out the same, or different for a reason that stands in the test.
pub fn agrees() -> Result<bool, String> {
    let judge = built::scratch("conformance")?.join("judge");
    let source = built::repository().join("acceptance-tests/conformance/differential");
    super::step(
        Command::new("go")
            .args(["build", "-o"])
            .arg(&judge)
            .arg(".")
            .current_dir(source),
        "go build (Go 1.26 or later is needed)",
    )?;
    let cases = std::env::var("JUDGE_CASES").unwrap_or_else(|_| CASES.to_owned());
    let tests = "plan::order::tests::differential::";
    let status = Command::new("cargo")
        .args(["test", "--quiet", "--package", "terraform-plugin", "--lib", "--"])
        .args(["--ignored", "--nocapture", tests])
        .env("JUDGE", judge)
        .env("JUDGE_CASES", cases)
        .current_dir(built::repository())
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    Ok(status.success())
}
