//! The archive of one platform. The same contents make the same bytes: fixed order, times and permissions.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::program::Program;
use crate::platform::Platform;

/// One file of an archive.
pub struct Entry {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Permissions, as of a file system.
    pub mode: u32,
}

impl Entry {
    /// A file that everybody may read.
    pub fn text(name: &str, text: String) -> Self {
        Self {
            name: name.to_owned(),
            bytes: text.into_bytes(),
            mode: 0o644,
        }
    }
}

/// What an archive has: the binary first, its licences and what has changed.
pub fn contents(
    program: Program,
    binary: &Path,
    repository: &Path,
    version: &str,
    platform: Platform,
) -> Result<Vec<Entry>, String> {
    let read =
        |file: &Path| fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()));
    let mut entries = vec![Entry {
        name: program.binary_name(version, platform),
        bytes: read(binary)?,
        mode: 0o755,
    }];
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md"] {
        entries.push(Entry {
            name: name.to_owned(),
            bytes: read(&repository.join(name))?,
            mode: 0o644,
        });
    }
    Ok(entries)
}

/// The archive's bytes.
pub fn of(entries: &[Entry]) -> Result<Vec<u8>, String> {
    let wrong = |error: &dyn std::error::Error| format!("the archive cannot be made: {error}");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            // 1980-01-01, the first that a zip can tell.
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode);
        zip.start_file(&entry.name, options)
            .map_err(|error| wrong(&error))?;
        zip.write_all(&entry.bytes).map_err(|error| wrong(&error))?;
    }
    let bytes = zip.finish().map_err(|error| wrong(&error))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_contents_make_the_same_bytes() {
        let entries = || {
            vec![
                Entry {
                    name: "LICENSE-MIT".to_owned(),
                    bytes: b"text".to_vec(),
                    mode: 0o644,
                },
                Entry {
                    name: "program".to_owned(),
                    bytes: vec![7; 10_000],
                    mode: 0o755,
                },
            ]
        };
        let first = of(&entries()).expect("it can be made");
        assert_eq!(Ok(&first), of(&entries()).as_ref());
        assert!(first.len() < 1_000, "it is compressed: {}", first.len());
    }
}
