//! Writes the seeds of every target into `corpus/<target>`, where cargo-fuzz begins.

use std::{fs, io, path::Path};

use terraform_plugin_fuzz::seeds;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [
        ("json", seeds::json()),
        ("msgpack", seeds::msgpack()),
        ("rpc", seeds::rpc()),
        ("type_json", seeds::type_json()),
    ] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for seed in seeds {
            fs::write(folder.join(seed.name), seed.input)?;
        }
    }
    Ok(())
}
