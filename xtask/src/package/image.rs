//! A container image of a static program, made without a daemon. The program needs no system below it, so that the image
//! is one layer:
//!
//! ```text
//!  oci-layout  index.json                      the Open Container Initiative's image layout
//!  blobs/sha256/<manifest> <configuration> <layer>
//!  manifest.json                               the same for `docker load`, which reads older archives by it
//! ```

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::archive::Entry;
use super::hashes::sha256;
use super::program::Program;

/// Who runs the program: nobody, by a number that no system gives to anybody.
const USER: &str = "65532:65532";

/// The image's bytes, a tar archive. The first of `entries` is the program, which is run with `command`; the others are
/// its licences.
pub fn of(
    program: Program,
    version: &str,
    architecture: &str,
    command: &[&str],
    entries: &[Entry],
) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("the image cannot be made: {error}");
    let files = layer(entries).map_err(wrong)?;
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(&files).map_err(wrong)?;
    let layer = Blob::new(
        "application/vnd.oci.image.layer.v1.tar+gzip",
        compressed.finish().map_err(wrong)?,
    );
    let name = program.name();
    let configuration = Blob::of_json(
        "application/vnd.oci.image.config.v1+json",
        &json!({
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": [format!("/{name}")],
                "Cmd": command,
                "User": USER,
                "WorkingDir": "/",
                "Labels": {
                    "org.opencontainers.image.title": name,
                    "org.opencontainers.image.version": version,
                    "org.opencontainers.image.licenses": env!("CARGO_PKG_LICENSE"),
                },
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&files))] },
            "history": [{ "created_by": "cargo xtask package" }],
        }),
    );
    let manifest = Blob::of_json(
        "application/vnd.oci.image.manifest.v1+json",
        &json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": configuration.descriptor(),
            "layers": [layer.descriptor()],
        }),
    );
    let mut image = manifest.descriptor();
    image["platform"] = json!({ "architecture": architecture, "os": "linux" });
    image["annotations"] = json!({
        "org.opencontainers.image.ref.name": version,
        "io.containerd.image.name": format!("docker.io/library/{name}:{version}"),
    });
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [image],
    });
    let for_docker = json!([{
        "Config": configuration.path(),
        "RepoTags": [format!("{name}:{version}")],
        "Layers": [layer.path()],
    }]);

    let mut tar = Builder::new(Vec::new());
    add(
        &mut tar,
        "oci-layout",
        br#"{"imageLayoutVersion":"1.0.0"}"#,
        0o644,
    )
    .map_err(wrong)?;
    add(&mut tar, "index.json", index.to_string().as_bytes(), 0o644).map_err(wrong)?;
    add(
        &mut tar,
        "manifest.json",
        for_docker.to_string().as_bytes(),
        0o644,
    )
    .map_err(wrong)?;
    for blob in [manifest, configuration, layer] {
        add(&mut tar, &blob.path(), &blob.bytes, 0o644).map_err(wrong)?;
    }
    tar.into_inner().map_err(wrong)
}

/// The root file system: the program, and its licences in a folder.
fn layer(entries: &[Entry]) -> std::io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    let (program, licences) = entries.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    add(&mut tar, &program.name, &program.bytes, program.mode)?;
    let mut folder = header(0, 0o755);
    folder.set_entry_type(EntryType::Directory);
    tar.append_data(&mut folder, "licenses/", std::io::empty())?;
    for licence in licences {
        add(
            &mut tar,
            &format!("licenses/{}", licence.name),
            &licence.bytes,
            licence.mode,
        )?;
    }
    tar.into_inner()
}

fn add(tar: &mut Builder<Vec<u8>>, path: &str, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    tar.append_data(&mut header(bytes.len() as u64, mode), path, bytes)
}

/// Of root, and of no time: the same contents make the same bytes.
fn header(size: u64, mode: u32) -> Header {
    let mut header = Header::new_ustar();
    header.set_size(size);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

/// A part of an image, which is named by its hash.
struct Blob {
    media_type: &'static str,
    hash: String,
    bytes: Vec<u8>,
}

impl Blob {
    fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash = sha256(&bytes);
        Self {
            media_type,
            hash,
            bytes,
        }
    }

    fn of_json(media_type: &'static str, value: &Value) -> Self {
        Self::new(media_type, value.to_string().into_bytes())
    }

    fn path(&self) -> String {
        format!("blobs/sha256/{}", self.hash)
    }

    fn descriptor(&self) -> Value {
        json!({
            "mediaType": self.media_type,
            "digest": format!("sha256:{}", self.hash),
            "size": self.bytes.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use tar::Archive;

    use super::*;

    fn image() -> Vec<u8> {
        let entries = [
            Entry {
                name: "local-aws".to_owned(),
                bytes: b"program".to_vec(),
                mode: 0o755,
            },
            Entry::text("LICENSE-MIT", "text".to_owned()),
        ];
        of(Program::LocalAws, "1.2.3", "amd64", &["serve"], &entries).expect("it can be made")
    }

    /// Every file of a tar archive, with its permissions.
    fn files(tar: &[u8]) -> BTreeMap<String, (u32, Vec<u8>)> {
        let mut archive = Archive::new(tar);
        let entries = archive.entries().expect("it is an archive");
        entries
            .map(|entry| {
                let mut entry = entry.expect("it is whole");
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).expect("it is whole");
                let path = entry.path().expect("it has a path").display().to_string();
                (path, (entry.header().mode().expect("it has a mode"), bytes))
            })
            .collect()
    }

    /// The blob that a descriptor is of, which says its size and hash truly.
    fn blob<'a>(files: &'a BTreeMap<String, (u32, Vec<u8>)>, descriptor: &Value) -> &'a [u8] {
        let digest = descriptor["digest"].as_str().expect("it has a digest");
        let (_, bytes) = &files[&format!("blobs/{}", digest.replace(':', "/"))];
        assert_eq!(descriptor["size"], bytes.len());
        assert_eq!(digest, format!("sha256:{}", sha256(bytes)));
        bytes
    }

    #[test]
    fn from_the_index_one_gets_to_the_program_and_to_what_starts_it() {
        let files_of_image = files(&image());
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("it is JSON");
        let index = json(&files_of_image["index.json"].1);
        let manifest = json(blob(&files_of_image, &index["manifests"][0]));
        let configuration = json(blob(&files_of_image, &manifest["config"]));
        let mut layer = Vec::new();
        GzDecoder::new(blob(&files_of_image, &manifest["layers"][0]))
            .read_to_end(&mut layer)
            .expect("it is compressed");
        assert_eq!(
            configuration["rootfs"]["diff_ids"],
            json!([format!("sha256:{}", sha256(&layer))])
        );
        assert_eq!(configuration["config"]["Entrypoint"], json!(["/local-aws"]));
        let root = files(&layer);
        assert_eq!(root["local-aws"], (0o755, b"program".to_vec()));
        assert_eq!(root["licenses/LICENSE-MIT"], (0o644, b"text".to_vec()));
        let for_docker = json(&files_of_image["manifest.json"].1);
        for path in [&for_docker[0]["Config"], &for_docker[0]["Layers"][0]] {
            assert!(
                files_of_image.contains_key(path.as_str().expect("a path")),
                "{path}"
            );
        }
    }

    #[test]
    fn the_same_contents_make_the_same_bytes() {
        assert_eq!(image(), image());
    }
}
