//! Keeps `src/wire/` equal to what `proto/` generates. `cargo xtask proto` runs this test so that it writes
//! the files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Set by `cargo xtask proto`: write the files instead of comparing them.
const WRITE: &str = "TERRAFORM_PLUGIN_WRITE_GENERATED_CODE";

/// The definitions, and the packages that they make, each of which becomes one file.
const DEFINITIONS: [&str; 4] = [
    "tfplugin6.proto",
    "grpc_broker.proto",
    "grpc_controller.proto",
    "grpc_stdio.proto",
];
const PACKAGES: [&str; 2] = ["tfplugin6", "plugin"];

#[test]
fn the_checked_in_code_is_what_the_definitions_generate() {
    let fresh = tempfile::tempdir().expect("a temporary folder");
    generate(fresh.path());
    for package in PACKAGES {
        let name = format!("{package}.rs");
        let fresh = fs::read_to_string(fresh.path().join(&name)).expect("the generator writes each package");
        let checked_in = crate_folder().join("src/wire").join(&name);
        if env::var_os(WRITE).is_some() {
            fs::write(&checked_in, fresh).expect("the generated file can be written");
        } else {
            // Compared as a condition: a difference of thousands of lines helps nobody.
            let same = fs::read_to_string(&checked_in).is_ok_and(|text| text == fresh);
            assert!(
                same,
                "src/wire/{name} is not what proto/ generates: run `cargo xtask proto`"
            );
        }
    }
}

/// Generates one file per package into `folder`. protox reads the definitions, so that nobody needs protoc.
fn generate(folder: &Path) {
    let proto = crate_folder().join("proto");
    let descriptors = protox::compile(DEFINITIONS, [&proto]).unwrap_or_else(|error| panic!("{error:?}"));
    tonic_prost_build::configure()
        .out_dir(folder)
        // Nothing here dials: the test host works in process, and the tests bring their own channel.
        .build_transport(false)
        .client_mod_attribute(".", "#[cfg(test)]")
        // Maps in the order of their keys: the same schema is always the same bytes.
        .btree_map(".")
        // These carry the users' values; `wire` prints their sizes only.
        .skip_debug([".tfplugin6.DynamicValue", ".tfplugin6.RawState"])
        .compile_fds(descriptors)
        .expect("the definitions make code");
}

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
