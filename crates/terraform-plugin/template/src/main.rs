//! The provider `{{provider}}`.

mod note;

use std::process::ExitCode;

use terraform_plugin::{Catalog, ConfigureCx, Diagnostics, Provider, serve};

struct ThisProvider;

impl Provider for ThisProvider {
    const NAME: &'static str = "{{provider}}";
    const ADDRESS: &'static str = "registry.terraform.io/{{namespace}}/{{provider}}";
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
    serve(ThisProvider)
}

#[cfg(test)]
mod tests {
    use terraform_plugin::testing::Host;

    use super::ThisProvider;

    #[test]
    fn schemas_and_models_are_sound() {
        assert_eq!(Host::new(ThisProvider).problems(), [""; 0]);
    }
}
