//! The provider `example`.

mod note;

use std::process::ExitCode;

use terraform_plugin::{Catalog, ConfigureCx, Diagnostics, Provider, serve};

struct Example;

impl Provider for Example {
    const NAME: &'static str = "example";
    const ADDRESS: &'static str = "registry.terraform.io/example/example";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = ();
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, (): ()) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(note::Note);
    }
}

fn main() -> ExitCode {
    serve(Example)
}

#[cfg(test)]
mod tests {
    use terraform_plugin::testing::Host;

    use super::Example;

    #[test]
    fn schemas_and_models_are_sound() {
        assert_eq!(Host::new(Example).problems(), [""; 0]);
    }
}
