//! The example of the crate's README, run as it says.

use cli_harness::{Provider, Workspace, on_every_cli};

use crate::kitchen::example;

fn greets(cli: &'static cli_harness::Cli, name: &str) -> Workspace {
    let binary = example("terraform-provider-greeting");
    let provider = Provider {
        source: "example/greeting",
        binary: &binary,
    };
    let workspace = Workspace::new(cli, &[provider]);
    write(&workspace, name);
    workspace
}

fn write(workspace: &Workspace, name: &str) {
    let text = format!(
        r#"
terraform {{
  required_providers {{
    greeting = {{ source = "example/greeting" }}
  }}
}}

resource "greeting_card" "hello" {{
  name = "{name}"
}}

output "text" {{
  value = greeting_card.hello.text
}}
"#
    );
    workspace.write_file("main.tf", &text);
}

#[test]
fn the_example_of_the_readme_greets_and_changes_its_mind_and_goes() {
    on_every_cli(|cli| {
        let workspace = greets(cli, "world");
        workspace.apply();
        assert_eq!(workspace.output("text"), "Hello, world!");
        workspace.plans_nothing();
        write(&workspace, "moon");
        workspace.apply();
        assert_eq!(workspace.output("text"), "Hello, moon!");
        workspace.destroy();
    });
}
